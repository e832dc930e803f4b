"""Findings in words: plain, with n and the limit of what could be seen, and no blame.

The phrases follow the practice of official releases: a difference is a prompt for enquiry,
never a verdict on a decision or a person.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from pmstats.findings.finding import Verdict

if TYPE_CHECKING:
    from pmstats.findings.finding import Finding, Interval

PROMPT = "This is a prompt for enquiry; it does not show that any decision was wrong or unfair."


def percent(share: float) -> str:
    """A share (0 to 1) as a percentage to one decimal place.

    >>> percent(0.0546)
    '5.5%'
    """
    return f"{100 * share:.1f}%"


def times(share: float) -> str:
    """A share (0 to 1) as so many times in so many.

    >>> times(0.95), times(0.9)
    ('19 times in 20', '9 times in 10')
    """
    whole = Fraction(share).limit_denominator(1000)
    return f"{whole.numerator} times in {whole.denominator}"


def points(difference: float) -> str:
    """The size of a difference of shares in percentage points, without its sign.

    >>> points(-0.166)
    '16.6 percentage points'
    """
    return f"{abs(100 * difference):.1f} percentage points"


def capitalised(text: str) -> str:
    """The text with its first letter in upper case and the rest untouched.

    >>> capitalised("women aged SCS1")
    'Women aged SCS1'
    """
    return text[:1].upper() + text[1:]


def whole_scale_brief(finding: Finding, *, people: Mapping[str, str]) -> str:
    """The whole-scale comparison in one line, with n, interval and limit, for a first page.

    Raises `ValueError` for a finding without an effect.
    """
    effect = _effect(finding)
    line = (
        f"{capitalised(people[finding.group])} beside {people[finding.comparator]}: rated higher "
        f"in {percent(effect.value)} of pairs ({_limits(effect)}; "
        f"n = {finding.n_group:,} and {finding.n_comparator:,})."
    )
    if finding.detectable is None:
        return f"{line} {detectable_from(None)}"
    low, high = 0.5 - finding.detectable, 0.5 + finding.detectable
    if finding.verdict is not Verdict.CANNOT_TELL:
        return f"{line} {detectable_from(high, below=low)}"
    return f"{line} Anything between {percent(low)} and {percent(high)} could easily go unseen."


def whole_scale_sentence(
    finding: Finding, *, people: Mapping[str, str], margin: float, widest_of: str = ""
) -> str:
    """Two or three sentences on where two groups stand on the whole scale.

    `people` says what sentences call each group's members ("women"). With `widest_of` the pair
    is introduced as the widest difference among those groups. Raises `ValueError` for a finding
    without an effect.
    """
    effect = _effect(finding)
    opening = f"{capitalised(widest_of)}, the widest difference is this: i" if widest_of else "I"
    size = (
        f"{opening}f one of the {people[finding.group]} (n = {finding.n_group:,}) and one of the "
        f"{people[finding.comparator]} (n = {finding.n_comparator:,}) are picked at random, the "
        f"first is rated higher {percent(effect.value)} of the time, counting ties as half "
        f"({100 * effect.confidence:.4g}% interval {_limits(effect)}; 50% is no difference)."
    )
    limit = _limit(
        finding,
        unseen=lambda smallest: (
            f"anything between {percent(0.5 - smallest)} and {percent(0.5 + smallest)}"
        ),
        null=0.5,
        margin=f"{percent(0.5 - margin)} to {percent(0.5 + margin)}",
    )
    return f"{size} {limit}"


def framing_brief(finding: Finding, *, people: Mapping[str, str]) -> str:
    """The shares of two groups in the same boxes in one line, with what could have been seen.

    Raises `ValueError` for a finding without an effect or without shares.
    """
    return (
        f"{_framing_size(finding, people)} {detectable_from(finding.detectable, shown=in_points)}"
    )


def framing_sentence(finding: Finding, *, people: Mapping[str, str], margin: float) -> str:
    """Two or three sentences on the share of two groups in the same boxes.

    Raises `ValueError` for a finding without an effect or without shares.
    """
    limit = _limit(
        finding,
        unseen=lambda smallest: f"a difference of less than {points(smallest)}",
        null=0.0,
        margin=f"{points(margin)} either way",
    )
    return f"{_framing_size(finding, people)} {limit}"


def detectable_from(
    above: float | None,
    *,
    below: float | None = None,
    shown: Callable[[float], str] = percent,
) -> str:
    """From which size on, up or down, a true difference would be found.

    >>> detectable_from(0.569, below=0.431)
    'Detectable: up to 43.1% or from 56.9%.'
    >>> detectable_from(None)
    'Any difference could go unseen.'
    """
    sides = [
        *([] if below is None else [f"up to {shown(below)}"]),
        *([] if above is None else [f"from {shown(above)}"]),
    ]
    return f"Detectable: {' or '.join(sides)}." if sides else "Any difference could go unseen."


def in_points(difference: float) -> str:
    """The size of a difference in points, for where the word before them was said.

    >>> in_points(-0.166)
    '16.6 points'
    """
    return f"{abs(100 * difference):.1f} points"


def _framing_size(finding: Finding, people: Mapping[str, str]) -> str:
    effect = _effect(finding)
    if finding.share_group is None or finding.share_comparator is None:
        raise ValueError("a framing has the shares of both groups")
    direction = "higher" if effect.value > 0 else "lower"
    compared = (
        f"a difference of {points(effect.value)}, {direction} for the first"
        if effect.value
        else "the same share"
    )
    return (
        f"{finding.question}: {percent(finding.share_group)} of {people[finding.group]} "
        f"(n = {finding.n_group:,}) and {percent(finding.share_comparator)} of "
        f"{people[finding.comparator]} (n = {finding.n_comparator:,}), {compared} "
        f"({100 * effect.confidence:.4g}% interval {signed(effect.low)} to "
        f"{signed_points(effect.high)})."
    )


def signed_points(difference: float) -> str:
    """A difference of shares in points with its sign.

    >>> signed_points(-0.166), signed_points(0.02)
    ('-16.6 points', '+2.0 points')
    """
    return f"{signed(difference)} points"


def signed(difference: float) -> str:
    """A difference of shares in points as a number alone; what rounds to nothing has no sign.

    >>> signed(0.02), signed(-0.0004)
    ('+2.0', '0.0')
    """
    shown = f"{100 * difference:+.1f}"
    return shown[1:] if shown[1:] == "0.0" else shown


def listed(titles: Sequence[str]) -> str:
    """Titles as the beginning of one sentence.

    >>> listed(["Sex", "Working pattern", "LGBO"])
    'Sex, working pattern and LGBO'
    """
    first, *others = titles
    said = [first, *(t[:1].lower() + t[1:] if t[1:2].islower() else t for t in others)]
    return " and ".join([", ".join(said[:-1]), said[-1]]) if others else first


def _limits(effect: Interval) -> str:
    return f"{percent(effect.low)} to {percent(effect.high)}"


def _effect(finding: Finding) -> Interval:
    if finding.effect is None:
        raise ValueError("a comparison in words needs its effect")
    return finding.effect


def _limit(finding: Finding, *, unseen: Callable[[float], str], null: float, margin: str) -> str:
    match finding.verdict:
        case Verdict.GAP:
            return f"The difference stands after allowing for the number of comparisons. {PROMPT}"
        case Verdict.POSSIBLE_GAP if null in _effect(finding):
            return (
                "All groups taken together differ more than chance alone would often make them; "
                f"for these two the interval includes no difference. {PROMPT}"
            )
        case Verdict.POSSIBLE_GAP:
            return (
                "Taken alone this would be unusual by chance; among the comparisons in this pack "
                f"it may be chance. {PROMPT}"
            )
        case Verdict.NO_MATERIAL_GAP:
            return f"Any difference is small: the whole interval lies within {margin}."
        case _:
            seen = (
                "any difference, however large"
                if finding.detectable is None
                else unseen(finding.detectable)
            )
            return (
                "No difference was detected, and that settles little: with these numbers "
                f"{seen} could easily go unseen."
            )
