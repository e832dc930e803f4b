"""The awards that belong to an export: one row per payment, linked to people by pseudonym."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pmstats.cohort.columns import AWARDS
from pmstats.cohort.mapping import Mapping
from pmstats.cohort.read import open_source, read_cells
from pmstats.cohort.recognise import table_recogniser
from pmstats.cohort.schema import award_headers
from pmstats.cohort.typed import Typed, typed
from pmstats.errors import ExportError, Problem, Severity
from pmstats.scheme import Scheme

_NEEDED = ("person_id", "award_type", "award_amount")


def read_awards(path: str | Path, *, scheme: Scheme, mapping: Mapping, key: bytes) -> Typed:
    """The awards of a file as typed columns, and what in them does not read.

    `award_type` is in_year or end_year, `award_amount` pounds. Identifiers are hashed with the
    key of the export, so that both name a person alike. Raises `ExportError` when the file is
    no table or lacks a column it needs.
    """
    recognise = table_recogniser(award_headers(), mapping=mapping, needed=_NEEDED)
    cells = read_cells(open_source(path), recognise=recognise)
    errors = [p for p in cells.header.problems if p.severity is Severity.ERROR]
    if errors:
        raise ExportError(_of_awards(problem) for problem in errors)
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


def _of_awards(problem: Problem) -> Problem:
    return replace(problem, column=f"awards.{problem.column}" if problem.column else "awards")
