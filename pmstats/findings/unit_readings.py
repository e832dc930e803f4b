"""Units beside each other: chance at each one's size, its mix of grades, and no ranking."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from pmstats.findings.methods.power import detectable_shares
from pmstats.findings.methods.units import funnel_limits, overdispersion, standardised_ratio
from pmstats.findings.sentences import percent
from pmstats.scheme.words import cited

if TYPE_CHECKING:
    from pmstats.counts.units import Unit, Units
    from pmstats.findings.finding import Interval, TestResult
    from pmstats.scheme import Framing, Scheme

#: How much of chance the inner and the outer limits of a funnel hold (Spiegelhalter 2005).
INNER, OUTER = 0.95, 0.998


class Position(StrEnum):
    """Where a unit's share lies beside what chance gives at its size around the share of all."""

    WITHIN = "within the range of chance"
    EDGE = "at the edge of chance"
    ABOVE = "above the range of chance"
    BELOW = "below the range of chance"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitReading:
    """One unit's share, the exact limits of chance at its size, and its ratio given its grades.

    `standardised` is the count over what the unit's grades would give at the shares of all.
    `detectable` are the true shares that would lie beyond the outer limits: up to the first,
    from the second.
    """

    unit: str
    count: int
    n: int
    share: float
    inner: tuple[float, float]
    outer: tuple[float, float]
    standardised: Interval
    detectable: tuple[float | None, float | None]
    position: Position


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class UnitReadings:
    """Every unit large enough to report in one framing; `small` are the sizes of the others."""

    heading: str
    framing: str
    share: float
    each: tuple[UnitReading, ...]
    small: tuple[int, ...]
    dispersion: TestResult
    sentences: tuple[str, ...]

    def __repr__(self) -> str:
        return f"<UnitReadings by {self.heading.lower()}: {len(self.each)}>"


def unit_readings(units: Units, *, framing: str, scheme: Scheme) -> UnitReadings:
    """Each unit's share in one framing beside the limits of chance (paras 79, 84).

    Units below the scheme's minimum are counted and not named. Raises `KeyError` for a framing
    that the scheme lacks.
    """
    chosen = scheme.framing(framing)
    minimum = scheme.practice.minimum_group
    rated = [each for each in units.rows if each.distribution.n]
    n = sum(each.distribution.n for each in rated)
    count = sum(each.distribution.count(*chosen.ratings) for each in rated)
    share = count / n if n else float("nan")
    standard = _by_grade(units, chosen)
    large = [each for each in rated if each.distribution.n >= minimum]
    found = UnitReadings(
        heading=units.heading,
        framing=framing,
        share=share,
        each=tuple(_reading(each, chosen, share, standard, scheme) for each in large),
        small=tuple(each.distribution.n for each in rated if each not in large),
        dispersion=overdispersion(
            [each.distribution.count(*chosen.ratings) for each in rated],
            [each.distribution.n for each in rated],
        ),
        sentences=(),
    )
    uses = _uses(large) if units.heading == "Department" else ()
    return replace(found, sentences=(*_sentences(found, scheme), *uses))


def _by_grade(units: Units, framing: Framing) -> tuple[float, ...]:
    """The share of everyone, in all units, of each grade."""
    shares = []
    for place in range(len(units.grades)):
        held = [each.by_grade[place] for each in units.rows]
        n = sum(each.n for each in held)
        count = sum(each.count(*framing.ratings) for each in held)
        shares.append(count / n if n else 0.0)
    return tuple(shares)


def _reading(
    unit: Unit, framing: Framing, share: float, standard: tuple[float, ...], scheme: Scheme
) -> UnitReading:
    n, count = unit.distribution.n, unit.distribution.count(*framing.ratings)
    inner = funnel_limits(n, share=share, coverage=INNER)
    outer = funnel_limits(n, share=share, coverage=OUTER)
    return UnitReading(
        unit=unit.name,
        count=count,
        n=n,
        share=count / n,
        inner=inner,
        outer=outer,
        standardised=standardised_ratio(
            count,
            [each.n for each in unit.by_grade],
            standard,
            confidence=scheme.practice.confidence,
        ),
        detectable=detectable_shares(
            n, round(n * outer[0]), round(n * outer[1]), power=scheme.practice.power
        ),
        position=_position(count / n, inner, outer),
    )


def _position(share: float, inner: tuple[float, float], outer: tuple[float, float]) -> Position:
    if share > outer[1]:
        return Position.ABOVE
    if share < outer[0]:
        return Position.BELOW
    return Position.WITHIN if inner[0] <= share <= inner[1] else Position.EDGE


def _sentences(found: UnitReadings, scheme: Scheme) -> list[str]:
    if not found.each and not found.small:
        return ["No unit has anybody rated (n = 0)."]
    beyond = sum(each.position in (Position.ABOVE, Position.BELOW) for each in found.each)
    lines = [
        f"{found.framing}: {percent(found.share)} of everyone rated. Of {len(found.each)} large "
        f"enough to report, by {found.heading.lower()}, {beyond or 'none'} "
        f"{'lie' if beyond > 1 else 'lies'} beyond what chance gives at that size; "
        f"chance alone would put {len(found.each) * (1 - OUTER):.2g} there."
    ]
    if found.small:
        with_others = (
            "; consider whether to moderate with others "
            f"({cited(scheme.moderation.small_panel_paragraph)})"
            if scheme.moderation
            else ""
        )
        lines.append(
            f"{len(found.small)} have fewer than {scheme.practice.minimum_group} people rated and "
            f"are not named{with_others}."
        )
    if found.dispersion.p_value <= scheme.practice.significance:
        lines.append(
            "Together they vary more than chance gives: the limits of the funnel are then too "
            "narrow for a single one, and the question is one of practice everywhere."
        )
    return lines


def _uses(units: list[Unit]) -> Iterator[str]:
    """How differently departments use the boxes, and which box some leave empty; none is named."""
    held = [each.distribution for each in units]
    if len(held) < 2:
        return
    boxes = dict(
        zip(held[0].ratings, zip(*(each.shares for each in held), strict=True), strict=True)
    )
    ranges = [f"{box} {percent(min(s))} to {percent(max(s))}" for box, s in boxes.items()]
    yield (
        f"Departments use the boxes differently: {', '.join(ranges)} of those rated, in "
        f"{len(held)} departments large enough to report. Where a box is used otherwise, a share "
        "beyond chance is a difference of practice before it is one of performance."
    )
    empty = {box: sum(share == 0 for share in shares) for box, shares in boxes.items()}
    if any(empty.values()):
        said = [f"{box} by {count}" for box, count in empty.items() if count]
        yield (
            f"Left empty: {' and '.join(said)} of {len(held)}. Set such departments beside others "
            "by the boxes that both use."
        )
