"""Units beside each other as the entitled readers of a restricted pack may see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pmstats.release.restricted.withholding import withheld
from pmstats.release.table import Column, Kind, RestrictedTable, slug

if TYPE_CHECKING:
    from pmstats.findings.unit_readings import UnitReadings
    from pmstats.scheme import Scheme


def unit_readings_table(readings: UnitReadings, *, scheme: Scheme) -> RestrictedTable:
    """Each unit's share beside the exact limits of chance at its size; small ones not named."""
    minimum = scheme.practice.minimum_group
    sizes = {each.unit: each.n for each in readings.each}
    unnamed = {f"small unit {place}": n for place, n in enumerate(readings.small)}
    hidden = withheld({**sizes, **unnamed}, minimum=minimum)
    shown = [each for each in readings.each if each.unit not in hidden]
    left_out = len(sizes) + len(unnamed) - len(shown)
    return RestrictedTable(
        id=f"units-{slug(readings.heading)}-{slug(readings.framing)}",
        caption=f"{readings.framing} by {readings.heading.lower()}, beside chance",
        columns=(
            Column(name=readings.heading),
            Column(name="n", kind=Kind.COUNT),
            Column(name="People", kind=Kind.COUNT),
            Column(name="Share", kind=Kind.SHARE),
            Column(name="95% from", kind=Kind.SHARE),
            Column(name="95% to", kind=Kind.SHARE),
            Column(name="99.8% from", kind=Kind.SHARE),
            Column(name="99.8% to", kind=Kind.SHARE),
            Column(name="Ratio, given grades", kind=Kind.RATIO),
            Column(name="Low", kind=Kind.RATIO),
            Column(name="High", kind=Kind.RATIO),
            Column(name="Reading"),
        ),
        rows=tuple(
            (
                each.unit,
                each.n,
                each.count,
                each.share,
                *each.inner,
                *each.outer,
                each.standardised.value,
                each.standardised.low,
                each.standardised.high,
                each.position.value,
            )
            for each in shown
        ),
        notes=(
            "In alphabetical order, which is no ranking. Limits are exact: what chance alone gives "
            f"around {100 * readings.share:.1f}% at this n. The ratio is the count over what the "
            "unit's own grades would give at the shares of everyone (indirect standardisation).",
            *(
                [
                    f"{left_out} with fewer than {minimum} people rated, or that subtraction would "
                    "give away with them, are not named."
                ]
                if left_out
                else []
            ),
        ),
    )
