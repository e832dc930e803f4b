"""What the first page of a pack says of the year: one line for each part, with its n and limit."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

from pmstats.findings.finding import FLAGGED, Verdict
from pmstats.findings.panels import PanelReading
from pmstats.findings.sentences import detectable_from, in_points, percent, signed, signed_points
from pmstats.findings.unit_readings import Position
from pmstats.release.restricted.bundle import Headline

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pmstats.findings.disparity import Disparities, Disparity
    from pmstats.findings.finding import Finding
    from pmstats.findings.panels import Panels
    from pmstats.findings.turnover import ChangeReadings
    from pmstats.findings.unit_readings import UnitReadings


def flagged(found: Disparities) -> list[Disparity]:
    """The characteristics with a gap, else those with a possible one."""
    for verdict in FLAGGED:
        if held := [each for each in found.each if each.verdict is verdict]:
            return held
    return []


def in_words(each: Disparity, *, brief: bool = False) -> str:
    """The primary comparison of a characteristic under its title; empty where there is none."""
    if each.primary is None:
        return ""
    said = each.primary.brief if brief else each.primary.sentence
    return f"{each.breakdown.title}: {said[:1].lower()}{said[1:]}"


def verdict_of(found: Disparities) -> str:
    """One word for a set of comparisons: the gravest verdict, and what is not known before all."""
    held = [each.verdict for each in found.each if each.primary]
    if not held:
        return "not compared"
    order = (*FLAGGED, Verdict.CANNOT_TELL, Verdict.NO_MATERIAL_GAP)
    return next(verdict for verdict in order if verdict in held).value


def alike(found: Disparities, *, question: str, section: str) -> Headline:
    """Whether groups fared alike given something else: what stands out, or that nothing does."""
    compared = [each.primary for each in found.each if each.primary]
    raised = flagged(found)
    if raised:
        words = " ".join(in_words(each, brief=True) for each in raised)
    elif compared:
        sizes = [n for each in compared for n in (each.n_group, each.n_comparator)]
        words = (
            f"No gap in {len(compared)} comparison{'' if len(compared) == 1 else 's'} (groups of "
            f"{min(sizes):,} to {max(sizes):,} people): {_spans(compared)}"
        )
    else:
        words = "No two groups are large enough to compare (n below the minimum)."
    return Headline(question=question, answer=verdict_of(found), sentence=words, section=section)


def _spans(compared: Sequence[Finding]) -> str:
    """Over what the effects of comparisons range, their intervals, and what each could show."""
    effects = [each.effect for each in compared if each.effect and not isnan(each.effect.value)]
    if not effects:
        return "none holds people alike enough to compare."
    values = [each.value for each in effects]
    low, high = min(each.low for each in effects), max(each.high for each in effects)
    seen = [each.detectable for each in compared if each.detectable is not None]
    return (
        f"differences are {signed(min(values))} to {signed_points(max(values))}, intervals "
        f"within {signed(low)} to {signed(high)}. {_least(seen)}"
    )


def _least(seen: Sequence[float]) -> str:
    """From which size on comparisons would show a difference: the one that sees most, and least."""
    if not seen or len({in_points(each) for each in seen}) == 1:
        return detectable_from(min(seen, default=None), shown=in_points)
    return f"Detectable: from {in_points(min(seen))} in one, {100 * max(seen):.1f} in another."


def panels_alike(panels: Panels) -> Iterator[Headline]:
    """Whether a panel lowered more than the others; nothing where there are no others."""
    if len(panels.severity) < 2:
        return
    more = sum(each.reading is PanelReading.MORE for each in panels.severity)
    sizes = [each.movement.could_be_lowered for each in panels.severity]
    held = [each.lowered for each in panels.severity if not isnan(each.lowered.value)]
    shares = (
        f"; given the others their shares are {_span([each.value for each in held])} (intervals "
        f"within {_span([limit for each in held for limit in (each.low, each.high)])})"
        if held
        else ""
    )
    yield Headline(
        question="Did panels moderate alike?",
        answer=f"{more or 'none'} of {len(panels.severity)} lowered more",
        sentence=(
            f"{panels.sentences[0]} Panels could lower {min(sizes):,} to {max(sizes):,} people "
            f"each{shares}. "
            f"{detectable_from(panels.detectable, shown=in_points)}"
        ),
        section="moderation",
    )


def since_midyear(why: ChangeReadings) -> Headline:
    """What changed since the middle of the year in the first framing, given who is there."""
    first = why.each[0]
    way = f"{first.framing}: {'higher' if first.rates.value > 0 else 'lower'}"
    unmoved = {
        Verdict.CANNOT_TELL: Verdict.CANNOT_TELL.value,
        Verdict.NO_MATERIAL_GAP: "no material change",
    }
    low, high = map(signed, (first.rates.low, first.rates.high))
    return Headline(
        question="What changed since mid-year?",
        answer=unmoved.get(first.verdict, way),
        sentence=(
            f"{first.framing}: {percent(first.share_before)} then (n = {first.n_before:,}) and "
            f"{percent(first.share_after)} now (n = {first.n_after:,}). For people alike in "
            f"{first.by.lower()} the difference is {signed_points(first.rates.value)} "
            f"({100 * first.rates.confidence:.4g}% interval {low} to {high}). "
            f"{detectable_from(first.detectable, shown=in_points)}"
        ),
        section="since-mid-year",
    )


def units_alike(readings: Sequence[UnitReadings]) -> Headline:
    """Whether business units lie within the range of chance, over every framing."""
    units = max(len(each.each) for each in readings)
    beyond = _beyond(readings)
    sizes = [unit.n for each in readings for unit in each.each]
    people = f" of {min(sizes):,} to {max(sizes):,} people" if sizes else ""
    return Headline(
        question="Are business units within the range of chance?",
        answer=f"{beyond or 'none'} of {units} beyond it",
        sentence=(
            f"Of {units} business units{people} {beyond or 'none'} "
            f"{'lie' if beyond > 1 else 'lies'} beyond what chance gives 499 times in 500 at "
            f"that size. {' '.join(_in_framing(each) for each in readings if each.each)}"
        ),
        section="units",
    )


def _in_framing(found: UnitReadings) -> str:
    """The shares of units, the limits of chance at the smallest size, and what lies beyond them."""
    smallest = min(found.each, key=lambda unit: unit.n)
    below, above = smallest.detectable
    return (
        f"{found.framing}: {_span([unit.share for unit in found.each])} (in the smallest by "
        f"chance {_span(smallest.outer)}). {detectable_from(above, below=below)}"
    )


def _span(shares: Sequence[float]) -> str:
    return f"{percent(min(shares))} to {percent(max(shares))}"


def _beyond(readings: Iterable[UnitReadings]) -> int:
    outside = (Position.ABOVE, Position.BELOW)
    named = (unit.unit for each in readings for unit in each.each if unit.position in outside)
    return len(set(named))
