"""Files made out of sight and put in place together, whatever stops the run in between.

A job's files, and its receipt last, are written to a staging folder and reach the disk there.
Then they are moved, the receipt last again. A run that finds a staging folder with a receipt
moves what is left in it; one without a receipt is litter.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

from pmstats.report.files import write_owner_only
from pmstats.runs.receipt import RECEIPT, Receipt, read_receipt

PREFIX = ".staging-"

#: The name of a receipt while its files are still in the staging folder.
_WAITING = ".receipt.json"


def staging_folder(target: Path, *, notebook: str) -> Path:
    """An empty folder, open to its owner alone, for one notebook's files on their way to `target`.

    Raises `OSError` when it cannot be made.
    """
    folder = target.parent / f"{PREFIX}{target.name}-{Path(notebook).stem}"
    discard(folder)
    folder.mkdir(mode=0o700)
    return folder


def put_in_place(staged: Path, target: Path, receipt: Receipt) -> None:
    """Move everything in the staging folder to the target folder, all of it or nothing.

    Raises `OSError` before anything of the target changes when the disk is full or closed.
    """
    for path in staged.iterdir():
        _settle(path)
    write_through(staged / f"{_WAITING}.partial", receipt.text)
    (staged / f"{_WAITING}.partial").rename(staged / _WAITING)
    _sync(staged)
    _move(staged, target, receipt)


def discard_unfinished(staged: Path) -> None:
    """Remove a staging folder, unless all in it is written and only has to be moved."""
    if not (staged / _WAITING).exists():
        discard(staged)


def recover(folder: Path) -> tuple[str, ...]:
    """Finish or clear what earlier runs left half done; the folders that were finished.

    What cannot be moved waits: its department fails by itself, and stops no other.
    """
    finished = []
    for partial in (*folder.glob(".*.partial"), *folder.glob("*/.*.partial")):
        with suppress(OSError):
            partial.unlink()
    for staged in sorted(folder.glob(f"{PREFIX}*")):
        receipt = read_receipt(staged / _WAITING)
        target = folder / receipt.folder if receipt else folder
        if receipt and staged.is_dir() and not staged.is_symlink() and target.parent == folder:
            with suppress(OSError):
                _move(staged, target, receipt)
                finished.append(receipt.folder)
        else:
            discard(staged)
    return tuple(finished)


def write_through(path: Path, text: str) -> None:
    """Write a text file to the disk, readable by its owner alone, where there is none yet."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with os.fdopen(os.open(path, flags, 0o600), "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def replace_file(path: Path, text: str) -> None:
    """Write a text file that appears whole or not at all, and the folder it is in."""
    if path.parent.is_symlink():
        raise OSError(f"{path.parent.name} is a link")
    path.parent.mkdir(mode=0o700, exist_ok=True)
    write_owner_only(path, text)


def discard(folder: Path) -> None:
    """Remove a folder and all in it; a link is removed itself, never followed."""
    if folder.is_symlink():
        folder.unlink()
    else:
        shutil.rmtree(folder, ignore_errors=True)


def _move(staged: Path, target: Path, receipt: Receipt) -> None:
    if target.is_symlink():
        raise OSError(f"{target.name} is a link")
    target.mkdir(mode=0o700, exist_ok=True)
    earlier = read_receipt(target / receipt.name)
    for name in sorted(set(earlier.files) - set(receipt.files)) if earlier else ():
        (target / name).unlink(missing_ok=True)  # it would stand beside files it does not fit
    with suppress(FileNotFoundError):
        (target / receipt.name).unlink()
    for name in receipt.files:
        with suppress(FileNotFoundError):  # moved already, by the run that was stopped
            (staged / name).replace(target / name)
    (staged / _WAITING).replace(target / receipt.name)
    _sync(target)
    discard(staged)


def _settle(path: Path) -> None:
    """Bring a file to the disk, readable by its owner alone. Raises `OSError` for anything else."""
    if path.is_symlink() or not path.is_file():
        raise OSError(f"{path.name} is not a plain file")
    if path.name.startswith(".") or path.name.endswith(RECEIPT):
        raise OSError(f"{path.name} is a name that runs keep for themselves")
    path.chmod(0o600)
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    with suppress(PermissionError):  # Windows has no way to sync a folder
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
