"""The columns a framework's own export holds beside the ratings: names, dates, numbers, answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Holds(StrEnum):
    """What the cells of a column are; a narrative is text carried beside the numbers."""

    CATEGORY = "category"
    YES_OR_NO = "yes or no"
    DATE = "date"
    NUMBER = "number"
    NARRATIVE = "narrative"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer of a category, with its other spellings."""

    name: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnColumn:
    """A column that this framework's export holds; `also` are headers that mean it.

    A category without `answers` takes any label. Counts can be made by a column that `groups`.
    """

    name: str
    title: str
    holds: Holds = Holds.CATEGORY
    also: tuple[str, ...] = ()
    answers: tuple[Answer, ...] = ()
    groups: bool = False
    paragraph: str = ""
