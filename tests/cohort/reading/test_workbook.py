"""Workbooks of every kind give the same people as the CSV, and hostile ones are refused."""

import io
import time
import zipfile
from datetime import date

import numpy as np
import openpyxl
import pytest
import xlwt
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

from pmstats.cohort import check_export, read_export
from pmstats.errors import ExportError
from pmstats.scheme import load_scheme

ROWS = [
    ["Employee No", "Department", "Final rating", "Date entered SCS", "Religion"],
    ["7", "Education", "HP", date(2015, 3, 31), "None"],
    ["8", "Treasury", "Achieving", date(2016, 2, 29), "N/A"],
]


def xlsx():
    """The rows as XLSX."""
    book = openpyxl.Workbook()
    for row in ROWS:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def xls():
    """The rows as XLS, the format of Excel 97 to 2003."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("Export")
    as_date = xlwt.easyxf(num_format_str="DD/MM/YYYY")
    for place, row in enumerate(ROWS):
        for column, cell in enumerate(row):
            style = as_date if isinstance(cell, date) else xlwt.Style.default_style
            sheet.write(place, column, cell, style)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def ods(*, rows_again=1, cells_again=1):
    """The rows as ODS; the last row and its last cell repeated by number."""
    book = OpenDocumentSpreadsheet()
    table = Table(name="Export")
    for row in ROWS:
        last = row is ROWS[-1]
        line = TableRow(numberrowsrepeated=rows_again) if last and rows_again > 1 else TableRow()
        for column, cell in enumerate(row):
            if isinstance(cell, date):
                line.addElement(TableCell(valuetype="date", datevalue=cell.isoformat()))
                continue
            again = {"numbercolumnsrepeated": cells_again} if last and column == 4 else {}
            words = TableCell(valuetype="string", **again)
            words.addElement(P(text=cell))
            line.addElement(words)
        line.addElement(TableCell(numbercolumnsrepeated=16_000))
        table.addElement(line)
    book.spreadsheet.addElement(table)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def rewritten(data, name, change):
    """The archive with one member changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", 8) as new:
        for member in old.namelist():
            content = old.read(member)
            new.writestr(member, change(content) if member == name else content)
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize("make", [xlsx, xls, ods])
def test_every_kind_of_workbook_gives_the_same_people(make, tmp_path):
    """XLSX, XLS and ODS give ratings, real dates and "None" as the cells hold them."""
    path = tmp_path / "export"
    path.write_bytes(make())
    people = read_export(path, scheme=load_scheme()).people
    assert people["rating_final"].tolist() == ["High Performing", "Achieving"]
    assert people["scs_entry_date"].astype(str).tolist() == ["2015-03-31", "2016-02-29"]
    assert people["religion_belief"].tolist() == ["No religion", "No religion"]
    assert people["row"].tolist() == [2, 3]


@pytest.mark.parametrize(
    "hostile",
    [
        pytest.param(
            lambda: rewritten(
                xlsx(),
                SHEET,
                lambda xml: xml.replace(
                    b"</sheetData>",
                    b'<row r="1048576"><c r="XFD1048576" t="n"><v>1</v></c></row></sheetData>',
                ),
            ),
            id="a cell in the farthest corner",
        ),
        pytest.param(
            lambda: rewritten(xlsx(), SHEET, lambda xml: xml + b" " * (300 << 20)),
            id="a sheet that unpacks to 300 MB of nothing",
        ),
        pytest.param(lambda: ods(rows_again=500_000_000), id="a row repeated without end"),
        pytest.param(lambda: ods(cells_again=16_000_000), id="a cell repeated without end"),
        pytest.param(lambda: b"PK\x03\x04" + b"\0" * 500, id="a zip that is none"),
        pytest.param(lambda: xlsx()[:-200], id="the end missing"),
        pytest.param(
            lambda: rewritten(xlsx(), SHEET, lambda xml: xml[: len(xml) // 2]),
            id="half a sheet",
        ),
        pytest.param(lambda: rewritten(xlsx(), SHEET, lambda _: b"\0" * 50), id="no XML at all"),
        pytest.param(lambda: xls()[:1500], id="half an XLS"),
    ],
)
def test_a_hostile_or_damaged_workbook_is_refused_within_seconds(hostile, tmp_path):
    """Bombs and broken files end in a clear refusal, not in memory, time or a traceback."""
    path = tmp_path / "export.xlsx"
    path.write_bytes(hostile())
    started = time.process_time()
    with pytest.raises(ExportError):
        read_export(path, scheme=load_scheme())
    assert time.process_time() - started < 5


def test_a_billion_laughs_are_refused(tmp_path):
    """A workbook that defines XML entities is neither expanded nor read with holes in it."""
    laughs = b'<!DOCTYPE l [<!ENTITY a "ha">' + b"".join(
        b'<!ENTITY %c "%s">' % (98 + level, b"&%c;" % (97 + level) * 10) for level in range(9)
    )
    path = tmp_path / "export.xlsx"
    path.write_bytes(
        rewritten(
            xlsx(),
            SHEET,
            lambda xml: laughs + b"]>" + xml.replace(b"HP", b"&j;"),
        )
    )
    started = time.process_time()
    with pytest.raises(ExportError, match="entities"):
        read_export(path, scheme=load_scheme())
    assert time.process_time() - started < 5


@pytest.mark.parametrize("make", [xls, ods])
def test_no_damage_to_a_workbook_breaks_the_reader(make, tmp_path):
    """With bytes changed, cut out or doubled anywhere it is read or refused, soon and in words."""
    random, whole = np.random.default_rng(4), make()
    path = tmp_path / "export"
    for _ in range(25):
        data = bytearray(whole)
        for place in random.integers(0, len(whole), random.integers(1, 6)):
            cut = int(random.integers(0, 40))
            data[place : place + cut] = random.bytes(int(random.integers(0, 40)))
        path.write_bytes(data)
        started = time.process_time()
        check_export(path, scheme=load_scheme())  # problems or people, no exception
        assert time.process_time() - started < 30
