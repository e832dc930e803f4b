"""The workbook of a pack: cover, contents, notes, one table a sheet, numbers as numbers."""

from __future__ import annotations

import warnings
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from io import BytesIO
from math import ceil, isfinite
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from pmstats.errors import ParameterError
from pmstats.release.bundle import RestrictedPack
from pmstats.release.table import TOO_FEW, Column, Kind, RestrictedTable, shown
from pmstats.report.files import write_owner_only

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from types import ModuleType

    import gptables
    from gptables.core.wrappers import GPWorksheet

    from pmstats.release.table import Value

WORKBOOK = "consistency_check_pack.xlsx"

#: The same pack gives the same bytes: a workbook carries no clock.
CREATED = datetime(1980, 1, 1)

#: A cell is what it is: text that begins like a formula or an address stays text.
PLAIN = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}

#: Letters in a line of text and in the widest column; points in the height of a line.
LINE, WIDEST, HEIGHT = 100, 60, 16

#: Government Analysis Function shorthand for a cell without a number.
WITHHELD, NOT_APPLICABLE = "[c]", "[z]"
MEANINGS = {
    WITHHELD: "[c]: withheld, because the group is too small or would give one away.",
    NOT_APPLICABLE: "[z]: there is no number to give here.",
}

#: How a column's numbers are shown, and what they are multiplied by to be what they say.
FORMATS: dict[Kind, tuple[str, float]] = {
    Kind.COUNT: ("#,##0", 1),
    Kind.SHARE: ("0.0%", 1),
    Kind.POINTS: ("+0.0;-0.0;0.0", 100),
    Kind.SIZE: ("0.0", 100),
    Kind.RATIO: ("0.00", 1),
    Kind.PENCE: ("£#,##0.00", 0.01),
    Kind.P_VALUE: ('[<0.001]"<0.001";0.000', 1),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Marking:
    """What stands on every sheet: the class of the workbook and who may handle it."""

    banner: str
    handling: str


def write_workbook(
    tables: Sequence[RestrictedTable],
    path: str | Path,
    *,
    title: str,
    banner: str,
    handling: str = "",
    about: Sequence[str] = (),
    scopes: Sequence[str] = (),
) -> Path:
    """Write tables as a workbook with a cover and give its path.

    `about` stands on the cover, `handling` on every sheet, `scopes` says what part each table
    belongs to. The file is its owner's alone. Raises `ParameterError` without gptables.
    """
    marking = Marking(banner=banner, handling=handling)
    parts = scopes or [""] * len(tables)
    made = _workbook(list(zip(parts, tables, strict=True)), title, marking, list(about))
    return write_owner_only(Path(path), made)


def write_pack_workbook(pack: RestrictedPack, folder: str | Path) -> Path:
    """Write the workbook of a pack into a folder and give its path.

    Everything the pack says is a table of its own, the sentences too. The same pack gives the
    same bytes; the file is its owner's alone. Raises `ParameterError` without gptables.
    """
    if not isinstance(pack, RestrictedPack):
        raise TypeError(f"the workbook of a pack prints a RestrictedPack, not {type(pack)}")
    cover = pack.cover
    scopes, tables = zip(*_tables(pack), strict=True)
    return write_workbook(
        tables,
        Path(folder) / WORKBOOK,
        title=f"{cover.department}: consistency check pack, {cover.stage}, {cover.cycle}",
        banner=cover.banner,
        handling=cover.handling,
        about=(cover.purpose, *pack.methods),
        scopes=scopes,
    )


def _workbook(
    parts: list[tuple[str, RestrictedTable]], title: str, marking: Marking, about: list[str]
) -> bytes:
    notes = tuple(dict.fromkeys(note for _, table in parts for note in table.notes))
    lines = _lines((marking.banner, marking.handling))
    written = BytesIO()
    with _quiet():
        gptables = _gptables()
        import pandas as pd

        book = gptables.produce_workbook(
            written,
            sheets={
                f"Table {place}": _sheet(table, scope, lines, notes)
                for place, (scope, table) in enumerate(parts, start=1)
            },
            cover=gptables.Cover(
                title=_safe(title), intro=lines, about=_lines(about or [title]), width=LINE
            ),
            contentsheet_options={"subtitles": lines},
            notes_table=pd.DataFrame(
                {"note": [f"n{place}" for place in range(len(notes))], "Note": notes}
            )
            if notes
            else None,
            notesheet_options={"instructions": " ".join(lines)},
            workbook_options=PLAIN,
        )
        book.set_properties({"title": title, "author": "pmstats", "created": CREATED})
        for sheet in book.worksheets():
            _paper(sheet, marking.banner)
        if notes:
            _fit(
                book.get_worksheet_by_name("Notes"),
                [[str(n), each] for n, each in enumerate(notes)],
            )
        for place, (_, table) in enumerate(parts, start=1):
            _fit(book.get_worksheet_by_name(f"Table {place}"), _printed(table))
        book.close()
    return written.getvalue()


def _lines(texts: Iterable[str]) -> list[str]:
    """Texts as lines that fit a printed sheet, each a cell of its own."""
    return [line for text in texts for line in wrap(_safe(text), LINE)]


def _safe(text: str) -> str:
    """Words that gptables cannot take for a link, with a space of no width to part them."""
    return text.replace("](", "]\u200b(")


def _printed(table: RestrictedTable) -> list[list[str]]:
    """The headings and the cells of a table as they are shown."""
    return [_headings(table), *(list(row) for row in table.printed())]


def _fit(sheet: GPWorksheet, rows: list[list[str]]) -> None:
    """Columns as wide as their words up to a limit, and rows as high as the words then need."""
    widths = [
        min(max(len(cell) for cell in column), WIDEST) + 3 for column in zip(*rows, strict=True)
    ]
    for place, width in enumerate(widths):
        sheet.set_column(place, place, width)
    first = sheet.dim_rowmax + 1 - len(rows)
    for place, row in enumerate(rows):
        high = max(ceil(len(cell) / width) for cell, width in zip(row, widths, strict=True))
        sheet.set_row(first + place, HEIGHT * max(1, high))
    sheet.print_area(0, 0, sheet.dim_rowmax, max(len(widths), LINE // 12) - 1)


def _gptables() -> ModuleType:
    try:
        return import_module("gptables")
    except ModuleNotFoundError:
        raise ParameterError(
            "A workbook needs gptables: install pmstats with its extra “workbook”."
        ) from None


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what gptables 2.0 brings about from the reader: an open file, pandas 4, no notes."""
    from pandas.errors import Pandas4Warning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        warnings.simplefilter("ignore", Pandas4Warning)
        warnings.filterwarnings("ignore", "No note text provided")
        yield


def _paper(sheet: GPWorksheet, banner: str) -> None:
    """How a sheet prints: across one page, under its marking."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_header(f"&C&B{banner.replace('&', '&&')}")
    sheet.set_footer("&C&P of &N")


def _tables(pack: RestrictedPack) -> Iterator[tuple[str, RestrictedTable]]:
    """Everything a pack says, as tables, each with the section it belongs to."""
    yield (
        "In brief",
        _words(
            "in-brief",
            "What the check looked at, and what it can say",
            ("Question", "Answer", "In words"),
            ((line.question, line.answer, line.sentence) for line in pack.headlines),
        ),
    )
    yield (
        "In brief",
        _words(
            "findings",
            "Every finding in words",
            ("Section", "Finding"),
            (
                (section.title, sentence)
                for section in pack.sections
                for sentence in (*section.sentences, *section.more)
            ),
        ),
    )
    for section in pack.sections:
        for table in section.tables:
            yield section.title, table
    asked = [(str(n), question) for n, question in enumerate(pack.questions, start=1)]
    yield "Discussion", _words("questions", "Questions for discussion", ("Number", "Ask"), asked)
    yield (
        "Discussion",
        _words(
            "decisions",
            "Decisions for your department",
            ("Question", "What this pack did meanwhile", "Paragraph"),
            pack.decisions,
        ),
    )
    yield (
        "Provenance",
        _words("origin", "Where this pack comes from", ("What", "Which"), pack.cover.provenance),
    )


def _words(
    id: str, caption: str, headings: tuple[str, ...], rows: Iterable[tuple[str, ...]]
) -> RestrictedTable:
    return RestrictedTable(
        id=id, caption=caption, columns=tuple(Column(name=h) for h in headings), rows=tuple(rows)
    )


def _sheet(
    table: RestrictedTable, scope: str, lines: list[str], notes: tuple[str, ...]
) -> gptables.GPTable:
    import gptables
    import pandas as pd

    cells = [_cells(row, table.columns) for row in table.rows] or [
        ["Nothing to list", *[NOT_APPLICABLE] * (len(table.columns) - 1)]
    ]
    used = {cell for row in cells for cell in row if isinstance(cell, str)}
    references = "".join(f" $$n{notes.index(note)}$$" for note in table.notes)
    return gptables.GPTable(
        # objects, so that a whole number in a column with words stays whole
        table=pd.DataFrame(cells, columns=_headings(table), dtype=object),
        table_name="t_" + "".join(c if c.isalnum() and c.isascii() else "_" for c in table.id),
        title=f"{table.caption}{references}",
        subtitles=lines,
        scope=scope or None,
        instructions="This worksheet contains one table.",
        legend=[meaning for sign, meaning in MEANINGS.items() if sign in used],
        index_columns={},
        additional_formatting=list(_formats(table)),
    )


def _headings(table: RestrictedTable) -> list[str]:
    """The headings, with their unit where a number alone would not say it."""
    names = [
        f"{column.name} (points)" if FORMATS.get(column.kind, ("", 1))[1] == 100 else column.name
        for column in table.columns
    ]
    repeated = {name for name, count in Counter(names).items() if count > 1}
    return [f"{name} ({n})" if name in repeated else name for n, name in enumerate(names, start=1)]


def _cells(row: tuple[Value, ...], columns: tuple[Column, ...]) -> list[str | int | float]:
    missing = WITHHELD if TOO_FEW in row else NOT_APPLICABLE
    return [_cell(value, column.kind, missing) for value, column in zip(row, columns, strict=True)]


def _cell(value: Value, kind: Kind, missing: str) -> str | int | float:
    if value is None:
        return missing
    if isinstance(value, str):
        return WITHHELD if value == TOO_FEW else _safe(value) or NOT_APPLICABLE
    if not isfinite(value):
        return shown(value, kind)
    return value * FORMATS[kind][1] if kind in FORMATS else value


def _formats(table: RestrictedTable) -> Iterator[dict[str, Any]]:
    for place, column in enumerate(table.columns):
        if column.kind in FORMATS:
            form = {"num_format": FORMATS[column.kind][0], "align": "right", "valign": "top"}
            yield {"column": {"columns": [place], "format": form}}
        else:
            yield {
                "column": {
                    "columns": [place],
                    "format": {"align": "left", "valign": "top", "text_wrap": True},
                }
            }
    # the decimals that keep a rounded number off a line it does not reach, as on the page
    for row, values in enumerate(table.rows, start=1):
        for place, (value, column) in enumerate(zip(values, table.columns, strict=True)):
            if column.kind in (Kind.RATIO, Kind.P_VALUE) and isinstance(value, float):
                decimals = shown(value, column.kind).partition(".")[2]
                usual = FORMATS[column.kind][0].rpartition(".")[2]
                if decimals.isdigit() and len(decimals) > len(usual):
                    form = {"num_format": f"0.{'0' * len(decimals)}"}
                    yield {"cell": {"cells": (row, place), "format": form}}
