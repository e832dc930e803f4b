"""What tests share: the schemes and a way to make a cohort from a few lines of counts."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Mapping, Sequence

import pandas as pd
import pytest

from pmstats.cohort import UNDECLARED, UNKNOWN, Cohort
from pmstats.scheme import Scheme, load_scheme

CohortOf = Callable[..., Cohort]


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
