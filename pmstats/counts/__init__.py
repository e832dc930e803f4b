"""Takes a `Cohort`; gives tables of counts: coverage, distributions, breakdowns."""

from pmstats.counts.annual_return import annual_return
from pmstats.counts.awards import award_breakdown, award_breakdowns, award_problems, awards, pot
from pmstats.counts.benchmark import benchmark
from pmstats.counts.breakdown import (
    Answer,
    Breakdown,
    GroupRow,
    breakdown,
    breakdowns,
    detailed_breakdowns,
)
from pmstats.counts.coverage import Coverage, Exclusion, GroupCoverage, coverage, coverage_by
from pmstats.counts.crossed import crossed, grade_mixes, pairs
from pmstats.counts.distribution import Distribution, Groups, distribution, distributions_by
from pmstats.counts.expected import expectations
from pmstats.counts.movement import (
    ceilings,
    movement,
    movement_breakdown,
    movement_breakdowns,
    movements,
    movements_by,
)
from pmstats.counts.profile import profile
from pmstats.counts.progress import progress
from pmstats.counts.quarters import boundaries, completion_by, quarters, support
from pmstats.counts.spacing import spacing
from pmstats.counts.strategy import strategy_links
from pmstats.counts.turnover import turnover
from pmstats.counts.units import units

__all__ = [
    "Answer",
    "Breakdown",
    "Coverage",
    "Distribution",
    "Exclusion",
    "GroupCoverage",
    "GroupRow",
    "Groups",
    "annual_return",
    "award_breakdown",
    "award_breakdowns",
    "award_problems",
    "awards",
    "benchmark",
    "boundaries",
    "breakdown",
    "breakdowns",
    "ceilings",
    "completion_by",
    "coverage",
    "coverage_by",
    "crossed",
    "detailed_breakdowns",
    "distribution",
    "distributions_by",
    "expectations",
    "grade_mixes",
    "movement",
    "movement_breakdown",
    "movement_breakdowns",
    "movements",
    "movements_by",
    "pairs",
    "pot",
    "profile",
    "progress",
    "quarters",
    "spacing",
    "strategy_links",
    "support",
    "turnover",
    "units",
]
