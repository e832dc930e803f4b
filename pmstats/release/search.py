"""The search for tables that a reader cannot rule out and that hide what a release must hide.

A number counts as hidden when there is a table that meets every fact, on which every word comes
out the same, and in which the number is none or not small. Such tables are looked for close to
one plausible table: first among those that differ in one table of unknowns only, which is quick,
then among all. Only what is found and checked is believed, so a fault of the search or of the
solver can refuse a release but never let one through.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from pmstats.counts.distribution import Distribution
from pmstats.release.cells import cells_of, changes, sums_of
from pmstats.release.facts import NOT_RATED, RATING, FactKind, narrowed
from pmstats.release.program import Clock, Program, program_of
from pmstats.release.system import Row, snapshots
from pmstats.release.words import curve_words, verdict_words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pmstats.release.facts import Register, Where
    from pmstats.release.system import Snapshot, Source
    from pmstats.scheme import Scheme

    Integers = NDArray[np.int64]

#: How often another table is tried when one does not bear the words out.
TRIES = 12


class Search:
    """What a reader of all these registers can and cannot rule out."""

    def __init__(self, registers: Sequence[Register], *, scheme: Scheme, clock: Clock) -> None:
        self.scheme, self.clock = scheme, clock
        self.snapshots = snapshots(registers)
        self.cells = cells_of(self.snapshots)
        self.size = sum(each.size for each in self.snapshots)
        wheres = [(cell.snapshot, cell.where) for cell in self.cells]
        self.sums = sums_of(self.snapshots, wheres, size=self.size)
        self.rows = [row for each in self.snapshots for row in each.rows()]
        self.rows += self._links(max(each.assumed_change for each in registers))
        self.program = program_of(self.rows, size=self.size)
        self.changes = changes(self.snapshots, self.cells)
        self.groups = self._groups()
        self.threshold = max(register.threshold for register in registers)
        self.hidden = np.zeros(len(self.cells), dtype=bool)
        # that everybody is rated tells nothing of anybody's rating
        self.possible = np.array([cell.boxes == (NOT_RATED,) for cell in self.cells])
        self.least_change = np.full(len(self.changes), np.iinfo(np.int64).max)
        self.most_change = -self.least_change
        self.base: Integers | None = None
        self.doubted: frozenset[Source] = frozenset()

    # ---- what a reader assumes of two releases of one stage -------------------------------------

    def _links(self, assumed: int) -> list[Row]:
        """A correction moves few people: as few as the facts allow, and no more than assumed."""
        pairs = changes(self.snapshots, self.cells, linked=True)
        if not pairs:
            return []
        plain = [row for each in self.snapshots for row in each.rows()]
        for moved in (assumed, *(m for m in (2, 3, 5, 10, 20, 50) if m > assumed)):
            links = [self._link(pair, moved) for pair in pairs]
            program = program_of([*plain, *links], size=self.size)
            if program.least(np.zeros(self.size), clock=self.clock) is not None:
                return links
        return []

    def _link(self, pair: tuple[int, int], moved: int) -> Row:
        earlier, later = (self.sums[[place]] for place in pair)
        cells = np.concatenate([later.indices, earlier.indices]).astype(np.int64)
        weights = np.concatenate([later.data, -earlier.data])
        return Row(cells, weights, -moved, moved)

    def _groups(self) -> Integers:
        """For each cell, the place of the cell that counts its whole group."""
        whole = {
            (cell.snapshot, cell.group): place
            for place, cell in enumerate(self.cells)
            if len(cell.boxes) > 1 and set(cell.boxes) == self._rated(cell.snapshot)
        }
        return np.array([whole[cell.snapshot, cell.group] for cell in self.cells], dtype=np.int64)

    def _rated(self, snapshot: int) -> set[str]:
        atoms = self.snapshots[snapshot].atoms[RATING]
        return {answer for atom in atoms for answer in atom} - {NOT_RATED}

    # ---- believing a table ----------------------------------------------------------------------

    def seen(self, table: Integers) -> bool:
        """Take note of a table that meets every fact, if it bears out every word."""
        if not self.doubted.issuperset(self.contradicted(table)):
            return False
        values = self.sums @ table
        self.hidden |= (values == 0) | (values >= self.threshold)
        self.possible |= (values > 0) | (values[self.groups] == 0)
        if self.changes:
            earlier, later = np.array(self.changes).T
            moved = values[later] - values[earlier]
            self.least_change = np.minimum(self.least_change, moved)
            self.most_change = np.maximum(self.most_change, moved)
        return True

    def contradicted(self, table: Integers) -> Iterator[Source]:
        """The words that come out otherwise on this table."""
        for snapshot in self.snapshots:
            for place, register in zip(snapshot.places, snapshot.registers, strict=True):
                said = {f.id: f.word for f in register.facts if f.kind is FactKind.WORD}
                found = self._words(table, snapshot, register) if said else {}
                yield from ((place, id) for id, word in said.items() if found.get(id) != word)

    def _words(self, table: Integers, snapshot: Snapshot, register: Register) -> dict[str, str]:
        def counts(group: Where, boxes: tuple[str, ...]) -> tuple[int, ...]:
            return tuple(
                int(table[snapshot.cells(narrowed(group, **{RATING: (box,)}))].sum())
                for box in boxes
            )

        names = self.scheme.rating_names
        overall = Distribution(ratings=names, counts=counts((), names))
        return {
            **curve_words(overall, scheme=self.scheme),
            **verdict_words(
                {
                    each.characteristic: [
                        counts(group, self.scheme.worst_first) for _, group in each.groups
                    ]
                    for each in register.comparisons
                },
                scheme=self.scheme,
            ),
        }

    # ---- finding tables -------------------------------------------------------------------------

    def start(self) -> tuple[Source, ...]:
        """Find the plausible table to search from; gives the words no table was found for.

        Those words are left aside from then on. Without any table at all `base` stays None: the
        registers contradict each other.
        """
        facts = {s: fact for each in self.snapshots for s, fact in each.sourced.items()}
        rows = [
            (place, facts[row.source])
            for place, row in enumerate(self.rows)
            if row.source and facts[row.source].kind in (FactKind.ROUNDED, FactKind.WITHHELD)
        ]
        sums = self.program.matrix[[place for place, _ in rows]]
        printed = np.array(
            [self.threshold // 3 if f.value is None else f.value for _, f in rows], dtype=np.int64
        )
        shaken, random = printed, np.random.default_rng(0)
        wrong: tuple[Source, ...] = ()
        for _ in range(TRIES):
            table = self.program.closest(shaken, sums=sums, clock=self.clock)
            if table is None:
                return ()
            now = tuple(self.contradicted(table))
            if self.base is None or len(now) < len(wrong):
                self.base, wrong = table, now
            if not wrong:
                break
            shaken = printed + random.integers(-3, 4, size=len(printed))
        self.doubted = frozenset(wrong)
        assert self.base is not None
        assert self.seen(self.base)
        return wrong

    def hide(self, cell: int) -> bool:
        """Look for tables in which a cell is none or not small; whether one is found."""
        wanted = ((None, 0), (self.threshold, None))
        return any(
            self._found(self.sums[[cell]], low, high, cell=cell, near=near)
            for near in (True, False)
            for low, high in wanted
        )

    def people(self, cell: int) -> bool:
        """Look for a table in which somebody is in a cell; whether one is found."""
        return any(
            self._found(self.sums[[cell]], 1, None, cell=cell, near=near) for near in (True, False)
        )

    def _found(
        self, weights: object, low: int | None, high: int | None, *, cell: int, near: bool
    ) -> bool:
        assert self.base is not None
        line = np.asarray(weights.todense(), dtype=np.int64).ravel()  # type: ignore[attr-defined]
        if not near:
            table = self.program.bounded(line, low=low, high=high).closest(
                self.base, clock=self.clock
            )
            return table is not None and self.seen(table)
        columns = self._columns(cell)
        part = self.program.part(columns, rest=self.base).bounded(line[columns], low=low, high=high)
        found = part.closest(self.base[columns], clock=self.clock)
        if found is None:
            return False
        table = self.base.copy()
        table[columns] = found
        return self.seen(table)

    def _columns(self, cell: int) -> Integers:
        """The unknowns of the one table that a cell is in."""
        asked = self.cells[cell]
        return self.snapshots[asked.snapshot].table_of(asked.group).cells.ravel()

    # ---- exact limits ---------------------------------------------------------------------------

    def limits(self, line: Integers, *, program: Program | None = None) -> tuple[int, int] | None:
        """The least and greatest value of a sum over all tables that meet the facts."""
        program = self.program if program is None else program
        low = program.least(line, clock=self.clock)
        if low is None:
            return None
        high = program.least(-line, clock=self.clock)
        assert high is not None
        return int(line @ low), int(line @ high)

    def line(self, cell: int) -> Integers:
        """A cell as a sum of unknowns."""
        return np.asarray(self.sums[[cell]].todense(), dtype=np.int64).ravel()
