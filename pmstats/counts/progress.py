"""How much of what was planned is done: one number as a part of another, group by group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pmstats.counts.distribution import group_heading

if TYPE_CHECKING:
    import pandas as pd

    from pmstats.cohort.cohort import Cohort
    from pmstats.scheme.raters import Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """So many done of so many planned; `plans` counts the rows that hold both numbers."""

    group: str
    plans: int
    part: int
    whole: int

    @property
    def share(self) -> float:
        """The share done (0 to 1); nan where nothing is planned."""
        return self.part / self.whole if self.whole else float("nan")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class DoneBy:
    """What is done of what was planned, everyone first and then each group."""

    title: str
    heading: str
    paragraph: str
    rows: tuple[Done, ...]

    def __repr__(self) -> str:
        return f"<DoneBy: {self.title.lower()}, {len(self.rows)} rows>"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Plans:
    """What is done of what was planned, for each pair of numbers of the scheme."""

    each: tuple[DoneBy, ...]

    def __repr__(self) -> str:
        return f"<Plans: {len(self.each)}>"


def progress(cohort: Cohort, column: str = "") -> Plans:
    """What the scheme counts as done of what was planned, in all and by each group of a column.

    Rows with one of the two numbers missing are left out. A pair whose columns the export does
    not hold gives nothing. Raises `ParameterError` for a column that counts cannot be made by.
    """
    heading = group_heading(cohort.scheme, column) if column else "Group"
    return Plans(
        each=tuple(
            _done_by(cohort.people, each, column=column, heading=heading)
            for each in cohort.scheme.progress
            if {each.part, each.whole} <= set(cohort.people.columns)
        )
    )


def _done_by(people: pd.DataFrame, each: Progress, *, column: str, heading: str) -> DoneBy:
    both = people[people[each.part].notna() & people[each.whole].notna()]
    rows = [_done("All", both, each)]
    if column in both:
        groups = both.groupby(column, observed=True, sort=False)
        by_name = {str(name): rows for name, rows in groups}
        order = [str(name) for name in both[column].cat.categories if str(name) in by_name]
        rows += [_done(name, by_name[name], each) for name in order]
    return DoneBy(title=each.title, heading=heading, paragraph=each.paragraph, rows=tuple(rows))


def _done(group: str, rows: pd.DataFrame, each: Progress) -> Done:
    return Done(
        group=group,
        plans=len(rows),
        part=int(rows[each.part].sum()),
        whole=int(rows[each.whole].sum()),
    )
