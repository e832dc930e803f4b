"""A run on a dask cluster of this machine: one worker, two, two of which one is killed.

    python -m benchmarks.cluster [--packs N] [--departments N] [--people N]

Each way makes few packs and then many; what a pack costs is the difference, so that no start is
in it. CPU seconds are of the workers with all their processes, of the client and of the
scheduler; they and the ratio of two workers to one are what a cost model needs. The ratio wants a
quiet machine with two cores.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

from benchmarks.runs import NOTEBOOK, cost, made_up

#: Packs of the smaller run.
FEW = 8

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Dask:
    """A scheduler and its workers, one thread each; no nanny starts a killed one again."""

    address: str
    scheduler: subprocess.Popen[bytes]
    folder: Path
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def worker(self) -> None:
        """One more worker."""
        options = ["--no-nanny", "--nthreads", "1", "--local-directory", str(self.folder)]
        self.workers.append(_dask("worker", self.address, *options))


@dataclass(frozen=True)
class Run:
    """What a run took: wall seconds, CPU seconds by who spent them, packs made."""

    wall: float
    client: float
    workers: float
    scheduler: float
    packs: int


@contextmanager
def dask(folder: Path, *, workers: int) -> Iterator[Dask]:
    """A cluster on this machine, until the end of the block."""
    known = folder / "scheduler.json"
    known.unlink(missing_ok=True)
    scheduler = _dask("scheduler", "--port", "0", "--no-show", "--scheduler-file", str(known))
    while not (known.exists() and known.read_text().endswith("}")):
        time.sleep(0.05)
    running = Dask(json.loads(known.read_text())["address"], scheduler, folder)
    try:
        for _ in range(workers):
            running.worker()
        time.sleep(4)  # they come up; what they spend on it is not a run's
        yield running
    finally:
        for process in (*running.workers, scheduler):
            process.kill()
            process.wait()


def run(
    cluster: Dask, export: Path, departments: Sequence[str], out: Path, *, survivors: int = 2
) -> Run:
    """Make the packs of these departments on a cluster; the last `survivors` are looked at."""
    watched = (cluster.scheduler, *cluster.workers[-survivors:])
    before = [_cpu(process.pid) for process in watched]
    chosen = [word for name in departments for word in ("--department", name)]
    command = [sys.executable, "-m", "pmstats", "run", str(NOTEBOOK), "--export", str(export)]
    taken = cost([*command, *chosen, "--out", str(out), "--cluster", cluster.address])
    time.sleep(1)  # workers end what they held for the run, and its CPU becomes theirs
    after = [_cpu(process.pid) for process in watched]
    scheduler, *workers = (end - start for start, end in zip(before, after, strict=True))
    made = len(list(out.glob("*/*/pack.json")))
    return Run(taken.wall, taken.cpu, sum(workers), scheduler, made)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print what a pack, a start and a worker cost, and the cost of 10,000 packs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packs", type=int, default=100)
    parser.add_argument(
        "--departments", type=int, default=0, help="in the export; default: N packs"
    )
    parser.add_argument("--people", type=int, default=150, help="in each department, on average")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        export, departments = made_up(folder, given.departments or given.packs, given.people)
        rows, departments = len(departments) * given.people, departments[: given.packs]
        few, many = {}, {}
        for workers in (1, 2):
            with dask(folder, workers=workers) as cluster, _peak(cluster) as peak:
                few[workers] = run(cluster, export, departments[:FEW], folder / f"few-{workers}")
                many[workers] = run(cluster, export, departments, folder / f"many-{workers}")
        with dask(folder, workers=2) as cluster:
            killing = Thread(target=_kill_one, args=(cluster, folder / "killed", given.packs // 3))
            killing.start()
            lost = run(cluster, export, departments, folder / "killed", survivors=1)
            killing.join()
        task = _task(export, departments[0], folder)
        size = sum(p.stat().st_size for p in (folder / "many-1").rglob("*") if p.is_file())
    print(f"{given.packs} packs from an export of {rows} people, one thread a worker")
    report(few, many, megabytes=peak[0], size=size / given.packs)
    print(f"one of two workers killed: {lost.packs} packs made, in {lost.wall:.1f} s")
    print(f"a task of Airflow's papermill operator: {task:.1f} CPU seconds")


def report(
    few: dict[int, Run],
    many: dict[int, Run],
    *,
    megabytes: float,
    size: float,
) -> None:
    """The figures, and what they make of 10,000 packs."""
    further = {n: many[n].packs - few[n].packs for n in many}
    wall = {n: (many[n].wall - few[n].wall) / further[n] for n in many}
    one, two = (few[1], few[2]), (many[1], many[2])
    n = sum(further.values())
    pack = {
        who: sum(getattr(m, who) - getattr(f, who) for f, m in zip(one, two, strict=True)) / n
        for who in ("workers", "client", "scheduler")
    }
    start = few[1].client - FEW * pack["client"]
    begin = few[1].workers - FEW * pack["workers"]
    print(f"a further pack: {wall[1]:.3f} s with one worker, {wall[2]:.3f} s with two", end="; ")
    print(f"ratio {wall[1] / wall[2]:.2f}")
    print("CPU seconds of a further pack: " + ", ".join(f"{k} {v:.3f}" for k, v in pack.items()))
    print(f"CPU seconds of a start: client with reading {start:.1f}, each worker {begin:.1f}")
    print(f"a worker and what it starts: {megabytes:.0f} MB at most; a pack: {size / 1e3:.0f} kB")
    for cores in (2, 8, 32):
        seconds = start + begin + 10_000 * max(pack["workers"] / cores, pack["client"])
        spent = start + cores * begin + 10_000 * sum(pack.values())
        print(
            f"10,000 packs on {cores} workers: {seconds / 60:.0f} minutes, "
            f"{spent / 3600:.2f} hours of CPU"
        )


@contextmanager
def _peak(cluster: Dask) -> Iterator[list[float]]:
    """The most memory that the first worker and what it starts hold at once, in MB."""
    most, end = [0.0], Event()

    def watch() -> None:
        while not end.wait(0.25):
            most[0] = max(most[0], sum(map(_megabytes, _tree(cluster.workers[0].pid))))

    watching = Thread(target=watch)
    watching.start()
    try:
        yield most
    finally:
        end.set()
        watching.join()


def _tree(pid: int) -> list[int]:
    with suppress(OSError):
        children = [Path(f"/proc/{pid}/task/{t.name}/children") for t in _tasks(pid)]
        below = [int(word) for path in children for word in path.read_text().split()]
        return [pid, *(each for child in below for each in _tree(child))]
    return []


def _tasks(pid: int) -> list[Path]:
    return list(Path(f"/proc/{pid}/task").iterdir())


def _megabytes(pid: int) -> float:
    with suppress(OSError):
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        return next(int(line.split()[1]) for line in text.splitlines() if line[:4] == "Pss:") / 1024
    return 0.0


def _cpu(pid: int) -> float:
    """CPU seconds of a process and of the children it has waited for."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(word) for word in words[11:15]) / _TICKS


def _task(export: Path, department: str, folder: Path) -> float:
    """CPU seconds of one department by `papermill --engine pmstats`, as the operator runs it."""
    (folder / "task").mkdir()
    given = {"export": str(export), "department": department, "out": str(folder / "task")}
    words = [word for name, value in given.items() for word in ("-r", name, value)]
    made = str(folder / "task.ipynb")
    return cost(
        [sys.executable, "-m", "papermill", "--engine", "pmstats", str(NOTEBOOK), made, *words]
    ).cpu


def _kill_one(cluster: Dask, out: Path, after: int) -> None:
    while len(list(out.glob("*/*/pack.json"))) < after:
        time.sleep(0.05)
    cluster.workers[0].send_signal(signal.SIGKILL)


def _dask(*words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "dask", *words, "--host", "127.0.0.1", "--no-dashboard"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


if __name__ == "__main__":
    main()
