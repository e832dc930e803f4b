"""A copy of an export with its failing rows marked, for the analyst who has to mend them.

It holds everything the export holds, people's values included: it is written beside the export,
for its owner alone, and only when asked for.
"""

from __future__ import annotations

import csv
import io
import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from pmstats.cohort.mapping import Mapping
from pmstats.cohort.reading.delimited import delimited_records
from pmstats.cohort.reading.read import open_source
from pmstats.cohort.reading.workbook import OLE, ZIP, workbook_records
from pmstats.cohort.recognise import recogniser
from pmstats.cohort.record_ids import file_of
from pmstats.errors import ParameterError, Problem
from pmstats.scheme import Scheme

#: A cell that begins so would be run as a formula by a spreadsheet program.
FORMULA_STARTS = ("=", "+", "-", "@", "\t")


def write_marked_copy(
    path: str | Path, problems: Iterable[Problem], *, scheme: Scheme, mapping: Mapping | None = None
) -> Path:
    """Write `NAME.marked.csv` beside the export: its rows, each after its number and its rules.

    A cell that a spreadsheet program would run as a formula gets an apostrophe in front. The
    file is its owner's alone. Raises `ExportError` when the export cannot be read as a table,
    `ParameterError` for formats that have no rows to mark.
    """
    source = open_source(path)
    known = recogniser(scheme, mapping or Mapping())
    if source.data.startswith((ZIP, OLE)):
        records = workbook_records(
            source.data, recognise=known, sheet=mapping.sheet if mapping else ""
        )
    elif source.data.startswith((b"PAR1", b"ARROW1")):
        raise ParameterError("Only text tables and spreadsheets can be marked up, row by row.")
    else:
        records = delimited_records(source.data, recognise=known)
    rules: dict[int, list[str]] = defaultdict(list)
    for problem in problems:
        if file_of(problem):  # rows of the ratings or the awards are in files of their own
            continue
        for row in problem.rows:
            if problem.rule not in rules[row]:
                rules[row].append(problem.rule)
    target = Path(path).with_name(f"{Path(path).stem}.marked.csv")
    _write(target, records, rules)
    return target


def _write(target: Path, records: Sequence[Sequence[str]], rules: dict[int, list[str]]) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(["row", "rules"])
    for number, record in enumerate(records, start=1):
        cells = (f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell for cell in record)
        writer.writerow([number, " ".join(rules.get(number, ())), *cells])
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8-sig", newline="") as file:
        file.write(text.getvalue())
    target.chmod(0o600)
