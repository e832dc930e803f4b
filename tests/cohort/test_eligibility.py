"""Who is counted at a stage, and the one reason for everyone else (paragraphs 6, 67 and 68)."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from pmstats.cohort import Cohort, Standing, standing
from pmstats.cohort.eligibility import quarter_end, turns_on
from pmstats.scheme import Scheme, load_scheme
from pmstats.scheme.words import Reason

IN_TABLE = Standing.IN_TABLE


def cohort(cut_off=None, **columns):
    """A cohort with these columns, everyone in one department with every rating given."""
    length = max(len(values) for values in columns.values())
    data = {
        "department": ["A"] * length,
        "rating_midyear": ["Achieving"] * length,
        "rating_final": ["Achieving"] * length,
        "count": [1] * length,
    }
    dates = {
        name: pd.to_datetime(pd.Series(values)) if name.endswith("date") else values
        for name, values in columns.items()
    }
    return Cohort(
        scheme=load_scheme(),
        people=pd.DataFrame(data | dates),
        export_name="x.csv",
        export_sha256="0" * 64,
        cut_off=cut_off,
    )


def reasons(people, stage, **asked):
    """The standing of each row."""
    return [list(Standing)[code] for code in standing(people, stage=stage, **asked)]


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("2024-12-31", IN_TABLE),
        ("2025-01-01", Standing.JOINED_TOO_LATE),
        (None, IN_TABLE),
    ],
)
def test_para_67_employed_on_or_before_31_december(entry, expected):
    """31 December is in, 1 January is out, and a missing date excludes nobody."""
    assert reasons(cohort(cs_entry_date=[entry]), "final") == [expected]


@pytest.mark.parametrize(
    ("leave", "expected"),
    [
        ("2024-12-30", Standing.LEFT_BEFORE_JANUARY),
        ("2024-12-31", IN_TABLE),
        ("2025-01-01", IN_TABLE),
    ],
)
def test_para_68_leavers(leave, expected):
    """Whose last day in post was 31 December still held the post on that day."""
    assert reasons(cohort(leave_date=[leave]), "final") == [expected]


def test_para_68_movers_are_moderated_where_the_post_was_held():
    """Gone to another department by 31 December, or come from one after it: moderated there."""
    moved = cohort(
        leave_date=["2024-12-30", "2024-12-31", None, None],
        leave_destination=["Other department", "Other department", None, None],
        dept_entry_date=["2015-01-01", "2015-01-01", "2024-12-31", "2025-01-01"],
    )
    elsewhere = Standing.MODERATED_ELSEWHERE
    assert reasons(moved, "final") == [elsewhere, IN_TABLE, IN_TABLE, elsewhere]


def test_para_68_a_department_named_as_moderating_is_believed():
    """A row moderated by another department is not counted here; a blank means here."""
    named = cohort(moderating_department=["A", "B", None])
    assert reasons(named, "final") == [IN_TABLE, Standing.MODERATED_ELSEWHERE, IN_TABLE]


def test_para_6_other_grades_are_out_of_scope_at_every_stage():
    """A grade outside the framework comes before every other reason; a blank one is in scope."""
    graded = cohort(
        grade=["SCS1", "Grade 6", None], cs_entry_date=["2025-02-01", "2025-02-01", "2015-01-01"]
    )
    expected = [Standing.JOINED_TOO_LATE, Standing.OUT_OF_SCOPE, IN_TABLE]
    assert reasons(graded, "final") == expected
    assert reasons(graded, "mid-year")[1] is Standing.OUT_OF_SCOPE


def test_the_mid_year_looks_at_everyone_in_post_on_the_cut_off_date():
    """On 31 October: entered by then, and not gone before; paragraph 67 does not reach."""
    people = cohort(
        cs_entry_date=["2024-10-31", "2024-11-01", "2015-01-01", "2015-01-01"],
        leave_date=[None, None, "2024-10-30", "2024-10-31"],
    )
    out = [Standing.NOT_YET_IN_POST, Standing.LEFT_BEFORE_CUT_OFF]
    assert reasons(people, "mid-year") == [IN_TABLE, *out, IN_TABLE]


@pytest.mark.parametrize("column", ["cs_entry_date", "scs_entry_date", "dept_entry_date"])
def test_each_date_of_entry_counts_at_mid_year(column):
    """Not yet in the Civil Service, the SCS or the department is not yet in post."""
    people = cohort(**{column: ["2024-11-01"]})
    assert reasons(people, "mid-year") == [Standing.NOT_YET_IN_POST]


def test_the_cut_off_date_given_comes_before_the_cohort_s_and_the_scheme_s():
    """A date asked for wins over the cohort's, and the cohort's over the scheme's."""
    late = cohort(cut_off=date(2024, 11, 5), cs_entry_date=["2024-11-03"])
    assert reasons(late, "mid-year") == [IN_TABLE]
    assert reasons(late, "mid-year", cut_off=date(2024, 11, 2)) == [Standing.NOT_YET_IN_POST]


