"""Reading text tables: encoding and separator found, every cell as text, row numbers kept.

A regular file goes through pyarrow's reader. A file with ragged rows or odd quotation marks
goes through the csv module, which is slower and can say in which row the trouble is.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

import numpy as np

from pmstats.cohort.reading.cells import (
    HEAD_RECORDS,
    Cells,
    Header,
    Recogniser,
    Texts,
    from_records,
    no_header,
    of_totals,
    unreadable,
)
from pmstats.cohort.reading.encoding import as_utf8

_SEPARATORS = (",", ";", "\t", "|")
#: How much of a file is looked at for its separator and header.
_HEAD_BYTES = 1 << 18
#: Larger blocks than pyarrow's own: each block has its own dictionary, to be unified later.
_BLOCK = 1 << 23
#: Columns in which nearly every cell differs gain nothing from a dictionary while reading.
_MANY_VALUES = ("person_id", "record_id")


def read_delimited(data: bytes, *, recognise: Recogniser) -> Cells:
    """The recognised columns of a CSV, TSV or semicolon file given as bytes.

    Raises `ExportError` when the bytes are not text, no header row is found, or a quotation
    mark is never closed.
    """
    text, encoding = as_utf8(data)
    head = text[:_HEAD_BYTES].decode("utf-8", errors="ignore")
    separator, header = _separator_and_header(head, recognise)
    if encoding:
        header = replace(header, problems=(*header.problems, encoding))
    cells = None
    if not header.turned:
        start = _offset_of_record(head, separator, header.row + 1)
        cells = _regular(text, start, separator, header)
    if cells is not None:
        return cells
    return from_records(header, _records(text.decode("utf-8"), separator))


def delimited_records(data: bytes, *, recognise: Recogniser) -> list[list[str]]:
    """Every row of a text table as it stands, title block and all.

    Raises `ExportError` as `read_delimited` does.
    """
    text, _ = as_utf8(data)
    head = text[:_HEAD_BYTES].decode("utf-8", errors="ignore")
    separator, _ = _separator_and_header(head, recognise)
    return _records(text.decode("utf-8"), separator)


def _separator_and_header(head: str, recognise: Recogniser) -> tuple[str, Header]:
    best: tuple[str, Header] | None = None
    for separator in _SEPARATORS:
        try:
            records = list(islice(_csv(head, separator), HEAD_RECORDS))
        except csv.Error:
            continue
        header = recognise(records)
        if header and (best is None or len(header.positions) > len(best[1].positions)):
            best = separator, header
    if best is None:
        raise no_header()
    return best


def _csv(text: str, separator: str, *, strict: bool = False) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=strict)


def _offset_of_record(head: str, separator: str, record: int) -> int:
    """The byte at which this record starts (records counted from 0)."""
    reader = csv.reader(io.StringIO(head, newline=""), delimiter=separator)
    for _ in islice(reader, record):
        pass
    lines = islice(io.StringIO(head, newline=""), reader.line_num)
    return sum(len(line.encode("utf-8")) for line in lines)


def _regular(text: bytes, start: int, separator: str, header: Header) -> Cells | None:
    """The cells from this byte on by pyarrow's reader, or None when its rows differ in length."""
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    end = len(text)
    while end > start and text[end - 1] in b"\r\n":
        end -= 1
    if end == start:
        return from_records(header, [[]] * (header.row + 1))
    names = [str(place) for place in range(len(header.names))]
    wanted = {str(place): name for name, place in header.positions.items()}
    first = str(header.first)
    asked = wanted if first in wanted else {first: "", **wanted}
    few_values = pa.dictionary(pa.int32(), pa.string())
    try:
        table = arrow_csv.read_csv(
            pa.py_buffer(text).slice(start, end - start),
            read_options=arrow_csv.ReadOptions(column_names=names, block_size=_BLOCK),
            parse_options=arrow_csv.ParseOptions(
                delimiter=separator,
                newlines_in_values=b'"' in text,
                ignore_empty_lines=False,
            ),
            convert_options=arrow_csv.ConvertOptions(
                include_columns=list(asked),
                column_types={
                    place: pa.string() if name in _MANY_VALUES else few_values
                    for place, name in asked.items()
                },
                null_values=[],
                strings_can_be_null=False,
                check_utf8=False,
            ),
        )
    except pa.ArrowInvalid:
        return None
    start_row = header.row + 2
    return Cells(
        header=header,
        columns={name: Texts.of(table.column(place)) for place, name in wanted.items()},
        rows=np.arange(start_row, start_row + table.num_rows, dtype=np.int64),
        totals=None if first in wanted else of_totals(Texts.of(table.column(first))),
    )


def _records(text: str, separator: str) -> list[list[str]]:
    records: list[list[str]] = []
    try:
        records.extend(_csv(text.rstrip("\r\n"), separator, strict=True))
    except csv.Error:
        raise unreadable(
            "A quotation mark is not closed, or stands inside a cell, "
            f"at or after row {len(records) + 1:,}.",
            fix="Correct the cell, or export the file again as XLSX.",
        ) from None
    return records
