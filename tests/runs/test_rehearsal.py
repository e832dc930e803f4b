"""The rehearsal before the first fork: it does what the notebook of the pack does, in memory."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pmstats.cohort import Mapping, read_export
from pmstats.cohort.preloaded import Reading
from pmstats.runs.rehearsal import _pack, rehearse
from pmstats.scheme import load_scheme

ROOT = Path(__file__).parents[2]
EXPORT = ROOT / "data" / "synthetic" / "scs_2024_25.csv"
NOTEBOOK = ROOT / "notebooks" / "90_consistency_check_pack.ipynb"
STAGE = "mid-year"

#: Loads what is loaded before the first fork and prints what a cell still loads after it.
LEFT = """
import sys
from contextlib import suppress
from importlib import import_module
from pmstats.runs.zygote import PRELOADED
for name in PRELOADED:
    with suppress(ImportError):
        import_module(name)
before = set(sys.modules)
exec(sys.argv[1], {})
print(*sorted(set(sys.modules) - before))
"""


def test_a_pack_is_rehearsed_without_a_file(tmp_path, monkeypatch):
    """It runs to its end, so that it warms all it is meant to, and leaves nothing behind."""
    monkeypatch.chdir(tmp_path)
    scheme = load_scheme("scs_2024_25")
    cohort = read_export(EXPORT, scheme=scheme, stage=STAGE)
    reading = Reading(scheme=scheme, mapping=Mapping(), stage=STAGE, cut_off=cohort.cut_off)
    _pack(cohort.department("Sundial Office"), reading)
    assert "jinja2" in sys.modules
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("stage", ["final", "no such stage"])
def test_what_cannot_be_rehearsed_is_left_at_that(stage):
    """A stage without its ratings stops nobody: the notebooks will say what is wrong."""
    scheme = load_scheme("scs_2024_25")
    cohort = read_export(EXPORT, scheme=scheme, stage=STAGE)
    reading = Reading(scheme=scheme, mapping=Mapping(), stage=stage, cut_off=None)
    assert rehearse(cohort, reading=reading) is None


def test_a_fork_loads_nothing_that_the_notebook_of_the_pack_imports():
    """Whatever was not loaded before the first fork is loaded again for every department."""
    cells = json.loads(NOTEBOOK.read_text())["cells"]
    (imports,) = ("".join(cell["source"]) for cell in cells if cell["id"] == "imports")
    left = subprocess.run(
        [sys.executable, "-c", LEFT, imports], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert left.stdout.split() == []
