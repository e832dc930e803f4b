"""Rating distributions and consistency check packs for the Senior Civil Service.

The names below are the whole public interface, in the order in which a check uses them.
"""

from pmstats.cohort import Cohort, check_export, read_export
from pmstats.counts import breakdown, breakdowns, coverage, distribution, distributions_by
from pmstats.counts.annual_return import annual_return
from pmstats.counts.awards import award_breakdown, award_breakdowns, award_problems, awards, pot
from pmstats.counts.benchmark import benchmark
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
from pmstats.findings import compare_to_curve, disparities, within_grade
from pmstats.findings.agreement import agreements
from pmstats.findings.awards import award_disparities
from pmstats.findings.differential import differential_movements
from pmstats.findings.panels import panel_readings
from pmstats.findings.quarters import quarter_readings
from pmstats.findings.scorecard import scorecard
from pmstats.findings.shares import changes, shares
from pmstats.findings.steps import step_readings
from pmstats.findings.turnover import change_readings, follow_up
from pmstats.findings.unit_readings import unit_readings
from pmstats.release import provenance, restricted_pack, restricted_table, sentences
from pmstats.release.parts import pack_part
from pmstats.release.year_parts import year_parts
from pmstats.report import figure, write_pack
from pmstats.report.annual_return import write_annual_return
from pmstats.report.figures import funnel_figure
from pmstats.scheme import load_scheme

__all__ = [
    "Cohort",
    "agreements",
    "annual_return",
    "award_breakdown",
    "award_breakdowns",
    "award_disparities",
    "award_problems",
    "awards",
    "benchmark",
    "boundaries",
    "breakdown",
    "breakdowns",
    "ceilings",
    "change_readings",
    "changes",
    "check_export",
    "compare_to_curve",
    "completion_by",
    "coverage",
    "differential_movements",
    "disparities",
    "distribution",
    "distributions_by",
    "expectations",
    "figure",
    "follow_up",
    "funnel_figure",
    "load_scheme",
    "movement",
    "movement_breakdown",
    "movement_breakdowns",
    "movements",
    "movements_by",
    "pack_part",
    "panel_readings",
    "pot",
    "profile",
    "progress",
    "provenance",
    "quarter_readings",
    "quarters",
    "read_export",
    "restricted_pack",
    "restricted_table",
    "scorecard",
    "sentences",
    "shares",
    "spacing",
    "step_readings",
    "strategy_links",
    "support",
    "turnover",
    "unit_readings",
    "units",
    "within_grade",
    "write_annual_return",
    "write_pack",
    "year_parts",
]
