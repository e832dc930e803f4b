"""The words each column may use: from any documented spelling to the scheme's own label."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import compress, pairwise

import numpy as np

from pmstats.cohort.cohort import UNDECLARED, UNKNOWN
from pmstats.cohort.columns import GRADES, Column, Kind
from pmstats.cohort.labels import (
    DASHES,
    OTHER_ANSWER_WORDS,
    OTHER_RATING_WORDS,
    clean,
    label_key,
    showable,
)
from pmstats.cohort.mapping import Numbers
from pmstats.errors import Problem, Severity
from pmstats.scheme import Characteristic, Scheme

#: The codes of a cell that holds nothing and of one that holds an unknown word.
BLANK, STRANGE = -1, -2
#: Unknown labels reported one by one; beyond this the wrong column was probably mapped.
_LABELS_LISTED = 25
#: So many labels are named as a choice.
_CHOICES = 6
#: Words of a system, not of a person.
_NO_ANSWER = frozenset(("none", "na", "n/a", "n.a.", "null", "nil"))
_BAND = re.compile(r"(\d+)(?:-(\d+)|\+)")
_OLDEST = 99
_SHORT_GRADE = 2
#: What stands between a group and the one it belongs to; spaces do not count.
_BETWEEN = ("-", ":", "/", ",", "")
_REST = "Any other"
#: A label with its number beside it: the label says what the number does not.
_NUMBERED = re.compile(
    r"\d(?:\.\d+)?\s*[-:=.)]\s*(?P<before>[^\d\s].*)|(?P<after>.*\S)\s*\(\d(?:\.\d+)?\)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """The labels of one column in the scheme's order, and the code of every spelling known.

    `merged` are the spellings of Undeclared and of Unknown, to recognise a label that is both.
    """

    column: Column
    labels: tuple[str, ...]
    codes: Mapping[str, int]
    rule: str
    paragraph: str = ""
    merged: tuple[tuple[str, ...], ...] = ()

    def encoded(self, texts: Sequence[str]) -> np.ndarray:
        """The code of each text: a place in `labels`, `BLANK` or `STRANGE`."""
        return np.array([self._code(text) for text in texts], dtype=np.int32)

    def _code(self, text: str) -> int:
        code = self.codes.get(label_key(text))
        if code is None and self.column.kind is Kind.RATING:
            numbered = _NUMBERED.fullmatch(DASHES.sub("-", clean(text)))
            label = (numbered["before"] or numbered["after"]) if numbered else ""
            code = self.codes.get(label_key(label)) if label else None
        return STRANGE if code is None else code


def vocabulary(
    column: Column,
    *,
    scheme: Scheme,
    synonyms: Mapping[str, str],
    numbers: Numbers | None = None,
) -> Vocabulary:
    """The vocabulary of a column whose answers the scheme lists, with the mapping's synonyms."""
    labels = tuple(dict.fromkeys(spellings[0] for spellings in column.levels))
    spelt: dict[str, int] = {}
    for spellings in column.levels:
        for spelling in spellings:
            spelt.setdefault(label_key(spelling), labels.index(spellings[0]))
    blank, rule, paragraph = BLANK, "DQ5", ""
    merged: tuple[tuple[str, ...], ...] = ()
    if column.kind is Kind.RATING:
        rule, paragraph = "R2", scheme.paragraphs.distribution
        spelt |= {
            label_key(text): BLANK for text in scheme.not_rated if label_key(text) not in spelt
        }
        best_first = scheme.best_first if numbers == Numbers.ONE_IS_BEST else scheme.worst_first
        if numbers:
            spelt |= {str(n): labels.index(box) for n, box in enumerate(best_first, start=1)}
    elif column.name in {c.name for c in scheme.characteristics}:
        characteristic = scheme.characteristic(column.name)
        paragraph = characteristic.paragraph
        labels = (*labels, UNDECLARED, UNKNOWN)
        merged = ((UNDECLARED, *characteristic.undeclared), (UNKNOWN, *characteristic.unknown))
        blank = len(labels) - 1
        for text, place in _paths(characteristic, labels):
            spelt.setdefault(label_key(text), place)
        for age, band in ages(labels).items():
            spelt.setdefault(str(age), band)
        for code, spellings in enumerate(merged, start=len(labels) - 2):
            for spelling in spellings:
                spelt.setdefault(label_key(spelling), code)
    for text in scheme.blanks:
        spelt.setdefault(label_key(text), blank)
    spelt.setdefault("", blank)
    known = {label: code for code, label in enumerate(labels)}
    spelt |= {label_key(text): known.get(label, BLANK) for text, label in synonyms.items()}
    return Vocabulary(
        column=column, labels=labels, codes=spelt, rule=rule, paragraph=paragraph, merged=merged
    )


def _paths(characteristic: Characteristic, labels: Sequence[str]) -> Iterator[tuple[str, int]]:
    """A group written behind the one it belongs to, "White - British", and its place."""
    for fine, coarse in pairwise(characteristic.levels):
        above = {group.name: (group.name, *group.also) for group in coarse.groups}
        for group in fine.groups:
            own = (group.name, *group.also)
            if group.name.startswith(_REST):
                own += ("Other", _REST, f"{_REST} background")
            for first in above.get(group.within, ()):
                for last in own:
                    for sign in _BETWEEN:
                        yield f"{first}{sign}{last}", labels.index(group.name)


