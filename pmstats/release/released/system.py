"""The true tables a reader of some registers can still believe in, as one integer system.

The unknowns are the cells of small tables, one per set of dimensions that is ever crossed; the
constraints are what each fact says. Tables that share dimensions agree on what they share; as
long as they hang together like a tree, any such tables are the margins of some real set of
people, so nothing is lost by never building the full cross-classification (Lauritzen 1996).
Sets of dimensions that do not are crossed until they do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from pmstats.errors import DisclosureRefusal
from pmstats.release.released.facts import RATING, Fact, FactKind, Register, Where, says

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: More unknowns than this for one stage is more than an audit can be trusted to finish.
MOST_CELLS = 20_000

Dimensions = frozenset[str]
Source = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Table:
    """One table of unknowns: the atoms of each of its dimensions, ratings last."""

    dimensions: tuple[str, ...]
    shape: tuple[int, ...]
    offset: int

    @property
    def size(self) -> int:
        """The number of cells."""
        return prod(self.shape)

    @property
    def cells(self) -> NDArray[np.int64]:
        """The position of every cell among the unknowns, in the table's shape."""
        return np.arange(self.offset, self.offset + self.size).reshape(self.shape)


@dataclass(frozen=True, slots=True)
class Row:
    """One constraint: `low <= sum(weight * cell) <= high`.

    `source` is the place of the register and the id of the fact it comes from; None for what
    every reader knows.
    """

    cells: NDArray[np.int64]
    weights: NDArray[np.int64]
    low: int | None
    high: int | None
    source: Source | None = None


