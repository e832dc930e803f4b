"""The numbers an audit looks at: every group in every box, merged boxes too, and what changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from pmstats.release.released.facts import NOT_RATED, RATING, FactKind, Where, narrowed

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from pmstats.release.released.system import Snapshot


@dataclass(frozen=True, slots=True)
class Cell:
    """A number of people: a group of one snapshot in some boxes."""

    snapshot: int
    group: Where
    boxes: tuple[str, ...]

    @property
    def where(self) -> Where:
        """The people counted."""
        return narrowed(self.group, **{RATING: self.boxes})


def cells_of(snapshots: Sequence[Snapshot]) -> tuple[Cell, ...]:
    """Every cell to look at: of groups named, the finest that can be told apart, and the rest.

    The rest is what a reader comes to who subtracts a table's printed numbers from everyone's.
    """
    found = {
        (place, _same(group), boxes): Cell(place, group, boxes)
        for place, snapshot in enumerate(snapshots)
        for group, boxes in (*_rest(snapshot), *_listed(snapshot))
    }
    return tuple(found.values())


def _same(group: Where) -> tuple[tuple[str, frozenset[str]], ...]:
    """What two groups share that are the same people, their answers in another order."""
    return tuple((name, frozenset(answers)) for name, answers in group)


def _listed(snapshot: Snapshot) -> Iterator[tuple[Where, tuple[str, ...]]]:
    for group in _groups(snapshot):
        for boxes in _box_sets(snapshot, whole=not group):
            yield group, boxes


def _groups(snapshot: Snapshot) -> list[Where]:
    named = {
        tuple(entry for entry in fact.where if entry[0] != RATING): None for fact in snapshot.facts
    }
    return list(named | dict.fromkeys(_finest(snapshot)))


def _rest(snapshot: Snapshot) -> Iterator[tuple[Where, tuple[str, ...]]]:
    """All but one group with a printed number, and all without one, in the boxes it counts."""
    printed: dict[tuple[str, tuple[str, ...]], list[tuple[str, ...]]] = {}
    for fact in snapshot.facts:
        groups = [entry for entry in fact.where if entry[0] != RATING]
        if fact.kind is FactKind.ROUNDED and len(groups) == 1:
            (name, answers), boxes = groups[0], dict(fact.where).get(RATING, ())
            printed.setdefault((name, boxes), []).append(answers)
    rated = _rated(snapshot)
    for (name, asked), told in printed.items():
        everybody = [answer for atom in snapshot.atoms[name] for answer in atom]
        boxes = tuple(box for box in rated if box in asked)
        for without in (*told, [answer for each in told for answer in each]):
            left = tuple(answer for answer in everybody if answer not in without)
            if left and boxes:
                yield ((name, left),), boxes
                yield ((name, left),), rated


def _finest(snapshot: Snapshot) -> Iterator[Where]:
    for table in snapshot.tables:
        names = table.dimensions[:-1]
        for atoms in product(*(snapshot.atoms[name] for name in names)):
            yield tuple(zip(names, atoms, strict=True))


def _box_sets(snapshot: Snapshot, *, whole: bool) -> list[tuple[str, ...]]:
    """Each box, each merged box that was named, all boxes but one, all boxes; in scale order."""
    answers = [answer for atom in snapshot.atoms[RATING] for answer in atom]
    rated = _rated(snapshot)
    sets: list[tuple[str, ...]] = [(box,) for box in rated]
    sets += [dict(fact.where)[RATING] for fact in snapshot.facts if RATING in dict(fact.where)]
    sets += [tuple(other for other in rated if other != box) for box in rated]
    sets.append(rated)
    if whole and NOT_RATED in answers:
        sets.append((NOT_RATED,))
    ordered = {tuple(box for box in answers if box in each): None for each in sets}
    return [each for each in ordered if each and (whole or NOT_RATED not in each)]


def _rated(snapshot: Snapshot) -> tuple[str, ...]:
    answers = (answer for atom in snapshot.atoms[RATING] for answer in atom)
    return tuple(answer for answer in answers if answer != NOT_RATED)


def sums_of(
    snapshots: Sequence[Snapshot], wheres: Sequence[tuple[int, Where]], *, size: int
) -> csr_array:
    """One row of ones and zeros for each set of people: which unknowns add up to it."""
    from scipy.sparse import csr_array

    held: list[NDArray[np.int64]] = [snapshots[place].cells(where) for place, where in wheres]
    return csr_array(
        (
            np.ones(sum(map(len, held)), dtype=np.int64),
            np.concatenate([np.zeros(0, dtype=np.int64), *held]),
            np.concatenate([[0], np.cumsum([len(each) for each in held])]).astype(np.int64),
        ),
        shape=(len(wheres), size),
    )


def changes(
    snapshots: Sequence[Snapshot], cells: Sequence[Cell], *, linked: bool = False
) -> list[tuple[int, int]]:
    """Pairs of cells about the same people at two times, the earlier first.

    With `linked` only those of one stage: a correction, not a new rating.
    """
    seen: dict[tuple[Where, tuple[str, ...]], list[int]] = {}
    for place, cell in enumerate(cells):
        seen.setdefault((cell.group, cell.boxes), []).append(place)
    return [
        (earlier, later)
        for places in seen.values()
        for at, earlier in enumerate(places)
        for later in places[at + 1 :]
        if not linked
        or snapshots[cells[earlier].snapshot].stage == snapshots[cells[later].snapshot].stage
    ]
