"""How often moderation by one rule for all is called a gap, and a planted one found.

Departments of made-up people whose groups start in different boxes; every rating is moved by a
chance that depends on its box alone, so that nothing is wrong. Then one group is lowered 15
points more often, or one panel 30 points. `python -m benchmarks.moderation`, fixed seed, some
eight minutes of CPU, each line as it is found.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmarks.measures import Measure, proportion, table
from pmstats.counts.breakdown import Answer, Breakdown, GroupRow
from pmstats.counts.distribution import Distribution
from pmstats.counts.movement import Movement, MovementBreakdown, Movements
from pmstats.findings.differential import differential_movements
from pmstats.findings.finding import Verdict
from pmstats.findings.methods.stratified import Stratum, mantel_haenszel_difference
from pmstats.findings.panels import PanelReading, panel_readings
from pmstats.scheme import load_scheme

SCHEME = load_scheme()
#: Seeds for what is asked (an error of 0.4 points at 4%), and for what is only told.
SEED, ASKED, TOLD = 20_250_402, 2_000, 300
CHARACTERISTICS = 6
#: How the comparator and the group start, and each box's chance of falling or rising.
STARTS = ((0.18, 0.34, 0.45, 0.03), (0.06, 0.22, 0.60, 0.12))
FALLS, RISES = (0.14, 0.08, 0.04, 0.0), (0.0, 0.02, 0.03, 0.06)
PLANTED_GROUP, PLANTED_PANEL = 0.15, 0.30


def moved(
    n: int, start: tuple[float, ...], random: np.random.Generator, *, more: float = 0.0
) -> Movement:
    """The matrix of n people, each lowered by `more` beyond the rule where that can be."""
    before = random.multinomial(n, start)
    rows = []
    for place, people in enumerate(before):
        down = FALLS[place] + (more if place < 3 else 0.0)
        fell, rose, stayed = random.multinomial(
            people, (down, RISES[place], 1 - down - RISES[place])
        )
        row = [0] * 4
        row[min(place + 1, 3)] += int(fell)
        row[max(place - 1, 0)] += int(rose)
        row[place] += int(stayed)
        rows.append(tuple(row))
    return Movement(start="recommended", end="local", ratings=SCHEME.best_first, table=tuple(rows))


def characteristic(name: str, group: Movement, comparator: Movement) -> MovementBreakdown:
    """Two groups of one made-up characteristic."""
    both = {"Group": group, "Comparator": comparator}
    rows = tuple(
        GroupRow(
            name=label,
            people=label.lower(),
            answer=Answer.DECLARED,
            distribution=Distribution(ratings=SCHEME.best_first, counts=each.before),
        )
        for label, each in both.items()
    )
    groups = Breakdown(
        characteristic=name,
        title=name,
        level="2 groups",
        reference="Comparator",
        protected=True,
        paragraph="",
        rows=rows,
    )
    return MovementBreakdown(groups=groups, rows=tuple(both.items()))


def departments(people: int, focal: int, *, more: float = 0.0) -> list[bool]:
    """For each seed, whether any characteristic of the department is called a gap."""
    answers = []
    for seed in range(TOLD if more else ASKED):
        random = np.random.default_rng((SEED, people, focal, seed))
        each = [
            characteristic(
                f"c{number}",
                moved(focal, STARTS[1], random, more=more if number == 0 else 0.0),
                moved(people - focal, STARTS[0], random),
            )
            for number in range(CHARACTERISTICS)
        ]
        found = differential_movements(each, scheme=SCHEME).each
        seen = found[:1] if more else found
        answers.append(any(one.verdict is Verdict.GAP for one in seen))
    return answers


def panels(count: int, people: int, *, more: float = 0.0) -> list[bool]:
    """For each seed, whether a panel (the planted one, if one is) is said to lower more."""
    answers = []
    for seed in range(TOLD):
        random = np.random.default_rng((SEED, count, people, seed))
        rows = tuple(
            (str(number), moved(people, STARTS[number % 2], random, more=more * (number == 0)))
            for number in range(count)
        )
        found = panel_readings(Movements(heading="Panel", rows=rows), scheme=SCHEME).severity
        seen = found[:1] if more else found
        answers.append(any(one.reading is PanelReading.MORE for one in seen))
    return answers


def coverage(people: int, focal: int) -> list[bool]:
    """For each seed, whether the printed interval holds a true difference of nothing."""
    held = []
    for seed in range(TOLD):
        random = np.random.default_rng((SEED, people, focal, 7, seed))
        group, other = moved(focal, STARTS[1], random), moved(people - focal, STARTS[0], random)
        strata = [
            Stratum(
                count_group=sum(a[place + 1 :]),
                n_group=sum(a),
                count_comparator=sum(b[place + 1 :]),
                n_comparator=sum(b),
            )
            for place, (a, b) in enumerate(zip(group.table[:3], other.table[:3], strict=True))
        ]
        held.append(0.0 in mantel_haenszel_difference(strata))
    return held


def measures() -> Iterator[Measure]:
    """Every measure as soon as it is found, one setting after another."""
    for people, focal in ((60, 10), (150, 20), (400, 50), (400, 150)):
        where = f"department of {people}, group of {focal}"
        yield proportion(
            departments(people, focal),
            method="differential movement",
            measure="flagged under one rule",
            setting=f"{where}, {CHARACTERISTICS} characteristics, one rule",
        )
        yield proportion(
            departments(people, focal, more=PLANTED_GROUP),
            method="differential movement",
            measure="power",
            setting=f"{where}, lowered 15 points more",
        )
        yield proportion(
            coverage(people, focal),
            method="difference within strata",
            measure="coverage",
            setting=where,
        )
    for count, people in ((6, 15), (12, 25), (24, 30)):
        where = f"{count} panels of {people}"
        yield proportion(
            panels(count, people),
            method="panels",
            measure="false packs",
            setting=f"{where}, one rule",
        )
        yield proportion(
            panels(count, people, more=PLANTED_PANEL),
            method="panels",
            measure="power",
            setting=f"{where}, one lowers 30 points more",
        )


if __name__ == "__main__":
    for each in measures():
        print(table([each]), flush=True)
