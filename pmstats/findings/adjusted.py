"""The whole scale given grade and business unit at once, by one odds ratio (paragraph 84).

Strata of grade and unit together are too thin to compare within; a proportional odds model
carries both as factors. It is secondary: it can find a gap only where the characteristic's
primary comparison does, and grade may itself be an outcome.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit, logit

from pmstats.counts.breakdown import breakdowns_within
from pmstats.findings.finding import Finding, Interval, TestResult, Verdict
from pmstats.findings.methods.intervals import normal_quantile
from pmstats.findings.methods.ordinal import superiority_of
from pmstats.findings.methods.proportional_odds import (
    OrdinalFit,
    likelihood_ratio_test,
    odds_ratios_by_cut,
    proportional_odds,
    proportional_odds_test,
)
from pmstats.findings.methods.verdict import verdict
from pmstats.findings.sentences import points, signed_points

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pmstats.cohort import Cohort
    from pmstats.counts import Breakdown
    from pmstats.findings.disparity import Disparities, Disparity
    from pmstats.scheme import Scheme

#: The columns held fixed, and what a sentence calls them.
GIVEN = {"grade": "grade", "business_unit": "business unit"}
#: People rated for each column of the model. From there on its intervals hold the truth in 93 to
#: 95% and its test has size 6 to 7%, never more than the primary test allows (a gap needs both):
#: `python -m benchmarks.adjusted`.
LEAST_PEOPLE = 20
#: Answers of fewer people are merged: a grade of four says little, and may leave a box empty.
LEAST_TOGETHER, OTHER = 10, -1
#: At or below this p one odds ratio does not hold along the scale.
ALIKE = 0.05
#: The log of the largest odds ratio told from a larger one.
LARGEST = 300.0
#: The name of the column in which grade and unit stand together.
_TOGETHER = "grade and unit together"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Adjusted:
    """One characteristic's primary pair with other columns held fixed; `reason` says why not.

    `finding` is on the whole scale: its effect is the probability of superiority of two groups
    whose ratings are the odds ratio apart, so that it reads beside `overall`. `odds` is the odds
    ratio of a better box, `cuts` the same at each cut alone, and `alike` asks whether they
    are one. `given` is what the model holds fixed, in words.
    """

    title: str
    overall: Finding
    given: str = ""
    finding: Finding | None = None
    odds: Interval | None = None
    cuts: tuple[tuple[str, Interval], ...] = ()
    alike: TestResult | None = None
    reason: str = ""

    def __repr__(self) -> str:
        return f"<Adjusted: {self.title.lower()}, given {self.given or 'nothing'}>"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class GivenGradeAndUnit:
    """The primary comparison of every characteristic with grade and unit held fixed.

    Index by a characteristic's name for its own: `given["sex"]`.
    """

    each: tuple[Adjusted, ...]

    def __getitem__(self, characteristic: str) -> Adjusted:
        for one in self.each:
            if one.overall.characteristic == characteristic:
                return one
        raise KeyError(characteristic)

    @property
    def sentences(self) -> tuple[str, ...]:
        """Each comparison in words, or why there is none."""
        return tuple(
            f"{one.title}: {one.finding.sentence if one.finding else one.reason}"
            for one in self.each
        )

    def __repr__(self) -> str:
        return f"<GivenGradeAndUnit: {len(self.each)} characteristics>"


def given_grade_and_unit(cohort: Cohort, found: Disparities, *, stage: str) -> GivenGradeAndUnit:
    """The primary pair of every characteristic that is compared, with grade and unit held fixed.

    Where so many people cannot carry both, what they can: grade alone, or the unit alone.
    """
    held = [name for name in GIVEN if name in cohort.people.columns]
    compared = [each for each in found.each if each.primary]
    levels = {each.breakdown.characteristic: each.breakdown.level for each in compared}
    together, answers = _together(cohort, held)
    parts = breakdowns_within(together, _TOGETHER, stage=stage, levels=levels)
    choices = [held, *([name] for name in held)] if len(held) > 1 else [held]
    each = []
    for one in compared:
        own_parts = parts[one.breakdown.characteristic]
        patterns = _patterns(one.breakdown, own_parts, held, answers, cohort.scheme)
        models = (_fitted(one, patterns, chosen) for chosen in choices)
        model = next((model for model in models if model), None)
        each.append(_compared(one, model, cohort.scheme) if model else _too_few(one))
    return GivenGradeAndUnit(each=tuple(each))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pattern:
    """People of one group with one answer to each column held fixed: their boxes, worst first."""

    group: str
    answers: Mapping[str, int]
    boxes: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Model:
    """A model of the patterns whose first column is the group asked about."""

    given: str
    counts: list[tuple[int, ...]]
    design: NDArray[np.float64]
    fit: OrdinalFit


def _together(cohort: Cohort, held: Sequence[str]) -> tuple[Cohort, NDArray[np.int64]]:
    """The cohort with these columns as one, and for each of its parts the answer to each.

    A blank is an answer like any other: nobody drops out of the comparison by it.
    """
    import pandas as pd

    people = cohort.people
    nothing = np.zeros(len(people), dtype=np.int64)
    codes = [people[name].cat.codes.to_numpy() for name in held] or [nothing]
    answers, part = np.unique(np.column_stack(codes), axis=0, return_inverse=True)
    labels = pd.CategoricalDtype([str(place) for place in range(len(answers))])
    column = pd.Categorical.from_codes(part.ravel(), dtype=labels)
    joined = replace(cohort, people=people.assign(**{_TOGETHER: column}))
    return joined, answers.astype(np.int64)


def _patterns(
    whole: Breakdown,
    parts: Sequence[Breakdown],
    held: Sequence[str],
    answers: NDArray[np.int64],
    scheme: Scheme,
) -> list[_Pattern]:
    """The people of each group that is compared, by part; answers of a handful stand as one."""
    least = scheme.practice.minimum_group
    compared = [row.name for row in whole.declared if row.distribution.n >= least]
    rated = [sum(row.distribution.n for row in part.declared) for part in parts]
    merged = {}
    for at, name in enumerate(held):
        people = np.bincount(answers[:, at] + 1, weights=rated)
        merged[name] = np.where(people < LEAST_TOGETHER, OTHER, np.arange(people.size))
    found = [
        _Pattern(
            group=row.name,
            answers={
                name: int(merged[name][answers[place][at] + 1]) for at, name in enumerate(held)
            },
            boxes=tuple(row.distribution.count(rating) for rating in scheme.worst_first),
        )
        for place, part in enumerate(parts)
        for row in part.declared
        if row.name in compared
    ]
    return [pattern for pattern in found if any(pattern.boxes)]


def _fitted(each: Disparity, patterns: Sequence[_Pattern], chosen: Sequence[str]) -> _Model | None:
    """The model with these columns held fixed; None when so many people cannot carry it."""
    assert each.primary is not None
    own, comparator = each.primary.group, each.primary.comparator
    others = [row.name for row in each.breakdown.declared if row.name not in (own, comparator)]
    columns = {name: [float(one.group == name) for one in patterns] for name in (own, *others)}
    varying = []
    for name in chosen:
        seen = sorted({one.answers[name] for one in patterns})
        varying += [name] if len(seen) > 1 else []
        columns |= {
            f"{name} {answer}": [float(one.answers[name] == answer) for one in patterns]
            for answer in seen[1:]
        }
    columns = {name: values for name, values in columns.items() if any(values)}
    counts = [one.boxes for one in patterns]
    if not varying or sum(map(sum, counts)) < LEAST_PEOPLE * len(columns):
        return None
    design = np.array(list(columns.values()), dtype=float).T
    fit = proportional_odds(counts, design, names=tuple(columns))
    if math.isnan(fit.log_likelihood):
        return None
    given = " and ".join(GIVEN[name] for name in varying)
    return _Model(given=given, counts=counts, design=design, fit=fit)


def _too_few(each: Disparity) -> Adjusted:
    assert each.primary is not None
    return Adjusted(
        title=each.breakdown.title,
        overall=each.primary,
        reason="Not held fixed: this asks for people in several grades or business units, and for "
        f"{LEAST_PEOPLE} rated people for each grade, unit and group beyond the first.",
    )


def _compared(each: Disparity, model: _Model, scheme: Scheme) -> Adjusted:
    assert each.primary is not None
    assert each.primary.effect is not None
    group, confidence = each.primary.group, each.primary.effect.confidence
    odds = model.fit.odds_ratio(group, confidence=confidence)
    found = Adjusted(
        title=each.breakdown.title,
        overall=each.primary,
        given=model.given,
        finding=_finding(each, model, odds, scheme),
        odds=odds,
        cuts=_cuts(model, scheme, group, confidence),
        alike=proportional_odds_test(model.counts, model.design.tolist(), freed=(0,)),
    )
    people = {row.name: row.people for row in each.breakdown.declared}
    said = " ".join(_sentences(found, people, penalised=model.fit.penalised))
    assert found.finding is not None
    return replace(found, finding=replace(found.finding, sentence=said))


def _finding(each: Disparity, model: _Model, odds: Interval, scheme: Scheme) -> Finding:
    """The pair on the whole scale with the model's columns held fixed, and its verdict."""
    assert each.primary is not None
    overall, fit, practice = each.primary, model.fit, scheme.practice
    pair = _Pair.of(each.breakdown, overall.group, scheme)
    effect = Interval(
        value=pair.superiority(odds.value),
        low=pair.superiority(odds.low),
        high=pair.superiority(odds.high),
        method=f"{fit.method}, as the superiority of two groups that far apart",
        confidence=odds.confidence,
    )
    test = likelihood_ratio_test(
        fit, proportional_odds(model.counts, model.design[:, 1:], names=fit.names[1:])
    )
    adjusted_p = max(test.p_value, math.nan if overall.adjusted_p is None else overall.adjusted_p)
    deviates = normal_quantile(1 - practice.significance) + normal_quantile(2 * practice.power - 1)
    unseen = [exp(sign * deviates * fit.standard_errors[0]) for sign in (1, -1)]
    return replace(
        overall,
        question=f"{overall.question}, given {model.given}",
        primary=False,
        effect=effect,
        detectable=max(abs(pair.superiority(ratio) - 0.5) for ratio in unseen),
        p_value=None if math.isnan(test.p_value) else test.p_value,
        adjusted_p=None if math.isnan(adjusted_p) else adjusted_p,
        p_method=test.method,
        method=effect.method,
        verdict=verdict(
            p_value=test.p_value,
            adjusted_p=adjusted_p,
            interval=effect,
            null=0.5,
            margin=practice.margin_superiority,
            significance=practice.significance,
        ),
        brief="",
        sentence="",
        flips_with=None,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Pair:
    """The ratings of both groups together, worst first, and the comparator's part of the people."""

    ratings: NDArray[np.float64]
    weight: float

    @classmethod
    def of(cls, each: Breakdown, group: str, scheme: Scheme) -> _Pair:
        rows = [row for row in each.declared if row.name in (group, each.reference)]
        boxes = [[row.distribution.count(rating) for rating in scheme.worst_first] for row in rows]
        n = {row.name: row.distribution.n for row in rows}
        return cls(np.sum(boxes, axis=0, dtype=float), n[each.reference] / sum(n.values()))

    def superiority(self, odds: float) -> float:
        """The superiority of one group over the other, were their ratings this odds ratio apart.

        Both are moved from the ratings they have together, each as far as the other is large, so
        that together they stay what they are and groups that change places mirror each other.
        """
        shift = math.log(min(max(odds, exp(-LARGEST)), exp(LARGEST)))
        worse = np.cumsum(self.ratings)[:-1] / self.ratings.sum()
        with np.errstate(divide="ignore"):
            ends = logit(np.minimum(worse, 1.0))
        group, comparator = (
            np.diff(expit(ends - part * shift), prepend=0.0, append=1.0)
            for part in (self.weight, self.weight - 1)
        )
        return superiority_of(group, comparator)


def _cuts(
    model: _Model, scheme: Scheme, group: str, confidence: float
) -> tuple[tuple[str, Interval], ...]:
    """The odds ratio at each cut alone, best box first."""
    used = np.sum(model.counts, axis=0) > 0
    boxes = [rating for rating, here in zip(scheme.worst_first, used, strict=True) if here]
    alone = odds_ratios_by_cut(model.counts, model.design.tolist(), names=model.fit.names)
    named = [f"{rating} or above" for rating in boxes[1:-1]] + boxes[-1:]
    cuts = zip(named, alone, strict=True)
    return tuple((name, fit.odds_ratio(group, confidence=confidence)) for name, fit in cuts)[::-1]


def _sentences(found: Adjusted, people: Mapping[str, str], *, penalised: bool) -> Iterator[str]:
    finding, overall, odds, alike = found.finding, found.overall, found.odds, found.alike
    assert finding is not None
    assert finding.effect is not None
    assert overall.effect is not None
    assert odds is not None
    assert alike is not None
    own, crude = finding.effect.value - 0.5, overall.effect.value - 0.5
    yield (
        f"Given {found.given}, the odds of a better box for {people[finding.group]} are "
        f"{odds.value:.2f} times those for {people[finding.comparator]} "
        f"({100 * odds.confidence:.4g}% interval {odds.low:.2f} to {odds.high:.2f}): "
        f"{signed_points(own)} on the whole scale, {signed_points(crude)} as ratings stand."
    )
    same = finding.verdict is overall.verdict
    without = "as it is without" if same else f"without it is {_quoted(overall.verdict)}"
    yield f"The answer is {_quoted(finding.verdict)}; {without}."
    if finding.verdict is Verdict.CANNOT_TELL and finding.detectable:
        yield f"Less than {points(finding.detectable)} could easily go unseen."
    if alike.p_value <= ALIKE:
        yield "One ratio does not describe the whole scale: read it cut by cut."
    if penalised:
        yield (
            "In some group, grade or unit a box is empty or holds everyone, so the estimate is "
            "drawn towards no difference (Firth's penalty) and has no test."
        )


def _quoted(verdict: Verdict) -> str:
    return f"\N{LEFT DOUBLE QUOTATION MARK}{verdict}\N{RIGHT DOUBLE QUOTATION MARK}"
