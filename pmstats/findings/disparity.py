"""Differences in ratings between the groups of each characteristic (paras 3d, 81-83, 88).

One primary test per characteristic, on the whole scale, adjusted over the characteristics
of the pack (Benjamini and Hochberg, 1995). Everything else is exploratory and can be called
a gap only where its characteristic's primary test is one: the pack's chance of a false
alarm stays that of the primary family.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pmstats.findings.finding import WHOLE_SCALE, Finding, Interval, TestResult, Verdict
from pmstats.findings.methods.flips import flips_with
from pmstats.findings.methods.intervals import ratio_interval
from pmstats.findings.methods.multiplicity import benjamini_hochberg, holm
from pmstats.findings.methods.permutation import permutation_test
from pmstats.findings.methods.power import detectable_difference, detectable_superiority
from pmstats.findings.methods.reconcile import compare_scales, compare_shares
from pmstats.findings.methods.verdict import verdict
from pmstats.findings.sensitivity import EveryoneElse, Sensitivity, everyone_else, sensitivity
from pmstats.findings.sentences import (
    framing_sentence,
    percent,
    whole_scale_brief,
    whole_scale_sentence,
)

if TYPE_CHECKING:
    from pmstats.counts import Breakdown, GroupRow
    from pmstats.scheme import Framing, Scheme

#: In larger groups no handful of people decides a comparison, and counting them takes long.
FLIPS_UP_TO = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Disparity:
    """All comparisons for one characteristic; `reason` says why there is none.

    `primary` answers for the whole characteristic; `exploratory` holds each other group's
    whole-scale comparison (where there are more than two groups) and both framings;
    `sensitivities` say what people without an answer could change. `everyone_else` holds each
    group beside all the others together, where there are more than two.
    """

    breakdown: Breakdown
    primary: Finding | None = None
    exploratory: tuple[Finding, ...] = ()
    sensitivities: tuple[Sensitivity, ...] = ()
    everyone_else: tuple[EveryoneElse, ...] = ()
    reason: str = ""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The primary finding and the exploratory ones after it; empty when not compared."""
        return (self.primary, *self.exploratory) if self.primary else ()

    @property
    def verdict(self) -> Verdict:
        """The verdict on the characteristic as a whole."""
        return self.primary.verdict if self.primary else Verdict.TOO_FEW


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Disparities:
    """The comparisons of every characteristic of a pack, adjusted together.

    Index by a characteristic's name for its own: `found["sex"]`.
    """

    each: tuple[Disparity, ...]

    def __getitem__(self, characteristic: str) -> Disparity:
        for disparity in self.each:
            if disparity.breakdown.characteristic == characteristic:
                return disparity
        raise KeyError(characteristic)

    @property
    def comparisons(self) -> tuple[int, int]:
        """How many primary and how many exploratory comparisons were made."""
        held = [disparity for disparity in self.each if disparity.primary]
        return len(held), sum(len(disparity.exploratory) for disparity in held)

    def __repr__(self) -> str:
        return f"<Disparities: {len(self.each)} characteristics>"


def disparities(breakdowns: Iterable[Breakdown], *, scheme: Scheme) -> Disparities:
    """The comparisons for every characteristic, adjusted together, in the order given.

    Groups below the scheme's minimum are left out; a characteristic below its declaration
    gate, or with fewer than two groups of reportable size, is not compared and says why.
    """
    asked = tuple(breakdowns)
    tests = primary_tests(asked, scheme=scheme)
    return Disparities(
        each=tuple(
            _compare(each, *tests[each.characteristic], scheme)
            if each.characteristic in tests
            else Disparity(breakdown=each, reason=_why_not(each, scheme))
            for each in asked
        )
    )


def primary_tests(
    breakdowns: Iterable[Breakdown], *, scheme: Scheme
) -> dict[str, tuple[TestResult, float]]:
    """The whole-scale test of each characteristic that is compared, and its adjusted p."""
    compared = [each for each in breakdowns if not _why_not(each, scheme)]
    tests = [
        permutation_test([_worst_first(row, scheme) for row in _reportable(each, scheme)])
        for each in compared
    ]
    adjusted = benjamini_hochberg([test.p_value for test in tests])
    return {
        each.characteristic: (test, adjusted_p)
        for each, test, adjusted_p in zip(compared, tests, adjusted, strict=True)
    }


def why_not(each: Breakdown, compared: Sequence[str], *, scheme: Scheme, of: str) -> str:
    """Why a characteristic is not compared; empty when it is.

    `compared` are its groups with the scheme's minimum, `of` what that is a minimum of.
    """
    practice = scheme.practice
    if not each.people:
        return "There is nobody in the table."
    if each.declaration_rate < practice.declaration_gate:
        return (
            f"Not broken down: {percent(each.declaration_rate)} of {each.people:,} people have a "
            f"usable answer, below the {percent(practice.declaration_gate)} this check asks for "
            f"({practice.declaration_gate_source})."
        )
    if len(compared) < 2 or each.reference not in compared:
        return (
            "Too few people to report: fewer than two groups, the comparator among them, have "
            f"{practice.minimum_group} or more {of}."
        )
    return ""


def _why_not(each: Breakdown, scheme: Scheme) -> str:
    compared = [row.name for row in _reportable(each, scheme)]
    return why_not(each, compared, scheme=scheme, of="people rated")


def _reportable(each: Breakdown, scheme: Scheme) -> list[GroupRow]:
    minimum = scheme.practice.minimum_group
    return [row for row in each.declared if row.distribution.n >= minimum]


def _worst_first(row: GroupRow, scheme: Scheme) -> tuple[int, ...]:
    return tuple(row.distribution.count(rating) for rating in scheme.worst_first)


