"""The words a scheme lends to its packs: what one row is called, and why some are left out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


def cited(paragraph: str) -> str:
    """Paragraph numbers with the word a reader needs before them; other references as they are.

    >>> cited("83, 88"), cited("71; FAQ"), cited("Annex D")
    ('paragraphs 83, 88', 'paragraph 71; FAQ', 'Annex D')
    """
    if not paragraph[:1].isdigit():
        return paragraph
    one = paragraph.partition(";")[0].isalnum()
    return f"paragraph {paragraph}" if one else f"paragraphs {paragraph}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What a count counts, in the singular and the plural: a person, a provider, an objective."""

    one: str = "person"
    many: str = "people"


class Reason(StrEnum):
    """Why a row of an export may not belong in the table of a stage."""

    OUT_OF_SCOPE = "out of scope"
    NOT_YET_IN_POST = "not yet in post"
    LEFT_BEFORE_CUT_OFF = "left before the cut-off"
    JOINED_TOO_LATE = "joined too late"
    LEFT_TOO_EARLY = "left too early"
    MODERATED_ELSEWHERE = "moderated elsewhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """What a scheme says of those left out for one reason, and where it says so."""

    reason: Reason
    sentence: str
    paragraph: str
