"""Every table with given margins, or a sample of them: what a permutation of people can give.

Permuting people gives tables with the same margins; listing or drawing the tables themselves
is the same distribution at a cost that does not grow with the people.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from pmstats.findings.methods.exact import Floats, log_factorials

Counts = NDArray[np.int64]

#: Tables listed before a test falls back to drawing them.
ENUMERATION_LIMIT = 50_000


def without_empty(table: Sequence[Sequence[int]]) -> Counts:
    """The table as an array, without the rows and columns that hold nobody."""
    array = np.array([list(row) for row in table], dtype=np.int64)
    if array.size == 0:
        return np.zeros((0, 0), dtype=np.int64)
    array = array[array.sum(axis=1) > 0]
    return np.asarray(array[:, array.sum(axis=0) > 0])


def log_probabilities(tables: Counts) -> Floats:
    """The log probability of each table (tables x rows x columns) given its margins."""
    rows, columns = tables[0].sum(axis=1), tables[0].sum(axis=0)
    constant = gammaln(rows + 1).sum() + gammaln(columns + 1).sum() - gammaln(rows.sum() + 1)
    return np.asarray(constant - log_factorials(int(rows.sum()))[tables].sum(axis=(1, 2)))


def all_tables(rows: Counts, columns: Counts, limit: int = ENUMERATION_LIMIT) -> Counts | None:
    """Every table with these margins (tables x rows x columns), None if more than `limit`.

    Built cell by cell; every partial table kept can be completed, so none is wasted.
    """
    if rows.size and no_fewer_than(rows, columns) > limit:
        return None
    cells = np.zeros((1, 0), dtype=np.int64)
    left = columns[np.newaxis, :].astype(np.int64)
    for row in rows[:-1]:
        need = np.full(len(cells), row)
        for column in range(len(columns)):
            later = left[:, column + 1 :].sum(axis=1)
            low = np.maximum(0, need - later)
            width = np.minimum(need, left[:, column]) - low + 1
            if width.sum() > limit:
                return None
            source = np.repeat(np.arange(len(cells)), width)
            step = np.arange(width.sum()) - np.repeat(np.cumsum(width) - width, width)
            cell = low[source] + step
            cells = np.column_stack([cells[source], cell])
            need, left = need[source] - cell, left[source].copy()
            left[:, column] -= cell
    return np.column_stack([cells, left]).reshape(-1, len(rows), len(columns))


def no_fewer_than(rows: Counts, columns: Counts) -> int:
    """A number that there are at least as many tables with these margins as; quick to find.

    Every cell outside the largest row and column is given a part of its row and its column
    that it may fill whatever the others hold. The corner has room where these cells hold
    enough; half of what they can hold is reached by at least half of the ways to fill them.
    """
    *across, largest = sorted(rows.tolist())
    *down, _ = sorted(columns.tolist())
    needed = sum(down) - largest
    ways, most = 1, 0
    for place, people in enumerate(across):
        left = people
        for column, room in enumerate(down):
            part = min(left // (len(down) - column), room // (len(across) - place))
            left, down[column] = left - part, room - part
            ways, most = ways * (part + 1), most + part
    if needed <= 0:
        return ways
    return max(1, ways // 2) if 2 * needed <= most else 1


def drawn_tables(
    rows: Counts, columns: Counts, draws: int, generator: np.random.Generator
) -> Counts:
    """A sample of tables with these margins (draws x rows x columns), by hypergeometric cells."""
    cells = np.empty((len(rows), len(columns), draws), dtype=np.int64)
    left = np.repeat(columns[:, np.newaxis], draws, axis=1)
    by_size, across = np.argsort(rows, kind="stable"), np.argsort(columns, kind="stable")
    for row in by_size[:-1]:  # the largest row and column are what is left, and cost no draws
        need, pool = np.full(draws, rows[row]), left.sum(axis=0)
        for column in across[:-1]:
            pool -= left[column]
            cells[row, column] = generator.hypergeometric(left[column], pool, need)
            need -= cells[row, column]
        cells[row, across[-1]] = need
        left -= cells[row]
    cells[by_size[-1]] = left
    return cells.transpose(2, 0, 1)
