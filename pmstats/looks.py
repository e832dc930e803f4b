"""How files look from outside, which tells whether they were written to without reading them."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

#: What changes about a file whenever it is written: device, inode, size, two times.
Look = tuple[int, ...]

#: Nanoseconds by which a change may follow another without a new time on the file.
GRAIN = 100_000_000


def look_of(path: Path) -> Look:
    """What changes about a file whenever it is written. Raises `OSError` when it is not there."""
    held = path.stat()
    return held.st_dev, held.st_ino, held.st_size, held.st_mtime_ns, held.st_ctime_ns


def looks_since(begun: int, export: Path, names: Iterable[str]) -> dict[str, Look]:
    """How files beside an export look, of those untouched since before `begun` (ns since 1970).

    A later change of these must show; a file that was only just written could be written again
    and look the same. One that is gone is left out.
    """
    looks = {}
    for name in names:
        with suppress(OSError):
            looks[name] = look_of(export.parent / name)
    return {name: look for name, look in looks.items() if look[-1] < begun - GRAIN}
