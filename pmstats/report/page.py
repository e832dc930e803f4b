"""The page of a pack: one self-contained HTML file, readable offline, printed well."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from pmstats.findings.disparity import WHOLE_SCALE
from pmstats.release.bundle import RestrictedPack
from pmstats.release.table import table_html
from pmstats.report.charts import dot_intervals, overall_bar, stacked_bars
from pmstats.report.svg import legend, svg

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

    from pmstats.release.bundle import Section
    from pmstats.release.table import RestrictedTable
    from pmstats.report.charts import Chart
    from pmstats.scheme import Scheme


def page(pack: RestrictedPack, *, scheme: Scheme) -> str:
    """The pack as one HTML page with no outside address; the same pack gives the same bytes."""
    if not isinstance(pack, RestrictedPack):
        raise TypeError(f"page() prints a RestrictedPack, not {type(pack).__name__}")
    charts = _charts(pack, scheme)
    return (
        environment()
        .get_template("pack.html.j2")
        .render(
            pack=pack,
            css=style(),
            opening=_opening(pack, charts),
            charts=charts,
            captions={chart.finding for drawn in charts.values() for chart in drawn},
        )
    )


def _charts(pack: RestrictedPack, scheme: Scheme) -> dict[str, tuple[Chart, ...]]:
    """The charts of each section that has any, from the section's own tables."""
    charts: dict[str, tuple[Chart, ...]] = {}
    for section in pack.sections:
        tables = {table.id: table for table in section.tables}
        if section.id == "distribution":
            drawn: list[Chart] = [
                overall_bar(tables["distribution"], scheme=scheme, finding=section.sentences[0])
            ]
            drawn += [
                stacked_bars(tables[id], scheme=scheme, finding=tables[id].caption)
                for id in ("by-grade", "by-business-unit")
                if id in tables
            ]
            charts[section.id] = tuple(drawn)
        elif f"{section.id}-comparisons" in tables:
            charts[section.id] = _characteristic_charts(section, tables, scheme)
    return charts


def _characteristic_charts(
    section: Section, tables: dict[str, RestrictedTable], scheme: Scheme
) -> tuple[Chart, ...]:
    return (
        stacked_bars(tables[f"{section.id}-ratings"], scheme=scheme, finding=section.sentences[0]),
        dot_intervals(
            [tables[f"{section.id}-comparisons"]],
            questions=tuple(framing.name for framing in scheme.framings),
            id=f"{section.id}-differences",
            finding=f"{section.title}: where on the scale the groups differ, in percentage points.",
        ),
    )


def _opening(pack: RestrictedPack, charts: dict[str, tuple[Chart, ...]]) -> tuple[Chart, ...]:
    """The one picture of the first page: every primary comparison, or the distribution."""
    primary = [
        table
        for section in pack.sections
        for table in section.tables
        if table.id.endswith("-comparisons")
    ]
    if not primary:
        return (replace(charts["distribution"][0], id="opening-distribution"),)
    firsts = [_first_row(table) for table in primary]
    return (
        dot_intervals(
            firsts,
            questions=(WHOLE_SCALE,),
            id="opening-differences",
            finding=(
                "Whole-scale comparisons, in points above or below an even chance of the first "
                "group being rated higher."
            ),
        ),
    )


def _first_row(table: RestrictedTable) -> RestrictedTable:
    return replace(table, rows=table.rows[:1])


def _figure(chart: Chart) -> Markup:
    from markupsafe import Markup, escape

    return Markup('<figure id="{0}"><figcaption>{1}</figcaption>{2}{3}</figure>').format(
        chart.id, escape(chart.finding), Markup(legend(chart)), Markup(svg(chart))
    )


def _html(table: RestrictedTable) -> Markup:
    from markupsafe import Markup

    return Markup(table_html(table))


def _cited(paragraph: str) -> str:
    """The paragraph numbers with the words a reader needs before them."""
    return f"Framework paragraphs {paragraph}" if paragraph[:1].isdigit() else paragraph


def style() -> Markup:
    """The style sheet that every page carries inside itself."""
    from markupsafe import Markup

    return Markup(resources.files("pmstats.report").joinpath("templates/pack.css").read_text())


@cache
def environment() -> Environment:
    """The templates, with everything escaped and nothing undefined let through."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("pmstats.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(figure=_figure, html=_html, cited=_cited)
    return environment
