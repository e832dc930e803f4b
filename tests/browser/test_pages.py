"""Pages in a real browser: nobody excluded, at any width, on paper, in the dark, by keyboard.

axe-core is the floor. What it cannot know (that a table or chart is missing, that a drawing
differs from its numbers) is held to the pack itself.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import pytest

from pmstats import write_pack
from pmstats.release.restricted.bundle import RestrictedPack
from pmstats.release.table import Kind, shown
from pmstats.report.charts.chart import DotIntervals, Flow, Funnel, Lines, StackedBars
from pmstats.report.page import charts
from pmstats.scheme import Scheme

if TYPE_CHECKING:
    from playwright.sync_api import Page

    NewPage = Callable[..., AbstractContextManager[Page]]

#: Width and height in CSS pixels, colour scheme and medium of each way to read a page; a page of
#: 1,100 pixels at 200% is 550 wide.
WAYS: dict[str, tuple[int, int, Any, Any]] = {
    "desktop": (1100, 900, "light", "screen"),
    "zoomed to 200%": (550, 450, "light", "screen"),
    "320 pixels": (320, 700, "light", "screen"),
    "dark": (1100, 900, "dark", "screen"),
    "print": (794, 1123, "light", "print"),
}

#: Everything of WCAG 2.2 A and AA and of good practice that axe can see.
RULES = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}


@pytest.fixture(scope="module")
def opened(
    new_page: NewPage,
    pack: RestrictedPack,
    scs: Scheme,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Page]:
    """The written page of a pack, with axe beside it."""
    from axe_playwright_python.base import AXE_SCRIPT

    (file, *_) = write_pack(pack, tmp_path_factory.mktemp("pack"), scheme=scs)
    asked: list[str] = []
    with new_page() as page:
        page.on("request", lambda request: asked.append(request.url))
        page.goto(file.as_uri())
        page.evaluate(AXE_SCRIPT)
        yield page
    assert asked == [file.as_uri()], "a page asks for nothing but itself"


def read(page: Page, way: str) -> None:
    """Look at the page in one of the ways."""
    width, height, scheme, medium = WAYS[way]
    page.emulate_media(color_scheme=scheme, media=medium)
    sized(page, width, height)


def sized(page: Page, width: int, height: int) -> None:
    """Give the window this size, and wait until the page has it."""
    page.set_viewport_size({"width": width, "height": height})
    page.wait_for_function("([w, h]) => innerWidth === w && innerHeight === h", arg=[width, height])


@pytest.mark.parametrize("way", ["desktop", "print"])
def test_axe_finds_nothing(opened: Page, way: str) -> None:
    """No rule of axe-core is broken on a page of any kind or on paper, every part of it open."""
    assert broken(opened, way) == []


@pytest.mark.parametrize("way", ["320 pixels", "dark"])
@pytest.mark.parametrize("pack", ["seven people", "the whole year"], indirect=True)
def test_axe_finds_nothing_however_it_is_read(opened: Page, way: str) -> None:
    """Nor is one broken on a narrow page or in the dark: the least page and the most."""
    assert broken(opened, way) == []


def broken(page: Page, way: str) -> list[tuple[str, list[str]]]:
    """The rules of axe-core that the page breaks, each with the first places.

    The marks inside an image are not looked at: they are hidden from every reader by its role.
    """
    read(page, way)
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    found = page.evaluate("rules => axe.run({exclude: ['.plot svg']}, rules)", RULES)
    return [
        (rule["id"], [node["html"] for node in rule["nodes"][:3]]) for rule in found["violations"]
    ]


def test_every_table_of_the_pack_is_on_the_page(opened: Page, pack: RestrictedPack) -> None:
    """Each table has its caption, scoped headings and every printed cell, row by row."""
    for table in (table for section in pack.sections for table in section.tables):
        seen = opened.evaluate(
            """id => {
              const table = document.getElementById(id);
              return {
                caption: table.caption.textContent,
                scopes: [...table.querySelectorAll('th')].map(th => th.scope),
                head: [...table.tHead.rows[0].cells].map(cell => cell.textContent),
                rows: [...table.tBodies[0].rows].map(r => [...r.cells].map(c => c.textContent)),
              }}""",
            f"{table.id}-table",
        )
        assert seen["caption"] == table.caption
        assert seen["head"] == [column.name for column in table.columns]
        assert seen["rows"] == [list(row) for row in table.printed()]
        assert seen["scopes"] == ["col"] * len(table.columns) + ["row"] * len(table.rows)


def test_every_chart_shows_the_numbers_of_its_table(
    opened: Page, pack: RestrictedPack, scs: Scheme
) -> None:
    """Each chart has a name, a description, a table with its values, and marks to scale."""
    for chart in charts(pack, scheme=scs):
        figure = opened.locator(f"figure[id='{chart.id}']")
        assert figure.count() == 1, chart.id
        plot = figure.get_by_role("img", name=chart.finding, exact=True)
        assert plot.count() == 1, chart.id
        said = plot.evaluate(
            "plot => document.getElementById(plot.getAttribute('aria-describedby')).textContent"
        )
        assert said == chart.description
        cells = opened.evaluate(
            "id => [...document.getElementById(id).querySelectorAll('td')].map(c => c.textContent)",
            f"{chart.table}-table",
        )
        assert set(_printed(chart)) <= set(cells), chart.id
        _to_scale(plot, chart)


def _printed(chart: object) -> Iterator[str]:
    """The values of a chart as its table prints them."""
    if isinstance(chart, StackedBars):
        shown_boxes = 1 if chart.table == "declaration" else None
        for bar in chart.bars:
            yield from (shown(share, Kind.SHARE) for share in bar.shares[:shown_boxes])
    elif isinstance(chart, DotIntervals):
        kind = Kind.POINTS if chart.scale == "points" else Kind.SHARE
        for dot in chart.dots:
            yield from (shown(value, kind) for value in (dot.value, dot.low, dot.high))
    elif isinstance(chart, Flow):
        yield from (shown(count, Kind.COUNT) for row in chart.counts for count in row)
    elif isinstance(chart, Funnel):
        yield from (shown(unit.share, Kind.SHARE) for unit in chart.units)
    else:
        assert isinstance(chart, Lines)
        yield from (
            shown(share, Kind.SHARE) for line in chart.lines for share in line.shares if share
        )


def _to_scale(plot: Any, chart: object) -> None:
    """The marks that are drawn are as many and as long as the values."""
    if isinstance(chart, StackedBars):
        widths = plot.locator("rect.box").evaluate_all(
            "boxes => boxes.map(box => parseFloat(box.getAttribute('width')))"
        )
        shares = [share for bar in chart.bars for share in bar.shares if share]
        total = sum(widths) / len(chart.bars) if chart.bars else 1
        assert [width / total for width in widths] == pytest.approx(shares, abs=1e-4)
    elif isinstance(chart, DotIntervals | Funnel):
        count = len(chart.dots if isinstance(chart, DotIntervals) else chart.units)
        assert plot.locator("circle.dot").count() == count


def test_headings_are_in_order_and_name_their_sections(opened: Page) -> None:
    """One first heading, no level left out, every section named by its own heading."""
    levels = opened.evaluate(
        "[...document.querySelectorAll('h1,h2,h3,h4')].map(h => Number(h.tagName[1]))"
    )
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    for section in opened.locator("main section").all():
        title = opened.locator(f"#{section.get_attribute('aria-labelledby')}")
        assert title.evaluate("h => h.tagName") == "H2"


def test_every_line_of_the_scorecard_leads_to_its_section(opened: Page) -> None:
    """A reader gets from each answer to what is behind it, and from the contents anywhere."""
    targets = opened.evaluate("[...document.querySelectorAll('a')].map(a => a.hash.slice(1))")
    assert len(targets) > 8
    assert all(opened.evaluate("id => !!document.getElementById(id)", id) for id in targets)
    assert opened.locator("table.scorecard tbody th a").count() == (
        opened.locator("table.scorecard tbody tr").count()
    )


def test_everything_is_reached_by_keyboard_and_seen_to_be(opened: Page) -> None:
    """Tab goes to each link, summary and table in reading order; focus has a thick outline."""
    read(opened, "desktop")
    opened.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    expected = opened.evaluate(
        """() => {
          const all = [...document.querySelectorAll('a, summary, [tabindex="0"]')];
          all.forEach((each, place) => each.dataset.place = place);
          // Tab goes on from where it was: it was at the beginning, whatever was done before.
          document.body.tabIndex = -1;
          document.body.focus();
          document.body.removeAttribute('tabindex');
          return all.length;
        }"""
    )
    for place in range(expected):
        opened.keyboard.press("Tab")
        focus = opened.evaluate(
            """() => {
              const here = document.activeElement, style = getComputedStyle(here);
              const box = here.getBoundingClientRect();
              return [Number(here.dataset.place), parseFloat(style.outlineWidth),
                      style.outlineStyle, box.width > 0 && box.height > 0];
            }"""
        )
        assert focus == [place, 3, "solid", True]


@pytest.mark.parametrize("way", ["320 pixels", "zoomed to 200%"])
def test_nothing_is_wider_than_the_window(opened: Page, way: str) -> None:
    """A page never scrolls sideways; only wide tables do, in their own region."""
    read(opened, way)
    opened.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    width = WAYS[way][0]
    assert opened.evaluate("document.documentElement.scrollWidth") <= width
    beyond = opened.evaluate(
        """width => [...document.querySelectorAll('.plot *, figcaption, .key li')]
          .filter(each => each.getClientRects().length)
          .filter(each => each.getBoundingClientRect().right > width + 1)
          .map(each => each.textContent)""",
        width,
    )
    assert beyond == []


@pytest.mark.parametrize("pack", ["730 people", "the whole year"], indirect=True)
def test_a_desktop_shows_every_table_whole(opened: Page) -> None:
    """At 1,100 pixels no table of a large department's pack is cut off at its right."""
    read(opened, "desktop")
    opened.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    cut = opened.evaluate(
        """() => [...document.querySelectorAll('.table')]
          .filter(each => each.scrollWidth > each.clientWidth)
          .map(each => each.querySelector('caption').textContent)"""
    )
    assert cut == []


