"""Panels beside each other: who lowers more than the rest, and whether all fit too well.

Panels are small, so each one's share is shown as the others make it likely (empirical Bayes).
Whether it stands apart is decided by an exact test of the panel against all others from the
same starting boxes, adjusted for the number of panels (Holm).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isnan, nan
from typing import TYPE_CHECKING

import numpy as np

from pmstats.findings.finding import TestResult
from pmstats.findings.methods.exact import TIE, binomial_probabilities
from pmstats.findings.methods.goodness import too_good_fit
from pmstats.findings.methods.multiplicity import holm
from pmstats.findings.methods.power import detectable_difference
from pmstats.findings.methods.sampling import sampled
from pmstats.findings.methods.shrinkage import shrunken_shares
from pmstats.findings.methods.stratified import stratified_permutation_test
from pmstats.findings.methods.tables import Counts, drawn_tables, without_empty
from pmstats.findings.sentences import percent
from pmstats.findings.steps import nearest_count
from pmstats.scheme.words import cited

if TYPE_CHECKING:
    from pmstats.counts.movement import Movement, Movements
    from pmstats.findings.finding import Interval
    from pmstats.scheme import Scheme
    from pmstats.scheme.scheme import ExpectedShare, Practice


class PanelReading(StrEnum):
    """How often a panel lowers ratings beside all panels together."""

    MORE = "lowers more than the others"
    FEWER = "lowers fewer than the others"
    WITHIN_CHANCE = "within the range of chance"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelSeverity:
    """One panel's share lowered, of those who could be, shrunk towards all panels' share.

    `adjusted_p` is of the panel against the others, from the same starting boxes.
    """

    panel: str
    movement: Movement
    lowered: Interval
    adjusted_p: float
    reading: PanelReading


@dataclass(frozen=True, slots=True, kw_only=True)
class GuideFit:
    """How many panels hold exactly the number nearest to an expected share, before and after.

    `p_after` is the chance of at least so many panels hitting it if the share were true.
    """

    rating: str
    expected: float
    panels: int
    exact_before: int
    exact_after: int
    p_after: float


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Panels:
    """All panels of one step: severity, how alike they ended, and how they sit at the guide.

    `too_good` asks whether all ended closer to the scheme's guide than chance allows, where it
    has one. `small` counts the panels with fewer people than the scheme's smallest panel (R42).
    `detectable` is the difference in share lowered that the largest panel would show.
    """

    severity: tuple[PanelSeverity, ...]
    detectable: float | None
    too_alike: TestResult
    guide: tuple[GuideFit, ...]
    too_good: TestResult | None
    small: int
    sentences: tuple[str, ...]

    def __repr__(self) -> str:
        return f"<Panels: {len(self.severity)}>"


def panel_readings(movements: Movements, *, scheme: Scheme) -> Panels:
    """What moderation did in each panel, beside the others (paras 79, 84; R41, R42)."""
    assert scheme.moderation is not None
    rows = tuple(movements.rows)
    at_risk = sum(each.could_be_lowered for _, each in rows)
    pooled = sum(each.lowered for _, each in rows) / at_risk if at_risk else nan
    severity = _severity(rows, pooled, scheme)
    alike = too_alike([each.after for _, each in rows])
    guide = tuple(
        _guide_fit([each for _, each in rows], expected)
        for expected in (scheme.curve.shares if scheme.curve else ())
    )
    too_good = (
        too_good_fit([each.after for _, each in rows], scheme.curve.guide)
        if scheme.curve and scheme.curve.guide
        else None
    )
    small = sum(0 < each.n < scheme.moderation.smallest_panel for _, each in rows)
    return Panels(
        severity=severity,
        detectable=_detectable(
            [each.could_be_lowered for _, each in rows], pooled, scheme.practice
        ),
        too_alike=alike,
        guide=guide,
        too_good=too_good,
        small=small,
        sentences=(
            _severity_sentence(severity, pooled),
            *_fit_sentences(alike, guide, scheme),
            *_too_good_sentences(too_good, scheme),
            *([_small_sentence(small, scheme)] if small else []),
        ),
    )


def too_alike(panels: Sequence[Sequence[int]]) -> TestResult:
    """Whether panels' distributions are more alike than if people were dealt to them at random.

    The deviance from the pooled distribution; p is the share of deals, all margins kept, with
    as little or less. Panels that fill a quota of each box come out more alike than chance.
    """
    table = without_empty(panels)
    if min(table.shape, default=0) < 2:
        return TestResult(p_value=nan, method="nothing to test: one panel or one box")
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    expected = np.outer(rows, columns) / rows.sum()

    def deviance(tables: np.ndarray) -> np.ndarray:
        ratio = np.where(tables > 0, tables, 1) / expected
        return np.asarray(2 * np.where(tables > 0, tables * np.log(ratio), 0.0).sum(axis=(1, 2)))

    observed = float(deviance(table[np.newaxis])[0])
    limit = observed * (1 + TIE) + TIE
    found = sampled(
        lambda draws, generator: deviance(drawn_tables(rows, columns, draws, generator)) <= limit
    )
    dealt = f"{found.draws:,} deals of the people"
    return TestResult(
        p_value=found.p_value,
        statistic=observed,
        method=f"deviance between {len(table)} panels, lower tail, {dealt}",
        simulation_error=found.error,
    )


def _severity(
    rows: Sequence[tuple[str, Movement]], pooled: float, scheme: Scheme
) -> tuple[PanelSeverity, ...]:
    practice = scheme.practice
    used = [(name, each) for name, each in rows if each.could_be_lowered]
    counts = [(each.lowered, each.could_be_lowered - each.lowered) for _, each in used]
    if not used:
        return ()
    shrunk = shrunken_shares(counts, confidence=practice.confidence)
    panels = [_by_start(each) for _, each in used]
    everyone = np.sum(panels, axis=0)
    tests = [stratified_permutation_test(_beside_others(each, everyone)) for each in panels]
    adjusted = holm([test.p_value for test in tests])
    return tuple(
        PanelSeverity(
            panel=name,
            movement=each,
            lowered=shares[0],
            adjusted_p=p,
            reading=_reading(each.lowered / each.could_be_lowered - pooled, p, practice),
        )
        for (name, each), shares, p in zip(used, shrunk.shares, adjusted, strict=True)
    )


def _detectable(at_risk: Sequence[int], pooled: float, practice: Practice) -> float | None:
    """What the largest panel would show beside all others, at the strictest level of Holm's."""
    used = [n for n in at_risk if n]
    if len(used) < 2:
        return None
    return detectable_difference(
        max(used),
        sum(used) - max(used),
        share_comparator=pooled,
        significance=practice.significance / len(used),
        power=practice.power,
    )


