"""Sheets of words and numbers as XML, as a workbook holds them (ECMA-376, part 1, 2016).

There is what a pack needs and no word for more: lines of words, one table on a sheet, links
from sheet to sheet. Nothing that a cell holds can run, or lead out of the workbook.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from itertools import product
from string import ascii_uppercase
from typing import TypeVar
from xml.sax.saxutils import escape

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

#: Names of columns, as many as a sheet could have.
LETTERS = (*ascii_uppercase, *map("".join, product(ascii_uppercase, repeat=2)))

#: What a column is wider than its letters: 5 pixels of a digit's 7, in whole 256ths.
BESIDE = 182 / 256

#: A sheet has one table or none: the first thing the sheet leads to.
ONE_TABLE = '<tableParts count="1"><tablePart r:id="rId1"/></tableParts>'

#: What no XML may hold, and an underscore that would seem to begin the sign for it.
UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a cell looks: `size` in points, `side` where it stands in its column, `number` a format.

    Without a side, words stand left and numbers right.
    """

    font: str = "Arial"
    size: int = 12
    bold: bool = False
    wrapped: bool = False
    side: str = ""
    top: bool = False
    ruled: bool = False
    link: bool = False
    number: str = ""


#: The look of cells that nobody wrote; the widths of columns are measured in its digits.
DEFAULT = Look(font="Calibri", size=11)


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
    the headings' first. With `links` the first cell of each row names a sheet and leads to it.
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

    @property
    def last(self) -> int:
        """The number of its last row."""
        return len(self.words) + (1 + len(self.table.rows) if self.table else 0)


Thing = TypeVar("Thing", bound=Hashable)


class Numbered(dict[Thing, int]):
    """Things with the numbers they get in the order they are first asked for."""

    def __missing__(self, thing: Thing) -> int:
        self[thing] = number = len(self)
        return number


@dataclass(frozen=True, slots=True)
class Shared:
    """What the cells of all sheets name by number: their words and their looks."""

    words: Numbered[str] = field(default_factory=Numbered)
    looks: Numbered[Look] = field(default_factory=lambda: Numbered({DEFAULT: 0}))


def sheet_xml(page: Page, shared: Shared, *, marking: str, front: bool = False) -> str:
    """The part of a sheet, printed across one page of A4 under its marking.

    The sheet in `front` is the one a reader sees first.
    """
    table = page.table
    orientation = "portrait" if page.upright else "landscape"
    columns = "".join(
        f'<col min="{number}" max="{number}" width="{width + BESIDE}" customWidth="1"/>'
        for number, width in enumerate(page.widths, start=1)
    )
    words = "".join(
        f'<row r="{number}">{_cell(f"A{number}", line, shared.looks[look], shared)}</row>'
        for number, (line, look) in enumerate(page.words, start=1)
    )
    return (
        f'<worksheet xmlns="{MAIN}" xmlns:r="{OFFICE}">'
        '<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
        f'<dimension ref="A1:{LETTERS[len(page.widths) - 1]}{page.last}"/>'
        f'<sheetViews><sheetView showGridLines="0" tabSelected="{int(front)}" '
        'workbookViewId="0"/></sheetViews>'
        f'<sheetFormatPr defaultRowHeight="15"/><cols>{columns}</cols>'
        f"<sheetData>{words}{_rows(page, table, shared) if table else ''}</sheetData>"
        f"{_links(page, table) if table and table.links else ''}"
        '<pageMargins left="0.7" right="0.7" top="0.75" bottom="0.75" header="0.3" footer="0.3"/>'
        f'<pageSetup paperSize="9" fitToHeight="{page.papers}" orientation="{orientation}"/>'
        "<headerFooter>"
        f"<oddHeader>&amp;C&amp;B{written(marking.replace('&', '&&'))}</oddHeader>"
        "<oddFooter>&amp;C&amp;P of &amp;N</oddFooter></headerFooter>"
        f"{ONE_TABLE if table else ''}</worksheet>"
    )


def _rows(page: Page, table: Table, shared: Shared) -> str:
    first = len(page.words) + 1
    looks = [shared.looks[look] for look in table.looks]
    heading_looks = [shared.looks[look] for look in table.heading_looks]
    rows = zip((table.headings, *table.rows), table.heights, strict=True)
    return "".join(
        _row(number, cells, heading_looks if number == first else looks, height, shared)
        for number, (cells, height) in enumerate(rows, start=first)
    )


def _row(
    number: int, cells: Sequence[Cell], looks: Sequence[int], height: int, shared: Shared
) -> str:
    held = "".join(
        _cell(f"{letter}{number}", cell, look, shared)
        for letter, cell, look in zip(LETTERS, cells, looks, strict=False)
    )
    return f'<row r="{number}" ht="{height}" customHeight="1">{held}</row>'


def _cell(place: str, cell: Cell, look: int, shared: Shared) -> str:
    if isinstance(cell, str):
        return f'<c r="{place}" s="{look}" t="s"><v>{shared.words[cell]}</v></c>'
    if isinstance(cell, Special):
        return _cell(place, cell.value, shared.looks[cell.look], shared)
    return f'<c r="{place}" s="{look}"><v>{cell:.16G}</v></c>'


def _links(page: Page, table: Table) -> str:
    held = "".join(
        f'<hyperlink ref="A{number}" location="\'{sheet}\'!A1" display="{sheet}"/>'
        for number, (sheet, *_) in enumerate(table.rows, start=len(page.words) + 2)
    )
    return f"<hyperlinks>{held}</hyperlinks>"


def table_xml(page: Page, table: Table, *, number: int) -> str:
    """The part that makes cells of a sheet a table, the `number`th of the workbook."""
    columns = "".join(
        f'<tableColumn id="{place}" name="{written(heading)}"/>'
        for place, heading in enumerate(table.headings, start=1)
    )
    cells = f"A{len(page.words) + 1}:{LETTERS[len(table.headings) - 1]}{page.last}"
    return (
        f'<table xmlns="{MAIN}" id="{number}" name="{table.name}" displayName="{table.name}" '
        f'ref="{cells}" totalsRowShown="0">'
        f'<tableColumns count="{len(table.headings)}">{columns}</tableColumns>'
        '<tableStyleInfo showFirstColumn="0" showLastColumn="0" showRowStripes="1" '
        'showColumnStripes="0"/></table>'
    )


def written(text: str) -> str:
    """A text as XML holds it, between tags or quotes; `_x0007_` for what XML cannot hold."""
    signed = UNWRITABLE.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
    return escape(signed, {'"': "&quot;", "\n": "&#10;"})
