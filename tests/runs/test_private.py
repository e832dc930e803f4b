"""Rows that a run needs as a file are gone when it ends, however it ends."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import pytest

from pmstats.report.pdf import PROGRAMS
from pmstats.runs import private
from pmstats.runs.private import PREFIX, clear_private, private_folder

HOLD = """
import sys, time
from pmstats.runs.private import private_folder
try:
    with private_folder() as folder:
        (folder / "rows.csv").write_text("rows")
        print("ready", flush=True)
        time.sleep(600)
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


def processes() -> Iterator[tuple[int, int, int]]:
    """The number, parent and session of every process that has not ended (Linux)."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            state, parent, _, session = (
                (process / "stat").read_text().rpartition(")")[2].split()[:4]
            )
            if state != "Z":
                yield int(process.name), int(parent), int(session)


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
    (temporary / f"{PREFIX}bare").mkdir()  # killed before there was a lock
    with private_folder():
        assert left(temporary) == []
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("how_far", ["before its lock", "at its lock"])
def test_a_folder_that_another_run_clears_too_soon_is_made_anew(
    temporary: Path, monkeypatch: pytest.MonkeyPatch, how_far: str
) -> None:
    """One that clears cannot tell a folder just made from what a killed run left."""
    make, take, made = tempfile.mkdtemp, private._take, []

    def clear_once(path: Path) -> None:
        if len(made) == 1:
            made.append(path)
            shutil.rmtree(path)

    def made_and_cleared(prefix: str) -> str:
        made.append(Path(make(prefix=prefix)))
        if how_far == "before its lock":
            clear_once(made[0])
        return str(made[-1])

    def taken_and_cleared(lock: BinaryIO) -> bool:
        if how_far == "at its lock":
            clear_once(made[0])
        return take(lock)

    monkeypatch.setattr(tempfile, "mkdtemp", made_and_cleared)
    monkeypatch.setattr(private, "_take", taken_and_cleared)
    with private_folder() as folder:
        assert folder.is_dir()
        assert not made[0].exists()
        assert list(temporary.glob(f"{PREFIX}*")) == [folder.parent]


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


#: Never loaded to its end, and so never printed.
ENDLESS = "open('page.html', 'w').write('<script>for (;;);</script>' + department)"


@pytest.mark.parametrize("victim", ["run", "Chromium"])
def test_chromium_and_its_folder_go_when_it_or_the_run_is_killed(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    write_notebook,
    write_export,
    reports,
    until,
    victim: str,
) -> None:
    """kill -9 while a page is printed: no process stays, nor after the next run a file."""
    if not any(map(shutil.which, PROGRAMS)):
        pytest.skip("No Chromium is installed: no PDF is printed.")
    long = tmp_path / ("long" * 30)  # too long for the name of a socket
    long.mkdir()
    monkeypatch.setenv("TMPDIR", str(long))
    monkeypatch.setattr("tempfile.tempdir", str(long))
    notebook = write_notebook(tmp_path, ENDLESS)
    command = [sys.executable, "-m", "pmstats", "run", str(notebook), "--pdf", "--quiet"]
    command += ["--export", str(write_export(tmp_path, {"Tides": 3})), "--out", str(reports.out)]
    with subprocess.Popen(
        command, env=os.environ | reports.mark, start_new_session=True, stderr=subprocess.PIPE
    ) as run:
        until(lambda: run.poll() is not None or list(long.glob("*/rows/*/profile/Default")))
        (chromium,) = (
            pid for pid, parent, session in processes() if parent == run.pid and session == run.pid
        )
        os.kill(run.pid if victim == "run" else chromium, signal.SIGKILL)
        _, said = run.communicate(timeout=300)
    assert run.returncode == (-signal.SIGKILL if victim == "run" else 13)
    assert (b"Chromium did not print page.html" in said) == (victim == "Chromium")
    try:
        until(lambda: run.pid not in {session for *_, session in processes()})
        until(lambda: not reports.processes)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(run.pid, signal.SIGKILL)
    clear_private()
    assert list(long.iterdir()) == []


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
    assert list(temporary.iterdir()) == []
