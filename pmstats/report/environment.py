"""The templates of every page, the style sheet they carry and what they may call."""

from __future__ import annotations

from functools import cache
from importlib import resources
from string import ascii_lowercase
from typing import TYPE_CHECKING

from pmstats.report.charts.plot import plot
from pmstats.report.charts.svg import style as marks_style
from pmstats.scheme.words import cited

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

    from pmstats.release.table import Printable
    from pmstats.report.charts.chart import Chart

#: Letters for the places of columns, as many as the widest table could have.
PLACES = ascii_lowercase


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
    environment.globals.update(plot=_plot, html=_html, cited=_cited)
    return environment


@cache
def style() -> Markup:
    """The style sheet that every page carries inside itself."""
    from markupsafe import Markup

    page = resources.files("pmstats.report").joinpath("templates/pack.css").read_text()
    return Markup(page + _numeric_columns() + marks_style())


def _plot(chart: Chart) -> Markup:
    from markupsafe import Markup

    return Markup(plot(chart))


def _html(table: Printable) -> Markup:
    """The table with its numeric columns named once: a pack has thousands of cells."""
    from markupsafe import Markup

    from pmstats.release.table import Kind, table_html  # the index has no such table

    numeric = " ".join(
        f"n{letter}"
        for letter, column in zip(PLACES, table.columns, strict=False)
        if column.kind is not Kind.TEXT
    )
    return Markup(table_html(table, numeric=numeric))


def _numeric_columns() -> str:
    """The rule that sets numeric columns, by their places, to the right."""
    columns = ",".join(f".n{c} tr>:nth-child({n})" for n, c in enumerate(PLACES, start=1))
    return f"{columns}{{text-align:right;white-space:nowrap}}"


def _cited(paragraph: str) -> str:
    """The paragraph numbers with the words a reader needs before them."""
    return f"Framework {cited(paragraph)}" if paragraph[:1].isdigit() else paragraph
