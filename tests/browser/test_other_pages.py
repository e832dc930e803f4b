"""The pages beside a pack in a real browser: a release, the report of a check, the index."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pmstats import breakdowns, coverage, distribution, distributions_by, read_export
from pmstats.cohort import examine_export
from pmstats.release.released.ledger import start_ledger
from pmstats.release.released.material import material
from pmstats.report.check_report import write_check_report
from pmstats.report.release import write_release
from pmstats.scheme import Scheme

if TYPE_CHECKING:
    from playwright.sync_api import Page

    NewPage = Callable[..., AbstractContextManager[Page]]

EXPORT = Path(__file__).parents[2] / "data/synthetic/scs_2024_25.csv"
STAGE = "mid-year"

#: Width in CSS pixels, colour scheme and medium of each way to read a page.
WAYS: dict[str, tuple[int, Any, Any]] = {
    "desktop": (1100, "light", "screen"),
    "320 pixels": (320, "light", "screen"),
    "dark": (1100, "dark", "screen"),
    "print": (794, "light", "print"),
}


def released(folder: Path, *, department: str, scheme: Scheme) -> Path:
    """The page of a release of one department."""
    cohort = read_export(EXPORT, scheme=scheme, stage=STAGE).department(department)
    ledger = folder / "ledger.jsonl"
    start_ledger(ledger)
    counts = material(
        cohort,
        stage=STAGE,
        ledger=coverage(cohort, stage=STAGE),
        overall=distribution(cohort, stage=STAGE),
        breakdowns=breakdowns(cohort, stage=STAGE),
        by_grade=distributions_by(cohort, "grade", stage=STAGE),
    )
    return write_release(counts, folder, ledger=ledger, scheme=scheme, coarsen=True)[0]


def checked(folder: Path, *, scheme: Scheme) -> Path:
    """The page of the problems of the synthetic export."""
    found = examine_export(EXPORT, scheme=scheme, stage=STAGE)
    return write_check_report(found, folder, export_name=EXPORT.name, scheme=scheme)[0]


#: How each page is made.
KINDS: dict[str, Callable[..., Path]] = {
    "a release of 60 people": lambda folder, scheme: released(
        folder, department="Puddle Office", scheme=scheme
    ),
    "the report of a check": lambda folder, scheme: checked(folder, scheme=scheme),
}


@pytest.fixture(scope="module", params=KINDS)
def opened(
    request: pytest.FixtureRequest,
    new_page: NewPage,
    scs: Scheme,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Page]:
    """The written page, with axe beside it; it asks for nothing but itself."""
    from axe_playwright_python.base import AXE_SCRIPT

    file = KINDS[request.param](tmp_path_factory.mktemp("page"), scheme=scs)
    asked: list[str] = []
    with new_page() as page:
        page.on("request", lambda request: asked.append(request.url))
        page.goto(file.as_uri())
        page.evaluate(AXE_SCRIPT)
        yield page
    assert asked == [file.as_uri()]


@pytest.mark.parametrize("way", WAYS)
def test_axe_finds_nothing_however_it_is_read(opened: Page, way: str) -> None:
    """No rule of axe-core is broken, and nothing but a wide table scrolls sideways."""
    width, scheme, medium = WAYS[way]
    opened.emulate_media(color_scheme=scheme, media=medium)
    opened.set_viewport_size({"width": width, "height": 900})
    opened.wait_for_function("width => innerWidth === width", arg=width)
    opened.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    found = opened.evaluate(
        "axe.run({exclude: ['.plot svg']}, {rules: {'target-size': {enabled: true}}})"
    )
    assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found["violations"]] == []
    assert opened.evaluate("document.documentElement.scrollWidth") <= width


def test_tables_headings_and_charts_can_be_walked_without_eyes(opened: Page) -> None:
    """Captions, scopes, headings in order; each chart has a name, a description and a table."""
    assert opened.locator("table").count() == opened.locator("table > caption").count() > 0
    assert opened.locator("th:not([scope])").count() == 0
    levels = opened.evaluate(
        "[...document.querySelectorAll('h1,h2,h3,h4')].map(h => Number(h.tagName[1]))"
    )
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    for plot in opened.locator("[role=img]").all():
        for name in ("aria-labelledby", "aria-describedby"):
            assert opened.locator(f"[id='{plot.get_attribute(name)}']").count() == 1
        figure = plot.locator("xpath=ancestor::figure")
        assert opened.locator(f"[id='{figure.get_attribute('data-table')}']").count() == 1
