"""One run held ready on one worker of a cluster, until the run or its client is gone.

A dask worker has threads and must not fork. It starts a process of ours that has one thread and
forks (see `zygote`): one for each worker, used by all jobs, gone when the worker is, however it
goes. What holds rows never touches the worker's disk: export and cohort are files in memory,
under links with their names, and end with the process that holds them.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, cast

from distributed import SchedulerPlugin, WorkerPlugin, get_worker

from pmstats.looks import look_of
from pmstats.runs.carried_record import Carried, kept_since, with_own_record
from pmstats.runs.engine import Engine, ForkEngine, KernelEngine
from pmstats.runs.execute import Outcome, Shared, Status, run_job
from pmstats.runs.fork import CannotFork
from pmstats.runs.plan import Job
from pmstats.runs.receipt import Receipt, code_sha256, read_receipt, receipt_name, versions

if TYPE_CHECKING:
    from distributed import Scheduler, Worker

#: Where the cohort is kept among the files, which have whole paths.
COHORT = "cohort.pickle"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What all jobs of a run need, sent once to each worker; its repr shows no row.

    `files` are the bytes of every file the jobs read, by their paths at the client; `reading` is
    how the export is read there, `cohort` what came of it, pickled. What `shared` says of engine
    and export is of the client.
    """

    shared: Shared
    engine: str
    reading: Mapping[str, str]
    code: str
    versions: Mapping[str, str]
    files: Mapping[str, bytes] = field(repr=False)
    cohort: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What came of one job: how it ended, its files by name, the receipt apart, its snapshots."""

    outcome: Outcome
    receipt: Receipt | None
    files: Mapping[str, bytes] = field(repr=False)
    kept: Carried = field(default_factory=Carried)


def run_there(run: str, job: Job, made_from: str, looked_back: Carried) -> Made:
    """Run a job of a run that this worker holds ready. Never raises for what a notebook does."""
    held = cast(HeldRun, get_worker().plugins[run])
    return held.run(job, made_from=made_from, looked_back=looked_back)


class HeldRun(WorkerPlugin):
    """Everything of one run that its jobs on one worker share."""

    def __init__(self, parcel: Parcel) -> None:
        self._parcel = parcel

    def setup(self, worker: Worker) -> None:
        """Take the files into memory; start the process that forks and come back."""
        self._lock = Lock()
        self._folder = Path(tempfile.mkdtemp(prefix="pmstats-", dir=worker.local_directory))
        self._shared: Shared | None = None
        self._engine: Engine = KernelEngine()
        self._memory: list[int] = []
        self._paths: dict[str, str] = {}
        self._fault = _fault(self._parcel)
        if self._fault:
            return
        for path, data in {**self._parcel.files, COHORT: self._parcel.cohort}.items():
            link = Path(f"{self._folder}{os.path.abspath(path)}")  # noqa: PTH100  # not resolved
            self._memory.append(_in_memory(data, link))
            self._paths[path] = str(link)
        self._parcel = replace(self._parcel, files={}, cohort=b"")
        if self._parcel.engine == ForkEngine.name:
            self._engine = forks = ForkEngine()
            forks.begin()

    def teardown(self, worker: Worker) -> None:  # noqa: ARG002  # the name is dask's
        """End every process and let go of every file of the run."""
        self._engine.close()
        for descriptor in self._memory:
            os.close(descriptor)
        shutil.rmtree(self._folder, ignore_errors=True)

    def run(self, job: Job, *, made_from: str, looked_back: Carried) -> Made:
        """Run a job in a folder of its own, and take what is there when it has ended."""
        try:
            shared = self._ready()
        except CannotFork as error:
            return _failed(job, f"stopped: {error}")
        with tempfile.TemporaryDirectory(dir=self._folder) as own:
            here = replace(
                job,
                notebook=Path(self._paths[str(job.notebook)]),
                folder=Path(own) / job.folder.name,
                parameters=tuple((name, self._here(name, value)) for name, value in job.parameters),
            )
            here = with_own_record(here, looked_back, folder=Path(own))
            outcome = run_job(here, replace(shared, made_from={here.folder: made_from}))
            files = {path.name: path.read_bytes() for path in sorted(here.folder.glob("*"))}
            name = receipt_name(job.notebook.name)
            receipt = read_receipt(here.folder / name)
            files.pop(name, None)
            return Made(
                outcome=replace(outcome, folder=job.folder),
                receipt=receipt,
                files=files,
                kept=kept_since(here, looked_back),
            )

    def _here(self, name: str, value: object) -> object:
        """A parameter as it is here: a path leads to the file in memory; a department stays."""
        path = isinstance(value, str) and name != "department"
        return self._paths.get(str(value), value) if path else value

    def _ready(self) -> Shared:
        """What the jobs share, the cohort held. Raises `CannotFork` when nothing can be run."""
        if self._fault:
            raise CannotFork(self._fault)
        with self._lock:
            if self._shared is None:
                held = self._parcel.reading
                reading = {name: str(self._here(name, value)) for name, value in held.items()}
                if isinstance(self._engine, ForkEngine):
                    self._engine.hold({**reading, "pickled": self._paths[COHORT]})
                export = replace(
                    self._parcel.shared.export,
                    path=Path(reading["export"]),
                    seen=look_of(Path(reading["export"])),
                )
                self._shared = replace(self._parcel.shared, engine=self._engine, export=export)
            return self._shared


class EndWithClient(SchedulerPlugin):
    """Ends a run on every worker when its client is gone, however it went."""

    def __init__(self, client: str, *, run: str) -> None:
        self._client = client
        self._run = run

    def remove_client(self, scheduler: Scheduler, client: str) -> None:
        """Called by the scheduler when any client has gone."""
        if client == self._client and self._run in scheduler.worker_plugins:
            scheduler.remove_plugin(name=self._run)
            scheduler.loop.add_callback(scheduler.unregister_worker_plugin, None, self._run)


def _fault(parcel: Parcel) -> str:
    """Why this worker could not make the same bytes, or nothing."""
    if sys.platform != "linux":
        return f"a worker runs on Linux, not on {sys.platform}"
    differing = [name for name, held in parcel.versions.items() if versions().get(name) != held]
    if not differing and code_sha256() != parcel.code:
        differing = ["the code of pmstats"]
    return f"the worker has another version of {', '.join(differing)}" if differing else ""


def _in_memory(data: bytes, link: Path) -> int:
    """The descriptor of a file in memory that nobody can change, and a link to it."""
    link.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.memfd_create("pmstats", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    with open(descriptor, "wb", closefd=False) as file:
        file.write(data)
    sealed = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, sealed)
    link.symlink_to(f"/proc/{os.getpid()}/fd/{descriptor}")
    return descriptor


def _failed(job: Job, message: str) -> Made:
    outcome = Outcome(
        department=job.department, folder=job.folder, status=Status.FAILED, message=message
    )
    return Made(outcome=outcome, receipt=None, files={})
