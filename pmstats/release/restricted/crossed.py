"""Two groupings at once, as the readers of a pack may see them: grade mixes and pairs of groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pmstats.counts.crossed import merged
from pmstats.release.restricted.withholding import withheld
from pmstats.release.table import TOO_FEW, Column, Kind, RestrictedTable

if TYPE_CHECKING:
    from pmstats.counts.crossed import Crossed
    from pmstats.findings.crossing import Crossing
    from pmstats.release.table import Value
    from pmstats.scheme import Scheme


def mix_table(mix: Crossed, *, scheme: Scheme) -> RestrictedTable:
    """The share of each grade in each group; groups and cells below the minimum do not show.

    Neighbouring grades are taken together until no cell is that small: no row of one group at
    one grade is a handful of people.
    """
    minimum = scheme.practice.minimum_group
    sizes = dict(zip(mix.rows, map(sum, mix.people), strict=True))
    hidden = withheld(sizes, minimum=minimum)
    shown = [row for name, row in zip(mix.rows, mix.people, strict=True) if name not in hidden]
    parts = merged(shown, minimum=minimum)
    rows: list[tuple[Value, ...]] = []
    for name, people in zip(mix.rows, mix.people, strict=True):
        if name in hidden:
            rows.append((name, TOO_FEW, *([None] * len(parts))))
            continue
        counts = [sum(people[place] for place in part) for part in parts]
        rows.append((name, sizes[name], *(count / sizes[name] for count in counts)))
    note = f"Neighbours are taken together where fewer than {minimum} people would stand alone."
    return RestrictedTable(
        id=f"{mix.names[0]}-mix",
        caption=f"{mix.titles[1]}s by {mix.titles[0].lower()}",
        question=f"{mix.titles[1]}s",
        by=mix.titles[0].lower(),
        columns=(
            Column(name=mix.titles[0]),
            Column(name="Rated (n)", kind=Kind.COUNT),
            *(Column(name=_joined(mix.columns, part), kind=Kind.SHARE) for part in parts),
        ),
        rows=tuple(rows),
        notes=(note,) if any(len(part) > 1 for part in parts) else (),
    )


def _joined(names: tuple[str, ...], part: tuple[int, ...]) -> str:
    first, last = names[part[0]], names[part[-1]]
    return first if first == last else f"{first}-{last}"


def crossing_table(crossing: Crossing) -> RestrictedTable:
    """The share in the framing for each pair of groups, as counted and drawn towards all."""
    one, other = crossing.titles
    return RestrictedTable(
        id=f"{'-'.join(crossing.names)}-together",
        caption=f"{one} and {other.lower()} together: {crossing.framing.lower()}",
        columns=(
            Column(name=f"{one} and {other.lower()}"),
            Column(name="n", kind=Kind.COUNT),
            Column(name="As counted", kind=Kind.SHARE),
            Column(name="Share", kind=Kind.SHARE),
            Column(name="Low", kind=Kind.SHARE),
            Column(name="High", kind=Kind.SHARE),
        ),
        rows=tuple(
            (
                ", ".join(cell.groups),
                cell.n,
                cell.counted,
                cell.share.value,
                cell.share.low,
                cell.share.high,
            )
            for cell in crossing.cells
        ),
        notes=(
            "Shares are drawn towards that of all, the more so the fewer people a pair of groups "
            "has (beta-binomial). They are for looking at: no pair of groups is tested.",
        ),
    )
