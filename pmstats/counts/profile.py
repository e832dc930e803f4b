"""The distribution at every stage side by side: a year's quarters, a survey's statements."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pmstats.counts.distribution import Groups, distribution, group_heading

if TYPE_CHECKING:
    from pmstats.cohort.cohort import Cohort


def profile(
    cohort: Cohort, *, heading: str = "Stage", among: tuple[str, str] | None = None
) -> Groups:
    """The rating distribution at each of the scheme's stages that the export holds, in order.

    `among` looks only at rows with one answer in one column: `("quarter", "March to May")`.
    Raises `ParameterError` for a column that counts cannot be made by.
    """
    if among:
        column, answer = among
        group_heading(cohort.scheme, column)
        cohort = replace(cohort, people=cohort.people[cohort.people[column] == answer])
    held = [stage for stage in cohort.scheme.stages if stage.column in cohort.people.columns]
    return Groups(
        heading=heading,
        rows=tuple((stage.title, distribution(cohort, stage=stage.name)) for stage in held),
    )
