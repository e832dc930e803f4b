"""What a framework expects of its records, said as conditions on columns and on groups of rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Something that is true or not of one row, by one of its columns.

    Exactly one of these is given: the column holds one of `answers`; it is `filled`, or not;
    its number is from `least` to `most`; its date is between the days `opens` and `closes`, or
    `not_before` another column's, or at most `within_months` after it. A condition on an empty
    cell holds for `filled` alone.
    """

    column: str
    answers: tuple[str, ...] = ()
    filled: bool | None = None
    least: float | None = None
    most: float | None = None
    opens: date | None = None
    closes: date | None = None
    not_before: str = ""
    within_months: int | None = None
    after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """One expectation: of each row where `when` holds, or of the rows of each group `per`.

    With a `stage` it is asked only of those in the table of that stage, and not before it. `rule`
    is its code where it is one of a rule book; a check leaves those it has a rule for to that.
    Of rows: every condition of `then`. Of groups: all of `complete` are among the answers in
    `column`, or the number of different ones is from `least` to `most`. `firm` says that the
    framework requires it; otherwise it is good practice.
    """

    name: str
    sentence: str
    paragraph: str
    firm: bool = False
    stage: str = ""
    rule: str = ""
    when: tuple[Condition, ...] = ()
    then: tuple[Condition, ...] = ()
    per: tuple[str, ...] = ()
    column: str = ""
    complete: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None
