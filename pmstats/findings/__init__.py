"""Takes counts; gives intervals, tests and `Finding`s with a verdict each."""

from pmstats.findings.adjusted import given_grade_and_unit
from pmstats.findings.agreement import agreements
from pmstats.findings.awards import award_disparities
from pmstats.findings.calibration import calibration
from pmstats.findings.crossing import crossings
from pmstats.findings.curve import compare_to_curve
from pmstats.findings.differential import differential_movements
from pmstats.findings.disparity import disparities
from pmstats.findings.panels import panel_readings
from pmstats.findings.quarters import quarter_readings
from pmstats.findings.scorecard import scorecard
from pmstats.findings.shares import changes, shares
from pmstats.findings.steps import step_readings
from pmstats.findings.turnover import change_readings, follow_up
from pmstats.findings.unit_readings import unit_readings
from pmstats.findings.within import within_grade

__all__ = [
    "agreements",
    "award_disparities",
    "calibration",
    "change_readings",
    "changes",
    "compare_to_curve",
    "crossings",
    "differential_movements",
    "disparities",
    "follow_up",
    "given_grade_and_unit",
    "panel_readings",
    "quarter_readings",
    "scorecard",
    "shares",
    "step_readings",
    "unit_readings",
    "within_grade",
]
