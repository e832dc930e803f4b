"""A run can be repeated, stopped, cut off or met by another one, and nothing made is lost."""

import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from pmstats.plain_file import sha256_of
from pmstats.report import pdf
from pmstats.report.pdf import PROGRAMS
from pmstats.runs import execute, packs, receipt
from pmstats.runs.lock import locked
from pmstats.runs.plan import Job
from pmstats.runs.receipt import identity
from pmstats.scheme import load_scheme

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks, signals and /proc of Linux")

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "90_consistency_check_pack.ipynb"

#: Runs cut off in the ordinary suite; a fault campaign asks for hundreds by the environment.
CUT_OFFS = int(os.environ.get("PMSTATS_CUT_OFFS", "6"))


def ends(reports) -> dict[str, str]:
    """Department to status, from the manifest."""
    return {name: line["status"] for name, line in reports.manifest.items()}


@pytest.fixture
def made(tmp_path, write_notebook, write_export, reports):
    """A small run that is done: notebook, export and reports."""
    notebook = write_notebook(tmp_path, "open('made.txt', 'w').write(department)")
    export = write_export(tmp_path, {"Clouds": 3, "Tides": 3})
    assert reports.run(notebook, export, "--quiet") == 0
    return notebook, export, reports


def test_the_index_lists_every_pack_and_every_failure(tmp_path, write_export, reports, capsys):
    """Files on stdout one a line, a summary on stderr, two indexes and the manifest beside."""
    export = write_export(tmp_path, {"<script>alert(1)</script>": 60, "Tides": 60})
    assert reports.run(NOTEBOOK, export) == 0
    printed = capsys.readouterr()
    assert "2 of 2 packs made" in printed.err
    listed = printed.out.splitlines()
    assert all(Path(line).is_file() for line in listed)
    assert len(listed) == sum(len(line["files"]) for line in reports.manifest.values()) + 2
    index = Path(listed[-1]).read_text(encoding="utf-8")
    assert "<script>alert" not in index
    assert "&lt;script&gt;" in index
    assert reports.manifest["Tides"]["cells"]["read"] > 0


def test_a_manifest_keeps_the_runs_of_other_notebooks(made, write_notebook, tmp_path):
    """Two notebooks into one folder: each has its last run in it, a damaged one is begun anew."""
    notebook, export, reports = made
    other = write_notebook(tmp_path, "depth", name="other.ipynb")
    for path in (other, notebook, other):
        assert reports.run(path, export, "--quiet", "--department", "Tides") == 0
    (path,) = reports.out.glob("*/manifest.json")
    held = json.loads(path.read_text())
    assert held["notebook"] == "other.ipynb"
    assert list(held["other_notebooks"]) == ["notebook.ipynb"]
    kept = held["other_notebooks"]["notebook.ipynb"]
    assert [line["department"] for line in kept["departments"]] == ["Tides"]
    assert "other_notebooks" not in kept
    path.write_text("[")
    assert reports.run(notebook, export, "--quiet") == 0
    assert json.loads(path.read_text())["other_notebooks"] == {}


def test_resume_keeps_what_is_still_good(made, capsys):
    """Nothing is run again, and the run says so."""
    notebook, export, reports = made
    before = {name: sha256_of(reports.out / name) for name in reports.files}
    assert reports.run(notebook, export, "--resume") == 0
    assert ends(reports) == {"Clouds": "kept", "Tides": "kept"}
    assert "0 of 2 packs made, 2 kept from an earlier run" in capsys.readouterr().err
    after = {name: sha256_of(reports.out / name) for name in reports.files}
    assert {n: s for n, s in before.items() if "manifest" not in n} == {
        n: s for n, s in after.items() if "manifest" not in n
    }


def test_resume_keeps_packs_that_are_in_a_record(made, tmp_path):
    """A record grows with every pack kept in it, and makes none of them out of date."""
    notebook, export, _ = made
    record = tmp_path / "record.sqlite"
    job = Job(
        department="/etc/hosts",
        notebook=notebook,
        folder=tmp_path,
        parameters=(("department", "/etc/hosts"), ("record", str(record)), ("export", str(export))),
    )
    before = identity(job, facts={})
    record.write_bytes(b"one more snapshot")
    assert identity(job, facts={}) == before


def test_without_resume_everything_is_made_again(made):
    """A run is safe to repeat and does what it says."""
    notebook, export, reports = made
    assert reports.run(notebook, export, "--quiet") == 0
    assert ends(reports) == {"Clouds": "done", "Tides": "done"}


