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

    Tables of the same `question` and the same columns but the first, say of ratings by sex and
    by age, become one at the place of the first of them, whose first column says by what. Every
    row and every note is kept.
    """
    alike: dict[object, list[Part]] = {}
    for part in parts:
        alike.setdefault(_question(part[1]), []).append(part)
    return [found[0] if len(found) == 1 else _together(found) for found in alike.values()]


def _question(table: RestrictedTable) -> tuple[object, ...]:
    """What tables that can stand in one have in common; a table without a question is alone."""
    return (table.question, table.columns[1:]) if table.question else (table.id,)


def _together(found: list[Part]) -> Part:
    scopes, tables = zip(*found, strict=True)
    firsts = {table.columns[0].name for table in tables}
    first = tables[0].columns[0] if len(firsts) == 1 else Column(name="Group")
    return ", ".join(dict.fromkeys(scopes)), RestrictedTable(
        id=f"{tables[0].id}-and-others",
        caption=_caption(tables[0].question, [table.by for table in tables]),
        columns=(Column(name="By"), first, *tables[0].columns[1:]),
        rows=tuple((capitalised(table.by), *row) for table in tables for row in table.rows),
        notes=tuple(dict.fromkeys(note for table in tables for note in table.notes)),
    )


def _caption(asked: str, names: list[str]) -> str:
    """The question with what it is asked of, where that fits a line."""
    if len(names) > MOST_NAMED:
        return f"{asked.rstrip(',')}, group by group"
    return f"{asked} by {', '.join(names[:-1])} and {names[-1]}"