def ages(labels: Sequence[str]) -> dict[int, int]:
    """The place of the band for each age in years, where labels are bands; fine bands first.

    >>> ages(("16-19", "20-29", "30+", "Under 30"))[29]
    1
    """
    found: dict[int, int] = {}
    for place, label in enumerate(labels):
        if band := _BAND.fullmatch(label):
            first = int(band[1])
            last = int(band[2]) if band[2] else _OLDEST
            for age in range(first, last + 1):
                found.setdefault(age, place)
    return found


def strange_labels(
    words: Vocabulary, texts: Sequence[str], rows: Sequence[tuple[int, ...]]
) -> Iterator[Problem]:
    """A problem for each text outside the vocabulary, given the rows that hold it.

    A text is quoted only when it is plainly a label; otherwise its rows are given.
    """
    if len(texts) > _LABELS_LISTED:
        yield _problem(
            words,
            f"{len(texts):,} different texts are not {_what(words)}; this may be the wrong column.",
            f"Check which header is {words.column.name}, or list its labels under "
            f"[values.{_table(words)}] in the mapping.",
            tuple(sorted(row for held in rows for row in held)),
        )
        return
    numbers = [words.column.kind is Kind.RATING and _is_number(text) for text in texts]
    if any(numbers):
        yield _undirected(
            words, tuple(sorted(row for held in compress(rows, numbers) for row in held))
        )
    for text, held, number in zip(texts, rows, numbers, strict=True):
        if not number:
            yield _strange(words, clean(text), held)


def _strange(words: Vocabulary, text: str, rows: tuple[int, ...]) -> Problem:
    rating = words.column.kind is Kind.RATING
    if words.merged and all(_holds(text, spellings) for spellings in words.merged):
        return Problem(
            rule="DQ6",
            severity=Severity.ERROR,
            column=words.column.name,
            rows=rows,
            message="One label stands for both Undeclared (chose not to say) and Unknown.",
            fix="Export the two apart; they are never merged.",
        )
    shown = quotable(words, text)
    quoted = repr(text) if shown else "The text in this column"
    likely = likely_label(words, text) if shown else "..."
    example = f'"{text if shown else "the text"}" = "{likely}"'
    choices = "" if rating or len(words.labels) > _CHOICES else f" ({', '.join(words.labels)})"
    return _problem(
        words,
        f"{quoted} is not {_what(words)}{choices}.",
        f"Correct it, or say under [values.{_table(words)}] in the mapping which it is: {example}.",
        rows,
    )


def quotable(words: Vocabulary, text: str) -> bool:
    """Whether a message may quote a text that is no label: a short grade may, as "1A"."""
    if words.column.name in GRADES and len(text) <= _SHORT_GRADE:
        return True
    rating = words.column.kind is Kind.RATING
    safe = OTHER_RATING_WORDS if rating else OTHER_ANSWER_WORDS
    return showable(text, known=list(words.codes), words=safe)


def likely_label(words: Vocabulary, text: str) -> str:
    """The scheme's label most like a text, empty for a blank; "..." where the analyst must say.

    "None" may be an answer or a blank.
    """
    if label_key(text) in _NO_ANSWER:
        return "..."
    close = get_close_matches(label_key(text), list(words.codes), n=1)
    if not close:
        return "..."
    code = words.codes[close[0]]
    return words.labels[code] if code >= 0 else ""


def _undirected(words: Vocabulary, rows: tuple[int, ...]) -> Problem:
    said = label_key("1") in words.codes
    return Problem(
        rule="DQ13",
        severity=Severity.ERROR,
        column=words.column.name,
        rows=rows,
        message=f"The number is outside the scale of 1 to {len(words.labels)}."
        if said
        else "Ratings are numbers, and whether 1 is best or worst is never guessed.",
        fix="Correct the rating."
        if said
        else 'Add to the mapping: numbers = "1 is best" or numbers = "1 is worst".',
    )


def _is_number(text: str) -> bool:
    return clean(text).replace(".", "", 1).isdigit()


def _problem(words: Vocabulary, message: str, fix: str, rows: tuple[int, ...]) -> Problem:
    return Problem(
        rule=words.rule,
        severity=Severity.ERROR,
        column=words.column.name,
        rows=rows,
        paragraph=words.paragraph,
        message=message,
        fix=fix,
    )


def _what(words: Vocabulary) -> str:
    if words.column.kind is Kind.RATING:
        return f"a rating of the scheme ({', '.join(words.labels)})"
    return f"a label of {words.column.name} in the scheme"


def _table(words: Vocabulary) -> str:
    return "rating" if words.column.kind is Kind.RATING else words.column.name


def _holds(text: str, spellings: Sequence[str]) -> bool:
    return any(label_key(spelling) in label_key(text) for spelling in spellings)
