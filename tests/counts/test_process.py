"""What the framework expects of the process, counted on both sides of each of its dates."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from pmstats.cohort import Cohort
from pmstats.cohort.expected import unkept
from pmstats.counts import expectations
from pmstats.scheme import Scheme

DAY = timedelta(days=1)


def on_record(scs: Scheme, *, ratings: bool = True, **record: tuple[object, ...]) -> Cohort:
    """People in post all year who differ in these cells; dates as dates, the rest as answers."""
    n = len(next(iter(record.values())))
    cells = {
        name: pd.Series(pd.to_datetime(list(given))).astype("datetime64[s]")
        if name.endswith(("_on", "_date")) or name.startswith("conversation")
        else pd.Categorical(given)
        for name, given in record.items()
    }
    rated = {
        stage.column: pd.Categorical(
            ["Achieving" if ratings else None] * n, categories=list(scs.rating_names)
        )
        for stage in scs.stages
    }
    people = pd.DataFrame(
        {
            "row": np.arange(n) + 2,
            "person_id": np.arange(n, dtype=np.uint64),
            "department": pd.Categorical(["Ministry of Examples"] * n),
            "grade": pd.Categorical(["SCS1"] * n),
            "count": np.ones(n, dtype=np.int64),
            **rated,
            **cells,
        }
    )
    return Cohort(scheme=scs, people=people, export_name="made.csv", export_sha256="0" * 64)


@pytest.mark.parametrize(
    ("name", "column", "opens", "closes"),
    [
        ("Expectations set", "start_meeting_on", date(2024, 3, 1), date(2024, 5, 31)),
        ("Objectives agreed", "objectives_agreed_on", None, date(2024, 6, 30)),
        ("First conversation", "conversation_q1", None, date(2024, 7, 31)),
        ("Mid-year conversation", "conversation_midyear", date(2024, 8, 1), date(2024, 10, 31)),
        ("Third conversation", "conversation_q3", date(2024, 11, 1), date(2025, 1, 31)),
        # paras 65, 66: the final conversation is in March
        (
            "Final conversation in March",
            "rating_recommended_date",
            date(2025, 3, 1),
            date(2025, 3, 31),
        ),
    ],
)
def test_a_step_is_in_time_from_the_first_day_of_its_window_to_the_last(
    scs: Scheme, name: str, column: str, opens: date | None, closes: date
) -> None:
    """The first and the last day are in time, the days beside them not; a blank is no answer."""
    first = (opens, opens - DAY) if opens else (closes, closes)
    found = expectations(on_record(scs, **{column: (*first, closes, closes + DAY, None)}))[name]
    assert (found.asked, found.unclear) == (5, 1)
    assert (found.kept, found.broken) == ((2, 2) if opens else (3, 1))


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("Mid-year write-up", "midyear_writeup"),
        ("End-year write-up", "endyear_writeup"),
        ("Feedback from others", "feedback_360"),
    ],
)
def test_a_write_up_is_asked_of_those_who_are_rated(scs: Scheme, name: str, column: str) -> None:
    """Yes is kept, No is not, a blank is not recorded; nobody is asked who has no rating."""
    given = {column: ("Yes", "No", None)}
    found = expectations(on_record(scs, **given))[name]
    assert (found.asked, found.kept, found.broken, found.unclear) == (3, 1, 1, 1)
    assert expectations(on_record(scs, ratings=False, **given))[name].asked == 0


def test_moderation_is_in_order_when_no_meeting_comes_before_the_one_it_follows(
    scs: Scheme,
) -> None:
    """R39, R40 and R8: on the same day is in order, a day earlier is not; a blank is unknown."""
    found = expectations(
        on_record(
            scs,
            rating_recommended_date=("2025-03-31", "2025-03-31", "2025-03-31"),
            rating_local_date=("2025-03-31", "2025-03-30", "2025-04-10"),
            rating_overall_date=("2025-03-31", "2025-04-20", None),
            next_start_meeting_on=("2025-03-31", "2025-04-19", "2025-05-01"),
        )
    )
    for name, expected in (
        ("Moderation in order", (1, 1, 1)),
        ("Before next year's expectations", (1, 1, 1)),
        ("Overall moderation dated", (2, 1, 0)),
    ):
        assert (found[name].kept, found[name].broken, found[name].unclear) == expected, name


def test_nothing_is_asked_before_it_is_due_or_of_those_who_were_not_there(scs: Scheme) -> None:
    """At mid-year nobody asks for the final conversation, nor of arrivals in July for a meeting."""
    cohort = on_record(scs, start_meeting_on=("2024-04-02", None))
    arrived = pd.Series(pd.to_datetime(["2020-01-01", "2024-07-01"])).astype("datetime64[s]")
    cohort = replace(cohort, people=cohort.people.assign(dept_entry_date=arrived))
    due = expectations(cohort, stage="mid-year")
    assert [each.name for each in due.each][-1] == "Mid-year write-up"
    assert (due["Expectations set"].asked, due["Expectations set"].kept) == (1, 1)


def test_a_check_reports_each_rule_once(scs: Scheme) -> None:
    """A late meeting is R8 here; a write-up that was refused is left to R11 of the rule book."""
    cohort = on_record(scs, start_meeting_on=("2024-06-01",), midyear_writeup=("No",))
    assert [(each.rule, each.rows) for each in unkept(cohort)] == [("R8", (2,))]
