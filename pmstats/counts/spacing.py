"""How far apart things that should happen regularly lie: gaps between dates, group by group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pmstats.counts.distribution import group_heading
from pmstats.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pmstats.cohort.cohort import Cohort
    from pmstats.scheme.statuses import Spacing


@dataclass(frozen=True, slots=True, kw_only=True)
class Gaps:
    """The gaps between one date and the next of the same row, for the rows of one group.

    `rows` are all of the group, `none` those without any date, `gaps` counts the gaps and `long`
    those over the scheme's limit. `median_days` is nan without a gap.
    """

    group: str
    rows: int
    none: int
    dates: int
    gaps: int
    long: int
    median_days: float


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SpacingBy:
    """The gaps of everyone and then of each group."""

    title: str
    heading: str
    most_days: int
    paragraph: str
    rows: tuple[Gaps, ...]

    def __repr__(self) -> str:
        return f"<SpacingBy: {self.title.lower()}, {len(self.rows)} rows>"


def spacing(cohort: Cohort, column: str = "") -> SpacingBy:
    """How far apart the scheme's regular dates lie, in all and for each group of a column.

    Raises `ParameterError` when the scheme has no such dates or the export holds none of them,
    and for a column that counts cannot be made by.
    """
    rules = cohort.scheme.spacing
    held = [name for name in (rules.columns if rules else ()) if name in cohort.people]
    if rules is None or not held:
        raise ParameterError(f"The export holds no regular dates of {cohort.scheme.title}.")
    days = np.column_stack([cohort.people[name].to_numpy("datetime64[D]") for name in held])
    everyone = np.ones(len(days), dtype=bool)
    rows = [_gaps("All", days, everyone, rules)]
    heading = group_heading(cohort.scheme, column) if column else "Group"
    if column in cohort.people:
        values = cohort.people[column].cat
        codes = values.codes.to_numpy()
        each = [(str(name), codes == code) for code, name in enumerate(values.categories)]
        rows += [_gaps(name, days, mask, rules) for name, mask in each if mask.any()]
    return SpacingBy(
        title=rules.title,
        heading=heading,
        most_days=rules.most_days,
        paragraph=rules.paragraph,
        rows=tuple(rows),
    )


def _gaps(
    group: str, days: NDArray[np.datetime64], mask: NDArray[np.bool_], rules: Spacing
) -> Gaps:
    chosen = np.sort(days[mask], axis=1)  # a missing date sorts last
    gaps = np.diff(chosen, axis=1)
    known = gaps[~np.isnat(gaps)].astype(np.int64)
    dates = (~np.isnat(chosen)).sum(axis=1)
    return Gaps(
        group=group,
        rows=len(chosen),
        none=int((dates == 0).sum()),
        dates=int(dates.sum()),
        gaps=len(known),
        long=int((known > rules.most_days).sum()),
        median_days=float(np.median(known)) if len(known) else float("nan"),
    )
