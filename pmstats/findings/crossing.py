"""Two characteristics at once, in a framing: each group's share drawn towards that of all.

For looking at, never for testing: the characteristics one by one are tested.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING

import numpy as np

from pmstats.findings.methods.intersection import intersection
from pmstats.findings.sentences import percent

if TYPE_CHECKING:
    from pmstats.counts.crossed import Crossed
    from pmstats.findings.finding import Interval
    from pmstats.scheme import Framing, Scheme


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """People of two groups at once: how many, their share as counted, and drawn towards all."""

    groups: tuple[str, str]
    n: int
    counted: float
    share: Interval


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Crossing:
    """Every pair of groups of two characteristics, in one framing, with what they come to."""

    titles: tuple[str, str]
    names: tuple[str, str]
    framing: str
    cells: tuple[Cell, ...]
    sentence: str

    def __repr__(self) -> str:
        return f"<Crossing: {self.titles[0]} and {self.titles[1].lower()}>"


def crossings(pairs: Iterable[Crossed], *, scheme: Scheme) -> tuple[Crossing, ...]:
    """Each pair of characteristics in the scheme's first framing.

    A pair is left out where a pair of groups has fewer than the scheme's minimum, since the
    totals that stand elsewhere would give it away, and where there is too little to learn from.
    """
    return tuple(_crossings(pairs, scheme)) if scheme.framings else ()


def _crossings(pairs: Iterable[Crossed], scheme: Scheme) -> Iterator[Crossing]:
    framing = scheme.framings[0]
    for pair in pairs:
        smallest = min((n for row in pair.people for n in row), default=0)
        if smallest >= scheme.practice.minimum_group:
            made = _crossing(pair, framing, scheme)
            if made:
                yield made


def _crossing(pair: Crossed, framing: Framing, scheme: Scheme) -> Crossing | None:
    inside = [scheme.rating_names.index(rating) for rating in framing.ratings]
    counts = np.asarray(pair.counts)[:, :, inside].sum(axis=2).tolist()
    found = intersection(counts, pair.people, confidence=scheme.practice.confidence)
    if isnan(found.between.value):
        return None
    cells = tuple(
        Cell(
            groups=(row, column),
            n=pair.people[place][other],
            counted=counts[place][other] / pair.people[place][other],
            share=found.shares[place][other],
        )
        for place, row in enumerate(pair.rows)
        for other, column in enumerate(pair.columns)
    )
    return Crossing(
        titles=pair.titles,
        names=pair.names,
        framing=framing.name,
        cells=cells,
        sentence=_sentence(pair, framing, cells, found.beyond_additive),
    )


def _sentence(pair: Crossed, framing: Framing, cells: tuple[Cell, ...], beyond: float) -> str:
    one, other = pair.titles[0], pair.titles[1].lower()
    low, *_, high = sorted(cell.share.value for cell in cells)
    sizes = [cell.n for cell in cells]
    added = (
        ""
        if isnan(beyond)
        else f" {one} and {other} added up account for {percent(1 - beyond)} of how they differ."
    )
    return (
        f"{one} and {other}, {framing.name.lower()}: {percent(low)} to {percent(high)}, each share "
        f"drawn towards that of all (n from {min(sizes):,} to {max(sizes):,}).{added}"
    )
