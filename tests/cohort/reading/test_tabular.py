"""Parquet, Arrow and SQL give the same people as the CSV."""

import io
import os
import shutil
import subprocess
import tempfile
import time
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pmstats.cohort import query_source, read_export
from pmstats.errors import ExportError
from pmstats.scheme import load_scheme

TABLE = pa.table(
    {
        "Employee No": pa.array([7, 8], pa.int64()),
        "Department": pa.array(["Education", "Treasury"]).dictionary_encode(),
        "Final rating": ["HP", None],
        "Date entered SCS": pa.array([date(2015, 3, 31), None]),
        "Religion": ["None", "N/A"],
        "Disabled": pa.array([True, False]),
        "Salary": [76000.5, 98000.0],
    }
)
QUERY = 'SELECT "Employee No", "Department", "Final rating", "Date entered SCS", "Religion", '
QUERY += '"Disabled" FROM ratings ORDER BY 1'


def parquet():
    """The table as a Parquet file."""
    out = io.BytesIO()
    pq.write_table(TABLE, out)
    return out.getvalue()


def arrow():
    """The table as an Arrow (Feather) file."""
    out = io.BytesIO()
    with pa.ipc.new_file(out, TABLE.schema) as writer:
        writer.write_table(TABLE)
    return out.getvalue()


def check_people(source):
    """The two people of the table arrive in the scheme's words."""
    people = read_export(source, scheme=load_scheme()).people
    assert people["department"].tolist() == ["Education", "Treasury"]
    assert people["rating_final"].isna().tolist() == [False, True]
    assert people["scs_entry_date"].isna().tolist() == [False, True]
    assert people["religion_belief"].tolist() == ["No religion", "No religion"]
    assert people["disability"].tolist() == ["Declared disabled", "Declared non-disabled"]
    assert "Salary" not in people


@pytest.mark.parametrize("make", [parquet, arrow])
def test_columnar_files_are_read(make, tmp_path):
    """Typed columns become the same labels as text would, and only known ones are read."""
    path = tmp_path / "export"
    path.write_bytes(make())
    check_people(path)


@pytest.mark.parametrize("make", [parquet, arrow])
def test_a_truncated_columnar_file_is_refused(make, tmp_path):
    """Half a file is damage, not a shorter export."""
    path = tmp_path / "export"
    path.write_bytes(make()[:-100])
    with pytest.raises(ExportError, match="damaged"):
        read_export(path, scheme=load_scheme())


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ((0, 4, 7), (0, 4, 1 << 30)),  # where "None" and "N/A" begin and end, far outside the file
        ((0, 4, 7), (0, 1 << 30, 7)),
        (b"Religion", b"Religi\xff\xff"),
        (b"NoneN/A", b"None\xff\xff\xff"),
    ],
)
def test_an_arrow_file_whose_text_lies_elsewhere_or_is_none_is_refused(right, wrong, tmp_path):
    """Such a file is opened without complaint and would bring the process down when read."""
    before, after = (
        each if isinstance(each, bytes) else np.array(each, "<i4").tobytes()
        for each in (right, wrong)
    )
    assert before in arrow()
    (tmp_path / "export").write_bytes(arrow().replace(before, after))
    with pytest.raises(ExportError, match="cut short or damaged"):
        read_export(tmp_path / "export", scheme=load_scheme())


def test_a_file_that_repeats_one_row_without_end_is_refused(tmp_path):
    """Twenty-five million rows in some kilobytes are refused before they are unpacked."""
    once = pa.array(["A"]).dictionary_encode()
    many = pa.DictionaryArray.from_arrays(pa.array(np.zeros(1 << 20, np.int8)), once.dictionary)
    table = pa.table({"Department": many, "Final rating": many})
    path = tmp_path / "export.parquet"
    with pq.ParquetWriter(path, table.schema) as writer:
        for _ in range(24):
            writer.write_table(table)
    assert path.stat().st_size < 1 << 17
    started = time.process_time()
    with pytest.raises(ExportError, match="25,165,824 rows"):
        read_export(path, scheme=load_scheme())
    assert time.process_time() - started < 5


