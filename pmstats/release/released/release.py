"""What a release may print, as types: tables and sentences that hold facts in place of numbers.

Nothing here can be made anywhere but at the door (`door.py`), and a number that is
not a registered fact has no place in any of them. Renderers ask for these types by name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import InitVar, dataclass
from html import escape
from string import Formatter
from typing import TYPE_CHECKING

from pmstats.release.released.facts import Fact, FactKind, Register
from pmstats.release.table import Column, table_html

if TYPE_CHECKING:
    from pmstats.release.released.policy import Policy

#: What the door alone has: without it no released thing is made.
DOOR = object()


def _through_the_door(key: object, made: object) -> None:
    if key is not DOOR:
        raise TypeError(f"a {type(made).__name__} is made by pmstats.release.released.door alone")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ReleasedTable:
    """A table for wider circulation: every cell after the row's name is a fact or a sign."""

    id: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str | Fact, ...], ...]
    notes: tuple[ReleasedSentence, ...] = ()
    key: InitVar[object]

    def __post_init__(self, key: object) -> None:
        _through_the_door(key, self)
        for row in self.rows:
            for cell in row[1:]:
                if not isinstance(cell, Fact) and _numeric(cell):
                    raise TypeError(f"table {self.id}: a number that is not a fact")

    @property
    def facts(self) -> tuple[Fact, ...]:
        """Every number of the table, row by row."""
        return tuple(cell for row in self.rows for cell in row if isinstance(cell, Fact))

    def column(self, name: str) -> tuple[str | Fact, ...]:
        """The cells of one column. Raises `KeyError` for a name the table lacks."""
        for place, column in enumerate(self.columns):
            if column.name == name:
                return tuple(row[place] for row in self.rows)
        raise KeyError(name)

    def printed(self) -> tuple[tuple[str, ...], ...]:
        """Every cell as it is printed."""
        return tuple(
            tuple(cell.printed if isinstance(cell, Fact) else cell for cell in row)
            for row in self.rows
        )

    def __repr__(self) -> str:
        lines = ["\t".join(column.name for column in self.columns)]
        lines += ["\t".join(row) for row in self.printed()]
        return "\n".join([self.caption, *lines, *map(str, self.notes)])

    def _repr_html_(self) -> str:
        return table_html(self)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ReleasedSentence:
    """A sentence for wider circulation: its numbers are facts, its own text holds no digit.

    `text` has a `{}` for each of `parts`; a part that is text is a name the scheme or the
    export gives, such as an age band.
    """

    text: str
    parts: tuple[Fact | str, ...] = ()
    key: InitVar[object]

    def __post_init__(self, key: object) -> None:
        _through_the_door(key, self)
        literal = "".join(text for text, *_ in Formatter().parse(self.text))
        if _numeric(literal):
            raise TypeError("a released sentence holds a number that is not a fact")

    @property
    def facts(self) -> tuple[Fact, ...]:
        """The facts in the sentence."""
        return tuple(part for part in self.parts if isinstance(part, Fact))

    def __str__(self) -> str:
        return self.text.format(
            *(part.printed if isinstance(part, Fact) else part for part in self.parts)
        )

    __repr__ = __str__


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasedHeadline:
    """One line of a release's first page: the question, the answer in a word, the sentence."""

    question: str
    answer: ReleasedSentence
    sentence: ReleasedSentence
    section: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasedSection:
    """One part of a release: sentences, then tables."""

    id: str
    title: str
    paragraph: str
    sentences: tuple[ReleasedSentence, ...]
    tables: tuple[ReleasedTable, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Release:
    """Everything that will be printed of one department, every number of it registered.

    `names` are the texts with digits of their own that are nobody's number: age bands, dates,
    paragraphs. Raises `TypeError` when a number to be printed is not in the register.
    """

    department: str
    unit: str
    stage_title: str
    cut_off: str
    banner: str
    handling: str
    policy: Policy
    register: Register
    headlines: tuple[ReleasedHeadline, ...]
    sections: tuple[ReleasedSection, ...]
    methods: tuple[str, ...]
    names: tuple[str, ...]
    key: InitVar[object]

    def __post_init__(self, key: object) -> None:
        _through_the_door(key, self)
        registered = {fact.id: fact for fact in self.register.facts}
        for fact in self.printed_facts():
            if registered.get(fact.id) != fact:
                raise TypeError(f"{fact.id} is printed but not registered")

    @property
    def tables(self) -> tuple[ReleasedTable, ...]:
        """Every table, section by section."""
        return tuple(table for section in self.sections for table in section.tables)

    def table(self, id: str) -> ReleasedTable:
        """The table of this id. Raises `KeyError` when the release has none."""
        for table in self.tables:
            if table.id == id:
                return table
        raise KeyError(id)

    def printed_facts(self) -> Iterator[Fact]:
        """Every fact that a reader sees."""
        for section in self.sections:
            for sentence in section.sentences:
                yield from sentence.facts
            for table in section.tables:
                yield from table.facts
                for note in table.notes:
                    yield from note.facts
        for line in self.headlines:
            yield from line.answer.facts
            yield from line.sentence.facts

    @property
    def shown(self) -> tuple[int, int]:
        """How many counts a reader gets, and how many there are with those withheld."""
        counts = [f for f in self.register.facts if f.kind in _COUNTS]
        return sum(f.kind is FactKind.ROUNDED for f in counts), len(counts)

    def __repr__(self) -> str:
        return f"<Release: {self.department}, {self.stage_title}, {self.register.year}>"

    def _repr_html_(self) -> str:
        lines = "".join(
            f"<tr><th scope='row'>{escape(line.question)}</th><td>{escape(str(line.answer))}</td>"
            f"<td>{escape(str(line.sentence))}</td></tr>"
            for line in self.headlines
        )
        return (
            f"<p><strong>{escape(self.banner)}</strong></p>"
            f"<table><caption>{escape(self.department)}: in brief</caption>"
            "<thead><tr><th scope='col'>Question</th><th scope='col'>Answer</th>"
            f"<th scope='col'>In words</th></tr></thead><tbody>{lines}</tbody></table>"
        )


_COUNTS = (FactKind.ROUNDED, FactKind.WITHHELD, FactKind.HELD_BACK)


def _numeric(text: str) -> bool:
    return any(letter.isdigit() for letter in text)
