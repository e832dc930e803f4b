"""Where an organisation stands among its peers: how many stand lower, level and higher."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from pmstats.counts.tally import best_first_codes
from pmstats.errors import ParameterError
from pmstats.scheme.columns import Holds

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pmstats.cohort.cohort import Cohort
    from pmstats.scheme.raters import Peers


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One organisation's rating in one matter, and its peers by where they stand to it.

    `middle` is the middle rating of the peers, the better of two; empty, and the counts 0, where
    there are fewer peers than the scheme asks for. `rating` is empty where there is none.
    `narrative` is what the export says of the organisation beside its numbers.
    """

    matter: str
    rating: str
    peers: int
    lower: int
    level: int
    higher: int
    middle: str
    narrative: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """An organisation among its peers, matter by matter; the peers are never named."""

    organisation: str
    group: str
    heading: str
    smallest: int
    smallest_source: str
    paragraph: str
    rows: tuple[Place, ...]


def benchmark(cohort: Cohort, organisation: str) -> Benchmark:
    """Where one organisation stands among the others of its peer group, in each matter.

    Raises `ParameterError` when the scheme has no peers, the export lacks a column they need,
    or there is no such organisation.
    """
    rules = cohort.scheme.peers
    needed = (rules.organisation, rules.group, rules.by) if rules else ()
    if rules is None or not set(needed) <= set(cohort.people.columns):
        raise ParameterError(f"The export holds no peers of {cohort.scheme.title}.")
    people = cohort.people
    names = people[rules.organisation].astype(object).to_numpy()
    ours = names == organisation
    if not ours.any():
        known = ", ".join(sorted({str(name) for name in names if isinstance(name, str)})[:8])
        raise ParameterError(f"The export holds no {organisation!r}; it holds: {known} and others.")
    group = str(people[rules.group][ours].iloc[0])
    peers = (people[rules.group] == group).to_numpy() & ~ours
    matters = people[rules.by].cat
    rows = []
    for code, matter in enumerate(matters.categories):
        inside = matters.codes.to_numpy() == code
        if (inside & ours).any():
            place = _place(cohort, str(matter), inside & ours, inside & peers, rules)
            rows.append(replace(place, narrative=_narrative(cohort, inside & ours)))
    return Benchmark(
        organisation=organisation,
        group=group,
        heading=next(c.title for c in cohort.scheme.columns if c.name == rules.by),
        smallest=rules.smallest,
        smallest_source=rules.smallest_source,
        paragraph=rules.paragraph,
        rows=tuple(rows),
    )


def _place(
    cohort: Cohort,
    matter: str,
    ours: NDArray[np.bool_],
    peers: NDArray[np.bool_],
    rules: Peers,
) -> Place:
    scheme = cohort.scheme
    codes = best_first_codes(cohort, rules.stage)
    own = codes[ours & (codes >= 0)]
    others = np.sort(codes[peers & (codes >= 0)])
    rating = scheme.best_first[own[-1]] if len(own) else ""
    if not len(own) or len(others) < rules.smallest:
        return Place(
            matter=matter, rating=rating, peers=len(others), lower=0, level=0, higher=0, middle=""
        )
    return Place(
        matter=matter,
        rating=rating,
        peers=len(others),
        lower=int((others > own[-1]).sum()),
        level=int((others == own[-1]).sum()),
        higher=int((others < own[-1]).sum()),
        middle=scheme.best_first[others[(len(others) - 1) // 2]],
    )


def _narrative(cohort: Cohort, ours: NDArray[np.bool_]) -> str:
    """The narratives of these rows; a scheme of people has none."""
    columns = [c.name for c in cohort.scheme.columns if c.holds is Holds.NARRATIVE]
    held = (cohort.people[name][ours].dropna() for name in columns if name in cohort.people)
    return " ".join(str(text) for texts in held for text in texts)
