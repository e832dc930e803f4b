"""What a pack asks and how it worked: questions for discussion, and notes on the methods."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pmstats.findings.calibration import A_GAP, FALSE_PACKS, calibration
from pmstats.findings.curve import Reading
from pmstats.findings.finding import FLAGGED
from pmstats.findings.sentences import listed, percent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pmstats.counts import Coverage
    from pmstats.findings.curve import CurveReading
    from pmstats.findings.disparity import Disparities
    from pmstats.scheme import Scheme


def questions(
    ledger: Coverage, curve: CurveReading | None, disparities: Disparities, *, scheme: Scheme
) -> Iterator[str]:
    """The scheme's neutral questions that the figures give reason to ask."""
    asked = scheme.prompts
    if ledger.unrated:
        yield asked.unrated.format(unrated=f"{ledger.unrated:,}", in_table=f"{ledger.in_table:,}")
    if curve and curve.largest.reading is Reading.OTHER_BOX:
        yield asked.largest_box.format(n=f"{curve.n:,}")
    for share in curve.shares if curve else ():
        if share.reading in (Reading.MORE, Reading.FEWER):
            yield asked.expected_share.format(
                rating=share.rating, expected=percent(share.expected), n=f"{share.n:,}"
            )
    raised = [d for d in disparities.each if d.primary and d.verdict in FLAGGED]
    silent = [d for d in disparities.each if not d.primary and d.breakdown.people]
    for prompt, held in ((asked.gap, raised), (asked.not_compared, silent)):
        if held:
            yield prompt.format(title=listed([each.breakdown.title for each in held]))


def method_notes(
    disparities: Disparities, curve: CurveReading | None, scheme: Scheme
) -> Iterator[str]:
    """How the numbers were made and what they cannot show, sentence by sentence."""
    if disparities.each:
        yield from _comparison_notes(disparities, scheme)
    if curve:
        yield f"Largest box: {curve.largest.method}."
        yield from (f"{each.rating}: {each.method}." for each in curve.shares)
    if disparities.each:
        yield from _limits(scheme)
    else:
        yield from _plain_limits(scheme)


def _comparison_notes(disparities: Disparities, scheme: Scheme) -> Iterator[str]:
    held = disparities.each
    practice = scheme.practice
    primary, exploratory = disparities.comparisons
    expected = practice.significance * (primary + exploratory)
    yield (
        f"This pack makes {primary} primary and {exploratory} exploratory comparisons. If nothing "
        f"differed, chance alone would still bring about {expected:.1f} of them below "
        f"{practice.significance}, taken one at a time; that is why verdicts use adjusted values."
    )
    yield (
        "A primary comparison is one permutation test of the whole scale for each characteristic, "
        "adjusted over the characteristics of the pack (Benjamini and Hochberg 1995). An "
        "exploratory comparison is adjusted within its characteristic (Holm 1979) and is called "
        "a gap only where the primary comparison is one."
    )
    yield (
        "Gap: adjusted evidence of a difference. Possible gap: evidence only when taken alone. "
        f"No material gap: the whole {100 * practice.confidence:.4g}% interval lies within the "
        f"margin ({_margins(scheme)}; {100 * practice.margin_superiority:.4g} points for the "
        f"whole scale, {practice.margin_superiority_source}). Cannot tell: none of these."
    )
    yield _measured()
    used = sorted(
        {
            f"{each.question}: {each.method}; p by {each.p_method}"
            for d in held
            for each in d.findings
        }
    )
    yield from used


def _measured() -> str:
    """How often packs of these methods raise a gap when nothing differs, as measured."""
    false = [each for each in calibration(FALSE_PACKS).figures if each.method == A_GAP]
    shares = ", ".join(
        f"{percent(each.value)} of packs of {each.setting.rpartition(', ')[2]}" for each in false
    )
    return (
        "Measured on simulated departments in which nothing differs, these methods raise a gap in "
        f"{shares} (Monte Carlo error at most {percent(max(each.error for each in false))})."
    )


def _limits(scheme: Scheme) -> Iterator[str]:
    practice = scheme.practice
    yield (
        f"Groups with fewer than {practice.minimum_group} people rated are merged by the scheme's "
        f"coarser groups or not reported ({practice.minimum_group_source}). Ratios are shown from "
        f"{practice.minimum_for_ratio} people in each group ({practice.minimum_for_ratio_source}). "
        f"Breakdowns need {percent(practice.declaration_gate)} declared "
        f"({practice.declaration_gate_source})."
    )
    yield (
        "Limits: the primary comparison takes ratings as they stand. Shares within grade stand "
        "beside the others where there is more than one grade; post and time in post are not "
        "looked at, and each of these may itself be an outcome. People who are not rated or gave "
        "no answer are counted but not compared; nothing is imputed for anybody."
    )


def _plain_limits(scheme: Scheme) -> Iterator[str]:
    """What holds of a pack in which no groups of people are compared."""
    practice, many = scheme.practice, scheme.counted.many
    yield (
        f"Groups with fewer than {practice.minimum_group} {many} are not reported "
        f"({practice.minimum_group_source}). Intervals are at "
        f"{100 * practice.confidence:.4g}%; a share's is Wilson's score interval."
    )
    yield f"Limits: {many} without a rating are counted and not judged; nothing is imputed."


def _margins(scheme: Scheme) -> str:
    own = [
        f"{100 * framing.margin:.4g} points for {framing.name}, {framing.margin_source}"
        for framing in scheme.framings
        if framing.margin is not None
    ]
    practice = scheme.practice
    general = (
        f"{100 * practice.margin_share:.4g} points for a share, {practice.margin_share_source}"
    )
    return "; ".join([general, *own])
