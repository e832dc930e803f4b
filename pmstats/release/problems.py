"""What a check of an export found, grouped by what the analyst must do about it.

Rows are named by number only: the reader has the export, and nobody else needs to.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pmstats.errors import Severity
from pmstats.release.table import Column, Kind, RestrictedTable

if TYPE_CHECKING:
    from pmstats.errors import Problem

#: How the message of a rule begins that had no data to look at.
NOT_CHECKED = "Not checked"

#: Most row numbers written out for one problem; a marked copy of the export has them all.
ROWS_LISTED = 60


def problem_tables(problems: Sequence[Problem]) -> tuple[RestrictedTable, ...]:
    """One table for each thing to do: put right, look at, take note of, and not checked."""
    unchecked = [each for each in problems if each.message.startswith(NOT_CHECKED)]
    found = [each for each in problems if each not in unchecked]
    groups = (
        ("put-right", "Put right: figures would be wrong", Severity.ERROR),
        ("look-at", "Look at and decide: the export says something unusual", Severity.WARNING),
        ("take-note", "Take note", Severity.INFORMATION),
    )
    tables = [
        _table(id, caption, [each for each in found if each.severity is severity])
        for id, caption, severity in groups
    ]
    tables.append(_table("not-checked", "Not checked: the export has no such column", unchecked))
    return tuple(table for table in tables if table.rows)


def _table(id: str, caption: str, problems: Sequence[Problem]) -> RestrictedTable:
    return RestrictedTable(
        id=id,
        caption=caption,
        columns=(
            Column(name="Rule"),
            Column(name="Column"),
            Column(name="Rows affected", kind=Kind.COUNT),
            Column(name="What"),
            Column(name="What to do"),
            Column(name="Row numbers"),
            Column(name="Paragraph"),
        ),
        rows=tuple(
            (
                each.rule,
                each.column,
                len(each.rows) or None,
                each.message,
                each.fix,
                _numbers(each.rows),
                each.paragraph,
            )
            for each in problems
        ),
    )


def _numbers(rows: Sequence[int]) -> str:
    listed = ", ".join(map(str, rows[:ROWS_LISTED]))
    more = len(rows) - ROWS_LISTED
    return f"{listed} and {more:,} more" if more > 0 else listed
