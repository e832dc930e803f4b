"""Dates as people write them: each read by its own form, an ambiguous one never guessed."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from enum import Enum

import numpy as np

from pmstats.cohort.labels import DASHES

#: Years outside these are typing errors, except the end-of-time years HR systems write.
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_END_OF_TIME = frozenset({4712, 9999})
#: Two-digit years up to this are of this century (a performance date is never far ahead).
_LATEST_TWO_DIGIT = 40
_EXCEL_EPOCH = date(1899, 12, 30)
_NO_DATE = frozenset({"n/a", "na", "none", "nil", "not applicable"})
_MONTH_NAMES = (
    "january february march april may june july august september october november december"
)
_MONTHS = {
    name: number
    for number, full in enumerate(_MONTH_NAMES.split(), start=1)
    for name in (full, full[:3])
} | {"sept": 9}

_TIME = r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})" + _TIME)
_COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})")
_NUMBERS = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})" + _TIME)
_DAY_NAME = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[-/ .]([A-Za-z]+)[-/ .,]+(\d{4}|\d{2})" + _TIME)
_NAME_DAY = re.compile(r"([A-Za-z]+)[ -](\d{1,2})(?:st|nd|rd|th)?,?[ -](\d{4})" + _TIME)
_PERFORMANCE_YEAR = re.compile(
    r"(?:\w+ )?((?:19|20)\d{2}) ?(?:-|/|to) ?(?:19|20)?(\d{2})", re.IGNORECASE
)
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?")


class NotADate(Enum):
    """Why a text gives no date."""

    BLANK = "blank"
    UNREADABLE = "not a date"
    AMBIGUOUS = "day and month could be either way round"


def parse_date(text: str, *, day_first: bool | None = None) -> date | NotADate:
    """The date a text means, or why it means none.

    ISO dates, dates with a named month and Excel serial numbers have one reading. Numbers such
    as 03/04/2024 have two, and are refused unless `day_first` says which; 31/03/2025 has one.

    >>> parse_date("31/03/25"), parse_date("03/04/2024")
    (datetime.date(2025, 3, 31), <NotADate.AMBIGUOUS: 'day and month could be either way round'>)
    """
    if not text or text.casefold() in _NO_DATE:
        return NotADate.BLANK
    for form, reading in _FORMS:
        if found := form.fullmatch(text):
            return reading(found, day_first)
    return NotADate.UNREADABLE


def performance_year(text: str) -> str:
    """The year as 2024-25 where it is written with both its halves; any other text as it is.

    >>> performance_year("2024/2025"), performance_year("FY 2024 to 25"), performance_year("2024")
    ('2024-25', '2024-25', '2024')
    """
    found = _PERFORMANCE_YEAR.fullmatch(DASHES.sub("-", text))
    if not found or (int(found[1]) + 1) % 100 != int(found[2]):
        return text
    return f"{found[1]}-{found[2]}"


def parse_dates(
    texts: Sequence[str], *, blanks: frozenset[str], day_first: bool | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The texts as days (datetime64, NaT where none), and masks of the unreadable and ambiguous."""
    days = np.full(len(texts), np.datetime64("NaT"), dtype="datetime64[s]")
    unreadable = np.zeros(len(texts), dtype=bool)
    ambiguous = np.zeros(len(texts), dtype=bool)
    for place, text in enumerate(texts):
        if text in blanks:
            continue
        found = parse_date(text, day_first=day_first)
        if isinstance(found, date):
            days[place] = np.datetime64(found, "s")
        unreadable[place] = found is NotADate.UNREADABLE
        ambiguous[place] = found is NotADate.AMBIGUOUS
    return days, unreadable, ambiguous


def _day_and_month(first: int, second: int, year: int, day_first: bool | None) -> date | NotADate:
    if day_first is True or (day_first is None and first > 12):
        return _date(year, second, first)
    if day_first is False or (day_first is None and second > 12):
        return _date(year, first, second)
    return _date(year, first, second) if first == second else NotADate.AMBIGUOUS


def _year(digits: str) -> int:
    if len(digits) == 4:
        return int(digits)
    return int(digits) + (2000 if int(digits) <= _LATEST_TWO_DIGIT else 1900)


def _date(year: int, month: int, day: int) -> date | NotADate:
    if year in _END_OF_TIME:
        return NotADate.BLANK
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        return NotADate.UNREADABLE
    try:
        return date(year, month, day)
    except ValueError:
        return NotADate.UNREADABLE


def _serial(found: re.Match[str], _: bool | None) -> date | NotADate:
    day = _EXCEL_EPOCH + timedelta(days=int(found[1]))
    return _date(day.year, day.month, day.day)


_Reading = Callable[[re.Match[str], bool | None], date | NotADate]
_FORMS: tuple[tuple[re.Pattern[str], _Reading], ...] = (
    (_YEAR_FIRST, lambda m, _: _date(int(m[1]), int(m[3]), int(m[4]))),
    (_NUMBERS, lambda m, first: _day_and_month(int(m[1]), int(m[3]), _year(m[4]), first)),
    (_DAY_NAME, lambda m, _: _date(_year(m[3]), _MONTHS.get(m[2].casefold(), 0), int(m[1]))),
    (_NAME_DAY, lambda m, _: _date(int(m[3]), _MONTHS.get(m[1].casefold(), 0), int(m[2]))),
    (_COMPACT, lambda m, _: _date(int(m[1]), int(m[2]), int(m[3]))),
    (_SERIAL, _serial),
)