def test_labels_of_a_chart_do_not_run_into_each_other(opened: Page) -> None:
    """At 320 pixels no words on a bar touch the words beside them."""
    read(opened, "320 pixels")
    touching = opened.evaluate(
        """() => [...document.querySelectorAll('.bars .row svg')].flatMap(strip => {
          const words = [...strip.querySelectorAll('text')].filter(t => t.getClientRects().length)
            .map(t => [t.textContent, t.getBoundingClientRect()]);
          return words.slice(1).filter(([, box], i) => box.left < words[i][1].right)
            .map(([text]) => text);
        })"""
    )
    assert touching == []


def test_paper_shows_everything(opened: Page, pack: RestrictedPack) -> None:
    """Printed, closed parts are open and the marking stands on the sheet."""
    opened.evaluate("document.querySelectorAll('details').forEach(each => each.open = false)")
    read(opened, "print")
    tables = [table for section in pack.sections for table in section.tables]
    heights = opened.locator(".table").evaluate_all(
        "each => each.map(table => table.getBoundingClientRect().height)"
    )
    assert len(heights) >= len(tables)
    assert all(height > 20 for height in heights)
    assert opened.locator(".banner").first.is_visible()
    assert not opened.locator("nav").is_visible()


def test_nothing_moves_for_those_who_asked_for_stillness(opened: Page) -> None:
    """Reduced motion leaves no animation, transition or smooth scrolling."""
    scrolls = "getComputedStyle(document.documentElement).scrollBehavior"
    opened.emulate_media(reduced_motion="no-preference")
    assert opened.evaluate(scrolls) == "smooth"
    opened.emulate_media(reduced_motion="reduce")
    moving = opened.evaluate(
        """() => [document.getAnimations().length,
          getComputedStyle(document.documentElement).scrollBehavior,
          [...document.querySelectorAll('*')].filter(
            each => parseFloat(getComputedStyle(each).transitionDuration) > 0).length]"""
    )
    assert moving == [0, "auto", 0]


def test_a_page_survives_other_spacing_of_its_letters(opened: Page) -> None:
    """With the spacing of WCAG 1.4.12 nothing is cut off or wider than the window."""
    read(opened, "320 pixels")
    style = opened.evaluate_handle(
        """() => { const style = document.createElement('style');
          style.textContent = '* { line-height: 1.5 !important; letter-spacing: .12em !important;'
            + ' word-spacing: .16em !important } p { margin-bottom: 2em !important }';
          document.head.append(style); return style; }"""
    )
    assert opened.evaluate("document.documentElement.scrollWidth") <= 320
    style.evaluate("style => style.remove()")


@pytest.mark.parametrize("pack", ["730 people", "long names", "the whole year"], indirect=True)
def test_the_first_sheet_holds_the_scorecard_and_the_picture(opened: Page) -> None:
    """On A4 less its margins (182 by 269 mm at 96 to the inch) the opening chart ends in time."""
    opened.emulate_media(media="print", color_scheme="light")
    sized(opened, 688, 1016)
    bottom = opened.locator("#opening-chart").evaluate(
        "figure => figure.getBoundingClientRect().bottom + scrollY"
    )
    assert bottom <= 1016
