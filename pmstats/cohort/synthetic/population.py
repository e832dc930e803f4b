"""The real make-up of the Senior Civil Service, from published counts: what made-up exports fit.

Counts come from `civil_service_2023/` (see its README). The joint table is fitted by iterative
proportional fitting (Deming and Stephan, 1940).
"""

from __future__ import annotations

import csv
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from pmstats.cohort.cohort import UNDECLARED, UNKNOWN

Table = NDArray[np.float64]

#: The characteristics of the joint table, in the order of its axes, with the published groups.
AXES: dict[str, tuple[str, ...]] = {
    "sex": ("Female", "Male"),
    "ethnicity": ("White", "Mixed", "Asian", "Black", "Other ethnicity", UNDECLARED, UNKNOWN),
    "disability": ("Declared disabled", "Declared non-disabled", UNDECLARED, UNKNOWN),
    "sexual_orientation": ("Heterosexual or straight", "LGBO", UNDECLARED, UNKNOWN),
    "age": ("20-29", "30-39", "40-49", "50-59", "60-64", "65+"),
    "religion_belief": (
        *("No religion", "Christian", "Buddhist", "Hindu", "Jewish", "Muslim", "Sikh"),
        *("Other religion", UNDECLARED, UNKNOWN),
    ),
}
#: Characteristics whose declaration is published by department.
DECLARED = ("ethnicity", "disability", "sexual_orientation")

#: A withheld count ("[c]", under 5) enters the fit as this many people.
WITHHELD = 2.0
#: Our assumption, not published: how much likelier than chance these answers meet. People who
#: gave no response to one question gave none to the next; religion goes with ethnicity.
LIKELIER = {
    ("ethnicity", UNKNOWN, "religion_belief", UNKNOWN): 8.0,
    ("ethnicity", UNDECLARED, "religion_belief", UNDECLARED): 8.0,
    ("ethnicity", "Asian", "religion_belief", "Hindu"): 60.0,
    ("ethnicity", "Asian", "religion_belief", "Muslim"): 60.0,
    ("ethnicity", "Asian", "religion_belief", "Sikh"): 60.0,
}

