"""What a run will do: one job for each department, each with a folder of its own."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

#: Longest folder name made from a department's name.
LONGEST = 60

#: Names that open a device on Windows, whatever folder they stand in.
_DEVICE = re.compile(r"con|prn|aux|nul|com\d|lpt\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One notebook for one department: where it is, what it gets, where its output goes."""

    notebook: Path
    department: str
    parameters: tuple[tuple[str, object], ...]
    folder: Path


def folder_names(departments: Sequence[str]) -> dict[str, str]:
    """A safe and distinct folder name for each department.

    Letters, digits and hyphens only, so that no name can climb out of the reports folder.
    A name that loses anything on the way, or would share a folder, ends in `--` and the first
    hexadecimal digits of its hash; no other name ever holds `--`.

    >>> folder_names(["Department for Tides", "A/B"])
    {'Department for Tides': 'department-for-tides', 'A/B': 'a-b--998d3ed8'}
    """
    plain = {name: slug(name) for name in departments}
    shared = Counter(plain.values())
    return {
        name: kept if shared[kept] == 1 and _keeps_all(name, kept) else _marked(name, kept)
        for name, kept in plain.items()
    }


def slug(name: str) -> str:
    """The letters, digits and single hyphens that are left of a name.

    >>> slug("../Übung 2024/25")
    'ubung-2024-25'
    """
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only.lower()).strip("-")[:LONGEST].rstrip("-")


def _keeps_all(name: str, kept: str) -> bool:
    return bool(kept) and name.lower().replace(" ", "-") == kept and not _DEVICE.fullmatch(kept)


def _marked(name: str, kept: str) -> str:
    return f"{kept or 'department'}--{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def plan(
    notebook: Path,
    *,
    departments: Iterable[str],
    among: Iterable[str],
    parameters: Iterable[tuple[str, object]],
    folder: Path,
) -> tuple[Job, ...]:
    """A job for each department, in alphabetical order, each with a folder of its own.

    `among` are all departments of the export: a department keeps its folder whichever others
    run with it.
    """
    names = sorted(set(departments))
    folders = folder_names(sorted({*among, *names}))
    shared = tuple(parameters)
    return tuple(
        Job(
            notebook=notebook,
            department=name,
            parameters=(*shared, ("department", name)),
            folder=folder / folders[name],
        )
        for name in names
    )
