"""Which encoding the bytes of a text table are in, and what they were before it was mistaken."""

from __future__ import annotations

import codecs
import re

from pmstats.cohort.labels import MISREAD_MARKS
from pmstats.cohort.reading.cells import damaged, not_a_table, unreadable
from pmstats.errors import ExportError, Problem, Severity

_CHUNK = 1 << 20
_NOT_ASCII = re.compile(rb"[\x80-\xff]+")
#: Letters, quotation marks and dashes of names and labels written in Latin script.
_LATIN = re.compile("[\0-\u017f\u2000-\u206f\u20ac\ufeff]*")
#: The byte-order mark as it looks where it was read in this code page, at the start of a row.
_MARKED = {
    page: re.compile(b"(?:^|[\r\n])" + re.escape(mark.encode()))
    for page, mark in MISREAD_MARKS.items()
}
#: Where a mark is looked for: a title block is no longer.
_HEAD = 1 << 14
_MISREAD = (
    "The file was read in the wrong code page before and saved again (é as Ã©, a byte-order mark "
    "as ï»¿); it was read as it was meant."
)


def as_utf8(data: bytes) -> tuple[bytes, Problem | None]:
    """The text as UTF-8 without byte-order marks, and a note when the encoding was guessed.

    Raises `ExportError` when the bytes are no text or in no encoding that can be told.
    """
    text, note = _as_utf8(data)
    text = text.replace(codecs.BOM_UTF8, b"")
    if not note:
        while (meant := _as_meant(text)) is not None:
            text, note = meant.replace(codecs.BOM_UTF8, b""), _note(_MISREAD)
    return text, note


def _as_utf8(data: bytes) -> tuple[bytes, Problem | None]:
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return _decoded(data, "utf-32"), None
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _decoded(data, "utf-16"), None
    data = data.removeprefix(codecs.BOM_UTF8)
    sample = data[:4096]
    if b"\0" in sample:
        for byte, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
            if sample[byte::2].count(0) > len(sample) // 4:
                return _decoded(data, encoding), _guessed("UTF-16")
    if any(byte < 32 and byte not in b"\t\n\r\f\x0b\x1a" for byte in sample):
        raise not_a_table()
    if _is_utf8(data):
        return data, None
    try:
        return data.decode("cp1252").encode(), _guessed("Windows-1252")
    except UnicodeDecodeError:
        raise _untold() from None


def _is_utf8(data: bytes) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(data), _CHUNK):
            decoder.decode(data[start : start + _CHUNK])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _decoded(data: bytes, encoding: str) -> bytes:
    try:
        return data.decode(encoding).encode()
    except UnicodeError:
        raise damaged() from None


def _as_meant(text: bytes) -> bytes | None:
    """The text before UTF-8 was taken for a code page and saved again; None where it was not.

    It was where the whole text goes back to UTF-8. Without a byte-order mark to prove it, what
    comes out must be Latin letters too.
    """
    starts = range(0, len(text), _CHUNK)
    odd = next((start for start in starts if not text[start : start + _CHUNK].isascii()), None)
    first = None if odd is None else _NOT_ASCII.search(text, odd)
    if not first:
        return None
    for page, mark in _MARKED.items():
        marked = bool(mark.search(text[:_HEAD]))
        if (marked or page == "cp1252") and _undone(first[0], page) is not None:
            meant = _undone(text, page)
            if meant is not None and (marked or _LATIN.fullmatch(meant)):
                return meant.encode()
    return None


def _undone(text: bytes, page: str) -> str | None:
    try:
        return text.decode().encode(page, errors=_SLOPPY).decode()
    except UnicodeError:
        return None


def _byte_itself(error: UnicodeError) -> tuple[bytes, int]:
    """Windows gives a byte that its code page leaves out the character of its own number."""
    assert isinstance(error, UnicodeEncodeError)
    return error.object[error.start : error.end].encode("latin-1"), error.end


_SLOPPY = "pmstats byte itself"
codecs.register_error(_SLOPPY, _byte_itself)


def _guessed(encoding: str) -> Problem:
    return _note(f"The file is not UTF-8; it was read as {encoding}.")


def _note(message: str) -> Problem:
    return Problem(
        rule="DQ14",
        severity=Severity.INFORMATION,
        message=message,
        fix="If accented letters or pound signs look wrong, export it again as UTF-8.",
    )


def _untold() -> ExportError:
    return unreadable(
        "The file is text neither in UTF-8 nor in Windows-1252, or no text at all.",
        fix="Export it as CSV (UTF-8) or XLSX.",
    )
