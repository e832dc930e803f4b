"""One run at a time in a reports folder."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pmstats.errors import ParameterError

LOCK = ".lock"


@contextmanager
def locked(folder: Path, *, patience: float = 0.0) -> Iterator[None]:
    """Keep every other run out of a folder; the system lets go when the process ends, however.

    Waits `patience` seconds for one that is there. Raises `ParameterError` that says who has
    it, and for how long.
    """
    end = time.monotonic() + patience
    descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | _NO_LINK, 0o600)
    with os.fdopen(descriptor, "r+", encoding="utf-8") as file:
        while not (taken := _taken(file.fileno())) and time.monotonic() < end:
            time.sleep(0.05)
        if not taken:
            raise ParameterError(f"{folder.name}: {_owner(file.read())} Wait for it, or end it.")
        file.truncate(0)
        held = {"host": socket.gethostname(), "process": os.getpid(), "since": int(time.time())}
        json.dump(held, file)
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


_NO_LINK = getattr(os, "O_NOFOLLOW", 0)


def _taken(descriptor: int) -> bool:
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        with suppress(OSError):
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
            return True
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _owner(text: str) -> str:
    try:
        held = json.loads(text)
        minutes = max(0, int(time.time()) - int(held["since"])) // 60
        who = f"process {int(held['process'])} on {held['host']}"
    except (ValueError, KeyError, TypeError):
        return "another run writes here."
    return f"another run ({who}) has been writing here for {minutes} minutes."
