"""What a pack may say: no blame, no ranking, no target, and no comparison without its limits.

The rules follow official releases on ratings and pay: a difference is a prompt for enquiry, and
with small numbers a large one may be chance. They are held over the words of a page before it
is made; names out of an export (departments, units) are nobody's wording and are not judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from pmstats.errors import SchemeError

if TYPE_CHECKING:
    from pmstats.release.restricted.bundle import RestrictedPack

#: What may not be said, and why.
FORBIDDEN = {
    r"\bbias(ed|es)?\b": "figures show differences, not why they came about",
    r"\bdiscriminat\w+": "figures show differences, not why they came about",
    r"\b(guilty|blame[ds]?|culprits?|offend\w+)\b": "nobody is accused by a table",
    r"\b(illegal|unlawful)(ly)?\b": "the law is not judged by a table",
    r"\bbreach(e[ds])?\b": "the law is not judged by a table",
    r"\bfail(s|ed|ing|ures?)?\b": "a difference is a prompt, not a test that is failed",
    r"(?<!wrong or )\bunfair(ly)?\b": "whether a rating is fair is not in the figures",
    r"(?<!un)\bfair(ly|er)?\b": "whether a rating is fair is not in the figures",
    r"\bquotas?\b": "the expected curve is no quota (paragraph 79)",
    r"\b(shortfalls?|surplus)\b": "the expected curve is no quota (paragraph 79)",
    r"\b(re-?rate[ds]?|downgrad\w+|upgrad\w+)\b": "no rating is to be changed from a table",
    r"\bshould (be|have been) (rated|moved|higher|lower)\b": "nobody's rating is judged here",
    r"\b(need|needs|require|requires|move) \d+ (more|fewer|people)\b": "no number is to be reached",
    r"\bleague tables?\b": "nobody is ranked",
    r"\b(worst|best)[ -](performing|department|unit|manager)s?\b": "nobody is ranked",
    r"\b(insignificant|no effect|proves?|proven|guarantees?)\b": "says more than the figures do",
    r"\bstatistically significant\b": "says less than it seems to; give the size and its range",
}

#: Whether any of it is said in lower case. Every pattern begins where a word does, with one of
#: these letters: most words are passed over at their first.
ANY = re.compile(rf"\b(?=[bcdfgilmnopqrsuw])(?:{'|'.join(FORBIDDEN)})")

COMPARES = re.compile(r"\brated higher (in )?\d|\ba difference of \d")
HAS_N = re.compile(r"\bn = \d")
HAS_RANGE = re.compile(r"\d%?( points)? to [-+]?\d")


@lru_cache(maxsize=4096)  # notes and headings are those of every pack
def complaints(text: str) -> tuple[str, ...]:
    """What is wrong with the wording of a text, each with its reason; empty when nothing is.

    >>> complaints("Delivery fails its quota.")[0]
    '“fails”: a difference is a prompt, not a test that is failed'
    """
    found = [
        f"“{match[0]}”: {reason}"
        for pattern, reason in (FORBIDDEN.items() if ANY.search(text.lower()) else ())
        for match in re.finditer(pattern, text, re.IGNORECASE)
    ]
    if COMPARES.search(text) and not (HAS_N.search(text) and HAS_RANGE.search(text)):
        found.append("a comparison needs its number of people and its interval")
    return tuple(found)


def counted(count: int, noun: str) -> str:
    """A number of things, one or many.

    >>> counted(1, "gap"), counted(5, "possible gap")
    ('1 gap', '5 possible gaps')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def refuse_blame(texts: Iterable[str]) -> None:
    """Let through words that may stand in a pack.

    Raises `SchemeError` that lists every one that may not, with its reason.
    """
    once = dict.fromkeys(texts)  # headings and captions come again and again
    wrong = [f"{reason} (in “{text}”)" for text in once for reason in complaints(text)]
    if wrong:
        raise SchemeError(
            "These words may not stand in a pack; put them otherwise, in the scheme where they "
            "come from it:\n" + "\n".join(wrong)
        )


def words_of(pack: RestrictedPack) -> Iterator[str]:
    """Every sentence of a pack, its captions and notes; no cell of a table and no name."""
    yield from (pack.cover.handling, pack.cover.purpose)
    for line in pack.headlines:
        yield from (line.question, line.sentence)
    for section in pack.sections:
        yield from (section.title, *section.sentences, *section.more)
        for table in section.tables:
            yield from (table.caption, *table.notes)
            yield from (column.name for column in table.columns)
    yield from pack.questions
    for question, default, _ in pack.decisions:
        yield from (question, default)
    yield from pack.methods
