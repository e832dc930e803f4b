"""Old packs removed; what says that they were made, and what was released, stays."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pmstats.errors import ParameterError
from pmstats.runs.lock import locked
from pmstats.runs.manifest import MANIFEST
from pmstats.runs.packs import INDEX
from pmstats.runs.receipt import RECEIPT, read_receipt


def prune(reports: Path, *, keep: int) -> tuple[Path, ...]:
    """Remove the files of all but the newest `keep` cycles of a reports folder; what was removed.

    Only files that a receipt lists are removed, and failed copies and the index. Manifests,
    receipts, ledgers and everything unknown stay; links are not followed. Raises
    `ParameterError` for a negative number or no such folder, or when a run is writing there.
    """
    if keep < 0:
        raise ParameterError("--keep is 0 or more.")
    if not reports.is_dir():
        raise ParameterError(f"{reports} is no folder.")
    cycles = [c for c in reports.iterdir() if not c.is_symlink() and (c / MANIFEST).is_file()]
    newest_first = sorted(
        cycles, key=lambda c: ((c / MANIFEST).stat().st_mtime_ns, c.name), reverse=True
    )
    removed = []
    for cycle in newest_first[keep:]:
        with locked(cycle):
            for path in sorted(_removable(cycle)):
                path.unlink()
                removed.append(path)
    if removed and (reports / INDEX).is_file():
        (reports / INDEX).unlink()  # its links lead nowhere now; the next run makes it again
        removed.append(reports / INDEX)
    return tuple(removed)


def _removable(cycle: Path) -> Iterator[Path]:
    if (cycle / INDEX).is_file():
        yield cycle / INDEX
    for folder in cycle.iterdir():
        if folder.is_symlink() or not folder.is_dir():
            continue
        yield from folder.glob("failed-*.ipynb")
        for path in folder.glob(f"*{RECEIPT}"):
            receipt = read_receipt(path)
            names = receipt.files if receipt else ()
            yield from (folder / name for name in names if (folder / name).is_file())
