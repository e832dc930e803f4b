"""Gaps between regular dates, and the distribution at every stage, for all and for each group."""

from __future__ import annotations

from math import isnan

import pandas as pd
import pytest

from pmstats import restricted_table
from pmstats.cohort import Cohort
from pmstats.counts import profile, spacing
from pmstats.errors import ParameterError
from pmstats.scheme import load_scheme


def staff(**columns: list[str | None]) -> Cohort:
    """A cohort of the toolkit's process with these dates."""
    people = pd.DataFrame(
        {
            name: pd.Series(pd.to_datetime(each)).astype("datetime64[s]")
            for name, each in columns.items()
        }
    )
    people["office"] = pd.Categorical(["A", "A", "B"][: len(people)])
    people["count"] = 1
    return Cohort(
        scheme=load_scheme("parliament_process"),
        people=people,
        export_name="made.csv",
        export_sha256="0" * 64,
    )


def test_gaps_run_from_one_date_to_the_next_in_time() -> None:
    """6 weeks are within the aim, 43 days are not; dates may be entered in any order."""
    cohort = staff(
        conversation_1=["2019-06-01", "2019-08-25", None],
        conversation_2=["2019-07-13", None, None],  # 42 days later
        conversation_3=["2019-08-25", "2019-06-01", None],  # 43 days later; 85 days apart
    )
    everyone, first, second = spacing(cohort, "office").rows
    assert (everyone.rows, everyone.none, everyone.dates, everyone.gaps) == (3, 1, 5, 3)
    assert (everyone.long, everyone.median_days) == (2, 43.0)
    assert (first.group, first.gaps) == ("A", 3)
    assert (second.group, second.none, second.gaps) == ("B", 1, 0)
    assert isnan(second.median_days)


def test_small_offices_are_not_shown() -> None:
    """Below the scheme's minimum of ten people a row says only that there are too few."""
    cohort = staff(conversation_1=["2019-06-01", "2019-06-02", None])
    shown = repr(restricted_table(spacing(cohort, "office"), scheme=cohort.scheme))
    assert "A\ttoo few to report" in shown
    assert "B\ttoo few to report" in shown


def test_an_export_without_regular_dates_says_so() -> None:
    """No column of dates, or a scheme that names none, is refused in words."""
    with pytest.raises(ParameterError, match="holds no regular dates"):
        spacing(staff(other=["2019-06-01"]))


def test_a_profile_looks_at_one_answer_of_one_column() -> None:
    """Answers of one quarter only; a column that nothing is counted by is refused."""
    scheme = load_scheme("parliament_feedback")
    people = pd.DataFrame(
        {
            "quarter": pd.Categorical(["June to August", "March to May", "March to May"]),
            "statement_1": pd.Categorical(
                ["Agree", "Disagree", None], categories=list(scheme.rating_names)
            ),
            "count": 1,
        }
    )
    cohort = Cohort(scheme=scheme, people=people, export_name="made.csv", export_sha256="0" * 64)
    (row,) = profile(cohort.among("quarter", "March to May"), heading="Statement").rows
    assert row[0].startswith("I understand how my objectives")
    assert (row[1].count("Disagree"), row[1].n, row[1].unrated) == (1, 1, 1)
    assert profile(cohort).rows[0][1].n == 2
    with pytest.raises(ParameterError, match="cannot be chosen by 'statement_1'"):
        cohort.among("statement_1", "Agree")
    with pytest.raises(ParameterError, match="no 'Easter' in quarter"):
        cohort.among("quarter", "Easter")
