"""A first mapping for a file: what was recognised, what needs a word, what was left unsure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path

import numpy as np

from pmstats.cohort.columns import UNSURE, Column, Kind
from pmstats.cohort.dates import parse_dates
from pmstats.cohort.labels import (
    clean,
    header_key,
    is_plain_header,
)
from pmstats.cohort.long import LONG
from pmstats.cohort.lookalike import lookalike, mapping_of
from pmstats.cohort.mapping import RATING, Mapping
from pmstats.cohort.reading.cells import Cells, NoHeader, Source
from pmstats.cohort.reading.read import open_source, read_cells
from pmstats.cohort.recognise import recogniser
from pmstats.cohort.schema import columns, headers, long_headers
from pmstats.cohort.vocabulary import STRANGE, Vocabulary, likely_label, quotable, vocabulary
from pmstats.scheme import Scheme

#: What stands in brackets at the end of a header.
_REMARK = re.compile(r"\s*\([^()]*\)\s*$")
#: Labels of one column suggested; more of them are not a list of answers.
_LABELS_LISTED = 25


def suggest_mapping(path: str | Path | Source, *, scheme: Scheme) -> str:
    """The text of a mapping file for this export, every doubt in a comment to be decided.

    It loads as it stands and says nothing the file does not show; lines to decide are commented
    out. No cell is quoted that is not plainly a label. Raises `ExportError` when the file is no
    table or has no header row.
    """
    source = open_source(path)
    try:
        cells = read_cells(source, recognise=recogniser(scheme, Mapping()))
    except NoHeader:
        if table := lookalike(source, scheme=scheme):
            return "\n".join([*_title(source, table.scheme), *mapping_of(table)]) + "\n"
        raise
    known = {column.name: column for column in columns(scheme)}
    held = {known[name]: texts for name, texts in cells.columns.items()}
    words = {
        column: vocabulary(column, scheme=scheme, synonyms={}) for column in held if column.levels
    }
    lines = [
        *_title(source, scheme),
        *_by_role(cells),
        *_numbers(cells, words),
        *_day_first(cells, scheme),
        "[columns]",
        *(
            f"{name} = {_quoted(cells.header.names[place])}"
            for name, place in cells.header.positions.items()
        ),
        *_unsure(cells, scheme),
        *_values(cells, words),
    ]
    return "\n".join(lines) + "\n"


def _title(source: Source, scheme: Scheme) -> Iterator[str]:
    yield f"# A mapping for {source.name} under {scheme.title}, {scheme.edition}."
    yield "# Lines that begin with # are suggestions: decide, then take the # away."
    yield ""


def _by_role(cells: Cells) -> Iterator[str]:
    """Oracle's evaluations: a row for each role of a person, of which one rating counts."""
    headers = {header_key(name): name for name in cells.header.names}
    if {"overallrating", "roletypecode"} <= headers.keys():
        yield "# Oracle's evaluations have a row for each role. To keep the line manager's rating:"
        yield '# layout = "long"'
        yield '# sources = ["MANAGER"]'
        yield f"# and under [columns]: rating = {_quoted(headers['overallrating'])}"
        yield f"#                      rating_source = {_quoted(headers['roletypecode'])}"
        yield '# and under [fixed]:   stage = "recommended"'
        yield ""
    elif "stage" in (found := {long_headers().get(key): header for key, header in headers.items()}):
        yield "# A header names the stage. If each person has a row for each stage:"
        yield '# layout = "long"'
        told = [f"{name} = {_quoted(found[name])}" for name in LONG if name in found]
        yield f"# and under [columns]: {told[0]}"
        yield from (f"#                      {each}" for each in told[1:])
        yield ""


def _numbers(cells: Cells, words: dict[Column, Vocabulary]) -> Iterator[str]:
    if any(
        label.replace(".", "", 1).isdigit()
        for column in words
        if column.kind is Kind.RATING
        for label in _strange(cells, words[column])
    ):
        yield "# Ratings are numbers. Which end is best is never guessed; keep one of the two."
        yield '# numbers = "1 is best"'
        yield '# numbers = "1 is worst"'
        yield ""


