"""Indicators beside their targets: where each stands, how far it came, and which way it goes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from math import erfc, isnan, nan, sqrt
from typing import TYPE_CHECKING

import numpy as np

from pmstats.errors import ParameterError
from pmstats.findings.finding import TestResult

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from pmstats.cohort.cohort import Cohort
    from pmstats.scheme.statuses import Indicators

#: Fewer periods than this can show no trend at all: the least p is above one in twenty.
FEWEST_PERIODS = 5


class Trend(StrEnum):
    """Which way an indicator goes, better or worse being a matter of its direction."""

    BETTER = "getting better"
    WORSE = "getting worse"
    UNCLEAR = "no clear trend"
    TOO_FEW = "too few periods"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One indicator of one department at its last period.

    `attainment` is the part of the way from baseline to target (1 is the target; without a
    baseline, the value over the target); nan where it cannot be said. `unlinked` are the
    titles of the links it lacks.
    """

    department: str
    name: str
    perspective: str
    period: str
    target: float
    actual: float
    status: str
    attainment: float
    trend: Trend
    p_value: float
    periods: int
    stale: bool
    unlinked: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Scorecard:
    """Every indicator at its last period, and the settings the readings rest on."""

    readings: tuple[Reading, ...]
    statuses: tuple[str, ...]
    stale_months: int
    paragraph: str

    @property
    def sentences(self) -> tuple[str, ...]:
        """What stands out, in words."""
        return tuple(_sentences(self))

    def __repr__(self) -> str:
        return f"<Scorecard: {len(self.readings)} indicators>"


def scorecard(cohort: Cohort) -> Scorecard:
    """Each indicator of the export at its last period, beside its target and its past.

    A trend is Mann's (1945) test of the values over the periods; periods go in the order of
    their names. What is stale is judged on the cut-off date, or else on the last review of any.
    Raises `ParameterError` for a scheme without indicators.
    """
    rules = cohort.scheme.indicators
    if rules is None:
        raise ParameterError(f"{cohort.scheme.title} has no indicators.")
    people = cohort.people
    keys = [people["department"].astype(str), people[rules.name].astype(str)]
    order = people.assign(_period=people[rules.period].astype(str)).sort_values(
        "_period", kind="stable"
    )
    readings = [
        _reading(str(department), str(name), rows, rules, cohort)
        for (department, name), rows in order.groupby(keys, sort=True)
    ]
    return Scorecard(
        readings=tuple(readings),
        statuses=cohort.scheme.best_first,
        stale_months=rules.stale_months,
        paragraph=rules.paragraph,
    )


