"""Writes one file of pmstats again on a disk with ever more room left, until it can be written.

    python on_a_full_disk.py WHAT FOLDER

The folder stands on a small disk of its own. Prints, for each page of room, whether the file was
refused, and whether what is there then is old, new or neither; what else is left beside it.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from pmstats.errors import PmstatsError

PAGE = 4096

#: Enough for every file here and what is written beside it on the way.
MOST_PAGES = 120

#: Larger than a few pages, so that some of it can be written before the disk is full.
WORDS = ("old " * 5_000, "new " * 5_000)


def manifest(folder: Path) -> Callable[[str], object]:
    """A manifest whose one department has the words as its message."""
    from pmstats.runs.execute import Outcome, Status
    from pmstats.runs.manifest import write_manifest

    def write(words: str) -> None:
        outcome = Outcome(
            department="Tides", folder=folder, status=Status.FAILED, message=words, seconds=1.0
        )
        write_manifest(folder, outcomes=[outcome], facts={"notebook": "n.ipynb"})

    return write


def index(folder: Path) -> Callable[[str], object]:
    """An index page with one department that was not made."""
    from pmstats.report.index import Entry, index_page
    from pmstats.runs.staging import replace_file
    from pmstats.scheme import load_scheme

    scheme = load_scheme("scs_2024_25")

    def write(words: str) -> None:
        entry = Entry(department="Tides", folder="tides", done=False, message=words)
        page = index_page((entry,), scheme=scheme, stage="mid-year")
        replace_file(folder / "index.html", page)

    return write


def record(folder: Path) -> Callable[[str], object]:
    """The record store with one more snapshot."""
    from pmstats.release.restricted.snapshot import Snapshot
    from pmstats.report.record_store import keep_snapshot

    def write(words: str) -> None:
        snapshot = Snapshot(
            department="Tides",
            cycle="2024-25",
            stage="mid-year",
            facts=(("words", words),),
            headlines=(),
            tables=(),
        )
        keep_snapshot(folder / "record.sqlite", snapshot)

    return write


def ledger(folder: Path) -> Callable[[str], object]:
    """The ledger of releases with one more file."""
    from pmstats.release.released.facts import Register
    from pmstats.release.released.ledger import held_ledger, start_ledger

    path = folder / "ledger.jsonl"

    def write(words: str) -> None:
        if not path.exists():
            start_ledger(path)
        register = Register(
            department="Tides",
            year="2024-25",
            stage="mid-year",
            export="",
            threshold=5,
            assumed_change=1,
            dimensions=(),
            facts=(),
        )
        with held_ledger(path) as held:
            held.append(
                file=words, content=b"", scheme="s", scheme_sha256="0" * 64, register=register
            )

    return write


def contents(folder: Path) -> object:
    """What a reader finds: of a record and a ledger every entry, of another file its words."""
    (path,) = (each for each in folder.iterdir() if not each.name.startswith("."))
    if path.name == "record.sqlite":
        from pmstats.report.record_store import record_entries, record_snapshot

        return [record_snapshot(path, entry.id).fact("words") for entry in record_entries(path)]
    if path.name == "ledger.jsonl":
        from pmstats.release.released.ledger import read_ledger

        return [entry.file for entry in read_ledger(path)]
    return path.read_text(encoding="utf-8")


WRITERS = {"manifest": manifest, "index": index, "record": record, "ledger": ledger}


def main() -> None:
    """Fill the disk, write, look; with a page more of room each time."""
    what, folder = sys.argv[1], Path(sys.argv[2])
    old, new = WORDS
    told = []
    for pages in range(MOST_PAGES):
        here = folder / what
        here.mkdir()
        write = WRITERS[what](here)
        write(old)
        before = contents(here)
        fill(folder / "ballast", leaving=pages * PAGE)
        try:
            write(new)
            refused = ""
        except (OSError, PmstatsError) as error:
            refused = str(error)
        (folder / "ballast").unlink()
        after = contents(here)
        state = "old" if after == before else "new" if new in str(after) else "neither"
        told.append([refused, state, sorted(path.name for path in here.iterdir())])
        shutil.rmtree(here)
        if not refused:
            break
    json.dump(told, sys.stdout)


def fill(path: Path, *, leaving: int) -> None:
    """Take all room that the disk of a file has but so many bytes."""
    with closing(os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "wb", 0)) as file:
        try:
            while True:
                file.write(bytes(PAGE))
        except OSError:
            file.truncate(max(0, file.tell() - leaving))


if __name__ == "__main__":
    main()