@pytest.mark.parametrize("what", ["export", "notebook", "parameter", "code", "scheme"])
def test_resume_makes_again_what_was_made_from_something_else(made, monkeypatch, tmp_path, what):
    """Another export, notebook, parameter, scheme or version of the code is another result."""
    notebook, export, reports = made
    options = []
    if what == "export":
        export.write_text(export.read_text().replace("HP", "E", 1))
    elif what == "notebook":
        notebook.write_text(notebook.read_text().replace("made.txt", "made2.txt"))
    elif what == "parameter":
        options = ["-p", "depth=4"]
    elif what == "code":
        monkeypatch.setattr(receipt, "code_sha256", lambda: "other")
    else:
        scheme = Path(packs.__file__).parents[1] / "scheme" / "scs_2024_25.toml"
        changed = tmp_path / "scheme.toml"
        changed.write_text(scheme.read_text(encoding="utf-8") + "\n# another edition\n")
        options = ["--scheme", str(changed)]
    assert reports.run(notebook, export, "--resume", "--quiet", *options) == 0
    assert ends(reports) == {"Clouds": "done", "Tides": "done"}


def test_resume_makes_again_what_another_file_of_awards_decides(
    tmp_path, write_notebook, write_export, reports
):
    """A file beside the export is part of what packs are made from, and of the manifest."""
    notebook = write_notebook(tmp_path, "open('made.txt', 'w').write(department)")
    export = write_export(tmp_path, {"Tides": 3})
    awards, mapping = tmp_path / "awards.csv", tmp_path / "mapping.toml"
    awards.write_text("person_id,type,amount\nP00001,in_year,100\n")
    mapping.write_text('[files]\nawards = "awards.csv"\n')
    asked = (notebook, export, "--quiet", "--resume", "--mapping", str(mapping))
    assert [reports.run(*asked), ends(reports)] == [0, {"Tides": "done"}]
    assert [reports.run(*asked), ends(reports)] == [0, {"Tides": "kept"}]
    awards.write_text("person_id,type,amount\nP00001,in_year,200\n")
    assert [reports.run(*asked), ends(reports)] == [0, {"Tides": "done"}]
    (path,) = reports.out.rglob("manifest.json")
    manifest = json.loads(path.read_text(encoding="utf-8"))
    assert manifest["files_sha256"] == {"awards.csv": sha256_of(awards)}


@pytest.mark.parametrize("fault", ["changed", "missing", "no receipt", "broken receipt"])
def test_resume_makes_again_what_is_not_whole(made, fault):
    """Only the department whose files are not as they were written."""
    notebook, export, reports = made
    (folder,) = reports.out.glob("*/tides")
    if fault == "changed":
        (folder / "made.txt").write_text("touched")
    elif fault == "missing":
        (folder / "made.txt").unlink()
    elif fault == "no receipt":
        (folder / "notebook.receipt.json").unlink()
    else:
        (folder / "notebook.receipt.json").write_text("{")
    assert reports.run(notebook, export, "--resume", "--quiet") == 0
    assert ends(reports) == {"Clouds": "kept", "Tides": "done"}
    assert (folder / "made.txt").read_text() == "Tides"


def test_pages_are_printed_when_asked(tmp_path, write_notebook, write_export, reports):
    """`--pdf` prints every page of a job; a run that does not ask leaves no old one standing."""
    if not any(map(shutil.which, PROGRAMS)):
        pytest.skip("No Chromium is installed: no PDF is printed.")
    notebook = write_notebook(tmp_path, "open('page.html', 'w').write('<title>A page</title>')")
    export = write_export(tmp_path, {"Clouds": 3})
    assert reports.run(notebook, export, "--pdf", "--quiet") == 0
    (printed,) = reports.out.glob("*/clouds/page.pdf")
    assert printed.read_bytes().startswith(b"%PDF-")
    assert "page.pdf" in reports.manifest["Clouds"]["files"]
    assert reports.run(notebook, export, "--quiet") == 0
    assert not printed.exists()
    assert printed.with_suffix(".html").exists()


def test_a_run_that_cannot_print_says_so_before_it_begins(
    tmp_path, write_notebook, write_export, reports, capsys, monkeypatch
):
    """Exit code 11, what to install, and nothing made."""
    monkeypatch.setattr(pdf.shutil, "which", lambda _: None)
    notebook, export = write_notebook(tmp_path), write_export(tmp_path, {"Clouds": 3})
    assert reports.run(notebook, export, "--pdf") == 11
    assert "install the package “chromium”" in capsys.readouterr().err
    assert not reports.out.exists()


