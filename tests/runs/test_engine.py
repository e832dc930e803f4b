"""A fork gives what a kernel gives, cell by cell, and papermill drives either."""

import copy
import json
import subprocess
import sys
from pathlib import Path

import nbformat
import papermill
import pytest
from papermill.exceptions import PapermillExecutionError

from pmstats.plain_file import sha256_of
from pmstats.runs.engine import PapermillEngine
from pmstats.runs.parameters import notebook_parameters

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks are safe on Linux alone")

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

#: Cells whose outputs a kernel and a fork could show differently; each was a trap to somebody.
TRAPS = [
    "1 + 1",
    "print('a'); print('b', end=''); print('c')",
    "import sys; print('out'); print('err', file=sys.stderr); print('out')",
    "from IPython.display import HTML, Markdown, display, clear_output\ndisplay(HTML('<b>x</b>'))",
    "handle = display('first', display_id='d')\ndisplay('other')",
    "handle.update('second')",
    "display('gone'); clear_output(); display('stays')",
    "display('waits'); clear_output(wait=True); display('replaces')",
    "import pandas as pd; pd.DataFrame({f'c{n}': [n, None] for n in range(30)})",
    "pd.options.display.max_columns, pd.options.display.width",
    "import plotly.graph_objects as go\n"
    "go.Figure(go.Bar(x=['a'], y=[float('nan')])).to_plotly_json()",
    "class Both:\n    def _repr_mimebundle_(self, **_):\n"
    "        return {'text/plain': 'p', 'application/vnd.plotly.v1+json': {'data': (1, 2)}}\n"
    "Both()",
    "%time 3\nNone",
    "!echo shell",
    "import asyncio\nawait asyncio.sleep(0)\n'awaited'",
    "_",
    "Out[2], In[2]",
    "__name__, type(get_ipython()).__name__, hasattr(get_ipython(), 'kernel')",
    "import __main__; __main__.handle is handle",
    "import os; os.path.basename(os.getcwd()), os.environ['MPLBACKEND']",
    "import warnings; warnings.warn('quiet'); 'after'",
    "b'bytes', {1, 2}, 'é “quoted” \\n'",
    "'semicolon';",
    "x = 5",
    "",
    "print('no newline', end='')",
]


#: Stock papermill, with time for the kernel and for what it shows: the machine may be busy.
STOCK = """
import json, os, sys
from papermill import execute_notebook
path, output, parameters = sys.argv[1:]
execute_notebook(path, output, parameters=json.loads(parameters), cwd=os.path.dirname(path),
    kernel_name="python3", progress_bar=False, start_timeout=300, iopub_timeout=300)
"""


def by(engine: str | None, path: Path, folder: Path, **parameters: object) -> nbformat.NotebookNode:
    """A notebook run by papermill with an engine, stripped of times.

    Stock papermill runs in a process of its own: it leaves event loops and sockets open.
    """
    output = folder / f"{engine}-{path.name}"
    if engine is None:
        command = [sys.executable, "-c", STOCK, str(path), str(output), json.dumps(parameters)]
        subprocess.run(command, check=True, capture_output=True, timeout=600)
    else:
        papermill.execute_notebook(
            path,
            output,
            parameters=parameters,
            engine_name=engine,
            cwd=path.parent,
            kernel_name="python3",
            progress_bar=False,
        )
    return untimed(nbformat.read(output, as_version=4))


