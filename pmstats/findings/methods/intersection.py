"""Two characteristics at once: shrunken shares, and how far they go beyond adding up.

The idea of MAIHDA (Evans and others 2018) with the beta-binomial in place of a mixed model.
No cell is tested: cells are for looking, shrunk, and the characteristics are for testing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan

import numpy as np

from pmstats.findings.finding import Interval
from pmstats.findings.methods.shrinkage import shrunken_shares


@dataclass(frozen=True, slots=True, kw_only=True)
class Intersection:
    """Shrunken shares by the two characteristics' groups (rows and columns of the input).

    `between` is the share of variance between cells; `beyond_additive` the part of the spread
    of the shrunken shares (0 to 1) that the two characteristics added together leave over,
    nan where there is no spread or too few people.
    """

    shares: tuple[tuple[Interval, ...], ...]
    people: tuple[tuple[int, ...], ...]
    between: Interval
    beyond_additive: float
    method: str


def intersection(
    counts: Sequence[Sequence[int]], people: Sequence[Sequence[int]], *, confidence: float = 0.95
) -> Intersection:
    """The share in a framing for each cell of two characteristics, shrunk to the pooled share.

    `counts` in the framing and `people` rated, both groups x groups; an empty cell is given
    what the others say of it.
    """
    inside, everyone = np.asarray(counts), np.asarray(people)
    pairs = np.column_stack([inside.ravel(), (everyone - inside).ravel()])
    shrunk = shrunken_shares(pairs.tolist(), confidence=confidence)
    cells = [row[0] for row in shrunk.shares]
    width = everyone.shape[1]
    return Intersection(
        shares=tuple(tuple(cells[start : start + width]) for start in range(0, len(cells), width)),
        people=tuple(tuple(int(n) for n in row) for row in everyone),
        between=shrunk.between,
        beyond_additive=_beyond_additive([cell.value for cell in cells], everyone),
        method=shrunk.method,
    )


def _beyond_additive(
    shares: Sequence[float], people: np.ndarray[tuple[int, int], np.dtype[np.int64]]
) -> float:
    """The people-weighted variance that rows plus columns leave, as part of all of it."""
    value = np.asarray(shares, dtype=float)
    weight = people.ravel().astype(float)
    if np.isnan(value).any() or weight.sum() == 0:
        return nan
    rows, columns = people.shape
    design = np.hstack(
        [np.kron(np.eye(rows), np.ones((columns, 1))), np.kron(np.ones((rows, 1)), np.eye(columns))]
    )
    root = np.sqrt(weight)
    centred = value - np.average(value, weights=weight)
    fitted = design @ np.linalg.lstsq(design * root[:, None], centred * root, rcond=None)[0]
    total = float(weight @ centred**2)
    return float(weight @ (centred - fitted) ** 2) / total if total > 1e-12 else nan