def test_packs_of_earlier_cycles_stay_in_the_index_over_all(
    tmp_path, write_export, reports, capsys
):
    """One page lists every department and cycle, and needs no server."""
    export = write_export(tmp_path, {"Tides": 60})
    earlier = reports.out / "2023-24-mid-year" / "rivers"
    earlier.mkdir(parents=True)
    facts = {"department": "Rivers", "stage": "Mid-year, indicative", "cycle": "2023-24"}
    facts |= {"framework": load_scheme("scs_2024_25").title, "headlines": [["Who?", "9 of 9"]]}
    (earlier / "pack.json").write_text(json.dumps(facts), encoding="utf-8")
    assert reports.run(NOTEBOOK, export, "--quiet") == 0
    index = (reports.out / "index.html").read_text(encoding="utf-8")
    assert 'href="2023-24-mid-year/rivers/consistency_check_pack.html"' in index
    assert 'href="2024-25-mid-year/tides/consistency_check_pack.html"' in index
    assert str(reports.out / "index.html") in capsys.readouterr().out


def test_one_run_at_a_time(made, capsys):
    """The second is told who writes and since when, and changes nothing; exit code 11."""
    notebook, export, reports = made
    before = reports.files
    (folder,) = reports.out.iterdir()
    with locked(folder):
        assert reports.run(notebook, export) == 11
    said = capsys.readouterr().err
    assert f"another run (process {os.getpid()} on " in said
    assert "for 0 minutes" in said
    assert reports.files == before
    assert reports.run(notebook, export, "--quiet") == 0


def test_an_export_that_changes_during_the_run_makes_no_pack(
    tmp_path, write_notebook, write_export, reports
):
    """Packs of one run come from one export, or they are not made."""
    export = write_export(tmp_path, {"Clouds": 3, "Tides": 3})
    notebook = write_notebook(
        tmp_path,
        "if department == 'Tides':\n    open(export, 'a').write('P9,Tides,SCS1,,A,Male\\n')",
    )
    assert reports.run(notebook, export, "--quiet", "--workers", "1") == 13
    assert ends(reports) == {"Clouds": "done", "Tides": "failed"}
    assert "the export changed" in reports.manifest["Tides"]["message"]


@pytest.mark.parametrize("workers", [1, 2])
def test_no_more_notebooks_run_at_a_time_than_asked_for(
    tmp_path, write_notebook, write_export, reports, workers
):
    """Jobs are prepared and put in place beside them, so there are more threads than turns."""
    seen = tmp_path / "seen"
    seen.mkdir()
    cell = (
        "import time\nbegun = time.monotonic()\ntime.sleep(0.1)\n"
        f"open({str(seen)!r} + '/' + department, 'w').write(f'{{begun}} {{time.monotonic()}}')"
    )
    export = write_export(tmp_path, {f"Department {n}": 2 for n in range(6)})
    notebook = write_notebook(tmp_path, cell)
    assert reports.run(notebook, export, "--quiet", "--workers", str(workers)) == 0
    spans = [tuple(map(float, path.read_text().split())) for path in seen.iterdir()]
    at_once = [sum(begun <= moment < ended for begun, ended in spans) for moment, _ in spans]
    assert len(spans) == 6
    assert max(at_once) <= workers


def test_notebooks_begin_in_the_order_of_the_departments(
    tmp_path, write_notebook, write_export, reports, monkeypatch
):
    """One worker takes them one by one, however long the first takes to be made ready."""
    prepared, seen = execute.prepared, tmp_path / "seen"

    def slowly(notebook, parameters):
        time.sleep(0.3 if parameters["department"] == "Clouds" else 0)
        return prepared(notebook, parameters)

    monkeypatch.setattr(execute, "prepared", slowly)
    export = write_export(tmp_path, {"Clouds": 3, "Rivers": 3, "Tides": 3})
    notebook = write_notebook(tmp_path, f"open({str(seen)!r}, 'a').write(department + ' ')")
    assert reports.run(notebook, export, "--quiet", "--workers", "1") == 0
    assert seen.read_text().split() == ["Clouds", "Rivers", "Tides"]


def test_a_reports_folder_that_vanishes_stops_the_run(
    tmp_path, write_notebook, write_export, reports, capsys
):
    """Exit code 13 and a sentence, no traceback."""
    export = write_export(tmp_path, {"Clouds": 3, "Tides": 3})
    notebook = write_notebook(
        tmp_path, "import shutil, os\nshutil.rmtree(os.path.dirname(os.path.dirname(os.getcwd())))"
    )
    assert reports.run(notebook, export, "--workers", "1") == 13  # two would meet while removing
    assert "could not be finished" in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["file", "link", "closed"])
