"""Rating distributions and consistency check packs for the Senior Civil Service.

The names below are the whole public interface, in the order in which a check uses them.
"""

from pmstats.cohort import Cohort, check_export, read_export
from pmstats.counts import breakdown, breakdowns, coverage, distribution, distributions_by
from pmstats.counts.movement import (
    ceilings,
    movement,
    movement_breakdown,
    movement_breakdowns,
    movements,
    movements_by,
)
from pmstats.counts.quarters import boundaries, completion_by, quarters, support
from pmstats.findings import compare_to_curve, disparities, within_grade
from pmstats.findings.differential import differential_movements
from pmstats.findings.panels import panel_readings
from pmstats.findings.quarters import quarter_readings
from pmstats.findings.steps import step_readings
from pmstats.release import provenance, restricted_pack, restricted_table, sentences
from pmstats.report import figure, write_pack
from pmstats.scheme import load_scheme

__all__ = [
    "Cohort",
    "boundaries",
    "breakdown",
    "breakdowns",
    "ceilings",
    "check_export",
    "compare_to_curve",
    "completion_by",
    "coverage",
    "differential_movements",
    "disparities",
    "distribution",
    "distributions_by",
    "figure",
    "load_scheme",
    "movement",
    "movement_breakdown",
    "movement_breakdowns",
    "movements",
    "movements_by",
    "panel_readings",
    "provenance",
    "quarter_readings",
    "quarters",
    "read_export",
    "restricted_pack",
    "restricted_table",
    "sentences",
    "step_readings",
    "support",
    "within_grade",
    "write_pack",
]
