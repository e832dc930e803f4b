"""Who had which box at one stage and which at the next: moderation counted, step by step."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from pmstats.cohort.eligibility import Standing, standing
from pmstats.counts.breakdown import breakdown
from pmstats.counts.distribution import group_heading
from pmstats.counts.tally import best_first_codes, rating_codes, sums

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pmstats.cohort.cohort import Cohort
    from pmstats.counts.breakdown import Breakdown

#: The column that says why moderation changed a rating (R41).
REASON = "change_reason"


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """People by their box at stage `start` (rows) and at stage `end` (columns), best box first.

    `unmatched` counts people rated at one of the two stages only. `unexplained` counts people
    whose box changed without a recorded reason; None where the export records no reasons.
    `titles` name the two points in time where the stages alone do not.

    >>> m = Movement(start="local", end="final", ratings=("High", "Low"), table=((8, 2), (1, 9)))
    >>> m.n, m.raised, m.lowered, m.changed
    (20, 1, 2, 3)
    """

    start: str
    end: str
    ratings: tuple[str, ...]
    table: tuple[tuple[int, ...], ...]
    unmatched: int = 0
    unexplained: int | None = None
    titles: tuple[str, str] = ("", "")

    @property
    def n(self) -> int:
        """People rated at both stages."""
        return sum(map(sum, self.table))

    @property
    def raised(self) -> int:
        """People in a better box at the end than at the start."""
        return sum(sum(row[:place]) for place, row in enumerate(self.table))

    @property
    def lowered(self) -> int:
        """People in a worse box at the end than at the start."""
        return sum(sum(row[place + 1 :]) for place, row in enumerate(self.table))

    @property
    def changed(self) -> int:
        """People in another box at the end than at the start."""
        return self.raised + self.lowered

    @property
    def lowered_across(self) -> tuple[int, ...]:
        """People lowered across each line between two neighbouring boxes, the highest line first.

        Someone lowered by two boxes crosses two lines.
        """
        lines = range(1, len(self.ratings))
        return tuple(sum(sum(row[line:]) for row in self.table[:line]) for line in lines)

    @property
    def could_be_lowered(self) -> int:
        """People who did not start in the worst box."""
        return sum(map(sum, self.table[:-1]))

    @property
    def before(self) -> tuple[int, ...]:
        """People in each box at the start."""
        return tuple(map(sum, self.table))

    @property
    def after(self) -> tuple[int, ...]:
        """People in each box at the end."""
        return tuple(map(sum, zip(*self.table, strict=True)))

    @property
    def worst_first(self) -> tuple[tuple[int, ...], ...]:
        """The table with the worst box first: the order in which statistics count upwards."""
        return tuple(row[::-1] for row in self.table[::-1])


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Movements:
    """The movement of each panel, business unit or grade."""

    heading: str
    rows: tuple[tuple[str, Movement], ...]

    def __repr__(self) -> str:
        return f"<Movements by {self.heading.lower()}: {len(self.rows)}>"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class MovementBreakdown:
    """The movement of each group of one characteristic; `groups` says who is compared."""

    groups: Breakdown
    rows: tuple[tuple[str, Movement], ...]

    def __getitem__(self, group: str) -> Movement:
        return dict(self.rows)[group]

    def __repr__(self) -> str:
        return f"<Movement by {self.groups.title.lower()}: {len(self.rows)} groups>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceiling:
    """Ratings above the highest that an answer in the record allows, at one stage.

    `people` gave that answer and are rated; `above` of them are rated above `highest`.
    """

    stage: str
    answer: str
    highest: str
    people: int
    above: int
    paragraph: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceilings:
    """Ratings above what the record allows, by rule and stage; empty where it is not held."""

    each: tuple[Ceiling, ...]


def moderation_steps(cohort: Cohort) -> tuple[tuple[str, str], ...]:
    """The steps of moderation that the export holds ratings for, each from stage to stage.

    Empty when the scheme has no moderation or the export fewer than two of its stages.
    """
    rules = cohort.scheme.moderation
    held = [
        name
        for name in (rules.steps if rules else ())
        if cohort.scheme.stage(name).column in cohort.people.columns
    ]
    return tuple(pairwise(held))


def movement(cohort: Cohort, *, start: str, end: str) -> Movement:
    """The movement of everyone in the table from one stage to another (paras 79-80).

    Raises `ParameterError` for a stage the export holds no ratings for.
    """
    everyone = np.zeros(len(cohort.people), dtype=np.int64)
    return _movements(cohort, everyone, 1, start=start, end=end)[0]


def movements(cohort: Cohort) -> tuple[Movement, ...]:
    """The movement of each step of moderation that the export holds, in order."""
    return tuple(movement(cohort, start=start, end=end) for start, end in moderation_steps(cohort))


def movements_by(cohort: Cohort, column: str, *, start: str, end: str) -> Movements:
    """The movement of each grade, business unit or panel, empty ones left out.

    No rows when the export does not hold the column. Raises `ParameterError` for another one.
    """
    heading = group_heading(cohort.scheme, column)
    if column not in cohort.people.columns:
        return Movements(heading=heading, rows=())
    values = cohort.people[column].cat
    names = [str(name) for name in values.categories]
    each = _movements(cohort, values.codes.to_numpy(), len(names), start=start, end=end)
    rows = zip(names, each, strict=True)
    return Movements(
        heading=heading, rows=tuple((name, m) for name, m in rows if m.n + m.unmatched)
    )


def movement_breakdown(
    cohort: Cohort, characteristic: str, *, start: str, end: str, level: str | None = None
) -> MovementBreakdown:
    """The movement of each group of one characteristic, non-answers as groups of their own.

    The level is chosen as `breakdown` chooses it at the stage where the movement starts.
    """
    groups = breakdown(cohort, characteristic, stage=start, level=level)
    names = [row.name for row in groups.rows]
    group_of = cohort.scheme.characteristic(characteristic).groups_at(groups.level)
    answers = cohort.people[characteristic].cat
    places = [
        names.index(group) if (group := group_of.get(answer, answer)) in names else -1
        for answer in answers.categories
    ]
    codes = np.array([*places, -1])[answers.codes.to_numpy()]
    each = _movements(cohort, codes, len(names), start=start, end=end)
    return MovementBreakdown(groups=groups, rows=tuple(zip(names, each, strict=True)))


def movement_breakdowns(cohort: Cohort, *, start: str, end: str) -> tuple[MovementBreakdown, ...]:
    """The movement by every characteristic the export holds, in the scheme's order."""
    return tuple(
        movement_breakdown(cohort, name, start=start, end=end) for name in cohort.characteristics
    )


