"""Faults in the libraries we could have used, pinned: a failure here means one was repaired."""

import gc
import inspect
import io
import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.miscmodels.ordinal_model import OrderedModel, OrderedResults
from statsmodels.stats.contingency_tables import SquareTable, StratifiedTable, Table2x2
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.nonparametric import rank_compare_2ordinal
from statsmodels.stats.proportion import confint_proportions_2indep

from pmstats.findings.methods.intervals import difference_interval
from pmstats.findings.methods.moderation import marginal_homogeneity
from pmstats.findings.methods.multiplicity import benjamini_hochberg
from pmstats.findings.methods.ordinal import permutation_test
from pmstats.findings.methods.proportional_odds import proportional_odds
from pmstats.findings.methods.two_shares import two_proportions_test


def test_statsmodels_score_interval_for_a_difference_is_wrong():
    """56/70 against 48/80: statsmodels 0.15.0 ends at 0.3440, published is 0.3382."""
    _, high = confint_proportions_2indep(56, 70, 48, 80, compare="diff", method="score")
    assert high == pytest.approx(0.3440, abs=5e-5)
    ours = difference_interval(56, 70, 48, 80, method="miettinen-nurminen")
    assert ours.high == pytest.approx(0.3382, abs=5e-5)


def test_statsmodels_rank_comparison_collapses_on_one_box():
    """Five people in one box: statsmodels gives p = 4e-7, exact permutation .107."""
    group, comparator = (0, 0, 5, 0), (5, 50, 30, 15)
    upstream = rank_compare_2ordinal(np.array(group), np.array(comparator))
    assert upstream.test_prob_superior().pvalue < 1e-6
    assert permutation_test([group, comparator]).p_value == pytest.approx(0.107, abs=5e-4)


def test_ordered_model_separates_silently():
    """All of a group in the top box: OrderedModel reports a runaway estimate as converged."""
    rating = np.repeat([0, 1, 2, 2], [5, 40, 10, 6])
    group = np.repeat([0.0, 0.0, 0.0, 1.0], [5, 40, 10, 6])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        upstream = OrderedModel(rating, group[:, None], distr="logit").fit(
            method="bfgs", disp=False
        )
    assert abs(upstream.params[0]) > 8
    ours = proportional_odds([(5, 40, 10), (0, 0, 6)], [(0.0,), (1.0,)], names=("group",))
    assert ours.penalised
    assert abs(ours.coefficients[0]) < 6


def test_square_table_has_no_answer_with_an_empty_box():
    """A box unused at both stages makes statsmodels' homogeneity nan; permutation answers."""
    table = np.array([[0, 0, 0, 0], [0, 2, 5, 0], [0, 1, 9, 2], [0, 0, 1, 3]])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        upstream = SquareTable(table, shift_zeros=False).homogeneity()
    assert np.isnan(upstream.pvalue)
    assert marginal_homogeneity(table.tolist()).p_value == pytest.approx(0.4141, abs=5e-5)


def test_barnard_loses_ties():
    """9 of 10 against 3 of 10: scipy gives 0.00693, the truth with ties kept is 0.00796."""
    assert stats.barnard_exact([[9, 3], [1, 7]]).pvalue == pytest.approx(0.00693, abs=5e-6)


def test_scipy_doubles_one_sided_boschloo():
    """Scipy's two-sided Boschloo is twice the smaller one-sided p; ours orders by Fisher's."""
    upstream = stats.boschloo_exact([[11, 35], [15, 171]]).pvalue
    assert upstream == pytest.approx(0.005107, abs=2e-6)
    ours = two_proportions_test(11, 26, 35, 206, method="boschloo")
    assert ours.p_value == pytest.approx(0.005604, abs=2e-6)


def test_scipy_exact_mann_whitney_ignores_ties():
    """With tied boxes scipy's 'exact' is not: it says .37 or so where the truth is .30."""
    group, comparator = np.repeat([0, 1, 2], [1, 3, 4]), np.repeat([0, 1, 2], [4, 12, 6])
    upstream = stats.mannwhitneyu(group, comparator, method="exact").pvalue
    ours = permutation_test([(1, 3, 4), (4, 12, 6)]).p_value
    assert abs(upstream - ours) > 0.02


def test_multipletests_loses_everything_to_one_nan():
    """One missing p-value makes every adjusted value nan in statsmodels; ours skips it."""
    p_values = [0.01, np.nan, 0.04]
    assert np.isnan(multipletests(p_values, method="fdr_bh")[1]).all()
    assert benjamini_hochberg(p_values)[0] == 0.02


def test_wald_and_log_intervals_fail_on_empty_boxes():
    """None of 5 and none of 9: Wald's interval is a single point; log divides by zero."""
    wald = confint_proportions_2indep(0, 5, 0, 9, compare="diff", method="wald")
    assert wald == (0.0, 0.0)
    with pytest.raises(ZeroDivisionError):
        confint_proportions_2indep(0, 5, 3, 9, compare="ratio", method="log")
    ours = difference_interval(0, 5, 0, 9)
    assert ours.low < -0.2
    assert ours.high > 0.2


def test_shift_zeros_has_different_defaults():
    """Two tables add a half to empty cells unless told otherwise, the third does not."""
    defaults = {
        each.__name__: inspect.signature(each).parameters["shift_zeros"].default
        for each in (Table2x2, SquareTable, StratifiedTable)
    }
    assert defaults == {"Table2x2": True, "SquareTable": True, "StratifiedTable": False}


def test_ordered_model_has_no_proportional_odds_test():
    """Nothing on its results tests for it; ours is `proportional_odds_test`."""
    names = " ".join(dir(OrderedResults)).lower()
    assert not any(word in names for word in ("brant", "parallel", "proportional"))


def test_holm_collects_garbage():
    """Every call of multipletests by Holm runs the garbage collector."""
    collected = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gc, "collect", lambda *_: collected.append(1))
        multipletests([0.01, 0.02], method="holm")
    assert collected


def test_pandas_drops_boxes_nobody_is_in():
    """Neither groupby nor crosstab keeps an unused category; we count by the scheme's boxes."""
    unused = pd.Categorical(["a", "a"], categories=["a", "b"])
    people = pd.DataFrame({"group": unused, "box": unused})
    assert people.groupby(["group", "box"]).size().shape == (1,)
    assert pd.crosstab(people["group"], people["box"]).shape == (1, 1)


def test_pandas_makes_a_misspelt_box_missing():
    """Cast to the known boxes "Acheiving" is gone, with no more than a warning of deprecation."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cast = pd.Series(["Acheiving"]).astype(pd.CategoricalDtype(["Achieving"]))
    assert cast.isna().all()


def test_pandas_reads_the_answer_none_as_missing():
    """Religion "None" is lost unless blanks are our own list."""
    read = pd.read_csv(io.StringIO("religion\nNone\nHindu\n"))
    assert read["religion"].isna().tolist() == [True, False]


def test_kernels_listen_on_tcp_by_default():
    """Ours ask for files instead."""
    from jupyter_client import KernelManager

    assert KernelManager().transport == "tcp"
