"""What a release is written as beside its page: charts, a workbook, CSV and JSON.

Each takes released things only, by type, and prints their facts and nothing else.
"""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

from pmstats.errors import ParameterError
from pmstats.release.released.facts import Fact, FactKind
from pmstats.release.released.protect import percent_of
from pmstats.release.released.release import Release, ReleasedTable
from pmstats.release.table import Column, RestrictedTable
from pmstats.report.charts.chart import Bar, StackedBars
from pmstats.report.charts.figures import Figure
from pmstats.report.workbook import workbook

if TYPE_CHECKING:
    from pmstats.release.table import Value
    from pmstats.scheme import Scheme


def released_chart(table: ReleasedTable, *, scheme: Scheme) -> StackedBars | None:
    """Bars of the printed percentages; None when no row has one for every box.

    Raises `TypeError` for anything but a `ReleasedTable`.
    """
    _only(table, ReleasedTable)
    short = _short_names(scheme)
    boxes = [column.name for column in table.columns if column.name in short]
    bars = []
    for row in table.rows:
        cells = dict(zip((column.name for column in table.columns), row, strict=True))
        people, *percents = (_number(cells.get(name)) for name in (
            "Rated (n)", *(percent_of(box) for box in boxes)))  # fmt: skip
        shares = tuple(percent / 100 for percent in percents if percent is not None)
        if people is not None and boxes and len(shares) == len(boxes):
            bars.append(Bar(label=str(row[0]), n=people, shares=shares))
    if not bars:
        return None
    return StackedBars(
        id=f"{table.id}-chart",
        table=table.id,
        finding=f"{table.caption}: percentages of the rounded numbers, which need not add up.",
        description=(
            f"Stacked bars of the percentage in each box, {boxes[0]} on the left to {boxes[-1]} "
            f"on the right; the table “{table.caption}” holds the same numbers. A group without "
            "a percentage for every box has no bar."
        ),
        boxes=tuple((box, short[box]) for box in boxes),
        bars=tuple(bars),
    )


def released_figure(table: ReleasedTable, *, scheme: Scheme) -> Figure:
    """The chart of a released table for a notebook. Raises `ParameterError` where none suits."""
    chart = released_chart(table, scheme=scheme)
    if chart is None:
        raise ParameterError(f"No chart suits the table “{table.caption}”.")
    return Figure(chart)


def release_workbook(release: Release) -> bytes:
    """The release as an accessible workbook, numbers as numbers and signs where there are none.

    Raises `ParameterError` without gptables, `TypeError` for anything but a `Release`.
    """
    _only(release, Release)
    parts = [
        ("In brief", _words("in-brief", "What the check looked at, and what it can say", (
            ("Question", "Answer", "In words"),
            *((line.question, str(line.answer), str(line.sentence)) for line in release.headlines),
        ))),
        ("In brief", _words("findings", "What is said of each part", (
            ("Section", "Sentence"),
            *((section.title, str(sentence))
              for section in release.sections for sentence in section.sentences),
        ))),
        *((section.title, _plain(table))
          for section in release.sections for table in section.tables),
    ]  # fmt: skip
    return workbook(
        [table for _, table in parts],
        title=_title(release),
        banner=release.banner,
        handling=release.handling,
        about=release.methods,
        scopes=[scope for scope, _ in parts],
    )


def release_csv(release: Release) -> str:
    """Every cell of every table, a line each: table, row, column, value, sign."""
    _only(release, Release)
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(("table", "row", "column", "value", "sign"))
    for table in release.tables:
        for row in table.rows:
            for column, cell in zip(table.columns[1:], row[1:], strict=True):
                value = _value(cell)
                number = isinstance(value, int)
                writer.writerow(
                    (table.caption, row[0], column.name, value if number else "",
                     "" if number else value)
                )  # fmt: skip
    return lines.getvalue()


def release_json(release: Release) -> str:
    """The release for programs: its words, its tables cell by cell, how it was protected."""
    _only(release, Release)
    content = {
        "marking": release.banner,
        "handling": release.handling,
        "department": release.department,
        "unit": release.unit,
        "stage": release.stage_title,
        "year": release.register.year,
        "methods": release.methods,
        "in_brief": [
            {"question": line.question, "answer": str(line.answer), "sentence": str(line.sentence)}
            for line in release.headlines
        ],
        "sections": [
            {
                "title": section.title,
                "sentences": [str(sentence) for sentence in section.sentences],
                "tables": [
                    {
                        "caption": table.caption,
                        "columns": [column.name for column in table.columns],
                        "rows": [[_value(cell) for cell in row] for row in table.rows],
                    }
                    for table in section.tables
                ],
            }
            for section in release.sections
        ],
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _title(release: Release) -> str:
    whose = " / ".join(each for each in (release.department, release.unit) if each)
    return f"{whose}: consistency check, {release.stage_title}, {release.register.year}"


def _plain(table: ReleasedTable) -> RestrictedTable:
    """The table for the writer of workbooks: its facts as numbers or signs."""
    return RestrictedTable(
        id=table.id,
        caption=table.caption,
        columns=table.columns,
        rows=tuple(tuple(_value(cell) for cell in row) for row in table.rows),
        notes=tuple(map(str, table.notes)),
    )


def _words(id: str, caption: str, lines: tuple[tuple[str, ...], ...]) -> RestrictedTable:
    headings, *rows = lines
    columns = tuple(Column(name=heading) for heading in headings)
    return RestrictedTable(id=id, caption=caption, columns=columns, rows=tuple(rows))


def _value(cell: str | Fact) -> Value:
    """A number where one is printed, else the sign or word."""
    if isinstance(cell, str):
        return cell
    number = _number(cell)
    return cell.printed if number is None else number


def _number(cell: str | Fact | None) -> int | None:
    """The number of people, or of per cent, that a cell prints."""
    if isinstance(cell, Fact) and cell.kind in (FactKind.ROUNDED, FactKind.PERCENT):
        return cell.value
    return None


def _short_names(scheme: Scheme) -> dict[str, str]:
    """What is written on the bar of each merged box."""
    short = {rating.name: rating.abbreviation for rating in scheme.ratings}
    return {
        box.name: "/".join(short[name] for name in box.ratings)
        for degree in (scheme.release.merging if scheme.release else ())
        for box in degree.boxes
    }


def _only(given: object, wanted: type) -> None:
    if not isinstance(given, wanted):
        raise TypeError(f"a release prints a {wanted.__name__}, not {type(given).__name__}")