def ceilings(cohort: Cohort) -> Ceilings:
    """Ratings above what the record allows, at each stage of moderation (R22, Annex D 4a).

    None for a rule whose column the export does not hold.
    """
    rules = cohort.scheme.moderation
    if rules is None:
        return Ceilings(each=())
    counts = cohort.people["count"].to_numpy()
    best_first = cohort.scheme.best_first
    found = []
    for rule in rules.ceilings:
        if rule.column not in cohort.people.columns:
            continue
        answered = (cohort.people[rule.column] == rule.answer).to_numpy()
        above = best_first[: best_first.index(rule.highest)]
        boxes = [place for place, name in enumerate(cohort.scheme.rating_names) if name in above]
        for stage in rules.steps:
            if cohort.scheme.stage(stage).column not in cohort.people.columns:
                continue
            codes = rating_codes(cohort, stage)
            inside = (standing(cohort, stage=stage) == Standing.IN_TABLE.code) & answered
            found.append(
                Ceiling(
                    stage=stage,
                    answer=f"{rule.column.replace('_', ' ')}: {rule.answer}",
                    highest=rule.highest,
                    people=int(counts[inside & (codes >= 0)].sum()),
                    above=int(counts[inside & np.isin(codes, boxes)].sum()),
                    paragraph=rule.paragraph,
                )
            )
    return Ceilings(each=tuple(found))


def _movements(
    cohort: Cohort, by: NDArray[np.integer], groups: int, *, start: str, end: str
) -> list[Movement]:
    """One movement per group code; a negative code is counted nowhere."""
    scheme = cohort.scheme
    ratings = scheme.best_first
    boxes = len(ratings)
    first, last = (best_first_codes(cohort, stage) for stage in (start, end))
    inside = (by >= 0) & (standing(cohort, stage=end) == Standing.IN_TABLE.code)
    counts = cohort.people["count"].to_numpy()
    both = inside & (first >= 0) & (last >= 0)
    cells = (by[both] * boxes + first[both]) * boxes + last[both]
    tables = sums(cells, counts[both], groups * boxes * boxes).reshape(groups, boxes, boxes)
    one = inside & ((first >= 0) != (last >= 0))
    unmatched = sums(by[one], counts[one], groups)
    reasons = None
    if REASON in cohort.people.columns:
        silent = both & (first != last) & cohort.people[REASON].isna().to_numpy()
        reasons = sums(by[silent], counts[silent], groups)
    return [
        Movement(
            start=start,
            end=end,
            ratings=ratings,
            table=tuple(tuple(int(count) for count in row) for row in table),
            unmatched=int(unmatched[group]),
            unexplained=None if reasons is None else int(reasons[group]),
        )
        for group, table in enumerate(tables)
    ]
