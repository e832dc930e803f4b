"""The distribution of ratings in each group of a characteristic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from pmstats.cohort.cohort import UNDECLARED, UNKNOWN, worked_out_once
from pmstats.counts.distribution import Distribution
from pmstats.counts.joint import tallies, tallies_of_pairs
from pmstats.counts.tally import tally
from pmstats.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pmstats.cohort.cohort import Cohort
    from pmstats.scheme import Characteristic, Level, Scheme


class Answer(StrEnum):
    """Whether a row holds people who answered, chose not to say, or did not respond."""

    DECLARED = "declared"
    UNDECLARED = "undeclared"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRow:
    """One group of a breakdown; `people` is what a sentence calls its members."""

    name: str
    people: str
    answer: Answer
    distribution: Distribution


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakdown:
    """Ratings by group at one level of a characteristic, non-answers as rows of their own.

    `reference` is the comparator group. The repr shows no count: what may be shown of a
    breakdown is decided on its way out.
    """

    characteristic: str
    title: str
    level: str
    reference: str
    protected: bool
    paragraph: str
    rows: tuple[GroupRow, ...]

    @property
    def declared(self) -> tuple[GroupRow, ...]:
        """The rows of people who gave a usable answer, in the scheme's order."""
        return tuple(row for row in self.rows if row.answer is Answer.DECLARED)

    @property
    def comparator(self) -> GroupRow:
        """The row of the reference group."""
        return next(row for row in self.declared if row.name == self.reference)

    @property
    def others(self) -> tuple[GroupRow, ...]:
        """The declared groups compared with the reference."""
        return tuple(row for row in self.declared if row.name != self.reference)

    @property
    def people(self) -> int:
        """People in the table, rated or not, declared or not."""
        return sum(row.distribution.people for row in self.rows)

    @property
    def declaration_rate(self) -> float:
        """Share of people in the table with a usable answer; nan for an empty table."""
        declared = sum(row.distribution.people for row in self.declared)
        return declared / self.people if self.people else float("nan")

    def __repr__(self) -> str:
        return f"<Breakdown by {self.title.lower()}: {len(self.declared)} groups ({self.level})>"


def breakdown(
    cohort: Cohort, characteristic: str, *, stage: str, level: str | None = None
) -> Breakdown:
    """The ratings of a stage in each group of one characteristic.

    Without a `level` the scheme's own level of comparison is used, or the finest coarser one
    at which every group has the scheme's minimum of rated people; where none has, the
    coarsest. Raises `ParameterError` for a characteristic, stage or level that is not held.
    """
    recorded = _Recorded.of(cohort, characteristic, stage)
    if level is None:
        return recorded.comparable
    if level not in (names := [each.name for each in recorded.levels]):
        raise ParameterError(
            f"{recorded.known.title} has no level {level!r} in this export; "
            f"it has: {', '.join(names)}."
        )
    return recorded.at(recorded.known.level(level))


@worked_out_once
def breakdowns(cohort: Cohort, *, stage: str) -> tuple[Breakdown, ...]:
    """A breakdown for every characteristic the export holds, in the scheme's order."""
    return tuple(recorded.comparable for recorded in _each_recorded(cohort, stage=stage))


def breakdowns_within(
    cohort: Cohort, column: str, *, stage: str, levels: Mapping[str, str]
) -> dict[str, tuple[Breakdown, ...]]:
    """Breakdowns at a level for each characteristic, one for each answer to `column` given.

    `levels` maps characteristics to their level; an answer counts as given whoever gave it, in
    the table or not, so that all characteristics have the same parts.
    """
    codes = cohort.people[column].cat.codes.to_numpy()
    given = np.unique(codes[codes >= 0])
    tables = tallies_of_pairs(cohort, pairs=[(column, name) for name in levels], stage=stage)
    found = {}
    for name, level in levels.items():
        by_part = tables[column, name]
        recorded = _Recorded.counted(cohort, name, by_part[given])
        found[name] = recorded.each_at(cohort.scheme.characteristic(name).level(level))
    return found


