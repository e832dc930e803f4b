"""Reading workbooks (XLSX, XLS, ODS): the right sheet, every cell as text, row numbers kept."""

from __future__ import annotations

import marshal
import subprocess
import sys
from collections.abc import Sequence

from pmstats.cohort.reading import sheets
from pmstats.cohort.reading.archive import check_archive
from pmstats.cohort.reading.cells import (
    HEAD_RECORDS,
    Cells,
    Header,
    Recogniser,
    damaged,
    from_records,
    no_header,
    unreadable,
)

#: The first bytes of XLSX and ODS files, and of XLS files.
ZIP = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: Seconds a workbook may take, and more for each megabyte.
_SECONDS, _SECONDS_PER_MEGABYTE = 10, 4


def read_workbook(data: bytes, *, recognise: Recogniser, sheet: str = "") -> Cells:
    """The recognised columns of the sheet named, or of the visible sheet best recognised.

    Raises `ExportError` when the workbook is damaged, hostile or protected by a password, there
    is no such sheet, no sheet has a header row, or two sheets fit equally well.
    """
    return from_records(*_chosen(data, recognise, sheet))


def workbook_records(data: bytes, *, recognise: Recogniser, sheet: str = "") -> list[list[str]]:
    """Every row of the sheet that `read_workbook` reads, as it stands.

    Raises `ExportError` as `read_workbook` does.
    """
    return _chosen(data, recognise, sheet)[1]


def _chosen(data: bytes, recognise: Recogniser, sheet: str) -> tuple[Header, list[list[str]]]:
    if data.startswith(ZIP):
        check_archive(data)
    answer = _read_apart(data, sheet)
    if "password" in answer:
        raise unreadable("The workbook is protected by a password.", fix="Save a copy without it.")
    if "absent" in answer:
        there = ", ".join(map(repr, answer["absent"]))
        raise unreadable(
            f"The workbook has no sheet {sheet!r}; it has {there}.",
            fix="Correct sheet in the mapping.",
        )
    return _best(answer["sheets"], recognise)


def _read_apart(data: bytes, sheet: str) -> dict[str, list[tuple[str, list[list[str]]]]]:
    """What the reading process answers; however it ends, this process goes on."""
    try:
        done = subprocess.run(
            [sys.executable, "-I", sheets.__file__, sheet],
            input=data,
            capture_output=True,
            timeout=_SECONDS + _SECONDS_PER_MEGABYTE * (len(data) >> 20),
            check=True,
        )
        answer: dict[str, list[tuple[str, list[list[str]]]]] = marshal.loads(done.stdout)
    except (subprocess.SubprocessError, OSError, ValueError, EOFError, TypeError):
        raise damaged() from None
    return answer


def _best(
    tables: Sequence[tuple[str, list[list[str]]]], recognise: Recogniser
) -> tuple[Header, list[list[str]]]:
    found = [
        (header, name, records)
        for name, records in tables
        if (header := recognise(records[:HEAD_RECORDS]))
    ]
    if not found:
        raise no_header()
    most = max(len(header.positions) for header, _, _ in found)
    fitting = [each for each in found if len(each[0].positions) == most]
    if len(fitting) > 1:
        names = ", ".join(repr(name) for _, name, _ in fitting)
        raise unreadable(
            f"Several sheets could be the export: {names}.",
            fix="Say which in the mapping: sheet = ....",
        )
    header, _, records = fitting[0]
    return header, records
