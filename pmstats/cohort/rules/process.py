"""Conversations, records and moderation as they went: rules R5 to R14 and R39 to R42."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

import numpy as np

from pmstats.cohort.eligibility import Standing, after, before, out_of_scope, standing
from pmstats.cohort.rules.rule import Records, Rule, breach, has_year
from pmstats.cohort.rules.scope import has_moderated_stages
from pmstats.errors import Problem, Severity

#: "Where possible" no more live objectives than this (Annex A).
_MOST_OBJECTIVES = 8
_MARCH = 3


def too_many_objectives(records: Records) -> Iterator[Problem]:
    """R5: no more than eight live objectives where possible."""
    yield from breach(
        records,
        records.people["objectives_n"].to_numpy() > _MOST_OBJECTIVES,
        rule="R5",
        severity=Severity.INFORMATION,
        paragraph="Annex A",
        column="objectives_n",
        message=f"More than {_MOST_OBJECTIVES} live objectives.",
    )


def conversations(records: Records) -> Iterator[Problem]:
    """R9: a conversation in each quarter in post throughout."""
    for number, column in enumerate(("conversation_q1", "conversation_midyear", "conversation_q3")):
        yield from breach(
            records,
            _in_post_all_quarter(records, number) & records.missing(column),
            rule="R9",
            severity=Severity.WARNING,
            paragraph="47",
            column=column,
            message="In post throughout the quarter, and no conversation is recorded.",
            fix="Record the conversation.",
        )


def indicative_ratings(records: Records) -> Iterator[Problem]:
    """R10: an indicative rating each quarter (paras 3c and 12c say should, para 48 can)."""
    for stage in records.stages:
        if stage.moderated:
            continue
        in_table = standing(records.cohort, stage=stage.name) == Standing.IN_TABLE.code
        mid_year = stage.name == "mid-year"
        quarter = {"quarter-1": 0, "mid-year": 1, "quarter-3": 2}.get(stage.name)
        if quarter is not None:
            in_table &= _in_post_all_quarter(records, quarter)
        yield from breach(
            records,
            in_table & records.missing(stage.column),
            rule="R10",
            severity=Severity.WARNING if mid_year else Severity.INFORMATION,
            paragraph="3c, 12c, 48",
            column=stage.column,
            message="In post throughout the quarter, and no indicative rating is recorded.",
            fix="Record it if the conversation was held.",
        )


def written_records(records: Records) -> Iterator[Problem]:
    """R11: a formal write-up at mid-year and at the end of the year."""
    for column in ("midyear_writeup", "endyear_writeup"):
        yield from breach(
            records,
            records.says(column, "No"),
            rule="R11",
            severity=Severity.WARNING,
            paragraph="48",
            column=column,
            message="The record says there was no write-up.",
            fix="Record it.",
        )


def final_conversations(records: Records) -> Iterator[Problem]:
    """R12: the final conversation is in March and ends in a recommendation."""
    assert records.scheme.year is not None
    held = records.people["rating_recommended_date"].to_numpy()
    last = records.scheme.year.end
    first = np.datetime64(date(last.year, _MARCH, 1), "s")
    yield from breach(
        records,
        (held < first) | (held > np.datetime64(last, "s")),
        rule="R12",
        severity=Severity.WARNING,
        paragraph="65, 66",
        column="rating_recommended_date",
        message="The final conversation was not held in March.",
        fix="Correct the date if it is wrong.",
    )


def recommendations(records: Records) -> Iterator[Problem]:
    """R12: a moderated rating comes from a recommendation."""
    moderated = [s.column for s in records.panel_stages]
    later = np.logical_or.reduce([~records.missing(column) for column in moderated])
    yield from breach(
        records,
        records.missing("rating_recommended") & later,
        rule="R12",
        severity=Severity.ERROR,
        paragraph="65, 66",
        column="rating_recommended",
        message="A moderated rating without a line manager's recommendation.",
        fix="Record the recommendation.",
    )


def fourth_quarter(records: Records) -> Iterator[Problem]:
    """R13: the fourth quarter's rating is the recommendation: one conversation gives both."""
    fourth, recommended = records.boxes("rating_q4"), records.boxes("rating_recommended")
    yield from breach(
        records,
        (fourth >= 0) & (recommended >= 0) & (fourth != recommended),
        rule="R13",
        severity=Severity.WARNING,
        paragraph="65",
        column="rating_q4",
        message="The fourth quarter's rating differs from the recommendation.",
        fix="They come from the same conversation; correct one.",
    )


def feedback(records: Records) -> Iterator[Problem]:
    """R14: 360-degree feedback for everyone rated at the end of the year."""
    rated = ~records.missing(records.last_stage.column)
    yield from breach(
        records,
        rated & (records.missing("feedback_360") | records.says("feedback_360", "No")),
        rule="R14",
        severity=Severity.INFORMATION,
        paragraph="74; Annex B",
        column="feedback_360",
        message="Rated, and no 360-degree feedback is recorded.",
    )


