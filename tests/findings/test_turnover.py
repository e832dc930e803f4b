"""What was flagged at one point in time, and what became of it at the next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from pmstats.counts import Breakdown, Distribution
from pmstats.findings import compare_to_curve, disparities, follow_up
from pmstats.findings.finding import Verdict
from pmstats.scheme import Scheme

#: Counts best box first: a typical department, one with many Partially Met, one with none.
TYPICAL, MANY, NONE = (24, 60, 106, 10), (24, 60, 86, 30), (24, 60, 116, 0)
ALIKE, LOWER = (30, 60, 100, 10), (2, 20, 138, 40)

BySex = Callable[[tuple[int, ...], tuple[int, ...]], Breakdown]


@pytest.fixture
def by_sex(broken_down: Callable[..., Breakdown]) -> BySex:
    """Makes the ratings of women and men, best box first."""
    return lambda women, men: broken_down({"Female": ("women", women), "Male": ("men", men)})


@pytest.mark.parametrize(
    ("was", "now", "entry", "again"),
    [
        (ALIKE, LOWER, True, False),
        (LOWER, LOWER, True, True),
        (LOWER, ALIKE, False, False),
    ],
)
def test_a_gap_is_for_next_year_and_one_that_was_there_before_says_so(
    scs: Scheme, was: tuple[int, ...], now: tuple[int, ...], entry: bool, again: bool, by_sex: BySex
) -> None:
    """R44: an entry where a gap is there now; a gap that closed is told and is no entry."""
    before, after = (disparities([by_sex(each, ALIKE)], scheme=scs) for each in (was, now))
    found = follow_up(before, after)
    (each,) = found.each
    assert each.for_next_year is entry
    assert each.sentence.endswith("then and now.") is again
    assert found.sentences == ((f"{each.sentence} {each.asked}",) if entry else ())
    assert (each.before == "gap") is (was is LOWER)


def test_a_possible_gap_is_for_next_year_too(scs: Scheme, by_sex: BySex) -> None:
    """p = 0.03 alone, more than 0.05 beside a second characteristic: asked about all the same."""
    sex = by_sex((21, 51, 109, 19), ALIKE)
    other = replace(by_sex(ALIKE, ALIKE), characteristic="other", title="Other")
    found = disparities([sex, other], scheme=scs)
    assert found["sex"].verdict is Verdict.POSSIBLE_GAP
    assert [each.for_next_year for each in follow_up(found, found).each] == [True, False]


@pytest.mark.parametrize(
    ("was", "now", "reading", "entry", "again"),
    [
        (TYPICAL, TYPICAL, "within the range of chance", False, True),
        (TYPICAL, MANY, "more than chance allows", True, False),
        (NONE, NONE, "fewer than chance allows", True, True),
    ],
)
def test_a_share_away_from_the_curve_twice_running_persists(
    scs: Scheme,
    was: tuple[int, ...],
    now: tuple[int, ...],
    reading: str,
    entry: bool,
    again: bool,
    by_sex: BySex,
) -> None:
    """R50: of 200 people 4 to 17 Partially Met are chance around 5%; 0 and 30 are not.

    The limits are the 2.5% and 97.5% points of the binomial law.
    """
    alike = disparities([by_sex(ALIKE, ALIKE)], scheme=scs)
    curves = [
        compare_to_curve(Distribution(ratings=scs.best_first, counts=each), scheme=scs)
        for each in (was, now)
    ]
    share = follow_up(alike, alike, curves=(curves[0], curves[1])).each[-1]
    assert (share.title, share.after) == ("Partially Met near 5%", reading)
    assert share.for_next_year is entry
    assert share.sentence.endswith("then and now.") is again
