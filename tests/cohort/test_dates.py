"""Dates are read by their own form and never guessed."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmstats.cohort.dates import NotADate, parse_date

LAST_DAY = date(2025, 3, 31)


@pytest.mark.parametrize(
    "text",
    [
        *("2025-03-31", "2025/03/31", "20250331", "2025-03-31 00:00:00", "2025-03-31T09:30:00Z"),
        *("31/03/2025", "31/03/25", "31.03.2025", "31-03-2025", "03/31/2025"),
        *("31-Mar-25", "31 March 2025", "31st March 2025", "March 31, 2025", "31/Mar/2025"),
        "45747",  # the Excel serial number of 31 March 2025
    ],
)
def test_every_form_with_one_reading_is_read(text):
    """The last day of 2024-25 is recognised in every form that has only one reading."""
    assert parse_date(text) == LAST_DAY


@pytest.mark.parametrize(
    ("day_first", "expected"),
    [(None, NotADate.AMBIGUOUS), (True, date(2024, 4, 3)), (False, date(2024, 3, 4))],
)
def test_a_date_with_two_readings_needs_the_order(day_first, expected):
    """3/4/2024 is refused until the mapping says which number is the day."""
    assert parse_date("03/04/2024", day_first=day_first) == expected


def test_a_date_read_the_same_both_ways_is_not_ambiguous():
    """3/3/2024 is 3 March either way round."""
    assert parse_date("03/03/2024") == date(2024, 3, 3)


@pytest.mark.parametrize("text", ["31/02/2025", "2025-13-01", "0001-01-01", "32/01/2025", "soon"])
def test_what_is_no_date_is_said_to_be_none(text):
    """A day that does not exist, a year out of range and a word are not dates."""
    assert parse_date(text) is NotADate.UNREADABLE


@pytest.mark.parametrize("text", ["", "n/a", "None", "31/12/4712", "9999-12-31"])
def test_words_and_years_for_no_date_are_blank(text):
    """Oracle's and SAP's end of time and the words for nothing mean that there is no date."""
    assert parse_date(text) is NotADate.BLANK


@given(st.dates(min_value=date(1930, 1, 1), max_value=date(2099, 12, 31)))
def test_dates_survive_being_written_in_any_certain_form(day):
    """ISO, named-month, serial and declared-order forms give back the date they were made of."""
    serial = (day - date(1899, 12, 30)) // timedelta(days=1)
    for text in (day.isoformat(), f"{day:%d %B %Y}", f"{day:%d-%b-%Y}", str(serial)):
        assert parse_date(text) == day
    assert parse_date(f"{day:%d/%m/%Y}", day_first=True) == day
    assert parse_date(f"{day:%m/%d/%Y}", day_first=False) == day


@given(st.text(max_size=20))
def test_no_text_makes_the_parser_fail(text):
    """Whatever the cell holds, the answer is a date or the reason why there is none."""
    assert isinstance(parse_date(text), date | NotADate)
