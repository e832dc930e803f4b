"""Proportional odds on grouped counts: one row per covariate pattern, whatever the people.

logit P(box j or worse) = threshold j - design x coefficients: a positive coefficient means
better ratings. Fitted by Newton's method on the exact second derivatives (McCullagh 1980),
so 500,000 people cost what their distinct patterns cost. Where boxes separate perfectly and
the likelihood has no maximum, Jeffreys' penalty (Firth 1993) is added and the fit says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, inf, isnan, nan

import numpy as np
from scipy.special import expit, gammaincc, logit

from pmstats.findings.finding import Interval, TestResult
from pmstats.findings.methods.exact import Floats
from pmstats.findings.methods.intervals import normal_quantile

#: Newton steps before a likelihood is taken to have no maximum, and penalised ones.
STEPS, PENALISED_STEPS = 40, 200

#: A standard error no finite maximum gives on factors coded 0 and 1.
RUNAWAY_ERROR = 30.0

#: A curvature this small is no maximum but a slope that flattens out for ever.
FLAT = 1e-7

TOLERANCE = 1e-10

#: A penalised likelihood that gains less of itself is at its maximum, as far as can be told.
RESOLUTION = 1e-15

#: A share no smaller than this can be squared.
LEAST_SHARE = 1e-150

#: Step for the numerical slope of the penalty.
NUDGE = 1e-5


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdinalFit:
    """Coefficients on the log odds scale with standard errors, and how they were found.

    `coefficients` are in the order of `names`; `thresholds` one per cut between used boxes.
    Estimates are nan when `method` starts "nothing to fit".
    """

    names: tuple[str, ...]
    coefficients: tuple[float, ...]
    standard_errors: tuple[float, ...]
    thresholds: tuple[float, ...]
    threshold_errors: tuple[float, ...]
    log_likelihood: float
    n: int
    penalised: bool
    method: str

    def odds_ratio(self, name: str, *, confidence: float = 0.95) -> Interval:
        """The odds ratio of better ratings for one column of the design, with Wald limits."""
        place = self.names.index(name)
        value, reach = self.coefficients[place], self.standard_errors[place]
        reach *= normal_quantile(confidence)
        if isnan(value):
            return Interval(value=nan, low=0.0, high=inf, method=self.method, confidence=confidence)
        return Interval(
            value=_exp(value),
            low=_exp(value - reach),
            high=_exp(value + reach),
            method=self.method,
            confidence=confidence,
        )


def proportional_odds(
    counts: Sequence[Sequence[int]] | Floats,
    design: Sequence[Sequence[float]] | Floats,
    *,
    names: Sequence[str],
    penalise: bool = False,
) -> OrdinalFit:
    """One common odds ratio per column of the design, over every cut of the scale.

    `counts` is patterns x boxes, worst first; `design` patterns x columns (0 and 1 for
    factors, without a column for the reference level). Two boxes give logistic regression.
    `penalise` asks for Firth's penalty even where a plain maximum exists.
    """
    table, columns = np.asarray(counts, dtype=float), np.asarray(design, dtype=float)
    return _fit(table, columns, tuple(names), penalise=penalise)


def odds_ratios_by_cut(
    counts: Sequence[Sequence[int]], design: Sequence[Sequence[float]], *, names: Sequence[str]
) -> tuple[OrdinalFit, ...]:
    """A separate fit at each cut, worst first: what the common odds ratio averages over.

    Empty where fewer than two boxes are used.
    """
    table, columns = _used_boxes(np.asarray(counts, dtype=float)), np.asarray(design, dtype=float)
    if table.shape[1] < 2:
        return ()
    cumulative = np.cumsum(table, axis=1)
    people = cumulative[:, -1]
    return tuple(
        _fit(np.column_stack([below, people - below]), columns, tuple(names))
        for below in cumulative[:, :-1].T
    )


def proportional_odds_test(
    counts: Sequence[Sequence[int]],
    design: Sequence[Sequence[float]],
    *,
    freed: Sequence[int] | None = None,
) -> TestResult:
    """Whether one odds ratio holds at every cut: likelihood ratio against one for each.

    `freed` are the places of the columns asked about, all of them if none are named; the others
    keep one odds ratio in both models.
    """
    table, columns = _used_boxes(np.asarray(counts, dtype=float)), np.asarray(design, dtype=float)
    cuts, width = table.shape[1] - 1, columns.shape[1]
    if cuts < 2 or _undetermined(table, columns):
        return TestResult(p_value=nan, method="nothing to test: fewer than two cuts, or no groups")
    asked = list(range(width)) if freed is None else list(freed)
    shared = [place for place in range(width) if place not in asked]
    common = _maximised(table, _common_design(columns[:, shared + asked], cuts))
    first = cuts + len(shared)
    free = np.zeros((len(columns), cuts, first + cuts * len(asked)))
    free[:, :, :first] = _common_design(columns[:, shared], cuts)
    for cut in range(cuts):
        own = first + cut * len(asked)
        free[:, cut, own : own + len(asked)] = -columns[:, asked]
    start = np.concatenate([common.parameters[:first], np.tile(common.parameters[first:], cuts)])
    separate = _maximised(table, free, start)
    if not separate.reached:
        return TestResult(p_value=nan, method="nothing to test: a cut separates the groups")
    freedom = (cuts - 1) * len(asked)
    statistic = max(0.0, 2 * (separate.log_likelihood - common.log_likelihood))
    return TestResult(
        p_value=float(gammaincc(freedom / 2, statistic / 2)),
        statistic=statistic,
        method=f"likelihood ratio test of proportional odds, {freedom} degrees of freedom",
    )


def likelihood_ratio_test(full: OrdinalFit, reduced: OrdinalFit) -> TestResult:
    """Whether the columns a smaller model leaves out matter; both fitted to the same people."""
    freedom = len(full.names) - len(reduced.names)
    if freedom < 1 or full.penalised or reduced.penalised or np.isnan(full.log_likelihood):
        return TestResult(p_value=nan, method="nothing to test: no plain likelihood to compare")
    statistic = max(0.0, 2 * (full.log_likelihood - reduced.log_likelihood))
    return TestResult(
        p_value=float(gammaincc(freedom / 2, statistic / 2)),
        statistic=statistic,
        method=f"likelihood ratio test, {freedom} degrees of freedom",
    )


@dataclass(frozen=True, slots=True)
class _Maximum:
    parameters: Floats
    covariance: Floats
    log_likelihood: float
    reached: bool


def _fit(
    counts: Floats, columns: Floats, names: tuple[str, ...], *, penalise: bool = False
) -> OrdinalFit:
    table = _used_boxes(counts)
    cuts = max(0, table.shape[1] - 1)
    if cuts == 0 or _undetermined(table, columns):
        why = "everyone is in one box" if cuts == 0 else "the columns cannot be told apart"
        unknown = (nan,) * len(names)
        return OrdinalFit(
            names=names,
            coefficients=unknown,
            standard_errors=unknown,
            thresholds=(nan,) * cuts,
            threshold_errors=(nan,) * cuts,
            log_likelihood=nan,
            n=int(table.sum()),
            penalised=False,
            method=f"nothing to fit: {why}",
        )
    design = _common_design(columns, cuts)
    found = _maximised(table, design)
    separated = not found.reached
    if separated or penalise:
        found = _penalised(table, design)
    why = ", penalised (Firth)" if separated or penalise else ", maximum likelihood"
    why += " because the boxes separate the groups" if separated else ""
    errors = np.sqrt(np.diag(found.covariance))
    return OrdinalFit(
        names=names,
        coefficients=tuple(found.parameters[cuts:].tolist()),
        standard_errors=tuple(errors[cuts:].tolist()),
        thresholds=tuple(found.parameters[:cuts].tolist()),
        threshold_errors=tuple(errors[:cuts].tolist()),
        log_likelihood=found.log_likelihood,
        n=int(table.sum()),
        penalised=separated or penalise,
        method=f"proportional odds{why}",
    )


def _maximised(table: Floats, design: Floats, start: Floats | None = None) -> _Maximum:
    """Newton's method, a step halved until it gains; `reached` is False under separation."""
    parameters = _thresholds_only(table, design) if start is None else start
    value, slope, information = _likelihood(table, design, parameters)
    settled = False
    for _ in range(STEPS):
        step = np.linalg.lstsq(information, slope, rcond=None)[0]
        gain = float(slope @ step)
        for _ in range(30):
            candidate = _likelihood(table, design, parameters + step)
            if candidate[0] >= value - TOLERANCE:
                break
            step = step / 2
        parameters = parameters + step
        value, slope, information = candidate
        if abs(gain) < TOLERANCE**1.5:
            settled = True
            break
    curved = bool(np.linalg.eigvalsh(information).min() > FLAT)
    covariance = np.asarray(np.linalg.pinv(information), dtype=float)
    errors = np.diag(covariance)
    sound = curved and bool((errors > 0).all() and (errors < RUNAWAY_ERROR**2).all())
    return _Maximum(parameters, covariance, value, settled and sound)


