"""The one sentence above each chart: what its table comes to, with nobody ranked or named."""

from __future__ import annotations

from dataclasses import replace
from math import isnan
from typing import TYPE_CHECKING

from pmstats.findings.finding import Verdict
from pmstats.findings.panels import PanelReading
from pmstats.findings.sentences import percent
from pmstats.report.wording import counted

if TYPE_CHECKING:
    from pmstats.release.table import RestrictedTable
    from pmstats.report.charts.chart import Funnel
    from pmstats.scheme import Scheme


#: Sizes of a single comparison.
PAIR = 2


def primary(table: RestrictedTable) -> str:
    """What the primary comparisons of a pack come to."""
    gaps = table.column("Verdict").count(Verdict.GAP)
    return (
        f"{gaps or 'None'} of {counted(len(table.rows), 'characteristic')} compared "
        f"{'show' if gaps > 1 else 'shows'} a gap in who is rated higher ({_people(table)})."
    )


def compared(table: RestrictedTable, *, title: str, scheme: Scheme) -> str:
    """What the comparisons of shares of one characteristic come to."""
    framings = {framing.name for framing in scheme.framings}
    shares = replace(table, rows=tuple(row for row in table.rows if row[1] in framings))
    verdicts = shares.column("Verdict")
    if len({row[0] for row in shares.rows}) == 1:
        said = "; ".join(f"{row[-1]} in {row[1]}" for row in shares.rows)
        return f"{title}: {said} ({_people(shares)})."
    found = [
        counted(verdicts.count(kind), str(kind))
        for kind in (Verdict.GAP, Verdict.POSSIBLE_GAP)
        if kind in verdicts
    ]
    return (
        f"{title}: {' and '.join(found) or 'no gap'} among "
        f"{counted(len(verdicts), 'comparison')} of two shares ({_people(shares)})."
    )


def _people(table: RestrictedTable) -> str:
    """The numbers of people on both sides of a table of comparisons."""
    held = [n for row in table.rows for n in row[2:4] if isinstance(n, int)]
    if len(set(held)) > PAIR:
        return f"n from {min(held):,} to {max(held):,}"
    return f"n = {' and '.join(f'{n:,}' for n in held[:PAIR]) or 0}"


def spread(table: RestrictedTable, *, box: str) -> str:
    """Between which shares the groups of a table lie, without saying which is which."""
    pairs = zip(table.column("Rated (n)"), table.column(box), strict=True)
    held = [(n, share) for n, share in pairs if isinstance(n, int) and isinstance(share, float)]
    if not held:
        return f"{table.caption}: too few people to report."
    sizes, shares = zip(*held, strict=True)
    return (
        f"{table.caption}: {box} holds {_range([percent(share) for share in sorted(shares)])} "
        f"(n from {min(sizes):,} to {max(sizes):,})."
    )


def at_or_above(table: RestrictedTable) -> str:
    """The shares at each box or above, best box first."""
    rows = zip(table.column(table.columns[0].name), *_counts_and_shares(table), strict=True)
    held = [(label, n, share) for label, n, share in rows if share and n]
    if not held:
        return "Nothing is rated (n = 0)."
    _, count, part = held[-1]
    said = ", ".join(f"{percent(share)} are at {label}" for label, _, share in held)
    return f"Of {round(count / part):,} rated, {said}."


def _counts_and_shares(table: RestrictedTable) -> tuple[list[float], list[float]]:
    """A table's second column and its shares as numbers, 0 where there is none."""
    return (
        [n if isinstance(n, int) else 0 for n in table.column(table.columns[1].name)],
        [
            share if isinstance(share, float) and not isnan(share) else 0.0
            for share in table.column("Share")
        ],
    )


def declared(table: RestrictedTable) -> str:
    """Between which shares the characteristics are answered."""
    shares = [share for share in table.column("Share") if isinstance(share, float)]
    people = max((n for n in table.column("People") if isinstance(n, int)), default=0)
    answered = _range([percent(share) for share in sorted(shares)]) if shares else "none"
    return f"Of {people:,} people, {answered} have a usable answer, by characteristic."


def moved(table: RestrictedTable, *, boxes: tuple[str, ...]) -> str:
    """How many people a step raised and lowered; `boxes` from best to worst."""
    rows = [row[1:-1] for row in table.rows if row[0] in boxes]
    cells = [
        (before, after, count)
        for before, row in enumerate(rows)
        for after, count in enumerate(row)
        if isinstance(count, int)
    ]
    if not cells:
        return f"{table.caption}: too few people to report."
    step = table.caption.replace(" (rows)", "").replace(" (columns)", "")
    raised = sum(count for before, after, count in cells if after < before)
    lowered = sum(count for before, after, count in cells if after > before)
    n = sum(count for _, _, count in cells)
    return f"{step}: of {n:,} people {raised:,} stand higher and {lowered:,} lower."


def beyond(chart: Funnel) -> str:
    """How many units lie outside what chance gives 499 times in 500."""
    limits = {limit.n: limit for limit in chart.limits}
    outside = sum(
        not limits[unit.n].lowest <= unit.share <= limits[unit.n].highest for unit in chart.units
    )
    return (
        f"{chart.box}: {outside or 'none'} of {counted(len(chart.units), 'business unit')} "
        f"{'lie' if outside > 1 else 'lies'} outside what chance gives 499 times in 500; smaller "
        "units vary more."
    )


def of_the_year(table: RestrictedTable, *, scheme: Scheme) -> str:
    """What a table of the year around the ratings comes to; empty for any other table."""
    if table.id.endswith("-verdicts"):
        return verdicts(table)
    if table.id == "panels":
        return panels(table)
    if table.id.startswith("completion-by-"):
        return rated(table)
    if table.id == "quarters":
        expected = [share.rating for share in scheme.curve.shares] if scheme.curve else []
        return spread(table, box=(*expected, scheme.best_first[0])[0])
    return ""


def verdicts(table: RestrictedTable) -> str:
    """What one comparison for each characteristic comes to, in the words of the caption."""
    said = table.column("Verdict")
    gaps = said.count(Verdict.GAP)
    compared = len(said) - said.count("not compared")
    what = table.caption.partition(":")[0]
    return (
        f"{what}: of {counted(compared, 'characteristic')} compared, {gaps or 'none'} "
        f"{'show' if gaps > 1 else 'shows'} a gap."
    )


def panels(table: RestrictedTable) -> str:
    """How many panels lowered more than the others, without saying which."""
    readings = [word for word in table.column("Reading") if word]
    more = readings.count(PanelReading.MORE)
    sizes = [n for n in table.column("n") if isinstance(n, int)]
    if not sizes:
        return "Panels: too few people to report."
    return (
        f"Of {counted(len(readings), 'panel')}, {more or 'none'} lowered more than the others from "
        f"the same boxes, beyond chance (n from {min(sizes):,} to {max(sizes):,})."
    )


def rated(table: RestrictedTable) -> str:
    """Between which shares of those due were rated, over groups and quarters."""
    shares = sorted(cell for row in table.rows for cell in row[1:] if isinstance(cell, float))
    by = table.columns[0].name.lower()
    if not shares:
        return f"Rated, of those due, by {by}: too few people to report."
    span = _range([percent(each) for each in shares])
    return f"Of those due, {span} were rated, by {by}. {table.notes[0]}"


def _range(shown: list[str]) -> str:
    first, last = shown[0], shown[-1]
    return first if first == last else f"{first} to {last}"