@pytest.mark.parametrize(
    ("stage", "given", "day"),
    [
        ("mid-year", None, date(2024, 10, 31)),  # the scheme's suggestion
        ("mid-year", date(2024, 11, 5), date(2024, 11, 5)),
        ("quarter-1", None, None),
        ("final", None, date(2024, 12, 31)),  # paragraph 67
        ("final", date(2024, 11, 5), date(2024, 12, 31)),
    ],
)
def test_the_day_that_is_told_is_the_day_that_counts(stage, given, day):
    """A pack and a release name one day; a moderated stage keeps its own, whatever was given."""
    assert turns_on(cohort(cut_off=given, person_id=["a"]), stage=stage) == day


def test_a_stage_that_is_no_quarter_has_no_end_of_a_quarter():
    """A further stage of a scheme with quarters is asked for without one, and stops nothing."""
    scheme = load_scheme()
    assert scheme.support is not None
    fewer = replace(scheme, support=replace(scheme.support, quarters=("mid-year",)))
    assert quarter_end(replace(cohort(person_id=["a"]), scheme=fewer), "quarter-3") is None


def test_a_quarter_without_a_cut_off_date_leaves_nobody_out():
    """The framework dates no cut-off for the other quarters, and none is made up."""
    assert reasons(cohort(cs_entry_date=["2025-01-01"]), "quarter-1") == [IN_TABLE]


def test_everyone_has_exactly_one_standing():
    """The codes cover every row, and each is a place in the closed list."""
    people = cohort(cs_entry_date=["2024-12-31", "2025-01-01", None])
    codes = standing(people, stage="final")
    assert codes.dtype == np.int8
    assert set(codes) <= set(range(len(Standing)))
    assert [reason.code for reason in Standing] == list(range(len(Standing)))


def test_a_standing_is_worked_out_once_for_the_same_rows():
    """It is kept with the cohort by stage and day, out of reach, and not for other rows or days."""
    people = cohort(dept_entry_date=["2024-09-01", "2024-11-01"])
    codes = standing(people, stage="mid-year", cut_off=date(2024, 9, 30))
    assert standing(people, stage="mid-year", cut_off=date(2024, 9, 30)) is codes
    with pytest.raises(ValueError, match="read-only"):
        codes[0] = 0
    assert reasons(people, "mid-year", cut_off=date(2024, 12, 1)) == [IN_TABLE, IN_TABLE]
    late = replace(people, people=people.people.iloc[1:])
    assert reasons(late, "mid-year", cut_off=date(2024, 9, 30)) == [Standing.NOT_YET_IN_POST]


def test_every_reason_has_a_sentence_and_a_paragraph(scs: Scheme) -> None:
    """The ledger can print why, and where the framework says so; the scheme holds both."""
    assert all(standing.sentence.endswith(".") for standing in Standing)
    for reason in Reason:
        words = scs.words_for(reason)
        assert words is not None
        assert words.sentence.endswith(".")
        assert words.paragraph
