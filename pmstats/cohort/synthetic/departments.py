"""The made-up departments: real sizes, curves and effects under names that cannot be mistaken."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from pmstats.cohort.synthetic.population import Declaration, real_declarations, real_sizes
from pmstats.errors import ParameterError

#: Planted effects on the log-odds of a better rating (cumulative), by characteristic and group,
#: against everyone else. Sizes as seen in real tables: DWP and DH 2013-14 box markings.
EFFECTS = MappingProxyType(
    {
        "sex": {"Female": 0.30},
        "ethnicity": {"Mixed": -0.29, "Asian": -0.29, "Black": -0.29, "Other ethnicity": -0.29},
        "disability": {"Declared disabled": -0.49},
        "working_pattern": {"Part-time": -0.27},
        # DWP 2013-14 by age, against 40-49: the mean of the log-odds at its two cut points.
        "age": {"50-59": -0.37, "60-64": -1.14, "65+": -1.58},
    }
)

#: Shares of the ratings from best to worst. Exceeding was 30% of HM Treasury's SCS and 0% of
#: DWP's in 2024-25 (published answers); the rest is a typical shape, a lenient and a harsh one.
CURVES = MappingProxyType(
    {
        "typical": (0.12, 0.30, 0.53, 0.05),
        "top box used freely": (0.30, 0.25, 0.41, 0.04),
        "top box unused": (0.00, 0.28, 0.67, 0.05),
        "lenient": (0.15, 0.35, 0.50, 0.00),
        "harsh": (0.08, 0.25, 0.57, 0.10),
    }
)


class Moderated(StrEnum):
    """What is planted in a department's moderation."""

    ALIKE = "everyone alike"
    HARSH_PANEL = "one panel harsh"
    GROUP_MOVED_DOWN = "one group moved down"
    FITS_TOO_WELL = "every panel fits the guide too well"


class Before(StrEnum):
    """How a department's previous year differs from this one."""

    ALIKE = "chance only"
    COMPOSITION = "other people, rated alike"
    RATED_OTHERWISE = "like people, rated otherwise"


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartmentPlan:
    """What is planted in one made-up department.

    `declares_as` names the real department whose declaration rates it has; `effects` are the
    characteristics of `EFFECTS` that change its ratings.
    """

    name: str
    people: int
    curve: str
    effects: tuple[str, ...]
    declares_as: str
    ethnicity_level: str = "5 groups"
    moderated: Moderated = Moderated.ALIKE
    before: Before = Before.ALIKE

    @property
    def declaration(self) -> Declaration:
        """How many people answer, and how many decline or do not respond."""
        return real_declarations()[self.declares_as]


ALL_EFFECTS = tuple(EFFECTS)

#: The eight departments of the committed sample.
EIGHT = (
    DepartmentPlan(
        name="Lighthouse Ministry",
        people=730,
        curve="typical",
        effects=ALL_EFFECTS,
        declares_as="Department for Work and Pensions",
        moderated=Moderated.HARSH_PANEL,
        before=Before.COMPOSITION,
    ),
    DepartmentPlan(
        name="Office of Tides",
        people=530,
        curve="top box used freely",
        effects=(),
        declares_as="HM Revenue and Customs",
        moderated=Moderated.GROUP_MOVED_DOWN,
        before=Before.RATED_OTHERWISE,
    ),
    DepartmentPlan(
        name="Cloud Agency",
        people=345,
        curve="harsh",
        effects=("disability", "ethnicity"),
        declares_as="Department of Health and Social Care",
    ),
    DepartmentPlan(
        name="Hedgerow Board",
        people=300,
        curve="top box unused",
        effects=(),
        declares_as="Department for Education",
        ethnicity_level="19 groups",
        moderated=Moderated.FITS_TOO_WELL,
    ),
    DepartmentPlan(
        name="Belltower Bureau",
        people=175,
        curve="lenient",
        effects=("sex", "working_pattern"),
        declares_as="HM Treasury",
    ),
    DepartmentPlan(
        name="Puddle Office",
        people=60,
        curve="typical",
        effects=(),
        declares_as="UK Statistics Authority",
    ),
    DepartmentPlan(
        name="Weathervane Unit",
        people=30,
        curve="typical",
        effects=ALL_EFFECTS,
        declares_as="Department for Digital, Culture, Media and Sport",
    ),
    DepartmentPlan(
        name="Sundial Office",
        people=20,
        curve="typical",
        effects=(),
        declares_as="Department for International Trade",
    ),
)

_SUBJECTS = (
    "Fog",
    "Moss",
    "Kite",
    "Teapot",
    "Acorn",
    "Marble",
    "Lantern",
    "Pebble",
    "Comet",
    "Fern",
)


def planned_departments(
    count: int,
    *,
    people: int | None,
    effects: bool,
    moderation: bool,
    random: np.random.Generator,
) -> tuple[DepartmentPlan, ...]:
    """The plans of `count` departments with `people` people in all.

    The first eight are always the same; sizes of any other number of departments are drawn from
    the real ones. With `people` None nothing is scaled. Raises `ParameterError` for less than
    one department or less than one person in each.
    """
    if count < 1:
        raise ParameterError(f"departments = {count}: at least one department is needed.")
    if people is not None and people < count:
        raise ParameterError(
            f"people = {people}: at least one person in each of {count} departments."
        )
    if count == len(EIGHT):
        sizes = np.array([plan.people for plan in EIGHT])
    else:
        sizes = np.sort(random.choice(np.array(real_sizes()), size=count))[::-1]
    if people is not None:
        sizes = _shared_out(people, sizes)
    plans = (*EIGHT, *(_further(number, random) for number in range(len(EIGHT), count)))[:count]
    return tuple(
        replace(
            plan,
            people=int(size),
            effects=plan.effects if effects else (),
            moderated=plan.moderated if moderation else Moderated.ALIKE,
        )
        for plan, size in zip(plans, sizes, strict=True)
    )


def _further(number: int, random: np.random.Generator) -> DepartmentPlan:
    declarations = tuple(real_declarations())
    return DepartmentPlan(
        name=f"{_SUBJECTS[number % len(_SUBJECTS)]} Agency {number + 1}",
        people=0,
        curve=tuple(CURVES)[number % len(CURVES)],
        effects=ALL_EFFECTS if number % 2 else (),
        declares_as=declarations[int(random.integers(len(declarations)))],
    )


def _shared_out(people: int, sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Whole numbers of at least 1, proportional to `sizes`, that add to `people`."""
    spare = people - len(sizes)
    exact = sizes / sizes.sum() * spare
    whole = np.floor(exact).astype(np.int64)
    most_left_over = np.argsort(whole - exact, kind="stable")[: spare - whole.sum()]
    whole[most_left_over] += 1
    shared: NDArray[np.int64] = whole + 1
    return shared
