"""The made-up awards: in-year and end-year payments that keep every cap (para 71, FAQ)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pmstats.cohort.synthetic.departments import DepartmentPlan
from pmstats.cohort.synthetic.export import iso_dates, labels, person_ids
from pmstats.cohort.synthetic.ratings import Ratings
from pmstats.cohort.synthetic.record import underperformance
from pmstats.cohort.synthetic.staff import DESTINATIONS, Codes, Days, Staff
from pmstats.scheme.scheme import Year

if TYPE_CHECKING:
    import pandas as pd

KINDS = ("in_year", "end_year")
#: Pay per head: the median of the SCS on 31 March 2023 (Civil Service Statistics 2023).
SALARY = 83_980
#: Share of people with an in-year award, of High Performing with an end-year one: our suggestion.
IN_YEAR, HIGH_PERFORMING_PAID = 0.20, 0.60
#: Share of the paybill spent, under the 3.3% the framework allows; caps of one and all awards.
SPENT, CAP, YEAR_CAP = 0.029, 5_000, 17_500


def awards_table(
    staff: Staff,
    ratings: Ratings,
    plans: Sequence[DepartmentPlan],
    *,
    year: Year,
    random: np.random.Generator,
) -> tuple[pd.DataFrame, list[float]]:
    """One row per award, and the paybill of each department in pounds.

    Columns `person_id`, `performance_year`, `date`, `type`, `amount`, `cst_approval`. Nobody on
    formal measures, nobody who left the Civil Service by the end of the year, has an end-year
    award; every Exceeding has one.
    """
    import pandas as pd

    pay = staff.fte * SALARY
    paybill = np.bincount(staff.department, weights=pay, minlength=len(plans)).astype(np.float64)
    eligible = ~underperformance(ratings).again & staff.in_scope
    day, in_year = _in_year(staff, year, eligible, random)
    end_year = _end_year(staff, ratings, eligible, in_year, paybill=paybill, random=random)
    rows = np.concatenate([np.flatnonzero(in_year), np.flatnonzero(end_year)])
    kind = np.repeat([0, 1], [(in_year > 0).sum(), (end_year > 0).sum()])
    amount = np.where(kind == 0, in_year[rows], end_year[rows])
    paid = np.where(kind == 0, day[rows], np.datetime64(year.end, "D") + 121)
    order = np.lexsort((kind, rows))
    ids: NDArray[Any] = np.array(person_ids(staff.number), dtype=object)
    table = pd.DataFrame(
        {
            "person_id": ids[rows][order],
            "performance_year": year.label,
            "date": iso_dates(paid[order]),
            "type": labels(kind[order], KINDS),
            "amount": amount[order],
            "cst_approval": "No",
        }
    )
    return table, [round(float(pounds), 2) for pounds in paybill]


def _in_year(
    staff: Staff, year: Year, eligible: NDArray[np.bool_], random: np.random.Generator
) -> tuple[Days, Codes]:
    """The day and amount of each person's in-year award, 0 for none; paid while in post."""
    n = len(staff)
    end = np.datetime64(year.end, "D")
    first = np.maximum(staff.post_start, np.datetime64(year.start, "D"))
    last = np.where(np.isnat(staff.leave), end, staff.leave)
    day = first + np.floor(random.random(n) * ((last - first).astype(np.int64) + 1)).astype(int)
    amount = 250 * random.integers(2, CAP // 250 + 1, size=n)
    given = eligible & (random.random(n) < IN_YEAR)
    return day, np.where(given, amount, 0)


def _end_year(
    staff: Staff,
    ratings: Ratings,
    eligible: NDArray[np.bool_],
    in_year: Codes,
    *,
    paybill: NDArray[np.float64],
    random: np.random.Generator,
) -> Codes:
    """Each person's end-year award: twice as much for Exceeding, within the department's pot."""
    final = ratings.columns["rating_final"]
    left = staff.destination == DESTINATIONS.index("Left the Civil Service")
    best = (final == 0) & eligible & ~left
    next_best = (final == 1) & eligible & ~left & (random.random(len(staff)) < HIGH_PERFORMING_PAID)
    parts = 2.0 * best + 1.0 * next_best
    departments = len(paybill)
    spent = np.bincount(staff.department, weights=in_year, minlength=departments)
    shares = np.bincount(staff.department, weights=parts, minlength=departments)
    pot = np.maximum(paybill * SPENT - spent, 0)
    part = np.divide(pot, shares, out=np.zeros(departments), where=shares > 0)
    amount = np.floor(parts * part[staff.department] / 50).astype(np.int64) * 50
    capped: Codes = np.minimum(amount, YEAR_CAP - in_year)
    return capped
