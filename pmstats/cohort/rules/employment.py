"""Kinds of employment and what they do to a rating: rules R19 to R21 (the framework's FAQ)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from pmstats.cohort.eligibility import Standing, standing
from pmstats.cohort.rules.rule import Records, Rule, breach, has_year
from pmstats.cohort.rules.scope import has_moderated_stages, omission, rated_at_all
from pmstats.errors import Problem, Severity

if TYPE_CHECKING:
    import pandas as pd

#: Two people in one post work more than this together only by an error in the record.
_HOURS_OF_A_POST = 1.2
#: So many pairs of partners, all alike, are no longer likely to be chance.
_PAIRS = 2


def temporary_promotions(records: Records) -> Iterator[Problem]:
    """R19: assessed at the grade held for most days of the year in post."""
    days, promoted = _days_in_post(records)
    higher, lower = records.people["grade"].astype(str), records.people["substantive_grade"]
    assessed = records.people["assessed_grade"].astype(str).to_numpy()
    most = np.where(2 * promoted > days, higher, lower.astype(str))
    asked = ~records.missing("tp_start") & ~records.missing("assessed_grade")
    asked &= ~records.missing("substantive_grade") & (days > 0)
    tie = 2 * promoted == days
    for mask, severity, message in (
        (asked & ~tie & (assessed != most), Severity.WARNING, "Not assessed at the grade held"),
        (asked & tie, Severity.INFORMATION, "Held both grades equally long; no single grade was"),
    ):
        yield from breach(
            records,
            mask,
            rule="R19",
            severity=severity,
            paragraph="FAQ",
            column="assessed_grade",
            message=f"{message} for most days of the year.",
            fix="Treat like cases in the same way.",
        )


def mostly_below(records: Records) -> Iterator[Problem]:
    """R19: who was below the SCS for most of the year is outside the set that is moderated."""
    days, promoted = _days_in_post(records)
    below = records.people["substantive_grade"].isin(records.scheme.outside_grades).to_numpy()
    covered = records.people["grade"].isin([grade.name for grade in records.scheme.grades])
    yield from breach(
        records,
        below & covered.to_numpy() & ~records.missing("tp_start") & (2 * promoted < days),
        rule="R19",
        severity=Severity.INFORMATION,
        paragraph="FAQ",
        column="tp_start",
        message="In the SCS on temporary promotion for less than half of the year in post; the "
        "grade held for most days is outside the framework. Counted until the grade says so.",
        fix="If they are assessed in the lower grade, give that as the grade.",
    )


def secondees(records: Records) -> Iterator[Problem]:
    """R20: a secondee stays under the home employer's process."""
    yield from breach(
        records,
        records.says("employment_type", "Secondee in") & rated_at_all(records),
        rule="R20",
        severity=Severity.WARNING,
        paragraph="FAQ",
        column="employment_type",
        message="Seconded in from elsewhere and rated here; the home employer's process holds.",
        fix="Agree with the home employer which of the two rates.",
    )


def secondees_away(records: Records) -> Iterator[Problem]:
    """R20: who is seconded out is still rated at home."""
    last = records.moderated_stages[-1]
    here = standing(records.cohort, stage=last.name) == Standing.IN_TABLE.code
    yield from breach(
        records,
        here & records.says("employment_type", "Secondee out") & records.missing(last.column),
        rule="R20",
        severity=omission(records),
        paragraph="FAQ",
        column=last.column,
        message="Seconded out and not rated; the home employer's process holds.",
        fix="Ask the host for evidence, and rate them here.",
    )


def absences(records: Records) -> Iterator[Problem]:
    """R21: long absence is for departmental policy; nobody is left out for it."""
    yield from breach(
        records,
        records.says("employment_type", "Long absence"),
        rule="R21",
        severity=Severity.INFORMATION,
        paragraph="FAQ",
        column="employment_type",
        message="Long absence: counted as everyone else; what rating is due is for departmental "
        "policy.",
    )


