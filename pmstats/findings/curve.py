"""The distribution beside the expected curve (paras 18, 78-82, 86-87; Annex D 2).

The framework expects two things of the curve: Achieving is the largest box, and roughly 5%
are Partially Met. Both describe; neither is a target. Nothing here says how many people
would have to be rated otherwise, and nothing may be added that does (para 79).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from pmstats.findings.methods.exact import binomial_range, binomial_test
from pmstats.findings.methods.goodness import (
    earth_mover,
    goodness_of_fit,
    most_used,
    total_variation,
)
from pmstats.findings.methods.intervals import share_interval
from pmstats.findings.methods.power import detectable_lead, detectable_shares
from pmstats.findings.sentences import (
    detectable_from,
    in_points,
    percent,
    signed,
    signed_points,
    times,
)

if TYPE_CHECKING:
    from pmstats.counts import Distribution
    from pmstats.findings.finding import Interval, TestResult
    from pmstats.scheme import Scheme


class Reading(StrEnum):
    """How a distribution stands to what the framework expects."""

    AS_EXPECTED = "as expected"
    WITHIN_CHANCE = "within the range of chance"
    MORE = "more than chance allows"
    FEWER = "fewer than chance allows"
    OTHER_BOX = "another box is the largest"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedShareReading:
    """One box beside the share expected of it, and the counts a true share would give.

    `detectable` are the true shares that would be found: up to the first, from the second.
    """

    rating: str
    expected: float
    count: int
    n: int
    interval: Interval
    range_low: int
    range_high: int
    detectable: tuple[float | None, float | None]
    p_value: float
    reading: Reading
    method: str
    paragraph: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LargestBoxReading:
    """Whether the box expected to be the largest is so, as far as n people can tell.

    `lead` is its share less that of the fullest of the other boxes. Its interval is wider than
    that of one comparison, so that it holds as often as others do whichever box comes second.
    `detectable` is the smallest lead over that box which would be found.
    """

    expected: str
    largest: tuple[str, ...]
    lead: Interval
    detectable: float | None
    reading: Reading
    method: str
    paragraph: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GuideReading:
    """A whole distribution beside the scheme's guide, box by box, where it has one.

    Two distances, 0 where both are alike: total variation (0 to 1), and the earth mover's in
    boxes along the scale. Neither is a number of people to rate otherwise.
    """

    total_variation: float
    earth_mover: float
    test: TestResult
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveReading:
    """The whole comparison with the curve; `unused` names empty boxes of no expected share."""

    n: int
    largest: LargestBoxReading
    shares: tuple[ExpectedShareReading, ...]
    unused: tuple[str, ...]
    guide: GuideReading | None = None

    @property
    def sentences(self) -> tuple[str, ...]:
        """Every reading in words, the unused boxes last."""
        unused = tuple(
            f"{name} was not used (n = {self.n:,}). This is a fact, not a fault: "
            "the framework asks for no share in it."
            for name in self.unused
        )
        guide = (self.guide.sentence,) if self.guide else ()
        return (self.largest.sentence, *(each.sentence for each in self.shares), *guide, *unused)


def compare_to_curve(distribution: Distribution, *, scheme: Scheme) -> CurveReading | None:
    """The distribution beside the scheme's curve; None without a curve or anyone rated."""
    if scheme.curve is None or not distribution.n:
        return None
    return CurveReading(
        n=distribution.n,
        largest=_largest(distribution, scheme.curve.largest, scheme),
        shares=tuple(
            _expected_share(distribution, each.rating, each.share, each.paragraph, scheme)
            for each in scheme.curve.shares
        ),
        unused=tuple(
            rating
            for rating, count in zip(distribution.ratings, distribution.counts, strict=True)
            if not count and rating not in {each.rating for each in scheme.curve.shares}
        ),
        guide=_guide(distribution, scheme.curve.guide, scheme) if scheme.curve.guide else None,
    )


