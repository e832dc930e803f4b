"""Small groups lent strength: nearer the truth than raw shares, and honest intervals."""

from math import isnan

import numpy as np
import pytest

from pmstats.findings.methods.intersection import intersection
from pmstats.findings.methods.shrinkage import likeliest_prior, shrunken_shares


def test_small_groups_move_most():
    """Three of three out of the box is hardly believed; thirty of thirty mostly is."""
    rest = [(10, 20), (9, 21), (12, 25)]
    three = shrunken_shares([(0, 3), *rest]).shares[0][0].value
    thirty = shrunken_shares([(0, 30), *rest]).shares[0][0].value
    assert 0 < thirty < three < 10 / 30


def test_shares_of_a_group_sum_to_one():
    """Over the whole scale every group's shrunken shares are a distribution."""
    for row in shrunken_shares([(1, 5, 0, 2), (3, 20, 9, 4), (0, 2, 0, 0), (2, 30, 10, 5)]).shares:
        assert sum(each.value for each in row) == pytest.approx(1)
        assert all(each.low < each.value < each.high for each in row)


@pytest.mark.parametrize("counts", [[(1, 2), (3, 4)], [(1, 0), (0, 1), (1, 1)], [(0, 0)] * 4])
def test_too_few_to_estimate(counts):
    """Two groups, or a handful of people, teach nothing, and the method says so."""
    shrunk = shrunken_shares(counts)
    assert shrunk.method == "too few to estimate"
    assert isnan(shrunk.shares[0][0].value)
    assert isnan(shrunk.between.value)


def test_everyone_in_one_box_does_not_collapse():
    """When nobody is in the box anywhere each interval still has a width."""
    shrunk = shrunken_shares([(0, 12), (0, 30), (0, 3), (0, 40)])
    assert all(row[0].low < row[0].high < 0.3 for row in shrunk.shares)


def test_no_prior_without_excess_variation():
    """Groups that vary less than chance have no maximum likelihood prior."""
    assert likeliest_prior([(5, 45)] * 5) is None
    assert likeliest_prior([(0, 45)] * 5) is None
    assert likeliest_prior([(0, 45), (20, 25), (3, 40)]) is not None


def test_error_is_half_that_of_raw_shares_and_intervals_cover():
    """150 people in ten cells with gaps of odds: error at most half of raw, coverage 90 to 99%."""
    generator = np.random.default_rng(4)
    mix = np.outer((0.52, 0.48), (0.78, 0.06, 0.03, 0.03, 0.10)).ravel()
    raw, shrunk, held = [], [], []
    for _ in range(60):
        people = generator.multinomial(150, mix)
        logits = -0.62 + 0.3 * generator.standard_normal(10)
        truth = 1 / (1 + np.exp(-logits))
        counts = generator.binomial(people, truth)
        cells = intersection(counts.reshape(2, 5).tolist(), people.reshape(2, 5).tolist()).shares
        flat = [cell for row in cells for cell in row]
        for count, n, share, cell in zip(counts, people, truth, flat, strict=True):
            if n:
                raw.append((count / n - share) ** 2)
                shrunk.append((cell.value - share) ** 2)
                held.append(share in cell)
    assert np.mean(shrunk) ** 0.5 <= np.mean(raw) ** 0.5 / 2
    assert 0.90 <= np.mean(held) <= 0.99


def test_beyond_additive():
    """Shares that add up leave nothing over; a lone deviating corner leaves a quarter."""
    people = [[400, 400], [400, 400]]
    added = intersection([[80, 120], [160, 200]], people)
    assert added.beyond_additive == pytest.approx(0, abs=0.02)
    corner = intersection([[80, 80], [80, 240]], people)
    assert corner.beyond_additive == pytest.approx(1 / 3, abs=0.02)
    assert isnan(intersection([[1, 1]], [[2, 2]]).beyond_additive)


def test_an_empty_cell_is_given_what_the_others_say():
    """A cell without people has the widest interval, centred on the pooled share."""
    found = intersection([[10, 20], [12, 0]], [[40, 60], [50, 0]])
    empty, full = found.shares[1][1], found.shares[0][1]
    assert empty.high - empty.low > full.high - full.low
    assert empty.value == pytest.approx(42 / 150, abs=0.03)
