"""A run whose jobs a dask cluster does: the client reads once, sends, and puts packs in place.

Workers need no storage, no credentials and no export: they are sent the cohort and send files
back. The client alone writes to the reports folder, with the lock, the staging and the receipts
of any other run; a worker that is lost, or answers after its client has gone, writes nothing.
"""

from __future__ import annotations

import pickle
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from pmstats.errors import ParameterError
from pmstats.runs.engine import KernelEngine
from pmstats.runs.execute import Outcome, Shared, Status
from pmstats.runs.fork import ExportFacts, facts_of
from pmstats.runs.plan import Job
from pmstats.runs.receipt import BY_NAME, code_sha256, versions
from pmstats.runs.shell import WITHHELD
from pmstats.runs.staging import discard_unfinished, put_in_place, replace_file, staging_folder

if TYPE_CHECKING:
    from pmstats.runs.cluster_worker import Made

#: What dask hands out: half of it has no types.
FromDask = Any

#: Seconds without any worker until what is still to do is given up.
PATIENCE = 300.0


class Cluster:
    """The client of one run; when it is gone, so is all of the run on every worker."""

    def __init__(self, address: str) -> None:
        """Raises `ParameterError` when nobody answers there, or dask is not installed."""
        self._client = _connected(address)
        self._run = f"pmstats-{uuid4().hex}"
        self._reading: Mapping[str, str] = {}
        self._read: Mapping[str, str] = {}
        self._cohort = b""

    def hold(self, request: Mapping[str, str]) -> ExportFacts:
        """Read the export, once for the whole cluster. Raises what reading raises."""
        from pmstats.runs.zygote import read

        told, kept = read(dict(request))
        facts = facts_of(told)
        assert kept
        beside = Path(request["export"]).parent
        files = {str(beside / name): expected for name, expected in kept.cohort.files}
        self._reading = dict(request)
        self._read = {**files, request["export"]: facts.sha256}
        self._cohort = pickle.dumps((told, replace(kept, looks={})), protocol=5)
        return facts

    def outcomes(self, jobs: Sequence[Job], shared: Shared) -> Iterator[Outcome]:
        """The outcome of each job as it ends, its files in place.

        Raises `ParameterError` before any job when the run cannot be sent.
        """
        if not jobs:
            return
        pending = self._sent(jobs, shared)
        ended: SimpleQueue[FromDask] = SimpleQueue()
        for future in pending:
            future.add_done_callback(ended.put)
        alive = time.monotonic()
        while pending and time.monotonic() - alive < PATIENCE:
            try:
                future = ended.get(timeout=min(PATIENCE, 5.0))
                yield _ended(pending.pop(future), future)
            except Empty:
                if not self._has_workers():
                    continue
            alive = time.monotonic()
        for job in pending.values():
            yield _failed(job, "there was no worker to do it")

    def close(self) -> None:
        """Leave the cluster; the scheduler ends what the run has on workers."""
        self._client.close()

    def _has_workers(self) -> bool:
        try:
            return self._client.status == "running" and bool(self._client.nthreads())
        except Exception:  # dask's own, of many kinds: nobody answers
            return False

    def _sent(self, jobs: Sequence[Job], shared: Shared) -> dict[FromDask, Job]:
        """Dask's future of each job, everything they need on its way to the workers."""
        from pmstats.runs.carried_record import looked_back_at
        from pmstats.runs.cluster_worker import EndWithClient, HeldRun, Parcel, run_there

        looked_back = [looked_back_at(job) for job in jobs]
        paths = _named_by(jobs, self._reading).union(self._read)
        files = {path: Path(path).read_bytes() for path in sorted(paths) if Path(path).is_file()}
        for path, expected in self._read.items():
            if path not in files or sha256(files[path]).hexdigest() != expected:
                raise ParameterError(f"{Path(path).name} changed while the run read it.")
        parcel = Parcel(
            shared=replace(shared, engine=KernelEngine(), made_from={}),
            engine=shared.engine.name,
            reading=self._reading,
            code=code_sha256(),
            versions=versions(),
            files=files,
            cohort=self._cohort,
        )
        try:
            end = EndWithClient(self._client.id, run=self._run)
            self._client.register_plugin(end, name=self._run)
            self._client.register_plugin(HeldRun(parcel), name=self._run)
        except Exception as error:
            raise ParameterError(
                f"--cluster: the run could not be sent: {type(error).__name__}. Scheduler and "
                "workers need the same pmstats as this machine."
            ) from None
        futures = self._client.map(
            run_there,
            [self._run] * len(jobs),
            jobs,
            [shared.made_from[job.folder] for job in jobs],
            looked_back,
            key=[f"{self._run}-{number}" for number in range(len(jobs))],
            pure=False,
        )
        return dict(zip(futures, jobs, strict=True))


def _connected(address: str) -> FromDask:
    try:
        import distributed
    except ImportError:
        raise ParameterError(
            "--cluster needs dask.distributed: pip install 'pmstats[cluster]'."
        ) from None
    client: FromDask = distributed.Client
    try:
        return client(address, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise ParameterError(f"--cluster {address}: {type(error).__name__}: {error}.") from None


def _named_by(jobs: Sequence[Job], reading: Mapping[str, str]) -> set[str]:
    """The whole paths of files that jobs read, and their notebooks; no department is a path."""
    given = {v for job in jobs for name, v in job.parameters if name not in BY_NAME}
    whole = {
        v for v in given.union(reading.values()) if isinstance(v, str) and Path(v).is_absolute()
    }
    return whole.union(str(job.notebook) for job in jobs)


def _ended(job: Job, future: FromDask) -> Outcome:
    """The outcome of a job that dask has done with, its files in place."""
    try:
        made = future.result(timeout=PATIENCE)
    except Exception as error:  # dask's own: the worker died too often, the scheduler is gone
        return _failed(job, f"stopped by {type(error).__name__}; {WITHHELD}")
    try:
        return _placed(job, made)
    except OSError as error:
        return _failed(job, f"could not write: {error.strerror or error}")
    except ParameterError as error:
        return _failed(job, str(error))


def _placed(job: Job, made: Made) -> Outcome:
    """Keep a worker's snapshot and put its files in place, all of them or none.

    Raises `OSError`, or for the record `ParameterError`, when that fails.
    """
    from pmstats.runs.carried_record import keep, record_of

    failed = job.folder / f"failed-{job.notebook.name}"
    if made.receipt is None:
        for name, data in made.files.items():
            if name == failed.name:
                replace_file(failed, data.decode())
        return made.outcome
    staged = staging_folder(job.folder, notebook=job.notebook.name)
    try:
        for name, data in made.files.items():
            (staged / Path(name).name).write_bytes(data)
        keep(record_of(job), made.kept)
        put_in_place(staged, job.folder, made.receipt)
    finally:
        discard_unfinished(staged)
    failed.unlink(missing_ok=True)
    return made.outcome


def _failed(job: Job, message: str) -> Outcome:
    return Outcome(
        department=job.department, folder=job.folder, status=Status.FAILED, message=message
    )
