"""A notebook before and after it runs: papermill's parameters in, the truth about its end out."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pmstats.looks import Look, look_of
from pmstats.runs.shell import error_output

if TYPE_CHECKING:
    from nbformat import NotebookNode
    from papermill.engines import NotebookExecutionManager

KERNEL = "python3"

#: What papermill would import and a run has no use for: a grammar of addresses that jsonschema
#: tries to load, a second of CPU, and ways to notebooks that are not files.
SPARED = ("rfc3987_syntax", "papermill.s3", "papermill.adl", "papermill.abs", "gcsfs", "pyarrow.fs")


@cache
def load_papermill() -> None:
    """Import papermill and nbformat, without what they can do without.

    The schema of notebooks is compiled too: any number of threads would do it at once later.
    """
    spared = [name for name in SPARED if name not in sys.modules]
    for name in spared:
        sys.modules[name] = None  # type: ignore[assignment]  # importing it raises ImportError
    try:
        import papermill  # noqa: F401
        from nbformat import validate
        from nbformat.v4 import new_notebook

        validate(new_notebook())
    finally:
        for name in spared:
            del sys.modules[name]


def prepared(notebook: Path, parameters: Mapping[str, object]) -> NotebookNode:
    """The notebook with papermill's cell of injected parameters, ready to run."""
    load_papermill()
    from nbformat import from_dict
    from papermill.parameterize import parameterize_notebook

    node = from_dict(json.loads(_read_once(notebook, look_of(notebook))))
    return parameterize_notebook(
        node, dict(parameters), kernel_name=KERNEL, language="python", report_mode=False
    )


@lru_cache(maxsize=8)
def _read_once(notebook: Path, _look: Look) -> str:
    """A notebook as papermill reads it, once for all its jobs while the file stays as it is."""
    from papermill.iorw import load_notebook_node

    return json.dumps(load_notebook_node(str(notebook)))


def runs(cell: NotebookNode) -> bool:
    """Whether a cell is run at all."""
    return bool(
        cell.cell_type == "code"
        and cell.source.strip()
        and "skip-execution" not in cell.metadata.get("tags", ())
    )


def may_fail(cell: NotebookNode) -> bool:
    """Whether the notebook goes on when this cell raises."""
    return "raises-exception" in cell.metadata.get("tags", ())


def finish(manager: NotebookExecutionManager, place: int, *, failed: bool) -> None:
    """Mark a cell as done or failed. papermill leaves what comes after a failed cell pending."""
    cell = manager.nb.cells[place]
    if failed:
        manager.cell_exception(cell, cell_index=place)
    begun = cell.metadata.papermill["start_time"]
    cell.metadata.papermill["start_time"] = ""  # papermill would parse it back, at great length
    manager.cell_complete(cell, cell_index=place)
    times = cell.metadata.papermill
    times["start_time"] = begun
    ended = datetime.fromisoformat(times["end_time"])
    times["duration"] = (ended - datetime.fromisoformat(begun)).total_seconds()


def add_error(cell: NotebookNode, name: str, words: str) -> None:
    """Say on a cell that its process ended with it; without this papermill calls it complete."""
    from nbformat.v4 import new_output

    cell.outputs.append(new_output("error", **error_output(name, words, ours=True)))


def tidy(node: NotebookNode) -> None:
    """Join texts that were printed piecemeal: where they were cut is chance."""
    for cell in node.cells:
        if cell.cell_type == "code":
            cell.outputs = joined(cell.outputs)


def joined(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """The outputs with neighbouring texts of one stream made one."""
    kept: list[NotebookNode] = []
    for output in outputs:
        last = kept[-1] if kept else None
        stream = output.output_type == "stream"
        if stream and last and last.output_type == "stream" and last.name == output.name:
            last.text += output.text
        else:
            kept.append(output)
    return kept


def failure_of(node: NotebookNode) -> str:
    """Why a notebook did not run to its end, in words without personal data; or nothing."""
    number = 0  # as In [n] counts; the cell may not have lived to be given its own
    for cell in node.cells:
        number += runs(cell)
        if cell.metadata.get("papermill", {}).get("status") == "failed":
            errors = [each for each in cell.outputs if each.output_type == "error"]
            said = f"{errors[-1].ename}: {errors[-1].evalue}" if errors else "it failed"
            return f"cell [{number}]: {said}"
    return ""


def cell_seconds(node: NotebookNode) -> dict[str, float]:
    """How long each cell that ran took, by the cell's id."""
    return {
        str(cell.get("id", place)): round(cell.metadata["papermill"]["duration"], 4)
        for place, cell in enumerate(node.cells)
        if cell.cell_type == "code" and _duration(cell.metadata) is not None
    }


def _duration(metadata: Mapping[str, Any]) -> object:
    return metadata.get("papermill", {}).get("duration")
