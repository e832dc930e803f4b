"""Pictures of what pmstats makes, for the README and docs: `make pictures` after `make packs`.

Beside the first page stands the report that nbconvert makes of the same comparisons by default, and
both are measured; `python docs/pictures.py PAGE.html` does the same with the page of another tool
(docs/comparison.md says how the one there was made). Needs an installed Chromium; nothing is
downloaded.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

ROOT = Path(__file__).parents[1]
PACKS = ROOT / "reports/2024-25-mid-year"
PACK = PACKS / "lighthouse-ministry/consistency_check_pack.html"
NOTEBOOK = ROOT / "notebooks/30_disparities.ipynb"

#: Picture, page (none: the default report), width and height in CSS pixels, colour scheme.
PICTURES: tuple[tuple[str, Path | None, int, int, Any], ...] = (
    ("first-page.png", PACK, 1100, 1750, "light"),
    ("first-page-dark.png", PACK, 1100, 1750, "dark"),
    ("first-page-narrow.png", PACK, 320, 1750, "light"),
    ("default-report.png", None, 1100, 1750, "light"),
    ("index.png", PACKS / "index.html", 1100, 800, "light"),
)

#: What axe-core cannot know of a page: how much of it a reader without eyes or pointer gets.
COUNTS = """() => ({
  tables: document.querySelectorAll('table').length,
  captions: document.querySelectorAll('table > caption').length,
  headings: document.querySelectorAll('th').length,
  scoped: document.querySelectorAll('th[scope]').length,
  charts: document.querySelectorAll('.js-plotly-plot, [role=img], img').length,
  named: document.querySelectorAll('[role=img][aria-labelledby]').length,
  wide: document.documentElement.scrollWidth,
})"""


def main() -> int:
    """Draw every picture into this folder; exit code 1 where something needed is missing."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        print("No Chromium is installed: the pictures stay as they are.", file=sys.stderr)
        return 1
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        report = default_report(Path(folder))
        others = [Path(name).resolve() for name in sys.argv[1:]]
        more = [("audit-report.png", other, 1100, 1750, "light") for other in others[:1]]
        for name, source, width, height, scheme in (*PICTURES, *more):
            page = browser.new_page(
                viewport={"width": width, "height": height}, color_scheme=scheme
            )
            page.goto((source or report).as_uri())
            page.wait_for_timeout(500)
            page.screenshot(path=str(Path(__file__).with_name(name)))
            print(Path("docs") / name)
        for label, source in (
            ("pack", PACK),
            ("default report", report),
            *(("other page", other) for other in others),
        ):
            print(f"{label}:", ", ".join(measured(browser, source)))
        browser.close()
    return 0


def default_report(folder: Path) -> Path:
    """The notebook of the comparisons as nbconvert makes a page of it by default."""
    command = [sys.executable, "-m", "nbconvert", "--to", "html", "--execute"]
    subprocess.run(
        [*command, "--output-dir", folder, NOTEBOOK], check=True, capture_output=True, cwd=ROOT
    )
    return folder / NOTEBOOK.with_suffix(".html").name


def measured(browser: Browser, source: Path) -> Iterator[str]:
    """What a page weighs, asks for and leaves out."""
    asked: list[str] = []
    page = browser.new_page(viewport={"width": 320, "height": 800})
    page.on("request", lambda request: asked.append(request.url))
    page.goto(source.as_uri())
    page.wait_for_timeout(500)
    yield f"{source.stat().st_size / 1000:,.0f} kB"
    yield f"{sum(url.startswith('http') for url in asked)} outside requests"
    counts = page.evaluate(COUNTS)
    yield f"{counts['captions']} of {counts['tables']} tables with a caption"
    yield f"{counts['scoped']} of {counts['headings']} headings with a scope"
    yield f"{counts['named']} of {counts['charts']} charts with a name"
    yield f"{counts['wide']} pixels wide in a window of 320"
    page.set_viewport_size({"width": 1100, "height": 900})
    page.evaluate(AXE_SCRIPT)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    rules = ", ".join(f"{rule['id']} x {len(rule['nodes'])}" for rule in found)
    yield f"axe-core: {rules or 'nothing broken'}"


if __name__ == "__main__":
    sys.exit(main())
