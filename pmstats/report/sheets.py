"""Sheets of a workbook as gptables lays them out, written cell by cell.

gptables gives the workbook, its theme and the cover. Its sheets of tables pass every cell
through pandas several times: two thirds of a second for a pack that is written here, cell for
cell the same, in a twentieth of that (docs/decisions.md; a test compares the two).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from math import ceil
from textwrap import wrap
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import ModuleType

    from gptables import GPWorkbook
    from gptables.core.wrappers import GPWorksheet

#: The same tables give the same bytes: a workbook carries no clock.
CREATED = datetime(1980, 1, 1)

#: A cell is what it is: text that begins like a formula or an address stays text.
PLAIN = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}

#: Letters in a line of text and in the widest column; points in the height of a line.
LINE, WIDEST, HEIGHT = 100, 60, 16

ONE_TABLE = "This worksheet contains one table."

Cell = str | int | float
Form = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How the cells of a column look; `special` holds what single rows add to it."""

    form: Form
    special: dict[int, Form]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One table and the words above it. `printed` are the cells as a reader sees them."""

    name: str
    table: str
    title: str
    headings: list[str]
    rows: list[list[Cell]]
    printed: list[list[str]]
    shapes: list[Shape]
    subtitles: Sequence[str]
    instructions: str = ONE_TABLE
    legend: Sequence[str] = ()
    scope: str = ""


def book_of(
    sheets: Sequence[Sheet],
    gptables: ModuleType,
    *,
    notes: Sheet | None,
    title: str,
    banner: str,
    intro: Sequence[str],
    about: Sequence[str],
) -> bytes:
    """The bytes of a workbook: cover, contents, notes, then the sheets, in landscape on A4."""
    written = BytesIO()
    with gptables.GPWorkbook(written, PLAIN) as book:
        book.set_properties({"title": title, "author": "pmstats", "created": CREATED})
        cover = gptables.Cover(
            title=_no_link(title),
            intro=[_no_link(line) for line in intro],
            about=[_no_link(line) for line in lines_of(about)],
            width=LINE,
        )
        book.add_worksheet(cover.cover_label).write_cover(cover)
        for sheet in (_contents(sheets, intro), *([notes] if notes else []), *sheets):
            _write(sheet, book.add_worksheet(sheet.name), book)
        for page in book.worksheets():
            _paper(page, banner)
    return written.getvalue()


def lines_of(texts: Iterable[str]) -> list[str]:
    """Texts as lines that fit a printed sheet, each a cell of its own."""
    return [line for text in texts for line in wrap(text, LINE)]


def _no_link(text: str) -> str:
    """Words of a cover that gptables cannot take for a link, by a space of no width."""
    return text.replace("](", "]\u200b(")


def _contents(sheets: Sequence[Sheet], intro: Sequence[str]) -> Sheet:
    listed = [[sheet.name, sheet.title.partition(" [note")[0]] for sheet in sheets]
    left = {"align": "left"}
    return Sheet(
        name="Contents",
        table="contents_table",
        title="Table of contents",
        headings=["Sheet name", "Table description"],
        rows=[[*row] for row in listed],
        printed=listed,
        shapes=[Shape(form=left, special={}), Shape(form=left, special={})],
        subtitles=intro,
    )


def _write(sheet: Sheet, page: GPWorksheet, book: GPWorkbook) -> None:
    """The words of a sheet, one a row, then its table to the foot of the page."""
    theme, row = book.theme, 0
    words = (
        ([sheet.title], theme.title_format),
        (sheet.subtitles, theme.subtitle_format),
        ([sheet.instructions], theme.instructions_format),
        (sheet.legend, theme.legend_format),
        ([sheet.scope] if sheet.scope else [], theme.scope_format),
    )
    for texts, form in words:
        for text in texts:
            page.write_string(row, 0, text, book.add_format(form))
            row += 1
    for place, shape in enumerate(sheet.shapes):
        _write_column(sheet, place, shape, page, book, first=row + 1)
    headings = [
        {"header": name, "header_format": book.add_format(theme.column_heading_format | shape.form)}
        for name, shape in zip(sheet.headings, sheet.shapes, strict=True)
    ]
    last = len(sheet.headings) - 1
    page.add_table(
        *(row, 0, row + len(sheet.rows), last),
        {"name": sheet.table, "autofilter": False, "style": None, "columns": headings},
    )
    _fit(page, [sheet.headings, *sheet.printed], first=row)


def _write_column(
    sheet: Sheet, place: int, shape: Shape, page: GPWorksheet, book: GPWorkbook, *, first: int
) -> None:
    """The cells of one column, numbers as numbers; a sheet's name leads to the sheet."""
    usual = book.theme.data_format | shape.form
    plain = book.add_format(usual)
    for number, cells in enumerate(sheet.rows):
        cell, row = cells[place], first + number
        if sheet.name == "Contents" and not place:
            link = book.add_format(usual | {"underline": True, "font_color": "blue"})
            page.write_url(row, place, f"internal:'{cell}'!A1", link, cell)
            continue
        form = book.add_format(usual | shape.special[number]) if number in shape.special else plain
        write = page.write_string if isinstance(cell, str) else page.write_number
        write(row, place, cell, form)


def _fit(page: GPWorksheet, rows: list[list[str]], *, first: int) -> None:
    """Columns as wide as their words up to a limit, and rows as high as the words then need."""
    widths = [
        min(max(len(cell) for cell in column), WIDEST) + 3 for column in zip(*rows, strict=True)
    ]
    for place, width in enumerate(widths):
        page.set_column(place, place, width)
    for place, row in enumerate(rows):
        high = max(ceil(len(cell) / width) for cell, width in zip(row, widths, strict=True))
        page.set_row(first + place, HEIGHT * max(1, high))
    page.print_area(0, 0, page.dim_rowmax, max(len(widths), LINE // 12) - 1)


def _paper(page: GPWorksheet, banner: str) -> None:
    """How a sheet prints: across one page, under its marking."""
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.set_header(f"&C&B{banner.replace('&', '&&')}")
    page.set_footer("&C&P of &N")
