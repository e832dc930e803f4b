"""What moderation did: who moved, and whether groups moved differently from the same start."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import nan, prod

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from pmstats.findings.finding import TestResult
from pmstats.findings.methods.exact import TIE, Floats, binomial_test
from pmstats.findings.methods.sampling import sampled
from pmstats.findings.methods.stratified import stratified_permutation_test

Square = Sequence[Sequence[int]]

#: Outcomes listed before a sample is drawn instead.
OUTCOMES_LIMIT = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """People whose box went up, went down or stayed from one stage to the next."""

    raised: int
    lowered: int
    unchanged: int


def moves(table: Square) -> Moves:
    """The ups and downs in a square table: from (rows) to (columns), boxes worst first."""
    counts = np.asarray(table, dtype=np.int64)
    return Moves(
        raised=int(np.triu(counts, 1).sum()),
        lowered=int(np.tril(counts, -1).sum()),
        unchanged=int(np.trace(counts)),
    )


def up_down_test(table: Square) -> TestResult:
    """Whether ups and downs balance: the exact sign test on those who moved."""
    moved = moves(table)
    if moved.raised + moved.lowered == 0:
        return TestResult(p_value=nan, method="nothing to test: nobody moved")
    test = binomial_test(moved.raised, moved.raised + moved.lowered, share=0.5)
    return TestResult(
        p_value=test.p_value, statistic=test.statistic, method="exact sign test of ups and downs"
    )


def marginal_homogeneity(table: Square) -> TestResult:
    """Whether the distribution as a whole changed, by exchanging the two stages within people.

    The Stuart-Maxwell statistic, with a generalised inverse, so that an empty box does no harm.
    """
    pairs, ups, moved = _pairs(table)
    change = np.zeros((len(pairs), len(table)))
    for place, (low, high) in enumerate(pairs):
        change[place, low], change[place, high] = 1.0, -1.0
    inverse = np.linalg.pinv((change.T * moved) @ change, hermitian=True)

    def statistic(ways: Floats) -> Floats:
        difference = (2 * ways - moved) @ change
        return np.asarray(np.einsum("ij,jk,ik->i", difference, inverse, difference))

    return _exchanged(ups, moved, statistic, name="Stuart-Maxwell statistic")


def symmetry(table: Square) -> TestResult:
    """Whether as many people moved one way as the other between every two boxes.

    Bowker's statistic (1948) by exchanging the two stages within people. Ups between some boxes
    and downs between others can leave the distribution as it was, and are seen here alone.
    """
    _, ups, moved = _pairs(table)

    def statistic(ways: Floats) -> Floats:
        return np.asarray(((2 * ways - moved) ** 2 / moved).sum(axis=1))

    return _exchanged(ups, moved, statistic, name="Bowker's statistic")


def _pairs(table: Square) -> tuple[list[tuple[int, int]], Floats, Floats]:
    """Every two boxes between which people moved, how many moved up, and how many at all."""
    counts = np.asarray(table, dtype=np.int64)
    pairs = [
        (low, high)
        for low in range(len(counts))
        for high in range(low + 1, len(counts))
        if counts[low, high] + counts[high, low]
    ]
    ups = np.array([counts[low, high] for low, high in pairs], dtype=float)
    downs = np.array([counts[high, low] for low, high in pairs], dtype=float)
    return pairs, ups, ups + downs


def _exchanged(
    ups: Floats, moved: Floats, statistic: Callable[[Floats], Floats], *, name: str
) -> TestResult:
    """The statistic under every exchange of the people who moved.

    Exact while the ways are few, otherwise a sample of them.
    """
    if not moved.size:
        return TestResult(p_value=nan, method="nothing to test: nobody moved")
    observed = float(statistic(ups[np.newaxis])[0])
    threshold = observed * (1 - TIE)
    name = f"{name}, stages exchanged within people"
    if prod(int(each) + 1 for each in moved) <= OUTCOMES_LIMIT:
        ways = np.array(np.meshgrid(*[np.arange(each + 1.0) for each in moved])).reshape(
            moved.size, -1
        )
        totals = moved[:, np.newaxis]
        logs = gammaln(totals + 1) - gammaln(ways + 1) - gammaln(totals - ways + 1)
        p = np.exp(logs.sum(axis=0) - moved.sum() * np.log(2))
        p_value = min(1.0, float(p[statistic(ways.T) >= threshold].sum()))
        return TestResult(p_value=p_value, statistic=observed, method=f"exact {name}")
    people = moved.astype(np.int64)

    def as_far(draws: int, generator: np.random.Generator) -> NDArray[np.bool_]:
        ways = generator.binomial(people, 0.5, (draws, people.size))
        return statistic(ways.astype(float)) >= threshold

    found = sampled(as_far)
    return TestResult(
        p_value=found.p_value,
        statistic=observed,
        method=f"{name}, {found.draws:,} drawn",
        simulation_error=found.error,
    )


def differential_movement(group: Square, comparator: Square) -> TestResult:
    """Whether a group moved differently from its comparator, given where each person started.

    Both are square tables (from rows, to columns). People are permuted between the groups
    within each starting box, so one identical rule for everyone never shows as a difference
    merely because the groups start from different boxes; mean shifts are never compared.
    """
    starts = zip(group, comparator, strict=True)
    test = stratified_permutation_test([(own, other) for own, other in starts])
    return TestResult(
        p_value=test.p_value,
        statistic=test.statistic,
        method=f"{test.method}, strata are starting boxes",
        simulation_error=test.simulation_error,
    )