def detailed_breakdowns(cohort: Cohort, *, stage: str) -> tuple[Breakdown, ...]:
    """The finest detail at which every group has the scheme's minimum of rated people.

    Characteristics with nothing finer than their level of comparison are left out. For
    description only: groups in fine detail are too small and too many to test one by one.
    """
    found = []
    for recorded in _each_recorded(cohort, stage=stage):
        details = (recorded.at(each) for each in recorded.levels if recorded.is_detail(each))
        found += [each for each in details if recorded.is_reportable(each)][:1]
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Recorded:
    """A characteristic as the export recorded it: people by answer and box at one stage.

    `tables` is parts x answers x boxes, one part for everyone unless people are taken apart.
    """

    scheme: Scheme
    known: Characteristic
    answers: tuple[str, ...]
    tables: NDArray[np.int64]

    @classmethod
    def of(cls, cohort: Cohort, name: str, stage: str) -> _Recorded:
        if name not in cohort.characteristics:
            held = ", ".join(cohort.characteristics) or "none"
            raise ParameterError(f"The export holds no characteristic {name!r}; it holds: {held}.")
        column = cohort.people[name].cat
        table = tally(cohort, stage, by=column.codes.to_numpy(), groups=len(column.categories))
        return cls.counted(cohort, name, table[np.newaxis])

    @classmethod
    def counted(cls, cohort: Cohort, name: str, tables: NDArray[np.int64]) -> _Recorded:
        answers = tuple(cohort.people[name].array.categories.tolist())
        return cls(cohort.scheme, cohort.scheme.characteristic(name), answers, tables)

    @property
    def levels(self) -> list[Level]:
        """The levels that every recorded answer can be counted at, fine to coarse."""
        counts = self.tables.sum(axis=(0, 2)).tolist()
        rows = zip(self.answers, counts, strict=True)
        present = {answer for answer, people in rows if people} - {UNDECLARED, UNKNOWN}
        return [
            level
            for level in self.known.levels
            if present <= self.known.groups_at(level.name).keys()
        ]

    @property
    def comparable(self) -> Breakdown:
        """The scheme's level of comparison, or the finest coarser one that is reportable."""
        for level in self.levels:
            if not self.is_detail(level):
                found = self.at(level)
                if self.is_reportable(found):
                    break
        return found

    def is_detail(self, level: Level) -> bool:
        """Whether a level is finer than the one groups are compared at."""
        names = [each.name for each in self.known.levels]
        return names.index(level.name) < names.index(self.known.compare_at)

    def is_reportable(self, each: Breakdown) -> bool:
        """Whether every group has the scheme's minimum of rated people."""
        return all(r.distribution.n >= self.scheme.practice.minimum_group for r in each.declared)

    def at(self, level: Level) -> Breakdown:
        """The breakdown of everyone at one level."""
        return self.each_at(level)[0]

    def each_at(self, level: Level) -> tuple[Breakdown, ...]:
        """The breakdown of each part at one level, people without an answer in their own rows."""
        held = self.known.groups_at(level.name) | {UNDECLARED: UNDECLARED, UNKNOWN: UNKNOWN}
        rows = [
            *((group.name, group.people or group.name, Answer.DECLARED) for group in level.groups),
            (UNDECLARED, "people who chose not to say", Answer.UNDECLARED),
            (UNKNOWN, "people with no answer held", Answer.UNKNOWN),
        ]
        ratings = self.scheme.rating_names
        groups = [held.get(answer) for answer in self.answers]
        members = np.array([[group == name for group in groups] for name, *_ in rows])
        # rows x boxes of each part, the unrated last
        counts = (members.astype(np.int64) @ self.tables).tolist()
        return tuple(
            Breakdown(
                characteristic=self.known.name,
                title=self.known.title,
                level=level.name,
                reference=level.reference,
                protected=self.known.protected,
                paragraph=self.known.paragraph,
                rows=tuple(
                    GroupRow(
                        name=name,
                        people=people,
                        answer=answer,
                        distribution=Distribution(
                            ratings=ratings, counts=tuple(boxes), unrated=unrated
                        ),
                    )
                    for (name, people, answer), (*boxes, unrated) in zip(rows, part, strict=True)
                ),
            )
            for part in counts
        )


@worked_out_once
def _each_recorded(cohort: Cohort, *, stage: str) -> tuple[_Recorded, ...]:
    """Every characteristic of the export, counted together in one pass."""
    names = cohort.characteristics
    tables = tallies(cohort, by=names, stages=[stage])
    counted = ((name, tables[name, stage][np.newaxis]) for name in names)
    return tuple(_Recorded.counted(cohort, name, table) for name, table in counted)
