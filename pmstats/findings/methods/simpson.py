"""The sentence that says when a comparison changes once grade or unit is taken into account."""

from __future__ import annotations

from pmstats.findings.finding import Interval, Verdict

#: A difference that moves by less than this share of itself is much the same.
MUCH_THE_SAME = 0.2


def simpson_sentence(
    *,
    crude: Interval,
    adjusted: Interval,
    crude_verdict: Verdict,
    adjusted_verdict: Verdict,
    null: float,
    stratum: str = "grade",
) -> str:
    """One sentence when crude and adjusted disagree in direction or verdict, else nothing.

    >>> simpson_sentence(crude=Interval(value=-0.1, low=-0.2, high=0.0, method=""),
    ...     adjusted=Interval(value=0.05, low=-0.1, high=0.2, method=""), null=0.0,
    ...     crude_verdict=Verdict.POSSIBLE_GAP, adjusted_verdict=Verdict.CANNOT_TELL)[:50]
    'The direction reverses within grade: the groups di'
    """
    if (crude.value - null) * (adjusted.value - null) < 0:
        return (
            f"The direction reverses within {stratum}: the groups differ in their mix of "
            f"{stratum}s, and the overall figure ({crude_verdict}) should not be read without "
            f"the figure within {stratum} ({adjusted_verdict})."
        )
    if crude_verdict == adjusted_verdict:
        return ""
    answers = (
        f"Overall the answer is \N{LEFT DOUBLE QUOTATION MARK}{crude_verdict}"
        f"\N{RIGHT DOUBLE QUOTATION MARK}, within {stratum} it is "
        f"\N{LEFT DOUBLE QUOTATION MARK}{adjusted_verdict}\N{RIGHT DOUBLE QUOTATION MARK}"
    )
    if abs(adjusted.value - crude.value) < MUCH_THE_SAME * abs(crude.value - null):
        return (
            f"{answers}, though the difference is much the same: the evidence lies close to the "
            "line between the two."
        )
    return (
        f"{answers}: part of the difference goes with the mix of {stratum}s, which may itself be "
        "an outcome."
    )
