"""Whether moderation moved groups differently from the same starting box (paras 79-82).

One identical rule moves groups that start in different boxes by different amounts, so
everything here is conditional on the starting box. As among ratings, one primary test per
characteristic is adjusted over the pack and everything else explores it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import isnan, nan, sqrt
from typing import TYPE_CHECKING

from pmstats.findings.disparity import Disparities, Disparity
from pmstats.findings.finding import Finding, Interval, TestResult, Verdict
from pmstats.findings.intervals import wilson_limits
from pmstats.findings.moderation import differential_movement
from pmstats.findings.multiplicity import benjamini_hochberg, holm
from pmstats.findings.power import detectable_difference
from pmstats.findings.sentences import framing_sentence, percent
from pmstats.findings.stratified import Stratum, stratified_permutation_test
from pmstats.findings.verdict import verdict

if TYPE_CHECKING:
    from pmstats.counts.movement import Movement, MovementBreakdown
    from pmstats.scheme import Scheme

LOWERED = "Lowered, from the same starting box"
RAISED = "Raised, from the same starting box"

Pair = tuple[str, "Movement", "Movement"]


def differential_movements(
    breakdowns: Iterable[MovementBreakdown], *, scheme: Scheme
) -> Disparities:
    """For each characteristic, whether its groups moved alike from the same starting box.

    The primary test is the stratified exact test of the whole scale, the effect beside it the
    difference in the share lowered at the same mix of starting boxes. Groups with fewer people
    rated at both stages than the scheme's minimum are left out.
    """
    asked = tuple(breakdowns)
    reasons = [_why_not(each, scheme) for each in asked]
    compared = [each for each, reason in zip(asked, reasons, strict=True) if not reason]
    tests = [_primary_tests(each, scheme) for each in compared]
    adjusted = benjamini_hochberg([_least(results) for results in tests])
    done = {
        each.groups.characteristic: _compare(each, results, adjusted_p, scheme)
        for each, results, adjusted_p in zip(compared, tests, adjusted, strict=True)
    }
    return Disparities(
        each=tuple(
            Disparity(breakdown=each.groups, reason=reason)
            if reason
            else done[each.groups.characteristic]
            for each, reason in zip(asked, reasons, strict=True)
        )
    )


def stratified_difference(strata: Iterable[Stratum], *, confidence: float = 0.95) -> Interval:
    """The difference of shares pooled over strata, with Wilson limits in each (Newcombe 1998).

    Mantel-Haenszel weights; each stratum's Wilson limits add in squares, so that strata where
    nobody is in the box still widen the interval, unlike Sato's variance, which is then 0.

    >>> both_nobody = [Stratum(count_group=0, n_group=20, count_comparator=0, n_comparator=20)]
    >>> interval = stratified_difference(both_nobody)
    >>> round(interval.low, 2), round(interval.high, 2)
    (-0.16, 0.16)
    """
    method = "difference within strata, Mantel-Haenszel weights, Wilson limits (Newcombe)"
    used = [each for each in strata if each.informative]
    if not used:
        return Interval(value=nan, low=-1.0, high=1.0, method=method, confidence=confidence)
    weights = [s.n_group * s.n_comparator / (s.n_group + s.n_comparator) for s in used]
    value = down = up = 0.0
    for stratum, weight in zip(used, weights, strict=True):
        part = weight / sum(weights)
        share = stratum.count_group / stratum.n_group
        other = stratum.count_comparator / stratum.n_comparator
        low, high = wilson_limits(stratum.count_group, stratum.n_group, confidence)
        least, most = wilson_limits(stratum.count_comparator, stratum.n_comparator, confidence)
        value += part * (share - other)
        down += part**2 * ((share - low) ** 2 + (most - other) ** 2)
        up += part**2 * ((high - share) ** 2 + (other - least) ** 2)
    return Interval(
        value=value,
        low=max(-1.0, value - sqrt(down)),
        high=min(1.0, value + sqrt(up)),
        method=method,
        confidence=confidence,
    )


def _why_not(each: MovementBreakdown, scheme: Scheme) -> str:
    practice, groups = scheme.practice, each.groups
    if not groups.people:
        return "There is nobody in the table."
    if groups.declaration_rate < practice.declaration_gate:
        return (
            f"Not broken down: {percent(groups.declaration_rate)} of {groups.people:,} people "
            f"have a usable answer, below the {percent(practice.declaration_gate)} this check "
            f"asks for ({practice.declaration_gate_source})."
        )
    if each[groups.reference].n < practice.minimum_group or not _pairs(each, scheme):
        return (
            "Too few people to report: fewer than two groups, the comparator among them, have "
            f"{practice.minimum_group} or more people rated at both stages."
        )
    return ""


def _pairs(each: MovementBreakdown, scheme: Scheme) -> list[Pair]:
    """The groups that can be compared: name, the group's movement, the comparator's."""
    comparator = each[each.groups.reference]
    return [
        (row.name, each[row.name], comparator)
        for row in each.groups.others
        if each[row.name].n >= scheme.practice.minimum_group
    ]


def _primary_tests(each: MovementBreakdown, scheme: Scheme) -> list[TestResult]:
    return [
        differential_movement(group.worst_first, comparator.worst_first)
        for _, group, comparator in _pairs(each, scheme)
    ]


def _least(results: Sequence[TestResult]) -> float:
    """The smallest p of the pairs, corrected for their number (Bonferroni)."""
    known = [test.p_value for test in results if not isnan(test.p_value)]
    return min(1.0, len(known) * min(known)) if known else nan


def _compare(
    each: MovementBreakdown, tests: Sequence[TestResult], adjusted_p: float, scheme: Scheme
) -> Disparity:
    pairs = _pairs(each, scheme)
    confidence = 1 - (1 - scheme.practice.confidence) / len(pairs)
    order = [1.0 if isnan(test.p_value) else test.p_value for test in tests]
    clearest = order.index(min(order))
    lowered = _finding(each, pairs[clearest], LOWERED, confidence=confidence, scheme=scheme)
    primary = _judged(
        replace(
            lowered, p_value=_least(tests), p_method=_method(tests[clearest], pairs), primary=True
        ),
        adjusted_p=adjusted_p,
        each=each,
        scheme=scheme,
    )
    explored = [
        _finding(each, pair, question, confidence=scheme.practice.confidence, scheme=scheme)
        for pair in pairs
        for question in (LOWERED, RAISED)
    ]
    within = holm([nan if f.p_value is None else f.p_value for f in explored])
    return Disparity(
        breakdown=each.groups,
        primary=primary,
        exploratory=tuple(
            _judged(finding, adjusted_p=max(own, adjusted_p), each=each, scheme=scheme)
            for finding, own in zip(explored, within, strict=True)
        ),
    )


def _method(test: TestResult, pairs: Sequence[Pair]) -> str:
    return test.method if len(pairs) == 1 else f"{test.method}, least of {len(pairs)} (Bonferroni)"


def _finding(
    each: MovementBreakdown, pair: Pair, question: str, *, confidence: float, scheme: Scheme
) -> Finding:
    """One comparison of the share lowered or raised, of those who could be."""
    name, group, comparator = pair
    strata = _strata(group, comparator, question)
    effect = stratified_difference(strata, confidence=confidence)
    test = stratified_permutation_test(
        [
            (
                (s.n_group - s.count_group, s.count_group),
                (s.n_comparator - s.count_comparator, s.count_comparator),
            )
            for s in strata
        ]
    )
    n_group = sum(s.n_group for s in strata)
    n_comparator = sum(s.n_comparator for s in strata)
    shares = _same_mix(strata)
    return Finding(
        characteristic=each.groups.characteristic,
        question=question,
        group=name,
        comparator=each.groups.reference,
        n_group=n_group,
        n_comparator=n_comparator,
        verdict=Verdict.CANNOT_TELL,
        method=effect.method,
        paragraph="79, 81",
        sentence="",
        share_group=shares[0],
        share_comparator=shares[1],
        effect=effect,
        detectable=None
        if isnan(shares[1])
        else detectable_difference(
            n_group,
            n_comparator,
            share_comparator=shares[1],
            significance=scheme.practice.significance,
            power=scheme.practice.power,
        ),
        p_value=test.p_value,
        p_method=test.method,
    )


def _strata(group: Movement, comparator: Movement, question: str) -> list[Stratum]:
    """One stratum per starting box from which there is somewhere to go."""
    down = question == LOWERED
    last = len(group.ratings) - 1
    return [
        Stratum(
            count_group=sum(own[place + 1 :] if down else own[:place]),
            n_group=sum(own),
            count_comparator=sum(other[place + 1 :] if down else other[:place]),
            n_comparator=sum(other),
        )
        for place, (own, other) in enumerate(zip(group.table, comparator.table, strict=True))
        if place != (last if down else 0)
    ]


def _same_mix(strata: Sequence[Stratum]) -> tuple[float, float]:
    """Both shares at the mix of starting boxes at which their difference is the effect."""
    used = [s for s in strata if s.informative]
    weights = [s.n_group * s.n_comparator / (s.n_group + s.n_comparator) for s in used]
    if not used:
        return nan, nan
    total = sum(weights)
    pairs = list(zip(used, weights, strict=True))
    return (
        sum(w * s.count_group / s.n_group for s, w in pairs) / total,
        sum(w * s.count_comparator / s.n_comparator for s, w in pairs) / total,
    )


def _judged(
    finding: Finding, *, adjusted_p: float, each: MovementBreakdown, scheme: Scheme
) -> Finding:
    """The finding with its verdict and its sentence."""
    assert finding.effect is not None
    assert scheme.moderation is not None
    p_value = nan if finding.p_value is None else finding.p_value
    margin = scheme.moderation.margin
    answer = verdict(
        p_value=p_value,
        adjusted_p=adjusted_p,
        interval=finding.effect,
        null=0.0,
        margin=margin,
        significance=scheme.practice.significance,
    )
    judged = replace(
        finding,
        verdict=answer,
        adjusted_p=None if isnan(adjusted_p) else adjusted_p,
        margin=margin,
    )
    if isnan(finding.effect.value):
        nobody = f"{finding.question}: no starting box holds people of both groups."
        return replace(judged, sentence=nobody, brief=nobody)
    people = {row.name: row.people for row in each.groups.declared}
    sentence = framing_sentence(judged, people=people, margin=margin)
    return replace(judged, sentence=sentence, brief=sentence.split(". ")[0] + ".")
