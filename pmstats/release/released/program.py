"""Integer programs over the unknown tables, solved by HiGHS and checked in whole numbers.

A table that HiGHS finds is believed only once every constraint holds exactly; a run that ends
for any other reason than "found" or "there is none" is a refusal, never an answer.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pmstats.errors import DisclosureRefusal
from pmstats.release.released.system import Row

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    Integers = NDArray[np.int64]

#: HiGHS's words for "optimal" and "infeasible" as scipy passes them on.
FOUND, NONE = 0, 2
#: What stands for "no limit" in whole numbers.
FAR = np.int64(2**40)


#: Seconds of the wall clock, the only one HiGHS has, that it is given for one of the processor.
PATIENCE = 30


class Clock:
    """How much processor time an audit may still take; running out is a refusal.

    Not time of the wall: what passes on a quiet machine passes on a busy one.
    """

    def __init__(self, seconds: float) -> None:
        self.end = time.process_time() + seconds

    @property
    def left(self) -> float:
        """Seconds left. Raises `DisclosureRefusal` when there are none."""
        left = self.end - time.process_time()
        if left <= 0:
            raise DisclosureRefusal(
                "The audit was not done in the time it is given, so nothing was released. "
                "Release fewer tables at a time, or coarser ones."
            )
        return left


@dataclass(frozen=True, slots=True)
class Program:
    """Whole numbers from 0 up to `most` with `low <= matrix @ cells <= high`."""

    matrix: csr_array
    low: Integers
    high: Integers
    most: int

    def holds(self, cells: Integers) -> bool:
        """Whether a table meets every constraint exactly."""
        sums = self.matrix @ cells
        return bool((cells >= 0).all() and (sums >= self.low).all() and (sums <= self.high).all())

    def part(self, columns: Integers, *, rest: Integers) -> Program:
        """The program of some cells when all others are as in `rest`."""
        inside = self.matrix[:, columns]
        kept = np.flatnonzero(np.diff(inside.indptr))
        fixed = (self.matrix @ rest - inside @ rest[columns])[kept]
        return Program(inside[kept], self.low[kept] - fixed, self.high[kept] - fixed, self.most)

    def without(self, rows: Integers) -> Program:
        """The program with some constraints left out."""
        kept = np.setdiff1d(np.arange(len(self.low)), rows)
        return Program(self.matrix[kept], self.low[kept], self.high[kept], self.most)

    def bounded(self, weights: Integers, low: int | None, high: int | None) -> Program:
        """The program with one more constraint."""
        from scipy.sparse import csr_array, vstack

        return Program(
            csr_array(vstack([self.matrix, csr_array(weights.reshape(1, -1))], format="csr")),
            np.append(self.low, -FAR if low is None else low),
            np.append(self.high, FAR if high is None else high),
            self.most,
        )

    def least(self, weights: NDArray[np.float64] | Integers, *, clock: Clock) -> Integers | None:
        """A table with the least weighted sum, or None when no table meets the constraints."""
        return self._checked(_minimised(self, weights, len(weights), clock), len(weights))

    def closest(
        self, values: Integers, *, clock: Clock, sums: csr_array | None = None
    ) -> Integers | None:
        """The table with the fewest people elsewhere than in `values`, or None as in `least`.

        `values` are its cells, or with `sums` those sums of its cells.
        """
        from scipy.sparse import csr_array, eye_array, hstack, vstack

        n, m = self.matrix.shape[1], len(values)
        compared = eye_array(n, format="csr") if sums is None else sums
        eye, far = eye_array(m, format="csr"), np.full(m, FAR)
        wide = hstack([self.matrix, csr_array((self.matrix.shape[0], m))])
        # one more unknown for each value: how far from it the table is
        apart = Program(
            csr_array(vstack([wide, hstack([compared, -eye]), hstack([compared, eye])])),
            np.concatenate([self.low, -far, values]),
            np.concatenate([self.high, values, far]),
            self.most,
        )
        moved = np.append(np.zeros(n), np.ones(m))
        return self._checked(_minimised(apart, moved, n, clock), n)

    def _checked(self, found: NDArray[np.float64] | None, n: int) -> Integers | None:
        if found is None:
            return None
        cells: Integers = np.rint(found[:n]).astype(np.int64)
        if not self.holds(cells):
            raise DisclosureRefusal("The audit's solver gave a table that breaks its constraints.")
        return cells


def _minimised(
    program: Program, weights: NDArray[np.float64] | Integers, whole: int, clock: Clock
) -> NDArray[np.float64] | None:
    """What HiGHS finds, the first `whole` unknowns whole; None when it says there is nothing."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    low = np.where(program.low <= -FAR, -np.inf, program.low)
    high = np.where(program.high >= FAR, np.inf, program.high)
    result = milp(
        np.asarray(weights, dtype=float),
        constraints=LinearConstraint(program.matrix, low, high) if len(low) else (),
        bounds=Bounds(0, program.most),
        integrality=(np.arange(len(weights)) < whole).astype(int),
        options={"time_limit": PATIENCE * clock.left, "mip_rel_gap": 0.0},
    )
    if result.status == NONE:
        return None
    if result.status != FOUND:
        raise DisclosureRefusal(f"The audit's solver gave no answer: {result.message}")
    found: NDArray[np.float64] = result.x
    return found


def program_of(rows: Sequence[Row], *, size: int) -> Program:
    """The integer program of these constraints over `size` cells."""
    from scipy.sparse import csr_array

    low = np.array([-FAR if row.low is None else row.low for row in rows], dtype=np.int64)
    high = np.array([FAR if row.high is None else row.high for row in rows], dtype=np.int64)
    counts = [len(row.cells) for row in rows]
    empty = np.zeros(0, dtype=np.int64)
    matrix = csr_array(
        (
            np.concatenate([empty, *(row.weights for row in rows)]),
            np.concatenate([empty, *(row.cells for row in rows)]),
            np.concatenate([[0], np.cumsum(counts)]) if counts else np.zeros(1, dtype=np.int64),
        ),
        shape=(len(rows), size),
    )
    named = np.abs(np.concatenate([low, high]))
    # far above any number that is named, so that it never binds, and small enough for HiGHS
    return Program(matrix, low, high, 1_000 + int(named[named < FAR].sum()))