def _by_start(movement: Movement) -> Counts:
    """For each starting box but the worst: people who stayed or rose, and people lowered."""
    rows = movement.table[:-1]
    lowered = [sum(row[place + 1 :]) for place, row in enumerate(rows)]
    return np.array([(sum(row) - down, down) for row, down in zip(rows, lowered, strict=True)])


def _beside_others(panel: Counts, everyone: Counts) -> list[Counts]:
    """A table of two rows, the panel and all others, for each starting box."""
    return [np.array([own, total - own]) for own, total in zip(panel, everyone, strict=True)]


def _reading(excess: float, adjusted_p: float, practice: Practice) -> PanelReading:
    if isnan(adjusted_p):
        return PanelReading.CANNOT_TELL
    if adjusted_p > practice.significance:
        return PanelReading.WITHIN_CHANCE
    return PanelReading.MORE if excess > 0 else PanelReading.FEWER


def _guide_fit(panels: Sequence[Movement], expected: ExpectedShare) -> GuideFit:
    used = [each for each in panels if each.n]
    place = used[0].ratings.index(expected.rating) if used else 0
    nearest = [nearest_count(each.n, expected.share) for each in used]
    hits = np.ones(1)
    for each, count in zip(used, nearest, strict=True):
        chance = float(binomial_probabilities(each.n, expected.share)[count])
        hits = np.convolve(hits, (1 - chance, chance))
    before = sum(m.before[place] == count for m, count in zip(used, nearest, strict=True))
    after = sum(m.after[place] == count for m, count in zip(used, nearest, strict=True))
    return GuideFit(
        rating=expected.rating,
        expected=expected.share,
        panels=len(used),
        exact_before=before,
        exact_after=after,
        p_after=min(1.0, float(hits[after:].sum())),
    )


def _severity_sentence(severity: Sequence[PanelSeverity], pooled: float) -> str:
    if not severity:
        return "The export names no panel in which anybody could be lowered."
    together = _panels(len(severity))
    if all(each.reading is PanelReading.CANNOT_TELL for each in severity):
        return (
            f"{together} lowered {percent(pooled)} of the ratings they could lower: there is "
            "nothing to set panels apart by."
        )
    more = sum(each.reading is PanelReading.MORE for each in severity)
    return (
        f"{together} lowered {percent(pooled)} of the ratings they could lower; "
        f"{more or 'none'} of them lowered more than the others, from the same starting boxes, by "
        "more than chance allows."
    )


def _fit_sentences(alike: TestResult, guide: Sequence[GuideFit], scheme: Scheme) -> list[str]:
    limit = scheme.practice.significance
    lines = []
    if alike.p_value <= limit:
        lines.append(
            "After moderation the panels' distributions are more alike than chance allows. Panels "
            f"may wish to say whether ratings were fitted to an expected shape{_fitting(scheme)}."
        )
    lines += [
        f"{each.exact_after} of {_panels(each.panels)} ended with exactly the number nearest to "
        f"{100 * each.expected:.4g}% {each.rating}, {each.exact_before} of them before moderation: "
        f"more than chance allows{_fitting(scheme)}."
        for each in guide
        if each.p_after <= limit
    ]
    return lines


def _too_good_sentences(too_good: TestResult | None, scheme: Scheme) -> list[str]:
    if too_good is None or not too_good.p_value <= scheme.practice.significance:
        return []
    return [
        "After moderation the panels together lie closer to the guide than chance allows. Panels "
        f"may wish to say whether ratings were fitted to an expected shape{_fitting(scheme)}."
    ]


def _fitting(scheme: Scheme) -> str:
    """Where the framework asks that ratings are not changed to fit its curve."""
    known = scheme.curve and scheme.curve.fitting_paragraph
    return f" ({cited(known)})" if known else ""


def _small_sentence(small: int, scheme: Scheme) -> str:
    assert scheme.moderation is not None
    return (
        f"{_panels(small)} had fewer than {scheme.moderation.smallest_panel} people: consider "
        f"whether to moderate with others ({cited(scheme.moderation.small_panel_paragraph)})."
    )


def _panels(count: int) -> str:
    return f"{count:,} panel" + ("" if count == 1 else "s")
