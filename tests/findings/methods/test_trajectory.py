"""Change over time: parts that add up, and an interval that survives being looked at."""

from math import isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmstats.findings.methods.trajectory import confidence_sequence, kitagawa

time = st.lists(
    st.integers(0, 9).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    min_size=3,
    max_size=3,
)


@given(time, time)
def test_composition_and_rates_add_up(now, before):
    """The two parts are the whole difference, whatever stratum is empty at either time."""
    counts, people = zip(*now, strict=True)
    counts_before, people_before = zip(*before, strict=True)
    found = kitagawa(counts, people, counts_before, people_before)
    if not sum(people) or not sum(people_before):
        assert isnan(found.difference)
        return
    plain = sum(counts) / sum(people) - sum(counts_before) / sum(people_before)
    assert found.difference == pytest.approx(plain)
    assert found.composition + found.rates == pytest.approx(found.difference)
    back = kitagawa(counts_before, people_before, counts, people)
    assert back.rates == pytest.approx(-found.rates)


def test_berkeley_women_less_men():
    """-0.142 is -0.178 from where people applied and +0.036 from how departments chose (Bickel)."""
    found = kitagawa(
        (89, 17, 202, 131, 94, 24),
        (108, 25, 593, 375, 393, 341),
        (512, 353, 120, 138, 53, 22),
        (825, 560, 325, 417, 191, 373),
    )
    assert (round(found.composition, 3), round(found.rates, 3)) == (-0.178, 0.036)


@pytest.mark.parametrize("share", [0.05, 0.35])
def test_a_confidence_sequence_survives_every_look(share):
    """Looked at after each of 300 ratings, 95% or more of histories never lose the true share."""
    generator = np.random.default_rng(9)
    kept = 0
    for _ in range(120):
        seen = np.cumsum(generator.random(300) < share)
        kept += all(share in confidence_sequence(int(seen[n - 1]), n) for n in range(1, 301, 3))
    assert kept / 120 >= 0.95


@pytest.mark.parametrize(("count", "n"), [(0, 0), (0, 9), (9, 9), (1, 1), (3, 9)])
def test_a_confidence_sequence_has_limits_everywhere(count, n):
    """Nobody, none of nine and all of nine have limits too."""
    found = confidence_sequence(count, n)
    assert 0 <= found.low < found.high <= 1
    assert n == 0 or found.low <= found.value <= found.high
