"""One installed Chromium for every browser test; without one they are left out and named."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NewPage = Callable[..., "AbstractContextManager[Page]"]

#: Milliseconds after which waiting is in vain: enough for a machine busy with other things.
PATIENCE = 300_000


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """An installed Chromium without a screen; nothing is downloaded."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("No Chromium is installed: pages are not looked at in a browser.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox"], timeout=PATIENCE
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def new_page(browser: Browser) -> NewPage:
    """A maker of pages, each by itself, with the options of a playwright context.

    Nothing moves on them, unless an option asks for it: a scroll under way is another answer
    to each question.
    """

    @contextmanager
    def opened(**options: Any) -> Iterator[Page]:
        context = browser.new_context(**{"reduced_motion": "reduce", **options})
        context.set_default_timeout(PATIENCE)
        yield context.new_page()
        context.close()

    return opened
