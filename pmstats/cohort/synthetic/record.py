"""The made-up record of the year: objectives, conversations, support, formal measures, dates.

What the framework asks departments to record beside ratings. Everything here keeps its rules;
`synthetic_violations` breaks them on request.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pmstats.cohort.synthetic.export import iso_dates, labels
from pmstats.cohort.synthetic.moderation import REASONS
from pmstats.cohort.synthetic.ratings import NOT_RATED, Ratings
from pmstats.cohort.synthetic.staff import EMPLOYMENT, GRADES, Codes, Days, Staff
from pmstats.scheme.scheme import Year

if TYPE_CHECKING:
    import pandas as pd

Flags = NDArray[np.bool_]

PARTIALLY_MET, ACHIEVING, EXCEEDING = 3, 2, 0
QUARTERS = ("rating_q1", "rating_midyear", "rating_q3", "rating_recommended")
MODERATED = ("rating_recommended", "rating_local", "rating_overall", "rating_final")
STAGES = ("none", "1")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Underperformance:
    """Runs of Partially Met, by person: the quarter (1-3) in which the second in a row fell.

    0 where there is no run. `again` says whether a later rating, the final one included, is
    Partially Met too (para 57).
    """

    second: Codes
    again: Flags


def underperformance(ratings: Ratings) -> Underperformance:
    """Who was Partially Met in two consecutive quarters, and who was again after that."""
    met = np.array([ratings.columns[name] == PARTIALLY_MET for name in QUARTERS])
    runs = met[:-1] & met[1:]
    second = np.where(runs.any(axis=0), runs.argmax(axis=0) + 1, 0)
    final = ratings.columns["rating_final"] == PARTIALLY_MET
    quarter = np.arange(len(QUARTERS))[:, None]
    later = (met & (quarter > second)).any(axis=0) | final
    return Underperformance(second=second, again=(second > 0) & later)


def record_columns(
    staff: Staff, ratings: Ratings, *, year: Year, random: np.random.Generator
) -> dict[str, pd.Categorical[Any]]:
    """The record's columns for the export, by canonical name."""
    return {
        **_temporary_promotions(staff),
        **_conversations(ratings, random),
        **_dates(ratings, year, random),
        **_support(staff, ratings, year, random),
        "equality_monitoring_objection": _yes_or_no(random.random(len(staff)) < 0.003),
        **_meetings(staff, year, random),
    }


def _temporary_promotions(staff: Staff) -> dict[str, pd.Categorical[Any]]:
    promoted = staff.employment == EMPLOYMENT.index("Temporary promotion")
    lower = np.where(staff.grade == GRADES.index("SCS1"), 0, 1)
    start = np.where(promoted, staff.post_start, np.datetime64("NaT"))
    return {
        "substantive_grade": labels(np.where(promoted, lower, -1), ("Grade 6", "SCS1")),
        "tp_start": iso_dates(start),
    }


def _conversations(ratings: Ratings, random: np.random.Generator) -> dict[str, pd.Categorical[Any]]:
    """Objectives and evidence that allow the ratings given (paras 17, 37; Annex D 4a)."""
    n = len(ratings.reason)
    codes = np.array([ratings.columns[name] for name in (*QUARTERS, *MODERATED)])
    known = codes != NOT_RATED
    rated = known.any(axis=0)
    never_above = ~((codes < ACHIEVING) & known).any(axis=0)
    ever_exceeding = (codes == EXCEEDING).any(axis=0)
    always_partial = rated & (~known | (codes == PARTIALLY_MET)).all(axis=0)
    missed = never_above & (random.random(n) < 0.08)
    contributed = ever_exceeding | (random.random(n) < 0.35)
    lapsed = always_partial & (random.random(n) < 0.5)
    midyear = ratings.columns["rating_midyear"] != NOT_RATED
    final = ratings.columns["rating_final"] != NOT_RATED
    upheld = ratings.reason == REASONS.index("Appeal upheld")
    refused = final & ~upheld & (random.random(n) < 0.01)
    return {
        "finance_objective_met": _yes_or_no(~missed, where=rated),
        "corporate_contribution_significant": _yes_or_no(contributed, where=rated),
        "behaviours": _yes_or_no(~lapsed, where=rated),
        "objectives_n": labels(random.integers(4, 9, size=n), [str(count) for count in range(9)]),
        "midyear_writeup": _yes_or_no(midyear, where=midyear),
        "endyear_writeup": _yes_or_no(final, where=final),
        "feedback_360": _yes_or_no(final, where=final),
        "appeal": labels(np.select([upheld, refused], [0, 1], -1), ("Upheld", "Not upheld")),
    }