def _day_first(cells: Cells, scheme: Scheme) -> Iterator[str]:
    ambiguous, one_way = 0, {True: 0, False: 0}
    for column in columns(scheme):
        if column.kind is Kind.DATE and column.name in cells.columns:
            texts = cells.columns[column.name]
            values = [clean(text) for text in texts.values.to_pylist()]
            blanks = frozenset(scheme.blanks)
            _, unreadable, unclear = parse_dates(values, blanks=blanks)
            ambiguous += int(texts.rows_where(unclear).sum())
            for first in one_way:
                _, misread, _ = parse_dates(values, blanks=blanks, day_first=not first)
                one_way[first] += int(texts.rows_where(misread & ~unreadable).sum())
    if ambiguous:
        noun = "date" if ambiguous == 1 else "dates"
        yield f"# {ambiguous:,} {noun} could have day and month either way round: 03/04/2024."
        for first, count in one_way.items():
            if count:
                others = "other fits" if count == 1 else "others fit"
                yield f"# {count:,} {others} only with the {'day' if first else 'month'} first."
        if all(one_way.values()):
            yield "# No setting reads them all: export dates as 2025-03-31."
        else:
            yield f"# day_first = {str(not one_way[False]).lower()}"
        yield ""


def _unsure(cells: Cells, scheme: Scheme) -> Iterator[str]:
    known = headers(scheme)
    shown = [h for h in cells.header.unknown if is_plain_header(h) or header_key(h) in UNSURE]
    hidden = len(cells.header.unknown) - len(shown)
    long = {header: long_headers().get(header_key(header)) for header in shown}
    by_stage = "stage" in long.values()  # then said above, with the layout they belong to
    for header in (header for header, column in long.items() if not (by_stage and column)):
        reason = UNSURE.get(header_key(header), "")
        close = get_close_matches(header_key(header), list(known), n=1, cutoff=0.75)
        plain = header_key(_REMARK.sub("", header))
        close = [plain] if plain in known else close
        if reason:
            yield f"# Not mapped: {_quoted(header)}: {reason}"
        elif close and known[close[0]] not in cells.columns:
            yield f"# Unsure: {known[close[0]]} = {_quoted(header)}"
        else:
            yield f"# Not known, not read: {_quoted(header)}"
    if hidden:
        yield f"# Not known, not read: {hidden} more, with digits or long names."
    for header in cells.header.dropped:
        yield f"# Never read (names and free text): {_quoted(header)}"


def _values(cells: Cells, words: dict[Column, Vocabulary]) -> Iterator[str]:
    ratings: dict[str, Vocabulary] = {}
    for column, vocabulary_of in words.items():
        labels = _strange(cells, vocabulary_of)
        if column.kind is Kind.RATING:
            numbers = (label for label in labels if not label.replace(".", "", 1).isdigit())
            ratings |= dict.fromkeys(numbers, vocabulary_of)
        elif labels:
            yield from _table(column.name, dict.fromkeys(labels, vocabulary_of))
    if ratings:
        yield from _table(RATING, ratings)


def _table(name: str, labels: dict[str, Vocabulary]) -> Iterator[str]:
    yield ""
    yield f"[values.{name}]"
    if len(labels) > _LABELS_LISTED:
        yield f"# {len(labels):,} different texts are not labels; this may be the wrong column."
        return
    hidden = 0
    for label, words in labels.items():
        if not quotable(words, label):
            hidden += 1
            continue
        yield f"# {_quoted(label)} = {_quoted(likely_label(words, label))}"
    if hidden:
        noun = "label is" if hidden == 1 else "labels are"
        yield f"# {hidden} more {noun} not in the scheme; the check names the rows."
    yield f"# One of: {', '.join(next(iter(labels.values())).labels)}"


def _strange(cells: Cells, words: Vocabulary) -> list[str]:
    texts = cells.columns[words.column.name]
    values = texts.values.to_pylist()
    places = np.flatnonzero(words.encoded(values) == STRANGE)
    present = places[np.isin(places, texts.codes)]
    return list(dict.fromkeys(clean(values[place]) for place in present))


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
