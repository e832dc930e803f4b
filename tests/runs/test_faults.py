"""Whatever happens in one notebook, the others are made and the truth is told without names."""

import stat
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="signals and forks of Linux")

#: Made up; a notebook holds it as an analyst's row would.
NAME = "Ann Exampleperson"

FAULTY = """
import ctypes, logging, os, sys, time, warnings
row = "Ann Example" + "person, 41"
if department == "Raises":
    raise ValueError(row)
if department == "Speaks":
    print(row, file=sys.stderr)
    print(row, file=sys.__stderr__)
    print(row, file=sys.__stdout__)
    os.write(1, row.encode())
    os.write(2, row.encode())
    warnings.warn(row)
    logging.warning(row)
    raise KeyError(row)
if department == "Killed":
    os.kill(os.getpid(), 9)
if department == "Crashes":
    ctypes.string_at(0)
if department == "Leaves":
    os._exit(0)
if department == "Slow":
    time.sleep(600)
if department == "Exits":
    sys.exit(0)
if department == "Greedy":
    row = bytearray(8 * 2**30)
if department == "Ours":
    from pmstats.errors import ParameterError
    raise ParameterError("The stage is not known.")
"""

#: Department: what its line in the manifest says (fork, kernel).
SAID = {
    "Raises": ("ValueError: its words are withheld",) * 2,
    "Speaks": ("KeyError: its words are withheld",) * 2,
    "Killed": ("ProcessDied: the process was ended by SIGKILL", "ProcessDied: the kernel died"),
    "Crashes": ("ProcessDied: the process was ended by SIGSEGV", "ProcessDied: the kernel died"),
    "Leaves": ("ProcessDied: the process left with exit code 0", "ProcessDied: the kernel died"),
    "Slow": ("TimedOut: the cell took longer than",) * 2,
    "Exits": ("SystemExit: 0",) * 2,
    "Greedy": ("MemoryError: its words are withheld",) * 2,
    "Ours": ("ParameterError: The stage is not known.",) * 2,
}
FINE = "Tides"


@pytest.fixture(scope="module", params=["fork", "kernel"])
def faulty(request, tmp_path_factory, write_notebook, write_export, reports_in):
    """One run in which every department but one meets a fault of its own."""
    folder = tmp_path_factory.mktemp(request.param)
    notebook = write_notebook(folder, "'before'", FAULTY, "print('done'); open('made.txt', 'w')")
    export = write_export(folder, dict.fromkeys([*SAID, FINE], 3))
    reports = reports_in(folder / "reports")
    # Only one cell takes so long; the others must not, however busy the machine is, and the
    # death of a kernel takes time to see.
    seconds = {"fork": "20", "kernel": "60"}[request.param]
    options = ["--engine", request.param, "--cell-timeout", seconds, "--memory", "2000"]
    ended = reports.run_apart(notebook, export, *options)
    return request.param, reports, ended


def test_the_other_departments_are_made(faulty):
    """Exit code 13, and the department without a fault has all its files."""
    _, reports, ended = faulty
    assert ended.returncode == 13, ended.stderr.decode()
    assert reports.manifest[FINE]["status"] == "done"
    assert reports.manifest[FINE]["files"] == ["made.txt", "notebook.ipynb"]


@pytest.mark.parametrize("department", SAID)
def test_the_manifest_says_how_each_ended(faulty, department):
    """Failed, in which cell, and by what: an error, a signal, an exit or the clock."""
    engine, reports, _ = faulty
    line = reports.manifest[department]
    assert line["status"] == "failed"
    assert line["message"].startswith("cell [4]: ")
    assert SAID[department][engine == "kernel"] in line["message"]


@pytest.mark.parametrize("department", SAID)
def test_the_failed_notebook_tells_what_ran_and_what_did_not(faulty, department):
    """papermill marks a killed or timed-out notebook complete to its end; ours never is."""
    _, reports, _ = faulty
    held = reports.notebook(department.lower(), "failed-notebook.ipynb")
    assert held["metadata"]["pmstats"]["status"] == "failed"
    ends = {cell["id"]: cell["metadata"].get("pmstats") for cell in held["cells"]}
    assert ends["c0"] is None
    assert ends["c1"] == "failed"
    assert ends["c2"] == "not run"
    failed = next(cell for cell in held["cells"] if cell["id"] == "c1")
    assert [output["output_type"] for output in failed["outputs"]] == ["error"]


@pytest.mark.parametrize("department", SAID)
def test_a_department_that_failed_has_no_files_of_its_own(faulty, department):
    """Only the failed notebook under a name that says so."""
    _, reports, _ = faulty
    assert [path.name for path in reports.out.glob(f"*/{department.lower()}/*")] == [
        "failed-notebook.ipynb"
    ]


def test_no_name_is_anywhere(faulty):
    """Not on the terminal by any way a process can write, not in any file of the folder."""
    _, reports, ended = faulty
    assert NAME not in (ended.stdout + ended.stderr).decode()
    for name in reports.files:
        assert NAME not in (reports.out / name).read_text(encoding="utf-8"), name


def test_files_and_folders_are_their_owner_s_alone(faulty):
    """No other user of the machine reads a pack."""
    _, reports, _ = faulty
    for path in (reports.out, *reports.out.rglob("*")):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), path


def test_nothing_is_left_over(faulty, until):
    """No staging folder, no part of a file, and soon no process."""
    _, reports, _ = faulty
    assert not [name for name in reports.files if "staging" in name or "partial" in name]
    until(lambda: not reports.processes)


def test_an_earlier_pack_survives_a_run_that_fails(tmp_path, write_notebook, write_export, reports):
    """What was made yesterday stays as it was; the failed copy goes when it is made again."""
    export = write_export(tmp_path, {"Tides": 3})
    good = write_notebook(tmp_path, "open('made.txt', 'w').write('yesterday')")
    assert reports.run(good, export) == 0
    before = reports.notebook("tides")
    write_notebook(tmp_path, "open('made.txt', 'w').write('today')", "1 / 0")
    assert reports.run(good, export) == 13
    (made,) = reports.out.glob("*/tides/made.txt")
    assert made.read_text() == "yesterday"
    assert reports.notebook("tides") == before
    assert reports.notebook("tides", "failed-notebook.ipynb")
    write_notebook(tmp_path, "open('made.txt', 'w').write('today')")
    assert reports.run(good, export) == 0
    assert made.read_text() == "today"
    assert not list(reports.out.glob("*/tides/failed-*"))
