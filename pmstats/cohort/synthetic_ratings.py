"""The made-up ratings: one trait per person, seen with noise each quarter, then moderated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, ndtr

from pmstats.cohort.population import AXES
from pmstats.cohort.synthetic_departments import CURVES, EFFECTS, DepartmentPlan
from pmstats.cohort.synthetic_staff import GRADES, WORKING_PATTERNS, Codes, Staff
from pmstats.scheme.scheme import Year

#: Share of the variance of a quarter's performance that is the person's own: gives ratings of
#: adjacent quarters a correlation of about 0.7.
TRAIT = 0.80
#: Ratings from best to worst are 0, 1, 2, 3 here; no rating is NOT_RATED.
NOT_RATED = -1
#: Share of first and third quarter ratings missing (15-25%), and of mid-year ones (our figure).
MISSING_QUARTER, MISSING_MID_YEAR = (0.15, 0.25), (0.03, 0.08)
#: Share of ratings a local panel moves by one box, and overall moderation; appeals upheld.
MOVED_LOCALLY, MOVED_OVERALL, APPEALED = 0.05, 0.02, 0.3

REASONS = (
    "Evidence from other panels",
    "Corporate contribution",
    "Finance objective",
    "Appeal upheld",
)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Ratings:
    """One value per person for each stage's column, and the reason where moderation changed it.

    `missing` gives, by column, the share of the ratings due that each department's records lack.
    """

    columns: dict[str, Codes]
    reason: Codes
    missing: dict[str, NDArray[np.float64]]


def made_up_ratings(
    staff: Staff, plans: Sequence[DepartmentPlan], *, year: Year, random: np.random.Generator
) -> Ratings:
    """Ratings at every stage for those who were there to be rated."""
    effect = planted_effect(staff, plans)
    cuts = cut_points(staff.department, effect, [CURVES[plan.curve] for plan in plans])
    trait = random.standard_normal(len(staff))
    seen = [_seen(trait, effect, cuts[staff.department], random) for _ in range(4)]
    start = np.datetime64(year.start, "M")
    ends = [(start + months).astype("datetime64[D]") - 1 for months in (3, 6, 9)]
    columns, missing = {}, {}
    names = ("rating_q1", "rating_midyear", "rating_q3")
    ranges = (MISSING_QUARTER, MISSING_MID_YEAR, MISSING_QUARTER)
    for name, rating, end, rates in zip(names, seen, ends, ranges, strict=False):
        missing[name] = random.uniform(*rates, size=len(plans))
        lost = random.random(len(staff)) < missing[name][staff.department]
        columns[name] = np.where(_in_post(staff, end) & ~lost, rating, NOT_RATED)
    here = _moderated_here(staff, year)
    moderated, reason = _moderated(seen[3], staff, plans, random)
    columns |= {name: np.where(here, codes, NOT_RATED) for name, codes in moderated.items()}
    return Ratings(columns=columns, reason=np.where(here, reason, -1), missing=missing)


def planted_effect(staff: Staff, plans: Sequence[DepartmentPlan]) -> NDArray[np.float64]:
    """Each person's planted log-odds of a better rating; 0 where nothing is planted."""
    total = np.zeros(len(staff))
    groups = {**AXES, "working_pattern": WORKING_PATTERNS}
    codes = {**staff.answers, "working_pattern": staff.part_time.astype(np.int64)}
    for name, sizes in EFFECTS.items():
        by_group = np.array([sizes.get(group, 0.0) for group in groups[name]])
        planted = np.array([name in plan.effects for plan in plans])
        total += by_group[codes[name]] * planted[staff.department]
    return total


def cut_points(
    department: Codes, effect: NDArray[np.float64], curves: Sequence[tuple[float, ...]]
) -> NDArray[np.float64]:
    """Where the scale is cut in each department so that it is expected to give its curve.

    Shape (departments, boxes - 1), falling; infinite beside a box that is not used. Bisection
    on the mean over the department's people, exact to 1e-9.
    """
    bounds = np.searchsorted(department, np.arange(len(curves) + 1))
    solved = np.empty((len(curves), len(curves[0]) - 1))
    for number, curve in enumerate(curves):
        values, counts = np.unique(effect[bounds[number] : bounds[number + 1]], return_counts=True)
        above = np.cumsum(curve)[:-1]
        low, high = np.full(len(above), -40.0), np.full(len(above), 40.0)
        for _ in range(40):
            middle = (low + high) / 2
            share = expit(values - middle[:, None]) @ (counts / counts.sum())
            low, high = np.where(share > above, middle, low), np.where(share > above, high, middle)
        exact = (low + high) / 2
        solved[number] = np.where(
            above < 1e-12, np.inf, np.where(above > 1 - 1e-12, -np.inf, exact)
        )
    return solved


def _seen(
    trait: NDArray[np.float64],
    effect: NDArray[np.float64],
    cuts: NDArray[np.float64],
    random: np.random.Generator,
) -> Codes:
    """One quarter's rating: the trait with fresh noise, logistic so that effects are log-odds."""
    mixed = np.sqrt(TRAIT) * trait + np.sqrt(1 - TRAIT) * random.standard_normal(len(trait))
    performance = effect + logit(ndtr(mixed))
    boxes: Codes = (performance[:, None] <= cuts).sum(axis=1)
    return boxes


def _in_scope(staff: Staff) -> NDArray[np.bool_]:
    in_scope: NDArray[np.bool_] = staff.grade != GRADES.index("Permanent Secretary")
    return in_scope


def _in_post(staff: Staff, day: np.datetime64) -> NDArray[np.bool_]:
    arrived = (staff.scs_entry <= day) & (staff.dept_entry <= day)
    return arrived & ~(staff.leave < day) & _in_scope(staff)


def _moderated_here(staff: Staff, year: Year) -> NDArray[np.bool_]:
    """In the Civil Service, and in this department's post, on 31 December (paras 67, 68).

    The leave date is the last day in post.
    """
    last = np.datetime64(year.eligible_by, "D")
    arrived = (staff.cs_entry <= last) & (staff.dept_entry <= last) & (staff.scs_entry <= last)
    return arrived & ~(staff.leave < last) & _in_scope(staff)


def _moderated(
    recommended: Codes,
    staff: Staff,
    plans: Sequence[DepartmentPlan],
    random: np.random.Generator,
) -> tuple[dict[str, Codes], Codes]:
    """Ratings after each step of moderation. A move never enters a box the curve leaves out."""
    n = len(recommended)
    used = np.array([[share > 0 for share in CURVES[plan.curve]] for plan in plans])
    best = used.argmax(axis=1)[staff.department]
    worst = used.shape[1] - 1 - used[:, ::-1].argmax(axis=1)[staff.department]

    def moved(codes: Codes, share: float) -> Codes:
        step = random.choice((-1, 1), size=n) * (random.random(n) < share)
        after: Codes = np.clip(codes + step, best, worst)
        return after

    local = moved(recommended, MOVED_LOCALLY)
    overall = moved(local, MOVED_OVERALL)
    upheld = (overall > recommended) & (random.random(n) < APPEALED)
    final = np.where(upheld, recommended, overall)
    reason = np.where(
        (local != recommended) | (overall != local), random.integers(0, 3, size=n), -1
    )
    reason = np.where(upheld, REASONS.index("Appeal upheld"), reason)
    columns = {
        "rating_recommended": recommended,
        "rating_local": local,
        "rating_overall": overall,
        "rating_final": final,
    }
    return columns, reason
