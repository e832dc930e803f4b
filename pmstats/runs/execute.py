"""Notebooks run by papermill, one process each; what fails says so and stops nobody else."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import pmstats.errors
from pmstats.errors import PmstatsError
from pmstats.runs.plan import Job
from pmstats.runs.record import audit_copy

#: Seconds a single cell may take before the department is given up.
CELL_TIMEOUT = 600

#: Errors whose words are ours, and so hold no value from a personal column.
SAFE_ERRORS = frozenset(
    name
    for name, member in vars(pmstats.errors).items()
    if isinstance(member, type) and issubclass(member, PmstatsError)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one job ended. `message` is empty when it is done and never holds personal data."""

    department: str
    folder: Path
    done: bool
    message: str
    seconds: float
    files: tuple[str, ...]


def run_jobs(jobs: Sequence[Job], *, workers: int, banner: str) -> Iterator[Outcome]:
    """The outcome of each job as it ends; a failing job never stops the others.

    Every worker is a fresh interpreter and every notebook has a kernel of its own.
    """
    with ProcessPoolExecutor(
        max_workers=max(1, min(workers, len(jobs))), mp_context=get_context("spawn")
    ) as pool:
        waiting = {pool.submit(run_job, job, banner): job for job in jobs}
        for finished in as_completed(waiting):
            error = finished.exception()
            yield (
                finished.result()
                if error is None
                else _failed(waiting[finished], f"stopped by {type(error).__name__}", 0.0)
            )


def run_job(job: Job, banner: str) -> Outcome:
    """Run one notebook in a staging folder and put its files in place when it is done.

    Earlier files of the department stay untouched when the notebook fails; its scrubbed copy
    is left beside them under a name that says so.
    """
    started = time.monotonic()
    job.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    staging = Path(tempfile.mkdtemp(prefix=".staging-", dir=job.folder.parent))
    try:
        message = _execute(job, staging, banner)
        seconds = time.monotonic() - started
        if message:
            _put(staging / job.notebook.name, job.folder / f"failed-{job.notebook.name}")
            return _failed(job, message, seconds)
        (job.folder / f"failed-{job.notebook.name}").unlink(missing_ok=True)
        files = sorted(path.name for path in staging.iterdir())
        for name in files:
            _put(staging / name, job.folder / name)
        return Outcome(
            department=job.department,
            folder=job.folder,
            done=True,
            message="",
            seconds=seconds,
            files=tuple(files),
        )
    except OSError as error:
        return _failed(job, f"could not write: {error.strerror}", time.monotonic() - started)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _execute(job: Job, staging: Path, banner: str) -> str:
    """Run the notebook in the staging folder; the reason why it failed, or nothing."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    import papermill
    from papermill.exceptions import PapermillExecutionError
    from traitlets.config import Config

    executed = staging / job.notebook.name
    message = ""
    try:
        papermill.execute_notebook(
            str(job.notebook),
            str(executed),
            parameters=dict(job.parameters),
            cwd=str(staging),
            progress_bar=False,
            kernel_name="python3",
            execution_timeout=CELL_TIMEOUT,
            request_save_on_cell_execute=False,
            # pipes instead of ports: nothing listens on TCP and no two kernels race for a port
            config=Config({"KernelManager": {"transport": "ipc"}}),
        )
    except PapermillExecutionError as error:
        message = _reason(error.ename, error.evalue, error.exec_count)
    except Exception as error:
        message = f"the kernel stopped ({type(error).__name__})"
    audit_copy(executed, parameters=dict(job.parameters), banner=banner, failure=message)
    return message


def _reason(name: str, words: str, cell: int | None) -> str:
    place = f"cell {cell}" if cell else "a cell"
    if name in SAFE_ERRORS:
        return f"{place}: {words}"
    return f"{place}: {name}; its words are withheld, they may hold personal data"


def _failed(job: Job, message: str, seconds: float) -> Outcome:
    return Outcome(
        department=job.department,
        folder=job.folder,
        done=False,
        message=message,
        seconds=seconds,
        files=(),
    )


def _put(source: Path, target: Path) -> None:
    """Move a file into place, readable by its owner alone."""
    if source.exists():
        source.chmod(0o600)
        source.replace(target)
