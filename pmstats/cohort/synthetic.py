"""Made-up exports with known truth: real proportions, no real person.

The recipe follows published figures where there are any; each module that draws a part of it
names its source. The same seed gives the same bytes.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pmstats.cohort.population import AXES, DECLARED
from pmstats.cohort.synthetic_departments import (
    CURVES,
    EFFECTS,
    EIGHT,
    DepartmentPlan,
    planned_departments,
)
from pmstats.cohort.synthetic_ratings import REASONS, Ratings, made_up_ratings
from pmstats.cohort.synthetic_staff import (
    DESTINATIONS,
    EMPLOYMENT,
    GRADES,
    UNITS,
    WORKING_PATTERNS,
    Codes,
    Days,
    Staff,
    made_up_staff,
    panel_names,
)
from pmstats.errors import ParameterError
from pmstats.scheme import Scheme, load_scheme

if TYPE_CHECKING:
    import pandas as pd

#: The seed of the committed sample.
SEED = 2024

#: Shares within each of the five groups for departments that record ethnicity in full:
#: England and Wales, Census 2021, per cent of everyone.
WITHIN_ETHNICITY = {
    "White": {
        "English, Welsh, Scottish, Northern Irish or British": 74.4,
        "Irish": 0.9,
        "Gypsy or Irish Traveller": 0.1,
        "Roma": 0.2,
        "Any other White background": 6.2,
    },
    "Mixed": {
        "White and Black Caribbean": 0.9,
        "White and Black African": 0.4,
        "White and Asian": 0.8,
        "Any other Mixed or Multiple background": 0.8,
    },
    "Asian": {
        "Indian": 3.1,
        "Pakistani": 2.7,
        "Bangladeshi": 1.1,
        "Chinese": 0.7,
        "Any other Asian background": 1.6,
    },
    "Black": {"Caribbean": 1.0, "African": 2.5, "Any other Black background": 0.5},
    "Other ethnicity": {"Arab": 0.6, "Any other ethnic group": 1.6},
}


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SyntheticYear:
    """A made-up export and what was planted in it.

    `export` has one row per person, canonical column names as headers and text in every cell
    (dates ISO, ratings by the scheme's abbreviations, missing where the export is blank), as an
    HR system would give it. `truth` is plain data, ready for JSON.
    """

    export: pd.DataFrame
    truth: dict[str, Any]


def synthesise(
    *,
    seed: int = SEED,
    departments: int = len(EIGHT),
    people: int | None = None,
    effects: bool = True,
    scheme: Scheme | None = None,
) -> SyntheticYear:
    """A made-up performance year of `people` people (2,190 in eight departments by default).

    With `effects` False no department has a planted difference between groups. The scheme
    must have a performance year and four ratings, as the default one has. Raises
    `ParameterError` otherwise, or when the numbers asked for cannot be met.

    >>> year = synthesise(people=219)
    >>> len(year.export), [plan["people"] for plan in year.truth["departments"]]
    (219, [71, 52, 34, 30, 18, 7, 4, 3])
    """
    scheme = scheme or load_scheme()
    if scheme.year is None or len(scheme.ratings) != 4:
        raise ParameterError(f"scheme {scheme.name}: needs a performance year and four ratings.")
    plans = planned_departments(
        departments, people=people, effects=effects, random=_random(seed, "departments")
    )
    staff = made_up_staff(plans, year=scheme.year, random=_random(seed, "staff"))
    ratings = made_up_ratings(staff, plans, year=scheme.year, random=_random(seed, "ratings"))
    truth = {
        "made_up": "Every person, department and rating in this export is invented.",
        "scheme": scheme.name,
        "seed": seed,
        "people": len(staff),
        "effect_scale": "log-odds of a better rating, cumulative, against everyone else",
        "departments": [
            _planted(plan, number, staff, ratings) for number, plan in enumerate(plans)
        ],
        "violations": [],
    }
    export = _export(staff, ratings, plans, scheme, _random(seed, "labels"))
    return SyntheticYear(export=export, truth=truth)


def write_synthetic(folder: str | Path, *, year: SyntheticYear) -> tuple[Path, Path]:
    """Write the export as CSV and its truth as JSON beside it; gives the two paths.

    Files are named after the scheme: `scs_2024_25.csv` and `scs_2024_25.truth.json`.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    name = year.truth["scheme"]
    export, truth = folder / f"{name}.csv", folder / f"{name}.truth.json"
    year.export.to_csv(export, index=False, lineterminator="\n", encoding="utf-8")
    words = json.dumps(year.truth, indent=1, ensure_ascii=False)
    truth.write_text(words + "\n", encoding="utf-8", newline="\n")
    return export, truth


def _random(seed: int, part: str) -> np.random.Generator:
    """A stream of its own for each part, so that adding a part leaves the others as they are."""
    return np.random.default_rng([seed, zlib.crc32(part.encode())])


def _planted(plan: DepartmentPlan, number: int, staff: Staff, ratings: Ratings) -> dict[str, Any]:
    here = staff.department == number
    return {
        "name": plan.name,
        "people": plan.people,
        "curve": plan.curve,
        "curve_shares": list(CURVES[plan.curve]),
        "effects": {name: dict(EFFECTS[name]) for name in plan.effects},
        "declaration_rates": {name: round(plan.declaration.rate(name), 3) for name in DECLARED},
        "ethnicity_level": plan.ethnicity_level,
        "missing_rates": {
            name: round(float(rates[number]), 3) for name, rates in ratings.missing.items()
        },
        "rated_at_the_end": int((ratings.columns["rating_final"][here] >= 0).sum()),
    }


def _export(
    staff: Staff,
    ratings: Ratings,
    plans: Sequence[DepartmentPlan],
    scheme: Scheme,
    random: np.random.Generator,
) -> pd.DataFrame:
    import pandas as pd

    names = [plan.name for plan in plans]
    elsewhere = np.where(staff.moderated_by == staff.department, -1, staff.moderated_by)
    ratings_as_written = [scheme.rating(name).abbreviation for name in scheme.best_first]
    width = max(4, len(str(len(staff))))
    columns: dict[str, Any] = {
        "person_id": [
            f"P{number:0{width}}" for number in (random.permutation(len(staff)) + 1).tolist()
        ],
        "department": _labels(staff.department, names),
        "moderating_department": _labels(elsewhere, names),
        "business_unit": _labels(staff.unit, UNITS),
        "panel": _labels(*panel_names(staff.unit, staff.panel)),
        "grade": _labels(staff.grade, GRADES),
        "cs_entry_date": _dates(staff.cs_entry),
        "scs_entry_date": _dates(staff.scs_entry),
        "dept_entry_date": _dates(staff.dept_entry),
        "post_start": _dates(staff.post_start),
        "leave_date": _dates(staff.leave),
        "leave_destination": _labels(staff.destination, DESTINATIONS),
        "employment_type": _labels(staff.employment, EMPLOYMENT),
        "fte": _labels(
            np.rint(staff.fte * 10).astype(np.int64), [f"{n / 10:g}" for n in range(11)]
        ),
        **{name: _labels(codes, ratings_as_written) for name, codes in ratings.columns.items()},
        "change_reason": _labels(ratings.reason, REASONS),
        **{name: _labels(codes, AXES[name]) for name, codes in staff.answers.items()},
        "working_pattern": _labels(staff.part_time.astype(np.int64), WORKING_PATTERNS),
    }
    columns["ethnicity"] = _ethnicity(staff, plans, random)
    return pd.DataFrame(columns)


def _labels(codes: Codes, labels: Sequence[str]) -> pd.Categorical[Any]:
    import pandas as pd

    return pd.Categorical.from_codes(codes, dtype=pd.CategoricalDtype(list(labels)))


def _dates(days: Days) -> pd.Categorical[Any]:
    """ISO dates, each distinct day formatted once."""
    known = ~np.isnat(days)
    distinct, codes = np.unique(days[known], return_inverse=True)
    everyone = np.full(len(days), -1, dtype=np.int64)
    everyone[known] = codes
    return _labels(everyone, np.datetime_as_string(distinct, unit="D").tolist())


def _ethnicity(
    staff: Staff, plans: Sequence[DepartmentPlan], random: np.random.Generator
) -> pd.Categorical[Any]:
    """The five groups, or a group within them in departments that record ethnicity in full."""
    codes = staff.answers["ethnicity"]
    in_full: NDArray[np.bool_] = np.array([plan.ethnicity_level == "19 groups" for plan in plans])
    labels = [*AXES["ethnicity"]]
    fine = codes.copy()
    for name, within in WITHIN_ETHNICITY.items():
        members = np.flatnonzero(
            (codes == AXES["ethnicity"].index(name)) & in_full[staff.department]
        )
        shares = np.array(list(within.values()))
        drawn = random.choice(len(shares), size=len(members), p=shares / shares.sum())
        fine[members] = len(labels) + drawn
        labels += list(within)
    return _labels(fine, labels)
