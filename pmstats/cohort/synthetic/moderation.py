"""The made-up moderation: few changes and the same for everyone, unless a signal is planted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pmstats.cohort.synthetic.departments import CURVES, DepartmentPlan, Moderated
from pmstats.cohort.synthetic.population import AXES
from pmstats.cohort.synthetic.staff import Codes, Staff, panel_names

#: Share of ratings a local panel moves by one box, and overall moderation; appeals upheld of
#: those moved down overall. Our suggestion.
MOVED_LOCALLY, MOVED_OVERALL, APPEALED = 0.05, 0.02, 0.3
#: The planted signals: how many more the harsh panel moves down, and the group moved down more.
HARSHER, MOVED_DOWN_MORE = 0.30, 0.15
MOVED_DOWN_GROUP = ("sex", "Female")

REASONS = (
    "Evidence from other panels",
    "Corporate contribution",
    "Quality of evidence",
    "Appeal upheld",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModerationSignal:
    """A signal planted in one department's local moderation, and where in it."""

    department: str
    signal: Moderated
    where: str
    size: float


def moderated(
    recommended: Codes,
    staff: Staff,
    plans: Sequence[DepartmentPlan],
    *,
    here: NDArray[np.bool_],
    random: np.random.Generator,
) -> tuple[dict[str, Codes], Codes, tuple[ModerationSignal, ...]]:
    """Ratings after each step, the reason for a change (-1 for none), and what was planted.

    A move never enters a box that the department's curve leaves out. Only those moderated
    `here` count towards a panel.
    """
    n = len(recommended)
    used = np.array([[share > 0 for share in CURVES[plan.curve]] for plan in plans])
    best = used.argmax(axis=1)[staff.department]
    worst = used.shape[1] - 1 - used[:, ::-1].argmax(axis=1)[staff.department]

    def moved(codes: Codes, share: float) -> Codes:
        step = random.choice((-1, 1), size=n) * (random.random(n) < share)
        after: Codes = np.clip(codes + step, best, worst)
        return after

    local = moved(recommended, MOVED_LOCALLY)
    overall_step = moved(local, MOVED_OVERALL) - local
    appeal, reason = random.random(n), random.integers(0, 3, size=n)
    # Signals are drawn last, so that planting one changes nothing else.
    signals = _plant(local, recommended, staff, plans, here=here, random=random)
    overall = np.clip(local + overall_step, best, worst)
    upheld = (overall > recommended) & (appeal < APPEALED)
    changed = (local != recommended) | (overall != local)
    columns = {
        "rating_recommended": recommended,
        "rating_local": local,
        "rating_overall": overall,
        "rating_final": np.where(upheld, recommended, overall),
    }
    reason = np.where(upheld, REASONS.index("Appeal upheld"), np.where(changed, reason, -1))
    return columns, reason, signals


def _plant(
    local: Codes,
    recommended: Codes,
    staff: Staff,
    plans: Sequence[DepartmentPlan],
    *,
    here: NDArray[np.bool_],
    random: np.random.Generator,
) -> tuple[ModerationSignal, ...]:
    """Change `local` where a plan says so; gives what was done."""
    codes, names = panel_names(staff.unit, staff.panel)
    signals = []
    for number, plan in enumerate(plans):
        members = np.flatnonzero((staff.department == number) & here)
        if plan.moderated is Moderated.ALIKE or not len(members):
            continue
        lowest = max(box for box, share in enumerate(CURVES[plan.curve]) if share > 0)
        if plan.moderated is Moderated.HARSH_PANEL:
            panel = int(np.bincount(codes[members]).argmax())
            hit = members[codes[members] == panel]
            where, size = names[panel], HARSHER
            _move_down(local, recommended, hit, share=size, lowest=lowest, random=random)
        elif plan.moderated is Moderated.GROUP_MOVED_DOWN:
            name, group = MOVED_DOWN_GROUP
            hit = members[staff.answers[name][members] == AXES[name].index(group)]
            where, size = f"{name}: {group}", MOVED_DOWN_MORE
            _move_down(local, recommended, hit, share=size, lowest=lowest, random=random)
        else:
            for panel in np.unique(codes[members]):
                hit = members[codes[members] == panel]
                local[hit] = _exactly(CURVES[plan.curve], recommended[hit], random)
            where, size = "every panel", 0.0
        signals.append(
            ModerationSignal(department=plan.name, signal=plan.moderated, where=where, size=size)
        )
    return tuple(signals)


def _move_down(
    local: Codes,
    recommended: Codes,
    members: Codes,
    *,
    share: float,
    lowest: int,
    random: np.random.Generator,
) -> None:
    """Put this share of the members one box below their recommendation."""
    hit = members[random.random(len(members)) < share]
    local[hit] = np.minimum(recommended[hit] + 1, lowest)


def _exactly(curve: tuple[float, ...], recommended: Codes, random: np.random.Generator) -> Codes:
    """Ratings in the order of the recommendations whose counts are the curve's, rounded."""
    n = len(recommended)
    order = np.lexsort((random.random(n), recommended))
    ends = np.rint(np.cumsum(curve) * n).astype(np.int64)
    ratings = np.empty(n, dtype=np.int64)
    ratings[order] = np.searchsorted(ends, np.arange(n), side="right")
    return ratings
