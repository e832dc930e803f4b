"""Reading an export: what the bytes are decides the reader, never the file's name."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from pmstats.cohort.reading.cells import (
    Cells,
    Recogniser,
    Source,
    not_a_table,
    unreadable,
    without_fillers,
)
from pmstats.cohort.reading.delimited import read_delimited
from pmstats.cohort.reading.tabular import ARROW, PARQUET, read_tabular
from pmstats.cohort.reading.workbook import OLE, ZIP, read_workbook
from pmstats.plain_file import read_plain

_NOT_TABLES = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"{\\rtf", b"<!DOCTYPE", b"<html", b"\x1f\x8b")


def open_source(path: str | Path | Source) -> Source:
    """The file's bytes with their SHA-256. Raises `ExportError` when it cannot be opened."""
    if isinstance(path, Source):
        return path
    try:
        data = read_plain(path)
    except OSError as error:
        raise unreadable(
            f"The file {Path(path).name} cannot be opened: {error.strerror}.", fix="Check its path."
        ) from None
    if not re.search(rb"\S", data):
        raise unreadable("The file is empty.", fix="Export it again.")
    return Source(Path(path).name, data, hashlib.sha256(data).hexdigest())


def read_cells(
    source: Source, *, recognise: Recogniser, sheet: str = "", with_totals: bool = False
) -> Cells:
    """The recognised columns of the export as text, without fillers, notes and totals.

    Total rows stay `with_totals`, marked as such.
    Raises `ExportError` when the bytes are no table or no header row is found.
    """
    if source.data.startswith((ZIP, OLE)):
        cells = read_workbook(source.data, recognise=recognise, sheet=sheet)
    elif source.data.startswith((PARQUET, ARROW)):
        cells = read_tabular(source.data, recognise=recognise)
    elif source.data[:1024].lstrip().startswith(_NOT_TABLES):
        raise not_a_table()
    else:
        cells = read_delimited(source.data, recognise=recognise)
    return without_fillers(cells, with_totals=with_totals)
