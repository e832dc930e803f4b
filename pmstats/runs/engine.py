"""The papermill engine `pmstats`: a notebook runs in a fork where that is safe, else in a kernel.

papermill looks its engines up while it is being imported, so nothing of it is imported here
before it is used.
"""

from __future__ import annotations

import atexit
import os
import platform
import signal
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from pmstats.runs.executed import add_error, finish, may_fail, runs, tidy
from pmstats.runs.fork import CannotFork, ExportFacts, Forks, Limits

if TYPE_CHECKING:
    from nbformat import NotebookNode
    from papermill.engines import NotebookExecutionManager


class Engine(Protocol):
    """Runs notebooks; any number of threads may use it at once."""

    name: str

    def hold(self, request: Mapping[str, str]) -> ExportFacts:
        """Read an export once, before the notebooks that use it. Raises what reading raises."""

    def execute(self, manager: NotebookExecutionManager, *, folder: Path, limits: Limits) -> None:
        """Run a notebook in a folder and mark every cell with the truth about its end."""

    def close(self) -> None:
        """Leave nothing running."""


class ForkEngine:
    """Notebooks in forks of one process that has everything loaded."""

    name = "fork"

    def __init__(self) -> None:
        self._forks = Forks()

    def begin(self) -> None:
        """Start the process that forks; come back while it loads. Raises `CannotFork`."""
        self._forks.begin()

    def hold(self, request: Mapping[str, str]) -> ExportFacts:
        """Read the export in the process that forks, for all its forks."""
        return self._forks.hold(request)

    def execute(self, manager: NotebookExecutionManager, *, folder: Path, limits: Limits) -> None:
        """Run a notebook in a fork. Raises `CannotFork` when nothing can be forked any more."""
        node = manager.nb
        cells = enumerate(node.cells)
        asked = [(place, cell.source, may_fail(cell)) for place, cell in cells if runs(cell)]
        events = self._forks.events(asked, folder=folder, limits=limits)
        outputs = _Outputs(node)
        for place, cell in enumerate(node.cells):
            manager.cell_start(cell, place)
            told = _end_of(cell, place, events) if runs(cell) else {"succeeded": True}
            if "ended" in told:
                add_error(cell, *_why(told, limits))
            elif runs(cell):
                outputs.take(told, cell, place)
            failed = not (told.get("succeeded") or may_fail(cell)) or "ended" in told
            finish(manager, place, failed=failed)
            if "seconds" in told:  # the caller's clock also counts what it does itself
                cell.metadata.papermill["duration"] = told["seconds"]
            if failed:
                break
        for _ in events:  # until the process is gone
            pass
        node.metadata["language_info"] = language_info()
        tidy(node)

    def close(self) -> None:
        """End the process and its forks."""
        self._forks.close()


class KernelEngine:
    """Notebooks in ordinary kernels, each of which reads the export itself."""

    name = "kernel"

    def hold(self, request: Mapping[str, str]) -> ExportFacts:
        """Read the export to know that it can be read, and what departments it holds."""
        from pmstats.cohort import read_export
        from pmstats.scheme import load_scheme

        cohort = read_export(
            request["export"],
            scheme=load_scheme(request["scheme"]),
            mapping=request["mapping"],
            stage=request["stage"],
            cut_off=request["cut_off"],
        )
        return ExportFacts(
            departments=cohort.departments,
            name=cohort.export_name,
            sha256=cohort.export_sha256,
            cut_off=str(cohort.cut_off or ""),
            files=cohort.files,
        )

    def execute(self, manager: NotebookExecutionManager, *, folder: Path, limits: Limits) -> None:
        """Run a notebook in a kernel of its own."""
        from pmstats.runs.kernel import in_kernel

        in_kernel(manager, folder=folder, limits=limits)

    def close(self) -> None:
        """Nothing to do: a kernel ends with its notebook."""


