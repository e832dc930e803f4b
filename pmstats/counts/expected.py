"""How often what a framework expects of its records is so, expectation by expectation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pmstats.cohort.expected import broken_groups, kept
from pmstats.scheme.scheme import Unit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pmstats.cohort.cohort import Cohort
    from pmstats.scheme.expectations import Expectation


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """One expectation counted: of how many it is asked, and by how many it is kept.

    `unclear` counts those whose record is empty. `named` are the groups that do not keep it,
    where groups are organisations and not people. An expectation whose columns are not held is
    not `held` and counts nothing.
    """

    name: str
    sentence: str
    paragraph: str
    firm: bool
    held: bool
    asked: int = 0
    kept: int = 0
    unclear: int = 0
    named: tuple[str, ...] = ()

    @property
    def broken(self) -> int:
        """Asked of these, and known not to be kept."""
        return self.asked - self.kept - self.unclear


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Expectations:
    """Every expectation of a scheme, counted, in its order."""

    each: tuple[Expected, ...]

    def __getitem__(self, name: str) -> Expected:
        return {each.name: each for each in self.each}[name]

    def __repr__(self) -> str:
        return f"<Expectations: {len(self.each)}>"


def expectations(cohort: Cohort, *, stage: str = "") -> Expectations:
    """Each of the scheme's expectations beside the records of this cohort.

    With a `stage`, those that are due by then.
    """
    scheme = cohort.scheme
    order = ["", *(each.name for each in scheme.stages)]
    last = order.index(stage) if stage else len(order)
    due = [each for each in scheme.expectations if order.index(each.stage) <= last]
    return Expectations(each=tuple(_expected(cohort, each) for each in due))


def _expected(cohort: Cohort, expectation: Expectation) -> Expected:
    found = kept(cohort, expectation)
    if found is None:
        return _blank(expectation, held=False)
    counts = np.ones(len(found.asked), dtype=np.int64)
    if not expectation.per:
        counts = cohort.people["count"].to_numpy()
    return Expected(
        name=expectation.name,
        sentence=expectation.sentence,
        paragraph=expectation.paragraph,
        firm=expectation.firm,
        held=True,
        asked=_sum(counts, found.asked),
        kept=_sum(counts, found.kept),
        unclear=_sum(counts, found.unclear),
        named=() if cohort.scheme.unit is Unit.PERSON else broken_groups(found),
    )


def _blank(expectation: Expectation, *, held: bool) -> Expected:
    return Expected(
        name=expectation.name,
        sentence=expectation.sentence,
        paragraph=expectation.paragraph,
        firm=expectation.firm,
        held=held,
    )


def _sum(counts: NDArray[np.int64], mask: NDArray[np.bool_]) -> int:
    return int(counts[mask].sum())
