"""A consistency check pack as one frozen value: everything a restricted page may print."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pmstats.release.table import RestrictedTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """Where a pack comes from and who may read it."""

    department: str
    stage: str
    cycle: str
    cut_off: str
    banner: str
    handling: str
    purpose: str
    pack: str
    provenance: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """One line of the scorecard: the question, the answer in a word, the sentence."""

    question: str
    answer: str
    sentence: str
    section: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One part of a pack: sentences first, then charts drawn from its tables, then tables.

    `more` holds the sentences for readers who go further. `folded` tables without a chart are
    shown when asked for.
    """

    id: str
    title: str
    paragraph: str
    sentences: tuple[str, ...]
    tables: tuple[RestrictedTable, ...] = ()
    more: tuple[str, ...] = ()
    folded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class RestrictedPack:
    """A consistency check pack for the entitled few; made here and printed by `report`."""

    cover: Cover
    headlines: tuple[Headline, ...]
    sections: tuple[Section, ...]
    questions: tuple[str, ...]
    decisions: tuple[tuple[str, str, str], ...]
    methods: tuple[str, ...]

    def section(self, id: str) -> Section:
        """The section of this id. Raises `KeyError` when the pack has none."""
        for section in self.sections:
            if section.id == id:
                return section
        raise KeyError(id)

    def __repr__(self) -> str:
        return f"<RestrictedPack: {self.cover.department}, {self.cover.stage}, {self.cover.cycle}>"

    def _repr_html_(self) -> str:
        lines = "".join(
            f"<tr><th scope='row'>{escape(line.question)}</th><td>{escape(line.answer)}</td>"
            f"<td>{escape(line.sentence)}</td></tr>"
            for line in self.headlines
        )
        return (
            f"<p><strong>{escape(self.cover.banner)}</strong></p>"
            f"<table><caption>{escape(self.cover.department)}: in brief</caption>"
            "<thead><tr><th scope='col'>Question</th><th scope='col'>Answer</th>"
            f"<th scope='col'>In words</th></tr></thead><tbody>{lines}</tbody></table>"
        )