def test_a_reports_folder_that_cannot_be_used_is_refused(
    tmp_path, write_notebook, write_export, reports, capsys, monkeypatch, kind
):
    """Exit code 11 before any notebook runs."""
    notebook, export = write_notebook(tmp_path, "1"), write_export(tmp_path, {"Tides": 3})
    cycle = reports.out / "2024-25-mid-year"
    if kind == "file":
        reports.out.write_text("")
    elif kind == "link":
        (tmp_path / "elsewhere").mkdir()
        reports.out.mkdir()
        cycle.symlink_to(tmp_path / "elsewhere")
    else:
        cycle.mkdir(parents=True)
        monkeypatch.setattr(os, "access", lambda *_: False)  # root may write anywhere
    assert reports.run(notebook, export) == 11
    said = capsys.readouterr().err
    assert {"file": "cannot be made", "link": "is a link", "closed": "cannot be written"}[
        kind
    ] in said
    assert not (tmp_path / "elsewhere").exists() or not list((tmp_path / "elsewhere").iterdir())


def test_a_disk_that_is_full_fails_the_department_and_keeps_its_pack(made):
    """A file that outgrows its limit is the system's own refusal in the middle of a write."""
    notebook, export, reports = made
    before = {name: sha256_of(reports.out / name) for name in reports.files if "tides" in name}
    notebook.write_text(
        notebook.read_text().replace("write(department)", "write(department * 10**6)")
    )
    given = ["--export", str(export), "--out", str(reports.out), "--department", "Tides"]
    ended = subprocess.run(
        [sys.executable, "-m", "pmstats", "run", str(notebook), *given],
        capture_output=True,
        check=False,
        timeout=600,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000)),
    )
    assert ended.returncode == 13, ended.stderr.decode()
    assert "OSError" in reports.manifest["Tides"]["message"]
    after = {n: sha256_of(reports.out / n) for n in before}
    assert after == before


def test_runs_cut_off_at_random_lose_nothing(
    tmp_path, write_notebook, write_export, reports, until
):
    """kill -9 of the run or of one of its processes, then a run that resumes: all is there.

    After each cut-off every department has its old pack, its new pack or a pack to be finished;
    after the next run there is no litter and no process.
    """
    names = [f"Office {n}" for n in range(6)]
    export = write_export(tmp_path, dict.fromkeys(names, 3))
    notebook = write_notebook(
        tmp_path, "for n in range(3):\n    open(f'{n}.txt', 'w').write(department * 1000)"
    )
    command = [sys.executable, "-m", "pmstats", "run", str(notebook), "--quiet"]
    command += ["--export", str(export), "--out", str(reports.out)]
    chance = random.Random(20250331)
    begun = time.monotonic()
    uncut = [*command[:-1], str(tmp_path / "uncut")]
    subprocess.run(uncut, check=True, stdout=subprocess.DEVNULL)
    whole = time.monotonic() - begun
    for turn in range(CUT_OFFS):
        run = subprocess.Popen(
            command,
            env=os.environ | reports.mark,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(chance.uniform(0, whole))
        victims = [run.pid] if turn % 2 == 0 else reports.processes
        if victims:
            with suppress(ProcessLookupError):
                os.kill(chance.choice(victims), signal.SIGKILL)
        run.wait(timeout=300)
        until(lambda: not reports.processes)
    assert reports.run(notebook, export, "--quiet", "--resume") == 0
    assert set(ends(reports).values()) <= {"done", "kept"}
    assert not [name for name in reports.files if "staging" in name or "partial" in name]
    for folder in (next(reports.out.iterdir()) / f"office-{n}" for n in range(6)):
        held = json.loads((folder / "notebook.receipt.json").read_text())
        assert set(held["files"]) == {"0.txt", "1.txt", "2.txt", "notebook.ipynb"}
        assert all(sha256_of(folder / name) == sha for name, sha in held["files"].items())


def test_an_interrupted_run_leaves_no_process(
    tmp_path, write_notebook, write_export, reports, until
):
    """Ctrl-C ends every notebook at once."""
    notebook = write_notebook(tmp_path, "import subprocess\nsubprocess.run(['sleep', '600'])")
    export = write_export(tmp_path, {"Tides": 3})
    command = [sys.executable, "-m", "pmstats", "run", str(notebook), "--export", str(export)]
    run = subprocess.Popen(
        [*command, "--out", str(reports.out)],
        env=os.environ | reports.mark,
        stderr=subprocess.DEVNULL,
        # A job in the background of a shell is started deaf to Ctrl-C, and its children with it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )
    until(lambda: len(reports.processes) == 4)  # run, zygote, job, sleep
    run.send_signal(signal.SIGINT)
    assert run.wait(timeout=300) != 0
    until(lambda: not reports.processes)
