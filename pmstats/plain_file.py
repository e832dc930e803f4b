"""Files opened only when they are files: a pipe is waited for, and a device may never end."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from io import BufferedReader
from pathlib import Path


def open_plain(path: str | Path) -> BufferedReader:
    """A file opened to read its bytes. Raises `OSError` for anything else, without waiting."""
    file = open(path, "rb", opener=_at_once)  # noqa: SIM115  # the caller closes it
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(errno.EINVAL, "it is a pipe or a device, not a file", str(path))
    return file


def read_plain(path: str | Path) -> bytes:
    """The bytes of a file. Raises `OSError` for anything else, without waiting."""
    with open_plain(path) as file:
        return file.read()


def sha256_of(path: str | Path) -> str:
    """The hash of a file's bytes. Raises `OSError` when it cannot be read."""
    with open_plain(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _at_once(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
