"""How our own methods behave where the truth is known: measured, kept beside them, quoted.

Made by `make calibration` on simulated departments with box shares 5/60/22/13, with no gap and
with planted ones. Every figure carries its Monte Carlo error; 0 where it was computed exactly.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from pmstats.errors import ParameterError

#: What was measured, in the words of the file.
SIZE, COVERAGE, POWER, FALSE_PACKS = "size", "coverage", "power", "false packs"

#: A false pack raises a verdict of "gap" on some characteristic although nothing differs.
A_GAP = "a primary gap"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One figure: a share (0 to 1) of simulated departments, with its Monte Carlo error.

    `goal` is the range the method is held to, None where there is none.
    """

    method: str
    setting: str
    value: float
    error: float
    goal: tuple[float, float] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """Every figure of one kind: sizes, coverages, powers or false packs."""

    measure: str
    figures: tuple[Measure, ...]

    @property
    def missed(self) -> tuple[Measure, ...]:
        """The figures outside their goal."""
        return tuple(
            each
            for each in self.figures
            if each.goal and not each.goal[0] <= each.value <= each.goal[1]
        )


def calibration(measure: str) -> Calibration:
    """What was measured of one kind: `size`, `coverage`, `power` or `false packs`.

    Raises `ParameterError` for a kind that was not measured.

    >>> calibration("false packs").figures[0].method
    'a primary gap'
    """
    kinds = (SIZE, COVERAGE, POWER, FALSE_PACKS)
    if measure not in kinds:
        raise ParameterError(
            f"Nothing called {measure!r} was measured; ask for {', '.join(kinds)}."
        )
    return Calibration(
        measure=measure,
        figures=tuple(
            Measure(
                method=each["method"],
                setting=each["setting"],
                value=each["value"],
                error=each["error"],
                goal=tuple(each["goal"]) if each["goal"] else None,
            )
            for each in _measured()
            if each["measure"] == measure
        ),
    )


@cache
def _measured() -> list[dict[str, Any]]:
    text = resources.files("pmstats.findings").joinpath("calibration.json").read_text("utf-8")
    measures: list[dict[str, Any]] = json.loads(text)["measures"]
    return measures
