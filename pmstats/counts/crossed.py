"""Two groupings at once: one characteristic by another, or by grade."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pmstats.counts.breakdown import breakdown
from pmstats.counts.tally import tally

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pmstats.cohort.cohort import Cohort

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
    first, second = _groups(cohort, one, stage), _groups(cohort, other, stage)
    width = len(second.names)
    both = (first.codes >= 0) & (second.codes >= 0)
    codes = np.where(both, first.codes * width + second.codes, -1)
    counts = tally(cohort, stage, by=codes, groups=len(first.names) * width)
    boxes = counts[:, :-1].reshape(len(first.names), width, -1).tolist()
    return Crossed(
        titles=(first.title, second.title),
        names=(one, other),
        rows=first.names,
        columns=second.names,
        counts=tuple(tuple(tuple(cell) for cell in row) for row in boxes),
    )


def grade_mixes(cohort: Cohort, *, stage: str) -> tuple[Crossed, ...]:
    """Each characteristic by grade; none where the export holds no grades."""
    if "grade" not in cohort.people.columns:
        return ()
    return tuple(crossed(cohort, name, "grade", stage=stage) for name in cohort.characteristics)


def pairs(cohort: Cohort, *, stage: str) -> tuple[Crossed, ...]:
    """The first protected characteristic held by each other one, where both have two groups.

    More groups make pairs too many to take in and too small to show.
    """
    protected = {each.name for each in cohort.scheme.characteristics if each.protected}
    held = [name for name in cohort.characteristics if name in protected]
    made = (crossed(cohort, held[0], other, stage=stage) for other in held[1:])
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
    """A grouping: its title, its groups, and each person's, -1 for no usable answer."""

    title: str
    names: tuple[str, ...]
    codes: NDArray[np.int64]


def _groups(cohort: Cohort, name: str, stage: str) -> _Groups:
    column = cohort.people[name].cat
    if name == "grade":
        known = [grade.name for grade in cohort.scheme.grades]
        held = {answer: answer for answer in column.categories}
        title, names = "Grade", tuple(grade for grade in known if grade in held)
    else:
        characteristic = cohort.scheme.characteristic(name)
        level = characteristic.level(breakdown(cohort, name, stage=stage).level)
        held = characteristic.groups_at(level.name)
        title, names = characteristic.title, tuple(group.name for group in level.groups)
    places = [
        names.index(held[answer]) if held.get(answer) in names else -1
        for answer in column.categories
    ]
    codes = column.codes.to_numpy()
    return _Groups(title, names, np.array([*places, -1], dtype=np.int64)[codes])
