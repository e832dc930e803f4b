"""Why a share changed between two points in time: other people, or other ratings of like people.

Kitagawa's split (1955) by grade, unit and characteristic in turn. The interval for the second
part treats the two times as different people; where many are the same it is wider than need be.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pmstats.findings.curve import Reading
from pmstats.findings.finding import Verdict
from pmstats.findings.methods.power import detectable_difference
from pmstats.findings.methods.stratified import Stratum, mantel_haenszel_difference
from pmstats.findings.methods.trajectory import kitagawa
from pmstats.findings.methods.verdict import verdict
from pmstats.findings.sentences import percent, points, signed

if TYPE_CHECKING:
    from pmstats.counts.turnover import Mix, Turnover
    from pmstats.findings.curve import CurveReading, ExpectedShareReading, LargestBoxReading
    from pmstats.findings.disparity import Disparities
    from pmstats.findings.finding import Interval
    from pmstats.findings.methods.trajectory import Decomposition
    from pmstats.scheme import Framing, Scheme

    _OfCurve = ExpectedShareReading | LargestBoxReading


#: What is asked of entries for the next year (paragraphs 81, 82; 18, 87).
OF_STANDARDS = (
    "For the next expectation-setting meeting: were the standards understood and applied alike "
    "(paragraphs 81, 82)?"
)
OF_PROCESS = (
    "For the next expectation-setting meeting: is the process at the start of the year understood "
    "(paragraphs 18, 87)?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareChange:
    """The change in one share, split by one column; `rates` is an interval for the re-rating.

    The verdict is on `rates`, a gap being a change; `detectable` is the smallest that would show,
    the two points in time taken as different people.
    """

    framing: str
    by: str
    n_before: int
    n_after: int
    share_before: float
    share_after: float
    split: Decomposition
    rates: Interval
    detectable: float | None
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ChangeReadings:
    """Every framing's change split by every column, and what there is to say."""

    titles: tuple[str, str]
    each: tuple[ShareChange, ...]
    sentences: tuple[str, ...]

    def __repr__(self) -> str:
        return f"<ChangeReadings: {self.titles[0]} to {self.titles[1]}>"


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """What was said of one matter at two points in time.

    `for_next_year` when it is, at the later one, a gap or possible gap, or away from the curve;
    `asked` is then what to ask of it.
    """

    title: str
    before: str
    after: str
    sentence: str
    for_next_year: bool
    asked: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class FollowUps:
    """What was flagged at the first point, and what became of it (R44, R50)."""

    each: tuple[FollowUp, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        """The entries for the next expectation-setting meeting, each question asked once."""
        entries = [each for each in self.each if each.for_next_year]
        return tuple(
            " ".join((*(each.sentence for each in entries if each.asked == asked), asked))
            for asked in dict.fromkeys(each.asked for each in entries)
        )

    def __repr__(self) -> str:
        return f"<FollowUps: {len(self.each)} matters>"


def change_readings(turnover: Turnover, *, scheme: Scheme) -> ChangeReadings:
    """The change of every framing's share, split by each column both tables hold."""
    each = tuple(
        _share_change(mix, framing, scheme) for framing in scheme.framings for mix in turnover.mixes
    )
    return ChangeReadings(
        titles=turnover.titles,
        each=each,
        sentences=(
            _turnover(turnover),
            *(_moved(turnover, framing, each) for framing in scheme.framings),
        ),
    )


def follow_up(
    before: Disparities,
    after: Disparities,
    *,
    curves: tuple[CurveReading | None, CurveReading | None] = (None, None),
) -> FollowUps:
    """What was said at two points in time: of each characteristic, then of the curve where given.

    What stands out at the later point is an entry for the next expectation-setting meeting
    (paragraphs 82, 87): never a change to this year's ratings.
    """
    earlier = {each.breakdown.characteristic: each.verdict for each in before.each}
    found = []
    for each in after.each:
        was = earlier.get(each.breakdown.characteristic, Verdict.TOO_FEW)
        flagged = each.verdict in (Verdict.GAP, Verdict.POSSIBLE_GAP)
        found.append(
            FollowUp(
                title=each.breakdown.title,
                before=was.value,
                after=each.verdict.value,
                sentence=_then_and_now(each.breakdown.title, was.value, each.verdict.value),
                for_next_year=flagged,
                asked=OF_STANDARDS if flagged else "",
            )
        )
    return FollowUps(each=(*found, *_curve_follow_ups(*curves)))


def _curve_follow_ups(
    before: CurveReading | None, after: CurveReading | None
) -> Iterator[FollowUp]:
    """The readings of the curve at both points; one away from it twice running persists (R50)."""
    if before is None or after is None:
        return
    readings: list[tuple[str, _OfCurve, _OfCurve]] = [
        (f"{after.largest.expected}, the largest box", before.largest, after.largest)
    ]
    pairs = zip(before.shares, after.shares, strict=True)
    readings += [(f"{now.rating} near {100 * now.expected:.4g}%", was, now) for was, now in pairs]
    for title, was, now in readings:
        away = now.reading in (Reading.MORE, Reading.FEWER, Reading.OTHER_BOX)
        yield FollowUp(
            title=title,
            before=was.reading.value,
            after=now.reading.value,
            sentence=_then_and_now(title, was.reading.value, now.reading.value),
            for_next_year=away,
            asked=OF_PROCESS if away else "",
        )


def _then_and_now(title: str, was: str, now: str) -> str:
    return f"{title}: {now}, then and now." if was == now else f"{title}: {was}, then {now}."


def _share_change(mix: Mix, framing: Framing, scheme: Scheme) -> ShareChange:
    boxes = framing.ratings
    rows = [
        (after.count(*boxes), after.n, before.count(*boxes), before.n)
        for _, before, after in mix.rows
    ]
    now, people, then, people_before = zip(*rows, strict=True) if rows else ((), (), (), ())
    strata = [
        Stratum(count_group=a, n_group=n, count_comparator=b, n_comparator=m) for a, n, b, m in rows
    ]
    n_after, n_before = sum(people), sum(people_before)
    practice = scheme.practice
    share_before = sum(then) / n_before if n_before else float("nan")
    rates = mantel_haenszel_difference(strata, confidence=practice.confidence)
    return ShareChange(
        framing=framing.name,
        by=mix.heading,
        n_before=n_before,
        n_after=n_after,
        share_before=share_before,
        share_after=sum(now) / n_after if n_after else float("nan"),
        split=kitagawa(now, people, then, people_before),
        rates=rates,
        detectable=detectable_difference(
            n_after,
            n_before,
            share_comparator=share_before,
            significance=practice.significance,
            power=practice.power,
        ),
        verdict=verdict(
            p_value=float("nan"),
            adjusted_p=float("nan"),
            interval=rates,
            null=0.0,
            margin=practice.margin_share if framing.margin is None else framing.margin,
            significance=practice.significance,
        ),
    )


def _turnover(turnover: Turnover) -> str:
    stayed = turnover.after.people - turnover.joined.people
    return (
        f"Of {turnover.before.people:,} people counted then, {stayed:,} are counted now; "
        f"{turnover.left.people:,} are not, and {turnover.joined.people:,} are new. Of "
        f"{turnover.stayed.n:,} rated both times, {turnover.stayed.raised:,} are rated higher now "
        f"and {turnover.stayed.lowered:,} lower."
    )


def _moved(turnover: Turnover, framing: Framing, each: tuple[ShareChange, ...]) -> str:
    before, after = turnover.before, turnover.after
    if not before.n or not after.n:
        return f"{framing.name}: nobody is rated at one of the two points (n = 0)."
    was = before.count(*framing.ratings) / before.n
    now = after.count(*framing.ratings) / after.n
    apart = points(now - was)
    change = f"{apart} {'higher' if now > was else 'lower'}" if now != was else "no change"
    return (
        f"{framing.name}: {percent(was)} then (n = {before.n:,}) and {percent(now)} now "
        f"(n = {after.n:,}): {change}.{_of_that(framing, each)}"
    )


def _of_that(framing: Framing, each: tuple[ShareChange, ...]) -> str:
    """What part of a change other people make, over the columns it is split by."""
    parts = [one.split.composition for one in each if one.framing == framing.name]
    if not parts:
        return ""
    least, most = (signed(part) for part in (min(parts), max(parts)))
    span = f"{least} points" if least == most else f"between {least} and {most} points"
    return (
        f" A different mix of people accounts for {span} of that, whichever of {len(parts)} things "
        "on record the mix is taken by; the rest is that people alike are rated otherwise."
    )
