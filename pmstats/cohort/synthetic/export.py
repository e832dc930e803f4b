"""The made-up export: people and their ratings as the table an HR system would give."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pmstats.cohort.synthetic.departments import DepartmentPlan
from pmstats.cohort.synthetic.moderation import REASONS
from pmstats.cohort.synthetic.population import AXES, WITHIN_ETHNICITY
from pmstats.cohort.synthetic.ratings import Ratings
from pmstats.cohort.synthetic.staff import (
    DESTINATIONS,
    EMPLOYMENT,
    GRADES,
    UNITS,
    WORKING_PATTERNS,
    Codes,
    Days,
    Staff,
    panel_names,
)
from pmstats.scheme import Scheme

if TYPE_CHECKING:
    import pandas as pd


def export_table(
    staff: Staff, ratings: Ratings, plans: Sequence[DepartmentPlan], *, scheme: Scheme
) -> pd.DataFrame:
    """One row per person, canonical headers, text in every cell, missing where it is blank."""
    import pandas as pd

    departments = [plan.name for plan in plans]
    elsewhere = np.where(staff.moderated_by == staff.department, -1, staff.moderated_by)
    as_written = [scheme.rating(name).abbreviation for name in scheme.best_first]
    tenths = np.rint(staff.fte * 10).astype(np.int64)
    columns: dict[str, Any] = {
        "person_id": person_ids(staff.number),
        "department": labels(staff.department, departments),
        "moderating_department": labels(elsewhere, departments),
        "business_unit": labels(staff.unit, UNITS),
        "panel": labels(*panel_names(staff.unit, staff.panel)),
        "grade": labels(staff.grade, GRADES),
        "cs_entry_date": iso_dates(staff.cs_entry),
        "scs_entry_date": iso_dates(staff.scs_entry),
        "dept_entry_date": iso_dates(staff.dept_entry),
        "post_start": iso_dates(staff.post_start),
        "leave_date": iso_dates(staff.leave),
        "leave_destination": labels(staff.destination, DESTINATIONS),
        "employment_type": labels(staff.employment, EMPLOYMENT),
        "fte": labels(tenths, [f"{tenth / 10:g}" for tenth in range(11)]),
        **{name: labels(codes, as_written) for name, codes in ratings.columns.items()},
        "change_reason": labels(ratings.reason, REASONS),
        **{name: labels(codes, AXES[name]) for name, codes in staff.answers.items()},
        "working_pattern": labels(staff.part_time.astype(np.int64), WORKING_PATTERNS),
    }
    columns["ethnicity"] = _ethnicity(staff, plans)
    return pd.DataFrame(columns)


def person_ids(numbers: Codes) -> list[str]:
    """Pseudonyms such as "P000142", the same for a number in every year."""
    return [f"P{number:06}" for number in numbers.tolist()]


def labels(codes: Codes, names: Sequence[str]) -> pd.Categorical[Any]:
    """The name of each code; missing for -1."""
    import pandas as pd

    return pd.Categorical.from_codes(codes, dtype=pd.CategoricalDtype(list(names)))


def iso_dates(days: Days) -> pd.Categorical[Any]:
    """ISO dates, each distinct day written once; missing for no date."""
    known = ~np.isnat(days)
    distinct, codes = np.unique(days[known], return_inverse=True)
    everyone = np.full(len(days), -1, dtype=np.int64)
    everyone[known] = codes
    return labels(everyone, np.datetime_as_string(distinct, unit="D").tolist())


def _ethnicity(staff: Staff, plans: Sequence[DepartmentPlan]) -> pd.Categorical[Any]:
    """The five groups, or a group within them in departments that record ethnicity in full."""
    in_full = np.array([plan.ethnicity_level == "19 groups" for plan in plans])
    fine = in_full[staff.department] & (staff.ethnicity_in_full >= 0)
    coarse = AXES["ethnicity"]
    names = [*coarse, *(name for within in WITHIN_ETHNICITY.values() for name in within)]
    codes = np.where(fine, staff.ethnicity_in_full + len(coarse), staff.answers["ethnicity"])
    return labels(codes, names)
