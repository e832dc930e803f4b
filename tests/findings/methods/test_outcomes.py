"""Every outcome that the score test finds significant: those whose own p says so."""

import numpy as np
import pytest
from scipy.stats import binom

from pmstats.findings.methods.outcomes import significant_outcomes
from pmstats.findings.methods.score import score_p_values


@pytest.mark.parametrize(
    ("n_group", "n_comparator"), [(1, 1), (1, 40), (5, 21), (12, 12), (20, 7), (40, 260), (150, 90)]
)
@pytest.mark.parametrize("significance", [0.2, 0.05, 0.001])
def test_significant_outcomes_are_those_of_the_test(n_group, n_comparator, significance):
    """Every pair of counts is marked exactly where the test's p is at or below the level."""
    group, comparator = np.indices((n_group + 1, n_comparator + 1)).reshape(2, -1)
    sizes = np.full_like(group, n_group), np.full_like(group, n_comparator)
    p_values = score_p_values(np.stack([group, sizes[0], comparator, sizes[1]], axis=1))
    marked = significant_outcomes(n_group, n_comparator, significance)
    assert (marked.ravel() == (p_values <= significance)).all()


@pytest.mark.parametrize("n_comparator", [0, 1, 30])
def test_nothing_beside_nobody(n_comparator):
    """A group without people has no significant outcome, whichever of the two it is."""
    assert not significant_outcomes(0, n_comparator, 0.05).any()
    assert not significant_outcomes(n_comparator, 0, 0.05).any()


def test_shared_answers_cannot_be_written_to():
    """The same array answers every caller, so none may change it."""
    with pytest.raises(ValueError, match="read-only"):
        significant_outcomes(3, 4, 0.05)[0, 0] = 1


@pytest.mark.parametrize("n_group", [5, 10, 20, 50])
@pytest.mark.parametrize("size", [60, 150, 400])
def test_size_is_two_to_six_per_cent(n_group, size):
    """At true shares of 5% and 35% the chance of p at or below 5% is 2 to 5.1%, added up."""
    n_comparator = size - n_group
    if n_group > size // 3:
        return
    marked = significant_outcomes(n_group, n_comparator, 0.05)
    for share in (0.05, 0.35):
        group = binom.pmf(np.arange(n_group + 1), n_group, share)
        comparator = binom.pmf(np.arange(n_comparator + 1), n_comparator, share)
        assert 0.02 <= group @ marked @ comparator <= 0.051
