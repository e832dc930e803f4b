"""The audit beside plain enumeration: every table that small random releases leave possible."""

from __future__ import annotations

from functools import cache
from itertools import product

import numpy as np
import pytest

from pmstats.release.released.audit import Leak, leaks, search_of
from pmstats.release.released.facts import NOT_RATED, RATING, Fact, FactKind, Register, Where
from pmstats.release.released.policy import rounded
from pmstats.scheme import load_scheme

SCHEME = load_scheme()
BOXES = ("Achieving", "Partially Met")
GROUPS = ("x", "y")


def where(group: tuple[str, ...] = (), boxes: tuple[str, ...] = ()) -> Where:
    """The people of these groups in these boxes; nothing named means all."""
    named = (("rating", boxes), ("sex", group))
    return tuple((name, answers) for name, answers in named if answers)


def fact_of(at: Where, count: int, *, base: int, threshold: int, exact: bool) -> Fact:
    """What a release that rounds and withholds prints of a count."""
    id = f"t/{at}/n"
    if exact:
        return Fact(id=id, kind=FactKind.EXACT, where=at, value=count)
    if count < threshold:
        return Fact(id=id, kind=FactKind.WITHHELD, where=at, threshold=threshold)
    value = rounded(count, base=base)
    return Fact(id=id, kind=FactKind.ROUNDED, where=at, value=value, base=base, threshold=threshold)


def register(facts: tuple[Fact, ...], *, threshold: int, export: str = "a") -> Register:
    """A register of a department with two groups and two boxes."""
    return Register(
        department="d",
        year="2024-25",
        stage="mid-year",
        export=export,
        threshold=threshold,
        assumed_change=1,
        dimensions=((RATING, (*BOXES, NOT_RATED)), ("sex", GROUPS)),
        facts=facts,
    )


def random_release(seed: int) -> tuple[Register, int]:
    """A register of a random small table of which each number is printed or not, by chance."""
    random = np.random.default_rng(seed)
    threshold, base = int(random.integers(2, 5)), int(random.integers(2, 5))
    base = min(base, 2 * threshold)
    table = random.integers(0, 7, size=(2, 2))
    facts = []
    choices = (None, GROUPS[:1], GROUPS[1:])
    for groups, boxes in product(choices, (BOXES, BOXES[:1], BOXES[1:])):
        if random.random() < 0.25:
            continue
        rows = [GROUPS.index(g) for g in groups or GROUPS]
        columns = [BOXES.index(b) for b in boxes]
        count = int(table[np.ix_(rows, columns)].sum())
        exact = bool(random.random() < 0.15)
        facts.append(
            fact_of(where(groups or (), boxes), count, base=base, threshold=threshold, exact=exact)
        )
    # a limit on everybody, so that there is something to enumerate
    total = int(table.sum())
    facts.append(
        Fact(id="t/all/size", kind=FactKind.WITHIN, where=where((), BOXES), low=0, high=total + 3)
    )
    facts.append(Fact(id="t/none/n", kind=FactKind.EXACT, where=where((), (NOT_RATED,)), value=0))
    return register(tuple(facts), threshold=threshold), total


@cache
def tables(most: int) -> np.ndarray:
    """Every 2 by 2 table of at most so many people, one a row."""
    held = [t for t in product(range(most + 1), repeat=4) if sum(t) <= most]
    return np.array(held).reshape(-1, 2, 2)


def counted(every: np.ndarray, at: Where) -> np.ndarray:
    """The number of people of `at` in each table."""
    taken = dict(at)
    rows = [GROUPS.index(g) for g in taken.get("sex", GROUPS)]
    columns = [BOXES.index(b) for b in taken.get("rating", BOXES) if b in BOXES]
    return every[:, rows][:, :, columns].sum(axis=(1, 2))


def reads(fact: Fact, counts: np.ndarray) -> np.ndarray:
    """Which counts would be printed like this, found by printing them."""
    match fact.kind:
        case FactKind.EXACT:
            return counts == fact.value
        case FactKind.WITHIN:
            return (counts >= fact.low) & (counts <= fact.high)
        case FactKind.WITHHELD:
            return counts < fact.threshold
        case _:
            nearest = np.floor(counts / fact.base + 0.5) * fact.base
            return (counts >= fact.threshold) & (nearest == fact.value)


def possible(release: Register, total: int) -> np.ndarray:
    """Every table that agrees with every fact."""
    every = tables(total + 3)
    agree = np.ones(len(every), dtype=bool)
    for fact in release.facts:
        agree &= reads(fact, counted(every, fact.where))
    return every[agree]


@pytest.mark.parametrize("block", range(8))
def test_limits_are_those_of_enumeration(block: int) -> None:
    """On 200 random releases every limit is the one found by listing every table."""
    for seed in range(25 * block, 25 * block + 25):
        release, total = random_release(seed)
        left = possible(release, total)
        search = search_of([release], scheme=SCHEME)
        for place, cell in enumerate(search.cells):
            if NOT_RATED in cell.boxes:
                continue
            found = search.limits(search.line(place))
            counts = counted(left, cell.where)
            assert found == (counts.min(), counts.max()), (seed, cell)


@pytest.mark.parametrize("block", range(8))
def test_breaches_are_those_of_enumeration(block: int) -> None:
    """On 200 random releases a breach is reported if and only if enumeration shows one."""
    for seed in range(25 * block, 25 * block + 25):
        release, total = random_release(seed)
        exactly = tuple(f for f in release.facts if f.kind in (FactKind.EXACT, FactKind.WITHIN))
        left = possible(release, total)
        known = possible(register(exactly[-1:], threshold=release.threshold), total)
        for fact in exactly:
            if fact.kind is FactKind.EXACT:
                known = known[reads(fact, counted(known, fact.where))]
        search = search_of([release], scheme=SCHEME)
        wrong = {
            (leak, cell.group, cell.boxes)
            for cell in search.cells
            if NOT_RATED not in cell.boxes
            for leak in (Leak.SMALL, Leak.NOBODY)
            if certain(leak, left, cell.group, cell.boxes, release.threshold)
            and not already(leak, known, cell.group, cell.boxes, release.threshold)
        }
        report = leaks([release], scheme=SCHEME)
        assert len(report.breaches) == len(wrong), seed
        assert sorted(b.leak for b in report.breaches) == sorted(leak for leak, *_ in wrong), seed


def already(
    leak: Leak, known: np.ndarray, group: Where, boxes: tuple[str, ...], threshold: int
) -> bool:
    """Whether the exact figures alone say it: of nobody, whether or not there is a group."""
    if leak is Leak.NOBODY:
        return not counted(known, (("rating", boxes), *group)).any()
    return certain(leak, known, group, boxes, threshold)


def certain(
    leak: Leak, every: np.ndarray, group: Where, boxes: tuple[str, ...], threshold: int
) -> bool:
    """Whether this is so in every one of these tables."""
    counts = counted(every, (("rating", boxes), *group))
    if leak is Leak.SMALL:
        return bool(counts.min() > 0 and counts.max() < threshold)
    people = counted(every, (("rating", BOXES), *group))
    return bool(counts.max() == 0 and people.min() > 0)
