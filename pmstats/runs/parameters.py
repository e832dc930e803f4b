"""What a notebook may be given: its parameters cell, read and held against what is passed.

papermill only warns about a parameter it does not know and runs on with the default; a
misspelt department would silently become another department's pack. Names are checked first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from pmstats.errors import ParameterError

#: A help comment that starts with this word marks a parameter a run must give.
REQUIRED = "required"

#: name = default  # help
LINE = re.compile(r"^(?P<name>[a-z]\w*)\s*=\s*(?P<value>.*?)\s*(?:#\s*(?P<help>.*))?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One line of a parameters cell: name, default and what its comment says."""

    name: str
    default: str
    help: str

    @property
    def required(self) -> bool:
        """Whether a run must give it; the default then only serves the notebook on its own."""
        return self.help.startswith(REQUIRED)


def notebook_parameters(notebook: Path) -> tuple[Parameter, ...]:
    """The parameters a notebook declares in its cell tagged `parameters`.

    Raises `ParameterError` when the file is not a notebook or has no such cell.
    """
    import nbformat

    try:
        cells = nbformat.read(notebook, as_version=4).cells
    except OSError as error:
        raise ParameterError(f"{notebook.name}: {error.strerror}.") from None
    except Exception:
        raise ParameterError(f"{notebook.name} is not a notebook.") from None
    tagged = [cell for cell in cells if "parameters" in cell.metadata.get("tags", ())]
    if len(tagged) != 1:
        raise ParameterError(f"{notebook.name} needs exactly one cell tagged 'parameters'.")
    return tuple(_lines(tagged[0].source))


def _lines(source: str) -> Iterator[Parameter]:
    line = re.compile(
        r"^(?P<name>[a-z]\w*)\s*(?::[^=]+)?=\s*(?P<value>.*?)\s*(?:#\s*(?P<help>.*))?$"
    )
    for text in source.splitlines():
        found = line.match(text)
        if found:
            yield Parameter(
                name=found["name"], default=found["value"], help=(found["help"] or "").strip()
            )


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
