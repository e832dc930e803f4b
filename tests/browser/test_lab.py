"""The first notebook in a real JupyterLab: it runs, shows tables and charts, and errs in words."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

    NewPage = Callable[..., AbstractContextManager[Page]]

ROOT = Path(__file__).parents[2]
NOTEBOOK = "notebooks/00_start_here.ipynb"
#: Enough for a machine that is busy with other things.
SECONDS = 300


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the notebooks and the synthetic export."""
    home = tmp_path_factory.mktemp("lab")
    for name in ("notebooks", "data/synthetic"):
        shutil.copytree(ROOT / name, home / name)
    return home


@pytest.fixture(scope="module")
def lab(home: Path) -> Iterator[str]:
    """The address of a JupyterLab over that copy."""
    settings = {f"JUPYTER_{kind}_DIR": str(home / kind) for kind in ("CONFIG", "DATA", "RUNTIME")}
    server = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "jupyterlab",
            "--no-browser",
            "--allow-root",
            "--ServerApp.port=0",
            f"--ServerApp.root_dir={home}",
            "--IdentityProvider.token=",
            "--LabApp.news_url=None",
        ],
        env={**os.environ, **settings, "IPYTHONDIR": str(home / "ipython")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield _address(server, home / "RUNTIME" / f"jpserver-{server.pid}.json")
    finally:
        server.terminate()
        server.wait(timeout=SECONDS)


def _address(server: subprocess.Popen[bytes], told: Path) -> str:
    """Where a server listens: it writes so to a file once it does, on a port the system chose."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        assert server.poll() is None, "JupyterLab did not start"
        text = told.read_text() if told.exists() else ""
        if text.endswith("}"):
            return f"http://127.0.0.1:{json.loads(text)['port']}"
        time.sleep(0.1)
    raise TimeoutError(f"JupyterLab did not start in {SECONDS} seconds")


@pytest.fixture
def notebook(
    new_page: NewPage, lab: str, home: Path, request: pytest.FixtureRequest
) -> Iterator[Page]:
    """A copy of the first notebook for this test alone, open and with a kernel of its own."""
    copy = (home / NOTEBOOK).with_name(f"{request.node.name}.ipynb")
    shutil.copyfile(home / NOTEBOOK, copy)
    with new_page(viewport={"width": 1300, "height": 5000}) as page:
        page.goto(f"{lab}/lab/tree/notebooks/{copy.name}?reset")
        page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
        yield page


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
    output.locator("caption", has_text="People in each box").first.wait_for()
    notebook.locator(".js-plotly-plot .bars .point").first.wait_for()
    output.get_by_text("prompt for enquiry").first.wait_for()
    assert output.locator("[data-mime-type*=stderr]").count() == 0
    assert notebook.locator(".modebar-btn").count() == 0, "no button sends a chart away"
    for said in ("Sex: gap.", "n = 274"):
        output.filter(has_text=said).first.wait_for()


def test_a_mistake_is_answered_in_one_readable_sentence(notebook: Page) -> None:
    """A misspelt department is named with those that exist, and no traceback."""
    cell = notebook.locator(".jp-CodeCell", has_text="Lighthouse Ministry").first
    cell.locator(".cm-content").click()
    notebook.keyboard.press("Control+a")
    notebook.keyboard.insert_text(
        'export = "../data/synthetic/scs_2024_25.csv"\ndepartment = "Lighthose Ministry"\n'
        'stage = "mid-year"\nscheme = "scs_2024_25"\nmapping = ""\ncut_off = ""'
    )
    notebook.locator(".cm-content", has_text="Lighthose Ministry").wait_for()
    run_all(notebook)
    error = notebook.locator("[data-mime-type*=stderr]")
    error.wait_for()
    words = (error.text_content() or "").strip()
    assert words.startswith("The export holds no department 'Lighthose Ministry'; it holds: ")
    assert "Traceback" not in words
    assert words.count("\n") == 0
