"""The record of meetings (para 88): snapshots of packs in one file that survives a killed run.

SQLite with full synchronisation: a snapshot is one transaction, so it is there whole or not at
all, and what was there before stays readable. One run writes at a time; others wait.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from pmstats.errors import ParameterError
from pmstats.release.restricted.snapshot import snapshot_from
from pmstats.release.table import Column, Kind, RestrictedTable

if TYPE_CHECKING:
    from pmstats.release.restricted.bundle import RestrictedPack
    from pmstats.release.restricted.snapshot import Snapshot

#: Seconds to wait for another run that is writing.
PATIENCE = 30.0

#: One entry for each version of the file, applied in order: add to the end, never change one.
MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE snapshots (
        id INTEGER PRIMARY KEY,
        department TEXT NOT NULL,
        cycle TEXT NOT NULL,
        stage TEXT NOT NULL,
        held_on TEXT,
        content TEXT NOT NULL,
        sha256 TEXT NOT NULL UNIQUE
    ) STRICT
    """,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the record: the number of a snapshot and what it is of."""

    id: int
    department: str
    cycle: str
    stage: str
    held_on: date | None


def keep_snapshot(path: str | Path, snapshot: Snapshot) -> int:
    """Add a snapshot to the record at this path and give its number.

    An empty path keeps nothing and gives 0. A snapshot that is there already keeps its number.
    The file is made when there is none, readable by its owner alone. Raises `ParameterError`
    when another run keeps writing, or the file is of a later version or no record.
    """
    if not path:
        return 0
    with _record(Path(path), make=True) as record:
        record.execute(
            "INSERT OR IGNORE INTO snapshots (department, cycle, stage, held_on, content, sha256) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            (
                snapshot.department,
                snapshot.cycle,
                snapshot.stage,
                snapshot.held_on.isoformat() if snapshot.held_on else None,
                snapshot.text(),
                snapshot.sha256,
            ),
        )
        found = record.execute("SELECT id FROM snapshots WHERE sha256 = ?", (snapshot.sha256,))
        return int(found.fetchone()[0])


def record_entries(path: str | Path, *, department: str = "") -> tuple[Entry, ...]:
    """Every snapshot of the record in the order it was kept, of one department when named.

    Raises `ParameterError` when there is no record at this path.
    """
    with _record(Path(path)) as record:
        rows = record.execute(
            "SELECT id, department, cycle, stage, held_on FROM snapshots "
            "WHERE ? IN ('', department) ORDER BY id",
            (department,),
        ).fetchall()
    return tuple(
        Entry(
            id=number,
            department=name,
            cycle=cycle,
            stage=stage,
            held_on=date.fromisoformat(held_on) if held_on else None,
        )
        for number, name, cycle, stage, held_on in rows
    )


def record_snapshot(path: str | Path, number: int) -> Snapshot:
    """The snapshot of this number, as it was kept.

    Raises `ParameterError` when the record has none, or its content is not what was kept.
    """
    with _record(Path(path)) as record:
        row = record.execute(
            "SELECT content, sha256 FROM snapshots WHERE id = ?", (number,)
        ).fetchone()
    if row is None:
        raise ParameterError(f"The record holds no snapshot {number}.")
    snapshot = snapshot_from(row[0])
    if snapshot.sha256 != row[1]:
        raise ParameterError(f"Snapshot {number} is not what was kept: its content was changed.")
    return snapshot


def last_check(path: str | Path, pack: RestrictedPack) -> Snapshot | None:
    """The newest snapshot of a pack's department at another stage or cycle; None without one.

    An empty path, or one where no record is yet, holds none.
    """
    if not path or not Path(path).exists():
        return None
    this = pack.cover.cycle, pack.cover.stage
    earlier = [
        entry.id
        for entry in record_entries(path, department=pack.cover.department)
        if (entry.cycle, entry.stage) != this
    ]
    return record_snapshot(path, earlier[-1]) if earlier else None


def entries_table(entries: tuple[Entry, ...]) -> RestrictedTable:
    """The record as a table: number, department, cycle, stage and the day of the meeting."""
    return RestrictedTable(
        id="record",
        caption="The record",
        columns=(
            Column(name="Number", kind=Kind.COUNT),
            Column(name="Department"),
            Column(name="Cycle"),
            Column(name="Stage"),
            Column(name="Meeting held on"),
        ),
        rows=tuple(
            (each.id, each.department, each.cycle, each.stage, str(each.held_on or ""))
            for each in entries
        ),
    )


@contextmanager
def _record(path: Path, *, make: bool = False) -> Iterator[sqlite3.Connection]:
    """The record at this path, brought to this version, in one transaction that holds the file.

    The file exists before SQLite opens it, so that it is never readable by others.
    """
    if make:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    elif not path.exists():
        raise ParameterError(f"There is no record at {path.name}; a pack that is kept makes one.")
    connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)
    try:
        connection.execute("PRAGMA synchronous = EXTRA")
        connection.execute("BEGIN IMMEDIATE" if make else "BEGIN")
        _brought_up_to_date(connection, path)
        yield connection
        connection.execute("COMMIT")
    except sqlite3.OperationalError as error:
        busy = error.sqlite_errorcode == sqlite3.SQLITE_BUSY
        why = "another run keeps writing" if busy else error
        raise ParameterError(f"record {path.name}: {why}.") from None
    except sqlite3.DatabaseError:
        raise ParameterError(f"record {path.name}: not a record, or damaged.") from None
    finally:
        connection.close()


def _brought_up_to_date(connection: sqlite3.Connection, path: Path) -> None:
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > len(MIGRATIONS):
        raise ParameterError(
            f"record {path.name}: written by a later pmstats (version {version} of the file; this "
            f"one knows {len(MIGRATIONS)}). Update pmstats."
        )
    for migration in MIGRATIONS[version:]:
        connection.execute(migration)
    if version < len(MIGRATIONS):
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
