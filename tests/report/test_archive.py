"""The archive of a workbook: parts that lead to each other, well-formed, with nothing loose."""

from __future__ import annotations

import posixpath
import zipfile
from dataclasses import replace
from io import BytesIO
from xml.etree import ElementTree

import openpyxl
import pytest

from pmstats.report.archive import archive
from pmstats.report.spreadsheet import Look, Page, Special, Table

BOLD, NUMBER = Look(bold=True), Look(side="right", number="0.0")

#: One cell longer than a cell may be (ECMA-376 leaves it open; Excel holds 32,767 letters).
LONG = "a" * 40_000


def page(name: str, *, table: str) -> Page:
    """A sheet with two lines of words and a small table."""
    made = Table(
        name=table,
        headings=["Unit", "Share"],
        heading_looks=[BOLD, BOLD],
        rows=[["A\x07 & B", 0.1 + 0.2], [LONG, Special(0.04996, Look(number="0.00000"))]],
        looks=[Look(), NUMBER],
        heights=[16, 16, 32],
    )
    return Page(
        name=name, words=[("Title", BOLD), ("Scope", Look())], widths=[9, 5], printed=8, table=made
    )


COVER = Page(name="Cover", words=[("A & B", BOLD)], widths=[100], printed=1)
PAGES = (COVER, page("Table 1", table="t_one"), page("Table 2", table="t_two"))


def made(pages: tuple[Page, ...] = PAGES) -> bytes:
    """The example as a workbook."""
    return archive(pages, title="<Examples>", marking="A & B")


def test_every_part_is_named_and_every_lead_arrives() -> None:
    """No part without its content type, no relation to a part that is not there."""
    with zipfile.ZipFile(BytesIO(made())) as held:
        parts = {name: ElementTree.fromstring(held.read(name)) for name in held.namelist()}
    types = parts.pop("[Content_Types].xml")
    assert {part.get("PartName") for part in types if part.get("PartName")} == {
        f"/{name}" for name in parts if not name.endswith(".rels")
    }
    for name, relations in parts.items():
        if name.endswith(".rels"):
            home = posixpath.dirname(posixpath.dirname(name))
            for lead in relations:
                assert posixpath.normpath(posixpath.join(home, lead.get("Target", ""))) in parts
                assert lead.get("TargetMode") is None


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
    assert sheet.row_dimensions[5].height == 32
    assert book.properties.title == "<Examples>"


def test_a_sheet_prints_across_one_page_under_its_marking() -> None:
    """On A4, lengthwise or upright as asked, the words that run over the table's columns too."""
    long = replace(page("Long", table="t_long"), upright=True, papers=3)
    for sheet in openpyxl.load_workbook(BytesIO(made((*PAGES, long)))):
        held, papers = ("portrait", 3) if sheet.title == "Long" else ("landscape", 1)
        assert sheet.oddHeader.center.text == "&BA && B"
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == (held, 9)
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (None, papers)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.print_area.endswith("$A$1" if sheet.title == "Cover" else "$H$5")


def test_two_tables_of_one_name_are_no_workbook() -> None:
    """Whatever their capitals: a spreadsheet program would drop one of them."""
    with pytest.raises(ValueError, match="one name"):
        made((COVER, page("Table 1", table="t_one"), page("Table 2", table="T_ONE")))
