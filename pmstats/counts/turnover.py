"""Two points in time side by side: who stayed, joined, left or moved, and with which ratings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pmstats.cohort.cohort import UNDECLARED, UNKNOWN
from pmstats.cohort.eligibility import Standing, standing
from pmstats.counts.distribution import STRUCTURE, Distribution, from_row
from pmstats.counts.movement import Movement
from pmstats.counts.tally import best_first_codes
from pmstats.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pmstats.cohort.cohort import Cohort

NO_ANSWERS = (UNDECLARED, UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """Of the people in both tables: how many changed this, and how many could be seen.

    `answered` counts people who gave no usable answer before and one since; None for what is
    not a characteristic.
    """

    what: str
    people: int
    changed: int
    answered: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class RecordChanges:
    """What changed on record for the people in both tables; empty for two stages of one export."""

    each: tuple[Changed, ...]

    def __repr__(self) -> str:
        return f"<RecordChanges: {len(self.each)}>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """The people at both times in each group of one column: (before, after) distributions."""

    heading: str
    rows: tuple[tuple[str, Distribution, Distribution], ...]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Turnover:
    """Two tables of people, the second later than the first (paras 48, 88).

    `stayed` is the movement of those in both tables; `joined` and `left` are in one alone.
    `mixes` hold everyone by grade, business unit and characteristic, non-answers as groups.
    """

    titles: tuple[str, str]
    before: Distribution
    after: Distribution
    stayed: Movement
    joined: Distribution
    left: Distribution
    changed: RecordChanges
    mixes: tuple[Mix, ...]

    def __repr__(self) -> str:
        return f"<Turnover: {self.titles[0]} to {self.titles[1]}>"


def turnover(before: Cohort, after: Cohort, *, stage_before: str, stage_after: str) -> Turnover:
    """What became of the people of one table in a later one.

    Give one cohort twice to compare two stages of one export. Two exports must be read with
    the same key, so that a person has one pseudonym in both. Raises `ParameterError` when
    nobody is in both exports, or for a stage that one does not hold.
    """
    first, second = _Table.of(before, stage_before), _Table.of(after, stage_after)
    if not np.isin(first.ids, second.ids).any() and len(first.ids) and len(second.ids):
        raise ParameterError(
            "Nobody is in both exports. Read both with one key (`load_key`), so that a person "
            "has the same pseudonym in each."
        )
    here, there = _matched(first, second)
    in_both = np.isin(first.ids, second.ids), np.isin(second.ids, first.ids)
    return Turnover(
        titles=(_title(before, stage_before), _title(after, stage_after)),
        before=first.distribution(),
        after=second.distribution(),
        stayed=_stayed(first, second, here, there),
        joined=second.distribution(~in_both[1]),
        left=first.distribution(~in_both[0]),
        changed=RecordChanges(each=tuple(_changed(first, second, here, there))),
        mixes=tuple(_mixes(first, second)),
    )


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _Table:
    """The people in the table of one stage: pseudonyms, boxes (best first), and their rows."""

    cohort: Cohort
    stage: str
    rows: NDArray[np.int64]
    ids: NDArray[np.uint64]
    boxes: NDArray[np.int64]

    @classmethod
    def of(cls, cohort: Cohort, stage: str) -> _Table:
        rows = np.flatnonzero(standing(cohort, stage=stage) == Standing.IN_TABLE.code)
        boxes = best_first_codes(cohort, stage)[rows]
        ids = cohort.people["person_id"].to_numpy()[rows]
        return cls(cohort=cohort, stage=stage, rows=rows, ids=ids, boxes=boxes)

    def distribution(self, chosen: NDArray[np.bool_] | None = None) -> Distribution:
        """The boxes of the chosen people, of all when none are."""
        names = self.cohort.scheme.best_first
        boxes = self.boxes if chosen is None else self.boxes[chosen]
        counts = np.bincount(np.where(boxes < 0, len(names), boxes), minlength=len(names) + 1)
        return from_row(names, counts.astype(np.int64))

    def labels(self, column: str) -> NDArray[np.object_]:
        """What each person's cell says, empty for a blank."""
        values = self.cohort.people[column].astype(object)
        held: NDArray[np.object_] = values.where(values.notna(), "").to_numpy()[self.rows]
        return held


def _title(cohort: Cohort, stage: str) -> str:
    year = f", {cohort.scheme.year.label}" if cohort.scheme.year else ""
    return f"{cohort.scheme.stage(stage).title}{year}"


def _matched(first: _Table, second: _Table) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Places of the people in both tables: in the first and in the second."""
    _, here, there = np.intersect1d(first.ids, second.ids, return_indices=True)
    return here, there


def _stayed(
    first: _Table, second: _Table, here: NDArray[np.int64], there: NDArray[np.int64]
) -> Movement:
    ratings = first.cohort.scheme.best_first
    was, now = first.boxes[here], second.boxes[there]
    both = (was >= 0) & (now >= 0)
    size = len(ratings)
    table = np.bincount(was[both] * size + now[both], minlength=size * size).reshape(size, size)
    return Movement(
        start=first.stage,
        end=second.stage,
        ratings=ratings,
        table=tuple(tuple(int(count) for count in row) for row in table),
        unmatched=int(((was >= 0) != (now >= 0)).sum()),
        titles=(_title(first.cohort, first.stage), _title(second.cohort, second.stage)),
    )


def _changed(
    first: _Table, second: _Table, here: NDArray[np.int64], there: NDArray[np.int64]
) -> list[Changed]:
    """Turnover of grade, unit and answers; nothing when both tables are of one export."""
    if first.cohort.people is second.cohort.people:
        return []
    found = []
    for column in _shared(first, second):
        was, now = first.labels(column)[here], second.labels(column)[there]
        answered = None
        if column not in STRUCTURE:
            silent = np.isin(was, NO_ANSWERS)
            answered = int((silent & ~np.isin(now, NO_ANSWERS)).sum())
        seen = (was != "") & (now != "")
        found.append(
            Changed(
                what=_heading(first.cohort, column),
                people=int(seen.sum()),
                changed=int((seen & (was != now)).sum()),
                answered=answered,
            )
        )
    return found


def _mixes(first: _Table, second: _Table) -> list[Mix]:
    found = []
    for column in _shared(first, second):
        was, now = first.labels(column), second.labels(column)
        names = sorted({*was, *now})
        found.append(
            Mix(
                heading=_heading(first.cohort, column),
                rows=tuple(
                    (
                        str(name) or "Not recorded",
                        first.distribution(was == name),
                        second.distribution(now == name),
                    )
                    for name in names
                ),
            )
        )
    return found


def _shared(first: _Table, second: _Table) -> tuple[str, ...]:
    """Columns of structure and characteristics that both exports hold."""
    wanted = ("grade", "business_unit", *first.cohort.characteristics)
    return tuple(
        name
        for name in wanted
        if name in first.cohort.people.columns and name in second.cohort.people.columns
    )


def _heading(cohort: Cohort, column: str) -> str:
    if column in STRUCTURE:
        return column.replace("_", " ").capitalize()
    return cohort.scheme.characteristic(column).title
