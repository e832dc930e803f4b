"""Grouped proportional odds: the same as on people, and an answer under separation."""

import warnings
from math import exp, isnan

import numpy as np
import pytest
from statsmodels.miscmodels.ordinal_model import OrderedModel

from pmstats.findings.methods.proportional_odds import (
    likelihood_ratio_test,
    odds_ratios_by_cut,
    proportional_odds,
    proportional_odds_test,
)

COUNTS = [(4, 30, 12, 6), (2, 25, 14, 9), (6, 40, 10, 4), (3, 20, 11, 7)]
DESIGN = [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)]
NAMES = ("woman", "SCS2")


def test_grouped_fit_is_the_fit_on_people():
    """One row per pattern or one per person: the same coefficients to 1e-10."""
    people, columns = [], []
    for row, pattern in zip(COUNTS, DESIGN, strict=True):
        for box, n in enumerate(row):
            people += [tuple(float(each == box) for each in range(4))] * n
            columns += [pattern] * n
    grouped = proportional_odds(COUNTS, DESIGN, names=NAMES)
    single = proportional_odds(people, columns, names=NAMES)
    assert grouped.coefficients == pytest.approx(single.coefficients, abs=1e-10)
    assert grouped.standard_errors == pytest.approx(single.standard_errors, abs=1e-10)


def test_the_scale_reversed_flips_the_signs():
    """Boxes best first turn every coefficient, and more of the same only halves the errors."""
    fit = proportional_odds(COUNTS, DESIGN, names=NAMES)
    reversed_ = proportional_odds([row[::-1] for row in COUNTS], DESIGN, names=NAMES)
    assert fit.coefficients == pytest.approx([-each for each in reversed_.coefficients], abs=1e-9)
    four = proportional_odds([[4 * n for n in row] for row in COUNTS], DESIGN, names=NAMES)
    assert four.coefficients == pytest.approx(fit.coefficients, abs=1e-9)
    assert four.standard_errors == pytest.approx([e / 2 for e in fit.standard_errors], rel=1e-7)


def test_separation_is_answered_and_said():
    """A group whose people are all in the top box gets a finite, penalised odds ratio."""
    fit = proportional_odds([(5, 40, 10), (0, 0, 3)], [(0.0,), (1.0,)], names=("group",))
    assert fit.penalised
    assert "separate" in fit.method
    assert 0 < fit.odds_ratio("group").low < fit.odds_ratio("group").value < 1e4


def test_firth_of_one_factor_adds_half_to_each_cell():
    """For two groups and two boxes the penalised odds ratio is that of the counts plus 1/2."""
    fit = proportional_odds([(7, 0), (0, 9)], [(0.0,), (1.0,)], names=("group",))
    assert fit.odds_ratio("group").value == pytest.approx((9.5 / 0.5) * (7.5 / 0.5), rel=1e-6)


@pytest.mark.parametrize(
    ("counts", "design"),
    [
        ([(0, 5), (0, 7)], [(0.0,), (1.0,)]),
        ([(2, 5)], [(1.0,)]),
        ([(2, 5), (0, 0)], [(0.0,), (1.0,)]),
        ([(0, 0), (0, 0)], [(0.0,), (1.0,)]),
        ([(2, 5), (3, 4)], [(1.0,), (1.0,)]),
    ],
)
def test_nothing_to_fit(counts, design):
    """One box, one group or nobody: every estimate is nan and the method says why."""
    fit = proportional_odds(counts, design, names=("group",))
    assert isnan(fit.coefficients[0])
    assert isnan(fit.odds_ratio("group").value)
    assert fit.method.startswith("nothing to fit: ")
    assert isnan(proportional_odds_test(counts, design).p_value)


def test_by_cut_averages_to_the_common_one():
    """The common odds ratio lies among those of the separate cuts."""
    common = proportional_odds(COUNTS, DESIGN, names=NAMES).odds_ratio("woman").value
    cuts = [
        fit.odds_ratio("woman").value for fit in odds_ratios_by_cut(COUNTS, DESIGN, names=NAMES)
    ]
    assert len(cuts) == 3
    assert min(cuts) <= common <= max(cuts)


def test_proportional_odds_is_tested():
    """Odds that differ by cut are found out, and odds that do not are not."""
    assert proportional_odds_test(COUNTS, DESIGN).p_value > 0.3
    crossing = [(30, 40, 30), (5, 90, 5)]
    assert proportional_odds_test(crossing, [(0.0,), (1.0,)]).p_value < 1e-6
    assert isnan(proportional_odds_test([(5, 40, 10), (0, 0, 3)], [(0.0,), (1.0,)]).p_value)


def test_likelihood_ratio_needs_plain_likelihoods():
    """A penalised fit has no likelihood to compare; a plain one does."""
    full = proportional_odds(COUNTS, DESIGN, names=NAMES)
    reduced = proportional_odds(COUNTS, [row[:1] for row in DESIGN], names=NAMES[:1])
    assert 0 < likelihood_ratio_test(full, reduced).p_value < 1
    penalised = proportional_odds(COUNTS, DESIGN, names=NAMES, penalise=True)
    assert isnan(likelihood_ratio_test(penalised, reduced).p_value)
    assert isnan(likelihood_ratio_test(full, full).p_value)


def test_planted_odds_are_recovered():
    """500,000 people with a planted odds ratio of 1.5 give it back within four errors."""
    generator = np.random.default_rng(8)
    cuts = np.array([-2.9, 0.6, 1.9])
    rows = []
    for shift in (0.0, np.log(1.5)):
        below = 1 / (1 + np.exp(-(cuts - shift)))
        rows.append(generator.multinomial(250_000, np.diff(below, prepend=0.0, append=1.0)))
    fit = proportional_odds(np.array(rows), [(0.0,), (1.0,)], names=("group",))
    assert abs(fit.coefficients[0] - np.log(1.5)) < 4 * fit.standard_errors[0]
    assert fit.odds_ratio("group").value == pytest.approx(exp(fit.coefficients[0]))


def test_statsmodels_agrees_to_a_millionth_when_made_to_go_on() -> None:
    """OrderedModel with a gradient below 1e-9 has our coefficients to 1e-6; as it comes it stops.

    With its default tolerance it is 9.5e-6 away on these 759 people, at a lower likelihood.
    """
    counts = np.array([(8, 90, 10, 4), (20, 200, 70, 30), (3, 40, 30, 12), (9, 60, 40, 33)])
    design = np.array([(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)])
    ours = proportional_odds(counts, design, names=("a", "b"))
    pattern, box = np.nonzero(counts)
    people = counts[pattern, box]
    model = OrderedModel(
        np.repeat(box, people), np.repeat(design[pattern], people, axis=0), distr="logit"
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        stopped = model.fit(method="bfgs", disp=False)
        finished = model.fit(method="bfgs", disp=False, gtol=1e-9, maxiter=1_000)
    assert finished.params[:2] == pytest.approx(ours.coefficients, abs=1e-6)
    assert ours.log_likelihood >= finished.llf - 1e-9
    assert ours.log_likelihood > stopped.llf