def _penalised(table: Floats, design: Floats) -> _Maximum:
    """The maximum of the likelihood with Jeffreys' penalty, by scoring with halved steps."""

    def objective(parameters: Floats) -> float:
        penalty = np.linalg.slogdet(_expected_information(table, design, parameters))
        if penalty[0] <= 0:
            return -np.inf
        return _likelihood(table, design, parameters)[0] + float(penalty[1]) / 2

    def penalty_slope(parameters: Floats) -> Floats:
        nudges = np.eye(parameters.size) * NUDGE
        values = [
            np.linalg.slogdet(_expected_information(table, design, parameters + sign * nudge))[1]
            for nudge in nudges
            for sign in (1, -1)
        ]
        return np.asarray((np.array(values[::2]) - np.array(values[1::2])) / (4 * NUDGE))

    parameters = _thresholds_only(table, design)
    value = objective(parameters)
    for _ in range(PENALISED_STEPS):
        slope = _likelihood(table, design, parameters)[1] + penalty_slope(parameters)
        step = np.linalg.solve(_expected_information(table, design, parameters), slope)
        gain = float(slope @ step)
        for _ in range(30):
            candidate = objective(parameters + step)
            if candidate >= value - TOLERANCE:
                break
            step = step / 2
        gained = candidate - value
        parameters, value = parameters + step, candidate
        if abs(gain) < TOLERANCE**1.5 or gained <= RESOLUTION * abs(value):
            break
    covariance = np.asarray(np.linalg.inv(_expected_information(table, design, parameters)))
    return _Maximum(parameters, covariance, value, True)


