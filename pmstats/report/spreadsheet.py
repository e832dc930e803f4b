"""Sheets of words and numbers, written by gptables' workbook and the engine below it.

There is what a pack needs and no more: lines of words, one table on a sheet, links from sheet
to sheet. Nothing that a cell holds can run, or lead out of the workbook.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import import_module
from io import BytesIO
from typing import TYPE_CHECKING, Any

from pmstats.errors import ParameterError

if TYPE_CHECKING:
    from types import ModuleType

    from gptables import GPWorkbook
    from gptables.core.wrappers import GPWorksheet

#: The same tables give the same bytes: a workbook carries no clock.
CREATED = datetime(1980, 1, 1)

#: A cell is what it is: text that begins like a formula or an address stays text.
PLAIN = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}

#: The number of A4 among sizes of paper.
A4 = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a cell looks: `size` in points, `side` where it stands in its column, `number` a format.

    Without a side, words stand left and numbers right.
    """

    size: int = 12
    bold: bool = False
    wrapped: bool = False
    side: str = ""
    top: bool = False
    ruled: bool = False
    link: bool = False
    number: str = ""


@dataclass(frozen=True, slots=True)
class Special:
    """A number that does not look as the others of its column do."""

    value: float
    look: Look


Cell = str | int | float | Special


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table, its name the only one of its workbook.

    `looks` and `heading_looks` have one for each column, `heights` one for each row in points,
    the headings' first: 0 leaves a row as high as it then needs. With `links` the first cell of
    each row names a sheet and leads to it.
    """

    name: str
    headings: Sequence[str]
    heading_looks: Sequence[Look]
    rows: Sequence[Sequence[Cell]]
    looks: Sequence[Look]
    heights: Sequence[int]
    links: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A sheet: lines of words from its top down, each in one cell, then its table.

    `widths` are the letters that fit a column; so many columns as `printed` are printed, on
    paper held `upright` or lengthwise, small enough for so many `papers`.
    """

    name: str
    words: Sequence[tuple[str, Look]]
    widths: Sequence[int]
    printed: int
    upright: bool = False
    papers: int = 1
    table: Table | None = None


def spreadsheet(pages: Iterable[Page], *, title: str, marking: str) -> bytes:
    """The bytes of a workbook of these sheets, each printed on A4 under the marking.

    Raises `ParameterError` without gptables.
    """
    written = BytesIO()
    with _gptables().GPWorkbook(written, PLAIN) as book:
        book.set_properties({"title": title, "author": "pmstats", "created": CREATED})
        for page in pages:
            sheet = book.add_worksheet(page.name)
            for row, (text, look) in enumerate(page.words):
                _write(sheet, row, 0, text, book.add_format(_form(look)))
            for column, width in enumerate(page.widths):
                sheet.set_column(column, column, width)
            if page.table:
                _write_table(sheet, page.table, book, first=len(page.words))
            _lay_out(sheet, page, marking)
    return written.getvalue()


def _gptables() -> ModuleType:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)  # it leaves its theme's file open
            return import_module("gptables")
    except ModuleNotFoundError:
        raise ParameterError(
            "A workbook needs gptables: install pmstats with its extra “workbook”."
        ) from None


@cache
def _form(look: Look) -> dict[str, Any]:
    """A look in the words of the engine."""
    held = {
        "font_name": "Arial",
        "font_size": look.size,
        "bold": look.bold,
        "text_wrap": look.wrapped,
        "align": look.side,
        "valign": "top" * look.top,
        "bottom": int(look.ruled),
        "underline": look.link,
        "font_color": "blue" if look.link else "automatic",
        "num_format": look.number,
    }
    return {name: value for name, value in held.items() if value}


def _write_table(sheet: GPWorksheet, table: Table, book: GPWorkbook, *, first: int) -> None:
    looks = [book.add_format(_form(look)) for look in table.looks]
    for number, cells in enumerate(table.rows, start=first + 1):
        for column, (cell, look) in enumerate(zip(cells, looks, strict=True)):
            if table.links and not column:
                sheet.write_url(number, 0, f"internal:'{cell}'!A1", look, cell)
            elif isinstance(cell, Special):
                sheet.write_number(number, column, cell.value, book.add_format(_form(cell.look)))
            else:
                _write(sheet, number, column, cell, look)
    for number, height in enumerate(table.heights, start=first):
        if height:
            sheet.set_row(number, height)
    headings = [
        {"header": _unmarked(name), "header_format": book.add_format(_form(look))}
        for name, look in zip(table.headings, table.heading_looks, strict=True)
    ]
    sheet.add_table(
        *(first, 0, first + len(table.rows), len(headings) - 1),
        {"name": table.name, "autofilter": False, "style": None, "columns": headings},
    )


def _write(sheet: GPWorksheet, row: int, column: int, cell: str | float, look: object) -> None:
    """A cell as the text or number it is."""
    if not isinstance(cell, str):
        sheet.write_number(row, column, cell, look)
    else:
        sheet.write_string(row, column, _unmarked(cell), look)


def _unmarked(text: str) -> str:
    """A text the engine cannot take for its own marked-up kind, by a space of no width."""
    return f"\u200b{text}" if text.startswith("<r>") else text


def _lay_out(sheet: GPWorksheet, page: Page, marking: str) -> None:
    """How a sheet prints: across one page, the words that run over its table's columns too."""
    last = len(page.words) + (1 + len(page.table.rows) if page.table else 0) - 1
    sheet.print_area(0, 0, last, page.printed - 1)
    if page.upright:
        sheet.set_portrait()
    else:
        sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, page.papers)
    sheet.set_header(f"&C&B{marking.replace('&', '&&')}")
    sheet.set_footer("&C&P of &N")
