"""Cohorts read before they are asked for, so that many notebooks need not read one export again.

A run reads its export once and forks a process for every notebook; what is held here is theirs
without a copy. It answers only for the very same bytes read in the very same way.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from pmstats.cohort.cohort import Cohort
    from pmstats.cohort.mapping import Mapping
    from pmstats.scheme import Scheme


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How an export is read: everything but its bytes that a cohort depends on."""

    scheme: Scheme
    mapping: Mapping
    stage: str | None
    cut_off: date | None


_held: list[tuple[Reading, Cohort]] = []


def hold(cohort: Cohort, *, reading: Reading) -> None:
    """Keep a cohort for whoever reads the same export in the same way in this process."""
    _held.append((reading, cohort))


def forget() -> None:
    """Let go of every cohort held."""
    _held.clear()


def held(path: str | Path, *, reading: Reading) -> Cohort | None:
    """The cohort of these bytes read in this way, when it is held; the file is hashed anew."""
    candidates = [cohort for kept, cohort in _held if kept == reading]
    if not candidates:
        return None
    try:
        with Path(path).open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
    name = Path(path).name
    return next((c for c in candidates if (c.export_name, c.export_sha256) == (name, sha256)), None)
