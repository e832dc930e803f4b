"""The distribution of ratings in each group of a characteristic."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from pmstats.cohort.cohort import UNDECLARED, UNKNOWN
from pmstats.counts.distribution import Distribution, from_row
from pmstats.counts.tally import tally
from pmstats.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pmstats.cohort.cohort import Cohort
    from pmstats.scheme import Characteristic, Level


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
    known = _characteristic(cohort, characteristic)
    codes = cohort.people[characteristic].cat.codes.to_numpy()
    answers = tuple(cohort.people[characteristic].cat.categories)
    table = tally(cohort, stage, by=codes, groups=len(answers))
    possible = _levels_recorded(
        known, {a for a, row in zip(answers, table, strict=True) if row.sum()}
    )
    if level is not None:
        if level not in [each.name for each in possible]:
            raise ParameterError(
                f"{known.title} has no level {level!r} in this export; "
                f"it has: {', '.join(each.name for each in possible)}."
            )
        return _at_level(cohort, known, known.level(level), answers, table)
    coarse_enough = [each for each in possible if _depth(known, each) >= _default_depth(known)]
    minimum = cohort.scheme.practice.minimum_group
    for candidate in coarse_enough:
        result = _at_level(cohort, known, candidate, answers, table)
        if all(row.distribution.n >= minimum for row in result.declared):
            return result
    return _at_level(cohort, known, coarse_enough[-1], answers, table)


def breakdowns(cohort: Cohort, *, stage: str) -> tuple[Breakdown, ...]:
    """A breakdown for every characteristic the export holds, in the scheme's order."""
    return tuple(breakdown(cohort, name, stage=stage) for name in cohort.characteristics)


def _characteristic(cohort: Cohort, name: str) -> Characteristic:
    if name not in cohort.characteristics:
        held = ", ".join(cohort.characteristics) or "none"
        raise ParameterError(f"The export holds no characteristic {name!r}; it holds: {held}.")
    return cohort.scheme.characteristic(name)


def _depth(characteristic: Characteristic, level: Level) -> int:
    return characteristic.levels.index(level)


def _default_depth(characteristic: Characteristic) -> int:
    return _depth(characteristic, characteristic.level(characteristic.compare_at))


def _levels_recorded(characteristic: Characteristic, present: set[str]) -> list[Level]:
    """The levels that every recorded answer can be counted at, fine to coarse."""
    answers = present - {UNDECLARED, UNKNOWN}
    return [
        level
        for level in characteristic.levels
        if answers <= characteristic.groups_at(level.name).keys()
    ]


def _at_level(
    cohort: Cohort,
    characteristic: Characteristic,
    level: Level,
    answers: tuple[str, ...],
    table: NDArray[np.int64],
) -> Breakdown:
    group_of = characteristic.groups_at(level.name)
    named = [(group.name, group.people or group.name, Answer.DECLARED) for group in level.groups]
    named += [
        (UNDECLARED, "people who chose not to say", Answer.UNDECLARED),
        (UNKNOWN, "people with no answer held", Answer.UNKNOWN),
    ]
    rows = []
    for name, people, answer in named:
        is_declared = answer is Answer.DECLARED
        members = [
            code
            for code, recorded in enumerate(answers)
            if (group_of.get(recorded) if is_declared else recorded) == name
        ]
        counts = table[members].sum(axis=0)
        rows.append(
            GroupRow(
                name=name,
                people=people,
                answer=answer,
                distribution=from_row(cohort.scheme.rating_names, counts),
            )
        )
    return Breakdown(
        characteristic=characteristic.name,
        title=characteristic.title,
        level=level.name,
        reference=level.reference,
        protected=characteristic.protected,
        paragraph=characteristic.paragraph,
        rows=tuple(rows),
    )
