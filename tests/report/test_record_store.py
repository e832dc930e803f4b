"""The record: what is kept stays, whole or not at all, whenever a run is killed."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from textwrap import dedent

import pytest

from pmstats.errors import ParameterError
from pmstats.release.restricted.bundle import Cover, Headline, RestrictedPack, Section
from pmstats.release.restricted.snapshot import (
    Snapshot,
    comparison_table,
    snapshot_from,
    snapshot_of,
)
from pmstats.release.table import Column, Kind, RestrictedTable
from pmstats.report import record_store
from pmstats.report.record_store import (
    entries_table,
    keep_snapshot,
    last_check,
    record_entries,
    record_snapshot,
)
from pmstats.scheme import Scheme


def table(*counts: int) -> RestrictedTable:
    """People in two boxes, with shares, one of them undefined."""
    return RestrictedTable(
        id="distribution",
        caption="People in each box",
        columns=(
            Column(name="Rating"),
            Column(name="People", kind=Kind.COUNT),
            Column(name="Share", kind=Kind.SHARE),
        ),
        rows=(
            *((f"Box {place}", n, n / sum(counts)) for place, n in enumerate(counts)),
            ("Nobody", 0, float("nan")),
        ),
        notes=("A note.",),
    )


def pack(*counts: int) -> RestrictedPack:
    """A pack with one section of one table."""
    return RestrictedPack(
        cover=Cover(
            department="Ministry of Examples",
            stage="Mid-year, indicative",
            cycle="2024-25",
            cut_off="31 October 2024",
            banner="OFFICIAL-SENSITIVE",
            handling="Handle with care.",
            purpose="Prompts.",
            pack="",
            provenance=(("SHA-256 of the scheme", "a" * 64), ("Cut-off date", "31 October 2024")),
        ),
        headlines=(Headline(question="?", answer="yes", sentence="Yes.", section="d"),),
        sections=(
            Section(id="d", title="D", paragraph="17", sentences=("S.",), tables=(table(*counts),)),
        ),
        questions=("What does the pack ask?",),
        decisions=(),
        methods=(),
    )


@pytest.fixture
def snapshot(scs: Scheme) -> Snapshot:
    """A snapshot of a meeting of two roles that asked one question."""
    return snapshot_of(
        pack(3, 7),
        attendees=["Director General", "HR"],
        questions=["Was the evidence read alike?"],
        held_on=date(2024, 11, 12),
        scheme=scs,
    )


def test_what_is_kept_comes_back_as_it_was(tmp_path: Path, snapshot: Snapshot) -> None:
    """Words, tables, facts, roles and questions, undefined values among them."""
    path = tmp_path / "record.sqlite"
    number = keep_snapshot(path, snapshot)
    again = record_snapshot(path, number)
    assert again.text() == snapshot.text()
    assert (again.attendees, again.held_on) == (("Director General", "HR"), date(2024, 11, 12))
    assert snapshot_from(snapshot.text()).sha256 == snapshot.sha256


def test_a_snapshot_can_be_read_as_it_is(snapshot: Snapshot) -> None:
    """In a terminal it shows who met, what was asked and every table."""
    shown = str(snapshot)
    assert "Meeting held on 12 November 2024; present: Director General, HR." in shown
    assert "- Was the evidence read alike?" in shown
    assert "Box 1\t7\t70.0%" in shown


def test_a_record_names_roles_and_never_people(scs: Scheme) -> None:
    """A name in place of a role is refused, and is not repeated in the message."""
    with pytest.raises(ParameterError, match="1 of 2 are not roles") as caught:
        snapshot_of(pack(3, 7), attendees=["HR", "Ada Lovelace"], scheme=scs)
    assert "Lovelace" not in str(caught.value)


def test_without_questions_of_the_meeting_the_packs_own_are_kept(scs: Scheme) -> None:
    """A record made before the meeting still says what the pack asked."""
    assert snapshot_of(pack(3, 7), scheme=scs).questions == ("What does the pack ask?",)


def test_keeping_the_same_snapshot_twice_keeps_it_once(tmp_path: Path, snapshot: Snapshot) -> None:
    """A run that is repeated adds nothing; a meeting held later is another entry."""
    path = tmp_path / "record.sqlite"
    first = keep_snapshot(path, snapshot)
    assert keep_snapshot(path, snapshot) == first
    later = keep_snapshot(path, replace(snapshot, held_on=date(2025, 5, 1)))
    entries = record_entries(path)
    assert [each.id for each in entries] == [first, later]
    assert entries_table(entries).column("Meeting held on") == ("2024-11-12", "2025-05-01")
    assert record_entries(path, department="Another") == ()


def test_the_file_is_its_owners_alone(tmp_path: Path, snapshot: Snapshot) -> None:
    """Nobody else may read the record, from the moment it exists."""
    path = tmp_path / "record.sqlite"
    keep_snapshot(path, snapshot)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["record.sqlite"]


def test_a_comparison_shows_what_differs_and_nothing_else(snapshot: Snapshot, scs: Scheme) -> None:
    """Counts and shares that changed, with their change; undefined twice is no change."""
    later = snapshot_of(pack(4, 7), scheme=scs)
    compared = comparison_table(snapshot, later)
    assert [row[1:] for row in compared.rows] == [
        ("Box 0", "People", "3", "4", "+1"),
        ("Box 0", "Share", "30.0%", "36.4%", "+6.4"),
        ("Box 1", "Share", "70.0%", "63.6%", "-6.4"),
    ]
    assert comparison_table(later, later).rows == ()


def test_a_scheme_that_changed_within_the_year_is_told(snapshot: Snapshot) -> None:
    """R52: rating definitions stay as they were at the start of the year (para 16)."""
    facts = (("SHA-256 of the scheme", "b" * 64), ("Cut-off date", "31 October 2024"))
    notes = comparison_table(snapshot, replace(snapshot, facts=facts)).notes
    assert notes[0] == "SHA-256 of the scheme: not the same in both."
    assert "para 16" in notes[-1]


def test_a_content_that_was_changed_is_refused(tmp_path: Path, snapshot: Snapshot) -> None:
    """A number altered in the file behind our back is noticed on reading."""
    path = tmp_path / "record.sqlite"
    number = keep_snapshot(path, snapshot)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE snapshots SET content = replace(content, '0.3', '0.4')")
    connection.close()
    with pytest.raises(ParameterError, match="its content was changed"):
        record_snapshot(path, number)


def test_a_missing_record_a_missing_number_and_no_record_say_so(
    tmp_path: Path, snapshot: Snapshot
) -> None:
    """Each in words, and reading never makes a file."""
    path = tmp_path / "record.sqlite"
    with pytest.raises(ParameterError, match="There is no record"):
        record_entries(path)
    assert not path.exists()
    keep_snapshot(path, snapshot)
    with pytest.raises(ParameterError, match="no snapshot 7"):
        record_snapshot(path, 7)
    (tmp_path / "other").write_text("this is no database, and long enough to be looked at" * 20)
    with pytest.raises(ParameterError, match="not a record"):
        record_entries(tmp_path / "other")


def test_a_record_is_brought_up_to_date_with_what_it_held(
    tmp_path: Path, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A version to come adds a column: entries kept before it are all still there."""
    path = tmp_path / "record.sqlite"
    keep_snapshot(path, snapshot)
    later = (*record_store.MIGRATIONS, "ALTER TABLE snapshots ADD COLUMN action TEXT")
    monkeypatch.setattr(record_store, "MIGRATIONS", later)
    assert len(record_entries(path)) == 1
    assert record_snapshot(path, 1).text() == snapshot.text()
    monkeypatch.undo()
    with pytest.raises(ParameterError, match="written by a later pmstats"):
        record_entries(path)