def _dates(
    ratings: Ratings, year: Year, random: np.random.Generator
) -> dict[str, pd.Categorical[Any]]:
    """Conversation in March, then the local panel, then overall moderation (paras 65, 79, 80)."""
    n = len(ratings.reason)
    final = ratings.columns["rating_final"] != NOT_RATED
    end = np.datetime64(year.end, "D")
    conversation = end - random.integers(0, 31, size=n)
    # One overall meeting for everyone; local panels meet over the four weeks before it.
    overall = np.full(n, end + 50)
    local = end + 20 + random.integers(0, 28, size=n)
    return {
        f"{name}_date": iso_dates(np.where(final, days, np.datetime64("NaT")))
        for name, days in (
            ("rating_recommended", conversation),
            ("rating_local", local),
            ("rating_overall", overall),
        )
    }


def _meetings(
    staff: Staff, year: Year, random: np.random.Generator
) -> dict[str, pd.Categorical[Any]]:
    """Meetings held in their windows by those in post; some of the first two not recorded."""
    n = len(staff)
    start = np.datetime64(year.start, "D")

    def held(opens: int, closes: int, *, unrecorded: float = 0.0) -> pd.Categorical[Any]:
        """Days of the year between which it is held; whoever comes later is met as they come."""
        first = np.maximum(staff.post_start, start + opens)
        last = _before_leaving(np.full(n, start + closes), staff)
        spread = (last - first).astype(np.int64)
        day = first + np.floor(random.random(n) * (np.maximum(spread, 0) + 1)).astype(int)
        there = staff.in_scope & (spread >= 0)
        there &= random.random(n) >= unrecorded
        return iso_dates(np.where(there, day, np.datetime64("NaT")))

    return {
        "start_meeting_on": held(-30, 60, unrecorded=0.03),
        "objectives_agreed_on": held(14, 90, unrecorded=0.05),
        "conversation_q1": held(60, 121),
        "conversation_midyear": held(153, 213),
        "conversation_q3": held(245, 305),
        "next_start_meeting_on": held(430, 445),
    }


def _support(
    staff: Staff, ratings: Ratings, year: Year, random: np.random.Generator
) -> dict[str, pd.Categorical[Any]]:
    """A plan after two quarters of Partially Met, formal measures after a third (paras 56-57)."""
    found = underperformance(ratings)
    start = np.datetime64(year.start, "M")
    months = 3 * (found.second + 1)
    quarter_end = (start + months).astype("datetime64[D]") - 1
    days = random.integers(7, 29, size=len(staff)).astype("timedelta64[D]")
    planned: Days = quarter_end + days
    plan = _before_leaving(planned, staff)
    review = _before_leaving(plan + 56, staff)
    formal = _before_leaving(plan + 70, staff)
    none = np.datetime64("NaT")
    run = found.second > 0
    in_scope = np.where(staff.in_scope, 0, -1)
    return {
        "pdp_start": iso_dates(np.where(run, plan, none)),
        "support_provided": _yes_or_no(run, where=run),
        "pdp_review": iso_dates(np.where(run, review, none)),
        "formal_pp_stage": labels(np.where(found.again, 1, in_scope), STAGES),
        "formal_pp_start": iso_dates(np.where(found.again, formal, none)),
        "exceptional_circumstances": _yes_or_no(np.zeros(len(staff), dtype=bool), where=run),
    }


def _before_leaving(days: Days, staff: Staff) -> Days:
    last = np.where(np.isnat(staff.leave), days, staff.leave)
    return np.minimum(days, last)


def _yes_or_no(answer: Flags, *, where: Flags | None = None) -> pd.Categorical[Any]:
    asked = np.ones(len(answer), dtype=bool) if where is None else where
    return labels(np.where(asked, np.where(answer, 0, 1), -1), ("Yes", "No"))
