"""How many people are in each box: the one shape every table of ratings has."""

from __future__ import annotations

from dataclasses import dataclass


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
        for rating in ratings:
            if rating not in self.ratings:
                raise KeyError(rating)
        return sum(c for r, c in zip(self.ratings, self.counts, strict=True) if r in ratings)

    def __add__(self, other: Distribution) -> Distribution:
        if self.ratings != other.ratings:
            raise ValueError("distributions on different scales cannot be added")
        return Distribution(
            ratings=self.ratings,
            counts=tuple(a + b for a, b in zip(self.counts, other.counts, strict=True)),
            unrated=self.unrated + other.unrated,
        )