def _guide(distribution: Distribution, guide: tuple[float, ...], scheme: Scheme) -> GuideReading:
    test = goodness_of_fit(distribution.counts, guide)
    far, along = (
        total_variation(distribution.counts, guide),
        earth_mover(distribution.counts, guide),
    )
    chance = (
        "further than chance alone would often give"
        if test.p_value <= scheme.practice.significance
        else "no further than chance alone gives"
    )
    shares = ", ".join(
        f"{name} {percent(share)}" for name, share in zip(distribution.ratings, guide, strict=True)
    )
    return GuideReading(
        total_variation=far,
        earth_mover=along,
        test=test,
        sentence=(
            f"Beside the guide ({shares}) the {distribution.n:,} people rated lie {chance} "
            f"(n = {distribution.n:,}; distance {far:.2f} of 1 by total variation, {along:.2f} "
            "boxes along the scale)."
        ),
    )


def _expected_share(
    distribution: Distribution, rating: str, expected: float, paragraph: str, scheme: Scheme
) -> ExpectedShareReading:
    count, n = distribution.count(rating), distribution.n
    interval = share_interval(count, n, confidence=scheme.practice.confidence)
    low, high = binomial_range(n, share=expected, coverage=scheme.practice.confidence)
    below, above = detectable_shares(n, low, high, power=scheme.practice.power)
    test = binomial_test(count, n, share=expected)
    if count > high:
        reading = Reading.MORE
    elif count < low:
        reading = Reading.FEWER
    else:
        reading = Reading.WITHIN_CHANCE
    stands = {Reading.MORE: "above", Reading.FEWER: "below"}.get(reading, "within")
    return ExpectedShareReading(
        rating=rating,
        expected=expected,
        count=count,
        n=n,
        interval=interval,
        range_low=low,
        range_high=high,
        detectable=(below, above),
        p_value=test.p_value,
        reading=reading,
        method=f"{test.method}; {interval.method}",
        paragraph=paragraph,
        sentence=(
            f"{rating}: {count:,} of the {n:,} people rated, {percent(count / n)} "
            f"({100 * interval.confidence:.4g}% interval {percent(interval.low)} to "
            f"{percent(interval.high)}). That is {stands} the {low:,} to {high:,} that a true "
            f"{percent(expected)} gives by chance alone, {times(scheme.practice.confidence)}. "
            f"{detectable_from(above, below=below)}"
        ),
    )


def _largest(distribution: Distribution, expected: str, scheme: Scheme) -> LargestBoxReading:
    top = max(distribution.counts)
    largest = tuple(
        rating
        for rating, count in zip(distribution.ratings, distribution.counts, strict=True)
        if count == top
    )
    rival = max(
        (rating for rating in distribution.ratings if rating != expected),
        key=distribution.count,
    )
    answer, lead = most_used(
        distribution.counts,
        distribution.ratings.index(expected),
        confidence=scheme.practice.confidence,
    )
    if answer:
        reading, words = Reading.AS_EXPECTED, f"{expected} is the largest box, as expected"
    elif answer is False:
        reading, words = Reading.OTHER_BOX, f"{rival} is the largest box, not {expected}"
    else:
        reading = Reading.CANNOT_TELL
        first = " and ".join(largest)
        words = f"The largest box is {first}, but too narrowly to tell it from chance"
    assert scheme.curve is not None
    counts = distribution.count(expected), distribution.count(rival)
    smallest = detectable_lead(
        sum(counts),
        distribution.n,
        significance=1 - lead.confidence,
        power=scheme.practice.power,
    )
    return LargestBoxReading(
        expected=expected,
        largest=largest,
        lead=lead,
        detectable=smallest,
        reading=reading,
        method=(
            f"{lead.method} on the two largest boxes, at {100 * lead.confidence:.4g}% for each of "
            f"{len(distribution.ratings) - 1} other boxes: so the interval holds "
            f"{100 * scheme.practice.confidence:.4g}% of the time whichever box comes second"
        ),
        paragraph=scheme.curve.paragraph,
        sentence=(
            f"{words}: {'it' if answer else expected} holds {counts[0]:,} and "
            f"{rival} {counts[1]:,} of the {distribution.n:,} people rated, "
            f"{signed_points(lead.value)} ({100 * scheme.practice.confidence:.4g}% interval "
            f"{signed(lead.low)} to {signed_points(lead.high)}). "
            f"{detectable_from(smallest, shown=in_points)}"
        ),
    )
