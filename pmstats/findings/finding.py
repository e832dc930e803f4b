"""What a statistic says: an interval, a test result, a finding. Plain values, no arrays."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """The four answers a comparison can give, and the one only a pack gives.

    `GAP`: adjusted evidence of a difference. `POSSIBLE_GAP`: unadjusted evidence only.
    `NO_MATERIAL_GAP`: the whole interval lies inside the equivalence margin.
    `CANNOT_TELL`: neither. `TOO_FEW`: withheld because a group is below the minimum.
    """

    GAP = "gap"
    POSSIBLE_GAP = "possible gap"
    NO_MATERIAL_GAP = "no material gap"
    CANNOT_TELL = "cannot tell"
    TOO_FEW = "too few to report"


#: The verdicts that give reason to ask, the graver first.
FLAGGED = (Verdict.GAP, Verdict.POSSIBLE_GAP)

#: What a comparison over all boxes in their order is called.
WHOLE_SCALE = "Whole scale"


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """An estimate with its confidence limits, and the method that gave them.

    `value` is nan where the data carry no estimate; limits may be infinite.
    """

    value: float
    low: float
    high: float
    method: str
    confidence: float = 0.95

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


@dataclass(frozen=True, slots=True, kw_only=True)
class TestResult:
    """A two-sided p-value and how it was found.

    `method` names the test and whether it is exact; `simulation_error` is the Monte Carlo
    standard error of `p_value`, None when the value is exact. `p_value` is nan where the
    table leaves nothing to test (one group, one box).
    """

    __test__ = False  # not a test class for pytest

    p_value: float
    method: str
    statistic: float = float("nan")
    simulation_error: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One comparison of a group with its comparator: everything a reader needs, together.

    Shares are 0 to 1 and None for the whole scale, where `effect` is the probability of
    superiority (0.5 means no difference). For a framing `effect` is the difference of shares.
    `detectable` is the smallest difference this many people would show with the scheme's
    power, None when no difference could be shown. `flips_with` is the smallest number of
    people whose different rating would change the verdict's evidence (None: not computed).
    """

    characteristic: str
    question: str
    group: str
    comparator: str
    n_group: int
    n_comparator: int
    verdict: Verdict
    method: str
    paragraph: str
    sentence: str
    brief: str = ""
    margin: float | None = None
    share_group: float | None = None
    share_comparator: float | None = None
    effect: Interval | None = None
    ratio: Interval | None = None
    detectable: float | None = None
    p_value: float | None = None
    adjusted_p: float | None = None
    p_method: str = ""
    primary: bool = False
    flips_with: int | None = None
