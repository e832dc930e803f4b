"""The ledger: what was released stays known, and any change to it shows."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pmstats.errors import DisclosureRefusal
from pmstats.release.released.facts import Register
from pmstats.release.released.ledger import (
    LEDGER,
    earlier_registers,
    held_ledger,
    read_ledger,
    start_ledger,
)

Printer = Callable[..., Register]
TABLE = {"White": (21, 35, 95, 18), "Ethnic minority": (12, 15, 12, 2)}


@pytest.fixture
def ledger(tmp_path: Path, printed: Printer) -> Path:
    """A ledger of two releases, the first written as two files."""
    path = start_ledger(tmp_path / LEDGER)
    with held_ledger(path) as held:
        first = printed(TABLE)
        for file in ("a.html", "a.xlsx"):
            held.append(file=file, content=file.encode(), scheme="s", scheme_sha256="1" * 64,
                        register=first)  # fmt: skip
        held.append(file="b.html", content=b"b", scheme="s", scheme_sha256="1" * 64,
                    register=printed(TABLE, stage="final"))  # fmt: skip
    return path


def test_what_was_written_is_read_back(ledger: Path, printed: Printer) -> None:
    """Every fact comes back as it was, each release once, however many files it had."""
    entries = read_ledger(ledger)
    assert [entry.file for entry in entries] == ["a.html", "a.xlsx", "b.html"]
    registers = earlier_registers(entries, department="d", year="2024-25")
    assert registers == (printed(TABLE), printed(TABLE, stage="final"))
    assert earlier_registers(entries, department="e", year="2024-25") == ()


def test_the_ledger_is_its_owners_alone(ledger: Path) -> None:
    """Nobody else can read what was looked at, nor write to it."""
    assert ledger.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "change",
    [
        lambda lines: [lines[0].replace('"value":170', '"value":165'), *lines[1:]],
        lambda lines: lines[1:],
        lambda lines: [lines[0], lines[2]],
        lambda lines: [lines[1], lines[0], lines[2]],
        lambda lines: [lines[0], "{}", *lines[1:]],
        lambda lines: [lines[0], "not json", *lines[1:]],
        lambda lines: [lines[0].replace('"file":', '"fille":'), *lines[1:]],
        lambda lines: [" " + lines[0], *lines[1:]],
    ],
    ids=["changed", "first gone", "middle gone", "swapped", "empty", "torn", "misspelt", "spaced"],
)
def test_any_change_is_refused(ledger: Path, change: Callable[[list[str]], list[str]]) -> None:
    """A line changed, removed, moved, added or rewritten stops everything."""
    lines = ledger.read_text(encoding="utf-8").splitlines()
    changed = change(lines)
    assert changed != lines
    ledger.write_text("\n".join(changed) + "\n", encoding="utf-8")
    with pytest.raises(DisclosureRefusal, match=LEDGER):
        read_ledger(ledger)
    with pytest.raises(DisclosureRefusal, match=LEDGER), held_ledger(ledger):
        pass


def test_a_line_cut_short_is_refused(ledger: Path) -> None:
    """A write that was broken off is not read as a shorter ledger."""
    ledger.write_bytes(ledger.read_bytes()[:-10])
    with pytest.raises(DisclosureRefusal, match="cut short"):
        read_ledger(ledger)


@pytest.mark.parametrize("cut", [1, 10, -1])
def test_a_line_cut_short_by_a_run_that_was_stopped_is_dropped(
    ledger: Path, printed: Printer, cut: int
) -> None:
    """What was being written is not out: readers leave it away, the next writer takes its place."""
    before = ledger.read_bytes()
    with held_ledger(ledger) as held:
        held.append(file="c.html", content=b"c", scheme="s", scheme_sha256="1" * 64,
                    register=printed(TABLE))  # fmt: skip
    line = ledger.read_bytes()[len(before) :]
    ledger.with_name(f".{LEDGER}.before").write_text(str(len(before)))
    ledger.write_bytes(before + line[:cut])
    assert [entry.file for entry in read_ledger(ledger)] == ["a.html", "a.xlsx", "b.html"]
    with held_ledger(ledger):
        assert ledger.read_bytes() == before
    ledger.write_bytes(before[:-5])  # not what the mark speaks of
    with pytest.raises(DisclosureRefusal, match="cut short"):
        read_ledger(ledger)


def test_a_missing_ledger_is_refused(tmp_path: Path) -> None:
    """Without the ledger nobody knows what a reader already has."""
    with pytest.raises(DisclosureRefusal, match="start_ledger"):
        read_ledger(tmp_path / LEDGER)


def test_a_ledger_is_not_started_twice(ledger: Path) -> None:
    """Starting again would forget what was released."""
    with pytest.raises(DisclosureRefusal, match="already"):
        start_ledger(ledger)


def test_two_writers_take_turns(ledger: Path, printed: Printer) -> None:
    """A second writer waits and then sees what the first one wrote: the chain holds."""
    inside, order = threading.Event(), []

    def first() -> None:
        with held_ledger(ledger) as held:
            inside.set()
            time.sleep(0.2)
            order.append(("first", len(held.entries)))
            held.append(file="c", content=b"c", scheme="s", scheme_sha256="1" * 64,
                        register=printed(TABLE, export="c"))  # fmt: skip

    writer = threading.Thread(target=first)
    writer.start()
    assert inside.wait(timeout=300)
    with held_ledger(ledger) as held:
        order.append(("second", len(held.entries)))
    writer.join()
    assert order == [("first", 3), ("second", 4)]
    assert len(read_ledger(ledger)) == 4


def test_an_entry_holds_printed_numbers_only(ledger: Path) -> None:
    """A withheld number is nowhere in the ledger: who reads it learns what readers have."""
    lines = [json.loads(line) for line in ledger.read_text(encoding="utf-8").splitlines()]
    withheld = [f for f in lines[0]["register"]["facts"] if f["kind"] == "withheld"]
    assert withheld
    assert all(fact["value"] is None and fact["word"] == "" for fact in withheld)
