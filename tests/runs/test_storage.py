"""Exports and reports elsewhere: any storage of fsspec, whole packs, one run at a time."""

import json
from contextlib import nullcontext
from pathlib import Path

import pytest

from pmstats import cli
from pmstats.errors import NotebookFailed
from pmstats.plain_file import sha256_of
from pmstats.runs import storage
from pmstats.runs.receipt import read_receipt

fsspec = pytest.importorskip("fsspec", reason="the extra `cluster` is not installed")
LocalFileOpener = pytest.importorskip("fsspec.implementations.local").LocalFileOpener


@pytest.fixture
def memory():
    """A storage with nothing in it, that lives in this process."""
    held = fsspec.filesystem("memory")
    held.store.clear()
    held.pseudo_dirs[:] = [""]
    yield held
    held.store.clear()


@pytest.fixture
def run(tmp_path, write_notebook, write_export):
    """`pmstats run` of a small notebook into a place."""
    export = write_export(tmp_path, {"Clouds": 3, "Tides": 3})

    def run(out: str, *options: str, cell: str = "open('made.txt', 'w').write(department)"):
        notebook = write_notebook(tmp_path, cell)
        given = ["--export", str(export), "--out", out, *options]
        return cli.main(["run", str(notebook), *given])

    return run


def names(memory) -> list[str]:
    """Every file of the storage."""
    return sorted(memory.store)


def test_packs_reach_the_storage_as_they_are_here(run, memory, reports, capsys):
    """The same files with the same bytes, under the names that are printed; no lock stays."""
    assert run(str(reports.out), "--quiet") == 0
    assert run("memory://bucket/reports", "--quiet") == 0
    printed = [line for line in capsys.readouterr().out.split() if line.startswith("memory://")]
    assert all(memory.exists(line) for line in printed)
    assert names(memory) == [f"/bucket/reports/{n}" for n in reports.files if ".lock" not in n]
    for name in names(memory):
        if not name.endswith((".receipt.json", "manifest.json")):
            here = reports.out / name.removeprefix("/bucket/reports/")
            assert memory.cat_file(name) == here.read_bytes()


def test_resume_keeps_what_is_on_the_storage_and_only_that(run, memory, capsys):
    """A file that is not as it was written is made again."""
    assert run("memory://reports", "--quiet") == 0
    (touched,) = [name for name in names(memory) if name.endswith("tides/made.txt")]
    memory.pipe_file(touched, b"touched")
    capsys.readouterr()
    assert run("memory://reports", "--resume") == 0
    assert "1 of 2 packs made, 1 kept from an earlier run" in capsys.readouterr().err
    assert memory.cat_file(touched) == b"Tides"


def test_a_failed_pack_is_told_and_the_one_before_it_stays(run, memory):
    """Exit code 13; the failed copy goes when the pack is made again, and old files with it."""
    assert run("memory://reports", "--quiet") == 0
    before = {n: memory.cat_file(n) for n in names(memory) if "/tides/" in n}
    assert run("memory://reports", "--quiet", cell="1 / 0") == 13
    after = {n: memory.cat_file(n) for n in names(memory) if "/tides/" in n}
    failed = set(after) - set(before)
    assert [Path(name).name for name in failed] == ["failed-notebook.ipynb"]
    assert {name: after[name] for name in before} == before
    assert run("memory://reports", "--quiet", cell="open('new.txt', 'w')") == 0
    left = {Path(name).name for name in names(memory) if "/tides/" in name}
    assert left == {"new.txt", "notebook.ipynb", "notebook.receipt.json"}


