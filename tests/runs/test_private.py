"""Rows that a run needs as a file are gone when it ends, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pmstats.runs.private import PREFIX, clear_private, private_folder

HOLD = """
import sys, time
from pmstats.runs.private import private_folder
try:
    with private_folder() as folder:
        (folder / "rows.csv").write_text("rows")
        print("ready", flush=True)
        time.sleep(60)
except KeyboardInterrupt:
    sys.exit(130)
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for temporary files of this test alone."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def left(temporary: Path) -> list[str]:
    """The files in private folders that are there."""
    return [path.name for path in temporary.glob(f"{PREFIX}*/rows/*")]


def holder() -> subprocess.Popen[str]:
    """A process that keeps rows in a private folder."""
    process = subprocess.Popen([sys.executable, "-c", HOLD], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process.stdout as told:
        assert told.readline() == "ready\n"
    return process


def test_a_private_folder_is_its_owner_s_alone_and_gone_afterwards(temporary: Path) -> None:
    """Nobody else can enter, and an error on the way leaves nothing."""

    def fails() -> None:
        with private_folder() as folder:
            (folder / "rows.csv").write_text("rows")
            assert folder.stat().st_mode & 0o077 == 0
            assert folder.parent.stat().st_mode & 0o077 == 0
            raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        fails()
    assert list(temporary.iterdir()) == []


def test_a_run_told_to_stop_puts_its_rows_away(temporary: Path) -> None:
    """A scheduler's SIGTERM ends a run as Control-C does."""
    process = holder()
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=300) == 130
    assert list(temporary.iterdir()) == []


def test_what_a_killed_run_leaves_is_removed_by_the_next(temporary: Path) -> None:
    """Nothing can be done on the way of a SIGKILL; the next run does it."""
    process = holder()
    process.kill()
    process.wait(timeout=300)
    assert left(temporary) == ["rows.csv"]
    with private_folder():
        assert left(temporary) == []
    assert list(temporary.iterdir()) == []


def test_no_pipe_stays(
    temporary: Path, tmp_path: Path, write_notebook, write_export, reports, until
) -> None:
    """The pipes of a killed run's kernels go with the next run; no kernel outlives it."""
    notebook = write_notebook(tmp_path, "import time\ntime.sleep(600)")
    command = [sys.executable, "-m", "pmstats", "run", str(notebook), "--engine", "kernel"]
    command += ["--export", str(write_export(tmp_path, {"Tides": 3})), "--out", str(reports.out)]
    run = subprocess.Popen(command, env=os.environ | reports.mark, stderr=subprocess.DEVNULL)
    try:
        until(lambda: list(temporary.glob("*/*/connection.json")))
    finally:
        run.kill()
        run.wait()
    until(lambda: not reports.processes)
    clear_private()
    assert list(temporary.glob(f"{PREFIX}*")) == []


def test_the_rows_of_a_run_that_is_still_at_work_stay(temporary: Path) -> None:
    """Its lock is held: another run leaves it alone."""
    process = holder()
    try:
        clear_private()
        assert left(temporary) == ["rows.csv"]
    finally:
        process.terminate()
        process.wait(timeout=300)


def test_a_link_or_a_stranger_s_folder_is_not_followed(temporary: Path) -> None:
    """A link with the right name leads nowhere."""
    elsewhere = temporary / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / ".lock").write_text("")
    (elsewhere / "kept").write_text("kept")
    (temporary / f"{PREFIX}link").symlink_to(elsewhere)
    clear_private()
    assert (elsewhere / "kept").exists()


def test_many_killed_at_random_leave_nothing_after_the_next(temporary: Path) -> None:
    """Whenever it is killed, from its first moment on, nothing with rows stays."""
    code = HOLD.replace('print("ready", flush=True)', "pass")
    for tenth in range(8):
        process = subprocess.Popen([sys.executable, "-c", code])
        time.sleep(0.02 * tenth)
        process.kill()
        process.wait(timeout=300)
    clear_private()
    assert left(temporary) == []