class PapermillEngine:
    """What `papermill --engine pmstats` finds: the same engine, one notebook at a time.

    The process that forks is started by the first notebook and serves those that follow.
    """

    @classmethod
    def execute_notebook(
        cls, nb: NotebookNode, kernel_name: str, **options: object
    ) -> NotebookNode:
        """Run a notebook as papermill's own engines do, callbacks and all."""
        from papermill.engines import Engine as Stock

        return Stock.execute_notebook.__func__(cls, nb, kernel_name, **options)

    @classmethod
    def execute_managed_notebook(
        cls,
        manager: NotebookExecutionManager,
        kernel_name: str,
        *,
        execution_timeout: float | None = None,
        memory_mb: int = 0,
        **_: object,
    ) -> None:
        """Run it in the current folder; a notebook that is not Python runs in its kernel."""
        limits = Limits(
            cell_seconds=execution_timeout or Limits().cell_seconds, memory_mb=memory_mb
        )
        try:
            if cls.nb_language(manager.nb) != "python":
                raise CannotFork("not Python")
            _shared(os.getpid()).execute(manager, folder=Path.cwd(), limits=limits)
        except CannotFork:
            from pmstats.runs.kernel import in_kernel

            in_kernel(manager, folder=Path.cwd(), limits=limits, kernel=kernel_name)

    @classmethod
    def nb_kernel_name(cls, nb: NotebookNode, name: str | None = None) -> str:
        """The name of the kernel a notebook asks for."""
        from papermill.utils import nb_kernel_name

        return str(nb_kernel_name(nb, name))

    @classmethod
    def nb_language(cls, nb: NotebookNode, language: str | None = None) -> str:
        """The language of a notebook."""
        from papermill.utils import nb_language

        return str(nb_language(nb, language))


@cache
def _shared(_process: int) -> ForkEngine:
    """The engine of this process; a fork of it gets one of its own."""
    engine = ForkEngine()
    atexit.register(engine.close)
    return engine


class _Outputs:
    """Puts the messages of cells into a notebook by the rules papermill's client has."""

    def __init__(self, node: NotebookNode) -> None:
        from nbclient import NotebookClient

        self._client = NotebookClient(node, record_timing=False)
        self._client.reset_execution_trackers()

    def take(self, told: Mapping[str, Any], cell: NotebookNode, place: int) -> None:
        """Give a cell its count and outputs; an update may change outputs of cells before."""
        cell.outputs, cell.execution_count = [], told["count"]
        self._client.clear_before_next_output = False
        for message in told["messages"]:
            header = {"msg_type": message["msg_type"]}
            self._client.process_message(
                {**message, "header": header, "parent_header": {}}, cell, place
            )


def _end_of(cell: NotebookNode, place: int, events: Iterator[dict[str, Any]]) -> dict[str, Any]:
    """How a cell finished, or how the process ended instead."""
    for told in events:
        if told.get("started") == place:
            cell.execution_count = told["count"]
        if told.get("finished") == place or "ended" in told:
            return told
    return {"ended": None, "timed_out": False}


def _why(told: Mapping[str, Any], limits: Limits) -> tuple[str, str]:
    if told["timed_out"]:
        return "TimedOut", f"the cell took longer than {limits.cell_seconds:g} s"
    code = told["ended"]
    if code is None:
        return "ProcessDied", "nobody knows how the process ended"
    if code < 0:
        return "ProcessDied", f"the process was ended by {signal.Signals(-code).name}"
    return "ProcessDied", f"the process left with exit code {code} while the cell ran"


def language_info() -> dict[str, Any]:
    """What a Python kernel says of its language."""
    version = platform.python_version()
    return {
        "name": "python",
        "version": version,
        "mimetype": "text/x-python",
        "codemirror_mode": {"name": "ipython", "version": 3},
        "pygments_lexer": "ipython3",
        "nbconvert_exporter": "python",
        "file_extension": ".py",
    }
