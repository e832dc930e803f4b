"""The cells of one table as text, column by column, with the row numbers the analyst sees."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import TYPE_CHECKING

import numpy as np

from pmstats.errors import ExportError, Problem, Severity

if TYPE_CHECKING:
    import pyarrow as pa

#: What the first cell of a total row says, in lower case.
TOTALS = ("total", "totals", "grand total", "overall total", "sub-total", "subtotal")
#: How many records are searched for the header.
HEAD_RECORDS = 60
#: With fewer columns than this one filled cell is a record, not a note.
_ENOUGH_FOR_A_NOTE = 3


@dataclass(frozen=True, slots=True, repr=False)
class Source:
    """The bytes of one file, its name without the folder, and what identifies it."""

    name: str
    data: bytes
    sha256: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Texts:
    """One column: its texts, and for each row which of them it holds."""

    values: pa.StringArray
    codes: np.ndarray

    @staticmethod
    def of(column: pa.ChunkedArray | Sequence[str]) -> Texts:
        """The column in this form, its texts trimmed. A missing text is an empty one.

        A plain string column is kept as it is, one text for each row: that is cheapest where
        nearly every cell differs. Give a dictionary column where few do.
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        if not isinstance(column, pa.ChunkedArray):
            column = pa.chunked_array([pa.array(column, pa.string()).dictionary_encode()])
        if pa.types.is_dictionary(column.type) and column.num_chunks:
            one = column.unify_dictionaries().combine_chunks()
            texts = pa.concat_arrays([one.dictionary.cast(pa.string()), pa.array([""])])
            codes = one.indices.cast(pa.int32()).fill_null(len(texts) - 1)
            return Texts(pc.utf8_trim_whitespace(texts), np.asarray(codes))
        values = pa.array([], pa.string()) if not column.num_chunks else column.combine_chunks()
        return Texts(
            pc.utf8_trim_whitespace(pc.fill_null(values, "")),
            np.arange(len(values), dtype=np.int32),
        )

    def rows_where(self, chosen: np.ndarray) -> np.ndarray:
        """True for each row that holds a text chosen by this mask over `values`."""
        rows: np.ndarray = chosen[self.codes]
        return rows

    @property
    def blank(self) -> np.ndarray:
        """True for each text that is empty."""
        import pyarrow.compute as pc

        return np.asarray(pc.equal(self.values, ""), dtype=bool)

    def kept(self, keep: np.ndarray) -> Texts:
        """The column with only the rows of this mask."""
        return Texts(self.values, self.codes[keep])


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """Where the header row stands, what it says, and which column is where.

    `row` counts from 0 among the records given; `positions` gives the place of each column
    recognised, `dropped` the headers of free text that is never read, `unknown` the others.
    A `turned` header stands in a column, with a record in each column beside it: every place
    and number is then that of the table turned on its side.
    """

    row: int
    names: tuple[str, ...]
    positions: Mapping[str, int]
    dropped: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    turned: bool = False

    @property
    def first(self) -> int:
        """The place of the first column that has a name."""
        return next(place for place, name in enumerate(self.names) if name)


#: Finds the header among the first records of a table; None when nothing is recognised.
Recogniser = Callable[[Sequence[Sequence[str]]], Header | None]


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class Origin:
    """Where the cells of a column stood when not in the row of their person, and in which file."""

    rows: np.ndarray
    prefix: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class Cells:
    """The recognised columns of one table; its repr shows no cell.

    `rows` numbers the rows as the analyst sees them; `origins` says so for the columns that
    came from other rows. `totals` marks the rows that call themselves totals in the first
    column, which need not be one that is read.
    """

    header: Header
    columns: dict[str, Texts]
    rows: np.ndarray
    problems: tuple[Problem, ...] = ()
    origins: dict[str, Origin] = field(default_factory=dict)
    totals: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.rows)

    def kept(self, keep: np.ndarray) -> Cells:
        """The cells with only the rows of this mask."""
        columns = {name: texts.kept(keep) for name, texts in self.columns.items()}
        totals = None if self.totals is None else self.totals[keep]
        return replace(self, columns=columns, rows=self.rows[keep], totals=totals)


def unreadable(message: str, *, fix: str) -> ExportError:
    """The error for a file that cannot be read at all."""
    return ExportError([Problem(rule="file", severity=Severity.ERROR, message=message, fix=fix)])


class NoHeader(ExportError):
    """Raised for a table in which no row reads as a header."""


def no_header() -> NoHeader:
    """The error for a table in which no row reads as a header."""
    return NoHeader(
        [
            Problem(
                rule="file",
                severity=Severity.ERROR,
                message=f"No header row was found in the first {HEAD_RECORDS} rows: in none of "
                "them are two names of columns that are known.",
                fix="Add a row of column names. If there is one, say in a mapping file in which "
                "row (header_row = 3) and, under [columns], which name is which: "
                'person_id = "...", department = "...". A published table of counts needs '
                'layout = "published table" there.',
            )
        ]
    )


