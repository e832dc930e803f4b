"""The validated people of one export, ready to be counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from html import escape
from typing import TYPE_CHECKING

from pmstats.errors import ParameterError, Problem

if TYPE_CHECKING:
    import pandas as pd

    from pmstats.scheme import Scheme

#: Codes for people who gave no usable answer; two codes, never merged (DQ6).
UNDECLARED = "Undeclared"
UNKNOWN = "Unknown"


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class Cohort:
    """The validated rows of one export under one scheme; its repr shows no row.

    `people` has one row per person (or per cell of a published table, then `count` is above
    one) and canonical columns only: `department`, `grade`, `business_unit`, `panel` and each
    characteristic as categoricals in the scheme's order (characteristics end in `Undeclared`,
    `Unknown`), each stage's column as a categorical of the scheme's ratings with missing for
    no rating, dates as datetime64, `count` as int64. Names and free text never get here.
    `awards`, where the export has them, has one row per payment: `person_id` as in `people`,
    `award_date`, `award_type` (in_year, end_year), `award_amount` in pounds, `cst_approval`, and
    the one `department` that made it. `files` names the files read beside the export, each with
    its SHA-256.
    `paybill` is each department's in pounds, where the mapping gives it.
    """

    scheme: Scheme
    people: pd.DataFrame
    export_name: str
    export_sha256: str
    cut_off: date | None = None
    awards: pd.DataFrame | None = None
    paybill: Mapping[str, float] = field(default_factory=dict)
    files: tuple[tuple[str, str], ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def departments(self) -> tuple[str, ...]:
        """The departments in the export, in alphabetical order."""
        codes = self.people["department"].cat
        present = set(codes.codes.unique())
        return tuple(sorted(n for i, n in enumerate(codes.categories) if i in present))

    @property
    def characteristics(self) -> tuple[str, ...]:
        """The scheme's characteristics that the export holds a column for."""
        held = set(self.people.columns)
        return tuple(c.name for c in self.scheme.characteristics if c.name in held)

    def department(self, name: str) -> Cohort:
        """The cohort of one department. Raises `ParameterError` when the export has none such.

        Of people in two departments it has the awards that this one made.
        """
        theirs = self.people["department"] == name
        if not theirs.any():
            raise ParameterError(
                f"The export holds no department {name!r}; it holds: {', '.join(self.departments)}."
            )
        people = self.people[theirs]
        if self.awards is None:
            return replace(self, people=people)
        paid = self.awards["person_id"].isin(people["person_id"])
        if "department" in self.awards:
            paid &= self.awards["department"] == name
        return replace(self, people=people, awards=self.awards[paid])

    def among(self, column: str, answer: str) -> Cohort:
        """The cohort of the rows with one answer in a column that groups them.

        Raises `ParameterError` when the export holds no such column or answer.
        """
        known = [own.name for own in self.scheme.grouping if own.name in self.people]
        if column not in known:
            raise ParameterError(
                f"Rows cannot be chosen by {column!r}, but by: {', '.join(known) or 'nothing'}."
            )
        chosen = self.people[self.people[column] == answer]
        if chosen.empty:
            held = ", ".join(map(str, self.people[column].dropna().unique()))
            raise ParameterError(f"The export holds no {answer!r} in {column}; it holds: {held}.")
        return replace(self, people=chosen)

    def __len__(self) -> int:
        return int(self.people["count"].sum())

    def __repr__(self) -> str:
        return (
            f"<Cohort: {len(self):,} {self.scheme.counted.many}, "
            f"{len(self.departments)} departments, "
            f"scheme {self.scheme.name}, export {self.export_sha256[:12]}>"
        )

    def _repr_html_(self) -> str:
        held = self.departments
        where = escape(held[0]) if len(held) == 1 else f"{len(held)} departments"
        return (
            f"<p><strong>Cohort</strong>: {len(self):,} {self.scheme.counted.many} in {where}, "
            f"read under {self.scheme.title}, {self.scheme.edition}. "
            "Rows are not shown.</p>"
        )
