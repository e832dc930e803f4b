"""Packs for many departments: the ordinary loop, a pool of it, and runs of pmstats, interleaved.

    python -m benchmarks.runs [--departments N] [--people N] [--rounds N] [--ours-only]

The loop is what one would write: `papermill.execute_notebook` for each department, then
nbconvert. Wall and CPU seconds count every process a way starts, start-up included; the peak is
its largest process. Every ratio is within one round. CPU ratios hold on a busy machine, wall
ratios on a quiet one.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.ordinary import write_ordinary
from pmstats.cohort.synthetic import synthesise

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "90_consistency_check_pack.ipynb"

#: Runs a command and writes wall seconds, CPU seconds and the peak in MB of all it started.
WATCH = """
import resource, subprocess, sys, time
started = time.monotonic()
subprocess.run(sys.argv[2:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
figures = time.monotonic() - started, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
open(sys.argv[1], "w").write(" ".join(map(str, figures)))
"""

#: One department after the other, or in a pool of so many processes.
BY_HAND = """
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

def pack(notebook, export, department, out):
    import nbconvert, papermill
    folder = Path(out) / department
    folder.mkdir(parents=True)
    made = str(folder / "pack.ipynb")
    given = {"export": export, "department": department, "out": str(folder)}
    papermill.execute_notebook(notebook, made, parameters=given, progress_bar=False)
    (folder / "pack.html").write_text(nbconvert.HTMLExporter().from_filename(made)[0])

if __name__ == "__main__":
    workers, notebook, export, out, *departments = sys.argv[1:]
    if workers == "1":
        for department in departments:
            pack(notebook, export, department, out)
    else:
        with ProcessPoolExecutor(int(workers)) as pool:
            for done in [pool.submit(pack, notebook, export, d, out) for d in departments]:
                done.result()
"""

#: The cells of the notebook as plain calls in one process, the export read once: the floor.
BY_FUNCTIONS = """
import json, sys
from pathlib import Path
from pmstats.cohort import Mapping, preloaded, read_export
from pmstats.runs.parameters import notebook_parameters
from pmstats.scheme import load_scheme

notebook, export, out, *departments = sys.argv[1:]
given = {p.name: p.default for p in notebook_parameters(Path(notebook))}
scheme, stage = load_scheme(given["scheme"]), given["stage"]
reading = preloaded.Reading(scheme=scheme, mapping=Mapping(), stage=stage, cut_off=None)
cohort = read_export(export, scheme=scheme, stage=stage)
preloaded.hold(cohort, reading=reading)
cells = [c for c in json.loads(Path(notebook).read_text())["cells"] if c["cell_type"] == "code"]
code = [compile("".join(c["source"]), c["id"], "exec") for c in cells]
for department in departments:
    folder = Path(out) / department
    folder.mkdir(parents=True)
    names = {}
    exec(code[0], names)
    names |= {"export": export, "department": department, "out": str(folder)}
    for cell in code[1:]:
        exec(cell, names)
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a way took: wall and CPU seconds, megabytes of its largest process."""

    wall: float
    cpu: float
    peak: float


def cost(command: Sequence[str]) -> Cost:
    """The cost of a command and of every process it starts."""
    with tempfile.NamedTemporaryFile("r") as figures:
        subprocess.run([sys.executable, "-c", WATCH, figures.name, *command], check=True)
        return Cost(*(float(word) for word in figures.read().split()))


def commands(
    export: Path, departments: Sequence[str], folder: Path, *, workers: int, ours_only: bool
) -> Mapping[str, list[str]]:
    """Each way of making the packs of these departments, as a command."""
    python = sys.executable
    chosen = [word for name in departments for word in ("--department", name)]
    pack = [python, "-m", "pmstats", "run", str(NOTEBOOK), "--export", str(export), *chosen]
    ordinary = str(write_ordinary(folder / "ordinary.ipynb"))
    by_hand = folder / "by_hand.py"
    by_hand.write_text(BY_HAND)

    def loop(notebook: str, processes: int, name: str) -> list[str]:
        out = str(folder / name)
        return [python, str(by_hand), str(processes), notebook, str(export), out, *departments]

    ours = {
        "pmstats run": [*pack, "--out", str(folder / "run"), "--workers", str(workers)],
        "functions in one process": [
            *(python, "-c", BY_FUNCTIONS, str(NOTEBOOK), str(export)),
            *(str(folder / "functions"), *departments),
        ],
    }
    if ours_only:
        return ours
    return {
        "loop, ordinary notebook": loop(ordinary, 1, "ordinary"),
        "loop, same notebook": loop(str(NOTEBOOK), 1, "loop"),
        "pool of 2, same notebook": loop(str(NOTEBOOK), 2, "pool"),
        **ours,
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the medians over the rounds, and every way beside `pmstats run`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--departments", type=int, default=30)
    parser.add_argument("--people", type=int, default=150, help="in each department, on average")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--ours-only", action="store_true", help="without the ordinary ways")
    given = parser.parse_args(arguments)
    costs: dict[str, list[Cost]] = {}
    with tempfile.TemporaryDirectory() as folder:
        export, departments = made_up(Path(folder), given.departments, given.people)
        for number in range(given.rounds):
            place = Path(folder) / str(number)
            place.mkdir()
            ways = commands(
                export, departments, place, workers=given.workers, ours_only=given.ours_only
            )
            for name, command in ways.items():
                costs.setdefault(name, []).append(cost(command))
        few = commands(export, departments[:2], place, workers=given.workers, ours_only=True)
        two = cost([*few["pmstats run"], "--quiet"])
    report(costs, n=len(departments), two=two)


def made_up(folder: Path, departments: int, people: int) -> tuple[Path, list[str]]:
    """A made-up export and the names of its departments."""
    year = synthesise(departments=departments, people=departments * people)
    path = folder / "export.csv"
    year.export.to_csv(path, index=False)
    return path, sorted(set(year.export["department"]))


def report(costs: Mapping[str, Sequence[Cost]], *, n: int, two: Cost) -> None:
    """A line for each way, and what one more department costs."""
    median = {
        name: Cost(*(statistics.median(getattr(c, f) for c in each) for f in Cost.__slots__))
        for name, each in costs.items()
    }
    ours = median["pmstats run"]
    print(f"{n} departments; start-up included; ratios beside pmstats run")
    print(f"{'':26}{'wall s':>8}{'x':>7}{'CPU s':>8}{'x':>7}{'peak MB':>9}")
    for name, each in median.items():
        print(
            f"{name:26}{each.wall:8.1f}{each.wall / ours.wall:7.1f}{each.cpu:8.1f}"
            f"{each.cpu / ours.cpu:7.1f}{each.peak:9.0f}"
        )
    more = (ours.cpu - two.cpu) / max(n - 2, 1)
    print(f"one more department: {more:.3f} s of CPU")


if __name__ == "__main__":
    main()