def mann_trend(values: Sequence[float]) -> TestResult:
    """Whether values rise or fall over time (Mann 1945); the statistic is above 0 when they rise.

    Exact where no two values are the same, otherwise normal with a correction for ties and
    continuity. nan below two values, or where all are the same.
    """
    each = np.asarray(values, dtype=float)
    n = len(each)
    rises = int(np.sign(each[None, :] - each[:, None])[np.triu_indices(n, 1)].sum())
    sizes = np.unique(each, return_counts=True)[1]
    if n < 2 or len(sizes) == 1:
        return TestResult(p_value=nan, method="nothing to test: one value", statistic=0.0)
    if len(sizes) == n:
        law = _inversions(n)
        falls = (n * (n - 1) // 2 - rises) // 2
        tail = min(falls, len(law) - 1 - falls)
        p_value = min(1.0, 2 * sum(law[: tail + 1]) / sum(law))
        return TestResult(p_value=p_value, method="Mann's exact test of trend", statistic=rises)
    variance = (n * (n - 1) * (2 * n + 5) - (sizes * (sizes - 1) * (2 * sizes + 5)).sum()) / 18
    z = max(abs(rises) - 1, 0) / sqrt(variance)
    return TestResult(
        p_value=erfc(z / sqrt(2)),
        method="Mann's test of trend, normal with ties",
        statistic=rises,
    )


@cache
def _inversions(n: int) -> tuple[int, ...]:
    """How many orders of n values have 0, 1, 2, ... pairs out of order."""
    counts = [1]
    for size in range(2, n + 1):
        wider = [0] * (len(counts) + size - 1)
        for place, count in enumerate(counts):
            for more in range(size):
                wider[place + more] += count
        counts = wider
    return tuple(counts)


def _reading(
    department: str, name: str, rows: pd.DataFrame, rules: Indicators, cohort: Cohort
) -> Reading:
    last = rows.iloc[-1]
    trend, test = _trend(rows, rules, cohort)
    status = last[cohort.scheme.stage(rules.stage).column]
    titles = {column.name: column.title for column in cohort.scheme.columns}
    return Reading(
        department=department,
        name=name,
        perspective=_text(last.get(rules.perspective)),
        period=_text(last[rules.period]),
        target=float(last[rules.target]),
        actual=float(last[rules.actual]),
        status=_text(status),
        attainment=_attainment(last, rules),
        trend=trend,
        p_value=test.p_value,
        periods=int(rows[rules.actual].notna().sum()),
        stale=_stale(last, rules, cohort),
        unlinked=tuple(titles[link] for link in rules.links if not _text(last.get(link))),
    )


def _trend(rows: pd.DataFrame, rules: Indicators, cohort: Cohort) -> tuple[Trend, TestResult]:
    values: NDArray[np.float64] = rows[rules.actual].dropna().to_numpy(float)
    direction = _text(rows[rules.direction].iloc[-1])
    if direction == rules.lower:
        values = -values
    elif direction == rules.within:
        target = float(rows[rules.target].iloc[-1])
        values = -np.abs(values - target) if not isnan(target) else values[:0]
    test = mann_trend(values.tolist())
    if len(values) < FEWEST_PERIODS or not direction:
        return Trend.TOO_FEW, test
    if isnan(test.p_value) or test.p_value > cohort.scheme.practice.significance:
        return Trend.UNCLEAR, test
    return (Trend.BETTER if test.statistic > 0 else Trend.WORSE), test


def _attainment(last: pd.Series, rules: Indicators) -> float:
    target, actual = float(last[rules.target]), float(last[rules.actual])
    if isnan(target) or isnan(actual) or _text(last[rules.direction]) == rules.within:
        return nan
    baseline = float(last[rules.baseline]) if rules.baseline in last else nan
    if not isnan(baseline) and baseline != target:
        return (actual - baseline) / (target - baseline)
    if _text(last[rules.direction]) == rules.lower:
        return target / actual if actual else nan
    return actual / target if target else nan


def _stale(last: pd.Series, rules: Indicators, cohort: Cohort) -> bool:
    import pandas as pd

    if rules.reviewed not in cohort.people:
        return False
    reviewed = last[rules.reviewed]
    if pd.isna(reviewed):
        return True
    today = pd.Timestamp(cohort.cut_off) if cohort.cut_off else cohort.people[rules.reviewed].max()
    return bool(reviewed < today - pd.DateOffset(months=rules.stale_months))


def _text(value: str | float | None) -> str:
    import pandas as pd

    return "" if pd.isna(value) else str(value)


def _sentences(card: Scorecard) -> list[str]:
    held = card.readings
    said = [
        f"{len(held)} indicators: "
        + ", ".join(f"{sum(r.status == s for r in held)} {s.lower()}" for s in card.statuses)
        + "."
    ]
    worse = [r.name for r in held if r.trend is Trend.WORSE]
    if worse:
        said.append(f"Getting worse: {', '.join(worse)}.")
    for words, names in (
        (f"Not reviewed for {card.stale_months} months", [r.name for r in held if r.stale]),
        ("Not linked to what they serve", [r.name for r in held if r.unlinked]),
        ("Without a target", [r.name for r in held if isnan(r.target)]),
    ):
        if names:
            said.append(f"{words}: {', '.join(names)}.")
    return said
