"""Notebooks sent to a real scheduler with real workers come back as if they had run here."""

import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from pmstats.report.record_store import record_entries, record_snapshot
from pmstats.runs import cluster

distributed = pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="workers run on Linux")

ROOT = Path(__file__).parents[2]
PACK = ROOT / "notebooks" / "90_consistency_check_pack.ipynb"
SAMPLE = ROOT / "data" / "synthetic" / "scs_2024_25.csv"


def forking(folder: Path) -> dict[int, int]:
    """The processes that fork for the workers of a cluster and their forks, with their parents."""
    mark, found = f"PMSTATS_TEST_RUN={folder}\0".encode(), {}
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            ours = mark in (process / "environ").read_bytes()
            if ours and b"pmstats.runs.zygote" in (process / "cmdline").read_bytes():
                after_name = (process / "stat").read_text().rpartition(")")[2]
                found[int(process.name)] = int(after_name.split()[1])
    return found


def bytes_of(reports) -> dict[str, bytes]:
    """Every file but those that tell of times."""
    timed = ("manifest.json", ".receipt.json")
    return {n: (reports.out / n).read_bytes() for n in reports.files if not n.endswith(timed)}


def untimed(reports) -> list[object]:
    """What manifest and receipts say, without seconds."""

    def without(held: object) -> object:
        if isinstance(held, dict):
            return {k: without(v) for k, v in held.items() if k not in ("seconds", "cells")}
        return [without(each) for each in held] if isinstance(held, list) else held

    paths = sorted((*reports.out.rglob("manifest.json"), *reports.out.rglob("*.receipt.json")))
    return [without(json.loads(path.read_text())) for path in paths]


def jobs_of(worker: int, parents: dict[int, int]) -> set[int]:
    """The notebooks that run for a worker, and the process that forks them; nothing without."""
    zygotes = {pid for pid, parent in parents.items() if parent == worker}
    jobs = {pid for pid, parent in parents.items() if parent in zygotes}
    return zygotes | jobs if jobs else set()


#: Lets the first department through, and holds every other one until a file is there.
GATE = """
import time
from pathlib import Path
while department != "Belltower Bureau" and not Path({gate!r}).exists():
    time.sleep(0.05)
"""


def test_a_worker_is_killed_and_the_packs_are_the_same_bytes(tmp_path, reports_in, until, dask_in):
    """kill -9 in the middle: its jobs go to the other one, its processes are gone, no litter."""
    held, gate = json.loads(PACK.read_text()), tmp_path / "gate"
    cell = {"cell_type": "code", "id": "gate", "metadata": {}, "execution_count": None}
    held["cells"].append({**cell, "outputs": [], "source": GATE.format(gate=str(gate))})
    notebook = tmp_path / PACK.name
    notebook.write_text(json.dumps(held))
    here, there = reports_in(tmp_path / "here"), reports_in(tmp_path / "there")
    with dask_in(tmp_path).running() as dask:
        victim, _ = dask.worker(), dask.worker()
        command = [sys.executable, "-m", "pmstats", "run", str(notebook), "--cluster", dask.address]
        command += ["--export", str(SAMPLE), "--out", str(there.out)]
        with subprocess.Popen(command, stderr=subprocess.PIPE) as run:
            until(lambda: any(there.out.glob("*/*/*.receipt.json")))
            until(lambda: jobs_of(victim.pid, forking(tmp_path)))
            theirs = jobs_of(victim.pid, forking(tmp_path))
            os.kill(victim.pid, signal.SIGKILL)
            until(lambda: not theirs & set(forking(tmp_path)))
            gate.touch()
            _, said = run.communicate(timeout=600)
        assert run.returncode == 0, said.decode()
        assert b"8 of 8 packs made" in said
        until(lambda: not forking(tmp_path))
        until(lambda: not list((tmp_path / "worker-1").glob("*/*/pmstats-*")))
    assert here.run(notebook, SAMPLE, "--quiet") == 0
    assert bytes_of(there) == bytes_of(here)
    assert untimed(there) == untimed(here)


