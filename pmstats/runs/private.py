"""Private folders for what a run needs as a file for a while: gone when it ends, however it ends.

The answer to a query and an export fetched from elsewhere hold people's rows, a working copy of
reports elsewhere and what Chromium prints hold packs, and kernels are talked to by pipes. Their
folder is its owner's alone and is removed at the end, also when the run is told to stop. What a
killed run leaves is found by the next one: the system has let go of its lock.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import BinaryIO

PREFIX = "pmstats-private-"
_LOCK = ".lock"


@contextmanager
def private_folder() -> Iterator[Path]:
    """An empty folder, open to its owner alone, that is gone afterwards."""
    clear_private()
    with _told_to_stop():
        folder, lock = _new()
        try:
            with lock:
                (folder / "rows").mkdir(mode=0o700)
                yield folder / "rows"
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def clear_private() -> None:
    """Remove the private folders of this user's runs that were killed, at whatever moment."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):
            about = folder.lstat()
            ours = not hasattr(os, "getuid") or about.st_uid == os.getuid()
            if not ours or folder.is_symlink():
                continue
            with (folder / _LOCK).open("ab") as lock:
                if _take(lock):
                    shutil.rmtree(folder, ignore_errors=True)


def _new() -> tuple[Path, BinaryIO]:
    """A new folder and its lock, taken; another run that clears may find it first and remove it."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        with ExitStack() as unless_ours, suppress(FileNotFoundError, BlockingIOError):
            lock = unless_ours.enter_context((folder / _LOCK).open("ab"))
            _take(lock)
            if os.path.samestat(os.fstat(lock.fileno()), (folder / _LOCK).stat()):
                unless_ours.pop_all()
                return folder, lock


def _take(lock: BinaryIO) -> bool:
    """Whether a lock is now ours; where there are no such locks, nobody's folder is touched.

    Raises `BlockingIOError` when another process has it.
    """
    try:
        import fcntl
    except ImportError:
        return False
    try:
        fcntl.flock(lock.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise
    except OSError:
        return False
    return True


@contextmanager
def _told_to_stop() -> Iterator[None]:
    """Being told to stop ends the run as Control-C does, so that everything is put away."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
