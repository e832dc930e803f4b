"""The page of a pack: one self-contained HTML file, readable offline, printed well."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pmstats.findings.finding import Verdict
from pmstats.release.restricted.bundle import RestrictedPack
from pmstats.release.restricted.comparisons import THE_FIRST
from pmstats.report.charts import titles
from pmstats.report.charts.choice import chart_of, funnel, whole_scale
from pmstats.report.charts.plot import key_marks
from pmstats.report.environment import environment, style
from pmstats.report.wording import refuse_blame, words_of

if TYPE_CHECKING:
    from pmstats.release.restricted.bundle import Section
    from pmstats.release.table import RestrictedTable
    from pmstats.report.charts.chart import Chart
    from pmstats.scheme import Scheme

#: The answers of the scorecard in the order the first page gives them.
ANSWERS = (*(kind for kind in Verdict if kind is not Verdict.TOO_FEW), "not compared")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What a page shows of one table: its charts with the table behind them, or the table."""

    table: RestrictedTable
    charts: tuple[Chart, ...] = ()
    open: bool = False


def page(pack: RestrictedPack, *, scheme: Scheme) -> str:
    """The pack as one HTML page with no outside address; the same pack gives the same bytes.

    Raises `SchemeError` for words that may not stand in a pack.
    """
    from markupsafe import Markup

    if not isinstance(pack, RestrictedPack):
        raise TypeError(f"page() prints a RestrictedPack, not {type(pack).__name__}")
    opening, parts = _shown(pack, scheme)
    refuse_blame((*words_of(pack), *(chart.finding for chart in _drawn(opening, parts))))
    said = dict.fromkeys((opening.table.notes,), opening.table.caption) if opening else {}
    parts = {id: tuple(_once(part, said) for part in held) for id, held in parts.items()}
    return (
        environment()
        .get_template("pack.html.j2")
        .render(
            pack=pack,
            css=style(),
            summary=_summary(pack),
            opening=opening,
            note=_note(pack, scheme, paired=opening is not None),
            key_marks=Markup(key_marks()),
            parts=parts,
        )
    )


def _once(part: Part, said: dict[tuple[str, ...], str]) -> Part:
    """The part, its notes said where they first stand: a reader meets each of them once."""
    table = part.table
    first = said.setdefault(table.notes, table.caption) if table.notes else table.caption
    if first == table.caption:
        return part
    return replace(part, table=replace(table, notes=(f"Notes as under “{first}”.",)))


def charts(pack: RestrictedPack, *, scheme: Scheme) -> tuple[Chart, ...]:
    """Every chart of the page, in the order it shows them."""
    return _drawn(*_shown(pack, scheme))


def _shown(pack: RestrictedPack, scheme: Scheme) -> tuple[Part | None, dict[str, tuple[Part, ...]]]:
    """The picture of the first page, where there is one, and the parts of each section."""
    return _opening(pack), {section.id: _parts(section, pack, scheme) for section in pack.sections}


def _drawn(opening: Part | None, parts: dict[str, tuple[Part, ...]]) -> tuple[Chart, ...]:
    shown = [opening, *(part for held in parts.values() for part in held)]
    return tuple(chart for part in shown if part for chart in part.charts)


def _parts(section: Section, pack: RestrictedPack, scheme: Scheme) -> tuple[Part, ...]:
    """The section's tables, each with the charts made from it."""
    return tuple(
        Part(
            table=table,
            charts=_charts(table, section, pack, scheme),
            open=table.id == "distribution",
        )
        for table in section.tables
    )


def _charts(
    table: RestrictedTable, section: Section, pack: RestrictedPack, scheme: Scheme
) -> tuple[Chart, ...]:
    drawn = [chart_of(table, scheme=scheme, finding=_title(table, section, scheme))]
    if table.id == "by-business-unit" and scheme.curve:
        drawn += [_funnel(table, pack, each.rating) for each in scheme.curve.shares]
    return tuple(chart for chart in drawn if chart)


def _title(table: RestrictedTable, section: Section, scheme: Scheme) -> str:
    """The finding above the chart of a table; empty for a table whose caption says it."""
    if table.id in (f"{section.id}-ratings", "distribution"):
        return section.sentences[0]
    if table.id in (f"{section.id}-detail", f"{section.id}-mix"):
        return titles.spread(table, box=table.columns[2].name)
    if section.id == "together":
        return section.sentences[section.tables.index(table) + 1]
    if table.id == f"{section.id}-comparisons":
        return titles.compared(table, title=section.title, scheme=scheme)
    if table.id in ("by-grade", "by-business-unit"):
        expected = [share.rating for share in scheme.curve.shares] if scheme.curve else []
        return titles.spread(table, box=(*expected, scheme.best_first[0])[0])
    plain = {"cumulative": titles.at_or_above, "declaration": titles.declared}
    return plain[table.id](table) if table.id in plain else ""


def _funnel(table: RestrictedTable, pack: RestrictedPack, box: str) -> Chart | None:
    rows = {row[0]: row for row in pack.section("distribution").tables[0].rows}
    share = rows[box][2]
    return funnel(table, box=box, share=share if isinstance(share, float) else 0.0)


def _opening(pack: RestrictedPack) -> Part | None:
    """The one picture of the first page: the primary comparison of each characteristic."""
    firsts = [
        (section.title, table)
        for section in pack.sections
        for table in section.tables
        if table.id == f"{section.id}-comparisons" and table.rows
    ]
    if not firsts:
        return None
    table = replace(
        firsts[0][1],
        id="opening",
        caption="The primary comparison of each characteristic",
        notes=tuple(note.removesuffix(THE_FIRST) for note in firsts[0][1].notes),
        rows=tuple((f"{title}: {table.rows[0][0]}", *table.rows[0][1:]) for title, table in firsts),
    )
    return Part(table=table, charts=(whole_scale(table, finding=titles.primary(table)),))


def _note(pack: RestrictedPack, scheme: Scheme, *, paired: bool) -> str:
    """How to read the lines of the scorecard."""
    practice = scheme.practice
    said = [pack.cover.purpose]
    if paired:
        said.append(
            "Groups are compared over all pairs of one person from each, ties counting half: 50% "
            f"is no difference. Brackets hold the {100 * practice.confidence:.4g}% interval."
        )
    if any("Detectable" in line.sentence for line in pack.headlines):
        said.append(
            f"Detectable is what so many {scheme.counted.many} would show "
            f"{100 * practice.power:.4g} times in 100."
        )
    return " ".join(said)


def _summary(pack: RestrictedPack) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Each verdict with the titles of the characteristics it was given to."""
    titled = {section.id: section.title for section in pack.sections}
    said = [
        (line.answer, titled[line.section]) for line in pack.headlines if line.section in titled
    ]
    return tuple(
        (answer, held)
        for answer in ANSWERS
        if (held := tuple(title for given, title in said if given == answer))
    )
