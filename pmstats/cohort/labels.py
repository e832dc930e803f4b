"""Labels as people type them, made comparable; and which of them may be shown in a message."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher

#: A label shown in a message is at most this long and at least this like a known one (0 to 1).
_LONGEST_SHOWN = 40
_LIKENESS_SHOWN = 0.8

_RATING_WORDS = (
    "outstanding excellent good met meets meeting exceed exceeded exceeds exceeding expectations "
    "must improve improvement development needed satisfactory unsatisfactory effective partially "
    "partly not strong solid performer performing achieved below above consistently"
)
#: Rating words of other schemes: safe to show when a rating column holds them.
OTHER_RATING_WORDS = frozenset(_RATING_WORDS.split())
_ANSWER_WORDS = (
    "i we do did does not prefer rather choose chose wish want to say disclose declare declared "
    "declined decline specify specified stated state provide provided answer answered undisclosed "
    "withheld refused refuse information no yes any none blank null known unknown set held other "
    "disability status data recorded collected"
)
#: Words in which people decline to answer: safe to show whatever the column.
OTHER_ANSWER_WORDS = frozenset(_ANSWER_WORDS.split())
_NO_LETTER_OR_DIGIT = re.compile(r"[\W_]+")
#: A year, or two halves of one, or a quarter.
_PERIOD = re.compile(r"\b(?:FY ?)?(?:19|20)\d\d(?: ?(?:[-/]|to) ?(?:\d\d){1,2})?\b|\bQ[1-4]\b")
#: Every sign that is read as a hyphen.
DASHES = re.compile("[\u2010-\u2015\u2212]")
#: By code page: what the byte-order mark of UTF-8 becomes when it is read in the wrong one.
MISREAD_MARKS = {
    page: codecs.BOM_UTF8.decode(page)
    for page in ("cp1252", "mac_roman", "cp1250", "cp437", "cp850")
}


def clean(text: str) -> str:
    r"""The text without outer space, doubled space, no-break space or control characters.

    >>> clean("  High\u00a0 Performing\t")
    'High Performing'
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    spaced = "".join(
        " " if char.isspace() else char
        for char in text
        if char.isspace() or unicodedata.category(char) not in {"Cc", "Cf", "Cs"}
    )
    return " ".join(spaced.split())


def label_key(text: str) -> str:
    """The text with case, spacing, dash style and width folded: two spellings of one label."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return DASHES.sub("-", "".join(folded.split()))


def header_key(text: str) -> str:
    """The text with case, spaces and punctuation folded: two spellings of one header.

    >>> header_key("Mid-Year  Rating") == header_key("ï»¿mid_year rating")
    True
    """
    for mark in MISREAD_MARKS.values():
        text = text.removeprefix(mark)
    return _NO_LETTER_OR_DIGIT.sub("", unicodedata.normalize("NFKC", text).casefold())


def showable(label: str, *, known: Iterable[str], words: Iterable[str] = ()) -> bool:
    """Whether a message may quote a label that is not in the scheme.

    Only if it is short, has no digit or @, and is either nearly a known label or made of
    nothing but given words: a name or a note in the wrong column is never quoted.

    >>> showable("Achieveing", known=["Achieving"]), showable("J. Smith", known=["Achieving"])
    (True, False)
    """
    if not is_plain(label):
        return False
    parts = re.findall(r"\w+", label.casefold())
    if parts and set(parts) <= set(words):
        return True
    key = label_key(label)
    return any(_alike(key, label_key(spelling)) for spelling in known)


def is_plain(text: str) -> bool:
    """Whether the text is short and has no digit, address or markup in it."""
    return len(text) <= _LONGEST_SHOWN and not any(c.isdigit() or c in "@<>" for c in text)


def is_plain_header(text: str) -> bool:
    """Whether a header may be quoted: it is plain but for the years and quarters it names.

    >>> is_plain_header("Rating 2024/25"), is_plain_header("P100")
    (True, False)
    """
    return is_plain(_PERIOD.sub("", text)) and len(text) <= _LONGEST_SHOWN


def _alike(one: str, other: str) -> bool:
    return SequenceMatcher(None, one, other).ratio() >= _LIKENESS_SHOWN