def untimed(node: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """A notebook without times, paths and the random id of the injected cell."""
    node = copy.deepcopy(node)
    for name in ("start_time", "end_time", "duration", "output_path", "input_path"):
        node.metadata.papermill.pop(name, None)
    for cell in node.cells:
        cell.metadata.pop("execution", None)
        for name in ("start_time", "end_time", "duration"):
            cell.metadata.get("papermill", {}).pop(name, None)
        if "injected-parameters" in cell.metadata.get("tags", ()):
            cell.id = "injected"
        for output in cell.get("outputs", ()):
            if output.output_type == "stream" and "Wall time" in output.text:
                output.text = "times"
    return node


def joined_streams(node: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook with the texts of each stream of a cell joined: a kernel cuts by the clock."""
    for cell in node.cells:
        texts: dict[str, nbformat.NotebookNode] = {}
        kept = []
        for output in cell.get("outputs", ()):
            if output.output_type == "stream" and output.name in texts:
                texts[output.name].text += output.text
                continue
            if output.output_type == "stream":
                texts[output.name] = output
            kept.append(output)
        if cell.cell_type == "code":
            cell.outputs = sorted(kept, key=lambda o: o.get("name", ""))
    return node


def without_places(node: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook with the file names that a kernel gives its cells made alike."""
    for cell in node.cells:
        for output in cell.get("outputs", ()):
            if output.output_type == "stream" and output.name == "stderr":
                output.text = " ".join(output.text.split("Warning: ")[-1:])
    return node


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_notebook_is_the_same_by_fork_and_by_stock_papermill(notebook, tmp_path):
    """Outputs, counts, ids, metadata and the injected cell: all but times."""
    known = {parameter.name: parameter.default for parameter in notebook_parameters(notebook)}
    given = {name: known[name] for name in ("department",) if name in known}
    forked = by("pmstats", notebook, tmp_path, **given)
    assert forked == by(None, notebook, tmp_path, **given)


def test_the_traps_are_the_same(write_notebook, tmp_path):
    """Display ids, cleared outputs, wide tables, mime bundles, magics, await, streams, names."""
    notebook = write_notebook(tmp_path, *TRAPS)
    forked, stock = (
        without_places(joined_streams(by(engine, notebook, tmp_path)))
        for engine in ("pmstats", None)
    )
    for ours, theirs in zip(forked.cells, stock.cells, strict=True):
        assert ours == theirs, ours.source
    assert forked == stock


def test_every_notebook_starts_afresh(write_notebook, tmp_path):
    """What one notebook changes, in names, modules, options or folder, the next does not see."""
    dirty = write_notebook(
        tmp_path,
        "import os, pandas as pd, pmstats, random\nleft = 1\npd.options.display.max_columns = 3\n"
        "pmstats.load_scheme = None\nos.environ['LEFT'] = '1'\nos.chdir('/')\nrandom.random()",
        name="dirty.ipynb",
    )
    clean = write_notebook(
        tmp_path,
        "import os, pandas as pd, pmstats, random\n"
        "('left' in dir(), pd.options.display.max_columns, pmstats.load_scheme is None, "
        "os.environ.get('LEFT'), os.getcwd() == '/')",
        "import numpy; (random.random(), numpy.random.random())",
        name="clean.ipynb",
    )
    by("pmstats", dirty, tmp_path)
    first, second = by("pmstats", clean, tmp_path), by("pmstats", clean, tmp_path)
    shown = first.cells[-2].outputs[0].data["text/plain"]
    assert shown == "(False, 20, False, None, False)"
    assert first.cells[-1].outputs != second.cells[-1].outputs


def test_files_left_open_are_written(write_notebook, tmp_path):
    """A kernel flushes what a notebook forgot to close; so does a fork."""
    notebook = write_notebook(tmp_path, "left = open('left.txt', 'w'); left.write('kept')")
    by("pmstats", notebook, tmp_path)
    assert (tmp_path / "left.txt").read_text() == "kept"


def test_an_expected_error_does_not_stop_the_notebook(write_notebook, tmp_path):
    """A cell tagged raises-exception may fail; one tagged skip-execution is not run.

    papermill still raises at the end of such a notebook, whatever the engine.
    """
    notebook = write_notebook(tmp_path, "1 / 0", "2 / 0", "'after'")
    node = nbformat.read(notebook, as_version=4)
    node.cells[1].metadata["tags"] = ["raises-exception"]
    node.cells[2].metadata["tags"] = ["skip-execution"]
    nbformat.write(node, notebook)
    with pytest.raises(PapermillExecutionError):
        by("pmstats", notebook, tmp_path)
    ran = nbformat.read(tmp_path / "pmstats-notebook.ipynb", as_version=4)
    assert ran.cells[-1].outputs[0].data["text/plain"] == "'after'"
    assert [cell.metadata.papermill.status for cell in ran.cells[-3:]] == ["completed"] * 3
    assert ran.cells[-2].outputs == []


def test_papermill_s_error_holds_no_words_of_the_notebook(write_notebook, tmp_path):
    """What papermill raises, and so prints, has the type and the cell, not the row."""
    notebook = write_notebook(tmp_path, "raise ValueError('Ann ' + 'Example')", "'never'")
    with pytest.raises(PapermillExecutionError) as raised:
        by("pmstats", notebook, tmp_path)
    assert raised.value.ename == "ValueError"
    assert "Ann Example" not in str(raised.value)
    assert "Ann Example" not in (tmp_path / "pmstats-notebook.ipynb").read_text()


@pytest.mark.parametrize(
    ("source", "name"),
    [("import os; os.kill(os.getpid(), 9)", "ProcessDied"), ("while True: pass", "TimedOut")],
)
def test_papermill_s_own_metadata_tells_the_truth(write_notebook, tmp_path, source, name):
    """Stock papermill 2.7 saves this notebook as completed, cells that never ran included."""
    notebook = write_notebook(tmp_path, "'before'", source, "'never'")
    output = tmp_path / "out.ipynb"
    with pytest.raises(PapermillExecutionError):
        papermill.execute_notebook(
            notebook, output, engine_name="pmstats", execution_timeout=15, progress_bar=False
        )
    node = nbformat.read(output, as_version=4)
    assert node.metadata.papermill.exception
    ends = [cell.metadata.papermill.status for cell in node.cells if "papermill" in cell.metadata]
    assert ends == ["completed", "completed", "failed", "pending"]
    assert [
        o.ename for c in node.cells for o in c.get("outputs", []) if o.output_type == "error"
    ] == [name]


def test_the_papermill_command_finds_the_engine(write_notebook, tmp_path):
    """`papermill --engine pmstats` works in an installation, in any folder."""
    notebook = write_notebook(tmp_path, "depth")
    output = tmp_path / "out.ipynb"
    command = [sys.executable, "-m", "papermill", str(notebook), str(output)]
    options = ["--engine", "pmstats", "-p", "depth", "7", "--no-progress-bar"]
    subprocess.run([*command, *options], check=True, capture_output=True, cwd=tmp_path, timeout=600)
    node = nbformat.read(output, as_version=4)
    assert node.cells[-1].outputs[0].data["text/plain"] == "7"


def test_a_notebook_in_another_language_goes_to_its_kernel(write_notebook, tmp_path):
    """The engine only forks Python; it does not guess."""
    node = nbformat.read(write_notebook(tmp_path, "1"), as_version=4)
    node.metadata["language_info"] = {"name": "R"}
    node.metadata["kernelspec"] = {"name": "ir", "language": "R", "display_name": "R"}
    assert PapermillEngine.nb_language(node) == "R"
    assert PapermillEngine.nb_kernel_name(node) == "ir"


def test_packs_are_the_same_bytes_by_either_engine(write_export, tmp_path, reports_in):
    """Audit copy and everything the notebook wrote; only times in receipt and manifest differ."""
    export = write_export(tmp_path, {"Tides": 60, "A/B": 45})
    made = []
    for engine in ("fork", "kernel"):
        reports = reports_in(tmp_path / engine)
        ended = reports.run_apart(NOTEBOOKS[-1], export, "--engine", engine, "--quiet")
        assert ended.returncode == 0, ended.stderr.decode()
        timed = ("receipt.json", "manifest.json")
        made.append({n: sha256_of(reports.out / n) for n in reports.files if not n.endswith(timed)})
    assert made[0] == made[1]
    assert sum(name.endswith(".html") for name in made[0]) == 4  # two indexes and two pages
