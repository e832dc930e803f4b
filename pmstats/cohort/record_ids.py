"""Which record a row number means, by pseudonym: the same person in every row, file and run.

Row numbers change whenever an export is sorted again. A record id does not, as long as the key
is kept; it is the keyed hash that stands for the person everywhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from pmstats.cohort.pseudonyms import pseudonyms, record_id

if TYPE_CHECKING:
    from pmstats.cohort.reading.cells import Cells
    from pmstats.errors import Problem

#: Files of an export whose rows problems may name, as the first part of a problem's column.
_FILES = ("ratings", "awards")


def file_of(problem: Problem) -> str:
    """The file whose rows a problem names: ratings or awards, empty for the export itself."""
    first = problem.column.partition(".")[0]
    return first if first in _FILES else ""


def record_ids(
    problems: Iterable[Problem], *, tables: Mapping[str, Cells], key: bytes
) -> dict[tuple[str, int], str]:
    """The record id of each row that a problem names, by file and row number.

    `tables` are the cells of each file as they were read. A row that is no record (a total, a
    note) and a table without identifiers have none.
    """
    asked: dict[str, set[int]] = {}
    for problem in problems:
        asked.setdefault(file_of(problem), set()).update(problem.rows)
    return {
        (file, row): found
        for file, rows in sorted(asked.items())
        if file in tables
        for row, found in _of_table(tables[file], rows, key).items()
    }


def _of_table(cells: Cells, rows: set[int], key: bytes) -> dict[int, str]:
    column = next((name for name in ("person_id", "record_id") if name in cells.columns), "")
    if not column:
        return {}
    texts = cells.columns[column]
    places = np.flatnonzero(np.isin(cells.rows, np.fromiter(rows, np.int64, len(rows))))
    identifiers = texts.values.take(texts.codes[places]).to_pylist()
    numbers = cells.rows[places].tolist()
    given = (text or f"\0{row}" for text, row in zip(identifiers, numbers, strict=True))
    hashes = pseudonyms(given, key=key).tolist()
    return dict(zip(numbers, map(record_id, hashes), strict=True))
