"""Packs for many departments: the ordinary loop, a pool of it, and runs of pmstats, interleaved.

    python -m benchmarks.runs [--departments N] [--people N] [--ours-only]

The loop is what one would write: `papermill.execute_notebook` for each department, then
nbconvert. Wall and CPU seconds count every process a way starts, start-up included; the peak is
its largest process. A run of pmstats stands before, between and after the others, and its
median is what they are compared with. CPU ratios hold on a busy machine, wall ratios on a quiet
one. All of it takes about ten minutes on two quiet cores.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from benchmarks.ordinary import write_ordinary
from pmstats.cohort.synthetic import synthesise

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "90_consistency_check_pack.ipynb"

#: What a run makes for each department that an ordinary loop over the notebook makes too.
PACK = ("consistency_check_pack.html", "consistency_check_pack.xlsx")

OURS = "pmstats run"
GOALS = {
    OURS: "at most 200 MB",
    "loop, ordinary notebook": "at least 40 times the wall",
    "loop, same notebook": "at least 6 times the CPU",
    "functions in one process": "at least half the CPU",
}

#: How many departments, and how large ones, a run is shown to grow to.
MANY, LARGE = 300, 7_000

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


def ours(export: Path, folder: Path, *, workers: int, departments: Sequence[str] = ()) -> list[str]:
    """A run of pmstats over an export, as a command."""
    chosen = [word for name in departments for word in ("--department", name)]
    command = [sys.executable, "-m", "pmstats", "run", str(NOTEBOOK), "--export", str(export)]
    return [*command, *chosen, "--out", str(folder), "--workers", str(workers), "--quiet"]


def others(
    export: Path, departments: Sequence[str], folder: Path, *, ours_only: bool
) -> Mapping[str, list[str]]:
    """The other ways of making the packs of these departments, as commands."""
    python, by_hand = sys.executable, folder / "by_hand.py"
    by_hand.write_text(BY_HAND)
    ordinary = str(write_ordinary(folder / "ordinary.ipynb"))

    def loop(notebook: str, processes: int, name: str) -> list[str]:
        out = str(folder / name)
        return [python, str(by_hand), str(processes), notebook, str(export), out, *departments]

    plain = {
        "loop, ordinary notebook": loop(ordinary, 1, "ordinary"),
        "loop, same notebook": loop(str(NOTEBOOK), 1, "loop"),
        "pool of 2, ordinary notebook": loop(ordinary, 2, "pool"),
    }
    functions = [python, "-c", BY_FUNCTIONS, str(NOTEBOOK), str(export), str(folder / "functions")]
    return {
        **({} if ours_only else plain),
        "functions in one process": [*functions, *departments],
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Print what each way took, every way beside `pmstats run`, and how that grows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--departments", type=int, default=30)
    parser.add_argument("--people", type=int, default=150, help="in each department, on average")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--ours-only", action="store_true", help="without the ordinary ways")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        export, departments = made_up(folder, given.departments, given.people)
        own = [cost(ours(export, folder / "run", workers=given.workers))]
        costs = {}
        for way, command in others(export, departments, folder, ours_only=given.ours_only).items():
            costs[way] = cost(command)
            own.append(cost(ours(export, folder / "run", workers=given.workers)))
        report({OURS: median(own), **costs}, n=len(departments))
        if not given.ours_only:
            print(f"packs of the same bytes by loop and by run: {alike(folder)}")
        grow(folder, n=len(departments), first=median(own), workers=given.workers)


def alike(folder: Path) -> str:
    """How many pages and workbooks of the loop are those of the run, byte for byte."""
    made = [path for name in PACK for path in sorted((folder / "run").glob(f"*/*/{name}"))]
    hashes = {sha256(path.read_bytes()).digest() for path in made}
    by_loop = [path for name in PACK for path in (folder / "loop").glob(f"*/{name}")]
    same = sum(sha256(path.read_bytes()).digest() in hashes for path in by_loop)
    return f"{same} of {len(by_loop)} files"


def grow(folder: Path, *, n: int, first: Cost, workers: int) -> None:
    """Print how a run grows: with departments of the same size, and with their size."""
    print("growth of pmstats run")
    for departments, people in ((MANY, 150), (4, LARGE)):
        place = folder / f"{departments}x{people}"
        place.mkdir()
        export, _ = made_up(place, departments, people)
        took = cost(ours(export, place / "run", workers=workers))
        print(
            f"{departments:5} departments of {people:5,}: {took.wall:6.1f} s wall, "
            f"{took.cpu:6.1f} s of CPU, {took.peak:4.0f} MB in the largest process"
        )
        if departments == MANY:
            more = (took.cpu - first.cpu) / (MANY - n)
            print(f"one more department of 150: {more:.3f} s of CPU (goal: at most 0.15)")


def made_up(folder: Path, departments: int, people: int) -> tuple[Path, list[str]]:
    """A made-up export and the names of its departments."""
    year = synthesise(departments=departments, people=departments * people)
    path = folder / "export.csv"
    year.export.to_csv(path, index=False)
    return path, sorted(set(year.export["department"]))


def median(costs: Sequence[Cost]) -> Cost:
    """The median of each figure."""
    return Cost(*(statistics.median(getattr(c, f) for c in costs) for f in Cost.__slots__))


def report(costs: Mapping[str, Cost], *, n: int) -> None:
    """A line for each way, with its ratios beside a run of pmstats and the goals for them."""
    own = costs[OURS]
    print(f"{n} departments; start-up included; ratios beside {OURS}")
    print(f"{'':30}{'wall s':>8}{'x':>7}{'CPU s':>8}{'x':>7}{'peak MB':>9}  goal")
    for name, each in costs.items():
        print(
            f"{name:30}{each.wall:8.1f}{each.wall / own.wall:7.1f}{each.cpu:8.1f}"
            f"{each.cpu / own.cpu:7.1f}{each.peak:9.0f}  {GOALS.get(name, '')}".rstrip()
        )


if __name__ == "__main__":
    main()
