"""The search for tables that a reader cannot rule out and that hide what a release must hide.

A number counts as hidden when there is a table that meets every fact, on which every word comes
out the same, and in which the number is none or not small. Such tables are looked for close to
one plausible table: first among those that differ in one table of unknowns only, which is quick,
then among all. Only what is found and checked is believed, so a fault of the search or of the
solver can refuse a release but never let one through.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pmstats.counts.distribution import Distribution
from pmstats.release.released.cells import cells_of, changes, sums_of
from pmstats.release.released.facts import NOT_RATED, RATING, FactKind, narrowed
from pmstats.release.released.program import Clock, Program, program_of
from pmstats.release.released.system import Row, among_earlier, says_the_same, snapshots
from pmstats.release.released.words import CURVE, band_id, curve_words, verdict_id, verdict_words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pmstats.release.released.facts import Register, Where
    from pmstats.release.released.system import Snapshot, Source, Table
    from pmstats.scheme import Scheme

    Integers = NDArray[np.int64]

#: How often another table is tried when one does not bear the words out.
TRIES, FAR_TRIES = 24, 2


@dataclass(frozen=True, slots=True)
class Limit:
    """What a sum of unknowns is to be: at least `low`, at most `high`; None is no limit."""

    line: Integers
    low: int | None
    high: int | None

    def among(
        self, columns: Integers, *, rest: Integers
    ) -> tuple[Integers, int | None, int | None]:
        """The same limit on some unknowns when all others are as in `rest`."""
        others = int(self.line @ rest) - int(self.line[columns] @ rest[columns])
        return (
            self.line[columns],
            None if self.low is None else self.low - others,
            None if self.high is None else self.high - others,
        )


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
        self.rows += self._within_earlier()
        self.program = program_of(self.rows, size=self.size)
        self.changes = changes(self.snapshots, self.cells)
        self.groups = self._groups()
        self.threshold = max(register.threshold for register in registers)
        self.hidden = np.zeros(len(self.cells), dtype=bool)
        # that everybody is rated tells nothing of anybody's rating
        self.possible = np.array([cell.boxes == (NOT_RATED,) for cell in self.cells])
        self.possible |= self.sums @ self._can_be() == 0
        self.least_change = np.full(len(self.changes), np.iinfo(np.int64).max)
        self.most_change = -self.least_change
        self.base: Integers | None = None
        self.doubted: frozenset[Source] = frozenset()
        self.obstacles: dict[int, frozenset[Source]] = {}

    # ---- what a reader assumes of two releases of one stage -------------------------------------

    def _links(self, assumed: int) -> list[Row]:
        """A correction moves as few people as the facts allow: none, those assumed, or more."""
        pairs = changes(self.snapshots, self.cells, linked=True)
        if not pairs:
            return []
        plain = [row for each in self.snapshots for row in each.rows()]
        still = (0,) if says_the_same(self.snapshots) else ()
        for moved in (*still, assumed, *(m for m in (2, 3, 5, 10, 20, 50) if m > assumed)):
            links = [self._link(pair, moved) for pair in pairs]
            program = program_of([*plain, *links], size=self.size)
            if program.least(np.zeros(self.size), clock=self.clock) is not None:
                return links
        return []

    def _within_earlier(self) -> list[Row]:
        """Those now told apart by an earlier box are among those who had it then.

        Left aside when the facts do not bear it out: the record was corrected since.
        """
        found = among_earlier(self.snapshots)
        if found:
            program = program_of([*self.rows, *found], size=self.size)
            if program.least(np.zeros(self.size), clock=self.clock) is None:
                return []
        return found

    def _can_be(self) -> Integers:
        """One for each unknown that the words do not rule out, else none."""
        can = np.ones(self.size, dtype=np.int64)
        for each in self.snapshots:
            for where in each.nobody:
                can[each.cells(where)] = 0
        return can

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

    def seen(self, table: Integers, *, cell: int = -1) -> bool:
        """Take note of a table that meets every fact, if it bears out every word.

        If it does not, its fewest words so far are what stands in the way of hiding `cell`.
        """
        wrong = frozenset(self.contradicted(table)) - self.doubted
        if wrong:
            known = self.obstacles.get(cell, wrong)
            self.obstacles[cell] = min(known, wrong, key=len)
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
        overall = Distribution(ratings=names, counts=counts(register.whole, names))
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
        for guess in (self.threshold // 3, 0, self.threshold // 2, self.threshold - 1):
            table = self._near_what_is_printed(self.program, guess)
            if table is None:
                return ()
            self._start_from(table, frozenset(self.contradicted(table)))
        for line, value in self._expected_boxes():
            if not any(id.startswith(CURVE) for _, id in self.doubted):
                break
            table = self._near_what_is_printed(self.program.bounded(line, value, value), 0)
            if table is not None:
                self._start_from(table, frozenset(self.contradicted(table)))
        assert self.base is not None
        if self.doubted:
            self._start_from(*self.mended(self.base))
        noted = self.seen(self.base)
        assert noted
        return tuple(sorted(self.doubted))

    def _start_from(self, table: Integers, wrong: frozenset[Source]) -> None:
        if self.base is None or len(wrong) < len(self.doubted):
            self.base, self.doubted = table, wrong

    def _expected_boxes(self) -> Iterator[tuple[Integers, int]]:
        """Each box the curve has a share for, with every number it might plausibly hold."""
        assert self.base is not None
        shares = self.scheme.curve.shares if self.scheme.curve else ()
        for snapshot in self.snapshots:
            for where in dict.fromkeys(register.whole for register in snapshot.registers):
                for share in shares:
                    line = np.zeros(self.size, dtype=np.int64)
                    line[snapshot.cells(narrowed(where, **{RATING: (share.rating,)}))] = 1
                    held = int(line @ self.base)
                    for value in range(max(0, held - self.threshold), held + self.threshold):
                        yield line, value

    def _near_what_is_printed(self, program: Program, guess: int) -> Integers | None:
        """The table closest to the printed numbers, withheld ones taken to be `guess`."""
        facts = {s: fact for each in self.snapshots for s, fact in each.sourced.items()}
        printed = [
            (place, facts[row.source].value)
            for place, row in enumerate(self.rows)
            if row.source and facts[row.source].kind in (FactKind.ROUNDED, FactKind.WITHHELD)
        ]
        values = np.array([guess if v is None else v for _, v in printed], dtype=np.int64)
        sums = self.program.matrix[[place for place, _ in printed]]
        return program.closest(values, sums=sums, clock=self.clock)

    def mended(
        self, table: Integers, limit: Limit | None = None
    ) -> tuple[Integers, frozenset[Source]]:
        """The table changed, one table of unknowns at a time, so that more words are borne out.

        A `limit` on a sum that the table meets is kept. Gives the words still contradicted too.
        """
        wrong = frozenset(self.contradicted(table))
        for id, unknowns in self._tables_behind(wrong).items():
            columns = _columns(unknowns)
            part = self.program.part(columns, rest=table)
            if limit:
                part = part.bounded(*limit.among(columns, rest=table))
            for wanted in self._plausible(table, unknowns):
                found = part.closest(wanted, clock=self.clock)
                if found is None:
                    break
                changed = _replaced(table, columns, found)
                now = frozenset(self.contradicted(changed))
                if len(now) < len(wrong):
                    table, wrong = changed, now
                if id not in wrong:
                    break
        return table, wrong

    def _tables_behind(self, words: frozenset[Source]) -> dict[Source, tuple[Table, ...]]:
        """The tables of unknowns whose groups each of these verdicts compares."""
        return {
            (place, id): self._together(snapshot, each.groups[0][1])
            for snapshot in self.snapshots
            for place, register in zip(snapshot.places, snapshot.registers, strict=True)
            for each in register.comparisons
            for id in (verdict_id(each.characteristic), band_id(each.characteristic))
            if (place, id) in words
        }

    def _together(self, snapshot: Snapshot, group: Where) -> tuple[Table, ...]:
        """The table that a group is in, with its like in every issue of the same stage."""
        own = snapshot.table_of(group)
        return tuple(
            table
            for each in self.snapshots
            if each.stage == snapshot.stage
            for table in each.tables
            if table.dimensions == own.dimensions
        )

    def _plausible(self, table: Integers, unknowns: tuple[Table, ...]) -> Iterator[Integers]:
        """Numbers for some tables of unknowns to be close to: see `_varied`."""
        for parts in zip(*(_varied(table[each.cells]) for each in unknowns), strict=True):
            yield np.concatenate(parts)

    def hide(self, cell: int) -> bool:
        """Look for tables in which a cell is none or not small; whether one is found."""
        line = self.line(cell)
        return self._found(cell, Limit(line, None, 0), Limit(line, self.threshold, None))

    def people(self, cell: int) -> bool:
        """Look for a table in which somebody is in a cell; whether one is found."""
        return self._found(cell, Limit(self.line(cell), 1, None))

    def _found(self, cell: int, *limits: Limit) -> bool:
        """Look near the start, then everywhere, for a table that meets one of the limits."""
        return any(
            look(cell, limit) for look in (self._found_near, self._found_far) for limit in limits
        )

    def _found_near(self, cell: int, limit: Limit) -> bool:
        assert self.base is not None
        unknowns = self._tables(cell)
        columns = _columns(unknowns)
        part = self.program.part(columns, rest=self.base)
        part = part.bounded(*limit.among(columns, rest=self.base))
        for wanted in self._plausible(self.base, unknowns):
            found = part.closest(wanted, clock=self.clock)
            if found is None:
                return False
            if self.seen(_replaced(self.base, columns, found), cell=cell):
                return True
        return False

    def _found_far(self, cell: int, limit: Limit) -> bool:
        assert self.base is not None
        unknowns = self._tables(cell)
        program = self.program.bounded(limit.line, limit.low, limit.high)
        for place, wanted in enumerate(self._plausible(self.base, unknowns)):
            start = _replaced(self.base, _columns(unknowns), wanted)
            table = program.closest(start, clock=self.clock)
            if table is None or place == FAR_TRIES:
                return False
            mended, wrong = self.mended(table, limit)
            if self.seen(mended, cell=cell):
                return True
            if any(id.startswith(CURVE) for _, id in wrong):
                return self._found_along_the_curve(cell, program, limit)
        return False

    def _found_along_the_curve(self, cell: int, program: Program, limit: Limit) -> bool:
        """Look where all boxes of everyone but this and one other are as at the start."""
        assert self.base is not None
        asked, boxes = self.cells[cell].boxes, self.scheme.rating_names
        for free in boxes:
            kept = program
            for snapshot in self.snapshots:
                for whole in dict.fromkeys(each.whole for each in snapshot.registers):
                    for box in (box for box in boxes if box not in (free, *asked)):
                        line = np.zeros(self.size, dtype=np.int64)
                        line[snapshot.cells(narrowed(whole, **{RATING: (box,)}))] = 1
                        kept = kept.bounded(line, *[int(line @ self.base)] * 2)
            table = kept.closest(self.base, clock=self.clock)
            if table is not None and self.seen(self.mended(table, limit)[0], cell=cell):
                return True
        return False

    def _tables(self, cell: int) -> tuple[Table, ...]:
        """The tables of unknowns that a cell, and its like in other issues, are in."""
        asked = self.cells[cell]
        return self._together(self.snapshots[asked.snapshot], asked.group)

    # ---- exact limits ---------------------------------------------------------------------------

    def limits(self, line: Integers) -> tuple[int, int] | None:
        """The least and greatest value of a sum over all tables that meet the facts."""
        low = self.program.least(line, clock=self.clock)
        if low is None:
            return None
        high = self.program.least(-line, clock=self.clock)
        assert high is not None
        return int(line @ low), int(line @ high)

    def line(self, cell: int) -> Integers:
        """A cell as a sum of unknowns."""
        return np.asarray(self.sums[[cell]].todense(), dtype=np.int64).ravel()


def _replaced(table: Integers, columns: Integers, part: Integers) -> Integers:
    changed = table.copy()
    changed[columns] = part
    return changed


def _columns(tables: Sequence[Table]) -> Integers:
    return np.concatenate([table.cells.ravel() for table in tables])


def _varied(counts: Integers) -> Iterator[Integers]:
    """The counts as they are, with groups more alike, then less, then shaken: always the same."""
    start = counts.reshape(-1, counts.shape[-1])
    alike = np.outer(start.sum(axis=1), start.sum(axis=0)) / max(1, int(start.sum()))
    for more in (0.0, -1.0, -0.5, 0.5, 1.0):
        yield np.rint(np.maximum(0, start + more * (start - alike))).astype(np.int64).ravel()
    random = np.random.default_rng(0)
    for _ in range(TRIES):
        yield np.maximum(0, start + random.integers(-2, 3, size=start.shape)).ravel()
