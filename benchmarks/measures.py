"""One measured property of a method, and how a set of them is printed and kept."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from math import isnan, sqrt
from pathlib import Path

import numpy as np

#: What we ask of our own methods (methods annex, section 13).
GOALS = {
    "size": (0.02, 0.06),
    "largest size": (0.0, 0.06),
    "coverage": (0.93, 0.98),
    "coverage of a gap": (0.93, 0.98),
    "false packs": (0.0, 0.06),
    "flagged under one rule": (0.0, 0.05),
    "error against raw shares": (0.0, 0.5),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What came out for one method in one setting; `error` is 0 where it is exact.

    `asked` says that the goal for this kind of measure is asked of it: of our own methods,
    in the settings the goal is meant for.
    """

    method: str
    measure: str
    setting: str
    value: float
    error: float = 0.0
    repeats: int = 0
    asked: bool = True
    focal: int | None = None

    @property
    def goal(self) -> tuple[float, float] | None:
        """The range asked of it, if any."""
        return GOALS.get(self.measure) if self.asked else None

    @property
    def met(self) -> bool | None:
        """Whether the value lies in the range, two Monte Carlo errors allowed."""
        if self.goal is None:
            return None
        low, high = self.goal
        return low - 2 * self.error <= self.value <= high + 2 * self.error


def proportion(hits: Iterable[bool], **about: object) -> Measure:
    """A measure that is the share of repeats in which something happened."""
    seen = np.asarray(list(hits), dtype=float)
    value = float(seen.mean())
    eased = (seen.sum() + 1) / (seen.size + 2)  # never an error of 0 for none or all
    error = sqrt(eased * (1 - eased) / seen.size)
    return Measure(value=value, error=error, repeats=seen.size, **about)  # type: ignore[arg-type]


def table(measures: Sequence[Measure]) -> str:
    """One line per measure, with the Monte Carlo error and whether the goal is met."""
    lines = []
    for each in measures:
        error = f" ± {each.error:.4f}" if each.error else "  (exact)"
        answer = {True: "met", False: "NOT MET", None: ""}[each.met]
        what = f"{each.measure:26}{each.method:40}{each.setting:48}"
        lines.append(f"{what}{each.value:8.4f}{error:11} {answer}".rstrip())
    return "\n".join(lines)


def write(measures: Sequence[Measure], path: Path, *, about: dict[str, object]) -> None:
    """The measures as versioned JSON, the same bytes for the same measures."""
    rows = [
        {
            **{key: _short(value) for key, value in asdict(each).items()},
            "goal": each.goal,
            "met": each.met,
        }
        for each in measures
    ]
    body = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    head = json.dumps(about, ensure_ascii=False)[:-1]
    path.write_text(f'{head}, "measures": [\n{body}\n]}}\n', encoding="utf-8")


def _short(value: object) -> object:
    """A number to five figures; null where there is none, which JSON has no other word for."""
    if not isinstance(value, float):
        return value
    return None if isnan(value) else float(f"{value:.5g}")