FAULTY = """
import os, sys, time
if department == "Raises":
    raise ValueError("Ann Example" + "person")
if department == "Killed":
    os.kill(os.getpid(), 9)
if department == "Slow":
    time.sleep(600)
open("made.txt", "w").write(department)
"""


def test_one_failure_stops_nobody_and_tells_no_name(
    dask, tmp_path, write_notebook, write_export, reports_in
):
    """Exit code 13, and every line of the manifest as it is when the notebooks run here."""
    notebook = write_notebook(tmp_path, FAULTY)
    export = write_export(tmp_path, dict.fromkeys(["Killed", "Raises", "Slow", "Tides"], 3))
    here, there = reports_in(tmp_path / "here"), reports_in(tmp_path / "there")
    options = ["--cell-timeout", "20", "--quiet"]
    assert there.run(notebook, export, *options, "--cluster", dask.address) == 13
    assert here.run(notebook, export, *options) == 13
    assert [line["status"] for line in there.manifest.values()] == ["failed"] * 3 + ["done"]
    assert bytes_of(there) == bytes_of(here)
    assert untimed(there) == untimed(here)
    assert "Ann Exampleperson" not in dask.log


ROWS = """
import os
from pathlib import Path
from pmstats.cohort import preloaded, read_export
from pmstats.scheme import load_scheme
cohort = read_export(export, scheme=load_scheme(scheme), mapping=mapping, stage=stage)
if not any(kept.cohort.people is cohort.people for kept in preloaded._held):
    raise ValueError("read again")
if not os.path.realpath(export).startswith("/memfd:"):
    raise ValueError("on the disk")
held = Path.cwd().parents[1]
worker = held.parent
files = [path for path in worker.rglob("*") if path.is_file() and not path.is_symlink()]
if any(b"P00001" in path.read_bytes() for path in files):
    raise ValueError("on the disk")
if held.stat().st_mode & 0o077:
    raise ValueError("open to others")
try:
    os.truncate(export, 0)
except PermissionError:
    open("zygote.txt", "w").write(str(os.getppid()))
"""


def test_rows_reach_a_worker_s_memory_once_and_never_its_disk(
    dask, tmp_path, write_notebook, write_export, reports, until
):
    """One process that forks for each worker, the cohort in it, and nothing left at the end."""
    notebook = write_notebook(tmp_path, ROWS)
    export = write_export(tmp_path, {f"Office {n}": 3 for n in range(6)})
    assert reports.run(notebook, export, "--cluster", dask.address) == 0, reports.manifest
    forked = {path.read_text() for path in reports.out.rglob("zygote.txt")}
    assert 1 <= len(forked) <= 2
    until(lambda: not forking(dask.folder) and not dask.left)
    assert "P00001" not in dask.log


def test_a_run_elsewhere_is_resumed_here_and_the_other_way_round(
    dask, tmp_path, write_notebook, write_export, reports
):
    """The scheme and the mapping are files; receipts do not say where a pack was made."""
    scheme, mapping = tmp_path / "own.toml", tmp_path / "mapping.toml"
    installed = ROOT / "pmstats" / "scheme" / "scs_2024_25.toml"
    scheme.write_bytes(installed.read_bytes())
    mapping.write_text('[columns]\nsex = "sex"\n')
    notebook = write_notebook(tmp_path, "open('made.txt', 'w').write(scheme[-8:])")
    export = write_export(tmp_path, {"/etc/passwd": 3, "Tides": 3})
    options = ["--scheme", str(scheme), "--mapping", str(mapping), "--resume", "--quiet"]
    assert reports.run(notebook, export, *options, "--department", "Tides") == 0
    assert reports.run(notebook, export, *options, "--cluster", dask.address) == 0
    assert [line["status"] for line in reports.manifest.values()] == ["done", "kept"]
    assert reports.run(notebook, export, *options) == 0
    assert [line["status"] for line in reports.manifest.values()] == ["kept", "kept"]


