"""Takes counts; gives intervals, tests and `Finding`s with a verdict each."""

from pmstats.findings.curve import compare_to_curve
from pmstats.findings.disparity import disparities

__all__ = ["compare_to_curve", "disparities"]
