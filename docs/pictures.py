"""Pictures of what pmstats makes, for the README: `make pictures` after `make packs`.

Needs an installed Chromium; nothing is downloaded and no page asks for anything outside.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKS = ROOT / "reports/2024-25-mid-year"

#: Picture, page, width and height in CSS pixels.
PICTURES = (
    ("first-page.png", PACKS / "lighthouse-ministry/consistency_check_pack.html", 1100, 1560),
)


def main() -> int:
    """Draw every picture into this folder; exit code 1 where something needed is missing."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        print("No Chromium is installed: the pictures stay as they are.", file=sys.stderr)
        return 1
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name, source, width, height in PICTURES:
            page = browser.new_page(viewport={"width": width, "height": height})
            page.goto(source.as_uri())
            page.screenshot(path=str(Path(__file__).with_name(name)))
            print(Path("docs") / name)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
