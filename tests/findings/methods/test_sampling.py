"""Drawn p-values: valid, told with their right error, and no more draws than they need."""

from math import sqrt

import numpy as np
import pytest

from pmstats.findings.methods import sampling
from pmstats.findings.methods.sampling import sampled


def with_chance(chance, generator):
    """Draws of which each is as extreme with this chance, from a generator of the test's own."""
    return lambda draws, _: generator.random(draws) < chance


@pytest.fixture
def small(monkeypatch):
    """The same rule, stopping at 10 draws as extreme or after 99, so that many can be made."""
    monkeypatch.setattr(sampling, "ENOUGH", 10)
    monkeypatch.setattr(sampling, "MOST", 99)
    monkeypatch.setattr(sampling, "BATCH", 33)


@pytest.mark.usefixtures("small")
def test_valid_at_every_level():
    """Without a difference p is at or below each level that it can take with that chance.

    The p-value's true value is then uniform; Besag and Clifford (1991): exact at 10/L and k/100.
    """
    generator, experiments = np.random.default_rng(1), 8_000
    p_values = np.array(
        [sampled(with_chance(u, generator)).p_value for u in generator.random(experiments)]
    )
    for level in (0.01, 0.02, 0.05, 0.10, 10 / 99, 10 / 60, 0.2, 0.25, 0.5, 1.0):
        error = sqrt(level * (1 - level) / experiments)
        assert abs((p_values <= level + 1e-12).mean() - level) <= 4.5 * error, level
    for level in np.linspace(0.003, 0.997, 60):
        error = sqrt(level * (1 - level) / experiments)
        assert (p_values <= level).mean() <= level + 4.5 * error, level


@pytest.mark.parametrize("chance", [0.004, 0.03, 0.5])
def test_the_error_is_the_right_one(chance, monkeypatch):
    """Over repeated samples p spreads as its error says and is hardly off, either way it stops."""
    monkeypatch.setattr(sampling, "ENOUGH", 100)
    monkeypatch.setattr(sampling, "MOST", 10_000)
    generator, repeats = np.random.default_rng(2), 600
    found = [sampled(with_chance(chance, generator)) for _ in range(repeats)]
    p_values = np.array([each.p_value for each in found])
    told = float(np.mean([each.error for each in found]))
    # the spread of 600 values is itself known to 3%
    assert p_values.std() == pytest.approx(told, rel=0.13)
    assert abs(p_values.mean() - chance) < 0.02 * chance + 4.5 * told / sqrt(repeats)


def test_stops_at_the_draw_that_is_enough():
    """With every third draw as extreme, the 1,000th is draw 3,000, inside a batch."""
    found = sampled(lambda draws, _: np.resize([False, False, True], 6_000)[:draws])
    # batches of 2,000 restart the pattern: 666 hits in each full batch, then 334 more
    assert (found.draws, found.p_value) == (3_002, 1_000 / 3_002)
    assert found.error == sqrt(found.p_value * (1 - found.p_value) / found.draws)


def test_a_tie_counts_half():
    """Draws that are ties alone give a half."""
    found = sampled(lambda draws, _: np.full(draws, 0.5))
    assert (found.p_value, found.draws) == (0.5, 2_000)


def test_never_zero():
    """Nothing as extreme in 100,000 draws leaves the observed one of 100,001."""
    found = sampled(lambda draws, _: np.zeros(draws, dtype=bool))
    assert (found.p_value, found.draws) == (1 / 100_001, 100_000)


def test_the_same_every_time():
    """The generator handed on is seeded alike at each call."""
    made = [sampled(lambda draws, generator: generator.random(draws) < 0.2) for _ in range(2)]
    assert made[0] == made[1]