@dataclass(slots=True)
class Snapshot:
    """The unknown tables of one stage and export, with everything that was said of them.

    `places` says where its registers stand among all that are looked at together.
    """

    registers: tuple[Register, ...]
    places: tuple[int, ...]
    start: int
    atoms: dict[str, tuple[tuple[str, ...], ...]] = field(init=False)
    tables: tuple[Table, ...] = field(init=False)
    tree: tuple[tuple[int, int], ...] = field(init=False)
    nobody: tuple[Where, ...] = field(init=False)
    found: dict[Where, NDArray[np.int64]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.nobody = self._nobody()
        wheres = [*(fact.where for fact in self.facts), *self.nobody]
        self.atoms = _atoms(self.registers, wheres)
        crossed = {frozenset(dict(where)) - {RATING} for where in wheres}
        sets, self.tree = _forest(crossed)
        tables, offset = [], self.start
        for each in sets:
            names = (*sorted(each), RATING)
            shape = tuple(len(self.atoms[name]) for name in names)
            tables.append(Table(names, shape, offset))
            offset += prod(shape)
        self.tables = tuple(tables)
        if self.size > MOST_CELLS:
            raise DisclosureRefusal(
                f"{self.stage}: the tables cross too many dimensions to be audited "
                f"({self.size:,} cells; {MOST_CELLS:,} are allowed). Release fewer crossings."
            )

    def _nobody(self) -> tuple[Where, ...]:
        """The people there cannot be, as far as some fact names a dimension of theirs."""
        named = {name for fact in self.facts for name, _ in fact.where} - {RATING}
        said = (where for register in self.registers for where in register.nobody)
        return tuple(dict.fromkeys(where for where in said if named & set(dict(where))))

    @property
    def sourced(self) -> dict[Source, Fact]:
        """Every number of the registers with where it comes from; words and percentages aside."""
        return {
            (place, fact.id): fact
            for place, register in zip(self.places, self.registers, strict=True)
            for fact in register.facts
            if fact.kind not in (FactKind.WORD, FactKind.PERCENT)
        }

    @property
    def facts(self) -> tuple[Fact, ...]:
        """Every number of the registers."""
        return tuple(self.sourced.values())

    @property
    def stage(self) -> str:
        """The stage all registers are about."""
        return self.registers[0].stage

    @property
    def size(self) -> int:
        """The number of unknowns."""
        return sum(table.size for table in self.tables)

    def table_of(self, where: Where) -> Table:
        """The smallest table that holds these people. Raises `KeyError` when none does."""
        asked = set(dict(where)) - {RATING}
        holding = [table for table in self.tables if asked <= set(table.dimensions)]
        if not holding:
            raise KeyError(where)
        return min(holding, key=lambda table: (table.size, table.offset))

    def cells(self, where: Where) -> NDArray[np.int64]:
        """The unknowns that add up to the people of `where`."""
        if where not in self.found:
            self.found[where] = self._cells(where)
        return self.found[where]

    def _cells(self, where: Where) -> NDArray[np.int64]:
        table = self.table_of(where)
        taken = dict(where)
        return table.cells[
            np.ix_(*(self._places(name, taken.get(name)) for name in table.dimensions))
        ].ravel()

    def _places(self, dimension: str, answers: tuple[str, ...] | None) -> list[int]:
        """The atoms of a dimension that these answers take in. Raises `KeyError` if they split."""
        atoms = self.atoms[dimension]
        if answers is None:
            return list(range(len(atoms)))
        places = [place for place, atom in enumerate(atoms) if set(atom) <= set(answers)]
        if set(answers) != {answer for place in places for answer in atoms[place]}:
            raise KeyError(answers)
        return places

    def rows(self) -> list[Row]:
        """Every constraint: what the facts say, and that tables agree where they overlap."""
        rows = []
        for source, fact in self.sourced.items():
            cells = self.cells(fact.where)
            low, high = says(fact)
            rows.append(Row(cells, np.ones_like(cells), low, high, source))
        for where in self.nobody:
            cells = self.cells(where)
            rows.append(Row(cells, np.ones_like(cells), 0, 0))
        for left, right in self.tree:
            rows += self._agreement(self.tables[left], self.tables[right])
        return rows

    def _agreement(self, left: Table, right: Table) -> list[Row]:
        shared = [name for name in left.dimensions if name in right.dimensions]
        rows = []
        for place in np.ndindex(*(len(self.atoms[name]) for name in shared)):
            at = dict(zip(shared, place, strict=True))
            here, there = (
                table.cells[tuple(at.get(name, slice(None)) for name in table.dimensions)].ravel()
                for table in (left, right)
            )
            cells = np.concatenate([here, there])
            weights = np.concatenate([np.ones_like(here), -np.ones_like(there)])
            rows.append(Row(cells, weights, 0, 0))
        return rows


def _atoms(
    registers: Sequence[Register], wheres: Iterable[Where]
) -> dict[str, tuple[tuple[str, ...], ...]]:
    """For each dimension, the coarsest groups of answers that no fact splits; ratings apart."""
    answers: dict[str, dict[str, None]] = {}
    for register in registers:
        for name, known in register.dimensions:
            answers.setdefault(name, {}).update(dict.fromkeys(known))
    sets: dict[str, dict[tuple[str, ...], None]] = {name: {} for name in answers}
    for where in wheres:
        for name, taken in where:
            unknown = sorted(set(taken) - set(answers.get(name, ())))
            if unknown:
                raise ValueError(f"a fact is about answers no register lists: {name}")
            sets[name][taken] = None
    return {name: _unsplit(name, known, sets[name]) for name, known in answers.items()}


def _unsplit(
    dimension: str, answers: Iterable[str], sets: Iterable[tuple[str, ...]]
) -> tuple[tuple[str, ...], ...]:
    asked = [set(taken) for taken in sets]
    groups: dict[tuple[object, ...], list[str]] = {}
    for answer in answers:
        alone = answer if dimension == RATING else None
        groups.setdefault((alone, *(answer in taken for taken in asked)), []).append(answer)
    return tuple(tuple(group) for group in groups.values())


def _forest(
    crossed: Iterable[Dimensions],
) -> tuple[list[Dimensions], tuple[tuple[int, int], ...]]:
    """The sets of dimensions to hold tables for, everyone's first, and the tree that joins them."""
    sets = sorted({*crossed, frozenset()}, key=lambda each: (len(each), sorted(each)))
    while True:
        largest = [each for each in sets if not each or not any(each < other for other in sets)]
        tree = _spanning(largest)
        torn = _torn(largest, tree)
        if torn is None:
            return largest, tree
        left, right = max(
            combinations([each for each in largest if torn in each], 2),
            key=lambda pair: len(pair[0] & pair[1]),
        )
        sets = [each for each in largest if each not in (left, right)] + [left | right]


def _spanning(sets: Sequence[Dimensions]) -> tuple[tuple[int, int], ...]:
    """The tree that joins the sets by the largest overlaps, from the first on."""
    inside, tree = {0}, []
    while len(inside) < len(sets):
        left, right = max(
            ((i, j) for i in sorted(inside) for j in range(len(sets)) if j not in inside),
            key=lambda pair: (len(sets[pair[0]] & sets[pair[1]]), -pair[1], -pair[0]),
        )
        tree.append((left, right))
        inside.add(right)
    return tuple(tree)


def _torn(sets: Sequence[Dimensions], tree: Sequence[tuple[int, int]]) -> str | None:
    """A dimension whose sets the tree does not join without a gap, or None."""
    for name in sorted({name for each in sets for name in each}):
        holding = sum(name in each for each in sets)
        joined = sum(name in sets[i] and name in sets[j] for i, j in tree)
        if holding - joined != 1:
            return name
    return None


def snapshots(registers: Sequence[Register]) -> tuple[Snapshot, ...]:
    """One snapshot for each stage and export, in the order they first come."""
    held: dict[tuple[str, str], list[int]] = {}
    for place, register in enumerate(registers):
        held.setdefault((register.stage, register.export), []).append(place)
    made, start = [], 0
    for places in held.values():
        each = Snapshot(tuple(registers[place] for place in places), tuple(places), start)
        made.append(each)
        start += each.size
    return tuple(made)


def among_earlier(held: Sequence[Snapshot]) -> list[Row]:
    """That people told apart by an earlier box are among those who had it at that stage."""
    rows = []
    for now in held:
        asked = dict(pair for register in now.registers for pair in register.before)
        for dimension, stage in asked.items():
            then = [each for each in held if each.stage == stage]
            if not then or not any(dimension in table.dimensions for table in now.tables):
                continue
            for (box,) in then[-1].atoms[RATING]:
                if (box,) in now.atoms[dimension]:
                    here = now.cells(((dimension, (box,)),))
                    there = then[-1].cells(((RATING, (box,)),))
                    weights = np.concatenate([np.ones_like(here), -np.ones_like(there)])
                    rows.append(Row(np.concatenate([here, there]), weights, None, 0))
    return rows


def says_the_same(held: Sequence[Snapshot]) -> bool:
    """Whether every word said of a stage by two issues is the same in both."""
    words: dict[tuple[str, Where, str], str] = {}
    return all(
        words.setdefault((each.stage, fact.where, fact.id), fact.word) == fact.word
        for each in held
        for register in each.registers
        for fact in register.facts
        if fact.kind is FactKind.WORD
    )


def quotients(facts: Mapping[str, Fact]) -> list[str]:
    """The ids of percentages that are not the quotient of the two printed counts they name."""
    wrong = []
    for fact in facts.values():
        if fact.kind is not FactKind.PERCENT or fact.value is None:
            continue
        named = [facts.get(id) for id in fact.of]
        values = [each.value for each in named if each and each.kind is FactKind.ROUNDED]
        if len(values) != 2 or None in values or fact.value != whole_percent(*values):
            wrong.append(fact.id)
    return wrong


def whole_percent(count: int | None, n: int | None) -> int | None:
    """The whole-number percentage of two printed counts, halves up; None of nobody.

    >>> whole_percent(15, 40)
    38
    """
    if count is None or not n:
        return None
    return (200 * count + n) // (2 * n)
