"""Totals of a published table, held against what they should be the sum of.

A total is never counted, but it tells when a group, a box or a digit is missing. Rounding in the
source explains a small difference; beside withheld cells a total can often not be checked at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from pmstats.cohort.labels import clean, label_key
from pmstats.cohort.reading.cells import Cells, Texts, of_totals
from pmstats.errors import Problem, Severity

#: What a count looks like, thousands apart or not.
COUNT = re.compile(r"\d{1,3}(?:[, ]\d{3})+|\d+")
#: What publishers put for a number too small to show.
WITHHELD = re.compile(r"\[?[cxz*~]\]?|\*+|\.\.|--?|<\s*\d+|(?:less|fewer) than \d+", re.IGNORECASE)
#: In place of a count: one that is withheld, and a cell that holds none.
_HIDDEN, _NO_COUNT = -1, -2
#: A group of these names is everybody.
_EVERYONE = frozenset(
    (
        *("all", "allstaff", "allemployees", "allpeople", "everyone", "overall", "allgroups"),
        *("alltotal", "totalstaff", "totalall", "total(all)"),
    )
)
#: A total of the groups beside it alone.
_OF_A_PART = frozenset(("sub-total", "subtotal"))
#: Publishers round counts to these; a table of nothing but multiples of one is taken as rounded.
_ROUNDED_TO = (1000, 100, 10, 5)


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class Sum:
    """A stated total, the counts that should add up to it (-1: withheld), and where it stands."""

    stated: int
    parts: np.ndarray
    column: str
    row: int

    @property
    def added(self) -> int:
        """What the parts that are shown add up to."""
        return int(self.parts[self.parts != _HIDDEN].sum())

    @property
    def hidden(self) -> int:
        """How many of its cells are withheld."""
        return int((self.parts == _HIDDEN).sum()) + (self.stated == _HIDDEN)

    @property
    def readable(self) -> bool:
        """Whether every cell of it is a count or a withheld one."""
        return self.stated != _NO_COUNT and not (self.parts == _NO_COUNT).any()

    def off(self, base: int) -> bool:
        """Whether it differs by more than rounding to multiples of `base` explains."""
        if self.stated == _HIDDEN:
            return False
        over = self.added - self.stated
        slack = len(self.parts) + (self.stated % base == 0) if base > 1 else 0
        return 2 * (over if self.hidden else abs(over)) > slack * base


def counted(texts: Texts) -> np.ndarray:
    """The count in each row of a column; -1 where it is withheld, -2 where the cell holds none."""
    read = [_count(clean(text)) for text in texts.values.to_pylist()]
    counts: np.ndarray = np.array(read, dtype=np.int64)[texts.codes]
    return counts


def _count(text: str) -> int:
    if COUNT.fullmatch(text):
        return int(re.sub("[, ]", "", text))
    return _HIDDEN if WITHHELD.fullmatch(text) else _NO_COUNT


def total_rows(cells: Cells) -> np.ndarray:
    """True for each row of a published table that is a total of others."""
    groups = cells.columns["group"]
    said = [label_key(text) in _EVERYONE for text in groups.values.to_pylist()]
    totals = groups.rows_where(np.array(said, dtype=bool)) | of_totals(groups)
    if cells.totals is not None:
        totals |= cells.totals
    return np.zeros_like(totals) if totals.all() else totals


def total_problems(cells: Cells, *, ratings: Sequence[str]) -> list[Problem]:
    """What is wrong with the totals of a table, and what cannot be known of them."""
    counts = {name: counted(cells.columns[name]) for name in ratings}
    totals = total_rows(cells)
    base = _rounded_to(np.array([held[~totals] for held in counts.values()]))
    beside = list(_beside(cells, counts, totals)) if len(ratings) > 1 else []
    below = list(_below(cells, counts, totals))
    problems = [_differs(each, "cells", Severity.ERROR) for each in beside if each.off(base)]
    problems += [_differs(each, "groups", Severity.WARNING) for each in below if each.off(base)]
    for sums in (beside, below):
        fitting = [each for each in sums if not each.off(base)]
        problems += _hidden([each for each in fitting if each.hidden])
        problems += _rounded([e for e in fitting if not e.hidden and e.added != e.stated], base)
    if totals.any():
        sound = bool(below) and all(not each.hidden and each.added == each.stated for each in below)
        problems.append(_left_out(cells, totals, sound=sound))
    return problems


def _rounded_to(counts: np.ndarray) -> int:
    shown = counts[counts > 0]
    return next((n for n in _ROUNDED_TO if shown.size and not (shown % n).any()), 1)


def _beside(cells: Cells, counts: dict[str, np.ndarray], totals: np.ndarray) -> Iterator[Sum]:
    """The total of each group, in a column of its own."""
    if "total" not in cells.columns:
        return
    parts = np.array(list(counts.values()))
    name = _heading(cells, "total")
    for place, stated in enumerate(counted(cells.columns["total"])):
        row = int(cells.rows[place])
        total = Sum(stated=int(stated), parts=parts[:, place], column=name, row=row)
        if total.readable and not totals[place]:
            yield total


def _below(cells: Cells, counts: dict[str, np.ndarray], totals: np.ndarray) -> Iterator[Sum]:
    """The total of each box over the groups, in a row of its own."""
    groups = cells.columns["group"]
    keys = [label_key(text) for text in groups.values.to_pylist()]
    labels = [keys[code] for code in groups.codes]
    if "total" in cells.columns:
        counts = {**counts, "total": counted(cells.columns["total"])}
    for place in np.flatnonzero(totals):
        label = labels[place]
        part = label in _OF_A_PART or labels.count(label) > 1
        for name, held in counts.items():
            choices = [held[~totals]] if label not in _OF_A_PART else []
            choices += [block for block in _blocks(held, totals, int(place)) if part and len(block)]
            sums = [
                Sum(
                    stated=int(held[place]),
                    parts=parts,
                    column=_heading(cells, name),
                    row=int(cells.rows[place]),
                )
                for parts in choices
            ]
            if sums := [each for each in sums if each.readable]:
                yield min(sums, key=lambda each: abs(each.added - each.stated))


def _blocks(held: np.ndarray, totals: np.ndarray, place: int) -> tuple[np.ndarray, np.ndarray]:
    """The groups between a total and the one above it, and the one below it."""
    others = np.flatnonzero(totals)
    above = max(others[others < place], default=-1)
    below = min(others[others > place], default=len(held))
    return held[above + 1 : place], held[place + 1 : below]


def _heading(cells: Cells, name: str) -> str:
    return cells.header.names[cells.header.positions[name]]


def _differs(total: Sum, what: str, severity: Severity) -> Problem:
    shown = " that are shown" if total.hidden else ""
    return Problem(
        rule="published table",
        severity=severity,
        message=f"The {what}{shown} add up to {total.added:,}, the stated total is "
        f"{total.stated:,}: a difference of {total.added - total.stated:+,}.",
        fix="Ask the publisher which is right; correct the table or leave out the totals."
        if severity is Severity.ERROR
        else "Ask the publisher which is right, and whether a group is missing; only the groups "
        "are counted.",
        column=total.column,
        rows=(total.row,),
    )


def _hidden(totals: Sequence[Sum]) -> Iterator[Problem]:
    if totals:
        cells = sum(total.hidden for total in totals)
        many = "1 cell is" if cells == 1 else f"{cells} cells are"
        yield _note(f"Totals cannot be checked here: {many} withheld.", totals)


def _rounded(totals: Sequence[Sum], base: int) -> Iterator[Problem]:
    if totals:
        yield _note(
            f"Every count is a multiple of {base}, as if rounded: these totals differ from what "
            "adds up to them by no more than that explains.",
            totals,
        )


def _note(message: str, totals: Sequence[Sum]) -> Problem:
    return Problem(
        rule="published table",
        severity=Severity.INFORMATION,
        message=message,
        fix="",
        column=", ".join(dict.fromkeys(total.column for total in totals)),
        rows=tuple(dict.fromkeys(total.row for total in totals)),
    )


def _left_out(cells: Cells, totals: np.ndarray, *, sound: bool) -> Problem:
    what = "columns" if cells.header.turned else "rows"
    return Problem(
        rule="file",
        severity=Severity.INFORMATION,
        message=f"Left out: total {what}" + (", which the groups add up to." if sound else "."),
        fix="",
        rows=() if cells.header.turned else tuple(int(row) for row in cells.rows[totals]),
    )
