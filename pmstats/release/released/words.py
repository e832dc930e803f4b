"""The words a release says of true counts, worked out for any table: the true one, or another.

A verdict is one word for many tables. Which tables those are is found by trying: the audit
believes that a word hides a number only when it has a table with another number and that word.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import chdtrc

from pmstats.counts.distribution import Distribution
from pmstats.findings.curve import compare_to_curve
from pmstats.findings.finding import Interval, Verdict
from pmstats.findings.methods.multiplicity import benjamini_hochberg
from pmstats.findings.methods.ordinal import superiority
from pmstats.findings.methods.permutation import permutation_test
from pmstats.findings.methods.verdict import verdict
from pmstats.scheme.release_rules import FindingShown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pmstats.scheme import Scheme

#: How far below the least limit, and above the greatest, an approximate p-value is as good as the
#: true one: of groups of 25 or more it is within a tenth at 0.05 and a third at 0.001.
SMALLER, LARGER = 1 / 100, 2

#: Counts of one group, from the worst box to the best.
Scale = tuple[int, ...]


def verdict_id(characteristic: str) -> str:
    """The id of the fact that holds a characteristic's verdict."""
    return f"{characteristic}/verdict"


def band_id(characteristic: str) -> str:
    """The id of the fact that holds the band of a characteristic's adjusted p."""
    return f"{characteristic}/p-band"


#: What the ids of words about the curve begin with.
CURVE = "curve/"
LARGEST = f"{CURVE}largest"


def share_id(rating: str) -> str:
    """The id of the fact that holds the reading of a rating's expected share."""
    return f"{CURVE}{rating}"


def shown(scheme: Scheme) -> tuple[FindingShown, ...]:
    """What a release under this scheme may say of findings; nothing without release rules."""
    return scheme.release.findings if scheme.release else ()


@lru_cache(maxsize=4096)
def curve_words(overall: Distribution, *, scheme: Scheme) -> dict[str, str]:
    """What the distribution of everyone says beside the expected curve, by fact id."""
    reading = compare_to_curve(overall, scheme=scheme)
    if reading is None or FindingShown.READING not in shown(scheme):
        return {}
    return {
        LARGEST: reading.largest.reading.value,
        **{share_id(each.rating): each.reading.value for each in reading.shares},
    }


def verdict_words(compared: Mapping[str, Sequence[Scale]], *, scheme: Scheme) -> dict[str, str]:
    """The primary verdict of each characteristic and its band of p, by fact id.

    `compared` has the groups of each characteristic, the reference group first; their p-values
    are adjusted together.
    """
    primary = {name: _primary(tuple(groups), scheme) for name, groups in compared.items()}
    adjusted = benjamini_hochberg([p_value for p_value, _ in primary.values()])
    words = {}
    for (name, (p_value, interval)), adjusted_p in zip(primary.items(), adjusted, strict=True):
        if FindingShown.VERDICT in shown(scheme):
            words[verdict_id(name)] = _verdict(p_value, adjusted_p, interval, scheme).value
        if FindingShown.P_BAND in shown(scheme):
            words[band_id(name)] = p_band(
                adjusted_p, limits=scheme.release.p_bands if scheme.release else ()
            )
    return words


def p_band(p_value: float, *, limits: Sequence[float]) -> str:
    """The first limit that a p-value is below, in words.

    >>> p_band(0.03, limits=(0.01, 0.05)), p_band(0.2, limits=(0.01, 0.05))
    ('p below 0.05', 'p 0.05 or more')
    """
    for limit in limits:
        if p_value < limit:
            return f"p below {limit}"
    return f"p {limits[-1]} or more" if limits else ""


@lru_cache(maxsize=4096)
def _primary(groups: tuple[Scale, ...], scheme: Scheme) -> tuple[float, Interval | None]:
    """The p-value of the whole scale over all groups and the widest pair's superiority.

    None for groups under the minimum for a finding: nobody would have made one of them.
    """
    if any(sum(group) < scheme.practice.minimum_group for group in groups):
        return 1.0, None
    reference, *others = groups
    # Bonferroni over the pairs, since the widest of them is the one put forward
    confidence = 1 - (1 - scheme.practice.confidence) / len(others)
    pairs = [superiority(group, reference, confidence=confidence) for group in others]
    widest = max(pairs, key=lambda pair: abs(pair.value - 0.5))
    limits = (scheme.practice.significance, *_bands(scheme))
    return _p_value(groups, (SMALLER * min(limits), LARGER * max(limits))), widest


def _bands(scheme: Scheme) -> tuple[float, ...]:
    banded = scheme.release and FindingShown.P_BAND in scheme.release.findings
    return scheme.release.p_bands if scheme.release and banded else ()


def _p_value(groups: tuple[Scale, ...], near: tuple[float, float]) -> float:
    """The permutation p-value of the whole scale, or its approximation far from every limit.

    For more than two groups the test draws tables, which is slow to do for every table an audit
    tries. Outside `near` the chi-squared value of Kruskal and Wallis gives the same word.
    """
    if len(groups) > 2:
        table = np.array(groups)
        columns, rows = table.sum(axis=0), table.sum(axis=1)
        n = int(columns.sum())
        centred = 2 * np.cumsum(columns) - columns - float(n)
        spread = float(columns @ centred**2)
        if spread > 0:
            statistic = (n - 1) / spread * float(((table @ centred) ** 2 / rows).sum())
            approximate = float(chdtrc(len(groups) - 1, statistic))
            if not near[0] < approximate < near[1]:
                return approximate
    return permutation_test(groups).p_value


def _verdict(
    p_value: float, adjusted_p: float, interval: Interval | None, scheme: Scheme
) -> Verdict:
    if interval is None:
        return Verdict.TOO_FEW
    return verdict(
        p_value=p_value,
        adjusted_p=adjusted_p,
        interval=interval,
        null=0.5,
        margin=scheme.practice.margin_superiority,
        significance=scheme.practice.significance,
    )