def test_one_run_writes_at_a_time(
    tmp_path: Path, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While another run holds the file, writing gives up in words after its patience."""
    path = tmp_path / "record.sqlite"
    keep_snapshot(path, snapshot)
    monkeypatch.setattr(record_store, "PATIENCE", 0.05)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(ParameterError, match="another run keeps writing"):
            keep_snapshot(path, replace(snapshot, held_on=None))
    finally:
        other.execute("ROLLBACK")
        other.close()
    assert keep_snapshot(path, replace(snapshot, held_on=None)) == 2


def whole(path: Path) -> list[Snapshot]:
    """Every snapshot of a record, each held against its hash."""
    return [record_snapshot(path, each.id) for each in record_entries(path)]


@pytest.mark.parametrize("fresh", [True, False], ids=["first snapshot", "second snapshot"])
def test_killed_at_any_step_no_half_record_and_nothing_lost(
    tmp_path: Path, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch, fresh: bool
) -> None:
    """The process dies at each of SQLite's own steps in turn; the record is as before or as after.

    SQLite calls back at every step of its virtual machine, and the child exits there without
    closing anything, later each time until it lives to the end.
    """
    second = replace(snapshot, held_on=None)
    survived = 0
    for step in range(1, 600):
        path = tmp_path / f"{step}.sqlite"
        if not fresh:
            keep_snapshot(path, snapshot)
        before = 0 if fresh else 1
        child = os.fork()
        if child == 0:
            _keep_and_die(path, second, at=step, monkeypatch=monkeypatch)
        _, status = os.waitpid(child, 0)
        held = whole(path) if path.exists() else []
        assert len(held) in (before, before + 1)
        assert [each.sha256 for each in held][:before] == [snapshot.sha256][:before]
        if os.waitstatus_to_exitcode(status) == 0:
            assert len(held) == before + 1
            survived = step
            break
    assert survived > 20, "the process never died: the test tested nothing"


def _keep_and_die(
    path: Path, snapshot: Snapshot, *, at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        if steps >= at:
            os._exit(9)
        return 0

    opened = sqlite3.connect

    def connect(*given: object, **named: object) -> sqlite3.Connection:
        connection = opened(*given, **named)  # type: ignore[call-overload]
        connection.set_progress_handler(count, 1)
        return connection

    monkeypatch.setattr(record_store.sqlite3, "connect", connect)
    keep_snapshot(path, snapshot)
    os._exit(0)


def test_killed_while_writing_all_that_was_reported_is_there(tmp_path: Path) -> None:
    """A process keeps snapshot after snapshot and is killed with no warning, at many moments."""
    path = tmp_path / "record.sqlite"
    program = dedent(
        """
        import sys
        from pmstats.release.restricted.snapshot import Snapshot
        from pmstats.report.record_store import keep_snapshot
        for number in range(100_000):
            made = Snapshot(
                department=str(number) * 2000, cycle="c", stage=sys.argv[2], facts=(),
                headlines=(), tables=(),
            )
            print(keep_snapshot(sys.argv[1], made), flush=True)
        """
    )
    reported = 0
    for moment in range(8):
        writer = subprocess.Popen(
            [sys.executable, "-c", program, str(path), str(moment)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert writer.stdout is not None
        reported = int(writer.stdout.readline())
        time.sleep(0.011 * moment)
        writer.send_signal(signal.SIGKILL)
        for line in writer.stdout:
            reported = int(line) if line.endswith("\n") else reported
        writer.stdout.close()
        writer.wait()
        held = record_entries(path)
        assert [each.id for each in held] == list(range(1, len(held) + 1))
        assert len(held) >= reported
    assert record_snapshot(path, reported).sha256


def test_the_last_check_is_another_one_of_the_same_department(
    packs: Mapping[str, RestrictedPack], scs: Scheme, tmp_path: Path
) -> None:
    """A check run again is not its own predecessor; without a record there is none."""
    path, pack = tmp_path / "record.sqlite", packs["a gap"]
    this = snapshot_of(pack, scheme=scs)
    assert last_check("", pack) is None
    assert last_check(path, pack) is None
    keep_snapshot(path, this)
    assert last_check(path, pack) is None
    earlier = replace(this, cycle="2023-24")
    keep_snapshot(path, earlier)
    keep_snapshot(path, replace(earlier, department="Another"))
    assert last_check(path, pack) == earlier
