"""How our methods behave, as tables: they concern no person and no department."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pmstats.release.table import Column, Kind, RestrictedTable

if TYPE_CHECKING:
    from pmstats.findings.calibration import Calibration

#: Half-width of the interval shown around a simulated figure, in Monte Carlo errors.
REACH = 1.96


def calibration_table(calibration: Calibration) -> RestrictedTable:
    """Each figure with its Monte Carlo interval and the range it is held to."""
    return RestrictedTable(
        id=f"calibration-{calibration.measure.replace(' ', '-')}",
        caption=f"Measured on simulated departments: {calibration.measure}",
        columns=(
            Column(name="Method and setting"),
            Column(name="Share", kind=Kind.SHARE),
            Column(name="Low", kind=Kind.SHARE),
            Column(name="High", kind=Kind.SHARE),
            Column(name="Goal"),
        ),
        rows=tuple(
            (
                f"{each.method}: {each.setting}",
                each.value,
                max(0.0, each.value - REACH * each.error),
                min(1.0, each.value + REACH * each.error),
                f"{100 * each.goal[0]:.4g}% to {100 * each.goal[1]:.4g}%" if each.goal else "none",
            )
            for each in calibration.figures
        ),
        notes=(
            "Low and high are limits of the Monte Carlo error; they meet where a figure was "
            "computed exactly.",
        ),
    )
