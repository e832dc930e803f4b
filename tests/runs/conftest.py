"""What the tests of runs share: a small export, tiny notebooks and a way to run them."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pmstats import cli

#: A parameters cell as the notebooks of pmstats have it, and one parameter more.
PARAMETERS = """\
export = "none.csv"  # required: the HR export to read
department = "None"  # required: one department of the export
stage = "mid-year"  # the point of the year
scheme = "scs_2024_25"  # the rating scheme
mapping = ""  # which column is which
cut_off = ""  # who is in post is judged on this day
out = ""  # folder to write to
depth = 3  # how deep to look
"""

HEADER = ("person_id", "department", "grade", "scs_entry_date", "rating_midyear", "sex")

WriteNotebook = Callable[..., Path]
WriteExport = Callable[..., Path]
Until = Callable[[Callable[[], object]], None]

#: Seconds after which waiting is in vain: enough for a machine that is busy with other things.
PATIENCE = 300


@pytest.fixture(scope="session")
def write_export() -> WriteExport:
    """A maker of exports: a folder, then departments and how many made-up people each has."""

    def write(folder: Path, people: Mapping[str, int], *, name: str = "export.csv") -> Path:
        path = folder / name
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(HEADER)
            number = 0
            for department, count in people.items():
                for place in range(count):
                    number += 1
                    sex = ("Female", "Male")[place % 2]
                    rating = ("A", "A", "HP", "E", "PM")[place % 5]
                    row = (f"P{number:05}", department, "SCS1", "2015-03-31", rating, sex)
                    writer.writerow(row)
        return path

    return write


@pytest.fixture(scope="session")
def write_notebook() -> WriteNotebook:
    """A maker of notebooks: a folder, then each text as a code cell after the parameters."""

    def write(
        folder: Path,
        *cells: str,
        parameters: str | None = PARAMETERS,
        name: str = "notebook.ipynb",
    ) -> Path:
        path = folder / name
        tagged = [] if parameters is None else [_cell("parameters", parameters, ["parameters"])]
        held = {
            "cells": [*tagged, *(_cell(f"c{n}", text) for n, text in enumerate(cells))],
            "metadata": {
                "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
                "language_info": {"name": "python"},
            },
            "nbformat": 4,
            "nbformat_minor": 5,
        }
        path.write_text(json.dumps(held), encoding="utf-8")
        return path

    return write


def _cell(id: str, source: str, tags: Sequence[str] = ()) -> dict[str, object]:
    return {
        "cell_type": "code",
        "id": id,
        "metadata": {"tags": list(tags)} if tags else {},
        "execution_count": None,
        "outputs": [],
        "source": source,
    }


@dataclass(frozen=True)
class Reports:
    """A reports folder: runs that write to it, and what they left there."""

    out: Path

    def run(self, notebook: Path, export: Path, *options: str) -> int:
        """The exit code of `pmstats run` in this process."""
        given = ["--export", str(export), "--out", str(self.out), *options]
        return cli.main(["run", str(notebook), *given])

    def run_apart(
        self, notebook: Path, export: Path, *options: str
    ) -> subprocess.CompletedProcess[bytes]:
        """`pmstats run` in a process of its own, with all it prints, however it prints it."""
        given = ["--export", str(export), "--out", str(self.out), *options]
        command = [sys.executable, "-m", "pmstats", "run", str(notebook), *given]
        return subprocess.run(
            command,
            capture_output=True,
            check=False,
            timeout=2 * PATIENCE,
            env=os.environ | self.mark,
        )

    @property
    def mark(self) -> dict[str, str]:
        """An environment by which every process of a run is known, whoever started it."""
        return {"PMSTATS_TEST_RUN": str(self.out)}

    @property
    def processes(self) -> list[int]:
        """The processes of runs into this folder that are still there (Linux)."""
        mark = f"PMSTATS_TEST_RUN={self.out}\0".encode()
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if mark in (process / "environ").read_bytes():
                    found.append(int(process.name))
        return found

    @property
    def manifest(self) -> dict[str, dict[str, object]]:
        """The manifest's line for each department of the one cycle."""
        (path,) = self.out.glob("*/manifest.json")
        lines = json.loads(path.read_text(encoding="utf-8"))["departments"]
        return {line["department"]: line for line in lines}

    def notebook(self, folder: str, name: str = "notebook.ipynb") -> dict[str, object]:
        """The executed notebook in one department's folder."""
        (path,) = self.out.glob(f"*/{folder}/{name}")
        held: dict[str, object] = json.loads(path.read_text(encoding="utf-8"))
        return held

    @property
    def files(self) -> list[str]:
        """Every file in the reports folder, hidden ones too."""
        return sorted(str(p.relative_to(self.out)) for p in self.out.rglob("*") if p.is_file())


