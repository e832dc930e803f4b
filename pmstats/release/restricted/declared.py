"""Who gave a usable answer on each characteristic, as the entitled readers may see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pmstats.findings.sentences import percent
from pmstats.release.table import Column, Kind, RestrictedTable

if TYPE_CHECKING:
    from pmstats.findings.disparity import Disparities
    from pmstats.scheme import Scheme


def declaration_table(disparities: Disparities, *, scheme: Scheme) -> RestrictedTable:
    """The people of each characteristic by whether they have a usable answer.

    People who chose not to say and people with no answer held are one column here: apart, they
    would single out the few.
    """
    practice = scheme.practice
    rows = []
    for each in disparities.each:
        asked = each.breakdown
        answered = sum(row.distribution.people for row in asked.declared)
        share = asked.declaration_rate if asked.people else None
        rows.append((asked.title, asked.people, answered, share, asked.people - answered))
    return RestrictedTable(
        id="declaration",
        caption="Who has a usable answer",
        columns=(
            Column(name="Characteristic"),
            Column(name="People", kind=Kind.COUNT),
            Column(name="Answered", kind=Kind.COUNT),
            Column(name="Share", kind=Kind.SHARE),
            Column(name="No usable answer", kind=Kind.COUNT),
        ),
        rows=tuple(rows),
        notes=(
            f"A characteristic is broken down where {percent(practice.declaration_gate)} have "
            f"declared an answer ({practice.declaration_gate_source}).",
        ),
    )