def test_one_run_at_a_time_and_a_dead_one_is_no_hindrance(run, memory, monkeypatch, capsys):
    """A lock that is written to refuses the second run; one that rests belongs to nobody."""
    monkeypatch.setattr(storage, "PULSE", 0.05)
    lock = "/reports/.lock"
    memory.pipe_file(lock, b"0")
    beats = iter(range(10**9))
    cat = memory.cat_file
    monkeypatch.setattr(
        memory, "cat_file", lambda path, **_: b"%d" % next(beats) if path == lock else cat(path)
    )
    assert run("memory://reports", "--quiet") == 11
    assert "another run is writing there" in capsys.readouterr().err
    assert names(memory) == [lock]
    monkeypatch.undo()
    monkeypatch.setattr(storage, "PULSE", 0.05)
    assert run("memory://reports", "--quiet") == 0
    assert lock not in names(memory)


def test_packs_are_sent_while_the_run_goes_on(run, memory, monkeypatch, tmp_path):
    """A run that is killed has lost only what is not sent yet: one pack waits until one is there.

    The storage lives in this process alone; the notebook of the second pack sees a file that
    stands for the receipt of the first.
    """
    monkeypatch.setattr(storage, "PULSE", 0.05)
    there, send = tmp_path / "there", storage.Reports._send

    def told(self, paths, **named):
        send(self, paths, **named)
        if any(name.endswith("clouds/notebook.receipt.json") for name in names(memory)):
            there.touch()

    monkeypatch.setattr(storage.Reports, "_send", told)
    waits = (
        "import time\nfrom pathlib import Path\n"
        f"while department == 'Tides' and not Path({str(there)!r}).exists():\n    time.sleep(0.05)"
    )
    options = ["--quiet", "--workers", "1", "--cell-timeout", "300"]
    assert run("memory://reports", *options, cell=waits) == 0
    assert any(name.endswith("tides/notebook.receipt.json") for name in names(memory))


#: What a send changes on the storage, in order: three files begun, the old receipt removed,
#: three files given their names.
CHANGES = 7


@pytest.mark.parametrize("cut", range(1, CHANGES + 2))
def test_a_send_cut_off_anywhere_leaves_no_receipt_that_does_not_fit(tmp_path, monkeypatch, cut):
    """Every receipt on the storage fits its files, and the next send puts all right."""
    left = [10**9]

    def failing(change):
        def changed(*given, **named):
            if not any(str(each).endswith(".lock") for each in given):
                left[0] -= 1
                if left[0] == 0:
                    raise OSError("gone")
            return change(*given, **named)

        return changed

    local = fsspec.filesystem("file")
    for kind, what in ((local, "rm_file"), (LocalFileOpener, "commit"), (local, "put_file")):
        monkeypatch.setattr(kind, what, failing(getattr(kind, what)))
    opened = local.open
    begin = failing(opened)
    monkeypatch.setattr(
        local,
        "open",
        lambda path, mode="rb", **named: (opened if "r" in mode else begin)(path, mode, **named),
    )
    there = tmp_path / "there"

    def send(words: str) -> None:
        here = tmp_path / f"here-{words}"
        pack = here / "cycle" / "tides"
        reports = storage.Reports(f"file://{there}", here)
        here.mkdir()
        try:
            reports.open(whole=False)
            pack.mkdir(parents=True, exist_ok=True)
            (pack / "made.txt").write_text(words)
            (pack / "page.txt").write_text(words)
            files = {name: sha256_of(pack / name) for name in ("made.txt", "page.txt")}
            held = {"department": "Tides", "notebook": "n.ipynb", "folder": "tides"}
            held |= {"made_from": words, "files": files, "seconds": 0, "cells": {}}
            (pack / "n.receipt.json").write_text(json.dumps(held))
            reports.finish()
        finally:
            reports.close()

    send("old")
    left[0] = cut
    with pytest.raises(NotebookFailed) if cut <= CHANGES else nullcontext():
        send("new")
    pack = there / "cycle" / "tides"
    receipt = read_receipt(pack / "n.receipt.json")
    if receipt:
        assert {name: sha256_of(pack / name) for name in receipt.files} == receipt.files
    left[0] = 10**9
    send("newest")
    assert {path.read_text() for path in pack.glob("*.txt")} == {"newest"}
    assert not [path for path in there.rglob("*") if ".lock" in path.name]


