"""What a cohort holds after reading, and what it can never give away."""

import hashlib
import logging
import traceback
from datetime import date

import numpy as np
import pytest

from pmstats.cohort import LeaveDate, Mapping, check_export, read_export
from pmstats.errors import ExportError, ParameterError
from pmstats.scheme import load_scheme

SCHEME = load_scheme()
EXPORT = (
    "Employee No,Full name,Department,Pay band,Mid-year rating,Gender,Ethnic origin,Age band,"
    "Date entered SCS,Leaving date,Manager comments\n"
    "S-1001,Ann Secret,Education,PB1,HP,F,White British,40-49,31/03/2015,,very private\n"
    "S-1002,Bob Hidden,Education,PB2,a,M,,50 to 59,2016-01-01,31-Dec-2024,\n"
    "S-1003,Cy Covert,Treasury,PB1,,Undeclared,Prefer not to say,40-49,,,\n"
)
PERSONAL = ("S-1001", "s-1002", "Ann", "Secret", "Hidden", "Covert", "very private")


@pytest.fixture
def export(tmp_path):
    """The path of a small made-up export in an HR system's own words."""
    path = tmp_path / "export.csv"
    path.write_text(EXPORT, encoding="utf-8")
    return path


def test_headers_of_hr_systems_are_recognised(export):
    """Canonical columns come out of the headers as they are, free text does not."""
    people = read_export(export, scheme=SCHEME).people
    assert list(people.columns) == [
        *("row", "person_id", "department", "grade", "scs_entry_date", "leave_date"),
        *("rating_midyear", "sex", "ethnicity", "age", "count"),
    ]


def test_labels_become_the_scheme_s_own(export):
    """Spellings the scheme documents arrive as its labels; a blank is Unknown, never dropped."""
    people = read_export(export, scheme=SCHEME).people
    assert people["rating_midyear"].tolist()[:2] == ["High Performing", "Achieving"]
    assert people["rating_midyear"].isna().tolist() == [False, False, True]
    assert people["sex"].tolist() == ["Female", "Male", "Undeclared"]
    assert people["ethnicity"].tolist() == [
        "English, Welsh, Scottish, Northern Irish or British",
        "Unknown",
        "Undeclared",
    ]
    assert people["grade"].tolist() == ["SCS1", "SCS2", "SCS1"]


def test_categories_are_in_the_scheme_s_order(export):
    """Ratings have the scheme's boxes and no other; characteristics end in the two codes."""
    people = read_export(export, scheme=SCHEME).people
    assert tuple(people["rating_midyear"].cat.categories) == SCHEME.rating_names
    answers = SCHEME.characteristic("ethnicity").answers
    assert tuple(people["ethnicity"].cat.categories) == (*answers, "Undeclared", "Unknown")


def test_dates_and_counts_have_their_types(export):
    """Dates are datetime64 and missing where there are none; every row stands for one person."""
    people = read_export(export, scheme=SCHEME).people
    assert people["leave_date"].dtype.kind == "M"
    assert people["leave_date"].isna().tolist() == [True, False, True]
    assert people["count"].dtype == np.int64
    assert people["count"].tolist() == [1, 1, 1]


def test_the_export_is_named_by_its_file_and_its_bytes(export):
    """The folder stays private; the hash is that of the file as it was."""
    cohort = read_export(export, scheme=SCHEME, cut_off=date(2024, 10, 31))
    assert cohort.export_name == "export.csv"
    assert cohort.export_sha256 == hashlib.sha256(EXPORT.encode()).hexdigest()
    assert cohort.cut_off == date(2024, 10, 31)


def test_pseudonyms_of_two_runs_cannot_be_linked(export):
    """A fresh key each time gives one person another pseudonym; within a run it is one."""
    first, second = (read_export(export, scheme=SCHEME).people["person_id"] for _ in range(2))
    assert first.nunique() == 3
    assert not set(first) & set(second)


def test_neither_names_nor_identifiers_are_anywhere_in_the_cohort(export):
    """No cell of the frame, no repr and no problem holds a name, a number or free text."""
    cohort = read_export(export, scheme=SCHEME)
    held = cohort.people.to_csv() + repr(cohort) + cohort._repr_html_() + str(cohort.problems)
    assert not [text for text in PERSONAL if text in held]


def test_an_error_never_quotes_a_personal_cell(tmp_path, caplog):
    """Mixed-up columns put names where ratings belong; no message, log or traceback shows one."""
    rows = EXPORT.splitlines()
    mixed = [",".join([*row.split(",")[::-1]]) for row in rows[1:]]
    path = tmp_path / "export.csv"
    path.write_text("\n".join([rows[0], *mixed]), encoding="utf-8")
    with caplog.at_level(logging.DEBUG), pytest.raises(ExportError) as raised:
        read_export(path, scheme=SCHEME)
    said = "".join(traceback.format_exception(raised.value)) + caplog.text
    assert len(raised.value.problems) > 3
    assert not [text for text in PERSONAL if text in said]


def test_a_leave_date_can_be_the_first_day_out(export):
    """Where the date is the first day out, the last day in post is the day before."""
    mapping = Mapping(leave_date=LeaveDate.FIRST_DAY_OUT)
    people = read_export(export, scheme=SCHEME, mapping=mapping).people
    assert people["leave_date"][1] == np.datetime64("2024-12-30")


def test_a_stage_the_export_lacks_is_an_error_of_the_mapping(export):
    """Asking for ratings that are not in the file says which column is needed."""
    problems = check_export(export, scheme=SCHEME, stage="final")
    assert (problems[0].rule, problems[0].column) == ("mapping", "rating_final")


def test_a_stage_the_scheme_lacks_is_a_parameter_error(export):
    """A misspelt stage is refused before the file is read."""
    with pytest.raises(ParameterError, match="did you mean 'mid-year'"):
        read_export(export, scheme=SCHEME, stage="midyear")


def test_a_file_that_is_not_there_is_an_export_error(tmp_path):
    """A missing file is named without its folder."""
    with pytest.raises(ExportError, match=r"nowhere\.csv cannot be opened") as raised:
        read_export(tmp_path / "nowhere.csv", scheme=SCHEME)
    assert str(tmp_path) not in str(raised.value)


def test_rules_without_their_columns_say_so(tmp_path):
    """A rule that cannot be checked is named with the column it needs, never passed over."""
    path = tmp_path / "export.csv"
    path.write_text(EXPORT.replace("Mid-year rating", "Final rating"), encoding="utf-8")
    said = {p.rule: p.message for p in check_export(path, scheme=SCHEME)}
    assert said["R15"] == "Not checked: no column cs_entry_date."
    assert said["R16"] == "Not checked: no column moderating_department."


def test_a_panel_named_c_is_a_panel(tmp_path):
    """Panels go by letters; "c" marks withheld numbers in published tables, not a blank name."""
    path = tmp_path / "export.csv"
    path.write_text("Department,Panel,Final rating\nC,A,HP\nC,C,A\nC,[c],A\n", encoding="utf-8")
    people = read_export(path, scheme=load_scheme()).people
    assert people["department"].tolist() == ["C", "C", "C"]
    assert people["panel"].astype(object).fillna("").tolist() == ["A", "C", ""]