def not_a_table() -> ExportError:
    """The error for bytes that are neither a workbook nor text."""
    return unreadable(
        "The file is not a spreadsheet or a text table.", fix="Export it as CSV (UTF-8) or XLSX."
    )


def damaged() -> ExportError:
    """The error for a file of a known kind that does not open."""
    return unreadable(
        "The file is cut short or damaged.", fix="Export it again and check that it opens."
    )


def from_records(header: Header, records: Sequence[Sequence[str]]) -> Cells:
    """The cells under a header, given every record of the table from its first row.

    A record with more filled cells than the header has names is an error: a separator inside
    an unquoted cell would otherwise move a value into its neighbour's column.
    """
    width = len(header.names)
    if header.turned:
        records = [record[:width] for record in turned(records)]
    body = records[header.row + 1 :]
    columns = {
        name: Texts.of([record[place] if place < len(record) else "" for record in body])
        for name, place in header.positions.items()
    }
    rows = np.arange(header.row + 2, header.row + 2 + len(body), dtype=np.int64)
    long = [
        int(row)
        for row, record in zip(rows, body, strict=True)
        if len(record) > width and any(cell.strip() for cell in record[width:])
    ]
    firsts = Texts.of([r[header.first] if header.first < len(r) else "" for r in body])
    cells = Cells(header=header, columns=columns, rows=rows, totals=of_totals(firsts))
    if not long:
        return cells
    return replace(cells.kept(~np.isin(rows, long)), problems=(_too_long(long),))


def turned(records: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    """The table on its side: what stood in columns stands in rows.

    >>> turned((("Rating", "Female"), ("Exceeding", "13")))
    [('Rating', 'Exceeding'), ('Female', '13')]
    """
    return list(zip_longest(*records, fillvalue=""))


def of_totals(texts: Texts) -> np.ndarray:
    """True for each row whose text in this column says that it is a total."""
    import pyarrow as pa
    import pyarrow.compute as pc

    said = pc.is_in(pc.utf8_lower(texts.values), value_set=pa.array(TOTALS))
    return texts.rows_where(np.asarray(said, dtype=bool))


def _too_long(rows: list[int]) -> Problem:
    return Problem(
        rule="file",
        severity=Severity.ERROR,
        message="The row has more cells than the header has names.",
        fix="Put quotation marks round cells that hold the separator, or export again as XLSX.",
        rows=tuple(rows),
    )


def without_fillers(cells: Cells, *, with_totals: bool = False) -> Cells:
    """The cells without blank rows, repeated headers, notes and total rows, each reported.

    Total rows stay `with_totals`, marked as such.
    """
    leftovers = _leftovers(cells)
    if with_totals:
        cells = replace(cells, totals=leftovers.pop("total"))
    problems = [
        replace(problem, rows=tuple(int(row) for row in cells.rows[leftovers[kind]]))
        for kind, problem in _LEFT_OUT.items()
        if kind in leftovers and leftovers[kind].any()
    ]
    if cells.header.turned:
        problems = [
            replace(each, rows=(), message=each.message.replace("rows", "columns"))
            for each in problems
        ]
    keep = ~np.logical_or.reduce(tuple(leftovers.values()))
    if keep.all():
        return cells
    return replace(cells.kept(keep), problems=(*cells.problems, *problems))


_LEFT_OUT = {
    "total": Problem(
        rule="file", severity=Severity.INFORMATION, message="Left out: total rows.", fix=""
    ),
    "header": Problem(
        rule="file", severity=Severity.INFORMATION, message="Left out: repeated headers.", fix=""
    ),
    "note": Problem(
        rule="file",
        severity=Severity.WARNING,
        message="Left out: rows with a single filled cell, taken as notes.",
        fix="If they are people, fill in their department and rating.",
    ),
}


def _leftovers(cells: Cells) -> dict[str, np.ndarray]:
    """For each kind of row that is no record, a mask of the rows of that kind."""
    import pyarrow.compute as pc

    filled = np.zeros(len(cells), dtype=np.int16)
    headers = np.zeros(len(cells), dtype=np.int16)
    total = np.zeros(len(cells), dtype=bool) if cells.totals is None else cells.totals.copy()
    for name, texts in cells.columns.items():
        filled += ~texts.rows_where(texts.blank)
        header = cells.header.names[cells.header.positions[name]]
        headers += texts.rows_where(np.asarray(pc.equal(texts.values, header), dtype=bool))
        total |= of_totals(texts)
    enough = len(cells.columns) >= _ENOUGH_FOR_A_NOTE
    return {
        "blank": filled == 0,
        "total": total,
        "header": (headers >= 2) & (headers == filled),
        "note": (filled == 1) & ~total & enough,
    }
