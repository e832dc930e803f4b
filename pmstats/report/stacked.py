"""Tables of the same question about other groups, put into one: a workbook is for filtering.

On a page each characteristic has its own section. In a workbook fifty sheets of three lines
are found by nobody, and no analyst can sort over them.
"""

from __future__ import annotations

from collections.abc import Iterable

from pmstats.findings.sentences import capitalised
from pmstats.release.table import Column, RestrictedTable

#: So many characteristics are named in a caption.
MOST_NAMED = 3

Part = tuple[str, RestrictedTable]


def stacked(parts: Iterable[Part]) -> list[Part]:
    """Tables with what each is part of, those that differ only in their groups one after the other.

    "Ratings by sex" and "Ratings by age" of the same columns become one table at the place of
    the first, whose first column says by what. Every row and every note is kept.
    """
    alike: dict[object, list[Part]] = {}
    for part in parts:
        alike.setdefault(_question(part[1]), []).append(part)
    return [found[0] if len(found) == 1 else _together(found) for found in alike.values()]


def _question(table: RestrictedTable) -> tuple[object, ...]:
    """What tables that can stand in one have in common; a table without "by" stands alone."""
    asked, by, _ = table.caption.rpartition(" by ")
    return (asked, table.columns[1:]) if by else (table.id,)


def _together(found: list[Part]) -> Part:
    scopes, tables = zip(*found, strict=True)
    asked = tables[0].caption.rpartition(" by ")[0]
    firsts = {table.columns[0].name for table in tables}
    first = tables[0].columns[0] if len(firsts) == 1 else Column(name="Group")
    return ", ".join(dict.fromkeys(scopes)), RestrictedTable(
        id=f"{tables[0].id}-and-others",
        caption=_caption(asked, [_by(table) for table in tables]),
        columns=(Column(name="By"), first, *tables[0].columns[1:]),
        rows=tuple((capitalised(_by(table)), *row) for table in tables for row in table.rows),
        notes=tuple(dict.fromkeys(note for table in tables for note in table.notes)),
    )


def _by(table: RestrictedTable) -> str:
    return table.caption.rpartition(" by ")[2]


def _caption(asked: str, names: list[str]) -> str:
    """The question with what it is asked of, where that fits a line."""
    if len(names) > MOST_NAMED:
        return f"{asked.rstrip(',')}, group by group"
    return f"{asked} by {', '.join(names[:-1])} and {names[-1]}"
