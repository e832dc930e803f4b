"""Promises of docs/security.md that no other test holds, and that every one is held."""

import os
import re
import subprocess
import sys
from pathlib import Path
from textwrap import indent

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/proc of Linux")

ROOT = Path(__file__).parents[2]
ENGINES = pytest.mark.parametrize("engine", ["fork", "kernel"])


def test_every_promise_names_a_test_that_is_there():
    """Each line of the table has its tests, by file and name."""
    table = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    lines = [line for line in table.splitlines() if line.startswith("| ")][1:]
    assert len(lines) > 20
    for line in lines:
        named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", line)
        assert named, line
        for path, name in named:
            assert f"\ndef {name}(" in (ROOT / path).read_text(encoding="utf-8"), name


LISTENS = """
import os
own = set()
for n in os.listdir("/proc/self/fd"):
    try:
        own.add(os.readlink(f"/proc/self/fd/{n}"))
    except OSError:
        pass
heard = []
for kind in ("tcp", "tcp6", "udp", "udp6"):
    for line in open(f"/proc/self/net/{kind}").readlines()[1:]:
        if f"socket:[{line.split()[9]}]" in own:
            heard.append(line)
if heard:
    raise ValueError(heard)
"""

ON_COMMAND_LINES = """
import glob, os
run = dict(v.split("=", 1) for v in open("/proc/self/environ").read().split("\\0") if "=" in v)
for process in glob.glob("/proc/[0-9]*"):
    try:
        if run["PMSTATS_TEST_RUN"] in open(process + "/environ").read():
            if department in open(process + "/cmdline").read():
                raise SystemExit(1)
    except OSError:
        pass
"""

DUMPS_CORE = """
import resource
if resource.getrlimit(resource.RLIMIT_CORE) != (0, 0):
    raise ValueError
"""


@pytest.fixture
def ends_well(tmp_path, write_notebook, write_export, reports):
    """Whether a cell runs to its end under an engine, in a run of one department."""

    def run(engine: str, cell: str) -> bool:
        notebook = write_notebook(tmp_path, cell)
        export = write_export(tmp_path, {"Secretdepartment": 3})
        ended = reports.run_apart(notebook, export, "--engine", engine)
        assert ended.returncode in (0, 13), ended.stderr.decode()
        return ended.returncode == 0

    return run


@ENGINES
def test_no_process_of_a_run_listens(ends_well, engine):
    """Neither TCP nor UDP; a cell that does listen would be seen by the same look."""
    assert ends_well(engine, LISTENS)
    listening = "import socket\nkept = socket.create_server(('127.0.0.1', 0))\n"
    assert not ends_well(engine, listening + LISTENS)


@ENGINES
def test_no_parameter_is_on_a_command_line(ends_well, engine):
    """Of no process of the run; a command line with it would be seen by the same look."""
    assert ends_well(engine, ON_COMMAND_LINES)
    shown = (
        "import subprocess, sys\nprogram = [sys.executable, '-c', 'input()', department]\n"
        "kept = subprocess.Popen(program, stdin=subprocess.PIPE)  # stays\n"
    )
    assert not ends_well(engine, shown + ON_COMMAND_LINES)


@ENGINES
def test_no_process_of_a_run_dumps_core(ends_well, engine):
    """The limit is 0, and cannot be raised again."""
    assert ends_well(engine, DUMPS_CORE)


#: Leaves processes in sessions of their own, one of which has left its parent too: while the
#: notebook runs, both are its own, and no other notebook's end is theirs.
LEAVES_STRAYS = """
import os, subprocess, time
kept = subprocess.Popen(["sleep", "1000"], start_new_session=True)
subprocess.run(["sh", "-c", "(setsid sh -c 'sleep 1000 & sleep 1000; true' &)"])
while len(open(f"/proc/self/task/{os.getpid()}/children").read().split()) != 2:
    time.sleep(0.05)
"""

ALONE = """
import glob, os, time
def sleeping():
    for process in glob.glob("/proc/[0-9]*"):
        try:
            run = f"PMSTATS_TEST_RUN={os.environ['PMSTATS_TEST_RUN']}\\0"
            if run.encode() in open(process + "/environ", "rb").read():
                yield open(process + "/cmdline").read().startswith("sleep")
        except OSError:
            pass
while any(sleeping()) == (department == "Tides"):
    time.sleep(0.05)
"""


@pytest.mark.parametrize("end", ["1", "os.kill(os.getpid(), 9)"])
def test_nothing_that_a_notebook_starts_outlives_it(
    tmp_path, write_notebook, write_export, reports, until, end
):
    """Whatever its session, and however the notebook ends: the next notebook finds it gone."""
    first = LEAVES_STRAYS + ALONE + end
    cell = f"if department == 'Clouds':\n{indent(first, '    ')}\nelse:\n{indent(ALONE, '    ')}"
    notebook = write_notebook(tmp_path, cell)
    export = write_export(tmp_path, {"Clouds": 3, "Tides": 3})
    ended = reports.run_apart(notebook, export, "--workers", "1")
    assert ended.returncode == (0 if end == "1" else 13), ended.stderr.decode()
    assert reports.manifest["Tides"]["status"] == "done"
    until(lambda: not reports.processes)


def test_nothing_that_a_notebook_starts_outlives_a_run_that_is_killed(
    tmp_path, write_notebook, write_export, reports, until
):
    """kill -9 of the run: the process that forks ends what is left, whatever its session."""
    notebook = write_notebook(tmp_path, LEAVES_STRAYS + "time.sleep(1000)")
    command = [sys.executable, "-m", "pmstats", "run", str(notebook), "--quiet"]
    command += ["--export", str(write_export(tmp_path, {"Tides": 3})), "--out", str(reports.out)]
    with subprocess.Popen(command, env=os.environ | reports.mark) as run:
        until(lambda: len(reports.processes) == 7)  # run, zygote, job, three that sleep, a shell
        run.kill()
    until(lambda: not reports.processes)


def test_rows_are_handed_on_in_memory(ends_well):
    """A fork has the very cohort of the process that forks."""
    assert ends_well(
        "fork",
        "import pmstats\n"
        "from pmstats.cohort import preloaded\n"
        "scheme = pmstats.load_scheme(scheme)\n"
        "cohort = pmstats.read_export(export, scheme=scheme, mapping=mapping, stage=stage, "
        "cut_off=cut_off)\n"
        "if not any(kept.cohort.people is cohort.people for kept in preloaded._held):\n"
        "    raise ValueError",
    )


def test_a_module_in_the_current_folder_is_not_loaded(
    tmp_path, write_notebook, write_export, reports, monkeypatch
):
    """A file named like a library, beside the export and in the folder the run starts in."""
    (tmp_path / "pandas.py").write_text("raise SystemExit('shadowed')")
    (tmp_path / "json.py").write_text("raise SystemExit('shadowed')")
    monkeypatch.chdir(tmp_path)
    export = write_export(tmp_path, {"Tides": 3})
    assert reports.run(write_notebook(tmp_path, "import pandas, json"), export) == 0
