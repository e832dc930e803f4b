"""Every number a release prints, as a fact: whose number it is and what it says to a reader.

A fact is about the people of one `where`: a tuple of dimensions, each with the answers it
takes in; a dimension that is not named takes in everybody. `RATING` is a dimension whose
answers are the boxes and `NOT_RATED`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pmstats.release.released.policy import behind

Where = tuple[tuple[str, tuple[str, ...]], ...]

RATING = "rating"
NOT_RATED = "not rated"

#: Signs in place of a number (Government Analysis Function): confidential, unreliable.
CONFIDENTIAL, UNRELIABLE = "[c]", "[u]"


class FactKind(StrEnum):
    """How a number was made fit to print.

    `WITHHELD` is under the threshold; `HELD_BACK` is not, and is withheld to protect another.
    `EXACT` numbers are known from elsewhere, such as the annual return: a release prints none.
    `WITHIN` is what the choice of a rounding base says of a department's size. A `PERCENT` is
    made from the two printed counts it names, a `WORD` from true counts.
    """

    ROUNDED = "rounded"
    WITHHELD = "withheld"
    HELD_BACK = "held back"
    EXACT = "exact"
    WITHIN = "within"
    PERCENT = "percent"
    WORD = "word"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One number or word of a release, under an id that names its table, row and column.

    `of` names the facts a percentage is the quotient of.
    """

    id: str
    kind: FactKind
    where: Where = ()
    value: int | None = None
    base: int = 1
    threshold: int = 0
    low: int = 0
    high: int | None = None
    of: tuple[str, ...] = ()
    word: str = ""

    @property
    def printed(self) -> str:
        """The fact as a reader sees it."""
        match self.kind:
            case FactKind.WITHHELD | FactKind.HELD_BACK:
                return CONFIDENTIAL
            case FactKind.WORD:
                return self.word
            case FactKind.PERCENT:
                return UNRELIABLE if self.value is None else f"{self.value}%"
            case FactKind.WITHIN:
                return ""
            case _:
                return f"{self.value:,}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Which groups a verdict compares: the reader who doubts a table tries the word on it."""

    characteristic: str
    reference: str
    groups: tuple[tuple[str, Where], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """Everything one release says about one department at one stage, and of whom.

    `export` identifies the data: two registers of the same stage and export are about the same
    people in the same boxes. `whole` is everybody it is about: the department, or a unit.
    `dimensions` lists every answer there is, shown or not. `nobody` are people there cannot be
    by the meaning of the words. `before` pairs a dimension of boxes at an earlier stage with that
    stage: those people are among the people of that stage.
    """

    department: str
    year: str
    stage: str
    export: str
    threshold: int
    assumed_change: int
    dimensions: tuple[tuple[str, tuple[str, ...]], ...]
    facts: tuple[Fact, ...]
    comparisons: tuple[Comparison, ...] = ()
    whole: Where = ()
    nobody: tuple[Where, ...] = ()
    before: tuple[tuple[str, str], ...] = ()


def says(fact: Fact) -> tuple[int, int | None]:
    """The least and the greatest number of people a reader takes from a fact; None: no limit.

    Raises `ValueError` for a fact that cannot be read this way: a word, a percentage, or a
    number that its own rounding could not have given.
    """
    match fact.kind:
        case FactKind.ROUNDED if fact.value is not None:
            return behind(fact.value, base=fact.base, threshold=fact.threshold)
        case FactKind.WITHHELD if fact.threshold > 0:
            return 0, fact.threshold - 1
        case FactKind.HELD_BACK if fact.threshold > 0:
            return fact.threshold, None
        case FactKind.EXACT if fact.value is not None:
            return fact.value, fact.value
        case FactKind.WITHIN:
            return fact.low, fact.high
        case _:
            raise ValueError(f"{fact.id}: not a number that can be read")


def narrowed(where: Where, **answers: tuple[str, ...]) -> Where:
    """The people of `where` who also gave these answers.

    >>> narrowed((("sex", ("Female",)),), rating=("Achieving",))
    (('rating', ('Achieving',)), ('sex', ('Female',)))
    """
    merged = dict(where)
    for dimension, taken in answers.items():
        merged[dimension] = tuple(a for a in merged.get(dimension, taken) if a in taken)
    return tuple(sorted(merged.items()))
