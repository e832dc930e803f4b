"""Two groupings at once: one characteristic by another, or by grade."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pmstats.counts.breakdown import breakdown, breakdowns
from pmstats.counts.joint import tallies_of_pairs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pmstats.cohort.cohort import Cohort
    from pmstats.counts.breakdown import Breakdown

Boxes = tuple[int, ...]

TWO = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossed:
    """Rated people by a characteristic's groups and by another grouping's, in each box.

    `titles` and `names` are of both groupings; `counts` is rows x columns x the scheme's boxes.
    Only people with a usable answer to both. The repr shows no count.
    """

    titles: tuple[str, str]
    names: tuple[str, str]
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    counts: tuple[tuple[Boxes, ...], ...]

    @property
    def people(self) -> tuple[tuple[int, ...], ...]:
        """How many are rated in each cell."""
        return tuple(tuple(map(sum, row)) for row in self.counts)

    def __repr__(self) -> str:
        return f"<{self.titles[0]} by {self.titles[1].lower()}>"


def crossed(cohort: Cohort, one: str, other: str, *, stage: str) -> Crossed:
    """The rated people of a stage by a characteristic and by another, or by `grade`.

    Groups are those that `breakdown` compares. Raises `ParameterError` for a characteristic or
    stage that is not held.
    """
    compared = [breakdown(cohort, name, stage=stage) for name in (one, other) if name != "grade"]
    return _all(cohort, [(one, other)], compared, stage)[0]


def grade_mixes(cohort: Cohort, *, stage: str) -> tuple[Crossed, ...]:
    """Each characteristic by grade; none where the export holds no grades."""
    if "grade" not in cohort.people.columns:
        return ()
    asked = [(name, "grade") for name in cohort.characteristics]
    return _all(cohort, asked, breakdowns(cohort, stage=stage), stage)


def pairs(cohort: Cohort, *, stage: str) -> tuple[Crossed, ...]:
    """The first protected characteristic held by each other one, where both have two groups.

    More groups make pairs too many to take in and too small to show.
    """
    protected = {each.name for each in cohort.scheme.characteristics if each.protected}
    held = [name for name in cohort.characteristics if name in protected]
    asked = [(held[0], other) for other in held[1:]]
    made = _all(cohort, asked, breakdowns(cohort, stage=stage), stage)
    return tuple(each for each in made if len(each.rows) == len(each.columns) == TWO)


def merged(sizes: Sequence[Sequence[int]], *, minimum: int) -> tuple[tuple[int, ...], ...]:
    """Which neighbouring columns to take together so that no cell holds 1 to `minimum` - 1.

    The smallest cell goes first, with the neighbour of fewer people; one part may be left.

    >>> merged([[40, 1, 9], [60, 7, 20]], minimum=5)
    ((0,), (1, 2))
    """
    parts: list[tuple[int, ...]] = [(place,) for place in range(len(sizes[0]) if sizes else 0)]
    while len(parts) > 1:
        cells = [[sum(row[place] for place in part) for part in parts] for row in sizes]
        small = [
            (count, place)
            for row in cells
            for place, count in enumerate(row)
            if 0 < count < minimum
        ]
        if not small:
            break
        place = min(small)[1]
        totals = [sum(column) for column in zip(*cells, strict=True)]
        near = [each for each in (place - 1, place + 1) if 0 <= each < len(parts)]
        first = min(place, min(near, key=lambda each: totals[each]))
        parts[first : first + 2] = [parts[first] + parts[first + 1]]
    return tuple(parts)


@dataclass(frozen=True, slots=True)
class _Groups:
    """A grouping: its title, its groups, and which answers each is of (answers x groups, 0/1)."""

    title: str
    names: tuple[str, ...]
    members: NDArray[np.int64]


def _all(
    cohort: Cohort, asked: Sequence[tuple[str, str]], compared: Iterable[Breakdown], stage: str
) -> tuple[Crossed, ...]:
    """Each pair of groupings, their people counted in one pass; `compared` gives the levels."""
    levels = {each.characteristic: each.level for each in compared}
    names = dict.fromkeys(name for pair in asked for name in pair)
    groups = {name: _groups(cohort, name, levels) for name in names}
    tables = tallies_of_pairs(cohort, pairs=asked, stage=stage)
    return tuple(_crossed(groups, pair, tables[pair]) for pair in asked)


def _crossed(
    groups: Mapping[str, _Groups], names: tuple[str, str], table: NDArray[np.int64]
) -> Crossed:
    first, second = groups[names[0]], groups[names[1]]
    rows = np.tensordot(first.members, table[:, :, :-1], axes=(0, 0))  # groups x answers x boxes
    boxes = (second.members.T @ rows).tolist()
    return Crossed(
        titles=(first.title, second.title),
        names=names,
        rows=first.names,
        columns=second.names,
        counts=tuple(tuple(tuple(cell) for cell in row) for row in boxes),
    )


def _groups(cohort: Cohort, name: str, levels: Mapping[str, str]) -> _Groups:
    answers = tuple(cohort.people[name].array.categories.tolist())
    if name == "grade":
        known = [grade.name for grade in cohort.scheme.grades]
        held = {answer: answer for answer in answers}
        title, names = "Grade", tuple(grade for grade in known if grade in held)
    else:
        characteristic = cohort.scheme.characteristic(name)
        level = characteristic.level(levels[name])
        held = characteristic.groups_at(level.name)
        title, names = characteristic.title, tuple(group.name for group in level.groups)
    members = [[held.get(answer) == group for group in names] for answer in answers]
    return _Groups(title, names, np.array(members, dtype=np.int64).reshape(-1, len(names)))
