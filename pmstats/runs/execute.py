"""Jobs run side by side, each in a process of its own; one that fails stops nobody else."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from pmstats.errors import ParameterError
from pmstats.looks import Look, look_of
from pmstats.plain_file import sha256_of
from pmstats.runs.executed import cell_seconds, failure_of, prepared
from pmstats.runs.fork import CannotFork, Limits
from pmstats.runs.plan import Job
from pmstats.runs.private import private_folder
from pmstats.runs.receipt import Receipt
from pmstats.runs.record import audit_copy
from pmstats.runs.shell import WITHHELD
from pmstats.runs.staging import (
    discard_unfinished,
    put_in_place,
    replace_file,
    staging_folder,
    write_through,
)

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from pmstats.runs.engine import Engine


class Status(StrEnum):
    """How a job ended: made anew, still good from an earlier run, or not made."""

    DONE = "done"
    KEPT = "kept"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one job ended. `message` says why it failed and never holds personal data."""

    department: str
    folder: Path
    status: Status
    message: str = ""
    seconds: float = 0.0
    files: tuple[str, ...] = ()
    cells: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """An input file as it was when a run read it."""

    path: Path
    sha256: str
    seen: Look

    @property
    def changed(self) -> bool:
        """Whether the file now holds other bytes, or is gone."""
        try:
            return look_of(self.path) != self.seen and sha256_of(self.path) != self.sha256
        except OSError:
            return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What all jobs of a run have in common; `made_from` identifies each job by its folder.

    `pdf` asks for every page of a notebook to be printed beside it.
    """

    engine: Engine
    export: Watched
    banner: str
    limits: Limits
    made_from: Mapping[Path, str]
    pdf: bool = False


def run_jobs(jobs: Sequence[Job], shared: Shared, *, workers: int) -> Iterator[Outcome]:
    """The outcome of each job as it ends. When the caller stops asking, every process ends.

    So many notebooks run at a time, begun in the order of the jobs; while one waits for the
    disk, the next one runs.
    """
    width = max(1, min(workers, len(jobs)))
    turns = BoundedSemaphore(width)
    waiting = iter(jobs)

    def next_job() -> Outcome:
        with ExitStack() as turn:
            turn.enter_context(turns)
            return run_job(next(waiting), shared, executed=turn.close)

    pool = ThreadPoolExecutor(max_workers=2 * width)
    try:
        for finished in as_completed([pool.submit(next_job) for _ in jobs]):
            yield finished.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        shared.engine.close()
        pool.shutdown()


def run_job(job: Job, shared: Shared, *, executed: Callable[[], object] = lambda: None) -> Outcome:
    """Run one notebook in a staging folder and put its files in place when it is done.

    Earlier files of the department stay as they are when the notebook fails; its audit copy is
    left beside them under a name that says so. `executed` is called when the notebook has run.
    """
    begun = time.monotonic()
    try:
        staged = staging_folder(job.folder, notebook=job.notebook.name)
        try:
            node = prepared(job.notebook, dict(job.parameters))
            failure = _executed(node, shared, folder=staged)
            executed()
            return _concluded(job, node, shared, staged=staged, failure=failure, begun=begun)
        finally:
            discard_unfinished(staged)
    except OSError as error:
        message = f"could not write: {error.strerror or error}"
    except CannotFork as error:
        message = f"stopped: {error}"
    except Exception as error:
        message = f"stopped by {type(error).__name__}; {WITHHELD}"
    return _failed(job, message, begun)


def _concluded(
    job: Job, node: NotebookNode, shared: Shared, *, staged: Path, failure: str, begun: float
) -> Outcome:
    """What a notebook that has run leaves behind: its pack, or the copy that tells why not."""
    copy = audit_copy(
        node,
        parameters=dict(job.parameters),
        folder=staged,
        banner=shared.banner,
        failure=failure,
    )
    failed_copy = job.folder / f"failed-{job.notebook.name}"
    if failure:
        replace_file(failed_copy, copy)
        return _failed(job, failure, begun)
    (staged / job.notebook.name).unlink(missing_ok=True)
    write_through(staged / job.notebook.name, copy)
    receipt = Receipt(
        department=job.department,
        notebook=job.notebook.name,
        folder=job.folder.name,
        made_from=shared.made_from[job.folder],
        files={path.name: sha256_of(path) for path in sorted(staged.iterdir())},
        seconds=round(time.monotonic() - begun, 3),
        cells=cell_seconds(node),
    )
    put_in_place(staged, job.folder, receipt)
    failed_copy.unlink(missing_ok=True)
    return Outcome(
        department=job.department,
        folder=job.folder,
        status=Status.DONE,
        seconds=receipt.seconds,
        files=tuple(receipt.files),
        cells=receipt.cells,
    )


def _executed(node: NotebookNode, shared: Shared, *, folder: Path) -> str:
    """Run a prepared notebook, print its pages if asked to, and say why that failed, or nothing."""
    from papermill.engines import NotebookExecutionManager

    manager = NotebookExecutionManager(node, progress_bar=False)
    manager.notebook_start()
    shared.engine.execute(manager, folder=folder, limits=shared.limits)
    manager.notebook_complete()
    failure = failure_of(node)
    if not failure and shared.export.changed:
        return "the export changed while the run read it"
    if not failure and shared.pdf:
        try:
            _print_pages(folder)
        except ParameterError as error:
            return str(error)
    return failure


def _print_pages(folder: Path) -> None:
    from pmstats.report.pdf import write_pdf

    with private_folder() as private:
        for page in sorted(folder.glob("*.html")):
            write_pdf(page, within=private)


def _failed(job: Job, message: str, begun: float) -> Outcome:
    return Outcome(
        department=job.department,
        folder=job.folder,
        status=Status.FAILED,
        message=message,
        seconds=round(time.monotonic() - begun, 3),
    )
