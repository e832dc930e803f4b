"""Reading tables that already have columns: Parquet and Arrow files, and SQL queries."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pmstats.cohort.reading.cells import (
    Cells,
    Header,
    Recogniser,
    Source,
    Texts,
    damaged,
    no_header,
    unreadable,
)
from pmstats.plain_file import read_plain

if TYPE_CHECKING:
    import pyarrow as pa

#: The first bytes of a Parquet file and of an Arrow file.
PARQUET = b"PAR1"
ARROW = b"ARROW1"
#: A few bytes of Parquet can say "the same again" a billion times; no civil service is so large.
MOST_ROWS = 20_000_000


def read_tabular(data: bytes, *, recognise: Recogniser) -> Cells:
    """The recognised columns of a Parquet or Arrow file given as bytes, every cell as text.

    Rows are numbered as if the column names were row 1. Raises `ExportError` when the file is
    damaged or no column is recognised.
    """
    import pyarrow as pa

    try:
        header, columns, length = _columns(data, recognise)
        for column in columns.values():  # text of a damaged file may lie outside the file
            column.validate(full=True)
    except (pa.ArrowException, OSError, UnicodeDecodeError):
        raise damaged() from None
    return Cells(
        header=header,
        columns={name: Texts.of(_as_text(column)) for name, column in columns.items()},
        rows=np.arange(2, length + 2, dtype=np.int64),
    )


def query_source(url: str, *, query: str | Path) -> Source:
    """The answer to a SQL query as a source to read: a database address and a .sql file.

    `url` is SQLAlchemy's (`postgresql+psycopg://...`) or `duckdb:///FILE`. The query runs in a
    read-only transaction. The hash identifies the answer, row order included. Raises
    `ExportError` without the address or the database's own words, which may quote cells.
    """
    import pyarrow as pa

    try:
        text = read_plain(query).decode()
    except (OSError, UnicodeDecodeError):
        raise unreadable(
            f"The query {Path(query).name} cannot be read.", fix="Give a .sql file in UTF-8."
        ) from None
    try:
        table = _duckdb(url, text) if url.startswith("duckdb:") else _sqlalchemy(url, text)
    except ImportError as error:
        raise unreadable(
            f"The database driver {error.name} is not installed.",
            fix="Install pmstats with its sql extra.",
        ) from None
    except Exception as error:
        raise unreadable(
            f"The database refused the connection or the query ({type(error).__name__}).",
            fix="Run the query in your database client first; check the address and the rights.",
        ) from None
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    data = sink.getvalue().to_pybytes()
    return Source(Path(query).name, data, hashlib.sha256(data).hexdigest())


def _columns(data: bytes, recognise: Recogniser) -> tuple[Header, dict[str, pa.ChunkedArray], int]:
    """The header, the columns it recognises and the number of rows."""
    import pyarrow as pa
    from pyarrow import parquet

    if data.startswith(ARROW):
        whole = pa.ipc.open_file(pa.py_buffer(data)).read_all()
        header = _recognised(whole.schema, recognise)
        columns = {name: whole.column(place) for name, place in header.positions.items()}
        return header, columns, whole.num_rows
    schema = parquet.read_schema(pa.py_buffer(data))
    header = _recognised(schema, recognise)
    fields = {name: schema.field(place) for name, place in header.positions.items()}
    file = parquet.ParquetFile(pa.py_buffer(data))
    if file.metadata.num_rows > MOST_ROWS:
        raise unreadable(
            f"The file says that it holds {file.metadata.num_rows:,} rows, far more than there are "
            "people to rate.",
            fix="Export the people of the departments alone.",
        )
    labels = [field.name for field in fields.values() if pa.types.is_string(field.type)]
    table = parquet.ParquetFile(pa.py_buffer(data), read_dictionary=labels).read(
        columns=[field.name for field in fields.values()]
    )
    columns = {name: table.column(field.name) for name, field in fields.items()}
    return header, columns, table.num_rows


def _recognised(schema: pa.Schema, recognise: Recogniser) -> Header:
    header = recognise([schema.names])
    if header is None:
        raise no_header()
    return header


def _duckdb(url: str, query: str) -> pa.Table:
    import duckdb

    path = url.removeprefix("duckdb:").removeprefix("///")
    with duckdb.connect(path or ":memory:", read_only=bool(path)) as connection:
        return connection.sql(query).to_arrow_table()


def _sqlalchemy(url: str, query: str) -> pa.Table:
    import pyarrow as pa
    from sqlalchemy import create_engine, text

    engine = create_engine(url, hide_parameters=True)
    try:
        with engine.connect() as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(text("SET TRANSACTION READ ONLY"))
            answer = connection.execution_options(stream_results=True).execute(text(query))
            names = list(answer.keys())
            columns = list(zip(*answer.fetchall(), strict=True)) or [()] * len(names)
    finally:
        engine.dispose()
    cells = [pa.array([_plain(cell) for cell in column], pa.string()) for column in columns]
    return pa.table(cells, names=names)


def _plain(cell: object) -> str | None:
    if cell is None:
        return None
    return ("Yes" if cell else "No") if isinstance(cell, bool) else str(cell)


def _as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column as text: whole numbers without a point, true and false as Yes and No."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if pa.types.is_dictionary(kind):
        if pa.types.is_string(kind.value_type):
            return column
        return _as_text(column.cast(kind.value_type))
    if pa.types.is_boolean(kind):
        column = pc.if_else(column, "Yes", "No")
    elif pa.types.is_floating(kind) and pc.all(pc.equal(column, pc.trunc(column))).as_py():
        column = column.cast(pa.int64(), safe=False)
    return column.cast(pa.string()).dictionary_encode()
