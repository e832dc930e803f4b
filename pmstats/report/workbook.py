"""The workbook of a pack: cover, contents, notes, one table a sheet, numbers as numbers."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING

from pmstats.release.restricted.bundle import RestrictedPack
from pmstats.release.table import TOO_FEW, Column, Kind, RestrictedTable
from pmstats.report.files import pack_file, write_owner_only
from pmstats.report.sheets import LISTED, Sheet, book_of, lines_of
from pmstats.report.spreadsheet import Look, Special
from pmstats.report.stacked import stacked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pmstats.release.table import Value
    from pmstats.report.spreadsheet import Cell

#: On the cover, for whoever is about to print it.
TO_WORK_WITH = (
    "To read or print the pack, open its page. This workbook is for working with its numbers: it "
    "has one table a sheet."
)

#: Government Analysis Function shorthand for a cell without a number.
WITHHELD, NOT_APPLICABLE = "[c]", "[z]"
MEANINGS = {
    WITHHELD: "[c]: withheld, because the group is too small or would give one away.",
    NOT_APPLICABLE: "[z]: there is no number to give here.",
    "[u]": "[u]: too few people for a percentage to be relied on.",
}

#: How a column's numbers are shown.
FORMATS = {
    Kind.COUNT: "#,##0",
    Kind.SHARE: "0.0%",
    Kind.POINTS: "+0.0;-0.0;0.0",
    Kind.SIZE: "0.0",
    Kind.RATIO: "0.00",
    Kind.PENCE: "£#,##0.00",
    Kind.P_VALUE: '[<0.001]"<0.001";0.000',
}

#: What numbers are multiplied by to be what they say, and how many decimals they usually have.
FACTORS = {Kind.POINTS: 100, Kind.SIZE: 100, Kind.PENCE: 0.01}
DECIMALS = {Kind.RATIO: 2, Kind.P_VALUE: 3}

LOOKS = {Kind.TEXT: Look(side="left", top=True, wrapped=True)} | {
    kind: Look(side="right", top=True, wrapped=True, number=number)
    for kind, number in FORMATS.items()
}


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
    made = workbook(
        tables, title=title, banner=banner, handling=handling, about=about, scopes=scopes
    )
    return write_owner_only(Path(path), made)


def workbook(
    tables: Sequence[RestrictedTable],
    *,
    title: str,
    banner: str,
    handling: str = "",
    about: Sequence[str] = (),
    scopes: Sequence[str] = (),
) -> bytes:
    """The workbook that `write_workbook` writes; the same tables give the same bytes."""
    intro = lines_of((banner, handling))
    notes = tuple(dict.fromkeys(note for table in tables for note in table.notes))
    parts = scopes or [""] * len(tables)
    sheets = [
        _sheet(table, place, scope=scope, intro=intro, notes=notes)
        for place, (scope, table) in enumerate(zip(parts, tables, strict=True), start=1)
    ]
    return book_of(
        sheets,
        notes=_notes(notes, intro) if notes else None,
        title=title,
        banner=banner,
        intro=intro,
        about=about or [title],
    )


def write_pack_workbook(pack: RestrictedPack, folder: str | Path) -> Path:
    """Write the workbook of a pack into a folder and give its path.

    The file is its owner's alone. Raises `ParameterError` without gptables.
    """
    name = pack_file(pack.cover.pack, ".xlsx")
    return write_owner_only(Path(folder) / name, pack_workbook(pack))


def pack_workbook(pack: RestrictedPack) -> bytes:
    """The workbook of a pack; the same pack gives the same bytes.

    Everything the pack says is in a table, the sentences too; what it asks of each group alike
    is in one. Raises `ParameterError` without gptables.
    """
    if not isinstance(pack, RestrictedPack):
        raise TypeError(f"the workbook of a pack prints a RestrictedPack, not {type(pack)}")
    cover = pack.cover
    scopes, tables = zip(*stacked(_tables(pack)), strict=True)
    return workbook(
        tables,
        title=f"{cover.department}: {cover.pack[:1].lower()}{cover.pack[1:]}, {cover.stage}, "
        f"{cover.cycle}",
        banner=cover.banner,
        handling=cover.handling,
        about=(cover.purpose, TO_WORK_WITH, *pack.methods),
        scopes=scopes,
    )


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
    table: RestrictedTable,
    place: int,
    *,
    scope: str,
    intro: Sequence[str],
    notes: tuple[str, ...],
) -> Sheet:
    nothing = ["Nothing to list", *[NOT_APPLICABLE] * (len(table.columns) - 1)]
    printed = [list(row) for row in table.printed()]
    rows = [
        _cells(row, words, table.columns) for row, words in zip(table.rows, printed, strict=True)
    ]
    used = {cell for row in rows for cell in row if isinstance(cell, str)}
    references = "".join(f"[note {notes.index(note) + 1}]" for note in table.notes)
    return Sheet(
        name=f"Table {place}",
        table="t_" + "".join(c if c.isalnum() and c.isascii() else "_" for c in table.id),
        title=f"{table.caption} {references}".rstrip(),
        headings=_headings(table),
        rows=rows or [[*nothing]],
        printed=printed or [nothing],
        looks=[LOOKS[column.kind] for column in table.columns],
        subtitles=intro,
        legend=[meaning for sign, meaning in MEANINGS.items() if sign in used],
        scope=scope,
    )


def _notes(notes: Sequence[str], intro: Sequence[str]) -> Sheet:
    return Sheet(
        name="Notes",
        table="notes_table",
        title="Notes",
        headings=["Note number", "Note"],
        rows=[[number, note] for number, note in enumerate(notes, start=1)],
        printed=[[str(number), note] for number, note in enumerate(notes, start=1)],
        looks=[LISTED, LISTED],
        subtitles=(),
        instructions=" ".join(intro),
    )


def _headings(table: RestrictedTable) -> list[str]:
    """The headings, with their unit where a number alone would not say it."""
    names = [
        f"{column.name} (points)" if FACTORS.get(column.kind) == 100 else column.name
        for column in table.columns
    ]
    counts = Counter(name.lower() for name in names)  # a table's headings differ in their letters
    return [
        name if counts[name.lower()] == 1 else f"{name} ({n})"
        for n, name in enumerate(names, start=1)
    ]


def _cells(row: tuple[Value, ...], words: Sequence[str], columns: tuple[Column, ...]) -> list[Cell]:
    missing = WITHHELD if TOO_FEW in row else NOT_APPLICABLE
    return [
        _cell(value, word, column.kind, missing)
        for value, word, column in zip(row, words, columns, strict=True)
    ]


def _cell(value: Value, word: str, kind: Kind, missing: str) -> Cell:
    """A value as a cell; `word` is what a page prints of it."""
    if value is None:
        return missing
    if isinstance(value, str):
        return WITHHELD if value == TOO_FEW else value if value.strip() else NOT_APPLICABLE
    if not isfinite(value):
        return word
    if kind in DECIMALS:
        decimals = word.partition(".")[2]
        if decimals.isdigit() and len(decimals) > DECIMALS[kind]:  # not rounded onto a line
            return Special(value, replace(LOOKS[kind], number=f"0.{'0' * len(decimals)}"))
    return value * FACTORS.get(kind, 1)
