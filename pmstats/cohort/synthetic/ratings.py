"""The made-up ratings: one trait per person, seen with noise each quarter, then moderated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, ndtr

from pmstats.cohort.synthetic.departments import CURVES, EFFECTS, DepartmentPlan
from pmstats.cohort.synthetic.moderation import ModerationSignal, moderated
from pmstats.cohort.synthetic.population import AXES
from pmstats.cohort.synthetic.staff import WORKING_PATTERNS, Codes, Staff
from pmstats.scheme.scheme import Year

#: Share of the variance of a quarter's performance that is the person's own: gives ratings of
#: adjacent quarters a correlation of about 0.7.
TRAIT = 0.80
#: Ratings from best to worst are 0, 1, 2, 3; no rating is NOT_RATED.
NOT_RATED = -1
#: Share of first and third quarter ratings missing (15-25%), and of mid-year ones (our figure).
MISSING_QUARTER, MISSING_MID_YEAR = (0.15, 0.25), (0.03, 0.08)

Share = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Ratings:
    """One value per person for each stage's column, and the reason where moderation changed it.

    `missing` gives, by column, the share of the ratings due that each department's records
    lack; `trait` is each person's own and `cuts` each department's, for use in another year.
    """

    columns: dict[str, Codes]
    reason: Codes
    missing: dict[str, Share]
    signals: tuple[ModerationSignal, ...]
    trait: Share
    cuts: Share


def made_up_ratings(
    staff: Staff,
    plans: Sequence[DepartmentPlan],
    *,
    year: Year,
    random: np.random.Generator,
    trait: Share | None = None,
    cuts: Share | None = None,
) -> Ratings:
    """Ratings at every stage for those who were there to be rated.

    `trait` and `cuts` are drawn and solved afresh unless another year's are given.
    """
    effect = planted_effect(staff, plans)
    if trait is None:
        trait = random.standard_normal(len(staff))
    if cuts is None:
        cuts = cut_points(staff.department, effect, [CURVES[plan.curve] for plan in plans])
    seen = [_seen(trait, effect, cuts[staff.department], random) for _ in range(4)]
    start = np.datetime64(year.start, "M")
    columns, missing = {}, {}
    for name, rating, months, rates in (
        ("rating_q1", seen[0], 3, MISSING_QUARTER),
        ("rating_midyear", seen[1], 6, MISSING_MID_YEAR),
        ("rating_q3", seen[2], 9, MISSING_QUARTER),
    ):
        end = (start + months).astype("datetime64[D]") - 1
        missing[name] = random.uniform(*rates, size=len(plans))
        lost = random.random(len(staff)) < missing[name][staff.department]
        columns[name] = np.where(staff.in_post(end) & ~lost, rating, NOT_RATED)
    here = staff.moderated_here(year)
    after, reason, signals = moderated(seen[3], staff, plans, here=here, random=random)
    columns |= {name: np.where(here, codes, NOT_RATED) for name, codes in after.items()}
    return Ratings(
        columns=columns,
        reason=np.where(here, reason, -1),
        missing=missing,
        signals=signals,
        trait=trait,
        cuts=cuts,
    )


def planted_effect(staff: Staff, plans: Sequence[DepartmentPlan]) -> Share:
    """Each person's planted log-odds of a better rating; 0 where nothing is planted."""
    total = np.zeros(len(staff))
    groups = {**AXES, "working_pattern": WORKING_PATTERNS}
    codes = {**staff.answers, "working_pattern": staff.part_time.astype(np.int64)}
    for name, sizes in EFFECTS.items():
        by_group = np.array([sizes.get(group, 0.0) for group in groups[name]])
        planted = np.array([name in plan.effects for plan in plans])
        total += by_group[codes[name]] * planted[staff.department]
    return total


def cut_points(department: Codes, effect: Share, curves: Sequence[tuple[float, ...]]) -> Share:
    """Where the scale is cut in each department so that it is expected to give its curve.

    Shape (departments, boxes - 1), falling; infinite beside a box that is not used. Bisection
    on the mean over the department's people, exact to 1e-9. `department` must be in order.
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
        cut = np.where(above > 1 - 1e-12, -np.inf, (low + high) / 2)
        solved[number] = np.where(above < 1e-12, np.inf, cut)
    return solved


def _seen(trait: Share, effect: Share, cuts: Share, random: np.random.Generator) -> Codes:
    """One quarter's rating: the trait with fresh noise, logistic so that effects are log-odds."""
    mixed = np.sqrt(TRAIT) * trait + np.sqrt(1 - TRAIT) * random.standard_normal(len(trait))
    performance = effect + logit(ndtr(mixed))
    boxes: Codes = (performance[:, None] <= cuts).sum(axis=1)
    return boxes
