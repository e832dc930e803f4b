"""Whether the odds ratio given grade and unit keeps its size and coverage, by how many carry it.

Made-up departments in which grade and unit matter and the group does not, or by a known odds
ratio: `python -m benchmarks.adjusted`, fixed seed, about two minutes of CPU.
"""

from __future__ import annotations

from collections import Counter
from math import exp, isnan, log

import numpy as np

from benchmarks.measures import Measure, proportion, table
from pmstats.findings.adjusted import LEAST_PEOPLE
from pmstats.findings.methods.proportional_odds import likelihood_ratio_test, proportional_odds

SEED, REPEATS = 20_250_403, 1_000
#: Shares of the boxes, worst first; of the grades, and how much each adds to the log odds.
BOXES, GRADES, LIFT = (0.05, 0.60, 0.22, 0.13), (0.78, 0.18, 0.04), (0.0, 0.6, 1.0)
SPREAD = 0.4
#: People, of whom in the group, and units.
SETTINGS = ((60, 20, 6), (90, 20, 6), (120, 20, 2), (160, 20, 5), (200, 10, 6), (400, 50, 8))


def once(people: int, focal: int, units: int, seed: int, *, apart: float) -> tuple[float, bool]:
    """The p of one department, and whether the interval holds the odds ratio that is true."""
    random = np.random.default_rng((SEED, people, focal, units, seed))
    group = np.arange(people) < focal
    grade, unit = random.choice(3, people, p=GRADES), random.integers(0, units, people)
    lift = np.array(LIFT)[grade] + np.linspace(-SPREAD, SPREAD, units)[unit] + log(apart) * group
    worse = np.cumsum(BOXES)[:-1]
    cuts = np.log(worse / (1 - worse))
    box = (random.logistic(size=people)[:, np.newaxis] + lift[:, np.newaxis] > cuts).sum(axis=1)
    where = np.column_stack([group, grade, unit])
    patterns = Counter(zip(map(tuple, where.tolist()), box.tolist(), strict=True))
    rows = sorted({pattern for pattern, _ in patterns})
    counts = [[patterns[row, each] for each in range(len(BOXES))] for row in rows]
    columns = [[float(row[0]) for row in rows]]
    columns += [
        [float(row[place] == answer) for row in rows]
        for place in (1, 2)
        for answer in sorted({row[place] for row in rows})[1:]
    ]
    design, names = np.array(columns).T, tuple(map(str, range(len(columns))))
    fit = proportional_odds(counts, design, names=names)
    without = proportional_odds(counts, design[:, 1:], names=names[1:])
    return likelihood_ratio_test(fit, without).p_value, apart in fit.odds_ratio("0")


def measures() -> list[Measure]:
    """Size with nothing between the groups, coverage of 1 and of one half, in every setting."""
    found = []
    for people, focal, units in SETTINGS:
        each = people // (1 + 2 + units - 1)  # the group, two grades and the units but one
        where = f"{people} people, group of {focal}, {units} units: {each} for each column"
        about = {"method": "odds ratio", "setting": where, "asked": each >= LEAST_PEOPLE}
        for apart in (1.0, exp(-0.7)):
            answers = [once(people, focal, units, n, apart=apart) for n in range(REPEATS)]
            if apart == 1.0:
                tested = [p <= 0.05 for p, _ in answers if not isnan(p)]
                found.append(proportion(tested, measure="size", **about))
            named = "coverage" if apart == 1.0 else "coverage of a gap"
            found.append(proportion((held for _, held in answers), measure=named, **about))
    return found


if __name__ == "__main__":
    print(table(measures()))
