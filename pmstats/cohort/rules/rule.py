"""What a rule is: its code and paragraph, the columns it needs, and how it finds a breach."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from pmstats.cohort.cohort import Cohort
from pmstats.cohort.mapping import Mapping as ColumnMapping
from pmstats.errors import Problem
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
    doubtful: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

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
