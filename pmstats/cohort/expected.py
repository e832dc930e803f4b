"""Which rows, and which groups of rows, a scheme's expectations are asked of and kept by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pmstats.cohort.cohort import Cohort
from pmstats.cohort.eligibility import Standing, quarter_end, standing
from pmstats.cohort.rules.book import FRAMEWORK
from pmstats.errors import Problem, Severity
from pmstats.scheme.expectations import Condition, Expectation
from pmstats.scheme.scheme import Unit

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Truth:
    """For each row or group: does it hold? Where the record is empty nobody knows."""

    holds: Mask
    known: Mask


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class Kept:
    """One expectation beside the records: whom it is asked of, who keeps it, who is unclear.

    The masks are over rows, or over `groups` where the expectation is of groups.
    """

    asked: Mask
    kept: Mask
    unclear: Mask
    groups: tuple[str, ...] = ()

    @property
    def broken(self) -> Mask:
        """Asked of these, and not kept."""
        return self.asked & ~self.kept & ~self.unclear


def kept(cohort: Cohort, expectation: Expectation) -> Kept | None:
    """An expectation beside the records; None where the export lacks a column it is about."""
    people = cohort.people
    if any(name not in people for name in _columns(expectation)):
        return None
    asked = _all(people, expectation.when).holds & _in_table(cohort, expectation.stage)
    if expectation.per:
        return _of_groups(people[asked], expectation)
    found = _all(people, expectation.then)
    return Kept(
        asked=asked,
        kept=asked & found.holds,
        unclear=asked & ~found.holds & ~found.known,
    )


def unkept(cohort: Cohort) -> Iterator[Problem]:
    """A problem for each expectation that rows of the export do not keep, with their numbers.

    What the rule book has a rule for is left to that.
    """
    told = {rule.code for rule in FRAMEWORK} if cohort.scheme.framework_rules else set()
    for expectation in cohort.scheme.expectations:
        found = None if expectation.rule in told else kept(cohort, expectation)
        if found is None or not found.broken.any():
            continue
        of_groups = bool(expectation.per)
        which = "; ".join(broken_groups(found)) if cohort.scheme.unit is not Unit.PERSON else ""
        yield Problem(
            rule=expectation.rule or expectation.name,
            severity=Severity.ERROR if expectation.firm else Severity.WARNING,
            message=f"Not so here: {expectation.sentence}" + (f" ({which})" if which else ""),
            fix="Check the record; if it is right, take the matter up.",
            column=expectation.column if of_groups else expectation.then[0].column,
            rows=() if of_groups else tuple(cohort.people["row"][found.broken].tolist()),
            paragraph=expectation.paragraph,
        )


def broken_groups(found: Kept) -> tuple[str, ...]:
    """The groups that do not keep an expectation of groups."""
    return tuple(n for n, broken in zip(found.groups, found.broken, strict=False) if broken)


def _in_table(cohort: Cohort, stage: str) -> Mask:
    if not stage:
        return np.ones(len(cohort.people), dtype=bool)
    there = standing(cohort, stage=stage, cut_off=quarter_end(cohort, stage))
    return np.asarray(there == Standing.IN_TABLE.code, dtype=bool)


def _columns(expectation: Expectation) -> set[str]:
    named = {*expectation.per, expectation.column}
    for each in (*expectation.when, *expectation.then):
        named |= {each.column, each.not_before, each.after}
    return named - {""}


def _all(people: pd.DataFrame, conditions: tuple[Condition, ...]) -> Truth:
    """Whether every condition holds; known to be false where one is known to be."""
    each = [_one(people, condition) for condition in conditions]
    everywhere = np.ones(len(people), dtype=bool)
    holds = np.logical_and.reduce([everywhere, *(t.holds for t in each)])
    false = np.logical_or.reduce([~everywhere, *(t.known & ~t.holds for t in each)])
    return Truth(holds, holds | false)


def _one(people: pd.DataFrame, condition: Condition) -> Truth:
    column = people[condition.column]
    known = column.notna().to_numpy()
    if condition.filled is not None:
        return Truth(known == condition.filled, np.ones(len(people), dtype=bool))
    if condition.answers:
        return Truth(column.isin(list(condition.answers)).to_numpy(), known)
    if condition.opens or condition.closes:
        inside, days = known.copy(), column.to_numpy()
        if condition.opens:
            inside &= days >= np.datetime64(condition.opens, "s")
        if condition.closes:
            inside &= days <= np.datetime64(condition.closes, "s")
        return Truth(inside, known)
    if condition.not_before:
        other = people[condition.not_before]
        return Truth((column >= other).to_numpy(), known & other.notna().to_numpy())
    if condition.within_months is not None:
        import pandas as pd

        start = people[condition.after]
        limit = start + pd.DateOffset(months=condition.within_months)
        return Truth((column <= limit).to_numpy(), known & start.notna().to_numpy())
    least = -np.inf if condition.least is None else condition.least
    most = np.inf if condition.most is None else condition.most
    return Truth(column.between(least, most).to_numpy(), known)


def _of_groups(people: pd.DataFrame, expectation: Expectation) -> Kept:
    grouped = people.groupby(list(expectation.per), observed=True, sort=True)[expectation.column]
    names, holds = [], []
    for name, values in grouped:
        given = {str(value) for value in values.dropna()}
        parts = name if isinstance(name, tuple) else (name,)
        names.append(", ".join(map(str, parts)))
        enough = len(given) >= (expectation.least or 0)
        not_too_many = expectation.most is None or len(given) <= expectation.most
        holds.append(set(expectation.complete) <= given and enough and not_too_many)
    every = np.ones(len(names), dtype=bool)
    return Kept(
        asked=every,
        kept=np.array(holds, dtype=bool),
        unclear=~every,
        groups=tuple(names),
    )
