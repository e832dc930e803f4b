"""Ratings that a framework works out by rule: from a date and its window, or from a number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a process: the column that records it, and the window in which it is due.

    The column holds the date of the step, or an answer that is one of `done`. Without `opens`
    or `closes` a window has no such side. `stage` is the stage whose rating the step decides.
    """

    stage: str
    column: str
    opens: date | None = None
    closes: date | None = None
    done: tuple[str, ...] = ("Yes",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """Steps and the ratings their records come to; a step not yet due has no rating.

    `in_time` is a step recorded in its window, `outside` one recorded before or after it and
    `absent` one not recorded.
    """

    in_time: str
    outside: str
    absent: str
    paragraph: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spacing:
    """Dates that should not lie too far apart: their columns in order, and the longest gap."""

    title: str
    columns: tuple[str, ...]
    most_days: int
    paragraph: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicators:
    """How an indicator's actual value stands to its target, and what else is asked of it.

    Each field but the last lines names a column. `direction` answers with one of `higher`,
    `lower` or `within`. A value that misses its target by no more than the tolerance (its own,
    or `tolerance_share` of the target) is `near`; within a band, the tolerance is the band and
    twice it is near. An indicator not reviewed for `stale_months` is stale; one without an
    answer in a column of `links` is unlinked.
    """

    stage: str
    name: str
    period: str
    direction: str
    baseline: str
    target: str
    actual: str
    tolerance: str
    reviewed: str
    links: tuple[str, ...]
    perspective: str
    met: str
    near: str
    missed: str
    higher: str
    lower: str
    within: str
    tolerance_share: float
    tolerance_source: str
    stale_months: int
    stale_source: str
    paragraph: str
