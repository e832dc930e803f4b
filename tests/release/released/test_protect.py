"""The protector: every number on the right side of the threshold, rounded on its own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pmstats.counts import Distribution
from pmstats.release.released.facts import Fact, FactKind, says
from pmstats.release.released.policy import Policy, policy_for
from pmstats.release.released.protect import (
    CountRow,
    CountTable,
    View,
    comparison,
    counted,
    protected,
    ranked_views,
    size_fact,
)
from pmstats.scheme import Scheme


@pytest.fixture(scope="module")
def policy(scs: Scheme) -> Policy:
    """The rules for a department of 180 people."""
    return policy_for(scs, people=180)


def table(scs: Scheme, groups: dict[str, tuple[int, ...]]) -> CountTable:
    """A table of these counts by group, in the scheme's box order."""
    return CountTable(
        id="t",
        caption="Made up",
        heading="Group",
        rows=tuple(
            CountRow(
                name=name,
                where=(("group", (name,)),),
                distribution=Distribution(ratings=scs.rating_names, counts=counts),
            )
            for name, counts in groups.items()
        ),
    )


def printed(facts: tuple[Fact, ...]) -> dict[str, str]:
    """What is printed under each id, without the table's."""
    return {fact.id.removeprefix("t/"): fact.printed for fact in facts}


@pytest.mark.parametrize(
    ("count", "shown"),
    [(0, "[c]"), (1, "[c]"), (9, "[c]"), (10, "10"), (12, "10"), (13, "15"), (17, "15")],
)
def test_the_threshold_and_the_rounding_at_their_boundaries(
    policy: Policy, count: int, shown: str
) -> None:
    """Under 10 nothing is printed, none included; from 10 on the nearest 5 is (10-5 rule)."""
    fact = counted("x", (), count, policy)
    assert fact.printed == shown
    low, high = says(fact)
    assert low <= count <= (high or count)


def test_totals_are_rounded_on_their_own(scs: Scheme, policy: Policy) -> None:
    """12, 12, 12 and 12 are each printed as 10 and their total of 48 as 50, not as 40."""
    facts = protected(table(scs, {"a": (12, 12, 12, 12)}), view=View(step=0), policy=policy)
    shown = printed(facts)
    assert shown["a/n"] == "50"
    assert shown["a/Exceeding"] == shown["a/Partially Met"] == "10"


def test_percentages_come_from_rounded_numbers(scs: Scheme, policy: Policy) -> None:
    """22 of 60 is 37%, but 20 of 60, as both are printed, is 33%: that is what is printed."""
    facts = protected(table(scs, {"a": (22, 14, 12, 12)}), view=View(step=0), policy=policy)
    shown = printed(facts)
    assert (shown["a/n"], shown["a/Exceeding"], shown["a/Exceeding, %"]) == ("60", "20", "33%")


def test_percentages_of_few_people_are_not_given(scs: Scheme, policy: Policy) -> None:
    """Of 22 people, printed as 20, there is no percentage; of 23, printed as 25, there is."""
    facts = protected(
        table(scs, {"a": (12, 10, 0, 0), "b": (13, 10, 0, 0)}), view=View(step=0), policy=policy
    )
    shown = printed(facts)
    assert shown["a/Exceeding, %"] == "[u]"
    assert shown["b/Exceeding, %"] == "60%"


def test_verdicts_are_of_groups_printed_as_25_or_more(scs: Scheme, policy: Policy) -> None:
    """A group of 23, printed as 25, is compared; one of 22, printed as 20, is not."""
    groups = {"a": (40, 50, 60, 12), "b": (3, 8, 12, 0), "c": (3, 8, 11, 0)}
    made = replace(table(scs, groups), characteristic="group", reference="a")
    found = comparison(made, view=View(step=0), policy=policy)
    assert found is not None
    assert [name for name, _ in found.groups] == ["a", "b"]


def test_a_group_under_the_threshold_has_one_fact(scs: Scheme, policy: Policy) -> None:
    """Of a group of 9 nothing is said but that it is withheld."""
    (fact,) = protected(table(scs, {"a": (3, 3, 2, 1)}), view=View(step=0), policy=policy)
    assert fact.kind is FactKind.WITHHELD


def test_a_row_held_back_looks_like_one_withheld(scs: Scheme, policy: Policy) -> None:
    """A reader cannot see from the sign which rows are small and which protect them."""
    made = table(scs, {"a": (30, 30, 30, 30), "b": (3, 3, 2, 1)})
    facts = protected(made, view=View(step=0, held=("a",)), policy=policy)
    assert set(printed(facts).values()) == {"[c]"}


def test_merging_comes_before_withholding(scs: Scheme, policy: Policy) -> None:
    """Where the top two boxes are small apart and not together, they are shown together."""
    made = table(scs, {"a": (40, 50, 60, 12), "b": (6, 8, 12, 2)})
    best = ranked_views(made, policy=policy)[0]
    assert [box.name for box in best.boxes(policy)] == [
        "Exceeding or High Performing",
        "Achieving",
        "Partially Met",
    ]
    assert ranked_views(made, policy=policy)[-1].left_out(policy)


@pytest.mark.parametrize(("people", "least", "most"), [(90, 0, 99), (180, 100, None)])
def test_the_base_says_how_large_a_department_is(
    scs: Scheme, people: int, least: int, most: int | None
) -> None:
    """A department rounded to 10 has under 100 people, and the audit is told so."""
    size = size_fact((), policy_for(scs, people=people))
    assert says(size) == (least, most)
