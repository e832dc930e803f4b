"""What a rule is: its code and paragraph, the columns it needs, and how it finds a breach."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from pmstats.cohort.cohort import Cohort
from pmstats.cohort.mapping import Mapping as ColumnMapping
from pmstats.errors import Problem, Severity
from pmstats.scheme import Scheme, Stage

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class Records:
    """What the rules look at: the typed people, and what was asked of them.

    `stage` limits the rules to one stage; None checks every stage the export holds.
    `doubtful` gives for a column the rows whose cell did not read.
    """

    cohort: Cohort
    mapping: ColumnMapping
    stage: str | None = None
    doubtful: Mapping[str, Sequence[int]] = field(default_factory=dict)

    @property
    def people(self) -> pd.DataFrame:
        """The rows, one per person."""
        return self.cohort.people

    @property
    def scheme(self) -> Scheme:
        """The scheme the export is checked against."""
        return self.cohort.scheme

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The stages to check: those asked for that the export has a column for."""
        return tuple(
            stage
            for stage in self.scheme.stages
            if stage.column in self.people and self.stage in {None, stage.name}
        )

    @property
    def moderated_stages(self) -> tuple[Stage, ...]:
        """The stages to check that follow paragraphs 67 and 68."""
        return tuple(stage for stage in self.stages if stage.moderated)

    @property
    def panel_stages(self) -> tuple[Stage, ...]:
        """The moderated stages after the line manager's recommendation."""
        return tuple(s for s in self.moderated_stages if s.name != "recommended")

    @property
    def last_stage(self) -> Stage:
        """The last stage to check: the one that holds the rating of the year."""
        return self.stages[-1]

    def boxes(self, column: str) -> np.ndarray:
        """How many boxes below the best each rating is: 0 the best, -1 for no rating."""
        best_first = self.scheme.best_first
        order = [best_first.index(name) for name in self.people[column].cat.categories]
        places: np.ndarray = np.append(order, -1)[self.people[column].cat.codes.to_numpy()]
        return places

    def says(self, column: str, answer: str) -> np.ndarray:
        """True where this column holds this answer; nowhere when there is no such column."""
        if column not in self.people:
            return np.zeros(len(self.people), dtype=bool)
        same: np.ndarray = (self.people[column] == answer).to_numpy()
        return same

    def missing(self, column: str) -> np.ndarray:
        """True where this column is empty; everywhere when there is no such column."""
        if column not in self.people:
            return np.ones(len(self.people), dtype=bool)
        empty: np.ndarray = self.people[column].isna().to_numpy()
        return empty

    def certain(self, columns: Iterable[str]) -> Records:
        """The records without the rows in which one of these columns did not read."""
        unread = [row for column in columns for row in self.doubtful.get(column, ())]
        if not unread:
            return self
        people = self.people[~self.people["row"].isin(unread)]
        return replace(self, cohort=replace(self.cohort, people=people))

    def rows(self, mask: np.ndarray) -> tuple[int, ...]:
        """The spreadsheet row numbers of the rows in a mask."""
        return tuple(self.people["row"].to_numpy()[mask].tolist())


def has_year(records: Records) -> bool:
    """Whether the scheme has a performance year, with the dates that rules turn on."""
    return records.scheme.year is not None


def breach(
    records: Records,
    mask: np.ndarray,
    *,
    rule: str,
    severity: Severity,
    paragraph: str,
    column: str,
    message: str,
    fix: str = "",
) -> Iterator[Problem]:
    """One problem about the rows of a mask, or none when it is empty."""
    if mask.any():
        yield Problem(
            rule=rule,
            severity=severity,
            paragraph=paragraph,
            column=column,
            rows=records.rows(mask),
            message=message,
            fix=fix,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule of the framework or of data quality.

    `needs` are the columns without which it is not checked; `find` gives its breaches;
    `applies` says whether the scheme and the stages asked for have such a rule at all.
    """

    code: str
    paragraph: str
    needs: tuple[str, ...]
    find: Callable[[Records], Iterator[Problem]]
    applies: Callable[[Records], bool] = lambda _: True