def test_the_end_of_the_client_is_the_end_of_the_run(
    dask, tmp_path, write_notebook, write_export, reports, until
):
    """kill -9: no process, no file of the run stays at the workers; the next run finishes."""
    notebook = write_notebook(tmp_path, "import time\ntime.sleep(0 if depth else 600)")
    export = write_export(tmp_path, {"Clouds": 3, "Tides": 3})
    command = [sys.executable, "-m", "pmstats", "run", str(notebook), "--cluster", dask.address]
    command += ["--export", str(export), "--out", str(reports.out), "--quiet"]
    with subprocess.Popen([*command, "-p", "depth=0"]) as run:
        # Two that fork, and the jobs.
        until(lambda: len(forking(dask.folder)) == 4 or run.poll() is not None)
        assert run.poll() is None
        run.kill()
    until(lambda: not forking(dask.folder) and not dask.left)
    assert subprocess.run([*command, "--resume"], check=False).returncode == 0
    assert {line["status"] for line in reports.manifest.values()} == {"done"}


def test_a_plan_runs_on_a_cluster_as_it_stands(
    dask, tmp_path, write_notebook, write_export, capsys
):
    """The same file; the address is an option."""
    from pmstats import cli

    write_notebook(tmp_path, "open('made.txt', 'w')")
    write_export(tmp_path, {"Tides": 3})
    plan = tmp_path / "plan.toml"
    plan.write_text('[[run]]\nnotebook = "notebook.ipynb"\nexport = "export.csv"\n')
    assert cli.main(["schedule", str(plan), "--cluster", dask.address]) == 0
    assert "made.txt" in capsys.readouterr().out


def test_export_and_reports_are_elsewhere_and_workers_need_no_way_there(
    dask, tmp_path, write_notebook, write_export, capsys
):
    """A storage that lives in this process alone; each notebook in a kernel of its own."""
    from pmstats import cli

    memory = pytest.importorskip("fsspec").filesystem("memory")
    memory.pipe_file("/bucket/export.csv", write_export(tmp_path, {"Tides": 3}).read_bytes())
    notebook = write_notebook(tmp_path, "import shutil\nshutil.copyfile(export, 'made.txt')")
    given = ["--export", "memory://bucket/export.csv", "--out", "memory://bucket/reports"]
    given += ["--engine", "kernel", "--cluster", dask.address]
    assert cli.main(["run", str(notebook), *given]) == 0
    (made,) = [line for line in capsys.readouterr().out.split() if line.endswith("made.txt")]
    assert memory.cat_file(made) == memory.cat_file("/bucket/export.csv")


def test_a_worker_with_another_version_makes_nothing(
    dask, tmp_path, write_notebook, write_export, reports, monkeypatch
):
    """Two versions in one run would be two results."""
    monkeypatch.setattr(cluster, "code_sha256", lambda: "other")
    notebook, export = write_notebook(tmp_path, "1"), write_export(tmp_path, {"Tides": 3})
    assert reports.run(notebook, export, "--cluster", dask.address) == 13
    assert "the worker has another version of the code of" in reports.manifest["Tides"]["message"]


def test_a_cluster_without_workers_is_given_up(
    tmp_path, write_notebook, write_export, reports, monkeypatch, dask_in
):
    """Exit code 13 and the truth, not an endless wait."""
    monkeypatch.setattr(cluster, "PATIENCE", 1.0)
    notebook, export = write_notebook(tmp_path, "1"), write_export(tmp_path, {"Tides": 3})
    with dask_in(tmp_path).running() as dask:
        assert reports.run(notebook, export, "--cluster", dask.address) == 13
    assert reports.manifest["Tides"]["message"] == "there was no worker to do it"


