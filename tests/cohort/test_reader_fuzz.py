"""Whatever the bytes, reading ends in people or in problems; what reads, reads rightly."""

from __future__ import annotations

import csv
import io
import time

import openpyxl
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pmstats.cohort import check_export, read_export
from pmstats.cohort.mapping import Mapping
from pmstats.cohort.reading.cells import Source, from_records
from pmstats.cohort.reading.delimited import read_delimited
from pmstats.cohort.recognise import recogniser
from pmstats.cohort.schema import columns
from pmstats.errors import ExportError, Severity
from pmstats.scheme import load_scheme

SCHEME = load_scheme()
#: No file, no example database: the same examples everywhere.
FUZZ = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
HEADERS = ["person_id", "department", "grade", "rating_final", "cs_entry_date", "ethnicity", "sex"]
BASE = (
    "\r\n".join([",".join(HEADERS), "P1,A,SCS1,HP,2015-03-31,White,F", "P2,A,SCS2,A,,Asian,M", ""])
).encode()


def workbook() -> bytes:
    """The same rows as a workbook."""
    book = openpyxl.Workbook()
    for row in csv.reader(io.StringIO(BASE.decode())):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


WORKBOOK = workbook()


def checked(data: bytes):
    """The problems with these bytes; the test fails on any exception but those documented."""
    return check_export(Source("fuzz", data, "0" * 64), scheme=SCHEME)


@st.composite
def mutated(draw, base: bytes):
    """The bytes with some overwritten, cut out, doubled or put in."""
    data = bytearray(base)
    for _ in range(draw(st.integers(1, 8))):
        place = draw(st.integers(0, max(len(data) - 1, 0)))
        length = draw(st.integers(0, 40))
        patch = draw(
            st.one_of(st.binary(max_size=12), st.just(bytes(data[place : place + length])))
        )
        data[place : place + draw(st.integers(0, length))] = patch
    return bytes(data)


@FUZZ
@given(st.one_of(st.binary(max_size=400), mutated(BASE)))
def test_no_bytes_of_text_break_the_reader(data):
    """Random and mutated text ends in problems or people, never in a traceback."""
    try:
        problems = checked(data)
    except ExportError:
        raise AssertionError("checking gives problems, it does not raise them") from None
    source = Source("fuzz", data, "0" * 64)
    if not data.strip() or any(p.severity is Severity.ERROR for p in problems):
        return
    assert len(read_export(source, scheme=SCHEME)) >= 1


def other_formats() -> dict[str, bytes]:
    """The same rows as a workbook, Parquet and Arrow."""
    table = pa.csv.read_csv(io.BytesIO(BASE))
    columnar, streamed = io.BytesIO(), io.BytesIO()
    pq.write_table(table, columnar)
    with pa.ipc.new_file(streamed, table.schema) as writer:
        writer.write_table(table)
    return {
        "XLSX": WORKBOOK,
        "Parquet": columnar.getvalue(),
        "Arrow": streamed.getvalue(),
    }


FORMATS = other_formats()


@pytest.mark.parametrize("name", FORMATS)
def test_no_bytes_of_another_format_break_the_reader(name):
    """A damaged workbook or columnar file is refused or read; nothing else escapes, none hangs."""

    @settings(FUZZ, max_examples=60)
    @given(mutated(FORMATS[name]))
    def each(data):
        started = time.process_time()
        checked(data)
        assert time.process_time() - started < 60

    each()


#: Any text but control characters, which make a file no text at all; line breaks may be quoted.
CELLS = st.text(
    st.one_of(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), st.just("\n")),
    max_size=12,
)


@FUZZ
@given(st.lists(st.lists(CELLS, min_size=7, max_size=7), min_size=1, max_size=5))
def test_any_cells_under_a_good_header_are_read_or_named(rows):
    """Every row of arbitrary text is a person, a problem or a row reported as left out."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([HEADERS, *rows])
    for problem in checked(out.getvalue().encode()):
        assert all(2 <= row <= len(rows) + 1 for row in problem.rows)


SPELLINGS = {
    "Exceeding": ["Exceeding", "exceeded", "E", " EXCEEDING "],
    "High Performing": ["HP", "High performing", "high\u00a0performing"],
    "Achieving": ["A", "Achieved", "achieving"],
    "Partially Met": ["PM", "Partially  met", "partially met"],
    None: ["", "Not Rated", "-", "  "],
}
ETHNICITIES = {
    "White": ["White", "white "],
    "Irish": ["White Irish", "Irish"],
    "Undeclared": ["Prefer not to say", "UNDECLARED"],
    "Unknown": ["Unknown", "N/A", ""],
}


@st.composite
def written(draw):
    """People, and the bytes of one way of writing them: order, separator, quotes, encoding."""
    count = draw(st.integers(1, 6))
    ratings = [draw(st.sampled_from(list(SPELLINGS))) for _ in range(count)]
    groups = [draw(st.sampled_from(list(ETHNICITIES))) for _ in range(count)]
    rows = [
        {
            "person_id": f"P{number}",
            "department": draw(st.sampled_from(["Café, Tea; & Co", "A\tB", 'The "Office"'])),
            "rating_final": draw(st.sampled_from(SPELLINGS[rating])),
            "ethnicity": draw(st.sampled_from(ETHNICITIES[group])),
            "Parking": draw(st.sampled_from(["", "12", "x,y"])),
        }
        for number, (rating, group) in enumerate(zip(ratings, groups, strict=True))
    ]
    order = draw(st.permutations(list(rows[0])))
    out = io.StringIO(newline="")
    writer = csv.DictWriter(
        out,
        order,
        delimiter=draw(st.sampled_from([",", ";", "\t", "|"])),
        quoting=draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])),
        lineterminator=draw(st.sampled_from(["\n", "\r\n"])),
    )
    out.write(draw(st.sampled_from(["", "Ratings of the year\n", "OFFICIAL\n\nAs at March\n"])))
    writer.writeheader()
    writer.writerows(rows)
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16"]))
    return ratings, groups, out.getvalue().encode(encoding)


@FUZZ
@given(written())
def test_however_they_are_written_the_same_people_are_read(example):
    """No order of columns, separator, quoting, title or encoding changes a rating or a group."""
    ratings, groups, data = example
    people = read_export(Source("x", data, "0" * 64), scheme=SCHEME).people
    read = [
        None if rating != rating else rating for rating in people["rating_final"].astype(object)
    ]
    assert read == ratings
    assert people["ethnicity"].tolist() == groups


@FUZZ
@given(st.lists(st.lists(CELLS, min_size=7, max_size=7), min_size=1, max_size=6), st.booleans())
def test_the_fast_and_the_careful_way_read_alike(rows, quoted):
    """pyarrow's reader and the csv module give the same cells in the same rows."""
    out = io.StringIO(newline="")
    quoting = csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
    csv.writer(out, quoting=quoting).writerows([HEADERS, *rows])
    recognise = recogniser(SCHEME, Mapping())
    fast = read_delimited(out.getvalue().encode(), recognise=recognise)
    records = list(csv.reader(io.StringIO(out.getvalue(), newline="")))
    careful = from_records(recognise(records), records)
    assert fast.rows.tolist() == careful.rows.tolist()
    for column in columns(SCHEME):
        if column.name in careful.columns:
            one, other = fast.columns[column.name], careful.columns[column.name]
            assert (
                one.values.take(one.codes).to_pylist() == other.values.take(other.codes).to_pylist()
            )
