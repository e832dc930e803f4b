"""What can be wrong, and what the caller is told: every problem at once, never a person's value.

A `Problem` is one thing wrong in an export, in the analyst's words. An error that carries
problems prints all of them; each error class has the exit code a scheduler sees.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

#: Row numbers named in one message before the rest are only counted.
ROWS_SHOWN = 10


class Severity(StrEnum):
    """How much a problem matters: an error stops the run, the others are reported."""

    ERROR = "error"
    WARNING = "warning"
    INFORMATION = "information"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong with an export: the rule, where it is, and how to put it right.

    `rows` are row numbers as a spreadsheet shows them (the header is row 1 unless a title
    block stands above it). `message` and `fix` never hold a value from a personal column.
    """

    rule: str
    severity: Severity
    message: str
    fix: str
    column: str = ""
    rows: tuple[int, ...] = ()
    paragraph: str = ""

    @property
    def where(self) -> str:
        """The place in words: column and the first row numbers.

        >>> Problem(rule="DQ1", severity=Severity.ERROR, message="m", fix="f",
        ...         column="person_id", rows=(4, 9)).where
        'column person_id, rows 4, 9'
        """
        parts = [f"column {self.column}"] if self.column else []
        if self.rows:
            shown = ", ".join(str(row) for row in self.rows[:ROWS_SHOWN])
            more = len(self.rows) - ROWS_SHOWN
            noun = "row" if len(self.rows) == 1 else "rows"
            parts.append(f"{noun} {shown}" + (f" and {more:,} more" if more > 0 else ""))
        return ", ".join(parts)

    def __str__(self) -> str:
        where = f" ({self.where})" if self.where else ""
        return f"{self.severity} {self.rule}{where}: {self.message} {self.fix}".rstrip()


class PmstatsError(Exception):
    """Raised when pmstats stops for a reason the user can act on; shown without a traceback."""

    exit_code: ClassVar[int] = 1

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows in place of a traceback: the message alone."""
        return str(self).splitlines()


class ExportError(PmstatsError):
    """Raised when an export cannot be read as it stands; carries every problem found."""

    exit_code: ClassVar[int] = 10

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class SchemeError(PmstatsError):
    """Raised when a scheme file has an unknown, missing or contradictory entry."""

    exit_code: ClassVar[int] = 11


class ParameterError(PmstatsError):
    """Raised when a parameter is misspelt, missing or out of range."""

    exit_code: ClassVar[int] = 11


class DisclosureRefusal(PmstatsError):
    """Raised when a file would give away more than its class allows; nothing is written."""

    exit_code: ClassVar[int] = 12


class NotebookFailed(PmstatsError):
    """Raised when a notebook did not run to its end; the other departments are done."""

    exit_code: ClassVar[int] = 13