@pytest.fixture(scope="session")
def until() -> Until:
    """A way to wait for something to become true, however busy the machine is."""

    def wait(true: Callable[[], object]) -> None:
        end = time.monotonic() + PATIENCE
        while not true():
            assert time.monotonic() < end, "waited in vain"
            time.sleep(0.02)

    return wait


@pytest.fixture
def reports(tmp_path: Path) -> Reports:
    """A reports folder that is not there yet."""
    return Reports(tmp_path / "reports")


@pytest.fixture(scope="session")
def reports_in() -> type[Reports]:
    """A maker of reports folders, for runs that several tests look at."""
    return Reports


@dataclass
class Dask:
    """A scheduler and its workers, each a process of its own, on this machine alone."""

    folder: Path
    until: Until
    environment: Mapping[str, str]
    protocol: str
    address: str = ""
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @contextmanager
    def running(self) -> Iterator[Dask]:
        """The scheduler, until the end of the block; every worker ends with it."""
        known = self.folder / "scheduler.json"
        options = ["--port", "0", "--no-show", "--scheduler-file", str(known)]
        self.scheduler = self._start("scheduler", *options, "--protocol", self.protocol)
        try:
            self.until(known.exists)
            self.until(lambda: known.read_text().endswith("}"))
            self.address = json.loads(known.read_text())["address"]
            yield self
        finally:
            for process in (*self.workers, self.scheduler):
                process.kill()
                process.wait()

    def worker(self) -> subprocess.Popen[bytes]:
        """One more worker with one thread and a folder of its own; nobody starts it again."""
        place = self.folder / f"worker-{len(self.workers)}"
        options = ["--no-nanny", "--nthreads", "1", "--local-directory", str(place)]
        self.workers.append(self._start("worker", self.address, *options))
        return self.workers[-1]

    def _start(self, *command: str) -> subprocess.Popen[bytes]:
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "dask", *command, "--host", "127.0.0.1", "--no-dashboard"],
                env={**os.environ, **self.environment, "PMSTATS_TEST_RUN": str(self.folder)},
                stdout=log,
                stderr=log,
            )

    @property
    def log(self) -> str:
        """All that scheduler and workers have said."""
        return (self.folder / "log").read_text()

    @property
    def left(self) -> list[str]:
        """What runs have left in the folders of workers."""
        return [path.name for path in self.folder.glob("worker-*/*/*/pmstats-*")]


@pytest.fixture(scope="session")
def dask_in(until: Until) -> Callable[..., Dask]:
    """A maker of clusters without workers: a folder, what is added to the environment, how."""

    def dask(
        folder: Path, environment: Mapping[str, str] | None = None, protocol: str = "tcp"
    ) -> Dask:
        return Dask(folder, until, environment or {}, protocol)

    return dask


@pytest.fixture(scope="module")
def dask(tmp_path_factory: pytest.TempPathFactory, dask_in: Callable[..., Dask]) -> Iterator[Dask]:
    """A cluster of two workers."""
    with dask_in(tmp_path_factory.mktemp("dask")).running() as running:
        running.worker()
        running.worker()
        yield running