def _compare(each: Breakdown, test: TestResult, adjusted_p: float, scheme: Scheme) -> Disparity:
    comparator = each.comparator
    others = [row for row in _reportable(each, scheme) if row is not comparator]
    pairs = len(others)
    confidence = scheme.practice.confidence
    known = test if pairs == 1 else None  # that of all the groups is that of the only two
    whole = [_whole_scale(each, row, comparator, scheme, confidence, test=known) for row in others]
    widest, row = max(
        zip(whole, others, strict=True), key=lambda pair: abs(_effect(pair[0]).value - 0.5)
    )
    if pairs > 1:  # Bonferroni over the pairs, since the widest of them is the one put forward
        widest = _whole_scale(each, row, comparator, scheme, 1 - (1 - confidence) / pairs)
    primary = _judged(
        replace(widest, p_value=test.p_value, p_method=test.method, primary=True),
        adjusted_p=adjusted_p,
        scheme=scheme,
        widest_of=f"among the {pairs + 1} groups compared" if pairs > 1 else "",
        rows=each,
    )
    framings = [
        _framing(each, row, comparator, framing, scheme)
        for row in others
        for framing in scheme.framings
    ]
    exploratory = [*(whole if pairs > 1 else []), *framings]
    within = holm([_p(finding) for finding in exploratory])
    return Disparity(
        breakdown=each,
        primary=primary,
        exploratory=tuple(
            _judged(finding, adjusted_p=max(own, adjusted_p), scheme=scheme, rows=each)
            for finding, own in zip(exploratory, within, strict=True)
        ),
        sensitivities=tuple(
            sensitivity(each, row, comparator, framing, scheme=scheme)
            for row in others
            for framing in scheme.framings
        ),
        everyone_else=tuple(
            one
            for row in (others if pairs > 1 else ())
            for one in everyone_else([comparator, *others], name=row.name, scheme=scheme)
        ),
    )


def _whole_scale(
    each: Breakdown,
    row: GroupRow,
    comparator: GroupRow,
    scheme: Scheme,
    confidence: float,
    *,
    test: TestResult | None = None,
) -> Finding:
    practice = scheme.practice
    counts = _worst_first(row, scheme), _worst_first(comparator, scheme)
    effect, test = compare_scales(*counts, test=test, confidence=confidence)
    return replace(
        _blank(each, row, comparator, WHOLE_SCALE),
        effect=effect,
        detectable=detectable_superiority(
            sum(counts[0]), counts[1], significance=practice.significance, power=practice.power
        ),
        p_value=test.p_value,
        p_method=test.method,
        method=effect.method,
    )


def _framing(
    each: Breakdown, row: GroupRow, comparator: GroupRow, framing: Framing, scheme: Scheme
) -> Finding:
    practice = scheme.practice
    n_group, n_comparator = row.distribution.n, comparator.distribution.n
    table = (
        row.distribution.count(*framing.ratings),
        n_group,
        comparator.distribution.count(*framing.ratings),
        n_comparator,
    )
    effect, test = compare_shares(*table, confidence=practice.confidence)
    enough = min(n_group, n_comparator) >= practice.minimum_for_ratio
    share_comparator = table[2] / n_comparator
    return replace(
        _blank(each, row, comparator, framing.name),
        share_group=table[0] / n_group,
        share_comparator=share_comparator,
        effect=effect,
        ratio=ratio_interval(*table, confidence=practice.confidence) if enough else None,
        detectable=detectable_difference(
            n_group,
            n_comparator,
            share_comparator=share_comparator,
            significance=practice.significance,
            power=practice.power,
        ),
        p_value=test.p_value,
        p_method=test.method,
        method=effect.method,
        flips_with=flips_with(*table, significance=practice.significance)
        if n_group + n_comparator <= FLIPS_UP_TO
        else None,
    )


def _blank(each: Breakdown, row: GroupRow, comparator: GroupRow, question: str) -> Finding:
    return Finding(
        characteristic=each.characteristic,
        question=question,
        group=row.name,
        comparator=comparator.name,
        n_group=row.distribution.n,
        n_comparator=comparator.distribution.n,
        verdict=Verdict.CANNOT_TELL,
        method="",
        paragraph=each.paragraph,
        sentence="",
    )


def _judged(
    finding: Finding,
    *,
    adjusted_p: float,
    scheme: Scheme,
    rows: Breakdown,
    widest_of: str = "",
) -> Finding:
    """The finding with its verdict and its sentence."""
    whole = finding.question == WHOLE_SCALE
    practice = scheme.practice
    margin = practice.margin_superiority if whole else _margin(finding.question, scheme)
    answer = verdict(
        p_value=_p(finding),
        adjusted_p=adjusted_p,
        interval=_effect(finding),
        null=0.5 if whole else 0.0,
        margin=margin,
        significance=practice.significance,
    )
    people = {row.name: row.people for row in rows.declared}
    judged = replace(
        finding,
        verdict=answer,
        adjusted_p=None if math.isnan(adjusted_p) else adjusted_p,
        margin=margin,
    )
    sentence = (
        whole_scale_sentence(judged, people=people, margin=margin, widest_of=widest_of)
        if whole
        else framing_sentence(judged, people=people, margin=margin)
    )
    brief = whole_scale_brief(judged, people=people) if whole else ""
    return replace(judged, sentence=sentence, brief=brief)


def _margin(framing: str, scheme: Scheme) -> float:
    own = scheme.framing(framing).margin
    return scheme.practice.margin_share if own is None else own


def _effect(finding: Finding) -> Interval:
    assert finding.effect is not None, "every comparison has an effect"
    return finding.effect


def _p(finding: Finding) -> float:
    return math.nan if finding.p_value is None else finding.p_value
