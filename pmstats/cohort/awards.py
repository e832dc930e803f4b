"""The awards that belong to an export: one row per payment, linked to people by pseudonym.

A person returned by two departments is paid once: each payment belongs to one department.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from pmstats.cohort.columns import AWARDS
from pmstats.cohort.eligibility import after, another_department, before
from pmstats.cohort.labels import label_key
from pmstats.cohort.mapping import Mapping
from pmstats.cohort.reading.cells import Cells, Source
from pmstats.cohort.reading.read import read_cells
from pmstats.cohort.recognise import table_recogniser
from pmstats.cohort.schema import award_headers
from pmstats.cohort.typed import Typed, typed
from pmstats.errors import ExportError, Problem, Severity
from pmstats.scheme import Scheme

if TYPE_CHECKING:
    import pandas as pd

_NEEDED = ("person_id", "award_type", "award_amount")


def award_cells(source: Source, *, mapping: Mapping) -> Cells:
    """The recognised columns of a file of awards.

    Raises `ExportError` when it is no table or lacks a column it needs.
    """
    recognise = table_recogniser(award_headers(), mapping=mapping, needed=_NEEDED)
    cells = read_cells(source, recognise=recognise)
    errors = [p for p in cells.header.problems if p.severity is Severity.ERROR]
    if errors:
        raise ExportError(_of_awards(problem) for problem in errors)
    return cells


def read_awards(cells: Cells, *, scheme: Scheme, mapping: Mapping, key: bytes) -> Typed:
    """The awards as typed columns, and what in them does not read.

    `award_type` is in_year or end_year, `award_amount` pounds. Identifiers are hashed with the
    key of the export, so that both name a person alike.
    """
    read = typed(cells, columns=AWARDS, scheme=scheme, mapping=mapping, key=key)
    table = read.table.drop(columns="count")
    problems = [*cells.header.problems, *cells.problems, *read.problems]
    if "award_type" in table and table["award_type"].isna().any():
        missing = table["award_type"].isna()
        problems.append(
            Problem(
                rule="DQ5",
                severity=Severity.ERROR,
                column="award_type",
                rows=tuple(table.loc[missing, "row"]),
                message="The award is neither in-year nor end-year.",
                fix="Fill it in.",
            )
        )
    return Typed(table, tuple(_of_awards(problem) for problem in problems), read.doubtful)


def linked(awards: Typed, people: pd.DataFrame, *, scheme: Scheme) -> Typed:
    """The payments to people of the export, each with the one department it belongs to.

    That is the department the file names. Without one, it is where the person held the post on
    the day of an in-year award, and on the last day that counts for an end-year award (para 68).
    Payments to others are left out and reported. Raises `ExportError` when the export has no
    identifiers.
    """
    table = awards.table
    if "person_id" not in people:
        raise ExportError([*awards.problems, _no_identifiers()])
    known = table["person_id"].isin(people["person_id"])
    table = table[known].reset_index(drop=True)
    named = table["department"].astype(object) if "department" in table else None
    found, unclear = _departments(table, people, scheme, named=named)
    strange = np.zeros(len(table), dtype=bool)
    if named is not None:  # a department that does not return the person may still have paid
        strange = (named.notna() & (named.map(label_key) != found.map(label_key))).to_numpy()
        found = found.mask(strange, named)
    return Typed(
        table.assign(department=found),
        (
            *awards.problems,
            *_told(
                awards.table.loc[~known, "row"],
                Severity.WARNING,
                "Awards to people who are not in the export; left out.",
                "Export people and awards for the same departments and year.",
            ),
            *_told(
                table.loc[strange, "row"],
                Severity.WARNING,
                "The award names a department that does not return the person; it counts towards "
                "the person's year and towards no department.",
                "Correct the department, or export the departments together.",
            ),
            *_told(
                table.loc[unclear, "row"],
                Severity.WARNING,
                "Two departments return the person, and which of them made the award cannot be "
                "told; it is counted in one of them.",
                "Add a department column to the awards.",
            ),
        ),
        awards.doubtful,
    )


def _departments(
    table: pd.DataFrame, people: pd.DataFrame, scheme: Scheme, *, named: pd.Series[str] | None
) -> tuple[pd.Series[str], np.ndarray]:
    """The department of each payment, and where two fit equally well."""
    rows = people[["person_id", "department"]].assign(
        department=people["department"].astype(object),
        held=_held_on_the_day(people, scheme),
        came=_dates(people, "dept_entry_date"),
        left=_dates(people, "leave_date"),
    )
    payments = table[["person_id", "award_type"]].assign(
        payment=np.arange(len(table)),
        day=_dates(table, "award_date"),
        named=None if named is None else named.map(label_key, na_action="ignore"),
    )
    pairs = payments.merge(rows, on="person_id")
    there = pairs["day"].notna() & ~(pairs["came"] > pairs["day"]) & ~(pairs["left"] < pairs["day"])
    in_year = pairs["award_type"] == "in_year"
    fit = np.where(in_year, 2 * there + pairs["held"], 2 * pairs["held"] + there)
    fit = fit + 4 * (pairs["named"] == pairs["department"].map(label_key))
    pairs = pairs.assign(fit=fit).sort_values(["payment", "fit"], kind="stable")
    best = pairs[pairs["fit"] == pairs.groupby("payment")["fit"].transform("max")]
    unclear = best.groupby("payment")["department"].nunique() > 1
    found = best.drop_duplicates("payment", keep="last").set_index("payment")["department"]
    found = found.reindex(range(len(table)))
    return found, unclear.reindex(range(len(table)), fill_value=False).to_numpy()


def _dates(table: pd.DataFrame, column: str) -> np.ndarray:
    """The dates of a column, none where there is no such column."""
    if column not in table:
        return np.full(len(table), np.datetime64("NaT", "s"))
    days: np.ndarray = table[column].to_numpy()
    return days


def _held_on_the_day(people: pd.DataFrame, scheme: Scheme) -> np.ndarray:
    """True where the department of the row held the post on the last day that counts (para 68)."""
    here: np.ndarray = ~another_department(people)
    if scheme.year:
        last_day = scheme.year.eligible_by
        here &= ~after(people, "dept_entry_date", last_day)
        here &= ~before(people, "leave_date", last_day)
    return here


def _no_identifiers() -> Problem:
    return Problem(
        rule="file",
        severity=Severity.ERROR,
        column="awards.person_id",
        message="The export has no column of identifiers, so awards cannot be told to people.",
        fix="Export people and awards with the same identifiers.",
    )


def _told(rows: pd.Series[int], severity: Severity, message: str, fix: str) -> Iterator[Problem]:
    if len(rows):
        yield Problem(
            rule="file",
            severity=severity,
            column="awards.person_id",
            rows=tuple(rows.tolist()),
            message=message,
            fix=fix,
        )


def _of_awards(problem: Problem) -> Problem:
    return replace(problem, column=f"awards.{problem.column}" if problem.column else "awards")
