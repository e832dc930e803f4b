"""The sheets of a workbook as text, read in a process of their own.

The reader of workbooks is native code: a damaged file can make it ask for all the memory there
is and take the process with it. This file is run by itself, with limits, by `workbook.py`; it
imports nothing of pmstats. The workbook comes on standard input, the answer goes to standard
output: a dictionary in Python's marshal format.
"""

from __future__ import annotations

import io
import marshal
import sys
from collections.abc import Sequence
from datetime import date, datetime, time

#: The most memory the reader may ask for, in bytes: a million rows of thirty columns fit. A small
#: workbook needs little; a damaged one that asks for more is stopped the sooner.
MOST_MEMORY, LEAST_MEMORY, MEMORY_PER_BYTE = 6 << 30, 1 << 30, 400


def sheets(data: bytes, sheet: str) -> dict[str, object]:
    """The visible sheets (or the one named) as lists of rows of text, or what is in the way."""
    from python_calamine import CalamineWorkbook, PasswordError

    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        names = [sheet] if sheet else _visible(workbook)
        if sheet and sheet not in workbook.sheet_names:
            return {"absent": workbook.sheet_names}
        return {
            "sheets": [
                (
                    name,
                    [
                        _texts(row)
                        for row in workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
                    ],
                )
                for name in names
            ]
        }
    except PasswordError:
        return {"password": True}


def _visible(workbook: object) -> list[str]:
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    return [
        sheet.name
        for sheet in workbook.sheets_metadata  # type: ignore[attr-defined]
        if sheet.visible is SheetVisibleEnum.Visible and sheet.typ is SheetTypeEnum.WorkSheet
    ]


def _texts(row: Sequence[object]) -> list[str]:
    return [_text(cell) for cell in row]


def _text(cell: object) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "Yes" if cell else "No"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell)


def _limit_memory(size: int) -> None:
    try:
        import resource
    except ImportError:  # a system without limits: the time limit still holds
        return
    most = min(LEAST_MEMORY + MEMORY_PER_BYTE * size, MOST_MEMORY)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    workbook = sys.stdin.buffer.read()
    _limit_memory(len(workbook))
    answer = sheets(workbook, sys.argv[1])
    sys.stdout.buffer.write(marshal.dumps(answer))
