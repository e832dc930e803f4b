"""Takes counts; gives intervals, tests and `Finding`s with a verdict each."""

from pmstats.findings.calibration import calibration
from pmstats.findings.curve import compare_to_curve
from pmstats.findings.disparity import disparities
from pmstats.findings.within import within_grade

__all__ = ["calibration", "compare_to_curve", "disparities", "within_grade"]