def test_an_export_comes_from_elsewhere(tmp_path, memory, write_notebook, write_export, reports):
    """With the files its mapping wants beside it; the audit copy knows its name alone."""
    mapping = tmp_path / "mapping.toml"
    mapping.write_text('[columns]\nsex = "sex"\n')
    export = write_export(tmp_path, {"Tides": 3})
    memory.pipe_file("/bucket/exports/latest.csv", export.read_bytes())
    address = "memory://bucket/exports/latest.csv"
    notebook = write_notebook(tmp_path, "open(export).readline()")
    assert reports.run(notebook, address, "--quiet", "--mapping", str(mapping)) == 0
    given = reports.notebook("tides")["metadata"]["pmstats"]["parameters"]
    assert given["export"] == "latest.csv"


def test_a_plan_runs_below_an_address(tmp_path, memory, write_notebook, write_export, capsys):
    """The plan is the same file; its paths stay below the root."""
    plan = tmp_path / "plan.toml"
    run = '[[run]]\nnotebook = "n/notebook.ipynb"\nexport = "export.csv"\nmapping = "m.toml"\n'
    plan.write_text(run)
    mapping = tmp_path / "m.toml"
    mapping.write_text('[columns]\nsex = "sex"\n')
    export = write_export(tmp_path, {"Tides": 3})
    notebook = write_notebook(tmp_path, "open('made.txt', 'w')")
    for path, name in ((export, "export.csv"), (notebook, "n/notebook.ipynb"), (mapping, "m.toml")):
        memory.pipe_file(f"/bucket/{name}", path.read_bytes())
    assert cli.main(["schedule", str(plan), "--root", "memory://bucket"]) == 0
    assert "memory://bucket/reports/2024-25-mid-year/tides/made.txt" in capsys.readouterr().out
    assert memory.exists("/bucket/reports/2024-25-mid-year/tides/made.txt")
    plan.write_text(run.replace("n/notebook", "../notebook"))
    assert cli.main(["schedule", str(plan), "--root", "memory://bucket"]) == 11


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("memory://nothing/export.csv", "cannot be read: FileNotFoundError"),
        ("nonsense://x/export.csv", "Protocol not known"),
        ("sftp://me:secret@host/export.csv", "holds no password"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused(
    tmp_path, write_notebook, reports, capsys, address, words
):
    """Exit code 11 and a sentence, which repeats no password."""
    assert reports.run(write_notebook(tmp_path, "1"), address) == 11
    said = capsys.readouterr().err
    assert words in said
    assert "secret" not in said


@pytest.mark.usefixtures("memory")
def test_the_working_copy_is_its_owner_s_and_goes(run, tmp_path, monkeypatch):
    """Nothing fetched or made stays on this machine."""
    private = tmp_path / "private"
    private.mkdir()
    monkeypatch.setenv("TMPDIR", str(private))
    monkeypatch.setattr("tempfile.tempdir", None)
    modes = []
    take = storage.Reports.open

    def opened(self, *, whole):
        modes.append(self._here.stat().st_mode & 0o777)
        return take(self, whole=whole)

    monkeypatch.setattr(storage.Reports, "open", opened)
    assert run("memory://reports", "--quiet") == 0
    assert modes == [0o700]
    assert not list(private.iterdir())


def test_what_is_given_up_of_a_killed_run_is_below_its_folder(run, memory, monkeypatch):
    """An upload begun to a folder whose name only begins alike is somebody else's."""
    begun = [
        {"Key": key, "UploadId": "1"}
        for key in ("bucket/reports/a.html", "bucket/reports-2023/a.html", "bucket/other")
    ]
    given_up = []
    kind = type(memory)
    monkeypatch.setattr(kind, "list_multipart_uploads", lambda *_: begun, raising=False)
    monkeypatch.setattr(kind, "abort_mpu", lambda *what: given_up.append(what[2]), raising=False)
    assert run("memory://bucket/reports", "--quiet") == 0
    assert given_up == ["bucket/reports/a.html"]
