"""Tables a reader may see: a caption, columns of one kind each, rows of plain values.

The class of a table says who may see it. A renderer takes these types and nothing rawer.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from html import escape
from typing import Protocol

#: What a cell says when its group is below the scheme's minimum.
TOO_FEW = "too few to report"

#: Reference lines that a rounded number must not seem to reach or cross.
LINES = {"p-value": (0.05,), "ratio": (0.8, 1.0, 1.25)}


class Kind(StrEnum):
    """What a column holds, and so how it is printed."""

    TEXT = "text"
    COUNT = "count"
    SHARE = "share"
    POINTS = "points"
    SIZE = "size in points"
    RATIO = "ratio"
    P_VALUE = "p-value"
    PENCE = "pounds, held in pence"


Value = str | int | float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column's heading and the kind of its values."""

    name: str
    kind: Kind = Kind.TEXT


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class RestrictedTable:
    """A table for the entitled readers of a restricted pack.

    The first column holds the row headings. A text in a numeric column says why there is no
    number; None means that there is nothing to say. Where other tables ask the same of other
    groups, `question` is what all of them ask, as it stands before "by", and `by` whose groups
    are in this one: a workbook puts such tables together.
    """

    id: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    notes: tuple[str, ...] = ()
    question: str = field(default="", compare=False)
    by: str = field(default="", compare=False)

    def column(self, name: str) -> tuple[Value, ...]:
        """The values of one column. Raises `KeyError` for a name the table lacks."""
        for place, column in enumerate(self.columns):
            if column.name == name:
                return tuple(row[place] for row in self.rows)
        raise KeyError(name)

    def printed(self) -> tuple[tuple[str, ...], ...]:
        """Every cell as it is printed."""
        kinds = [column.kind for column in self.columns]
        return tuple(
            tuple([shown(value, kind) for value, kind in zip(row, kinds, strict=True)])
            for row in self.rows
        )

    def __repr__(self) -> str:
        lines = ["\t".join(column.name for column in self.columns)]
        lines += ["\t".join(row) for row in self.printed()]
        return "\n".join([self.caption, *lines, *self.notes])

    def _repr_html_(self) -> str:
        return table_html(self)


@dataclass(frozen=True, slots=True, repr=False)
class RestrictedSentences:
    """Findings in words for the entitled readers of a restricted pack."""

    sentences: tuple[str, ...]

    def __repr__(self) -> str:
        return "\n".join(self.sentences)

    def _repr_html_(self) -> str:
        items = "".join(f"<li>{escape(sentence)}</li>" for sentence in self.sentences)
        return f"<ul>{items}</ul>"


def shown(value: Value, kind: Kind) -> str:
    """A value as it is printed: per cent and points to one place, p to three.

    A rounded number never reaches a reference line that the true one does not:

    >>> shown(0.79651, Kind.RATIO), shown(0.04996, Kind.P_VALUE), shown(0.0002, Kind.P_VALUE)
    ('0.797', '0.04996', '<0.001')
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if math.isnan(value):
        return "not defined"
    return _PRINTED[kind](value)


def _beside_lines(value: float, places: int, lines: tuple[float, ...]) -> str:
    for more in range(places, 12):
        text = f"{value:.{more}f}"
        if all(float(text) != line or math.isclose(value, line) for line in lines):
            return text
    return text


def _ratio(value: float) -> str:
    return "no limit" if math.isinf(value) else _beside_lines(value, 2, LINES["ratio"])


def _points(value: float) -> str:
    signed = f"{100 * value:+.1f}"
    return "0.0" if signed[1:] == "0.0" else signed


def _p_value(value: float) -> str:
    return "<0.001" if value < 0.001 else _beside_lines(value, 3, LINES["p-value"])


_PRINTED: dict[Kind, Callable[[float], str]] = {
    Kind.TEXT: str,
    Kind.COUNT: lambda value: f"{value:,.0f}",
    Kind.SHARE: lambda value: f"{100 * value:.1f}%",
    Kind.POINTS: _points,
    Kind.SIZE: lambda value: f"{100 * value:.1f}",
    Kind.RATIO: _ratio,
    Kind.P_VALUE: _p_value,
    Kind.PENCE: lambda value: f"£{round(value) // 100:,}.{round(value) % 100:02}",
}


class Printable(Protocol):
    """A table of either class, as far as printing it goes."""

    @property
    def id(self) -> str:
        """The table's id on a page."""

    @property
    def caption(self) -> str:
        """What the table shows."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """Its columns, the row headings first."""

    @property
    def notes(self) -> tuple[object, ...]:
        """What stands below it; printed as text."""

    def printed(self) -> tuple[tuple[str, ...], ...]:
        """Every cell as it is printed."""


def table_html(table: Printable, *, numeric: str = "") -> str:
    """The table as accessible HTML: a caption, scoped headings, numbers right-aligned.

    Each number is marked as one, unless `numeric` is the class of the table by which a style
    sheet knows its numeric columns.
    """
    marks = [
        "" if numeric or column.kind is Kind.TEXT else ' class="number"' for column in table.columns
    ]
    known = f' class="{numeric}"' if numeric else ""
    head = "".join(
        f'<th scope="col"{mark}>{escape(column.name)}</th>'
        for mark, column in zip(marks, table.columns, strict=True)
    )
    body = []
    for row in table.printed():
        first, *rest = map(escape, row)
        cells = "".join(
            [f"<td{mark}>{cell}</td>" for mark, cell in zip(marks[1:], rest, strict=True)]
        )
        body.append(f'<tr><th scope="row">{first}</th>{cells}</tr>')
    notes = "".join(f'<p class="note">{escape(str(note))}</p>' for note in table.notes)
    return (
        f'<div class="table" role="region" tabindex="0" aria-labelledby="{table.id}-caption">'
        f'<table{known} id="{table.id}-table">'
        f'<caption id="{table.id}-caption">{escape(table.caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table></div>{notes}"
    )


def slug(text: str) -> str:
    """A heading as a part of a table's id: letters and digits in lower case, joined by hyphens."""
    return "-".join("".join(c if c.isalnum() else " " for c in text.lower()).split())
