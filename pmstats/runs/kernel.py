"""Notebooks run in ordinary kernels: slower than a fork, and the same everywhere.

papermill calls a notebook complete when its kernel was killed or ran out of time; here such a
cell has failed and those after it have not run.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from papermill.clientwrap import PapermillNotebookClient
from traitlets.config import Config

import pmstats.errors
from pmstats.errors import PmstatsError
from pmstats.one_thread import ONE_THREAD
from pmstats.runs.executed import KERNEL, add_error, finish, tidy
from pmstats.runs.fork import Limits
from pmstats.runs.private import private_folder
from pmstats.runs.shell import error_output

if TYPE_CHECKING:
    from jupyter_client.manager import KernelManager
    from nbformat import NotebookNode
    from papermill.engines import NotebookExecutionManager

#: Errors whose words are ours, and so hold no value from a personal column.
SAFE_ERRORS = frozenset(
    name
    for name, member in vars(pmstats.errors).items()
    if isinstance(member, type) and issubclass(member, PmstatsError)
)

#: How a kernel's command names this interpreter.
PYTHONS = ("python", f"python{sys.version_info[0]}", sys.executable)

#: What a cell's error is called when its process ended with it.
ENDED = frozenset({"TimedOut", "ProcessDied"})

#: Megabytes of address space that an interpreter with its libraries takes before any data.
LIBRARIES_MB = 2048

#: Seconds for a kernel to start, and for what a cell has shown to arrive: the machine may be busy.
PATIENCE = 300


def in_kernel(
    manager: NotebookExecutionManager, *, folder: Path, limits: Limits, kernel: str = KERNEL
) -> None:
    """Run a notebook in a kernel of its own.

    It is talked to by pipes in a private folder: no network port, and no race for one. What it
    prints past its streams goes nowhere, and it keeps no history.
    """
    with private_folder() as private:
        pipes = {
            "transport": "ipc",
            "ip": f"{private}/pipe",
            "connection_file": f"{private}/connection.json",
        }
        client = TruthfulClient(
            manager,
            kernel_name=kernel,
            timeout=limits.cell_seconds,
            startup_timeout=PATIENCE,
            iopub_timeout=PATIENCE,
            extra_arguments=["--HistoryManager.enabled=False"],
            config=Config({"KernelManager": pipes if os.name == "posix" else {}}),
        )
        client.execute(
            cwd=str(folder),
            env=os.environ | ONE_THREAD,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **({"preexec_fn": _settle(limits)} if os.name == "posix" else {}),
        )
    for cell in manager.nb.cells:
        if cell.cell_type == "code":
            cell.outputs = _safe_errors(cell.outputs)
    tidy(manager.nb)


def _safe_errors(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """The outputs with errors stripped of words that are not ours.

    Where the process ended, that is the error: what an interrupted cell says besides is chance.
    """
    errors = [output for output in outputs if output.output_type == "error"]
    ended = [error for error in errors if error.ename in ENDED]
    for error in errors:
        ours = error.ename in SAFE_ERRORS or error.ename in ENDED
        error.update(error_output(error.ename, error.evalue, ours=ours))
    return [o for o in outputs if not ended or o.output_type != "error" or o in ended]


class TruthfulClient(PapermillNotebookClient):  # type: ignore[misc]  # it has no types
    """papermill's client that tells a cell which ended with its kernel from one that ran."""

    def create_kernel_manager(self) -> KernelManager:
        """The manager of a kernel that opens no port, when it is a kernel of this interpreter."""
        manager: KernelManager = super().create_kernel_manager()
        command = manager.kernel_spec.argv if manager.kernel_spec else []
        if command[:3] in ([python, "-m", "ipykernel_launcher"] for python in PYTHONS):
            command[1:3] = ["-P", "-m", "pmstats.runs.launcher"]
        return manager

    def execute(self, **how: object) -> None:
        """Run every cell until one fails."""
        self.reset_execution_trackers()
        with self.setup_kernel(**how):
            if self.papermill_execute_cells():
                told = self.wait_for_reply(self.kc.kernel_info())
                self.nb.metadata["language_info"] = told["content"]["language_info"]
                self.set_widgets_metadata()

    def papermill_execute_cells(self) -> bool:
        """Run the cells in order; whether the kernel lives on."""
        for place, cell in enumerate(self.nb.cells):
            self.nb_man.cell_start(cell, place)
            lives, failed = True, False
            try:
                self.execute_cell(cell, place)
            except CellExecutionError:
                failed = True
            except CellTimeoutError:
                add_error(cell, "TimedOut", f"the cell took longer than {self.timeout:g} s")
                lives, failed = False, True
            except DeadKernelError:
                add_error(cell, "ProcessDied", "the kernel died while the cell ran")
                lives, failed = False, True
            finish(self.nb_man, place, failed=failed)
            if failed:
                return lives
        return True


def _settle(limits: Limits) -> Callable[[], None]:
    """What a kernel does before it starts: no dump of people's rows, files of its owner alone."""
    import resource

    most = (LIBRARIES_MB + limits.memory_mb) * 2**20

    def settle() -> None:
        os.umask(0o077)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if limits.memory_mb:
            resource.setrlimit(resource.RLIMIT_AS, (most, most))

    return settle
