"""A run gives a notebook what it asks for by name, and refuses everything else before it starts."""

import pytest

from pmstats.errors import ParameterError
from pmstats.runs.parameters import check_parameters, notebook_parameters, typed_parameters


def test_defaults_and_help_are_read_from_the_parameters_cell(write_notebook, tmp_path):
    """Name, plain default and comment of each assignment, annotated or not, hash signs kept."""
    notebook = write_notebook(
        tmp_path, parameters='a = "x # y"  # required: why\nb: float = -1.5\nc = [1]\n'
    )
    read = [(each.name, each.default, each.help) for each in notebook_parameters(notebook)]
    assert read == [("a", "x # y", "required: why"), ("b", -1.5, ""), ("c", [1], "")]
    assert [each.required for each in notebook_parameters(notebook)] == [True, False, False]


@pytest.mark.parametrize(
    "source", ["import os", "a = print()", "a, b = 1, 2", "%magic", "a.b = 1", "a = ("]
)
def test_a_parameters_cell_only_assigns(write_notebook, tmp_path, source):
    """Anything but plain values under plain names is refused, not run."""
    with pytest.raises(ParameterError, match="only assign plain values"):
        notebook_parameters(write_notebook(tmp_path, parameters=source))


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"cells": [1], "nbformat": 4}', "\xff"])
def test_a_file_that_is_no_notebook_is_refused(tmp_path, text):
    """The refusal names the file and not what is in it."""
    path = tmp_path / "not.ipynb"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(ParameterError, match=r"^not\.ipynb is not a notebook of format 4\.$"):
        notebook_parameters(path)


def test_exactly_one_cell_is_tagged(write_notebook, tmp_path):
    """A notebook without a parameters cell would ignore what it is given."""
    with pytest.raises(ParameterError, match="exactly one cell tagged 'parameters'"):
        notebook_parameters(write_notebook(tmp_path, "1", parameters=None))


def test_unknown_and_missing_names_are_all_named_at_once(write_notebook, tmp_path):
    """Each unknown name with its nearest known one, each missing one with its help."""
    notebook = write_notebook(tmp_path)
    with pytest.raises(ParameterError) as refusal:
        check_parameters(notebook, {"departmnt": "Tides", "zzz": 1, "export": "e.csv"})
    assert "unknown parameter 'departmnt': did you mean 'department'?" in str(refusal.value)
    assert "unknown parameter 'zzz'" in str(refusal.value)
    assert "missing parameter 'department' (required: one department" in str(refusal.value)


def test_a_typed_value_becomes_the_kind_of_its_default(write_notebook, tmp_path):
    """Numbers and truth values arrive as such; what does not read is refused by name."""
    notebook = write_notebook(tmp_path, parameters='n = 3\nshare = 0.5\nfull = False\nword = "a"\n')
    typed = typed_parameters(
        notebook, [("n", "4"), ("share", "0.25"), ("full", "true"), ("word", "5"), ("other", "x")]
    )
    assert dict(typed) == {"n": 4, "share": 0.25, "full": True, "word": "5", "other": "x"}
    for name, kind in (("n", "a whole number"), ("share", "a number"), ("full", "true or false")):
        with pytest.raises(ParameterError, match=f"parameter '{name}' needs {kind}, not 'x'"):
            typed_parameters(notebook, [(name, "x")])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["-p", "departmnt=Tides"], "unknown parameter 'departmnt': did you mean 'department'?"),
        (["-p", "depth=deep"], "parameter 'depth' needs a whole number, not 'deep'"),
        (["-p", "depth"], "write NAME=VALUE"),
        (["--department", "Tide"], "The export holds no department 'Tide'; it holds: Tides."),
        (["--stage", "midyear"], "no stage 'midyear'"),
        (["--scheme", "scs_2042"], "scs_2042"),
    ],
)
def test_a_wrong_parameter_stops_the_run_before_anything_is_written(
    write_notebook, write_export, tmp_path, reports, capsys, options, said
):
    """Exit code 11, the reason in words, and no reports folder."""
    assert (
        reports.run(write_notebook(tmp_path, "1"), write_export(tmp_path, {"Tides": 4}), *options)
        == 11
    )
    assert said in capsys.readouterr().err
    assert not reports.out.exists()


def test_a_required_parameter_that_nobody_gives_stops_the_run(
    write_notebook, write_export, tmp_path, reports, capsys
):
    """Exit code 11 and the parameter's own help."""
    notebook = write_notebook(
        tmp_path,
        parameters="export = ''\ndepartment = ''\nstage = ''\nscheme = ''\n"
        "panel = ''  # required: one panel\n",
    )
    assert reports.run(notebook, write_export(tmp_path, {"Tides": 4})) == 11
    assert "missing parameter 'panel' (required: one panel)" in capsys.readouterr().err
    assert not reports.out.exists()


def test_a_notebook_that_writes_nothing_need_not_take_a_folder(
    write_notebook, write_export, tmp_path, reports
):
    """What a run always knows but the notebook does not ask for is left out."""
    notebook = write_notebook(
        tmp_path,
        "[department, stage]",
        parameters="export = ''\ndepartment = ''\nstage = ''\nscheme = ''\n",
    )
    assert reports.run(notebook, write_export(tmp_path, {"Tides": 4}), "--quiet") == 0
    assert reports.manifest["Tides"]["status"] == "done"
