"""Ratings worked out by rule: windows to the day, targets to the last digit."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from pmstats.cohort.statuses import NONE, step_codes, target_codes, with_statuses
from pmstats.scheme import Scheme, load_scheme
from pmstats.scheme.scheme import Rating, Stage
from pmstats.scheme.statuses import Process, Step

STEP = Step(stage="plan", column="plan_on", opens=date(2020, 3, 1), closes=date(2020, 5, 31))


@pytest.fixture(scope="module")
def process() -> Scheme:
    """A scheme with one step and its window, made from one that has none."""
    from dataclasses import replace

    return replace(
        load_scheme("provider_quality_2024"),
        ratings=tuple(Rating(name=n, abbreviation=n) for n in ("In time", "Outside", "Not held")),
        stages=(Stage(name="plan", title="Plan", column="plan", moderated=False, paragraph=""),),
        framings=(),
        expectations=(),
        process=Process(
            in_time="In time", outside="Outside", absent="Not held", paragraph="", steps=(STEP,)
        ),
    )


def said(scheme: Scheme, codes: np.ndarray) -> list[str]:
    """The ratings behind the codes; empty for none."""
    return [scheme.rating_names[code] if code != NONE else "" for code in codes]


def days(*each: str | None) -> pd.Series:
    """Dates as a cohort holds them."""
    return pd.Series(pd.to_datetime(list(each))).astype("datetime64[s]")


def test_both_ends_of_a_window_are_inside_it(process: Scheme) -> None:
    """The first and the last day are in time, the days beside them are not."""
    people = pd.DataFrame(
        {"plan_on": days("2020-02-29", "2020-03-01", "2020-05-31", "2020-06-01", None)}
    )
    codes = step_codes(people, STEP, scheme=process, as_at=None)
    assert said(process, codes) == ["Outside", "In time", "In time", "Outside", "Not held"]


def test_nothing_is_asked_while_a_window_is_open(process: Scheme) -> None:
    """On the last day of the window an empty record is not yet missing; a day later it is."""
    people = pd.DataFrame({"plan_on": days("2020-03-02", None)})
    for as_at, expected in ((date(2020, 5, 31), ""), (date(2020, 6, 1), "Not held")):
        codes = step_codes(people, STEP, scheme=process, as_at=as_at)
        assert said(process, codes) == ["In time", expected]


def test_nothing_is_asked_of_those_who_were_not_there(process: Scheme) -> None:
    """Who joined after the window closed or left before it opened has no rating."""
    people = pd.DataFrame(
        {
            "plan_on": days(None, None, None, None),
            "dept_entry_date": days("2020-06-01", "2020-05-31", "2019-01-01", None),
            "leave_date": days(None, None, "2020-02-29", "2020-03-01"),
        }
    )
    codes = step_codes(people, STEP, scheme=process, as_at=None)
    assert said(process, codes) == ["", "Not held", "", "Not held"]


def test_a_step_may_be_recorded_as_an_answer(process: Scheme) -> None:
    """Yes is in time, any other answer and no answer are not held."""
    people = pd.DataFrame({"plan_on": pd.Categorical(["Yes", "No", None])})
    codes = step_codes(people, STEP, scheme=process, as_at=None)
    assert said(process, codes) == ["In time", "Not held", "Not held"]


def test_a_stage_whose_column_is_not_held_has_no_ratings(process: Scheme) -> None:
    """Nothing is made up for a step that the export does not record."""
    held = with_statuses(pd.DataFrame({"other": [1]}), scheme=process, as_at=None)
    assert list(held.columns) == ["other"]


@pytest.mark.parametrize(
    ("direction", "target", "actual", "tolerance", "expected"),
    [
        ("higher", 30.0, 30.0, None, "Reached"),
        ("higher", 30.0, 27.0, None, "Near"),  # exactly a tenth below
        ("higher", 30.0, 26.999, None, "Not reached"),
        ("lower", 10.0, 10.0, None, "Reached"),
        ("lower", 10.0, 11.0, None, "Near"),
        ("lower", 10.0, 11.01, None, "Not reached"),
        ("within", 100.0, 98.0, 2.0, "Reached"),
        ("within", 100.0, 104.0, 2.0, "Near"),
        ("within", 100.0, 104.1, 2.0, "Not reached"),
        ("higher", 30.0, 25.0, 5.0, "Near"),  # its own tolerance goes before the general one
        ("higher", 0.3, 0.27, None, "Near"),  # 0.1 * 0.3 is a little less than 0.03 in binary
        ("higher", None, 25.0, None, ""),
        ("higher", 30.0, None, None, ""),
        (None, 30.0, 30.0, None, ""),
    ],
)
def test_a_value_stands_beside_its_target(
    direction: str | None,
    target: float | None,
    actual: float | None,
    tolerance: float | None,
    expected: str,
) -> None:
    """Each direction on both sides of each boundary; nothing where something is missing."""
    scheme = load_scheme("workforce_programme_2024")
    assert scheme.indicators is not None
    people = pd.DataFrame(
        {
            "direction": pd.Categorical([direction], categories=["higher", "lower", "within"]),
            "target": pd.Series([target], dtype=float),
            "actual": pd.Series([actual], dtype=float),
            "tolerance": pd.Series([tolerance], dtype=float),
        }
    )
    codes = target_codes(people, scheme.indicators, scheme=scheme)
    assert said(scheme, codes) == [expected]