def test_a_scheduler_that_is_gone_ends_the_run_with_the_truth(
    tmp_path, write_notebook, write_export, reports, until, dask_in
):
    """Exit code 13, a line for each department, and no process at the workers."""
    notebook = write_notebook(tmp_path, "import time\ntime.sleep(600)")
    export = write_export(tmp_path, {"Clouds": 3, "Tides": 3})
    with dask_in(tmp_path).running() as dask:
        dask.worker()
        command = [sys.executable, "-m", "pmstats", "run", str(notebook), "--cluster", dask.address]
        command += ["--export", str(export), "--out", str(reports.out), "--quiet"]
        impatient = {"DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "1s"}
        with subprocess.Popen(command, env=os.environ | impatient, stderr=subprocess.PIPE) as run:
            until(lambda: len(forking(tmp_path)) == 2)
            dask.scheduler.kill()
            _, said = run.communicate(timeout=600)
        assert run.returncode == 13, said.decode()
        until(lambda: not forking(tmp_path))
    assert {line["status"] for line in reports.manifest.values()} == {"failed"}


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense://x"])
def test_an_address_where_nobody_answers_is_refused(
    tmp_path, write_notebook, write_export, reports, capsys, address
):
    """Exit code 11 and a sentence, before anything is written."""
    import dask

    notebook, export = write_notebook(tmp_path, "1"), write_export(tmp_path, {"Tides": 3})
    with dask.config.set({"distributed.comm.timeouts.connect": "0.5s"}):
        assert reports.run(notebook, export, "--cluster", address) == 11
    assert address in capsys.readouterr().err
    assert not reports.out.exists()


def test_without_the_extra_a_person_is_told_what_to_install(
    tmp_path, write_notebook, write_export, reports, capsys, monkeypatch
):
    """Exit code 11; nothing of dask is loaded before it is asked for."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    notebook, export = write_notebook(tmp_path, "1"), write_export(tmp_path, {"Tides": 3})
    assert reports.run(notebook, export, "--cluster", "tcp://127.0.0.1:1") == 11
    assert "pip install 'pmstats[cluster]'" in capsys.readouterr().err


def test_a_record_is_kept_by_the_client_as_by_a_run_here(dask, tmp_path, reports_in):
    """A second check looks back at the first on a worker too: the same packs, the same record."""
    asked = ["--department", "Office of Tides", "--quiet"]
    kept = []
    for place, options in (("here", []), ("there", ["--cluster", dask.address])):
        record = tmp_path / place / "record.sqlite"
        record.parent.mkdir()
        reports = reports_in(tmp_path / place / "reports")
        for stage in ("mid-year", "final"):
            how = ["--stage", stage, "-p", f"record={record}", *asked, *options]
            assert reports.run(PACK, SAMPLE, *how) == 0
        entries = record_entries(record)
        texts = {record_snapshot(record, entry.id).text() for entry in entries}
        kept.append((bytes_of(reports), texts))
    assert kept[0] == kept[1]
    assert len(kept[1][1]) == 2
    page = kept[1][0]["2024-25-final/office-of-tides/consistency_check_pack.html"]
    assert b"since the last check" in page.lower()


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl makes the certificate")
def test_everything_travels_encrypted_when_asked(
    tmp_path, write_notebook, write_export, reports, monkeypatch, dask_in
):
    """tls:// with the certificates of dask's own configuration; nobody gets in without."""
    key, certificate = str(tmp_path / "key.pem"), str(tmp_path / "certificate.pem")
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1"]
    subprocess.run([*made, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    tls = "DASK_DISTRIBUTED__COMM__TLS"
    keys = {
        f"{tls}__{who}__{what}"
        for who in ("SCHEDULER", "WORKER", "CLIENT")
        for what in ("CERT", "KEY")
    }
    environment = {name: key if name.endswith("KEY") else certificate for name in keys}
    environment |= {f"{tls}__CA_FILE": certificate}
    notebook, export = write_notebook(tmp_path, "1"), write_export(tmp_path, {"Tides": 3})
    with dask_in(tmp_path, environment, "tls").running() as dask:
        assert dask.address.startswith("tls://")
        dask.worker()
        assert reports.run(notebook, export, "--cluster", dask.address) == 11
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        ended = reports.run_apart(notebook, export, "--cluster", dask.address)
    assert ended.returncode == 0, ended.stderr.decode()
