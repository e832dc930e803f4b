"""What a check of an export found, grouped by what the analyst must do about it.

Rows are named by number only: the reader has the export, and nobody else needs to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pmstats.cohort.record_ids import file_of
from pmstats.errors import Severity
from pmstats.release.table import Column, Kind, RestrictedTable

if TYPE_CHECKING:
    from pmstats.cohort.export import Examined
    from pmstats.errors import Problem

#: How the message of a rule begins that had no data to look at.
NOT_CHECKED = "Not checked"

#: Most row numbers written out for one problem; a marked copy of the export has them all.
ROWS_LISTED = 60
#: Most rows in the list of rows; beyond it the rule is broken by the export as a whole.
ROWS_NAMED = 5_000


def problem_tables(examined: Examined) -> tuple[RestrictedTable, ...]:
    """One table for each thing to do: put right, look at, take note of, and not checked.

    Columns go by the export's own headers, in which the analyst knows them.
    """
    headers = {name: header for header, name in examined.columns}
    unchecked = [p for p in examined.problems if p.message.startswith(NOT_CHECKED)]
    found = [p for p in examined.problems if p not in unchecked]
    severe = [p for p in found if p.severity is Severity.ERROR]
    groups = (
        (
            "put-right",
            "Put right first: without this nothing is counted",
            [p for p in severe if p in examined.stopping],
        ),
        (
            "against-the-framework",
            "Put right: against the framework",
            [p for p in severe if p not in examined.stopping],
        ),
        (
            "look-at",
            "Look at and decide: the export says something unusual",
            [p for p in found if p.severity is Severity.WARNING],
        ),
        ("take-note", "Take note", [p for p in found if p.severity is Severity.INFORMATION]),
    )
    tables = [_to_do(id, caption, chosen, headers) for id, caption, chosen in groups]
    return tuple(table for table in (*tables, _not_checked(unchecked)) if table.rows)


def row_table(examined: Examined) -> RestrictedTable:
    """Each row to put right or look at, with its record id and the rules it breaks.

    A record id is the keyed hash of a person's identifier: the same for each row of a person
    and, under a kept key, in every check. No row where nothing is to be done.
    """
    broken: dict[tuple[str, int], dict[Severity, list[str]]] = {}
    for problem in examined.problems:
        if problem.severity is Severity.INFORMATION:
            continue
        for row in problem.rows:
            rules = broken.setdefault((file_of(problem), row), {}).setdefault(problem.severity, [])
            if problem.rule not in rules:
                rules.append(problem.rule)
    places = sorted(broken)
    left = len(places) - ROWS_NAMED
    return RestrictedTable(
        id="rows",
        caption="Row by row",
        columns=(
            Column(name="Row"),
            Column(name="Record id"),
            Column(name="Put right"),
            Column(name="Look at"),
        ),
        rows=tuple(
            (
                f"{file} {row}".strip(),
                examined.records.get((file, row), ""),
                ", ".join(broken[file, row].get(Severity.ERROR, ())),
                ", ".join(broken[file, row].get(Severity.WARNING, ())),
            )
            for file, row in places[:ROWS_NAMED]
        ),
        notes=(f"{left:,} more rows are not listed.",) if left > 0 else (),
    )


def column_table(examined: Examined) -> RestrictedTable:
    """Which header of the export was read as which column."""
    return RestrictedTable(
        id="columns",
        caption="What was read as what",
        columns=(Column(name="Header in the export"), Column(name="Read as")),
        rows=examined.columns,
    )


def _to_do(
    id: str, caption: str, problems: Sequence[Problem], headers: Mapping[str, str]
) -> RestrictedTable:
    return RestrictedTable(
        id=id,
        caption=caption,
        columns=(
            Column(name="What"),
            Column(name="What to do"),
            Column(name="Column"),
            Column(name="Row numbers"),
            Column(name="Rule"),
            Column(name="Paragraph"),
            Column(name="Rows", kind=Kind.COUNT),
        ),
        rows=tuple(
            (
                each.message,
                each.fix,
                headers.get(each.column, each.column),
                _numbers(each.rows),
                each.rule,
                each.paragraph,
                len(each.rows) or None,
            )
            for each in problems
        ),
    )


def _not_checked(problems: Sequence[Problem]) -> RestrictedTable:
    return RestrictedTable(
        id="not-checked",
        caption="Not checked: the export does not hold what the rule needs",
        columns=(
            Column(name="Rule"),
            Column(name="Why"),
            Column(name="What to do"),
            Column(name="Paragraph"),
        ),
        rows=tuple(
            (
                each.rule,
                each.message.removeprefix(NOT_CHECKED).lstrip(": "),
                each.fix,
                each.paragraph,
            )
            for each in problems
        ),
    )


def _numbers(rows: Sequence[int]) -> str:
    listed = ", ".join(map(str, rows[:ROWS_LISTED]))
    more = len(rows) - ROWS_LISTED
    return f"{listed} and {more:,} more" if more > 0 else listed
