"""Reading an export: what the bytes are decides the reader, never the file's name."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from pmstats.cohort.cells import Cells, Recogniser, not_a_table, unreadable, without_fillers
from pmstats.cohort.delimited import read_delimited
from pmstats.cohort.workbook import read_workbook

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_NOT_TABLES = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"{\\rtf", b"<!DOCTYPE", b"<html", b"\x1f\x8b")


@dataclass(frozen=True, slots=True, repr=False)
class Source:
    """The bytes of one file, its name without the folder, and what identifies it."""

    name: str
    data: bytes
    sha256: str


def open_source(path: str | Path) -> Source:
    """The file's bytes with their SHA-256. Raises `ExportError` when it cannot be opened."""
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise unreadable(
            f"The file {Path(path).name} cannot be opened: {error.strerror}.", fix="Check its path."
        ) from None
    if not re.search(rb"\S", data):
        raise unreadable("The file is empty.", fix="Export it again.")
    return Source(Path(path).name, data, hashlib.sha256(data).hexdigest())


def read_cells(source: Source, *, recognise: Recogniser, sheet: str = "") -> Cells:
    """The recognised columns of the export as text, without fillers, notes and totals.

    Raises `ExportError` when the bytes are no table or no header row is found.
    """
    if source.data.startswith((_ZIP, _OLE)):
        cells = read_workbook(source.data, recognise=recognise, sheet=sheet)
    elif source.data[:1024].lstrip().startswith(_NOT_TABLES):
        raise not_a_table()
    else:
        cells = read_delimited(source.data, recognise=recognise)
    return without_fillers(cells)
