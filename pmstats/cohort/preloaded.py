"""Cohorts read before they are asked for, so that many notebooks need not read one export again.

A run reads its export once and forks a process for every notebook; what is held here is theirs
without a copy. It answers only for the very same bytes, of the files that belong to the export
too, read in the very same way. A file that nobody has touched since is not hashed anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pmstats.looks import Look, look_of
from pmstats.plain_file import sha256_of

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A cohort, how it was read, and how its files looked if they were at rest meanwhile."""

    cohort: Cohort
    reading: Reading
    looks: dict[str, Look]

    def is_of(self, export: Path) -> bool:
        """Whether this export and the files beside it hold what was read.

        Raises `OSError` for a file that cannot be read.
        """
        read = (self.cohort.export_name, self.cohort.export_sha256)
        return export.name == self.cohort.export_name and all(
            self.looks.get(name) == look_of(export.parent / name)
            or sha256 == sha256_of(export.parent / name)
            for name, sha256 in (*self.cohort.files, read)
        )


_held: list[Held] = []


def hold(cohort: Cohort, *, reading: Reading, looks: dict[str, Look] | None = None) -> None:
    """Keep a cohort for whoever reads the same export in the same way in this process."""
    _held.append(Held(cohort=cohort, reading=reading, looks=looks or {}))


def forget() -> None:
    """Let go of every cohort held."""
    _held.clear()


def held(path: str | Path, *, reading: Reading) -> Cohort | None:
    """The cohort of these bytes read in this way, when it is held."""
    export = Path(path)
    try:
        return next(
            (kept.cohort for kept in _held if kept.reading == reading and kept.is_of(export)), None
        )
    except OSError:
        return None
