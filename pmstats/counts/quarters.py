"""The quarters of the year: who was rated when, where support was due, who stood at a boundary."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from pmstats.cohort.eligibility import Standing, quarter_end, standing
from pmstats.cohort.rules.support import SUPPORT_COLUMNS, runs
from pmstats.counts.breakdown import breakdown
from pmstats.counts.distribution import STRUCTURE, Distribution, distribution, distributions_by
from pmstats.counts.tally import rating_codes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pmstats.cohort.cohort import Cohort


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarter:
    """One quarter: the people whose rating was due, in their boxes or not rated."""

    stage: str
    title: str
    distribution: Distribution


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """How many of those due were rated, each quarter, in each group: (rated, due) by quarter.

    `unanswered` names the rows of people without a usable answer.
    """

    heading: str
    titles: tuple[str, ...]
    rows: tuple[tuple[str, tuple[tuple[int, int], ...]], ...]
    unanswered: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarters:
    """The quarters of the year that the export holds, in order."""

    each: tuple[Quarter, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """Where paragraphs 56 and 57 call for support or formal measures, as counts of people.

    `twice` were in the lowest box in two consecutive quarters, `with_plan` of them have a
    plan, support or review on record (R27); `unclear` were on both sides of a quarter without
    a rating. `again` were in the lowest box once more after that, `with_measures` of them are
    on formal measures and `excused` by exceptional circumstances (R28). `on_measures` counts
    everyone on formal measures (R31), `early` those of them with no such run and at most one
    rating in the lowest box (R29). None where the export does not hold the record.
    """

    rating: str
    twice: int
    unclear: int
    again: int
    with_plan: int | None
    with_measures: int | None
    excused: int | None
    on_measures: int | None
    early: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Boundary:
    """People whose quarters stood on both sides of the line between two neighbouring boxes.

    `recommended_above` and `final_above` count those of them recommended, and finally rated,
    in the better box or above; `final` those with a final rating at all.
    """

    above: str
    below: str
    people: int
    recommended_above: int
    final: int
    final_above: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Boundaries:
    """The borderline cases at each line between boxes, best first; counts, never people."""

    each: tuple[Boundary, ...]


def quarters(cohort: Cohort) -> Quarters:
    """The rating distribution of each quarter, among those in post at its end (paras 47-48).

    Empty when the scheme names no quarters or the export holds none of them.
    """
    return Quarters(
        each=tuple(
            Quarter(
                stage=stage,
                title=cohort.scheme.stage(stage).title,
                distribution=distribution(_at_end_of(cohort, stage), stage=stage),
            )
            for stage in _held(cohort)
        )
    )


def completion_by(cohort: Cohort, column: str) -> Completion:
    """How many of those due were rated, each quarter, by grade, unit, panel or characteristic.

    Raises `ParameterError` for a column of another kind or one the export does not hold.
    """
    stages = _held(cohort)
    unanswered: frozenset[str] = frozenset()
    heading = column.replace("_", " ").capitalize()
    found: dict[str, dict[str, Distribution]] = {}
    for stage in stages:
        then = _at_end_of(cohort, stage)
        if column in STRUCTURE:
            rows = distributions_by(then, column, stage=stage).rows
        else:
            known = column in cohort.characteristics
            level = cohort.scheme.characteristic(column).compare_at if known else None
            by_group = breakdown(then, column, stage=stage, level=level)
            heading = by_group.title
            rows = tuple((row.name, row.distribution) for row in by_group.rows)
            unanswered = frozenset(
                row.name for row in by_group.rows if row not in by_group.declared
            )
        for name, counted in rows:
            found.setdefault(name, {})[stage] = counted
    nobody = Distribution(ratings=cohort.scheme.rating_names, counts=())
    lines = {
        name: tuple((each.n, each.people) for each in (held.get(stage, nobody) for stage in stages))
        for name, held in found.items()
    }
    return Completion(
        heading=heading,
        titles=tuple(cohort.scheme.stage(stage).title for stage in stages),
        rows=tuple((name, each) for name, each in lines.items() if any(due for _, due in each)),
        unanswered=unanswered,
    )


def support(cohort: Cohort) -> Support | None:
    """Where support and formal measures were due, and where they are on record (R27-R31).

    Everyone in scope counts, whenever they were in post. None when the scheme has no such
    rules or the export no ratings of any quarter.
    """
    rules = cohort.scheme.support
    if rules is None or not _held(cohort):
        return None
    inside = standing(cohort, stage=rules.final) != Standing.OUT_OF_SCOPE.code
    lowest = cohort.scheme.rating_names.index(rules.rating)
    codes = np.array([_codes(cohort, stage) for stage in rules.quarters])
    final_low = _codes(cohort, rules.final) == lowest
    found = runs(codes == lowest, codes >= 0, final_low)
    people = cohort.people
    counts = people["count"].to_numpy()

    def total(who: NDArray[np.bool_]) -> int:
        return int(counts[inside & who].sum())

    planned = [_recorded(cohort, name) for name in SUPPORT_COLUMNS if name in people.columns]
    formal = _formal(cohort)
    excused = _recorded(cohort, "exceptional_circumstances")
    held = "exceptional_circumstances" in people.columns
    return Support(
        rating=rules.rating,
        twice=total(found.run),
        unclear=total(found.unclear),
        again=total(found.again),
        with_plan=total(found.run & np.logical_or.reduce(planned)) if planned else None,
        with_measures=None if formal is None else total(found.again & formal),
        excused=total(found.again & excused) if held else None,
        on_measures=None if formal is None else total(formal),
        early=None if formal is None else total(formal & ~found.run & (found.ratings <= 1)),
    )


def boundaries(cohort: Cohort) -> Boundaries:
    """The borderline cases: indicative ratings on both sides of a line (para 79).

    Among those in the table at the end of the year with a recommendation. The quarters before
    the recommendation decide; a person may stand at more than one line.
    """
    rules = cohort.scheme.support
    if rules is None or not _held(cohort):
        return Boundaries(each=())
    *earlier, last = rules.quarters
    scheme = cohort.scheme
    order = np.array([*(scheme.best_first.index(name) for name in scheme.rating_names), -1])
    history = np.array([order[_codes(cohort, stage)] for stage in earlier])
    recommended, final = (order[_codes(cohort, stage)] for stage in (last, rules.final))
    inside = (standing(cohort, stage=rules.final) == Standing.IN_TABLE.code) & (recommended >= 0)
    counts = cohort.people["count"].to_numpy()
    found = []
    for place, (above, below) in enumerate(
        zip(scheme.best_first, scheme.best_first[1:], strict=False)
    ):
        both = (history == place).any(axis=0) & (history == place + 1).any(axis=0) & inside
        found.append(
            Boundary(
                above=above,
                below=below,
                people=int(counts[both].sum()),
                recommended_above=int(counts[both & (recommended <= place)].sum()),
                final=int(counts[both & (final >= 0)].sum()),
                final_above=int(counts[both & (final >= 0) & (final <= place)].sum()),
            )
        )
    return Boundaries(each=tuple(found))


def _held(cohort: Cohort) -> tuple[str, ...]:
    rules = cohort.scheme.support
    return tuple(
        stage
        for stage in (rules.quarters if rules else ())
        if cohort.scheme.stage(stage).column in cohort.people.columns
    )


def _at_end_of(cohort: Cohort, stage: str) -> Cohort:
    return replace(cohort, cut_off=quarter_end(cohort, stage))


def _codes(cohort: Cohort, stage: str) -> NDArray[np.integer]:
    """Each row's box, -1 for no rating and for a stage the export does not hold."""
    if cohort.scheme.stage(stage).column not in cohort.people.columns:
        return np.full(len(cohort.people), -1)
    return rating_codes(cohort, stage)


def _recorded(cohort: Cohort, column: str) -> NDArray[np.bool_]:
    """Whether a date, or the answer Yes, is on record."""
    if column not in cohort.people.columns:
        return np.zeros(len(cohort.people), dtype=bool)
    values = cohort.people[column]
    if values.dtype == "category":
        return np.asarray(values == "Yes", dtype=bool)
    return np.asarray(values.notna(), dtype=bool)


def _formal(cohort: Cohort) -> NDArray[np.bool_] | None:
    """Who is on formal poor-performance measures; None where that is not recorded (R31)."""
    if "formal_pp_stage" not in cohort.people.columns:
        return None
    stage = cohort.people["formal_pp_stage"]
    return np.asarray(stage.notna() & (stage != "none"), dtype=bool)
