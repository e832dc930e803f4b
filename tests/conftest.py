"""What tests share: the schemes and a way to make a cohort from a few lines of counts."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, settings

import pmstats
from pmstats.cohort import UNDECLARED, UNKNOWN, Cohort
from pmstats.counts import detailed_breakdowns, grade_mixes, pairs
from pmstats.findings import crossings
from pmstats.release import since_last_check, snapshot_of
from pmstats.release.restricted.bundle import RestrictedPack
from pmstats.release.restricted.year_parts import year_parts
from pmstats.scheme import Scheme, load_scheme

CohortOf = Callable[..., Cohort]

#: The synthetic export and two departments of it: 730 people, and 310 in long-named units.
EXPORT = Path(__file__).parents[1] / "data/synthetic/scs_2024_25.csv"
YEAR = EXPORT.parent / "year/scs_2024_25.csv"
YEAR_MAPPING = YEAR.with_name("mapping.toml")
LARGE, LONG_NAMED = "Lighthouse Ministry", "Cloud Agency"

#: Departments of one characteristic: counts by group in the scheme's box order, then not rated.
SMALL = {
    "seven people": {"Female": (0, 1, 2, 0, 1), "Male": (0, 1, 2, 0, 0)},
    "a gap": {"Female": (60, 90, 140, 6, 4), "Male": (20, 60, 190, 30, 9)},
    "an unused box": {"Female": (0, 90, 140, 6, 4), "Male": (0, 60, 190, 30, 9)},
    "one box": {"Female": (0, 0, 12, 0, 0), "Male": (0, 0, 15, 0, 0)},
    "nobody rated": {"Female": (0, 0, 0, 0, 9), "Male": (0, 0, 0, 0, 7)},
    "nothing compared": {"Undeclared": (1, 4, 9, 1, 0), "Unknown": (1, 2, 3, 0, 0)},
}
PACKS = (*SMALL, "730 people", "long names", "the whole year")

# Property tests take their time: a busy machine is no fault, and each run tries the same.
settings.register_profile(
    "unhurried",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("unhurried")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where nothing may be left out, a test without its program is a failure, not a skip."""
    report = yield
    if report.skipped and os.environ.get("PMSTATS_LEAVE_NOTHING_OUT"):
        report.outcome = "failed"
    return report


@pytest.fixture(scope="session")
def scs() -> Scheme:
    """The Senior Civil Service scheme of 2024-25."""
    return load_scheme("scs_2024_25")


@pytest.fixture(scope="session")
def three_box() -> Scheme:
    """The three-box scheme of the delegated grades in 2013-14."""
    return load_scheme("three_box_2013_14")


@pytest.fixture(scope="session")
def cohort_of(scs: Scheme) -> CohortOf:
    """A maker of cohorts: characteristic, then counts by group in the scheme's box order.

    The last number of each group counts the people who are not rated.
    """

    def make(
        groups: Mapping[str, Sequence[int]],
        *,
        characteristic: str = "sex",
        stage: str = "mid-year",
        department: str = "Ministry of Examples",
    ) -> Cohort:
        boxes = [*scs.rating_names, None]
        rows = [
            {"group": group, "rating": box, "count": count}
            for group, counts in groups.items()
            for box, count in zip(boxes, counts, strict=True)
            if count
        ]
        table = pd.DataFrame(rows, columns=["group", "rating", "count"])
        known = scs.characteristic(characteristic)
        people = pd.DataFrame(
            {
                "department": pd.Categorical([department] * len(table)),
                "grade": pd.Categorical(["SCS1"] * len(table)),
                characteristic: pd.Categorical(
                    table["group"], categories=[*known.answers, UNDECLARED, UNKNOWN]
                ),
                scs.stage(stage).column: pd.Categorical(
                    table["rating"], categories=list(scs.rating_names)
                ),
                "count": table["count"].astype("int64"),
            }
        )
        return Cohort(scheme=scs, people=people, export_name="made.csv", export_sha256="0" * 64)

    return make


@pytest.fixture(scope="session")
def packs(cohort_of: CohortOf, scs: Scheme) -> Mapping[str, RestrictedPack]:
    """A pack of every kind of department, by the names in `PACKS`."""
    export = pmstats.read_export(EXPORT, scheme=scs, stage="mid-year")
    cohorts = {
        **{name: cohort_of(groups) for name, groups in SMALL.items()},
        "730 people": export.department(LARGE),
        "long names": _long_named(export.department(LONG_NAMED)),
    }
    year = pmstats.read_export(YEAR, scheme=scs, stage="final", mapping=YEAR_MAPPING)
    made = {name: _pack(cohort) for name, cohort in cohorts.items()}
    final = _pack(year.department(LARGE), stage="final")
    earlier = snapshot_of(made["730 people"], scheme=scs)
    return {**made, "the whole year": since_last_check(final, earlier, scheme=scs)}


@pytest.fixture(scope="session", params=PACKS)
def pack(request: pytest.FixtureRequest, packs: Mapping[str, RestrictedPack]) -> RestrictedPack:
    """A pack of each kind of department, small and large, full and empty."""
    return packs[request.param]


def _pack(cohort: Cohort, *, stage: str = "mid-year") -> RestrictedPack:
    """The pack that the notebook of the consistency check makes."""
    overall = pmstats.distribution(cohort, stage=stage)
    found = pmstats.disparities(pmstats.breakdowns(cohort, stage=stage), scheme=cohort.scheme)
    return pmstats.restricted_pack(
        cohort,
        stage=stage,
        ledger=pmstats.coverage(cohort, stage=stage),
        overall=overall,
        curve=pmstats.compare_to_curve(overall, scheme=cohort.scheme),
        disparities=found,
        by_grade=pmstats.distributions_by(cohort, "grade", stage=stage),
        by_unit=pmstats.distributions_by(cohort, "business_unit", stage=stage),
        within=pmstats.within_grade(cohort, found, stage=stage),
        details=detailed_breakdowns(cohort, stage=stage),
        mixes=grade_mixes(cohort, stage=stage),
        together=crossings(pairs(cohort, stage=stage), scheme=cohort.scheme),
        parts=year_parts(cohort, stage=stage),
    )


def _long_named(cohort: Cohort) -> Cohort:
    """The cohort under a Welsh name, its units under long names and one like a formula."""
    people = cohort.people.copy()
    units = people["business_unit"].cat.remove_unused_categories().cat
    names = {
        unit: f"Cyfarwyddiaeth Dŵr, Môr a Thŷ Gwynt {place:02}"
        for place, unit in enumerate(units.categories)
    }
    names[units.categories[0]] = "=cmd|' /C calc'!A0"
    names[units.categories[1]] = "Llanfairpwllgwyngyllgogerychwyrndrobwll"
    people["business_unit"] = units.rename_categories(names)
    people["department"] = people["department"].cat.rename_categories(
        {LONG_NAMED: "Adran Tŷ Ddŵr a Llŷn: y Môr & <Arfordir>"}
    )
    return replace(cohort, people=people)
