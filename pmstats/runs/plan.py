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
    A name that loses anything on the way, or would share a folder, ends in a few hexadecimal
    digits of its hash.

    >>> folder_names(["Department for Tides", "A/B"])
    {'Department for Tides': 'department-for-tides', 'A/B': 'a-b-c0b45a'}
    """
    plain = {name: _plain(name) for name in departments}
    shared = Counter(plain.values())
    return {
        name: slug if shared[slug] == 1 and _keeps_all(name, slug) else _marked(name, slug)
        for name, slug in plain.items()
    }


def _plain(name: str) -> str:
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only.lower()).strip("-")[:LONGEST].rstrip("-")


def _keeps_all(name: str, slug: str) -> bool:
    return bool(slug) and name.lower().replace(" ", "-") == slug


def _marked(name: str, slug: str) -> str:
    mark = hashlib.sha256(name.encode()).hexdigest()[:6]
    return f"{slug}-{mark}" if slug else mark


def plan(
    notebook: Path,
    *,
    departments: Iterable[str],
    parameters: Iterable[tuple[str, object]],
    out: Path,
    cycle: str,
) -> tuple[Job, ...]:
    """A job for each department under `out/cycle/`, in alphabetical order of department."""
    names = sorted(set(departments))
    folders = folder_names(names)
    shared = tuple(parameters)
    return tuple(
        Job(
            notebook=notebook,
            department=name,
            parameters=(*shared, ("department", name)),
            folder=out / cycle / folders[name],
        )
        for name in names
    )
