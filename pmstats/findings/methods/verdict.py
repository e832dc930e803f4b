"""What a comparison comes to: one of four words, from its p-values, interval and margin."""

from __future__ import annotations

from math import isnan

from pmstats.findings.finding import Interval, Verdict

#: Slack for comparing limits with the margin: 0.1 computed two ways is one number.
SLACK = 1e-12


def verdict(
    *,
    p_value: float,
    adjusted_p: float,
    interval: Interval,
    null: float,
    margin: float,
    significance: float,
) -> Verdict:
    """The verdict on a comparison; nan p-values are no evidence.

    No material gap: the whole interval lies within `margin` of `null`, whatever p says, since
    a difference shown to be small is not a gap. Gap: adjusted p at or below `significance`,
    and an interval that excludes `null`. Possible gap: either of p or the interval alone says
    so. Otherwise cannot tell. A page therefore never prints "gap" beside an interval
    that includes no difference, nor "cannot tell" beside one that excludes it.

    >>> verdict(p_value=0.01, adjusted_p=0.2, null=0.0, margin=0.1, significance=0.05,
    ...         interval=Interval(value=0.2, low=0.02, high=0.37, method="Newcombe")).value
    'possible gap'
    """
    if isnan(interval.value):
        return Verdict.CANNOT_TELL
    if null - margin - SLACK <= interval.low and interval.high <= null + margin + SLACK:
        return Verdict.NO_MATERIAL_GAP
    excluded = null not in interval
    if adjusted_p <= significance and excluded:
        return Verdict.GAP
    if p_value <= significance or excluded:
        return Verdict.POSSIBLE_GAP
    return Verdict.CANNOT_TELL
