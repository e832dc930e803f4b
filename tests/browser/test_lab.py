"""The first notebook in a real JupyterLab: it runs, shows tables and charts, and errs in words."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[2]
NOTEBOOK = "notebooks/00_start_here.ipynb"
SECONDS = 60


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a JupyterLab over a copy of the notebooks and the synthetic export."""
    home = tmp_path_factory.mktemp("lab")
    for name in ("notebooks", "data/synthetic"):
        shutil.copytree(ROOT / name, home / name)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    settings = {f"JUPYTER_{kind}_DIR": str(home / kind) for kind in ("CONFIG", "DATA", "RUNTIME")}
    server = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "jupyterlab",
            "--no-browser",
            "--allow-root",
            f"--ServerApp.port={port}",
            f"--ServerApp.root_dir={home}",
            "--IdentityProvider.token=",
            "--LabApp.news_url=None",
        ],
        env={**os.environ, **settings, "IPYTHONDIR": str(home / "ipython")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(f"{address}/api")
        yield address
    finally:
        server.terminate()
        server.wait(timeout=SECONDS)


def _wait_for(address: str) -> None:
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(address, timeout=2).close()
        except OSError:
            time.sleep(0.3)
        else:
            return
    raise TimeoutError(f"JupyterLab did not start in {SECONDS} seconds")


@pytest.fixture
def notebook(browser: Browser, lab: str) -> Iterator[Page]:
    """The first notebook, open and with its kernel ready."""
    context = browser.new_context(viewport={"width": 1300, "height": 5000})
    page = context.new_page()
    page.set_default_timeout(SECONDS * 1000)
    page.goto(f"{lab}/lab/tree/{NOTEBOOK}?reset")
    page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
    yield page
    context.close()


def run_all(page: Page) -> None:
    """Run every cell from the menu and wait until the last has an output or one has failed."""
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    last = page.locator(".jp-CodeCell").last.locator(".jp-OutputArea-output")
    last.or_(page.locator("[data-mime-type*=stderr]")).first.wait_for()


def test_a_new_analyst_gets_from_an_export_to_a_finding(notebook: Page) -> None:
    """Every cell runs without a word on stderr; tables have captions, the chart is drawn."""
    run_all(notebook)
    output = notebook.locator(".jp-OutputArea")
    assert output.locator("[data-mime-type*=stderr]").count() == 0
    assert "People in each box" in output.locator("caption").all_text_contents()
    notebook.locator(".js-plotly-plot .bars .point").first.wait_for()
    assert notebook.locator(".modebar-btn").count() == 0, "no button sends a chart away"
    said = " ".join(output.all_text_contents())
    assert "Sex: gap." in said
    assert "n = 274" in said
    assert "prompt for enquiry" in said


def test_a_mistake_is_answered_in_one_readable_sentence(notebook: Page) -> None:
    """A misspelt department is named with those that exist, and no traceback."""
    cell = notebook.locator(".jp-CodeCell", has_text="Lighthouse Ministry").first
    cell.locator(".cm-content").click()
    notebook.keyboard.press("Control+a")
    notebook.keyboard.insert_text(
        'export = "../data/synthetic/scs_2024_25.csv"\ndepartment = "Lighthose Ministry"\n'
        'stage = "mid-year"\nscheme = "scs_2024_25"\nmapping = ""\ncut_off = ""'
    )
    run_all(notebook)
    error = notebook.locator("[data-mime-type*=stderr]")
    error.wait_for()
    words = (error.text_content() or "").strip()
    assert words.startswith("The export holds no department 'Lighthose Ministry'; it holds: ")
    assert "Traceback" not in words
    assert words.count("\n") == 0
