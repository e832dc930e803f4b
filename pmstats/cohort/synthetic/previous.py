"""The year before: the same people where they were there, and those who have left since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pmstats.cohort.cohort import UNKNOWN
from pmstats.cohort.synthetic.departments import CURVES, Before, DepartmentPlan
from pmstats.cohort.synthetic.population import AXES, DECLARED
from pmstats.cohort.synthetic.ratings import Ratings, made_up_ratings
from pmstats.cohort.synthetic.staff import (
    EMPLOYMENT,
    GRADES,
    LEFT,
    MOVED,
    Codes,
    Days,
    Staff,
    made_up_staff,
)
from pmstats.scheme.scheme import Year
from pmstats.scheme.years import year_before

#: Of those who stayed: in another unit the year before; a question answered only since then.
CHANGED_UNIT, ANSWERED_SINCE = 0.05, 0.03
#: Where the composition changes: leavers as a share of those who stay, all of this age.
OLDER_LEAVERS, OLDER = 0.30, "60-64"
#: The curve, the year before, of the department that was rated otherwise then.
CURVE_BEFORE = "typical"


def previous_staff(
    staff: Staff,
    plans: Sequence[DepartmentPlan],
    *,
    year: Year,
    random: np.random.Generator,
) -> tuple[Staff, Codes]:
    """The people of the year before, in department order, and their rows this year (-1: left).

    Answers change only from no response to an answer; ages are not moved back.
    """
    before = year_before(year)
    start = np.datetime64(year.start, "D")
    rows = np.flatnonzero((staff.dept_entry < start) & (staff.scs_entry < start))
    stayed = _as_they_were(staff.taken(rows), plans, year=year, random=random)
    left = _left_since(stayed, plans, year=before, random=random)
    left = replace(left, number=len(staff) + left.number)
    both = stayed.followed_by(left)
    order = np.argsort(both.department, kind="stable")
    came_from = np.append(rows, np.full(len(left), -1))
    return both.taken(order), came_from[order]


def previous_ratings(
    staff: Staff,
    came_from: Codes,
    plans: Sequence[DepartmentPlan],
    this_year: Ratings,
    *,
    year: Year,
    random: np.random.Generator,
) -> Ratings:
    """Ratings by this year's cuts, so that only who is there differs, except where planned."""
    fresh = random.standard_normal(len(staff))
    trait = np.where(came_from >= 0, this_year.trait[came_from], fresh)
    cuts = this_year.cuts.copy()
    for number, plan in enumerate(plans):
        if plan.before is Before.RATED_OTHERWISE:
            above = np.cumsum(CURVES[CURVE_BEFORE])[:-1]
            cuts[number] = np.log((1 - above) / above)
    return made_up_ratings(
        staff, plans, year=year_before(year), random=random, trait=trait, cuts=cuts
    )


def _as_they_were(
    stayed: Staff, plans: Sequence[DepartmentPlan], *, year: Year, random: np.random.Generator
) -> Staff:
    n = len(stayed)
    since = stayed.post_start >= np.datetime64(year.start, "D")
    promoted = since & (stayed.employment == EMPLOYMENT.index("Temporary promotion"))
    lower = promoted & (stayed.grade == GRADES.index("SCS2"))
    answers = dict(stayed.answers)
    for name in DECLARED:
        silent = random.random(n) < ANSWERED_SINCE
        answers[name] = np.where(silent, AXES[name].index(UNKNOWN), answers[name])
    most = np.zeros(len(plans), dtype=np.int64)
    np.maximum.at(most, stayed.department, stayed.unit)
    other = np.floor(random.random(n) * (most[stayed.department] + 1)).astype(np.int64)
    moved = random.random(n) < CHANGED_UNIT
    return replace(
        stayed,
        answers=answers,
        unit=np.where(moved, other, stayed.unit),
        grade=np.where(lower, GRADES.index("SCS1"), stayed.grade),
        employment=np.where(promoted, 0, stayed.employment),
        post_start=np.where(
            since, np.maximum(stayed.dept_entry, stayed.scs_entry), stayed.post_start
        ),
        leave=np.full(n, np.datetime64("NaT"), dtype="datetime64[D]"),
        destination=np.full(n, -1, dtype=np.int64),
        moderated_by=_moderated_by(stayed, year),
    )


def _moderated_by(stayed: Staff, year: Year) -> Codes:
    """Moves of January to March of the year before were moderated in a department unknown here."""
    last = np.datetime64(year_before(year).eligible_by, "D")
    late = (stayed.dept_entry > last) & (stayed.cs_entry <= last)
    departments = int(stayed.department.max(initial=0)) + 1
    if departments == 1:
        return np.where(late, -1, stayed.department)
    return np.where(late, (stayed.department + 1) % departments, stayed.department)


def _left_since(
    stayed: Staff, plans: Sequence[DepartmentPlan], *, year: Year, random: np.random.Generator
) -> Staff:
    counts = np.bincount(stayed.department, minlength=len(plans))
    leavers = [
        replace(
            plan,
            people=round(
                int(count) * (OLDER_LEAVERS if plan.before is Before.COMPOSITION else LEFT + MOVED)
            ),
        )
        for plan, count in zip(plans, counts, strict=True)
    ]
    left = made_up_staff(leavers, year=year, random=random, names=random)
    older = np.array([plan.before is Before.COMPOSITION for plan in plans])[left.department]
    age = np.where(older, AXES["age"].index(OLDER), left.answers["age"])
    grade = np.where(left.in_scope, left.grade, 0)
    # The older leavers stay to be rated: leaving by December, they would not be in the figures.
    rated = np.datetime64(year.eligible_by, "D") + 1
    first = np.maximum(left.post_start, np.datetime64(year.start, "D"))
    first = np.where(older, np.maximum(first, rated), first)
    room = (np.datetime64(year.end, "D") - first).astype(np.int64)
    days = np.floor(random.random(len(left)) * (room + 1)).astype(np.int64)
    leave: Days = first + days.astype("timedelta64[D]")
    return replace(
        left,
        answers={**left.answers, "age": age},
        grade=grade,
        leave=leave,
        destination=(random.random(len(left)) < MOVED / (LEFT + MOVED)).astype(np.int64),
    )
