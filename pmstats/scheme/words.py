"""The words a scheme lends to its packs: what one row is called, and why some are left out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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
