"""Differential movement: silent about one rule for all, and loud about two."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from pmstats.counts import Breakdown
from pmstats.counts.movement import Movement, MovementBreakdown
from pmstats.findings.conditional import Conditional, conditional_disparities
from pmstats.findings.differential import LOWERED, RAISED, differential_movements
from pmstats.findings.finding import Verdict
from pmstats.findings.methods.reconcile import compare_within
from pmstats.findings.methods.stratified import Stratum, mantel_haenszel_difference
from pmstats.scheme import Scheme

Matrix = tuple[tuple[int, ...], ...]
BySex = Callable[[Matrix, Matrix], MovementBreakdown]


@pytest.fixture
def by_sex(scs: Scheme, broken_down: Callable[..., Breakdown]) -> BySex:
    """Makes the movement of women and men, boxes best first."""

    def made(women: Matrix, men: Matrix) -> MovementBreakdown:
        moved = {
            name: Movement(start="recommended", end="local", ratings=scs.best_first, table=table)
            for name, table in (("Female", women), ("Male", men))
        }
        groups = broken_down(
            {
                name: (people, moved[name].before)
                for name, people in (("Female", "women"), ("Male", "men"))
            }
        )
        return MovementBreakdown(groups=groups, rows=tuple(moved.items()))

    return made


def matrix(before: tuple[int, ...], lowered: tuple[int, ...]) -> Matrix:
    """A matrix in which so many of each starting box fall by one box."""
    return tuple(
        tuple(
            before[row] - lowered[row] if column == row else lowered[row] * (column == row + 1)
            for column in range(4)
        )
        for row in range(4)
    )


def test_one_rule_for_all_is_no_difference_however_groups_start(scs: Scheme, by_sex: BySex) -> None:
    """Every tenth person of every box falls: groups that start apart still moved alike.

    The unconditional shares lowered differ (9.0% of women, 5.5% of men) only because half of
    the men start in the lowest box, from which nobody can fall.
    """
    women = matrix((40, 80, 60, 20), (4, 8, 6, 0))
    men = matrix((10, 20, 80, 90), (1, 2, 8, 0))
    found = differential_movements([by_sex(women, men)], scheme=scs)["sex"].primary
    assert found is not None
    assert found.effect is not None
    assert found.effect.value == pytest.approx(0.0)
    assert found.share_group == pytest.approx(0.1)
    assert found.p_value == pytest.approx(1.0)
    assert found.verdict not in (Verdict.GAP, Verdict.POSSIBLE_GAP)


def test_one_rule_for_groups_that_start_apart_is_flagged_in_at_most_one_seed_of_twenty(
    scs: Scheme, by_sex: BySex
) -> None:
    """The test is exact given the starts: of 400 made-up departments at most 5% have p under 0.05.

    130 men start typically and 20 women lower; whoever it is, a tenth of each box falls by one.
    `python -m benchmarks.moderation` measures whole packs with 2,000 seeds.
    """
    starts = (0.18, 0.34, 0.45, 0.03), (0.06, 0.22, 0.60, 0.12)
    flagged = 0
    for seed in range(400):
        random = np.random.default_rng((20_250_402, seed))
        men, women = (
            matrix(tuple(before), (*random.binomial(before[:3], 0.1), 0))
            for before in (random.multinomial(130, starts[0]), random.multinomial(20, starts[1]))
        )
        found = differential_movements([by_sex(women, men)], scheme=scs)["sex"].primary
        assert found is not None
        flagged += found.p_value is not None and found.p_value <= 0.05
    assert flagged <= 20


def test_a_group_lowered_more_from_the_same_box_is_found(scs: Scheme, by_sex: BySex) -> None:
    """A quarter against a tenth of each box, from the same start, is a gap of 15 points."""
    before = (40, 80, 80, 20)
    women = matrix(before, (10, 20, 20, 0))
    men = matrix(before, (4, 8, 8, 0))
    found = differential_movements([by_sex(women, men)], scheme=scs)["sex"].primary
    assert found is not None
    assert found.question == LOWERED
    assert found.verdict is Verdict.GAP
    assert found.effect is not None
    assert found.effect.value == pytest.approx(0.15)
    assert "25.0% of women (n = 200) and 10.0% of men (n = 200)" in found.sentence


def test_raising_is_no_gap_where_the_whole_scale_shows_none(scs: Scheme, by_sex: BySex) -> None:
    """Of women as many rise as fall, men stay: who rose explores, and finds no gap alone."""
    nobody = (0, 0, 0, 0)
    women = (nobody, nobody, (0, 15, 70, 15), nobody)
    men = (nobody, nobody, (0, 0, 100, 0), nobody)
    found = differential_movements([by_sex(women, men)], scheme=scs)["sex"]
    (raised,) = found.exploratory
    assert raised.question == RAISED
    assert raised.p_value is not None
    assert raised.p_value < 0.001
    assert raised.verdict is Verdict.POSSIBLE_GAP


def test_the_clearest_of_several_groups_pays_for_the_others(
    scs: Scheme, broken_down: Callable[..., Breakdown]
) -> None:
    """With two groups beside the comparator the smaller p counts twice (Bonferroni)."""
    paid = {"A": (10, 100), "B": (25, 100), "C": (12, 100)}
    boxes = (0, 0, 100, 0)
    groups = broken_down(
        {name: (name, boxes) for name in paid},
        characteristic="age",
        title="Age",
        level="3 bands",
        reference="A",
    )
    asked = Conditional(
        groups=groups,
        n=dict.fromkeys(paid, 100),
        counts={"Paid": {name: (each,) for name, each in paid.items()}},
    )
    found = conditional_disparities([asked], scheme=scs, margin=0.1, paragraph="71")["age"]
    alone = [compare_within(asked.strata("Paid", name))[1].p_value for name in "BC"]
    assert found.primary is not None
    assert found.primary.group == "B"
    assert found.primary.p_value == pytest.approx(2 * min(alone))
    assert found.primary.effect is not None
    assert found.primary.effect.confidence == pytest.approx(0.975)


def test_people_who_cannot_fall_are_not_counted_as_having_stayed(
    scs: Scheme, by_sex: BySex
) -> None:
    """Those who start in the worst box are in no share lowered, nor in its n."""
    women = matrix((5, 5, 5, 85), (1, 1, 1, 0))
    men = matrix((5, 5, 5, 0), (1, 1, 1, 0))
    found = differential_movements([by_sex(women, men)], scheme=scs)["sex"].primary
    assert found is not None
    assert (found.n_group, found.n_comparator) == (15, 15)
    assert found.share_group == found.share_comparator == pytest.approx(0.2)


def test_groups_too_small_are_not_compared(scs: Scheme, by_sex: BySex) -> None:
    """With four women rated at both stages there is a reason in place of a finding."""
    women = matrix((1, 1, 1, 1), (1, 0, 0, 0))
    men = matrix((10, 20, 30, 5), (1, 2, 3, 0))
    found = differential_movements([by_sex(women, men)], scheme=scs)["sex"]
    assert found.primary is None
    assert "Too few people" in found.reason


def test_the_interval_covers_where_changes_are_rare() -> None:
    """One in twenty lowered, alike in both groups: 95% intervals hold the truth 93% or more.

    300 departments drawn with a fixed seed; the standard error of the coverage is 1.3%.
    """
    random = np.random.default_rng(9)
    sizes = ((6, 25), (15, 60), (25, 110))
    held = sum(
        0.0
        in mantel_haenszel_difference(
            [
                Stratum(
                    count_group=int(random.binomial(n, 0.05)),
                    n_group=n,
                    count_comparator=int(random.binomial(m, 0.05)),
                    n_comparator=m,
                )
                for n, m in sizes
            ]
        )
        for _ in range(300)
    )
    assert held >= 0.93 * 300
