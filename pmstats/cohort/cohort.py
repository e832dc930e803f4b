"""The validated people of one export, ready to be counted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import wraps
from html import escape
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar, cast

from pmstats.errors import ParameterError, Problem

if TYPE_CHECKING:
    import pandas as pd

    from pmstats.scheme import Scheme

#: Codes for people who gave no usable answer; two codes, never merged (DQ6).
UNDECLARED = "Undeclared"
UNKNOWN = "Unknown"

_How = ParamSpec("_How")
_Answer = TypeVar("_Answer")


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
    `paybill` is each department's in pounds, where the mapping gives it. Rows are not changed in
    place: `worked_out` keeps what some functions made of them (`worked_out_once`).
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
    worked_out: dict[object, Any] = field(init=False, default_factory=dict)

    @property
    def departments(self) -> tuple[str, ...]:
        """The departments in the export, in alphabetical order."""
        named = cast("pd.Categorical", self.people["department"].array)
        names = named.categories.tolist()
        return tuple(sorted(names[code] for code in set(named.codes.tolist()) if code >= 0))

    @property
    def characteristics(self) -> tuple[str, ...]:
        """The scheme's characteristics that the export holds a column for."""
        held = set(self.people.columns)
        return tuple(c.name for c in self.scheme.characteristics if c.name in held)

    def department(self, name: str) -> Cohort:
        """The cohort of one department. Raises `ParameterError` when the export has none such.

        Of people in two departments it has the awards that this one made.
        """
        named = cast("pd.Categorical", self.people["department"].array)
        names = named.categories.tolist()
        theirs = (named.codes == names.index(name)).nonzero()[0] if name in names else None
        if theirs is None or not theirs.size:
            raise ParameterError(
                f"The export holds no department {name!r}; it holds: {', '.join(self.departments)}."
            )
        people = self.people.take(theirs)
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


def worked_out_once(
    question: Callable[Concatenate[Cohort, _How], _Answer],
) -> Callable[Concatenate[Cohort, _How], _Answer]:
    """The function, what it gives kept with the cohort: a pack asks for some of it ten times.

    It takes all but the cohort by keyword, and nobody changes what it gives.
    """
    name = f"{question.__module__}.{question.__qualname__}"

    @wraps(question)
    def asked(cohort: Cohort, /, *args: _How.args, **how: _How.kwargs) -> _Answer:
        known, key = cohort.worked_out, (name, *args, *how.items())
        if key not in known:
            known[key] = question(cohort, *args, **how)
        found: _Answer = known[key]
        return found

    return asked
