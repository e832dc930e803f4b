"""What a workbook claims to hold, looked at before anything unpacks it."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator

from pmstats.cohort.reading.cells import damaged, unreadable
from pmstats.errors import ExportError

#: No HR export comes near these; a workbook beyond them is damaged or hostile.
_MOST_BYTES = 2 << 30
_MOST_PACKING = 250
_PACKING_MATTERS_FROM = 64 << 20
_MOST_CELLS = 64_000_000
_MOST_AGAIN = 1_024

#: What the standard library raises for an archive that does not unpack.
_DAMAGE = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error),
    *(NotImplementedError, RuntimeError, OSError, EOFError, ValueError),
)
_CHUNK = 1 << 20
_OVERLAP = 64
_XLSX_SHEET = re.compile(r"xl/worksheets/.*\.xml", re.IGNORECASE)
_FAR_ROW = re.compile(rb'r="[A-Z]{0,3}(\d{5,})"')
_FAR_COLUMN = re.compile(rb'r="([A-Z]{2,})\d+"')
_ROWS_AGAIN = re.compile(rb'<table:table-row\b[^>]*?number-rows-repeated="(\d+)"[^>]*>')
_CELLS_AGAIN = re.compile(
    rb'<table:table-cell\b(?=[^>]*value-type)[^>]*?number-columns-repeated="(\d+)"'
)


def check_archive(data: bytes) -> None:
    """Nothing, when unpacking the workbook is safe.

    Raises `ExportError` when it is damaged, would unpack to far more than a table of people
    needs, or spans more cells than fit in memory.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            size = sum(member.file_size for member in members)
            packed = sum(member.compress_size for member in members) or 1
            if size > _MOST_BYTES or (
                size > _PACKING_MATTERS_FROM and size / packed > _MOST_PACKING
            ):
                raise _too_large()
            for member in members:
                if member.filename == "content.xml":
                    _check_repeats(archive.read(member))
                if member.filename.lower().endswith(".xml"):
                    _check_xml(archive, member)
    except _DAMAGE:
        raise damaged() from None


def _check_xml(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """No entity of its own making, and no cell so far out that all before it fill the memory."""
    rows, columns = 10_000, 26
    for chunk in _chunks(archive, member):
        if b"<!ENTITY" in chunk:
            raise _hostile()
        if _XLSX_SHEET.fullmatch(member.filename):
            rows = max(rows, *(int(row) for row in _FAR_ROW.findall(chunk)), 0)
            columns = max(columns, *(_number(letters) for letters in _FAR_COLUMN.findall(chunk)), 0)
        if rows * columns > _MOST_CELLS:
            raise _too_large()


def _check_repeats(content: bytes) -> None:
    """An ODS file says "the same again" by a number; only what is empty may say it often."""
    for row in _ROWS_AGAIN.finditer(content):
        again = int(row[1])
        end = content.find(b"</table:table-row>", row.end())
        filled = content.count(b"value-type", row.end(), end)
        if again * filled > _MOST_CELLS:
            raise _too_large()
    for cell in _CELLS_AGAIN.finditer(content):
        if int(cell[1]) > _MOST_AGAIN:
            raise _too_large()


def _chunks(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    tail = b""
    with archive.open(member) as stream:
        while block := stream.read(_CHUNK):
            yield tail + block
            tail = block[-_OVERLAP:]


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _hostile() -> ExportError:
    return unreadable(
        "The workbook defines XML entities, which no spreadsheet program writes.",
        fix="Do not trust this file; ask for a new export.",
    )


def _too_large() -> ExportError:
    return unreadable(
        "The workbook would unpack to far more cells than a table of people has.",
        fix="Copy the table alone into a new workbook, or export it as CSV.",
    )
