"""Sheets as they are asked for, read back from the file by another library."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import openpyxl
import pytest
from xlsxwriter.exceptions import DuplicateTableName

from pmstats.errors import ParameterError
from pmstats.report import spreadsheet as module
from pmstats.report.spreadsheet import Look, Page, Special, Table, spreadsheet

BOLD, NUMBER = Look(bold=True), Look(side="right", number="0.0")

#: One cell longer than a cell may be (Excel holds 32,767 letters).
LONG = "a" * 40_000


def page(name: str, *, table: str) -> Page:
    """A sheet with two lines of words and a small table."""
    made = Table(
        name=table,
        headings=["Unit", "Share"],
        heading_looks=[BOLD, BOLD],
        rows=[["A\x07 & B", 0.1 + 0.2], [LONG, Special(0.04996, Look(number="0.00000"))]],
        looks=[Look(), NUMBER],
        heights=[45, 0, 30],
    )
    return Page(
        name=name, words=[("Title", BOLD), ("Scope", Look())], widths=[9, 5], printed=8, table=made
    )


COVER = Page(name="Cover", words=[("A & B", BOLD)], widths=[100], printed=1)
PAGES = (COVER, page("Table 1", table="t_one"), page("Table 2", table="t_two"))


def made(pages: tuple[Page, ...] = PAGES) -> bytes:
    """The example as a workbook."""
    return spreadsheet(pages, title="<Examples>", marking="A & B")


def test_cells_have_their_values_and_their_looks() -> None:
    """Numbers to sixteen digits, a special one in its own format, a text no longer than may be."""
    book = openpyxl.load_workbook(BytesIO(made()))
    sheet = book["Table 2"]
    assert [sheet[cell].value for cell in ("A1", "A2", "A3", "B4", "B5")] == [
        "Title", "Scope", "Unit", 0.3, 0.04996,
    ]  # fmt: skip
    assert [sheet[cell].number_format for cell in ("B4", "B5")] == ["0.0", "0.00000"]
    assert [sheet[cell].font.b for cell in ("A1", "A2", "A3", "A4")] == [True, False, True, False]
    assert len(sheet["A5"].value) == 32_767
    assert sheet["A4"].value == "A_x0007_ & B", "XML cannot hold a bell"
    assert sheet.tables["t_two"].ref == "A3:B5"
    assert [sheet.row_dimensions[row].height for row in (3, 4, 5)] == [45, None, 30]
    assert book.properties.title == "<Examples>"


def test_a_sheet_prints_across_one_page_under_its_marking() -> None:
    """On A4, lengthwise or upright as asked, the words that run over the table's columns too."""
    long = replace(page("Long", table="t_long"), upright=True, papers=3)
    for sheet in openpyxl.load_workbook(BytesIO(made((*PAGES, long)))):
        held, papers = ("portrait", 3) if sheet.title == "Long" else ("landscape", 1)
        assert sheet.oddHeader.center.text == "&BA && B"
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == (held, 9)
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight or 1) == (None, papers)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.print_area.endswith("$A$1" if sheet.title == "Cover" else "$H$5")


def test_two_tables_of_one_name_are_no_workbook() -> None:
    """Whatever their capitals: a spreadsheet program would drop one of them."""
    with pytest.raises(DuplicateTableName):
        made((COVER, page("Table 1", table="t_one"), page("Table 2", table="T_ONE")))


def test_without_gptables_the_reader_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The message names the extra."""

    def absent(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(module, "import_module", absent)
    with pytest.raises(ParameterError, match="extra “workbook”"):
        made()
