"""Who is in the table of a stage, and for everyone else the one reason why not.

The stages before the year's end look at everyone in post on the cut-off date. The moderated
stages follow paragraphs 67 and 68: employed by the Civil Service on or before 31 December,
and moderated by the department that holds the post on that day.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from enum import Enum
from typing import TYPE_CHECKING, cast

import numpy as np

from pmstats.cohort.cohort import worked_out_once
from pmstats.scheme import Scheme, Stage
from pmstats.scheme.words import Reason

if TYPE_CHECKING:
    import pandas as pd

    from pmstats.cohort.cohort import Cohort

#: The stage whose cut-off date the scheme itself suggests.
_MID_YEAR = "mid-year"
_OTHER_DEPARTMENT = "Other department"


class Standing(Enum):
    """Where one person stands at one stage; the order is the order of the coverage ledger."""

    OUT_OF_SCOPE = (Reason.OUT_OF_SCOPE, "The grade is outside the framework.")
    NOT_YET_IN_POST = (Reason.NOT_YET_IN_POST, "Not yet in post on the cut-off date.")
    LEFT_BEFORE_CUT_OFF = (Reason.LEFT_BEFORE_CUT_OFF, "Left before the cut-off date.")
    JOINED_TOO_LATE = (Reason.JOINED_TOO_LATE, "Joined after the last day that counts.")
    LEFT_BEFORE_JANUARY = (Reason.LEFT_TOO_EARLY, "Left the post before the day that counts.")
    MODERATED_ELSEWHERE = (Reason.MODERATED_ELSEWHERE, "Moderated by another department.")
    IN_TABLE = (None, "In the table, rated or not.")

    def __init__(self, reason: Reason | None, sentence: str) -> None:
        self.reason = reason
        self.sentence = sentence
        #: The number that stands for this reason in what `standing` gives.
        self.code = len(type(self).__members__)


@worked_out_once
def standing(cohort: Cohort, *, stage: str, cut_off: date | None = None) -> np.ndarray:
    """The code of a `Standing` for each row of `cohort.people`, as int8.

    `cut_off` matters to stages that are not moderated; left out, it is the cohort's, then the
    scheme's mid-year date for the mid-year stage, else everyone counts as in post. A missing
    date excludes nobody. Raises `KeyError` for an unknown stage.
    """
    chosen = cohort.scheme.stage(stage)
    people = cohort.people
    reasons = np.full(len(people), Standing.IN_TABLE.code, dtype=np.int8)
    if chosen.moderated:
        _moderated(reasons, people, cohort.scheme)
    else:
        _in_post(reasons, people, cut_off_of(cohort, stage=chosen, cut_off=cut_off))
    outside = out_of_scope(people, cohort.scheme)
    if outside.any():
        reasons[outside] = Standing.OUT_OF_SCOPE.code
    reasons.flags.writeable = False
    return reasons


def cut_off_of(cohort: Cohort, *, stage: Stage, cut_off: date | None = None) -> date | None:
    """The cut-off date that holds for a stage: given, the cohort's, or the scheme's mid-year."""
    year = cohort.scheme.year
    suggested = year.mid_year_cut_off if year and stage.name == _MID_YEAR else None
    return cut_off or cohort.cut_off or suggested


def turns_on(cohort: Cohort, *, stage: str) -> date | None:
    """The day on which it turns who is in the table of a stage; None where no day is stated.

    A moderated stage has the scheme's own, whatever cut-off date was given.
    """
    chosen = cohort.scheme.stage(stage)
    if chosen.moderated:
        return cohort.scheme.year.eligible_by if cohort.scheme.year else None
    return cut_off_of(cohort, stage=chosen)


def quarter_end(cohort: Cohort, stage: str) -> date | None:
    """The day on which those in post are due a quarter's rating; None for other stages.

    The mid-year stage keeps its own cut-off date, the others take the quarter's last day.
    """
    scheme = cohort.scheme
    chosen, quarters = scheme.stage(stage), scheme.support.quarters if scheme.support else ()
    if chosen.moderated or scheme.year is None or stage not in quarters:
        return None
    own = cut_off_of(replace(cohort, cut_off=None), stage=chosen)
    months = 3 * (quarters.index(stage) + 1)
    first = np.datetime64(scheme.year.start, "M") + months
    last_day: date = (first.astype("datetime64[D]") - 1).item()
    return own or last_day


def out_of_scope(people: pd.DataFrame, scheme: Scheme) -> np.ndarray:
    """True for each row whose grade the scheme knows and does not cover (R1)."""
    if "grade" not in people or not scheme.grades:
        return np.zeros(len(people), dtype=bool)
    covered = {grade.name for grade in scheme.grades}
    grades = people["grade"]
    if grades.dtype.name != "category":
        grades = grades.astype("category")
    held = cast("pd.Categorical", grades.array)
    beyond = [name not in covered for name in held.categories.tolist()]
    if not any(beyond):
        return np.zeros(len(people), dtype=bool)
    beyond.append(False)  # the last, which is what a missing grade's code of -1 asks for
    return np.array(beyond)[np.asarray(held.codes)]


def after(people: pd.DataFrame, column: str, day: date) -> np.ndarray:
    """True where this date is later than the day; a missing date or column is never later."""
    if column not in people:
        return np.zeros(len(people), dtype=bool)
    return people[column].to_numpy() > np.datetime64(day, "s")


def before(people: pd.DataFrame, column: str, day: date) -> np.ndarray:
    """True where this date is earlier than the day; a missing date or column is never earlier."""
    if column not in people:
        return np.zeros(len(people), dtype=bool)
    return people[column].to_numpy() < np.datetime64(day, "s")


def another_department(people: pd.DataFrame) -> np.ndarray:
    """True where the export itself names another department as the moderating one."""
    if "moderating_department" not in people:
        return np.zeros(len(people), dtype=bool)
    moderating = people["moderating_department"]
    return (
        moderating.notna() & (moderating.astype(str) != people["department"].astype(str))
    ).to_numpy()


def _in_post(reasons: np.ndarray, people: pd.DataFrame, cut_off: date | None) -> None:
    if cut_off is None:
        return
    reasons[before(people, "leave_date", cut_off)] = Standing.LEFT_BEFORE_CUT_OFF.code
    for column in ("cs_entry_date", "scs_entry_date", "dept_entry_date"):
        reasons[after(people, column, cut_off)] = Standing.NOT_YET_IN_POST.code


def _moderated(reasons: np.ndarray, people: pd.DataFrame, scheme: Scheme) -> None:
    if scheme.year is None:
        return
    last_day = scheme.year.eligible_by
    left = before(people, "leave_date", last_day)
    moved = left & _to_another_department(people)
    reasons[after(people, "dept_entry_date", last_day)] = Standing.MODERATED_ELSEWHERE.code
    reasons[another_department(people)] = Standing.MODERATED_ELSEWHERE.code
    reasons[moved] = Standing.MODERATED_ELSEWHERE.code
    reasons[left & ~moved] = Standing.LEFT_BEFORE_JANUARY.code
    reasons[after(people, "cs_entry_date", last_day)] = Standing.JOINED_TOO_LATE.code


def _to_another_department(people: pd.DataFrame) -> np.ndarray:
    if "leave_destination" not in people:
        return np.zeros(len(people), dtype=bool)
    return (people["leave_destination"] == _OTHER_DEPARTMENT).to_numpy()