def _likelihood(table: Floats, design: Floats, parameters: Floats) -> tuple[float, Floats, Floats]:
    """The log likelihood, its slope and its observed information."""
    points = design @ parameters
    shares, density = _shares(points)
    if (shares[table > 0] <= 0).any():
        return -np.inf, parameters * nan, np.eye(parameters.size)
    shares = np.maximum(shares, LEAST_SHARE)
    value = float((table * np.log(shares)).sum())
    ratio, curvature = table / shares, table / shares**2
    change = ratio[:, :-1] - ratio[:, 1:]
    diagonal = density * (1 - 2 * expit(points)) * change
    diagonal -= density**2 * (curvature[:, :-1] + curvature[:, 1:])
    beside = density[:, :-1] * density[:, 1:] * curvature[:, 1:-1]
    slope = np.einsum("pcm,pc->m", design, density * change)
    return value, slope, -_assembled(design, diagonal, beside)


def _expected_information(table: Floats, design: Floats, parameters: Floats) -> Floats:
    shares, density = _shares(design @ parameters)
    weight = table.sum(axis=1, keepdims=True) / np.maximum(shares, LEAST_SHARE)
    diagonal = density**2 * (weight[:, :-1] + weight[:, 1:])
    return _assembled(design, diagonal, -density[:, :-1] * density[:, 1:] * weight[:, 1:-1])


def _shares(points: Floats) -> tuple[Floats, Floats]:
    """Each pattern's share in each box, and the logistic density at each cut.

    The share between two cuts is written so that it keeps its digits in both tails.
    """
    low, high = points[:, :-1], points[:, 1:]
    inner = expit(high) * expit(-low) * -np.expm1(np.minimum(low - high, 700.0))
    ends = expit(points[:, :1]), expit(-points[:, -1:])
    return np.hstack([ends[0], inner, ends[1]]), expit(points) * expit(-points)


def _assembled(design: Floats, diagonal: Floats, beside: Floats) -> Floats:
    """Sum over patterns of design' x tridiagonal x design."""
    weighted = diagonal[..., np.newaxis] * design
    weighted[:, :-1] += beside[..., np.newaxis] * design[:, 1:]
    weighted[:, 1:] += beside[..., np.newaxis] * design[:, :-1]
    width = design.shape[2]
    return np.asarray(design.reshape(-1, width).T @ weighted.reshape(-1, width))


def _common_design(columns: Floats, cuts: int) -> Floats:
    """Patterns x cuts x parameters: each cut's own threshold, then the shared columns."""
    patterns = len(columns)
    thresholds = np.broadcast_to(np.eye(cuts), (patterns, cuts, cuts))
    shared = np.broadcast_to(-columns[:, np.newaxis, :], (patterns, cuts, columns.shape[1]))
    return np.concatenate([thresholds, shared], axis=2)


def _thresholds_only(table: Floats, design: Floats) -> Floats:
    start = np.zeros(design.shape[2])
    totals = table.sum(axis=0)
    cuts = table.shape[1] - 1
    start[:cuts] = logit(np.cumsum(totals)[:-1] / totals.sum())
    return start


def _used_boxes(counts: Floats) -> Floats:
    return np.asarray(counts[:, counts.sum(axis=0) > 0])


def _undetermined(table: Floats, columns: Floats) -> bool:
    """Whether the people there are cannot tell the columns apart from each other."""
    present = columns[table.sum(axis=1) > 0]
    width = columns.shape[1]
    with_intercept = np.column_stack([np.ones(len(present)), present])
    return not len(present) or int(np.linalg.matrix_rank(with_intercept)) < width + 1


def _exp(value: float) -> float:
    return exp(min(value, 700.0))
