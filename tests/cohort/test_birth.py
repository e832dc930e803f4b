"""A date of birth gives an age band and is never kept."""

from __future__ import annotations

import pytest

from pmstats.cohort import check_export, read_export
from pmstats.scheme import load_scheme

SCHEME = load_scheme()


def write(tmp_path, *births, header="DOB"):
    """An export with these dates of birth."""
    rows = "".join(f"P{n},A,HP,{birth}\n" for n, birth in enumerate(births))
    path = tmp_path / "export.csv"
    path.write_text(f"Staff ID,Department,Final rating,{header}\n{rows}", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("birth", "band"),
    [
        ("1985-04-01", "30-39"),  # 40 on the day after the year's last
        ("1985-03-31", "40-49"),
        ("31/03/1965", "60-64"),
        ("01-Apr-1965", "50-59"),
        ("29/02/1960", "65+"),
        ("", "Unknown"),
    ],
)
def test_the_age_is_that_on_the_last_day_of_the_year(tmp_path, birth, band):
    """Whole years on 31 March 2025, as the Civil Service's returns count them."""
    people = read_export(write(tmp_path, birth), scheme=SCHEME).people
    assert people["age"].tolist() == [band]
    assert "date_of_birth" not in people


def test_the_age_is_that_on_the_cut_off_date(tmp_path):
    """Who turns 40 in between is in one band at mid-year and in another at the end."""
    path = write(tmp_path, "1984-12-01")
    people = [
        read_export(path, scheme=SCHEME, cut_off=day).people["age"].item()
        for day in ("2024-10-31", "2024-12-01")
    ]
    assert people == ["30-39", "40-49"]


@pytest.mark.parametrize(
    ("birth", "unlikely"),
    [
        ("2007-03-31", False),  # 18
        ("2007-04-01", True),  # 17
        ("1944-04-01", False),  # 80
        ("1944-03-31", True),  # 81
        ("2031-01-01", True),
        ("", False),
    ],
)
def test_an_unlikely_age_is_pointed_out(tmp_path, birth, unlikely):
    """DQ4: 18 and 80 are likely, 17, 81 and a birth still to come are not."""
    problems = check_export(write(tmp_path, "1970-01-01", birth), scheme=SCHEME)
    found = [(p.column, p.rows) for p in problems if p.rule == "DQ4"]
    assert found == ([("date_of_birth", (3,))] if unlikely else [])


def test_an_age_given_is_kept(tmp_path):
    """Where the export has an age of its own, the date of birth is only checked."""
    path = write(tmp_path, "1950-01-01,43", header="Date of birth,Age")
    assert read_export(path, scheme=SCHEME).people["age"].tolist() == ["40-49"]


@pytest.mark.parametrize(("age", "unlikely"), [(17, True), (18, False), (80, False), (81, True)])
def test_an_unlikely_age_in_years_is_pointed_out(tmp_path, age, unlikely):
    """DQ4: an age given in years is held to the same bounds as a date of birth."""
    problems = check_export(write(tmp_path, 43, age, header="Age"), scheme=SCHEME)
    found = [(p.column, p.rows) for p in problems if p.rule == "DQ4"]
    assert found == ([("age", (3,))] if unlikely else [])