def query_file(tmp_path, text=QUERY):
    """The path of a file with this query."""
    path = tmp_path / "ratings.sql"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def duckdb_url(tmp_path):
    """The address of a DuckDB file that holds the table."""
    path = tmp_path / "hr.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.register("given", TABLE)
        connection.execute("CREATE TABLE ratings AS SELECT * FROM given")
    return f"duckdb:///{path}"


def test_a_query_to_duckdb_is_read(duckdb_url, tmp_path):
    """The answer of an embedded database is an export like any other, named by its query."""
    source = query_source(duckdb_url, query=query_file(tmp_path))
    check_people(source)
    assert source.name == "ratings.sql"
    assert source.sha256 == query_source(duckdb_url, query=query_file(tmp_path)).sha256


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("SELECT nothing FROM nowhere", "refused"),
        ('SELECT CAST("Department" AS INTEGER) FROM ratings', "refused"),
        ("DELETE FROM ratings", "refused"),
    ],
)
def test_what_a_database_refuses_is_said_without_its_words(duckdb_url, tmp_path, text, said):
    """A failing query, or one that would write, ends in a refusal that quotes no cell."""
    with pytest.raises(ExportError, match=said) as raised:
        query_source(duckdb_url, query=query_file(tmp_path, text))
    assert "Education" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_a_query_file_that_is_not_there_is_refused(tmp_path):
    """A missing .sql file is named."""
    with pytest.raises(ExportError, match=r"none\.sql cannot be read"):
        query_source("duckdb:///x", query=tmp_path / "none.sql")


def server_programs():
    """The folder of Debian's PostgreSQL programs, newest first, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    return found[0].parent if found else None


@pytest.fixture
def postgresql_url():
    """The address of a PostgreSQL server started for this test and stopped after it."""
    programs = server_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed (Debian: postgresql); its test was left out")
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []

    def run(program, *words):
        command = [*as_user, str(programs / program), *words]
        subprocess.run(command, check=True, capture_output=True, timeout=600, cwd=folder)

    # A folder of its own and not pytest's: the server will not run as root, and its user may not
    # look into root's folders.
    with tempfile.TemporaryDirectory(prefix="pmstats-") as folder:
        if as_user:
            shutil.chown(folder, "postgres")
        data = f"{folder}/data"
        run("initdb", "-D", data, "-A", "trust", "-U", "hr", "--no-sync")
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
        run("pg_ctl", "-D", data, "-w", "-t", "300", "-o", options, "-l", f"{folder}/log", "start")
        try:
            yield f"postgresql+psycopg://hr@/postgres?host={folder}"
        finally:
            run("pg_ctl", "-D", data, "-m", "immediate", "stop")


def test_a_query_to_postgresql_is_read(postgresql_url, tmp_path):
    """A real server gives the same people, and a query that writes is refused."""
    from sqlalchemy import create_engine, text

    engine = create_engine(postgresql_url)
    with engine.begin() as connection:
        connection.execute(
            text(
                'CREATE TABLE ratings ("Employee No" bigint, "Department" text, '
                '"Final rating" text, "Date entered SCS" date, "Religion" text, "Disabled" boolean)'
            )
        )
        insert = text("INSERT INTO ratings VALUES (:a, :b, :c, :d, :e, :f)")
        for row in TABLE.select(range(6)).to_pylist():
            connection.execute(insert, dict(zip("abcdef", row.values(), strict=True)))
    engine.dispose()
    check_people(query_source(postgresql_url, query=query_file(tmp_path)))
    with pytest.raises(ExportError, match="refused"):
        query_source(postgresql_url, query=query_file(tmp_path, "DELETE FROM ratings RETURNING 1"))
