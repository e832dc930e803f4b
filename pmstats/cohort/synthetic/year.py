"""Made-up exports with known truth: real proportions, no real person.

The recipe follows published figures where there are any; each module that draws a part of it
names its source. The same seed gives the same bytes.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

import numpy as np

from pmstats.cohort.synthetic.award_violations import with_award_violations
from pmstats.cohort.synthetic.awards import awards_table
from pmstats.cohort.synthetic.departments import (
    CURVES,
    EFFECTS,
    EIGHT,
    DepartmentPlan,
    planned_departments,
)
from pmstats.cohort.synthetic.export import export_table
from pmstats.cohort.synthetic.population import DECLARED
from pmstats.cohort.synthetic.previous import previous_ratings, previous_staff
from pmstats.cohort.synthetic.ratings import Ratings, made_up_ratings
from pmstats.cohort.synthetic.record import record_columns, underperformance
from pmstats.cohort.synthetic.staff import Staff, made_up_staff
from pmstats.cohort.synthetic.violations import with_violations
from pmstats.errors import ParameterError
from pmstats.scheme import Scheme, a_year_earlier, load_scheme
from pmstats.scheme.scheme import Year

if TYPE_CHECKING:
    import pandas as pd

#: The seed of the committed sample.
SEED = 2024


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SyntheticYear:
    """A made-up export and what was planted in it.

    `export` has one row per person, canonical column names as headers and text in every cell
    (dates ISO, ratings by the scheme's abbreviations, missing where the export is blank), as an
    HR system would give it. `awards` has one row per award, `previous` is the year before; None
    unless asked for. `truth` is plain data, ready for JSON.
    """

    export: pd.DataFrame
    truth: dict[str, Any]
    awards: pd.DataFrame | None = None
    previous: SyntheticYear | None = None


class Recipe(TypedDict, total=False):
    """What `synthesise` takes, every entry optional."""

    seed: int
    departments: int
    people: int | None
    effects: bool
    moderation: bool
    record: bool
    previous: bool
    violations: bool
    scheme: Scheme | None


def synthesise(
    *,
    seed: int = SEED,
    departments: int = len(EIGHT),
    people: int | None = None,
    effects: bool = True,
    moderation: bool = False,
    record: bool = False,
    previous: bool = False,
    violations: bool = False,
    scheme: Scheme | None = None,
) -> SyntheticYear:
    """A made-up performance year of `people` people (2,190 in eight departments by default).

    `effects` plants differences between groups in the ratings of some departments, `moderation`
    a harsh panel, a group moved down and panels that fit the guide too well. `record` adds the
    columns on conversations, dates, support and formal measures, and the awards; `previous` the
    year before, its people linked by `person_id`; `violations` breaks every rule at known rows
    of this year. None of them changes what the others draw.

    The scheme must have a performance year and four ratings, as the default one has. Raises
    `ParameterError` otherwise, or when the numbers asked for cannot be met.

    >>> year = synthesise(people=219)
    >>> len(year.export), [plan["people"] for plan in year.truth["departments"]]
    (219, [71, 52, 34, 30, 18, 7, 4, 3])
    """
    scheme = scheme or load_scheme()
    if scheme.year is None or len(scheme.ratings) != 4:
        raise ParameterError(f"scheme {scheme.name}: needs a performance year and four ratings.")
    plans = planned_departments(
        departments,
        people=people,
        effects=effects,
        moderation=moderation,
        random=_random(seed, "departments"),
    )
    staff = made_up_staff(
        plans, year=scheme.year, random=_random(seed, "staff"), names=_random(seed, "labels")
    )
    ratings = made_up_ratings(staff, plans, year=scheme.year, random=_random(seed, "ratings"))
    made = _made(staff, ratings, plans, seed=seed, part="", record=record, scheme=scheme)
    if violations:
        made = _broken(made, year=scheme.year, random=_random(seed, "violations"))
    if not previous:
        return made
    random = _random(seed, "previous")
    staff_before, came_from = previous_staff(staff, plans, year=scheme.year, random=random)
    ratings_before = previous_ratings(
        staff_before, came_from, plans, ratings, year=scheme.year, random=random
    )
    earlier = a_year_earlier(scheme)
    before = _made(
        staff_before,
        ratings_before,
        plans,
        seed=seed,
        part="previous ",
        record=record,
        scheme=earlier,
    )
    return replace(made, previous=before)


def write_synthetic(folder: str | Path, **recipe: Unpack[Recipe]) -> tuple[Path, ...]:
    """Synthesise a year and write it: CSV for the export and awards, JSON for the truth.

    Files are named after the year: `scs_2024_25.csv`, `scs_2024_25.truth.json` and, where there
    are awards, `scs_2024_25.awards.csv`; likewise for the year before. Gives the paths.
    """
    return _written(Path(folder), synthesise(**recipe))


def _written(folder: Path, year: SyntheticYear) -> tuple[Path, ...]:
    folder.mkdir(parents=True, exist_ok=True)
    name = f"scs_{year.truth['year'].replace('-', '_')}"
    paths = [folder / f"{name}.csv", folder / f"{name}.truth.json"]
    year.export.to_csv(paths[0], index=False, lineterminator="\n", encoding="utf-8")
    words = json.dumps(year.truth, indent=1, ensure_ascii=False)
    paths[1].write_text(words + "\n", encoding="utf-8", newline="\n")
    if year.awards is not None:
        paths.append(folder / f"{name}.awards.csv")
        year.awards.to_csv(paths[-1], index=False, lineterminator="\n", encoding="utf-8")
    before = _written(folder, year.previous) if year.previous else ()
    return (*paths, *before)


def _random(seed: int, part: str) -> np.random.Generator:
    """A stream of its own for each part, so that adding a part leaves the others as they are."""
    return np.random.default_rng([seed, zlib.crc32(part.encode())])


def _made(
    staff: Staff,
    ratings: Ratings,
    plans: Sequence[DepartmentPlan],
    *,
    seed: int,
    part: str,
    record: bool,
    scheme: Scheme,
) -> SyntheticYear:
    assert scheme.year is not None
    export = export_table(staff, ratings, plans, scheme=scheme)
    truth = _truth(staff, ratings, plans, seed=seed, scheme=scheme)
    if not record:
        return SyntheticYear(export=export, truth=truth)
    columns = record_columns(
        staff, ratings, year=scheme.year, random=_random(seed, f"{part}record")
    )
    awards, paybill = awards_table(
        staff, ratings, plans, year=scheme.year, random=_random(seed, f"{part}awards")
    )
    found = underperformance(ratings)
    for number, department in enumerate(truth["departments"]):
        here = staff.department == number
        department["partially_met_twice_running"] = int((found.second[here] > 0).sum())
        department["partially_met_again"] = int(found.again[here].sum())
        department["paybill"] = paybill[number]
    return SyntheticYear(export=export.assign(**columns), truth=truth, awards=awards)


def _truth(
    staff: Staff,
    ratings: Ratings,
    plans: Sequence[DepartmentPlan],
    *,
    seed: int,
    scheme: Scheme,
) -> dict[str, Any]:
    assert scheme.year is not None
    departments = []
    for number, plan in enumerate(plans):
        here = staff.department == number
        departments.append(
            {
                "name": plan.name,
                "people": int(here.sum()),
                "curve": plan.curve,
                "curve_shares": list(CURVES[plan.curve]),
                "effects": {name: dict(EFFECTS[name]) for name in plan.effects},
                "declaration_rates": {
                    name: round(plan.declaration.rate(name), 3) for name in DECLARED
                },
                "ethnicity_level": plan.ethnicity_level,
                "missing_rates": {
                    name: round(float(rates[number]), 3) for name, rates in ratings.missing.items()
                },
                "rated_at_the_end": int((ratings.columns["rating_final"][here] >= 0).sum()),
                "before": plan.before.value,
            }
        )
    return {
        "made_up": "Every person, department and rating in this export is invented.",
        "scheme": scheme.name,
        "year": scheme.year.label,
        "seed": seed,
        "people": len(staff),
        "effect_scale": "log-odds of a better rating, cumulative, against everyone else",
        "departments": departments,
        "moderation": [asdict(signal) for signal in ratings.signals],
        "violations": [],
    }


def _broken(made: SyntheticYear, *, year: Year, random: np.random.Generator) -> SyntheticYear:
    export, planted = with_violations(made.export, year=year, random=random)
    awards = made.awards
    truth = {**made.truth, "violations": planted}
    if awards is not None:
        awards, truth["award_violations"] = with_award_violations(
            awards, export, year=year, random=random
        )
    return replace(made, export=export, awards=awards, truth=truth)
