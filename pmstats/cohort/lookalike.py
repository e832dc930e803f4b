"""A published table brought as if it were an export of people: what to say, and a first mapping."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pmstats.cohort.labels import OTHER_RATING_WORDS, clean, is_plain, label_key
from pmstats.cohort.mapping import Layout, Mapping
from pmstats.cohort.published import is_count
from pmstats.cohort.reading.cells import Cells, Header, Source, turned
from pmstats.cohort.reading.read import read_cells
from pmstats.cohort.recognise import recogniser
from pmstats.errors import ExportError, Problem, Severity
from pmstats.scheme import Scheme, load_scheme, scheme_names
from pmstats.scheme.scheme import Unit

#: Words that join several ratings in one heading, "Met or Must improve (merged)".
_JOINING = frozenset(("or", "and", "merged", "combined", "box", "marking", "rating", "rated"))


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class Lookalike:
    """A table whose headings are ratings and whose cells are counts.

    `ratings` pairs each heading with the rating of the scheme that it is, empty when only its
    words say that it is one.
    """

    scheme: Scheme
    ratings: tuple[tuple[str, str], ...]
    cells: Cells


def lookalike(source: Source, *, scheme: Scheme, sheet: str = "") -> Lookalike | None:
    """The table of counts that a file is, by the scheme whose ratings head most of it, if any.

    The scheme asked for comes before another of people that knows no more of them; where none
    knows two, headings made of rating words will do.
    """
    schemes = {name: load_scheme(name) for name in scheme_names() if name != scheme.name}
    people = [each for each in schemes.values() if each.unit is Unit.PERSON]
    known = [(each, recogniser(each, _mapping(each))) for each in (scheme, *people)]
    whose: dict[tuple[bool, int, tuple[str, ...]], Scheme] = {}

    def recognise(records: Sequence[Sequence[str]]) -> Header | None:
        best, most = None, 1
        for each, recognised in known:
            header = recognised(records)
            ratings = _ratings(header, each) if header and not _faulty(header) else ()
            if header and len(ratings) > most:
                best, most = header, len(ratings)
                whose[header.turned, header.row, header.names] = each
        return best or _by_words(records)

    try:
        cells = read_cells(source, recognise=recognise, sheet=sheet)
    except ExportError:
        return None
    header = cells.header
    found = whose.get((header.turned, header.row, header.names))
    headings = tuple((name, "") for name in header.positions)
    ratings = _ratings(header, found) if found else headings
    texts = [
        clean(text)
        for name, column in cells.columns.items()
        if name not in {"group", "total"}
        for text in column.values.take(column.codes).to_pylist()
    ]
    if 2 * sum(map(is_count, texts)) < max(1, len(texts)):
        return None
    return Lookalike(scheme=found or scheme, ratings=ratings, cells=cells)


def no_people(table: Lookalike, *, scheme: Scheme) -> Problem:
    """What to say of a published table that was brought as if it were an export of people."""
    where = "rows" if table.cells.header.turned else "columns"
    named = ", ".join(repr(heading) for heading, _ in table.ratings)
    other = "" if table.scheme.name == scheme.name else f" with --scheme {table.scheme.name}"
    return Problem(
        rule="file",
        severity=Severity.ERROR,
        message=f"No column holds people: the {where} {named} are ratings, so this looks like a "
        "published table of counts.",
        fix=f'Read it{other} by a mapping that says layout = "published table"; '
        f"pmstats check EXPORT{other.replace(' with', '')} --suggest writes one.",
    )


def mapping_of(table: Lookalike) -> Iterator[str]:
    """The lines of a first mapping for it; those to decide are commented out."""
    scheme, cells = table.scheme, table.cells
    across = "a column for each group" if cells.header.turned else "a row for each group"
    yield f"# A published table of counts, with {across}."
    yield 'layout = "published table"'
    if len(scheme.stages) > 1:
        yield f"# The stage; one of: {', '.join(stage.name for stage in scheme.stages)}."
        yield f'stage = "{scheme.stages[-1].name}"'
    characteristic = _characteristic(table)
    names = ", ".join(each.name for each in scheme.characteristics)
    if characteristic:
        yield f'characteristic = "{characteristic}"'
    else:
        yield f"# What the groups are, if they are groups of a characteristic; one of: {names}."
        yield '# characteristic = "..."'
    unsure = [heading for heading, rating in table.ratings if not rating]
    if unsure:
        yield ""
        yield "[columns]"
        yield f"# Which heading is which rating; the ratings are: {', '.join(scheme.best_first)}."
        for heading in unsure:
            yield f'# "..." = {json.dumps(heading, ensure_ascii=False)}'
    yield ""
    yield "[fixed]"
    yield "# Whose people these are:"
    yield '# department = "..."'


def _mapping(scheme: Scheme) -> Mapping:
    return Mapping(
        layout=Layout.PUBLISHED_TABLE, stage=scheme.stages[-1].name, fixed={"department": "-"}
    )


def _faulty(header: Header) -> bool:
    return any(each.severity is Severity.ERROR for each in header.problems)


def _ratings(header: Header, scheme: Scheme) -> tuple[tuple[str, str], ...]:
    """Each heading that is a rating of the scheme, in words, with that rating."""
    found = [
        (name, header.positions[name]) for name in scheme.best_first if name in header.positions
    ]
    named = tuple((header.names[place], name) for name, place in found)
    return tuple((heading, name) for heading, name in named if is_plain(heading))


def _by_words(records: Sequence[Sequence[str]]) -> Header | None:
    """A header of two or more headings that are made of rating words alone."""
    for on_its_side, table in ((False, records), (True, turned(records))):
        for row, record in enumerate(table):
            names = tuple(map(clean, record))
            said = {name: place for place, name in enumerate(names) if _is_rating(name)}
            if len(said) > 1:
                return Header(row=row, names=names, positions=said, turned=on_its_side)
    return None


def _is_rating(text: str) -> bool:
    words = set(re.findall(r"\w+", text.casefold()))
    return is_plain(text) and bool(words) and words <= OTHER_RATING_WORDS | _JOINING


def _characteristic(table: Lookalike) -> str:
    """The characteristic that knows most of the groups' names, if any knows two."""
    if "group" not in table.cells.columns:
        return ""
    groups = {label_key(clean(t)) for t in table.cells.columns["group"].values.to_pylist()}
    known = {
        each.name: sum(
            label_key(spelling) in groups
            for level in each.levels
            for group in level.groups
            for spelling in (group.name, *group.also)
        )
        for each in table.scheme.characteristics
    }
    best = max(known, key=lambda name: known[name], default="")
    return best if best and known[best] > 1 else ""
