"""What a notebook may be given: its parameters cell, read and held against what is passed.

papermill only warns about a parameter it does not know and runs on with the default; a
misspelt department would silently become another department's pack. Names are checked first.
"""

from __future__ import annotations

import ast
import io
import json
import tokenize
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from pmstats.errors import ParameterError
from pmstats.plain_file import read_plain

#: A help comment that starts with this word marks a parameter a run must give.
REQUIRED = "required"

_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One assignment of a parameters cell: name, default and what its comment says."""

    name: str
    default: object
    help: str

    @property
    def required(self) -> bool:
        """Whether a run must give it; the default then only serves the notebook on its own."""
        return self.help.startswith(REQUIRED)

    def value_of(self, text: str) -> object:
        """What a person typed, as the kind of value the default is.

        Raises `ParameterError` when it cannot be read as that kind.
        """
        kind = type(self.default)
        try:
            if kind is bool:
                return _TRUTH[text.strip().lower()]
            return kind(text) if kind in (int, float) else text
        except (KeyError, ValueError):
            words = {bool: "true or false", int: "a whole number", float: "a number"}[kind]
            raise ParameterError(f"parameter {self.name!r} needs {words}, not {text!r}.") from None


def notebook_parameters(notebook: Path) -> tuple[Parameter, ...]:
    """The parameters a notebook declares in its cell tagged `parameters`.

    Raises `ParameterError` when the file is not a notebook, has no such cell, or the cell
    holds anything but assignments of plain values.
    """
    tagged = [
        "".join(cell["source"])
        for cell in _cells(notebook)
        if "parameters" in cell["metadata"].get("tags", ())
    ]
    if len(tagged) != 1:
        raise ParameterError(f"{notebook.name} needs exactly one cell tagged 'parameters'.")
    try:
        return tuple(_declared(tagged[0]))
    except (SyntaxError, ValueError):
        raise ParameterError(
            f"{notebook.name}: the parameters cell may only assign plain values to names."
        ) from None


def _cells(notebook: Path) -> list[dict[str, dict[str, list[str]]]]:
    try:
        held = json.loads(read_plain(notebook))
        cells: list[dict[str, dict[str, list[str]]]] = held["cells"]
        assert held["nbformat"] == 4
        assert all({"cell_type", "metadata", "source"} <= set(cell) for cell in cells)
    except OSError as error:
        raise ParameterError(f"{notebook.name}: {error.strerror}.") from None
    except (ValueError, KeyError, TypeError, AssertionError):
        raise ParameterError(f"{notebook.name} is not a notebook of format 4.") from None
    return cells


def _declared(source: str) -> Iterator[Parameter]:
    statements = ast.parse(source).body
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    comments = {t.start[0]: t.string for t in tokens if t.type == tokenize.COMMENT}
    for statement in statements:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                default = ast.literal_eval(value)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                default = ast.literal_eval(value)
            case _:
                raise ValueError
        said = comments.get(statement.end_lineno or statement.lineno, "")
        yield Parameter(name=name, default=default, help=said.lstrip("# ").strip())


def check_parameters(notebook: Path, given: Mapping[str, object]) -> None:
    """Nothing when the parameters suit the notebook.

    Raises `ParameterError` that names every unknown one with the nearest known name, and
    every required one that is missing.
    """
    known = {parameter.name: parameter for parameter in notebook_parameters(notebook)}
    faults = []
    for name in sorted(set(given) - set(known)):
        close = get_close_matches(name, list(known), n=1)
        hint = f": did you mean {close[0]!r}?" if close else ""
        faults.append(f"unknown parameter {name!r}{hint}")
    for name, parameter in known.items():
        if parameter.required and name not in given:
            faults.append(f"missing parameter {name!r} ({parameter.help})")
    if faults:
        listed = "; ".join(faults)
        raise ParameterError(f"{notebook.name}: {listed}. It takes: {', '.join(known)}.")


def typed_parameters(
    notebook: Path, typed: Iterable[tuple[str, object]]
) -> tuple[tuple[str, object], ...]:
    """Parameters as typed on a command line, each as the kind of value its default is.

    An unknown name stays as it is, for `check_parameters` to name. Raises `ParameterError` for
    a text that cannot be read as the kind of its default.
    """
    known = {parameter.name: parameter for parameter in notebook_parameters(notebook)}
    return tuple(
        (name, known[name].value_of(value) if name in known and isinstance(value, str) else value)
        for name, value in typed
    )
