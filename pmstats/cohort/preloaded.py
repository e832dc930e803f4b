"""Cohorts read before they are asked for, so that many notebooks need not read one export again.

A run reads its export once and forks a process for every notebook; what is held here is theirs
without a copy. It answers only for the very same bytes, of the files that belong to the export
too, read in the very same way.
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
    """The cohort of these bytes read in this way, when it is held.

    The export and the files that belong to it are hashed anew.
    """
    export = Path(path)
    asked = [cohort for kept, cohort in _held if kept == reading]
    if not asked:
        return None
    try:
        ours = {name: _sha256(export.parent / name) for cohort in asked for name, _ in cohort.files}
        ours[export.name] = _sha256(export)
    except OSError:
        return None
    return next(
        (
            cohort
            for cohort in asked
            if all(
                ours.get(name) == sha256
                for name, sha256 in (*cohort.files, (cohort.export_name, cohort.export_sha256))
            )
        ),
        None,
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
