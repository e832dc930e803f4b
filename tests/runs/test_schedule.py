"""A plan file says what runs, inside its own folder; old packs go, records stay."""

import os

import pytest

from pmstats import cli
from pmstats.errors import ParameterError
from pmstats.runs.lock import locked
from pmstats.runs.prune import prune
from pmstats.runs.schedule import read_schedule


def plan(folder, text):
    """A plan file with this text."""
    path = folder / "plan.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_run_of_a_plan_is_done(tmp_path, write_notebook, write_export, reports, capsys):
    """Paths from the plan's folder; a run that cannot start stops none after it."""
    write_notebook(tmp_path, "depth")
    write_export(tmp_path, {"Tides": 3, "Clouds": 3})
    path = plan(
        tmp_path,
        '[[run]]\nnotebook = "notebook.ipynb"\nexport = "missing.csv"\n'
        '[[run]]\nnotebook = "notebook.ipynb"\nexport = "export.csv"\n'
        'departments = ["Tides"]\nparameters = {depth = "5"}\n',
    )
    assert cli.main(["schedule", str(path)]) == 10
    assert "missing.csv cannot be opened" in capsys.readouterr().err
    assert list(reports.manifest) == ["Tides"]
    assert reports.notebook("tides")["metadata"]["pmstats"]["parameters"]["depth"] == 5


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ('out = "../elsewhere"', "'../elsewhere' leads out of the folder of the plan"),
        ('out = "/tmp/elsewhere"', "'/tmp/elsewhere' leads out"),
        ('mapping = "link/m.toml"', "'link/m.toml' leads out"),
        ('mapping = "beside.toml"', "'link/passwd' leads out"),
        ('scheme = "../s.toml"', "'../s.toml' leads out"),
        ('engine = "python"', "engine is fork or kernel, not 'python'"),
        ("workers = 0", "workers is at least 1"),
        ("cell_timeout = nan", "plan.toml: The time for a cell is more than 0 seconds"),
        ("memory = -1", "its memory 0 MB (no limit) or more"),
        ('workrs = "2"', "workrs"),
        ('workers = "2"', "workers"),
        ("= nonsense", "not a TOML file"),
    ],
)
def test_a_plan_that_is_wrong_or_leads_out_is_refused(tmp_path, entry, said):
    """Before anything runs, with the entry's name."""
    (tmp_path / "link").symlink_to("/etc")
    (tmp_path / "beside.toml").write_text('[files]\nawards = "link/passwd"\n')
    path = plan(tmp_path, f'[[run]]\nnotebook = "n.ipynb"\nexport = "e.csv"\n{entry}\n')
    with pytest.raises(ParameterError) as refusal:
        read_schedule(path)
    assert said in str(refusal.value)


def made(reports, cycle, when):
    """A cycle as a run leaves it, with a ledger and a stranger's file in it."""
    folder = reports / cycle / "tides"
    folder.mkdir(parents=True)
    files = {"page.html": "0", "n.ipynb": "0"}
    for name in (*files, "failed-n.ipynb", "notes.txt", "ledger.jsonl"):
        (folder / name).write_text(name)
    (folder / "n.receipt.json").write_text(
        '{"department": "Tides", "notebook": "n.ipynb", "folder": "tides", "made_from": "",'
        ' "files": {"page.html": "0", "n.ipynb": "0"}, "seconds": 1, "cells": {}}'
    )
    for name in ("index.html", "manifest.json", "ledger.jsonl"):
        (reports / cycle / name).write_text(name)
    os.utime(reports / cycle / "manifest.json", (when, when))


def test_prune_keeps_the_newest_and_every_record(tmp_path, capsys):
    """Of older cycles the packs go; manifest, receipts, ledgers and unknown files stay."""
    for number, cycle in enumerate(("b", "a", "c")):
        made(tmp_path, cycle, 1_700_000_000 + number)
    assert cli.main(["prune", str(tmp_path), "--keep", "1"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2 * 4
    left = sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file())
    kept = ["ledger.jsonl", "manifest.json"]
    of_department = ["ledger.jsonl", "n.receipt.json", "notes.txt"]
    for cycle in ("a", "b"):
        assert [n for n in left if n.startswith(cycle) and ".lock" not in n] == [
            *(f"{cycle}/{name}" for name in kept),
            *(f"{cycle}/tides/{name}" for name in of_department),
        ]
    assert "c/tides/page.html" in left


def test_prune_follows_no_link_and_waits_for_no_run(tmp_path):
    """A link out of the folder is left alone; a folder a run writes to is refused."""
    made(tmp_path, "real", 1_700_000_000)
    reports = tmp_path / "reports"
    reports.mkdir()
    (reports / "cycle").symlink_to(tmp_path / "real")
    assert prune(reports, keep=0) == ()
    with locked(tmp_path / "real"), pytest.raises(ParameterError, match="another run"):
        prune(tmp_path, keep=0)
    assert (tmp_path / "real" / "tides" / "page.html").exists()
    with pytest.raises(ParameterError):
        prune(tmp_path, keep=-1)
