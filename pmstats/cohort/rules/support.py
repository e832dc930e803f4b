"""Underperformance and the support it calls for: rules R27 to R31 (paragraphs 56 and 57)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pmstats.cohort.rules.rule import Records, Rule, breach
from pmstats.errors import Problem, Severity

#: Columns that show that support followed two quarters in the lowest box (para 57).
SUPPORT_COLUMNS = ("pdp_start", "support_provided", "pdp_review")


@dataclass(frozen=True, slots=True, eq=False)
class Runs:
    """Who was in the lowest box in two consecutive quarters, and what cannot be told.

    `run` marks them, `again` those in it once more after that, the end of the year included;
    `unclear` those for whom a missing quarter decides; `ratings` counts the lowest boxes.
    """

    run: np.ndarray
    again: np.ndarray
    unclear: np.ndarray
    ratings: np.ndarray


def runs(low: np.ndarray, known: np.ndarray, final_low: np.ndarray) -> Runs:
    """The runs in a table of quarters (rows) by people: lowest box or not, rated or not.

    >>> low = np.array([[True], [False], [True], [False]])
    >>> known = np.array([[True], [False], [True], [True]])
    >>> found = runs(low, known, np.array([False]))
    >>> found.run.tolist(), found.unclear.tolist()
    ([False], [True])
    """
    pairs = low[:-1] & low[1:]
    run = pairs.any(axis=0)
    second = np.where(run, pairs.argmax(axis=0) + 1, len(low))
    later = (low & (np.arange(len(low))[:, None] > second)).any(axis=0)
    possible = low | ~known
    maybe = (possible[:-1] & possible[1:] & (low[:-1] | low[1:])).any(axis=0)
    beside = (low[:-2] & ~known[1:-1] & low[2:]).any(axis=0) if len(low) > 2 else False
    return Runs(
        run=run,
        again=run & (later | final_low),
        unclear=~run & maybe & beside,
        ratings=low.sum(axis=0) + final_low,
    )


def support_after_two_quarters(records: Records) -> Iterator[Problem]:
    """R27: two consecutive quarters in the lowest box call for a plan, support and review."""
    found = _runs(records)
    none = np.logical_and.reduce([_absent(records, name) for name in SUPPORT_COLUMNS])
    yield from breach(
        records,
        found.run & none,
        rule="R27",
        severity=Severity.WARNING,
        paragraph="57",
        column="pdp_start",
        message="In the lowest box in two consecutive quarters, and no development plan, support "
        "or review is recorded.",
        fix="Record the plan, or ask why there is none.",
    )
    yield from breach(
        records,
        found.unclear,
        rule="R27",
        severity=Severity.INFORMATION,
        paragraph="57",
        column="pdp_start",
        message="In the lowest box on both sides of a quarter without a rating: whether the "
        "quarters are consecutive cannot be told.",
        fix="Record the missing rating if there was one.",
    )


def formal_measures(records: Records) -> Iterator[Problem]:
    """R28: in the lowest box again after that, formal measures are expected."""
    without = _runs(records).again & ~_formal(records)
    excused = records.says("exceptional_circumstances", "Yes")
    for mask, severity in (
        (without & ~excused, Severity.WARNING),
        (without & excused, Severity.INFORMATION),
    ):
        yield from breach(
            records,
            mask,
            rule="R28",
            severity=severity,
            paragraph="57",
            column="formal_pp_stage",
            message="In the lowest box again after two consecutive quarters, and no formal measure "
            "is recorded.",
            fix="Record the measure, or the exceptional circumstances.",
        )


def early_measures(records: Records) -> Iterator[Problem]:
    """R29: formal measures without an earlier run; they may come from the year before."""
    found = _runs(records)
    yield from breach(
        records,
        _formal(records) & ~found.run & (found.ratings <= 1),
        rule="R29",
        severity=Severity.WARNING,
        paragraph="56",
        column="formal_pp_stage",
        message="On formal measures with at most one rating in the lowest box this year.",
        fix="Check the record; the measures may stem from the year before.",
    )


def _runs(records: Records) -> Runs:
    rules = records.scheme.support
    assert rules is not None
    columns = [records.scheme.stage(name).column for name in rules.quarters]
    low = np.array([records.says(column, rules.rating) for column in columns])
    known = np.array([~records.missing(column) for column in columns])
    final = records.says(records.scheme.stage(rules.final).column, rules.rating)
    return runs(low, known, final)


def _formal(records: Records) -> np.ndarray:
    formal: np.ndarray = ~(
        _absent(records, "formal_pp_stage") | records.says("formal_pp_stage", "none")
    )
    return formal


def _absent(records: Records, column: str) -> np.ndarray:
    absent: np.ndarray = records.missing(column) | records.says(column, "No")
    return absent


def _has_support(records: Records) -> bool:
    return records.scheme.support is not None and records.stage is None


SUPPORT = (
    Rule(
        code="R27",
        paragraph="57",
        needs=SUPPORT_COLUMNS,
        find=support_after_two_quarters,
        applies=_has_support,
    ),
    Rule(
        code="R28",
        paragraph="57",
        needs=("formal_pp_stage",),
        find=formal_measures,
        applies=_has_support,
    ),
    Rule(
        code="R29",
        paragraph="56",
        needs=("formal_pp_stage",),
        find=early_measures,
        applies=_has_support,
    ),
    Rule(
        code="R31",
        paragraph="92",
        needs=("formal_pp_stage",),
        find=lambda _: iter(()),
        applies=_has_support,
    ),
)
