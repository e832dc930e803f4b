"""Counts made fit to print: rounded, withheld, and merged where that shows more.

A table is shown at one degree of detail for all its groups, so that they can be compared. A
number under the threshold is withheld, none included; every other number, totals too, is
rounded on its own; percentages come from the rounded numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pmstats.release.released.facts import (
    NOT_RATED,
    RATING,
    Comparison,
    Fact,
    FactKind,
    Where,
    narrowed,
)
from pmstats.release.released.policy import Policy, rounded
from pmstats.release.released.system import whole_percent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pmstats.counts import Distribution
    from pmstats.scheme.release_rules import MergedBox

#: The column of a row's own number of people.
PEOPLE = "n"
#: The table of how many people there are; it is shown or not, with nothing in between.
COVERAGE = "coverage"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class CountRow:
    """The true counts of one group, on their way to be protected; the repr shows none."""

    name: str
    where: Where
    distribution: Distribution
    compared: bool = True

    def count(self, box: MergedBox) -> int:
        """The people of the group in a merged box."""
        return self.distribution.count(*box.ratings)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class CountTable:
    """The true counts of one table; `characteristic` is set when its groups are compared.

    A table with a `section` of its own shows numbers of people only, by no box.
    """

    id: str
    caption: str
    heading: str
    rows: tuple[CountRow, ...]
    paragraph: str = ""
    characteristic: str = ""
    reference: str = ""
    section: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """How much of a table is shown: a degree of detail, and rows held back altogether.

    One step past the last degree only the groups' numbers of people are shown; two past it
    the table is left out.
    """

    step: int
    held: tuple[str, ...] = ()

    def boxes(self, policy: Policy) -> tuple[MergedBox, ...]:
        """The boxes shown; empty past the last degree of detail."""
        return policy.steps[self.step].boxes if self.step < len(policy.steps) else ()

    def left_out(self, policy: Policy) -> bool:
        """Whether nothing of the table is shown."""
        return self.step > len(policy.steps)

    def holding(self, *rows: str) -> View:
        """The view with these rows held back too."""
        return replace(self, held=tuple(sorted({*self.held, *rows})))


def fact_id(table: str, row: str, column: str) -> str:
    """The id of a number by its place."""
    return f"{table}/{row}/{column}"


def percent_of(column: str) -> str:
    """The name of the column that holds a box's percentage."""
    return f"{column}, %"


def protected(table: CountTable, *, view: View, policy: Policy) -> tuple[Fact, ...]:
    """Every number a table prints under a view."""
    if view.left_out(policy):
        return ()
    return tuple(fact for row in table.rows for fact in _row(table, row, view, policy))


def _row(table: CountTable, row: CountRow, view: View, policy: Policy) -> Iterator[Fact]:
    boxes = tuple(name for box in policy.steps[0].boxes for name in box.ratings)
    id = fact_id(table.id, row.name, PEOPLE)
    everyone = narrowed(row.where, **{RATING: boxes})
    people = counted(id, everyone, row.distribution.n, policy)
    if row.name in view.held and people.kind is FactKind.ROUNDED:
        people = replace(people, kind=FactKind.HELD_BACK, value=None)
    yield people
    if people.kind is not FactKind.ROUNDED:
        return
    for box in view.boxes(policy):
        id = fact_id(table.id, row.name, box.name)
        where = narrowed(row.where, **{RATING: box.ratings})
        count = counted(id, where, row.count(box), policy)
        yield count
        if count.kind is FactKind.ROUNDED:
            yield percentage(
                fact_id(table.id, row.name, percent_of(box.name)), count, people, policy
            )


def counted(id: str, where: Where, count: int, policy: Policy) -> Fact:
    """A count as it is printed: rounded, or withheld under the threshold."""
    if count < policy.threshold:
        return Fact(id=id, kind=FactKind.WITHHELD, where=where, threshold=policy.threshold)
    return Fact(
        id=id,
        kind=FactKind.ROUNDED,
        where=where,
        value=rounded(count, base=policy.base),
        base=policy.base,
        threshold=policy.threshold,
    )


def comparison(table: CountTable, *, view: View, policy: Policy) -> Comparison | None:
    """The groups a released verdict compares, the reference first: those large enough.

    None for a table left out, with fewer than two such groups, or without the reference.
    """
    rows = {
        row.name: row
        for row in table.rows
        if row.compared
        and rounded(row.distribution.n, base=policy.base) >= policy.reliable_from
        and row.name not in view.held
        and not view.left_out(policy)
    }
    if not table.characteristic or table.reference not in rows or len(rows) < 2:
        return None
    ordered = [rows.pop(table.reference), *rows.values()]
    return Comparison(
        characteristic=table.characteristic,
        reference=table.reference,
        groups=tuple((row.name, row.where) for row in ordered),
    )


def percentage(id: str, count: Fact, people: Fact, policy: Policy) -> Fact:
    """The whole percentage of two printed counts; no number where too few people carry it."""
    enough = people.value is not None and people.value >= policy.reliable_from
    return Fact(
        id=id,
        kind=FactKind.PERCENT,
        where=count.where,
        value=whole_percent(count.value, people.value) if enough else None,
        of=(count.id, people.id),
    )


def size_fact(where: Where, policy: Policy) -> Fact:
    """What the rounding base says of how many people are in the table; every page names it."""
    below = policy.people_below
    return Fact(
        id=fact_id("size", "department", PEOPLE),
        kind=FactKind.WITHIN,
        where=where,
        low=policy.people_from,
        high=None if below is None else below - 1,
    )


def coverage_facts(people: int, rated: int, where: Where, policy: Policy) -> tuple[Fact, ...]:
    """How many people are in the table, rated and not."""
    boxes = tuple(name for box in policy.steps[0].boxes for name in box.ratings)
    return (
        counted(fact_id(COVERAGE, "In the table", PEOPLE), where, people, policy),
        counted(
            fact_id(COVERAGE, "Rated", PEOPLE), narrowed(where, **{RATING: boxes}), rated, policy
        ),
        counted(
            fact_id(COVERAGE, "Not rated", PEOPLE),
            narrowed(where, **{RATING: (NOT_RATED,)}),
            people - rated,
            policy,
        ),
    )


def ranked_views(table: CountTable, *, policy: Policy) -> tuple[View, ...]:
    """The views of a table, the most telling first, ending with the table left out.

    A degree of detail tells the more the more numbers it prints, in all rows and in the row
    with the fewest; of two that tell as much the coarser comes later.
    """
    steps = range(0 if table.section else len(policy.steps))
    return tuple(
        View(step=step)
        for step in (
            *sorted(steps, key=lambda step: (-_tells(table, step, policy), step)),
            len(policy.steps),
            len(policy.steps) + 1,
        )
    )


def _tells(table: CountTable, step: int, policy: Policy) -> int:
    printed = [
        sum(row.count(box) >= policy.threshold for box in policy.steps[step].boxes)
        for row in table.rows
        if row.compared and row.distribution.n >= policy.threshold
    ]
    return sum(printed) + min(printed, default=0)
