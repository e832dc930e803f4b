"""What the first page of a pack says of the year: one line for each part, with its n and limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pmstats.findings.finding import Verdict
from pmstats.findings.panels import PanelReading
from pmstats.findings.sentences import percent
from pmstats.findings.unit_readings import Position
from pmstats.release.restricted.bundle import Headline

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pmstats.findings.disparity import Disparities, Disparity
    from pmstats.findings.panels import Panels
    from pmstats.findings.turnover import ChangeReadings
    from pmstats.findings.unit_readings import UnitReadings

FLAGGED = (Verdict.GAP, Verdict.POSSIBLE_GAP)


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
            f"None of {len(compared)} comparisons shows a gap (groups of {min(sizes):,} to "
            f"{max(sizes):,} people); the section says what each could have shown."
        )
    else:
        words = "No two groups are large enough to compare (n below the minimum)."
    return Headline(question=question, answer=verdict_of(found), sentence=words, section=section)


def panels_alike(panels: Panels) -> Iterator[Headline]:
    """Whether a panel lowered more than the others; nothing where there are no others."""
    if len(panels.severity) < 2:
        return
    more = sum(each.reading is PanelReading.MORE for each in panels.severity)
    sizes = [each.movement.n for each in panels.severity]
    yield Headline(
        question="Did panels moderate alike?",
        answer=f"{more or 'none'} of {len(panels.severity)} lowered more",
        sentence=f"{panels.sentences[0]} Panels have {min(sizes):,} to {max(sizes):,} people.",
        section="moderation",
    )


def since_midyear(why: ChangeReadings) -> Headline:
    """What changed since the middle of the year in the first framing, given who is there."""
    first = why.each[0]
    low, high = (f"{100 * limit:+.1f}" for limit in (first.rates.low, first.rates.high))
    return Headline(
        question="What changed since mid-year?",
        answer=f"{first.framing}: {100 * first.split.difference:+.1f} points",
        sentence=(
            f"{first.framing}: {percent(first.share_before)} then (n = {first.n_before:,}) and "
            f"{percent(first.share_after)} now (n = {first.n_after:,}). For people alike in "
            f"{first.by.lower()} the difference is {100 * first.rates.value:+.1f} points "
            f"({100 * first.rates.confidence:.4g}% interval {low} to {high})."
        ),
        section="since-mid-year",
    )


def units_alike(readings: Sequence[UnitReadings]) -> Headline:
    """Whether business units lie within the range of chance, over every framing."""
    units = max(len(each.each) for each in readings)
    beyond = _beyond(readings)
    sizes = [unit.n for each in readings for unit in each.each]
    people = f" of {min(sizes):,} to {max(sizes):,} people" if sizes else ""
    names = " or in ".join(each.framing for each in readings)
    return Headline(
        question="Are business units within the range of chance?",
        answer=f"{beyond or 'none'} of {units} beyond it",
        sentence=(
            f"Of {units} business units{people} {beyond or 'none'} "
            f"{'lie' if beyond > 1 else 'lies'} beyond what chance gives 499 times in 500 at "
            f"that size, in {names}."
        ),
        section="units",
    )


def _beyond(readings: Iterable[UnitReadings]) -> int:
    outside = (Position.ABOVE, Position.BELOW)
    named = (unit.unit for each in readings for unit in each.each if unit.position in outside)
    return len(set(named))