def moderation_in_order(records: Records) -> Iterator[Problem]:
    """R39: conversation, then local panel, then overall moderation."""
    yield from breach(
        records,
        records.missing("rating_local") & ~records.missing("rating_overall"),
        rule="R39",
        severity=Severity.ERROR,
        paragraph="79, 80",
        column="rating_local",
        message="Moderated overall without a rating of the local panel.",
        fix="Record the local rating.",
    )
    names = [f"rating_{step}_date" for step in ("recommended", "local", "overall")]
    held = [name for name in names if name in records.people]
    wrong = np.zeros(len(records.people), dtype=bool)
    for earlier, later in pairwise(held):
        wrong |= (records.people[earlier] > records.people[later]).to_numpy()
    yield from breach(
        records,
        wrong,
        rule="R39",
        severity=Severity.WARNING,
        paragraph="79, 80",
        column=held[-1] if held else "",
        message="The conversation, the local panel and the overall meeting are out of order.",
        fix="Correct the dates.",
    )


def changes_without_reason(records: Records) -> Iterator[Problem]:
    """R41: a rating changed in moderation has a reason."""
    steps = [records.boxes(f"rating_{step}") for step in ("recommended", "local", "overall")]
    changed = np.zeros(len(records.people), dtype=bool)
    for one, other in pairwise(steps):
        changed |= (one >= 0) & (other >= 0) & (one != other)
    yield from breach(
        records,
        changed & records.missing("change_reason"),
        rule="R41",
        severity=Severity.WARNING,
        paragraph="79, 80",
        column="change_reason",
        message="Changed in moderation, and no reason is recorded.",
        fix="Record the reason.",
    )


def small_panels(records: Records) -> Iterator[Problem]:
    """R42: a panel with few people of a grade may moderate with others."""
    assert records.scheme.moderation is not None
    fewest = records.scheme.moderation.smallest_panel
    columns = ["department", "panel", "grade"]
    people = records.people.dropna(subset=columns)
    sizes = people.groupby(columns, observed=True)["count"].transform("sum")
    small = people.index[(sizes < fewest).to_numpy()]
    yield from breach(
        records,
        records.people.index.isin(small),
        rule="R42",
        severity=Severity.INFORMATION,
        paragraph="84",
        column="panel",
        message=f"In a panel with fewer than {fewest} people of the grade.",
        fix="Consider moderating with other panels.",
    )


def _in_post_all_quarter(records: Records, number: int) -> np.ndarray:
    """In post in the department from the first to the last day of a quarter (0 to 3)."""
    assert records.scheme.year is not None
    start = np.datetime64(records.scheme.year.start, "M") + 3 * number
    first = start.astype("datetime64[D]").astype(date)
    last = ((start + 3).astype("datetime64[D]") - 1).astype(date)
    entered = [
        after(records.people, column, first)
        for column in ("cs_entry_date", "scs_entry_date", "dept_entry_date", "post_start")
    ]
    absent = np.logical_or.reduce([*entered, before(records.people, "leave_date", last)])
    here: np.ndarray = ~absent & ~out_of_scope(records.people, records.scheme)
    return here


def _has_panels(records: Records) -> bool:
    return bool(records.panel_stages)


PROCESS = (
    Rule(code="R5", paragraph="Annex A", needs=("objectives_n",), find=too_many_objectives),
    Rule(
        code="R9",
        paragraph="47",
        needs=("conversation_q1", "conversation_midyear", "conversation_q3"),
        find=conversations,
        applies=has_year,
    ),
    Rule(
        code="R10",
        paragraph="3c, 12c, 48",
        needs=(),
        find=indicative_ratings,
        applies=has_year,
    ),
    Rule(
        code="R11",
        paragraph="48",
        needs=("midyear_writeup", "endyear_writeup"),
        find=written_records,
    ),
    Rule(
        code="R12",
        paragraph="65, 66",
        needs=("rating_recommended_date",),
        find=final_conversations,
        applies=has_moderated_stages,
    ),
    Rule(
        code="R12",
        paragraph="65, 66",
        needs=("rating_recommended",),
        find=recommendations,
        applies=_has_panels,
    ),
    Rule(
        code="R13",
        paragraph="65",
        needs=("rating_q4", "rating_recommended"),
        find=fourth_quarter,
    ),
    Rule(
        code="R14",
        paragraph="74; Annex B",
        needs=("feedback_360",),
        find=feedback,
        applies=has_moderated_stages,
    ),
    Rule(
        code="R39",
        paragraph="79, 80",
        needs=("rating_local", "rating_overall"),
        find=moderation_in_order,
        applies=_has_panels,
    ),
    Rule(
        code="R41",
        paragraph="79, 80",
        needs=("rating_recommended", "rating_local", "rating_overall", "change_reason"),
        find=changes_without_reason,
        applies=_has_panels,
    ),
    Rule(
        code="R42",
        paragraph="84",
        needs=("department", "panel", "grade"),
        find=small_panels,
        applies=lambda records: records.scheme.moderation is not None,
    ),
)
