"""The executed notebook as an audit copy: what ran and what it showed, and nothing else.

papermill keeps machine paths and times. The copy keeps parameters, code, outputs and the truth
about the end, and is the same bytes for the same inputs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from pmstats.runs.executed import joined

#: User and password of an address such as postgresql://user:password@host/name.
_PASSWORD = re.compile(r"(?<=://)[^/@\s]+@")

if TYPE_CHECKING:
    from nbformat import NotebookNode


def audit_copy(
    node: NotebookNode,
    *,
    parameters: Mapping[str, object],
    folder: Path,
    banner: str,
    failure: str,
) -> str:
    """The text of an executed notebook as its audit copy, the class banner on top.

    Paths become file names, passwords in addresses stars, times and random ids go, and
    `metadata.pmstats` says whether the notebook ran to its end. `folder` is where it ran. The
    notebook itself is not changed.
    """
    import nbformat

    texts = {text for text in parameters.values() if isinstance(text, str)}
    names = {text: PurePath(text).name for text in texts if PurePath(text).is_absolute()}
    names |= {text: _PASSWORD.sub("***@", text) for text in texts if _PASSWORD.search(text)}
    kept = {name: names.get(str(value), value) for name, value in parameters.items()}
    shown = nbformat.from_dict(_without_paths(node.cells, {**names, str(folder): "."}))
    copy = nbformat.v4.new_notebook(
        cells=[
            _banner(banner),
            *(_cell(cell, place, kept) for place, cell in enumerate(shown)),
        ],
        metadata={
            "kernelspec": node.metadata.get("kernelspec", {}),
            "language_info": {"name": "python"},
            "pmstats": {
                "status": "failed" if failure else "done",
                "failure": failure,
                "parameters": kept,
            },
        },
    )
    return str(nbformat.v4.writes(copy)) + "\n"  # `nbformat.writes` checks it too: it is ours


def _without_paths(cells: list[NotebookNode], names: Mapping[str, str]) -> list[NotebookNode]:
    text = json.dumps(cells, ensure_ascii=False)
    for path in sorted(names, key=len, reverse=True):
        text = text.replace(json.dumps(path, ensure_ascii=False)[1:-1], names[path])
    held: list[NotebookNode] = json.loads(text)
    return held


def _banner(words: str) -> NotebookNode:
    from nbformat.v4 import new_markdown_cell

    return new_markdown_cell(f"**{words}**", id="class-banner")


def _cell(cell: NotebookNode, place: int, parameters: Mapping[str, object]) -> NotebookNode:
    from papermill.translators import papermill_translators

    status = cell.metadata.pop("papermill", {}).get("status")
    cell.metadata.pop("execution", None)
    cell.setdefault("id", f"cell-{place}")
    if "injected-parameters" in cell.metadata.get("tags", ()):
        cell.id = "injected-parameters"
        translator = papermill_translators.find_translator("python3", "python")
        cell.source = translator.codify(dict(parameters), "Parameters")
    if cell.cell_type == "code":
        cell.metadata.update({"pmstats": _ENDS[status]} if status in _ENDS else {})
        shown = [output for output in cell.outputs if not _is_stderr(output)]
        cell.outputs = joined(shown)
    return cell


#: How papermill marks cells that did not run to their end, in words.
_ENDS = {"failed": "failed", "pending": "not run", "running": "failed"}


def _is_stderr(output: NotebookNode) -> bool:
    return bool(output.output_type == "stream" and output.name == "stderr")
