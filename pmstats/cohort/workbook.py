"""Reading workbooks (XLSX, XLS, ODS): the right sheet, every cell as text, row numbers kept."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time

from pmstats.cohort.archive import check_archive
from pmstats.cohort.cells import (
    HEAD_RECORDS,
    Cells,
    Header,
    Recogniser,
    damaged,
    from_records,
    no_header,
    unreadable,
)
from pmstats.errors import ExportError

#: The first bytes of XLSX and ODS files, and of XLS files.
ZIP = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def read_workbook(data: bytes, *, recognise: Recogniser, sheet: str = "") -> Cells:
    """The recognised columns of the sheet named, or of the visible sheet best recognised.

    Raises `ExportError` when the workbook is damaged or protected by a password, there is no
    such sheet, no sheet has a header row, or two sheets fit equally well.
    """
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    if data.startswith(ZIP):
        check_archive(data)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        names = [sheet] if sheet else _visible(workbook.sheets_metadata)
        if sheet and sheet not in workbook.sheet_names:
            raise _no_such_sheet(sheet, workbook.sheet_names)
        tables = {
            name: workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
            for name in names
        }
    except PasswordError:
        raise unreadable(
            "The workbook is protected by a password.", fix="Save a copy without it."
        ) from None
    except (CalamineError, OSError, ValueError):
        raise damaged() from None
    header, records = _best(tables, recognise)
    return from_records(header, records)


def _visible(sheets: Sequence[object]) -> list[str]:
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    return [
        sheet.name  # type: ignore[attr-defined]
        for sheet in sheets
        if sheet.visible is SheetVisibleEnum.Visible  # type: ignore[attr-defined]
        and sheet.typ is SheetTypeEnum.WorkSheet  # type: ignore[attr-defined]
    ]


def _best(
    tables: Mapping[str, Sequence[Sequence[object]]], recognise: Recogniser
) -> tuple[Header, list[list[str]]]:
    found: list[tuple[int, str, Header]] = []
    for name, table in tables.items():
        header = recognise([_texts(record) for record in table[:HEAD_RECORDS]])
        if header:
            found.append((len(header.positions), name, header))
    if not found:
        raise no_header()
    most = max(count for count, _, _ in found)
    fitting = [(name, header) for count, name, header in found if count == most]
    if len(fitting) > 1:
        names = ", ".join(repr(name) for name, _ in fitting)
        raise unreadable(
            f"Several sheets could be the export: {names}.",
            fix="Say which in the mapping: sheet = ....",
        )
    name, header = fitting[0]
    return header, [_texts(record) for record in tables[name]]


def _texts(record: Sequence[object]) -> list[str]:
    return [_text(cell) for cell in record]


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


def _no_such_sheet(sheet: str, names: Sequence[str]) -> ExportError:
    return unreadable(
        f"The workbook has no sheet {sheet!r}; it has {', '.join(map(repr, names))}.",
        fix="Correct sheet in the mapping.",
    )
