"""The expected curve: what chance alone would give is said, and no target ever is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pmstats.counts import Distribution
from pmstats.findings import compare_to_curve
from pmstats.findings.curve import Reading
from pmstats.scheme import Scheme


def rated(*counts: int) -> Distribution:
    """A distribution over the four boxes, best first."""
    boxes = ("Exceeding", "High Performing", "Achieving", "Partially Met")
    return Distribution(ratings=boxes, counts=counts)


def test_nobody_partially_met_of_forty_is_within_chance(scs: Scheme) -> None:
    """At n = 40 a true 5% gives 0 to 5 people, so none is no surprise (binomial, by hand)."""
    curve = compare_to_curve(rated(5, 12, 23, 0), scheme=scs)
    assert curve is not None
    share = curve.shares[0]
    assert (share.range_low, share.range_high) == (0, 5)
    assert share.reading is Reading.WITHIN_CHANCE
    assert curve.unused == ()  # an expected share is asked of this box
    assert "within the 0 to 5 that a true 5.0% gives by chance alone" in share.sentence
    assert share.sentence.endswith("Detectable: from 19.0%.")  # beta(6, 35) at 0.8


@pytest.mark.parametrize(
    ("partially_met", "reading"),
    [
        (3, Reading.FEWER),
        (4, Reading.WITHIN_CHANCE),
        (16, Reading.WITHIN_CHANCE),
        (17, Reading.MORE),
    ],
)
def test_the_range_of_chance_turns_where_the_binomial_says(
    scs: Scheme, partially_met: int, reading: Reading
) -> None:
    """At n = 200 a true 5% gives 4 to 16 people, 95% of the time (R: qbinom(c(.025, .975)))."""
    curve = compare_to_curve(rated(20, 60, 120 - partially_met, partially_met), scheme=scs)
    assert curve is not None
    assert curve.shares[0].reading is reading


def test_real_departments_are_compatible_with_five_per_cent(scs: Scheme) -> None:
    """10 of 257, 10 of 227 and 13 of 225 at DHSC lie within chance (written answer, O'Brien)."""
    for count, n in ((10, 257), (10, 227), (13, 225)):
        curve = compare_to_curve(rated(0, 0, n - count, count), scheme=scs)
        assert curve is not None
        assert curve.shares[0].reading is Reading.WITHIN_CHANCE


def test_a_close_race_for_the_largest_box_cannot_be_told(scs: Scheme) -> None:
    """Ten Achieving beside nine High Performing settles nothing."""
    curve = compare_to_curve(rated(1, 9, 10, 0), scheme=scs)
    assert curve is not None
    assert curve.largest.reading is Reading.CANNOT_TELL


def test_another_largest_box_is_said_plainly(scs: Scheme) -> None:
    """Sixty High Performing beside twenty Achieving is another shape, reported as a fact."""
    curve = compare_to_curve(rated(10, 60, 20, 2), scheme=scs)
    assert curve is not None
    assert curve.largest.reading is Reading.OTHER_BOX
    assert "High Performing is the largest box, not Achieving" in curve.largest.sentence


def test_nobody_rated_gives_no_reading(scs: Scheme) -> None:
    """An empty table has no curve to speak of."""
    assert compare_to_curve(rated(0, 0, 0, 0), scheme=scs) is None


def test_every_reading_says_how_many_people_it_rests_on(scs: Scheme) -> None:
    """No sentence on the curve goes without its n."""
    curve = compare_to_curve(rated(0, 60, 120, 8), scheme=scs)
    assert curve is not None
    assert len(curve.sentences) == 3  # largest box, Partially Met, the unused box
    assert all("188" in sentence for sentence in curve.sentences)


def test_a_guide_is_a_distance_and_a_test(three_box: Scheme) -> None:
    """The Department of Health's 400, 1,217 and 46 of 1,663 beside 25, 65 and 10%: by hand.

    Shares 24.1, 73.2 and 2.8%: 8.2 points more in the middle, so 0.082 apart; 0.9 and 7.2
    points of the cumulative shares, so 0.082 boxes.
    """
    counts = Distribution(ratings=("Exceeded", "Met", "Improvement Needed"), counts=(400, 1217, 46))
    curve = compare_to_curve(counts, scheme=three_box)
    assert curve is not None
    assert curve.guide is not None
    assert curve.guide.total_variation == pytest.approx(1217 / 1663 - 0.65)
    assert curve.guide.earth_mover == pytest.approx(0.25 - 400 / 1663 + 0.10 - 46 / 1663)
    assert curve.guide.test.p_value < 1e-6
    assert "further than chance" in curve.guide.sentence
    assert "n = 1,663" in curve.guide.sentence


def test_without_a_guide_nothing_is_said_of_one(scs: Scheme) -> None:
    """The framework has no share for every box, and none is made up."""
    curve = compare_to_curve(rated(5, 12, 23, 2), scheme=scs)
    assert curve is not None
    assert curve.guide is None


def test_the_range_of_chance_says_how_much_of_chance_it_holds(scs: Scheme) -> None:
    """A scheme that asks for 90% intervals gets a range for 9 times in 10, and the words for it."""
    wider = replace(scs, practice=replace(scs.practice, confidence=0.90))
    counted = Distribution(ratings=scs.rating_names, counts=(24, 60, 106, 10))
    for scheme, said in ((scs, "by chance alone, 19 times in 20."), (wider, "9 times in 10.")):
        found = compare_to_curve(counted, scheme=scheme)
        assert found is not None
        assert said in found.shares[0].sentence