def shared_posts(records: Records) -> Iterator[Problem]:
    """R21: partners in one post: their hours together, and whether each was rated alone."""
    sharing = records.says("employment_type", "Job share") & ~records.missing("post_id")
    people = records.people[sharing]
    posts = people.groupby("post_id")
    if "fte" in people:
        yield from breach(
            records,
            _at(sharing, posts["fte"].transform("sum") > _HOURS_OF_A_POST),
            rule="R21",
            severity=Severity.INFORMATION,
            paragraph="FAQ",
            column="fte",
            message=f"Job share partners work more than {_HOURS_OF_A_POST} of a post together.",
            fix="Correct the hours, or the post.",
        )
    if not records.stages:
        return
    column = records.last_stage.column
    codes = people.assign(code=people[column].cat.codes).groupby("post_id")["code"]
    pairs = (codes.transform("size") > 1) & (codes.transform("min") >= 0)
    alike = pairs & (codes.transform("min") == codes.transform("max"))
    if people.loc[pairs, "post_id"].nunique() >= _PAIRS and alike.equals(pairs):
        yield from breach(
            records,
            _at(sharing, pairs),
            rule="R21",
            severity=Severity.INFORMATION,
            paragraph="FAQ",
            column=column,
            message="All job share partners have the rating of their partner.",
            fix="Check that each was rated as a person.",
        )


def _at(chosen: np.ndarray, found: pd.Series[bool]) -> np.ndarray:
    """A mask of all rows from one of the chosen rows."""
    mask = np.zeros(len(chosen), dtype=bool)
    mask[chosen] = found.to_numpy()
    return mask


def job_shares(records: Records) -> Iterator[Problem]:
    """R21: job shares are for departmental policy; both partners are counted."""
    yield from breach(
        records,
        records.says("employment_type", "Job share"),
        rule="R21",
        severity=Severity.INFORMATION,
        paragraph="FAQ",
        column="employment_type",
        message="Job share: each partner is counted as a person with a rating of their own.",
    )


def _days_in_post(records: Records) -> tuple[np.ndarray, np.ndarray]:
    """Days of the year in post, and those of them on temporary promotion."""
    assert records.scheme.year is not None
    first = np.datetime64(records.scheme.year.start, "D")
    last = np.datetime64(records.scheme.year.end, "D")

    def day(column: str, otherwise: np.datetime64) -> np.ndarray:
        if column not in records.people:
            return np.full(len(records.people), otherwise)
        dates = records.people[column].to_numpy().astype("datetime64[D]")
        return np.where(np.isnat(dates), otherwise, dates)

    came = np.maximum(day("dept_entry_date", first), first)
    went = np.minimum(day("leave_date", last), last)
    start = np.maximum(day("tp_start", last + 1), came)
    end = np.minimum(day("tp_end", last), went)
    one = np.timedelta64(1, "D")
    in_post = np.maximum((went - came + one) // one, 0)
    promoted = np.maximum((end - start + one) // one, 0)
    return in_post, promoted


EMPLOYMENT = (
    Rule(
        code="R19",
        paragraph="FAQ",
        needs=("grade", "substantive_grade", "assessed_grade", "tp_start"),
        find=temporary_promotions,
        applies=has_year,
    ),
    Rule(
        code="R19",
        paragraph="FAQ",
        needs=("grade", "substantive_grade", "tp_start"),
        find=mostly_below,
        applies=has_year,
    ),
    *(
        Rule(
            code="R20",
            paragraph="FAQ",
            needs=("employment_type",),
            find=find,
            applies=has_moderated_stages,
        )
        for find in (secondees, secondees_away)
    ),
    *(
        Rule(code="R21", paragraph="FAQ", needs=("employment_type",), find=find, applies=has_year)
        for find in (job_shares, absences)
    ),
    Rule(
        code="R21",
        paragraph="FAQ",
        needs=("employment_type", "post_id"),
        find=shared_posts,
        applies=has_year,
    ),
)
