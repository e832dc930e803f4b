"""How many people are in each box: the one shape every table of ratings has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np

from pmstats.counts.tally import tally
from pmstats.errors import ParameterError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from pmstats.cohort.cohort import Cohort
    from pmstats.scheme import Scheme

#: Columns that say where in a department a person works.
STRUCTURE = ("grade", "business_unit", "panel")


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """People counted by box, in the scheme's order, zero boxes included.

    `n` counts the people rated; `unrated` those in the same table without a rating.

    >>> d = Distribution(ratings=("High", "Low"), counts=(3, 1), unrated=2)
    >>> d.n, d.shares
    (4, (0.75, 0.25))
    """

    ratings: tuple[str, ...]
    counts: tuple[int, ...]
    unrated: int = 0

    @property
    def n(self) -> int:
        """People rated."""
        return sum(self.counts)

    @property
    def people(self) -> int:
        """People in the table, rated or not."""
        return self.n + self.unrated

    @property
    def shares(self) -> tuple[float, ...]:
        """Share of the rated in each box (0 to 1); nan when nobody is rated."""
        n = self.n
        return tuple(count / n if n else float("nan") for count in self.counts)

    def count(self, *ratings: str) -> int:
        """People in any of these boxes. Raises `KeyError` for a box the scale lacks."""
        held = dict(zip(self.ratings, self.counts, strict=True))
        return sum(held[rating] for rating in set(ratings))

    def __add__(self, other: Distribution) -> Distribution:
        if self.ratings != other.ratings:
            raise ValueError("distributions on different scales cannot be added")
        return Distribution(
            ratings=self.ratings,
            counts=tuple(a + b for a, b in zip(self.counts, other.counts, strict=True)),
            unrated=self.unrated + other.unrated,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """Distributions of groups that are not characteristics: grades, business units."""

    heading: str
    rows: tuple[tuple[str, Distribution], ...]

    def __repr__(self) -> str:
        return f"<Groups by {self.heading.lower()}: {len(self.rows)}>"


def distribution(cohort: Cohort, *, stage: str) -> Distribution:
    """The rating distribution of everyone in the table at a stage (paras 17, 78)."""
    counts = tally(cohort, stage, by=np.zeros(len(cohort.people), dtype=np.int64), groups=1)[0]
    return from_row(cohort.scheme.rating_names, counts)


def distributions_by(cohort: Cohort, column: str, *, stage: str) -> Groups:
    """The rating distribution for each grade, business unit or panel, empty ones left out.

    A framework's own columns that group count as such. No rows when the export does not hold
    the column. Raises `ParameterError` for one that counts cannot be made by.
    """
    heading = group_heading(cohort.scheme, column)
    if column not in cohort.people.columns:
        return Groups(heading=heading, rows=())
    values = cast("pd.Categorical", cohort.people[column].array)
    table = tally(cohort, stage, by=np.asarray(values.codes), groups=len(values.categories))
    return Groups(
        heading=heading,
        rows=tuple(
            (str(name), from_row(cohort.scheme.rating_names, row))
            for name, row in zip(values.categories.tolist(), table, strict=True)
            if row.sum()
        ),
    )


def group_heading(scheme: Scheme, column: str) -> str:
    """What a table calls the groups of a column that counts can be made by.

    Raises `ParameterError` for one that they cannot be made by.
    """
    titles = {name: name.replace("_", " ").capitalize() for name in STRUCTURE}
    titles |= {own.name: own.title for own in scheme.grouping}
    if column not in titles:
        raise ParameterError(f"Group by one of {', '.join(titles)}, not by {column!r}.")
    return titles[column]


def from_row(ratings: tuple[str, ...], counts: NDArray[np.int64]) -> Distribution:
    """The distribution held in one row of a tally: a count per box, then the unrated."""
    return Distribution(
        ratings=ratings,
        counts=tuple(counts[:-1].tolist()),
        unrated=int(counts[-1]),
    )