#: Shares within each of the five groups for departments that record ethnicity in full:
#: England and Wales, Census 2021, per cent of everyone.
WITHIN_ETHNICITY = {
    "White": {
        "English, Welsh, Scottish, Northern Irish or British": 74.4,
        "Irish": 0.9,
        "Gypsy or Irish Traveller": 0.1,
        "Roma": 0.2,
        "Any other White background": 6.2,
    },
    "Mixed": {
        "White and Black Caribbean": 0.9,
        "White and Black African": 0.4,
        "White and Asian": 0.8,
        "Any other Mixed or Multiple background": 0.8,
    },
    "Asian": {
        "Indian": 3.1,
        "Pakistani": 2.7,
        "Bangladeshi": 1.1,
        "Chinese": 0.7,
        "Any other Asian background": 1.6,
    },
    "Black": {"Caribbean": 1.0, "African": 2.5, "Any other Black background": 0.5},
    "Other ethnicity": {"Arab": 0.6, "Any other ethnic group": 1.6},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """How a real department's people answered: shares declared, undeclared and unknown."""

    shares: Mapping[str, tuple[float, float, float]]

    def rate(self, characteristic: str) -> float:
        """The share (0 to 1) who gave a usable answer."""
        return self.shares[characteristic][0]


def fitted(start: Table, margins: Sequence[tuple[tuple[int, ...], Table]]) -> Table:
    """The table closest to `start` whose sums over each margin's axes match the margin.

    Iterative proportional fitting: 200 rounds at most, or until nothing moves by more than
    one part in 10^9. Margins must agree with each other for it to settle.

    >>> fitted(np.ones((2, 2)), [((0,), np.array([3.0, 1])), ((1,), np.array([2.0, 2]))])
    array([[1.5, 1.5],
           [0.5, 0.5]])
    """
    table = start.copy()
    for _ in range(200):
        largest = 0.0
        for axes, target in margins:
            others = tuple(axis for axis in range(table.ndim) if axis not in axes)
            now = table.sum(axis=others, keepdims=True)
            shape = [size if axis in axes else 1 for axis, size in enumerate(table.shape)]
            factor = np.divide(target.reshape(shape), now, out=np.zeros(shape), where=now > 0)
            table *= factor
            largest = max(largest, float(np.abs(factor[now > 0] - 1).max()))
        if largest < 1e-9:
            break
    return table


@cache
def published_margins() -> tuple[tuple[tuple[int, ...], Table], ...]:
    """The published counts as (axes, table): one per characteristic, then one per pair.

    Withheld counts are `WITHHELD`; combinations not listed are 0.
    """
    names = list(AXES)
    keys: list[tuple[int, ...]] = [(axis,) for axis in range(len(names))]
    pairs = list(itertools.combinations(range(len(names) - 1), 2))
    tables = {axes: np.zeros([len(AXES[names[axis]]) for axis in axes]) for axes in keys + pairs}
    for row in _rows("margins.csv"):
        where = [(row["characteristic"], row["group"])]
        if row["second_characteristic"]:
            where.append((row["second_characteristic"], row["second_group"]))
        axes = tuple(names.index(name) for name, _ in where)
        cell = tuple(AXES[name].index(group) for name, group in where)
        tables[axes][cell] = _headcount(row["headcount"])
    return tuple(tables.items())


@cache
def joint_population() -> Table:
    """The joint distribution of the characteristics in `AXES`: shares that add to 1.

    Fitted to every published pair. The published counts are rounded to 5, so each pair is
    first raked to the single characteristics, which makes the margins agree.
    """
    published = published_margins()
    single = {axes[0]: table / table.sum() for axes, table in published if len(axes) == 1}
    margins: list[tuple[tuple[int, ...], Table]] = [
        ((axis,), share) for axis, share in single.items()
    ]
    for axes, table in published:
        if len(axes) == 2:
            inner = [((0,), single[axes[0]]), ((1,), single[axes[1]])]
            margins.append((axes, fitted(table / table.sum(), inner)))
    return fitted(_start(), margins)


def _start() -> Table:
    start = np.ones([len(groups) for groups in AXES.values()])
    names = list(AXES)
    for (first, group, second, other), weight in LIKELIER.items():
        cell: list[slice | int] = [slice(None)] * start.ndim
        cell[names.index(first)] = AXES[first].index(group)
        cell[names.index(second)] = AXES[second].index(other)
        start[tuple(cell)] *= weight
    return start


def department_population(declaration: Declaration) -> Table:
    """The joint distribution in a department that declares as `declaration` says.

    The make-up of those who declared stays as in the whole Senior Civil Service.
    """
    joint = joint_population()
    margins = []
    for name, shares in declaration.shares.items():
        axis = list(AXES).index(name)
        now = joint.sum(axis=tuple(other for other in range(joint.ndim) if other != axis))
        answered = now[:-2] / now[:-2].sum() * shares[0]
        margins.append(((axis,), np.append(answered, shares[1:])))
    return fitted(joint, margins)


@cache
def real_declarations() -> dict[str, Declaration]:
    """How people in each real department of 60 or more answered, by department."""
    found = {}
    for row in _rows("departments.csv"):
        if row["disability_declared"]:
            shares = {}
            for name in DECLARED:
                counts = np.array(
                    [float(row[f"{name}_{kind}"]) for kind in ("declared", "undeclared", "unknown")]
                )
                declared, undeclared, unknown = (counts / counts.sum()).tolist()
                shares[name] = (declared, undeclared, unknown)
            found[row["department"]] = Declaration(shares=shares)
    return found


@cache
def real_sizes() -> tuple[int, ...]:
    """The published headcounts of the departments, largest first; withheld ones left out."""
    return tuple(
        int(row["headcount"]) for row in _rows("departments.csv") if row["headcount"] != "[c]"
    )


def _rows(name: str) -> list[dict[str, str]]:
    file = resources.files("pmstats.cohort.synthetic").joinpath("civil_service_2023", name)
    return list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))


def _headcount(text: str) -> float:
    return WITHHELD if text == "[c]" else float(text)
