"""Sheets of a workbook as the Analysis Function's gptables lays them out.

A test holds every cell, look, link and table to what gptables makes of the same tables; by
itself it takes a hundred times as long (docs/decisions.md).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, lru_cache
from math import ceil
from textwrap import wrap
from typing import TYPE_CHECKING

from pmstats.report.spreadsheet import Look, Page, Table, spreadsheet

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pmstats.report.spreadsheet import Cell

#: Letters in a line of text and in the widest column; points in the height of a line.
LINE, WIDEST, HEIGHT = 100, 60, 16

#: Letters that are printed across a sheet, so that lines of words above a narrow table are whole,
#: and the letters of a column that holds nothing.
PRINTED, EMPTY = 115, 9

#: Points across and down a sheet of A4 that are printed on, held lengthwise; points to a letter.
ACROSS, DOWN, LETTER = 697, 487, 5.4

#: What is no wider than so many letters is printed upright where that saves paper, and is made a
#: little smaller rather than leave less than a quarter on a sheet of its own.
NARROW, QUARTER = 130, 0.25

ONE_TABLE = "This worksheet contains one table."

COVER_TITLE = Look(size=16, bold=True, wrapped=True)
COVER_HEADING = Look(size=14, bold=True, wrapped=True)
COVER_TEXT = Look(wrapped=True)
TITLE = Look(size=16, bold=True)
SUBTITLE = Look(size=14)
TEXT = Look()
LISTED = Look(side="left", wrapped=True)
LINK = Look(side="left", wrapped=True, link=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One table and the words above it. `printed` are the cells as a reader sees them."""

    name: str
    table: str
    title: str
    headings: list[str]
    rows: list[list[Cell]]
    printed: list[list[str]]
    looks: list[Look]
    subtitles: Sequence[str]
    instructions: str = ONE_TABLE
    legend: Sequence[str] = ()
    scope: str = ""


def book_of(
    sheets: Sequence[Sheet],
    *,
    notes: Sheet | None,
    title: str,
    banner: str,
    intro: Sequence[str],
    about: Sequence[str],
) -> bytes:
    """The bytes of a workbook: cover, contents, notes, then the sheets."""
    listed = (_contents(sheets, intro), *([notes] if notes else []), *sheets)
    pages = (_cover(title, intro, lines_of(about)), *map(_page, listed))
    return spreadsheet(pages, title=title, marking=banner)


def lines_of(texts: Iterable[str]) -> list[str]:
    """Texts as lines that fit a printed sheet, each a cell of its own."""
    return [line for text in texts for line in _lines(text)]


@lru_cache(maxsize=256)  # handling and methods are those of every pack
def _lines(text: str) -> tuple[str, ...]:
    return tuple(wrap(text, LINE))


def _cover(title: str, intro: Iterable[str], about: Iterable[str]) -> Page:
    words = [
        *((line, COVER_TITLE) for line in wrap(title, WIDEST)),
        ("Introductory information", COVER_HEADING),
        *((line, COVER_TEXT) for line in intro),
        ("About these data", COVER_HEADING),
        *((line, COVER_TEXT) for line in about),
    ]
    upright, papers = _paper(PRINTED, HEIGHT * len(words))
    return Page(
        name="Cover", words=words, widths=[PRINTED], printed=1, upright=upright, papers=papers
    )


def _contents(sheets: Sequence[Sheet], intro: Sequence[str]) -> Sheet:
    listed = [[sheet.name, sheet.title.partition(" [note")[0]] for sheet in sheets]
    return Sheet(
        name="Contents",
        table="contents_table",
        title="Table of contents",
        headings=["Sheet name", "Table description"],
        rows=[[*row] for row in listed],
        printed=listed,
        looks=[LINK, LISTED],
        subtitles=intro,
    )


def _page(sheet: Sheet) -> Page:
    """The words of a sheet, one a row, then its table to the foot of the page."""
    words = [
        (sheet.title, TITLE),
        *((line, SUBTITLE) for line in sheet.subtitles),
        *((line, TEXT) for line in (sheet.instructions, *sheet.legend, sheet.scope) if line),
    ]
    widths, heights = _fitted([sheet.headings, *sheet.printed])
    table = Table(
        name=sheet.table,
        headings=sheet.headings,
        heading_looks=[_heading(look) for look in sheet.looks],
        rows=sheet.rows,
        looks=sheet.looks,
        heights=[height if height > HEIGHT else 0 for height in heights],
        links=sheet.looks[0].link,
    )
    beside = max(0, ceil((PRINTED - sum(widths)) / EMPTY))
    upright, papers = _paper(sum(widths), HEIGHT * len(words) + sum(heights))
    return Page(
        name=sheet.name,
        words=words,
        widths=widths,
        printed=len(widths) + beside,
        upright=upright,
        papers=papers,
        table=table,
    )


def _paper(letters: int, height: int) -> tuple[bool, int]:
    """Whether something so wide and so high (in points) is printed upright; on how many sheets."""

    def papers(across: int, down: int) -> int:
        scale = min(1, across / (LETTER * max(PRINTED, letters)))
        return max(1, ceil(height * scale / down - QUARTER))

    lengthwise, upright = papers(ACROSS, DOWN), papers(DOWN, ACROSS)
    if letters <= NARROW and upright < lengthwise:
        return True, upright
    return False, lengthwise


@cache
def _heading(look: Look) -> Look:
    """The look of the heading of a column whose cells look so."""
    return replace(look, bold=True, ruled=True, top=True, link=False)


def _fitted(rows: Sequence[Sequence[str]]) -> tuple[list[int], list[int]]:
    """Columns as wide as their words up to a limit, and rows as high as the words then need."""
    longest = [max(map(len, column)) for column in zip(*rows, strict=True)]
    widths = [min(letters, WIDEST) + 3 for letters in longest]
    broken = [place for place, width in enumerate(widths) if longest[place] > width]
    lines = [max([1, *(ceil(len(row[n]) / widths[n]) for n in broken)]) for row in rows]
    return widths, [HEIGHT * count for count in lines]
