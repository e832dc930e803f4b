"""Takes a `Cohort`; gives tables of counts: coverage, distributions, breakdowns."""

from pmstats.counts.breakdown import (
    Answer,
    Breakdown,
    GroupRow,
    breakdown,
    breakdowns,
    detailed_breakdowns,
)
from pmstats.counts.coverage import Coverage, Exclusion, coverage
from pmstats.counts.distribution import Distribution, Groups, distribution, distributions_by

__all__ = [
    "Answer",
    "Breakdown",
    "Coverage",
    "Distribution",
    "Exclusion",
    "GroupRow",
    "Groups",
    "breakdown",
    "breakdowns",
    "coverage",
    "detailed_breakdowns",
    "distribution",
    "distributions_by",
]
