"""Breakdowns by hand, for comparisons whose figures a test works out itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from pmstats.counts import Answer, Breakdown, Distribution, GroupRow
from pmstats.scheme import Scheme

#: The people of each group, who all declared, and their counts in each box, best first.
Groups = Mapping[str, tuple[str, tuple[int, ...]]]


@pytest.fixture
def broken_down(scs: Scheme) -> Callable[..., Breakdown]:
    """Makes a breakdown by sex, or by another characteristic of so many groups."""

    def made(
        groups: Groups,
        *,
        characteristic: str = "sex",
        title: str = "Sex",
        level: str = "2 groups",
        reference: str = "Male",
    ) -> Breakdown:
        return Breakdown(
            characteristic=characteristic,
            title=title,
            level=level,
            reference=reference,
            protected=True,
            paragraph="83",
            rows=tuple(
                GroupRow(
                    name=name,
                    people=people,
                    answer=Answer.DECLARED,
                    distribution=Distribution(ratings=scs.best_first, counts=counts),
                )
                for name, (people, counts) in groups.items()
            ),
        )

    return made
