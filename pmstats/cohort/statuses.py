"""Ratings worked out by the scheme's rules: steps beside their windows, values beside targets."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from pmstats.scheme import Scheme

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from pmstats.scheme.statuses import Indicators, Process, Step

    Codes = NDArray[np.int64]

#: No rating: the step is not yet due, the person was not there, or there is no target.
NONE = -1


def with_statuses(people: pd.DataFrame, *, scheme: Scheme, as_at: date | None) -> pd.DataFrame:
    """The rows with a rating for each stage whose rating the scheme works out.

    `as_at` is the day on which the export was made: a window that is still open then asks
    nothing of those who have not recorded the step. A stage whose columns are not held has none.
    """
    import pandas as pd

    boxes = pd.CategoricalDtype(list(scheme.rating_names))
    found: dict[str, Codes] = {}
    if scheme.process:
        for step in scheme.process.steps:
            if step.column in people:
                column = scheme.stage(step.stage).column
                found[column] = step_codes(people, step, scheme=scheme, as_at=as_at)
    rules = scheme.indicators
    if rules and {rules.target, rules.actual} <= set(people.columns):
        found[scheme.stage(rules.stage).column] = target_codes(people, rules, scheme=scheme)
    return people.assign(
        **{name: pd.Categorical.from_codes(codes, dtype=boxes) for name, codes in found.items()}
    )


def step_codes(people: pd.DataFrame, step: Step, *, scheme: Scheme, as_at: date | None) -> Codes:
    """The place in the scheme's ratings of each row's record of one step, or `NONE`."""
    process = scheme.process
    assert process is not None, "the scheme has steps"
    values = people[step.column]
    if values.dtype.kind == "M":
        days = values.to_numpy()
        recorded = ~np.isnat(days)
        inside = recorded & ~_before(days, step.opens) & ~_after(days, step.closes)
    else:
        recorded = inside = values.isin(list(step.done)).to_numpy()
    in_time, outside, absent = _places(scheme, process)
    codes = np.where(inside, in_time, np.where(recorded, outside, absent))
    codes[~recorded & _not_asked(people, step, as_at)] = NONE
    return codes


def target_codes(people: pd.DataFrame, rules: Indicators, *, scheme: Scheme) -> Codes:
    """The place in the scheme's ratings of each value beside its target, or `NONE`."""
    missed_by = shortfall(people, rules)
    tolerance = _tolerance(people, rules)
    names = scheme.rating_names
    met, near, missed = (names.index(name) for name in (rules.met, rules.near, rules.missed))
    slack = 1e-9 * (1 + np.abs(tolerance))  # 0.1 of 30 and 3 are the same tolerance
    codes = np.where(
        missed_by <= slack, met, np.where(missed_by <= tolerance + slack, near, missed)
    )
    return np.where(np.isnan(missed_by), NONE, codes).astype(np.int64)


def shortfall(people: pd.DataFrame, rules: Indicators) -> NDArray[np.float64]:
    """How far each value is on the wrong side of its target; 0 or less where it is met.

    Where the value should lie within a band around the target, the tolerance is the band. nan
    without a target, a value or a direction.
    """
    actual, target = people[rules.actual].to_numpy(float), people[rules.target].to_numpy(float)
    direction = people[rules.direction].astype(object).to_numpy()
    gap = np.full(len(people), np.nan)
    higher, lower, within = (direction == w for w in (rules.higher, rules.lower, rules.within))
    gap[higher] = (target - actual)[higher]
    gap[lower] = (actual - target)[lower]
    gap[within] = (np.abs(actual - target) - _tolerance(people, rules))[within]
    return gap


def _tolerance(people: pd.DataFrame, rules: Indicators) -> NDArray[np.float64]:
    general: NDArray[np.float64] = rules.tolerance_share * np.abs(
        people[rules.target].to_numpy(float)
    )
    if rules.tolerance not in people:
        return general
    own = people[rules.tolerance].to_numpy(float)
    tolerance: NDArray[np.float64] = np.where(np.isnan(own), general, own)
    return tolerance


def _places(scheme: Scheme, process: Process) -> tuple[int, int, int]:
    in_time, outside, absent = (
        scheme.rating_names.index(name)
        for name in (process.in_time, process.outside, process.absent)
    )
    return in_time, outside, absent


def _not_asked(people: pd.DataFrame, step: Step, as_at: date | None) -> NDArray[np.bool_]:
    """Where the window is still open, or the person was not in post while it was."""
    if as_at and step.closes and as_at <= step.closes:
        return np.ones(len(people), dtype=bool)
    absent = np.zeros(len(people), dtype=bool)
    if "dept_entry_date" in people:
        absent |= _after(people["dept_entry_date"].to_numpy(), step.closes)
    if "leave_date" in people:
        absent |= _before(people["leave_date"].to_numpy(), step.opens)
    return absent


def _before(days: NDArray[np.datetime64], day: date | None) -> NDArray[np.bool_]:
    return days < np.datetime64(day, "s") if day else np.zeros(len(days), dtype=bool)


def _after(days: NDArray[np.datetime64], day: date | None) -> NDArray[np.bool_]:
    return days > np.datetime64(day, "s") if day else np.zeros(len(days), dtype=bool)
