"""The distribution at every stage side by side: a year's quarters, a survey's statements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pmstats.counts.distribution import Groups, distribution

if TYPE_CHECKING:
    from pmstats.cohort.cohort import Cohort


def profile(cohort: Cohort, *, heading: str = "Stage") -> Groups:
    """The rating distribution at each of the scheme's stages that the export holds, in order."""
    held = [stage for stage in cohort.scheme.stages if stage.column in cohort.people.columns]
    return Groups(
        heading=heading,
        rows=tuple((stage.title, distribution(cohort, stage=stage.name)) for stage in held),
    )
