"""The index in a real browser: found, picked and sorted by keyboard, whole without a script."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pmstats.report.index import Entry, index_page
from pmstats.scheme import Scheme

if TYPE_CHECKING:
    from playwright.sync_api import Page

    NewPage = Callable[..., AbstractContextManager[Page]]

CYCLES = ("2023-24, Mid-year, indicative", "2024-25, Final rating, after any appeal")

#: 300 packs of 150 departments in two cycles, and one that was not made.
ENTRIES = (
    *(
        Entry(
            department=f"Adran Tŷ {place:03}" if place % 10 == 0 else f"Department {place:03}",
            folder=f"{cycle[:7]}/department-{place:03}",
            done=True,
            cycle=cycle,
            rated=f"{20 + 37 * place % 500:,} of {600:,} rated",
            prompts=("none", "1 gap", "2 gaps, 1 possible gap")[place % 3],
            kinds=(("none",), ("gap",), ("gap", "possible gap"))[place % 3],
        )
        for cycle in CYCLES
        for place in range(150)
    ),
    Entry(department="Board of Rivers", folder="", done=False, message="its export has errors."),
)


@pytest.fixture(scope="module")
def file(scs: Scheme, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The written index of 301 lines."""
    file = tmp_path_factory.mktemp("index") / "index.html"
    file.write_text(index_page(ENTRIES, scheme=scs, stage="mid-year"), encoding="utf-8")
    return file


@pytest.fixture
def index(new_page: NewPage, file: Path) -> Iterator[Page]:
    """The index as it opens from a folder, without a server."""
    with new_page(viewport={"width": 1100, "height": 900}) as page:
        page.goto(file.as_uri())
        yield page


def shown(page: Page) -> list[str]:
    """The departments of the lines that are shown, in their order."""
    rows = page.locator("#packs tbody tr:not([hidden]) th")
    return [str(name) for name in rows.all_text_contents()]


@pytest.mark.parametrize(
    ("width", "scheme", "medium"),
    [
        (1100, "light", "screen"),
        (320, "light", "screen"),
        (1100, "dark", "screen"),
        (794, "light", "print"),
    ],
)
def test_axe_finds_nothing(index: Page, width: int, scheme: Any, medium: Any) -> None:
    """No rule of axe-core is broken, wide, narrow, in the dark and on paper."""
    from axe_playwright_python.base import AXE_SCRIPT

    index.get_by_label("Search").fill("Adran 00")
    index.emulate_media(color_scheme=scheme, media=medium)
    index.set_viewport_size({"width": width, "height": 800})
    index.wait_for_function("width => innerWidth === width", arg=width)
    index.evaluate(AXE_SCRIPT)
    found = index.evaluate("axe.run(document, {rules: {'target-size': {enabled: true}}})")
    assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found["violations"]] == []
    assert index.evaluate("document.documentElement.scrollWidth") <= width


def test_a_word_finds_its_packs_whatever_its_accents(index: Page) -> None:
    """Typing narrows the list and says how far; `ty` finds `Tŷ`."""
    index.get_by_label("Search").press_sequentially("ty 020")
    assert shown(index) == ["Adran Tŷ 020", "Adran Tŷ 020"]
    assert index.get_by_role("status").text_content() == "2 of 301 packs shown."


def test_packs_are_picked_by_cycle_and_by_prompt(index: Page) -> None:
    """The two pickers work together, and a pack that was not made can be picked."""
    index.get_by_label("Cycle and stage").select_option(CYCLES[1])
    index.get_by_label("Prompts for enquiry").select_option("possible gap")
    assert len(shown(index)) == 50
    index.get_by_label("Cycle and stage").select_option("")
    index.get_by_label("Prompts for enquiry").select_option("not made")
    assert shown(index) == ["Board of Rivers"]


def test_columns_sort_by_keyboard_and_say_so(index: Page) -> None:
    """Enter on a heading sorts by it, up and then down, numbers as numbers."""
    rated = index.get_by_role("button", name="Rated")
    rated.focus()
    index.keyboard.press("Enter")
    heading = index.locator("th", has=rated)
    assert heading.get_attribute("aria-sort") == "ascending"
    numbers = index.locator("#packs td.number").evaluate_all(
        "cells => cells.map(cell => Number(cell.dataset.value))"
    )
    assert numbers == sorted(numbers)
    index.keyboard.press("Enter")
    assert heading.get_attribute("aria-sort") == "descending"
    assert index.locator("#packs tbody tr td.number").first.get_attribute("data-value") == str(
        max(numbers)
    )


def test_prompts_cannot_be_sorted_into_a_ranking(index: Page) -> None:
    """There is no way to put departments in the order of their prompts."""
    assert index.get_by_role("button", name="Prompts").count() == 0


def test_a_narrow_window_has_each_pack_below_its_department(index: Page) -> None:
    """At 320 pixels nothing scrolls sideways, and every part of a line stands under its name."""
    index.set_viewport_size({"width": 320, "height": 700})
    index.wait_for_function("() => innerWidth === 320")
    assert index.locator("#packs").evaluate("table => table.parentElement.scrollWidth") <= 280
    tops = (
        index.locator("#packs tbody tr")
        .nth(1)
        .locator("th, td")
        .evaluate_all(
            "cells => cells.map(cell => [cell.getBoundingClientRect().left, cell.offsetTop])"
        )
    )
    assert [left for left, _ in tops] == [20] * 5
    assert [top for _, top in tops] == sorted({top for _, top in tops})
    assert index.get_by_role("button", name="Rated").is_visible()
    index.get_by_label("Search").fill("Rivers")
    assert shown(index) == ["Board of Rivers"]
    assert index.locator("#packs tbody tr:visible").count() == 1


def test_without_a_script_the_index_is_the_whole_list(new_page: NewPage, file: Path) -> None:
    """Where scripts are off every line stands, and no control that would do nothing."""
    with new_page(java_script_enabled=False) as page:
        page.goto(file.as_uri())
        assert page.locator("#packs tbody tr").count() == len(ENTRIES)
        assert not page.get_by_role("searchbox").is_visible()
