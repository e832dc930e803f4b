"""The quarters in words, with intervals that hold however often they are looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pmstats.findings.methods.intervals import share_interval
from pmstats.findings.methods.trajectory import confidence_sequence
from pmstats.findings.sentences import percent
from pmstats.scheme.words import cited

if TYPE_CHECKING:
    from pmstats.counts.quarters import Quarter, Quarters, Support
    from pmstats.findings.finding import Interval
    from pmstats.scheme import Framing, Scheme
    from pmstats.scheme.process import SupportRules


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarterShare:
    """A share at one quarter: the ordinary interval and the one for repeated looks.

    The second is a confidence sequence, so the quarter may be looked at as often as ratings come
    in; its confidence is shared out over the quarters, so that all of them hold together.
    """

    title: str
    framing: str
    count: int
    n: int
    once: Interval
    repeated: Interval


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class QuarterReadings:
    """Every framing's share at every quarter, and what there is to say of the year."""

    shares: tuple[QuarterShare, ...]
    sentences: tuple[str, ...]

    def __repr__(self) -> str:
        return f"<QuarterReadings: {len(self.shares)} shares>"


def quarter_readings(
    quarters: Quarters, *, scheme: Scheme, support: Support | None = None
) -> QuarterReadings:
    """The shares of each quarter (paras 47-48) and, where given, the support due (paras 56-57)."""
    shares = tuple(
        _share(quarter, framing, scheme, looks=len(quarters.each))
        for framing in scheme.framings
        for quarter in quarters.each
    )
    return QuarterReadings(
        shares=shares,
        sentences=(
            *(_completion(quarter) for quarter in quarters.each),
            *(_support_sentences(support, scheme.support) if support and scheme.support else ()),
        ),
    )


def _share(quarter: Quarter, framing: Framing, scheme: Scheme, *, looks: int) -> QuarterShare:
    confidence = scheme.practice.confidence
    count, n = quarter.distribution.count(*framing.ratings), quarter.distribution.n
    return QuarterShare(
        title=quarter.title,
        framing=framing.name,
        count=count,
        n=n,
        once=share_interval(count, n, confidence=confidence),
        repeated=confidence_sequence(count, n, confidence=1 - (1 - confidence) / looks),
    )


def _completion(quarter: Quarter) -> str:
    rated, due = quarter.distribution.n, quarter.distribution.people
    if not due:
        return f"{quarter.title}: nobody was due a rating (n = 0)."
    return f"{quarter.title}: {rated:,} of {due:,} people are rated ({percent(rated / due)})."


def _support_sentences(support: Support, rules: SupportRules) -> list[str]:
    rating, due = support.rating, cited(rules.due_paragraph)
    measured = cited(f"{rules.single_paragraph}, {rules.measures_paragraph}")
    lines = [
        f"{support.twice:,} people were {rating} in two consecutive quarters; "
        + _recorded(support.with_plan, "a plan, support or a review on record")
        + f" ({due})."
    ]
    if support.unclear:
        lines.append(
            f"For {support.unclear:,} more a quarter without a rating leaves it open whether two "
            f"{rating} quarters were consecutive."
        )
    measures = _recorded(support.with_measures, "formal measures on record")
    excused = f", {support.excused:,} exceptional circumstances" if support.excused else ""
    lines.append(
        f"{support.again:,} people were {rating} again after that; {measures}{excused} ({due})."
    )
    if support.on_measures is not None:
        early = f", {support.early:,} of them with no such run this year" if support.early else ""
        lines.append(
            f"{support.on_measures:,} people are on formal poor-performance measures{early} "
            f"({measured})."
        )
    return lines


def _recorded(count: int | None, words: str) -> str:
    if count is None:
        return "the export does not record what followed"
    return f"{count:,} have {words}"
