"""The executed notebook as an audit copy: what ran and what it showed, and nothing else.

papermill keeps machine paths, times and whole tracebacks, and marks a notebook complete when
its kernel was killed. The copy keeps parameters, code, outputs and the truth about the end.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from pmstats.report.pack import write_owner_only

if TYPE_CHECKING:
    from nbformat import NotebookNode

WITHHELD = "The words of this error are withheld: they may hold personal data."


def audit_copy(
    notebook: Path, *, parameters: Mapping[str, object], banner: str, failure: str
) -> None:
    """Rewrite an executed notebook in place as its audit copy, the class banner on top.

    Paths become file names, times and random ids go, an error keeps its type alone, and
    `metadata.pmstats` says whether the notebook ran to its end. Nothing is written when there
    is no notebook to rewrite.
    """
    import nbformat

    if not notebook.exists():
        return
    node = nbformat.read(notebook, as_version=4)
    texts = (value for value in parameters.values() if isinstance(value, str))
    names = {text: PurePath(text).name for text in texts if PurePath(text).is_absolute()}
    node.cells = [_cell(cell, place, names) for place, cell in enumerate(node.cells)]
    node.cells = [cell for cell in node.cells if "papermill-error-cell-tag" not in _tags(cell)]
    marking = nbformat.v4.new_markdown_cell(f"**{banner}**")
    marking.id = "class-banner"
    node.cells.insert(0, marking)
    kept = {name: names.get(str(value), value) for name, value in parameters.items()}
    node.metadata.pop("papermill", None)
    node.metadata["pmstats"] = {
        "status": "failed" if failure else "done",
        "failure": failure,
        "parameters": kept,
    }
    write_owner_only(notebook, nbformat.writes(node) + "\n")


def _tags(cell: NotebookNode) -> list[str]:
    return list(cell.metadata.get("tags", ()))


def _cell(cell: NotebookNode, place: int, names: Mapping[str, str]) -> NotebookNode:
    status = cell.metadata.pop("papermill", {}).get("status")
    cell.metadata.pop("execution", None)
    if "injected-parameters" in _tags(cell):
        cell.id = "injected-parameters"
        for path, name in names.items():
            cell.source = cell.source.replace(path, name)
    if not cell.get("id"):
        cell.id = f"cell-{place}"
    if cell.cell_type == "code":
        if status and not cell.execution_count:
            cell.metadata["status"] = "not run"
        cell.outputs = [_output(output) for output in cell.outputs if not _is_stderr(output)]
    return cell


def _is_stderr(output: NotebookNode) -> bool:
    return bool(output.output_type == "stream" and output.name == "stderr")


def _output(output: NotebookNode) -> NotebookNode:
    if output.output_type == "error":
        output.evalue = WITHHELD
        output.traceback = [f"{output.ename}: {WITHHELD}"]
    return output
