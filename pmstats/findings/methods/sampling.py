"""p-values by drawing: as many draws as the answer needs, and none to make a large p exact."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Draws as extreme as observed that are enough, and draws after which fewer must do: at a p of
#: 0.01 both stop together, with an error of 3% of p.
ENOUGH, MOST = 1_000, 100_000

#: Draws made at a time.
BATCH = 2_000

SEED = 20_250_401

#: For so many fresh draws, how far each counts as extreme: 1 (or True), a half for a tie, 0.
Extreme = Callable[[int, np.random.Generator], NDArray[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampled:
    """A p-value, its Monte Carlo error, and the draws it took."""

    p_value: float
    error: float
    draws: int


def sampled(extreme: Extreme) -> Sampled:
    """The share of draws at least as extreme as observed.

    Stops at the draw that is the 1,000th as extreme, with the p-value 1,000 over the draws so
    far (Besag and Clifford 1991). After 100,000 draws with fewer, the one observed counts as
    one more (Phipson and Smyth 2010). Either way the p-value is valid, at or below any level
    with no more than that chance, unless ties count half. The same draws every time.
    """
    generator = np.random.default_rng(SEED)
    hits, draws = 0.0, 0
    while draws < MOST:
        reached = hits + np.cumsum(extreme(BATCH, generator), dtype=float)
        if reached[-1] >= ENOUGH:
            last = int(np.searchsorted(reached, ENOUGH))
            draws += last + 1
            return _sampled(float(reached[last]) / draws, draws)
        hits, draws = float(reached[-1]), draws + BATCH
    return _sampled((hits + 1) / (draws + 1), draws)


def _sampled(p_value: float, draws: int) -> Sampled:
    # a negative binomial wait and a binomial count have this error alike
    return Sampled(p_value=p_value, error=sqrt(p_value * (1 - p_value) / draws), draws=draws)
