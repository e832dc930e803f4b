"""A page printed to PDF by an installed Chromium: tagged, outlined, its marking on every sheet.

The same page gives the same bytes under the same Chromium: the two times it writes are set to one.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from pmstats.errors import ParameterError
from pmstats.report.files import write_owner_only

#: Names that a Chromium goes by.
PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
SECONDS = 120

#: Becomes a program that the system kills when who waits for it is gone (Linux).
TIED = """\
import ctypes, os, signal, sys
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
if os.getppid() == int(sys.argv[1]):
    os.execvp(sys.argv[2], sys.argv[2:])
"""

#: The times that Chromium writes into a PDF, and what stands in their place: as long, no clock.
PRINTED = re.compile(rb"Date \(D:\d{14}[-+]\d\d'\d\d'\)")
EARLIEST = b"Date (D:19800101000000+00'00')"


def write_pdf(page: str | Path, *, within: Path | None = None) -> Path:
    """Print a page to a PDF beside it and give its path; the file is its owner's alone.

    Closed parts are printed open. Nothing is fetched: the page holds all it needs. What Chromium
    keeps meanwhile is in a folder `within` the one given, or where temporary files are. Raises
    `ParameterError` where no Chromium is installed or it does not print.
    """
    source, program = Path(page).resolve(), chromium()
    # a Chromium that was killed leaves processes that write for some moments more
    with tempfile.TemporaryDirectory(dir=within, ignore_cleanup_errors=True) as folder:
        printed = Path(folder) / "page.pdf"
        _print(program, source, printed)
        if not printed.exists():
            raise ParameterError(f"Chromium did not print {source.name}: print it in a browser.")
        content = PRINTED.sub(EARLIEST, printed.read_bytes())
        return write_owner_only(source.with_suffix(".pdf"), content)


def chromium() -> str:
    """The installed Chromium. Raises `ParameterError`, with another way, where there is none."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        raise ParameterError(
            "A PDF is printed by Chromium, and none is installed: install the package "
            "“chromium”, or open the page in any browser and print it there."
        )
    return program


def _print(program: str, source: Path, printed: Path) -> None:
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    command = [
        *(sys.executable, "-I", "-S", "-c", TIED, str(os.getpid())),
        program,
        "--headless",
        # Chromium refuses its sandbox to root; the page runs no script
        *(["--no-sandbox"] if as_root else []),
        "--disable-gpu",
        "--disable-background-networking",
        f"--user-data-dir={printed.parent / 'profile'}",
        "--no-pdf-header-footer",
        "--export-tagged-pdf",
        "--generate-pdf-document-outline",
        f"--print-to-pdf={printed}",
        source.as_uri(),
    ]
    # all it writes stays in the folder: the copy of its memory when it crashes holds the page, and
    # its socket goes by a short name however long the folder's is
    kept = {"TMPDIR": ".", "BREAKPAD_DUMP_LOCATION": str(printed.parent)}
    try:
        subprocess.run(
            command,
            cwd=printed.parent,
            env=os.environ | kept,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ParameterError(
            f"Chromium did not print {source.name} in {SECONDS} seconds: print it in a browser."
        ) from None
