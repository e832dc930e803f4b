"""Finding the header row, and which canonical column each header is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import get_close_matches

from pmstats.cohort.columns import Kind
from pmstats.cohort.labels import MISREAD_MARKS, clean, header_key, is_plain_header
from pmstats.cohort.mapping import Layout, Mapping
from pmstats.cohort.reading.cells import Header, Recogniser, turned
from pmstats.cohort.schema import columns, headers, long_headers
from pmstats.errors import Problem, Severity
from pmstats.scheme import Scheme

#: What the header of a column of ratings may hold, in the order of trust.
_RATING_WORDS = ("overallrating", "performancerating", "marking", "calibrat", "boxmark", "rating")
#: What stands beside a rating and is none.
_BESIDE_A_RATING = ("date", "comment", "reason", "source")
#: The row of the header, its names, and the places of each column.
Found = tuple[int, tuple[str, ...], dict[str, list[int]]]
#: A row with fewer recognised headers than this is not taken for the header.
_FEWEST = 2


def recogniser(scheme: Scheme, mapping: Mapping) -> Recogniser:
    """A function that finds the header of an export read under this scheme and mapping."""
    known = _known_headers(scheme, mapping)
    free_text = {c.name for c in columns(scheme) if c.kind is Kind.FREE_TEXT}
    published = mapping.layout == Layout.PUBLISHED_TABLE

    def recognise(records: Sequence[Sequence[str]]) -> Header | None:
        found, on_its_side = _find(records, known, row=mapping.header_row), False
        if published:
            found, on_its_side = _published(records, found, known, scheme, mapping)
        if found is None:
            return None
        row, names, places = found
        header = _header(
            row,
            names,
            places,
            free_text=free_text,
            problems=(
                *_mapped_but_absent(names, mapping),
                *_needed_but_absent(names, places, scheme, mapping),
            ),
        )
        return replace(header, turned=on_its_side)

    return recognise


def _published(
    records: Sequence[Sequence[str]],
    upright: Found | None,
    known: dict[str, str],
    scheme: Scheme,
    mapping: Mapping,
) -> tuple[Found | None, bool]:
    """The header of a published table, and whether its ratings stand in rows, not in columns."""

    def ratings(found: Found | None) -> list[int]:
        places = found[2] if found else {}
        return sorted(places[name][0] for name in scheme.rating_names if name in places)

    aside = _find(turned(records), known, row=0)
    if aside is None or len(ratings(aside)) <= max(1, len(ratings(upright))):
        if upright is not None:
            upright[2].setdefault("group", [0])
        return upright, False
    column, names, places = aside
    filled = [
        place
        for place, record in enumerate(records)
        if any(clean(cell) for at, cell in enumerate(record) if at > column)
    ]
    above = [place for place in filled if place < ratings(aside)[0]]
    if not above:
        return None, False
    group = mapping.header_row - 1 if mapping.header_row else above[-1]
    places.setdefault("group", [group])
    # a title above the groups and a note below the table are no headers
    names = tuple("" if place < group else name for place, name in enumerate(names))
    within = {
        name: [place for place in found if group <= place <= filled[-1]]
        for name, found in places.items()
    }
    places = {name: found for name, found in within.items() if found}
    return (column, names[: filled[-1] + 1], places), True


def table_recogniser(
    spellings: dict[str, str], *, mapping: Mapping, needed: tuple[str, ...]
) -> Recogniser:
    """A function that finds the header of a table that belongs to an export.

    `spellings` gives the column for each header known. The mapping's own headers come first,
    but they may be those of the export alone: without them the known spellings hold.
    """
    names_known = set(spellings.values())
    told = {n: header_key(header) for n, header in mapping.columns.items() if n in names_known}
    known = spellings | {key: name for name, key in told.items()}

    def recognise(records: Sequence[Sequence[str]]) -> Header | None:
        found = _find(records, known, row=0)
        if found is None:
            return None
        row, names, places = found
        for name in told.keys() & places.keys():
            named = [place for place in places[name] if header_key(names[place]) == told[name]]
            places[name] = named or places[name]
        absent = tuple(_absent(name, names, places, name) for name in needed if name not in places)
        return _header(row, names, places, free_text=set(), problems=absent)

    return recognise


def _find(records: Sequence[Sequence[str]], known: dict[str, str], *, row: int) -> Found | None:
    """The row with most headers known, its names, and the places of each column."""
    candidates = range(row - 1, min(row, len(records))) if row else range(len(records))
    read = {place: _names(records, place, known) for place in candidates}
    best = max(candidates, key=lambda place: (_score(read[place], known), -place), default=None)
    if best is None or _score(read[best], known) < (1 if row else _FEWEST):
        return None
    names = read[best]
    while names and not names[-1]:
        names = names[:-1]
    places: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        if header_key(name) in known:
            places.setdefault(known[header_key(name)], []).append(place)
    return best, names, places


def _names(records: Sequence[Sequence[str]], place: int, known: dict[str, str]) -> tuple[str, ...]:
    """The headers of a row, helped by the row above where a header takes two rows.

    A cell merged over both rows leaves the lower one empty; a cell merged over several columns
    stands above the first of them only ("Rating" above "Q1", "Q2").
    """
    own = [clean(cell) for cell in records[place]]
    if place == 0:
        return tuple(own)
    above = [clean(cell) for cell in records[place - 1]]
    above += [""] * (len(own) - len(above))
    names, last = [], ""
    for name, over in zip(own, above, strict=False):
        last = over or last
        choices = (name, f"{last} {name}", f"{name} {last}") if name else (over,)
        names.append(next((c for c in choices if header_key(c) in known), name))
    return tuple(names)


def _header(
    row: int,
    names: tuple[str, ...],
    places: dict[str, list[int]],
    *,
    free_text: set[str],
    problems: tuple[Problem, ...],
) -> Header:
    used = {place for found in places.values() for place in found}
    dropped = [names[place] for name in places if name in free_text for place in places[name]]
    return Header(
        row=row,
        names=names,
        positions={name: found[0] for name, found in places.items() if name not in free_text},
        dropped=tuple(dict.fromkeys(dropped)),
        unknown=tuple(name for place, name in enumerate(names) if name and place not in used),
        problems=(
            *_twice(names, places, free_text | {"record_id"}),
            *_misread(names),
            *problems,
        ),
    )


def _misread(names: tuple[str, ...]) -> Iterator[Problem]:
    """Marks that show in a header are read in the wrong code page, as accents then are too."""
    if any(name.startswith(tuple(MISREAD_MARKS.values())) for name in names):
        yield Problem(
            rule="DQ14",
            severity=Severity.WARNING,
            message="A header begins with a byte-order mark that was read in the wrong code page "
            "(ï»¿ or the like): accented letters are likely to be wrong in the whole file.",
            fix="Export it again as UTF-8, or open the CSV in Excel by Data, From Text/CSV, file "
            "origin 65001: Unicode (UTF-8).",
        )


def _known_headers(scheme: Scheme, mapping: Mapping) -> dict[str, str]:
    if mapping.layout == Layout.PUBLISHED_TABLE:
        spellings = {
            header_key(spelling): rating.name
            for rating in scheme.ratings
            for spelling in (rating.name, rating.abbreviation, *rating.also)
        }
        spellings |= {header_key(word): "total" for word in ("Total", "All", "Total rated")}
        spellings["group"] = "group"
    else:
        spellings = headers(scheme)
    if mapping.layout == Layout.LONG:
        spellings |= long_headers()
    told = {**mapping.columns, **mapping.fixed}
    known = {key: name for key, name in spellings.items() if name not in told}
    return known | {header_key(header): name for name, header in mapping.columns.items()}


def _score(record: Sequence[str], known: dict[str, str]) -> int:
    return len({known[key] for key in map(header_key, record) if key in known})


def _twice(
    names: tuple[str, ...], places: dict[str, list[int]], harmless: set[str]
) -> Iterator[Problem]:
    """Two columns for one, unless they are not read or number records in several ways."""
    for name, found in places.items():
        if len(found) > 1 and name not in harmless:
            seen = ", ".join(repr(names[place]) for place in found)
            alike = len({header_key(names[place]) for place in found}) < len(found)
            yield Problem(
                rule="mapping",
                severity=Severity.ERROR,
                column=name,
                message=f"{len(found)} columns could be {name}: {seen}.",
                fix="Rename or leave out all but one in the file: a mapping goes by the header and "
                "cannot tell them apart."
                if alike
                else "Say which in the mapping, under [columns].",
            )


def _mapped_but_absent(names: tuple[str, ...], mapping: Mapping) -> Iterator[Problem]:
    seen = {header_key(name): name for name in names}
    for name, header in mapping.columns.items():
        if header_key(header) not in seen:
            close = get_close_matches(header_key(header), list(seen), n=1)
            hint = f" The nearest header is {seen[close[0]]!r}." if close else ""
            yield Problem(
                rule="mapping",
                severity=Severity.ERROR,
                column=name,
                message=f"The file has no column {header!r}, which the mapping gives.{hint}",
                fix=f"Correct {name} under [columns] in the mapping, or take it out.",
            )


def _needed_but_absent(
    names: tuple[str, ...], places: dict[str, list[int]], scheme: Scheme, mapping: Mapping
) -> Iterator[Problem]:
    ratings, more = scheme.rating_sources, _several_rows(names)
    if mapping.layout == Layout.LONG:
        for name in ("person_id", "stage", "rating"):
            if name not in places and name not in mapping.fixed:
                yield _absent(name, names, places, name)
        ratings, more = ("rating",), ""
    if mapping.layout == Layout.PUBLISHED_TABLE:
        if not any(rating in places for rating in scheme.rating_names):
            yield _absent("a rating", names, places, scheme.rating_names[0])
        if "department" not in mapping.fixed:
            yield Problem(
                rule="mapping",
                severity=Severity.ERROR,
                message="The mapping does not say which department the table is about.",
                fix='Add to the mapping, under [fixed]: department = "...".',
            )
        return
    if "department" not in places and "department" not in mapping.fixed:
        one = ' If the file is about one department, say so under [fixed]: department = "its name".'
        yield _absent("department", names, places, "department", more=one)
    if not mapping.files.ratings and not any(rating in places for rating in ratings):
        others = ", ".join(ratings[:-1])
        more = (f" Ratings of other stages are {others}." if others else "") + more
        yield _absent("a rating", names, places, ratings[-1], more=more)


def _several_rows(names: tuple[str, ...]) -> str:
    """What to say of an export with a header for the stage: it has a row for each rating."""
    known = long_headers()
    if "stage" not in {known.get(header_key(name)) for name in names}:
        return ""
    return ' If each person has a row for each stage, add to the mapping layout = "long".'


def _absent(
    what: str,
    names: tuple[str, ...],
    places: dict[str, list[int]],
    example: str,
    *,
    more: str = "",
) -> Problem:
    taken = {place for found in places.values() for place in found}
    free = [name for place, name in enumerate(names) if name and place not in taken]
    shown = {header_key(name): name for name in free if is_plain_header(name)}
    close = get_close_matches(header_key(example), list(shown), n=1, cutoff=0.5)
    said = ""
    if "rating" in what:  # whatever else it is called, a rating's header says that it is one
        keys = [key for key in shown if not any(word in key for word in _BESIDE_A_RATING)]
        speaking = (
            [key for key in keys if word in key.replace("operating", "")] for word in _RATING_WORDS
        )
        speak = next(filter(None, speaking), [])
        close = speak
        if len(speak) > 1:
            said = f" These speak of ratings: {', '.join(repr(shown[key]) for key in speak)}."
    hint = shown[close[0]] if close and not said else "..."
    if free.count(hint) > 1:
        more = f" {free.count(hint)} columns have this name: first rename all but one.{more}"
    return Problem(
        rule="mapping",
        severity=Severity.ERROR,
        message=f"No column for {what} was recognised.{said}",
        fix=f'Say which header it is in the mapping, under [columns]: {example} = "{hint}".{more}',
    )
