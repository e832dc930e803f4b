"""Whether groups fared alike given something else: their starting box, or their rating.

Each stratum holds people alike in that one thing. As among ratings, one primary test per
characteristic is adjusted over the pack and everything else explores it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isnan, nan
from typing import TYPE_CHECKING

from pmstats.findings.disparity import Disparities, Disparity, why_not
from pmstats.findings.finding import Finding, TestResult, Verdict
from pmstats.findings.methods.multiplicity import benjamini_hochberg, holm
from pmstats.findings.methods.power import detectable_difference
from pmstats.findings.methods.reconcile import compare_within
from pmstats.findings.methods.stratified import Stratum
from pmstats.findings.methods.verdict import verdict
from pmstats.findings.sentences import framing_brief, framing_sentence

if TYPE_CHECKING:
    from pmstats.counts import Breakdown
    from pmstats.scheme import Scheme

#: (count, n) in each stratum, the strata in the same order for every group.
Strata = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditional:
    """One characteristic's counts within strata: by question, then by group.

    The first question is the primary one. `n` is each group's size for the question whether it
    can be reported. `tests` replaces the primary question's own test for a group.
    """

    groups: Breakdown
    n: Mapping[str, int]
    counts: Mapping[str, Mapping[str, Strata]]
    tests: Mapping[str, TestResult] = field(default_factory=dict)

    @property
    def primary(self) -> str:
        """The question of the primary comparison."""
        return next(iter(self.counts))

    def strata(self, question: str, group: str) -> list[Stratum]:
        """A group beside the comparator in each stratum."""
        own, other = (self.counts[question][name] for name in (group, self.groups.reference))
        return [
            Stratum(count_group=a, n_group=n, count_comparator=b, n_comparator=m)
            for (a, n), (b, m) in zip(own, other, strict=True)
        ]


def conditional_disparities(
    asked: Iterable[Conditional], *, scheme: Scheme, margin: float, paragraph: str
) -> Disparities:
    """Each characteristic's comparisons within strata, adjusted together, in the order given.

    The effect is the difference of shares at the same mix of strata. Groups smaller than the
    scheme's minimum are left out; a characteristic below its declaration gate, or with fewer
    than two groups of reportable size, is not compared and says why.
    """
    held = tuple(asked)
    maker = _Maker(scheme=scheme, margin=margin, paragraph=paragraph)
    reasons = [maker.why_not(each) for each in held]
    compared = [each for each, reason in zip(held, reasons, strict=True) if not reason]
    adjusted = benjamini_hochberg([maker.least(each) for each in compared])
    done = {
        each.groups.characteristic: maker.disparity(each, adjusted_p)
        for each, adjusted_p in zip(compared, adjusted, strict=True)
    }
    return Disparities(
        each=tuple(
            Disparity(breakdown=each.groups, reason=reason)
            if reason
            else done[each.groups.characteristic]
            for each, reason in zip(held, reasons, strict=True)
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Maker:
    """What every comparison of one set shares."""

    scheme: Scheme
    margin: float
    paragraph: str

    def why_not(self, each: Conditional) -> str:
        """Why a characteristic is not compared; empty when it is."""
        return why_not(each.groups, self.reportable(each), scheme=self.scheme, of="people")

    def reportable(self, each: Conditional) -> list[str]:
        """The groups large enough to be compared, the reference among them."""
        minimum = self.scheme.practice.minimum_group
        return [row.name for row in each.groups.declared if each.n[row.name] >= minimum]

    def others(self, each: Conditional) -> list[str]:
        """The groups that can be compared with the reference."""
        return [name for name in self.reportable(each) if name != each.groups.reference]

    def primary_tests(self, each: Conditional) -> dict[str, TestResult]:
        """The primary test of each group."""
        return {
            group: each.tests.get(group) or compare_within(each.strata(each.primary, group))[1]
            for group in self.others(each)
        }

    def least(self, each: Conditional) -> float:
        """The smallest p of the groups, corrected for their number (Bonferroni)."""
        p_values = [test.p_value for test in self.primary_tests(each).values()]
        known = [p for p in p_values if not isnan(p)]
        return min(1.0, len(known) * min(known)) if known else nan

    def disparity(self, each: Conditional, adjusted_p: float) -> Disparity:
        """The primary comparison of the clearest group, and every question for every group."""
        groups, tests = self.others(each), self.primary_tests(each)
        confidence = 1 - (1 - self.scheme.practice.confidence) / len(groups)
        clearest = min(groups, key=lambda group: _or_one(tests[group].p_value))
        method = tests[clearest].method
        if len(groups) > 1:
            method = f"{method}, least of {len(groups)} (Bonferroni)"
        primary = replace(
            self.finding(each, clearest, each.primary, confidence),
            p_value=self.least(each),
            p_method=method,
            primary=True,
        )
        explored = [
            self.finding(each, group, question, self.scheme.practice.confidence)
            for group in groups
            for question in each.counts
            if len(groups) > 1 or question != each.primary  # one group's is the primary itself
        ]
        within = holm([nan if f.p_value is None else f.p_value for f in explored])
        return Disparity(
            breakdown=each.groups,
            primary=self.judged(primary, adjusted_p, each),
            exploratory=tuple(
                self.judged(finding, max(own, adjusted_p), each)
                for finding, own in zip(explored, within, strict=True)
            ),
        )

    def finding(self, each: Conditional, group: str, question: str, confidence: float) -> Finding:
        """One group beside the comparator in one question, not yet judged."""
        practice = self.scheme.practice
        strata = each.strata(question, group)
        effect, test = compare_within(strata, confidence=confidence)
        n_group = sum(s.n_group for s in strata)
        n_comparator = sum(s.n_comparator for s in strata)
        share, other = _same_mix(strata)
        smallest = (
            None
            if isnan(other)
            else detectable_difference(
                n_group,
                n_comparator,
                share_comparator=other,
                significance=practice.significance,
                power=practice.power,
            )
        )
        return Finding(
            characteristic=each.groups.characteristic,
            question=question,
            group=group,
            comparator=each.groups.reference,
            n_group=n_group,
            n_comparator=n_comparator,
            verdict=Verdict.CANNOT_TELL,
            method=effect.method,
            paragraph=self.paragraph,
            sentence="",
            margin=self.margin,
            share_group=share,
            share_comparator=other,
            effect=effect,
            detectable=smallest,
            p_value=test.p_value,
            p_method=test.method,
        )

    def judged(self, finding: Finding, adjusted_p: float, each: Conditional) -> Finding:
        """The finding with its verdict and its sentence."""
        assert finding.effect is not None
        judged = replace(
            finding,
            verdict=verdict(
                p_value=nan if finding.p_value is None else finding.p_value,
                adjusted_p=adjusted_p,
                interval=finding.effect,
                null=0.0,
                margin=self.margin,
                significance=self.scheme.practice.significance,
            ),
            adjusted_p=None if isnan(adjusted_p) else adjusted_p,
        )
        if isnan(finding.effect.value):
            nobody = f"{finding.question}: no stratum holds people of both groups."
            return replace(judged, sentence=nobody, brief=nobody)
        people = {row.name: row.people for row in each.groups.declared}
        return replace(
            judged,
            sentence=framing_sentence(judged, people=people, margin=self.margin),
            brief=framing_brief(judged, people=people),
        )


def _same_mix(strata: Sequence[Stratum]) -> tuple[float, float]:
    """Both shares at the mix of strata at which their difference is the effect."""
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


def _or_one(p_value: float) -> float:
    return 1.0 if isnan(p_value) else p_value
