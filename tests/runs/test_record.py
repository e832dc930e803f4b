"""The audit copy says what ran and what it showed: no machine, no clock, no chance."""

import json

import nbformat
import pytest
from IPython.core.inputtransformer2 import TransformerManager

from pmstats.runs.executed import joined, prepared
from pmstats.runs.record import audit_copy
from pmstats.runs.shell import error_output

HOSTILE = (
    "quote \" and ' and \\ and {braces} and {{ jinja }} and %magic and !ls and ?\n"
    "# not a comment\r\n<script>alert(1)</script> \u2028 é 省 ''' \"\"\" $HOME `id` \0"
)


def executed(write_notebook, folder, **parameters):
    """A prepared notebook marked and filled as a run marks and fills it."""
    node = prepared(write_notebook(folder, "'shown'", "1 / 0", "'never'"), parameters)
    for cell, status in zip(
        node.cells, ["completed", "completed", "completed", "failed", "pending"], strict=True
    ):
        cell.metadata.papermill = {"status": status, "start_time": "2025-01-01", "duration": 1}
        cell.metadata["execution"] = {"iopub.status.busy": "2025-01-01"}
    node.metadata.papermill["input_path"] = str(folder / "notebook.ipynb")
    shown, failed = node.cells[2], node.cells[3]
    shown.outputs = [
        nbformat.v4.new_output("stream", name="stderr", text="warning in a machine path"),
        nbformat.v4.new_output("stream", name="stdout", text=f"read {parameters['export']} "),
        nbformat.v4.new_output("stream", name="stdout", text=f"in {folder}/staging"),
    ]
    failed.outputs = [nbformat.v4.new_output("error", **error_output("E", "Ann", ours=False))]
    return node


def copy_of(node, folder, failure="", **parameters):
    """The audit copy as text."""
    return audit_copy(
        node, parameters=parameters, folder=folder / "staging", banner="CLASS", failure=failure
    )


def test_the_copy_holds_no_machine_path_and_no_time(write_notebook, tmp_path):
    """Paths become names, in parameters, code and outputs, with accents in them too."""
    folder = tmp_path / "für “Ann”"
    folder.mkdir()
    given = {"export": str(folder / "é.csv"), "department": "Tides"}
    text = copy_of(executed(write_notebook, folder, **given), folder, **given)
    assert str(tmp_path) not in text
    assert "2025-01-01" not in text
    held = json.loads(text)
    assert held["metadata"]["pmstats"]["parameters"] == {"export": "é.csv", "department": "Tides"}
    injected = held["cells"][2]
    assert "export" in "".join(injected["source"])
    assert str(tmp_path).encode("unicode_escape").decode() not in "".join(injected["source"])
    (shown,) = held["cells"][3]["outputs"]
    assert "".join(shown["text"]) == "read é.csv in ."


def test_a_password_in_an_address_is_starred_out(write_notebook, tmp_path):
    """In parameters, code and outputs; the rest of the address stays."""
    given = {"export": "postgresql://ann:hunter2@host/staff"}
    text = copy_of(executed(write_notebook, tmp_path, **given), tmp_path, **given)
    assert "hunter2" not in text
    assert text.count("postgresql://***@host/staff") == 3


def test_the_banner_is_the_first_thing(write_notebook, tmp_path):
    """Whoever opens the copy sees its class before anything else."""
    given = {"export": "e.csv"}
    held = json.loads(copy_of(executed(write_notebook, tmp_path, **given), tmp_path, **given))
    assert held["cells"][0]["source"] == ["**CLASS**"]


def test_the_copy_is_a_valid_notebook_and_the_same_bytes_every_time(write_notebook, tmp_path):
    """Ids included; and the notebook it is made from is not changed."""
    given = {"export": "e.csv"}
    node = executed(write_notebook, tmp_path, **given)
    first = copy_of(node, tmp_path, **given)
    assert copy_of(node, tmp_path, **given) == first
    assert copy_of(executed(write_notebook, tmp_path, **given), tmp_path, **given) == first
    nbformat.validate(nbformat.reads(first, as_version=4))


def test_the_copy_says_how_far_it_came(write_notebook, tmp_path):
    """Which cell failed, which did not run, and why; the error without its words."""
    given = {"export": "e.csv"}
    node = executed(write_notebook, tmp_path, **given)
    held = json.loads(copy_of(node, tmp_path, failure="cell [4]: E", **given))
    assert held["metadata"]["pmstats"]["status"] == "failed"
    assert held["metadata"]["pmstats"]["failure"] == "cell [4]: E"
    marks = [cell["metadata"].get("pmstats") for cell in held["cells"]]
    assert marks == [None, None, None, None, "failed", "not run"]
    assert "Ann" not in json.dumps(held)


@pytest.mark.parametrize("text", [HOSTILE, HOSTILE[::-1], '"', "\\", "'''", "{0}", "\n", ""])
def test_a_parameter_is_data_whatever_it_says(write_notebook, tmp_path, text):
    """The injected cell gives back the very text, to Python and to the shell of a notebook."""
    node = prepared(write_notebook(tmp_path), {"department": text})
    (injected,) = (c for c in node.cells if "injected-parameters" in c.metadata.get("tags", ()))
    names: dict[str, object] = {}
    exec(injected.source, names)
    assert names["department"] == text
    assert TransformerManager().transform_cell(injected.source) == injected.source


def test_texts_of_one_stream_are_joined():
    """Where a kernel cut them is chance; what stands between them is kept."""
    parts = [("stdout", "a"), ("stdout", "b"), ("stderr", "c"), ("stdout", "d")]
    outputs = [nbformat.v4.new_output("stream", name=name, text=text) for name, text in parts]
    assert [(o.name, o.text) for o in joined(outputs)] == [
        ("stdout", "ab"),
        ("stderr", "c"),
        ("stdout", "d"),
    ]
