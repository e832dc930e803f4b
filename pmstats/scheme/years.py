"""The same framework a year earlier, for comparing two years of one department."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pmstats.scheme.expectations import Condition, Expectation
    from pmstats.scheme.scheme import Scheme, Year
    from pmstats.scheme.statuses import Process


def a_year_earlier(scheme: Scheme) -> Scheme:
    """The scheme of the year before: the same rules, every day in it a year earlier.

    For an export of the year before where the framework had not changed; where it had, that
    year has a scheme of its own.

    >>> from pmstats.scheme import load_scheme
    >>> earlier = a_year_earlier(load_scheme("scs_2024_25"))
    >>> earlier.year.label, str(earlier.year.eligible_by)
    ('2023-24', '2023-12-31')
    """
    return replace(
        scheme,
        year=year_before(scheme.year) if scheme.year else None,
        process=_process(scheme.process) if scheme.process else None,
        expectations=tuple(_expectation(each) for each in scheme.expectations),
    )


def year_before(year: Year) -> Year:
    """The performance year one year earlier."""
    start = year.start
    return replace(
        year,
        label=f"{start.year - 1}-{start.year % 100:02}",
        start=_earlier(start),
        end=_earlier(year.end),
        eligible_by=_earlier(year.eligible_by),
        mid_year_cut_off=_earlier(year.mid_year_cut_off),
    )


def _process(process: Process) -> Process:
    steps = tuple(
        replace(step, opens=_perhaps(step.opens), closes=_perhaps(step.closes))
        for step in process.steps
    )
    return replace(process, steps=steps)


def _expectation(expectation: Expectation) -> Expectation:
    return replace(
        expectation,
        when=tuple(_condition(each) for each in expectation.when),
        then=tuple(_condition(each) for each in expectation.then),
    )


def _condition(condition: Condition) -> Condition:
    return replace(condition, opens=_perhaps(condition.opens), closes=_perhaps(condition.closes))


def _perhaps(day: date | None) -> date | None:
    return _earlier(day) if day else None


def _earlier(day: date) -> date:
    """The same day a year before; the last of February stays the last of February."""
    year = day.year - 1
    last = monthrange(year, day.month)[1]
    month_end = day.day == monthrange(day.year, day.month)[1]
    return date(year, day.month, last if month_end else day.day)
