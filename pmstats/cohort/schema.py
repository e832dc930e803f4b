"""The columns an export may hold under a scheme, and the column each known header means."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from pmstats.cohort.columns import AWARDS, GRADES, PEOPLE, RATINGS, RECORD, Column, Kind
from pmstats.cohort.labels import header_key
from pmstats.cohort.own import with_own
from pmstats.scheme import Scheme

_STAGE_HEADERS = {
    "rating_q1": ("Q1 rating", "Quarter 1 rating", "First quarter rating", "Q1 indicative rating"),
    "rating_midyear": (
        *(
            "Mid-year rating",
            "Q2 rating",
            "Rating Q2",
            "Quarter 2 rating",
            "Mid year review rating",
        ),
        *("Indicative mid-year rating", "Second quarter rating", "Mid-year indicative rating"),
    ),
    "rating_q3": ("Q3 rating", "Quarter 3 rating", "Third quarter rating", "Q3 indicative rating"),
    "rating_recommended": (
        *("Recommended rating", "Manager recommendation", "Line manager rating"),
        *("Manager overall rating", "Recommended marking", "End-year recommended"),
        *("End year recommended rating", "Manager rating", "Recommended box marking"),
    ),
    "rating_local": (
        "Local rating",
        "Panel rating",
        "Local moderated rating",
        "Local panel rating",
    ),
    "rating_overall": (
        *("Overall moderated rating", "Calibrated rating", "Moderated rating"),
        *("Calibrated overall rating", "Calibration rating", "Overall moderation"),
    ),
    "rating_final": (
        *("Final rating", "Year-end rating", "End of year rating", "End-year rating"),
        *("Performance group", "Final marking", "End of year marking", "Final box marking"),
    ),
}
#: What a cell that names the stage may say, where a header of that name could be anything.
_STAGE_CELLS = {
    "rating_q1": ("Q1", "First quarter", "April to June"),
    "rating_midyear": ("Q2", "Second quarter", "Half year", "Mid-year review", "In year"),
    "rating_q3": ("Q3", "Third quarter", "October to December"),
    "rating_final": ("End year", "Year end", "End of year", "End-year review", "Full year"),
}
_CHARACTERISTIC_HEADERS = {
    "sex": ("Gender", "Legislative sex", "Legal sex"),
    "ethnicity": ("Ethnic group", "Ethnic origin", "Ethnic background", "Race/Ethnicity"),
    "disability": ("Disability status", "Disabled", "Declared disability", "Disability flag"),
    "sexual_orientation": ("Sexuality",),
    "age": ("Age band", "Age group"),
    "religion_belief": ("Religion", "Religion or belief", "Faith", "Belief"),
    "working_pattern": ("Work pattern", "Full-time/part-time", "FT/PT", "Hours pattern"),
}
#: How else the words of a header are written.
_OTHER_WORDS = (
    ("rating", "marking"),
    ("rating", "box marking"),
    ("rating", "performance rating"),
    ("number", "no"),
    ("number", "ref"),
    ("department", "dept"),
)
#: Headers that mean the rating when a scheme has a single stage, so that nothing is guessed.
_THE_RATING = ("Rating", "Performance rating", "Performance marking", "Marking", "Overall rating")


def columns(scheme: Scheme) -> tuple[Column, ...]:
    """Every column an export may hold under this scheme, free text to be dropped included."""
    grades = tuple((grade.name, *grade.also) for grade in scheme.grades)
    outside = tuple((name,) for name in scheme.outside_grades)
    fixed = (
        replace(known, levels=grades + outside) if known.name in GRADES else known
        for known in (*PEOPLE, *RECORD)
    )
    known = (*fixed, *_ratings(scheme), *_characteristics(scheme))
    return with_own(known, scheme=scheme)


def column(scheme: Scheme, name: str) -> Column:
    """The column of this name. Raises `KeyError` when the scheme knows none."""
    for known in columns(scheme):
        if known.name == name:
            return known
    raise KeyError(name)


def stage_spellings(scheme: Scheme) -> dict[str, str]:
    """The rating column for each way of writing a stage, spelt as `header_key` spells it."""
    ratings = [known for known in _ratings(scheme) if known.kind is Kind.RATING]
    cells = {known.name: _STAGE_CELLS.get(known.name, ()) for known in ratings}
    named = {header_key(text): name for name, texts in cells.items() for text in texts}
    return named | spellings(ratings)


def spellings(of: Iterable[Column]) -> dict[str, str]:
    """The name of the column each header means, spelt as `header_key` spells it."""
    named = [(text, known.name) for known in of for text in (known.name, *known.also)]
    found = {header_key(text): name for text, name in named}
    for text, name in named:
        for word, other in _OTHER_WORDS:
            found.setdefault(header_key(text.lower().replace(word, other)), name)
    return found


def headers(scheme: Scheme) -> dict[str, str]:
    """The column each header of an export means, free text included.

    >>> from pmstats.scheme import load_scheme
    >>> headers(load_scheme())["ethnicorigin"]
    'ethnicity'
    """
    return spellings(columns(scheme))


def long_headers() -> dict[str, str]:
    """The column each header means in a table with one rating to a row."""
    return spellings(RATINGS)


def award_headers() -> dict[str, str]:
    """The column each header of an awards file means."""
    return spellings(AWARDS)


def _ratings(scheme: Scheme) -> tuple[Column, ...]:
    only = _THE_RATING if len(scheme.stages) == 1 else ()
    levels = tuple((r.name, r.abbreviation, *r.also) for r in scheme.ratings)
    of_stages = tuple(
        Column(
            name=stage.column,
            kind=Kind.RATING,
            also=(stage.name, stage.title, *_STAGE_HEADERS.get(stage.column, ()), *only),
            levels=levels,
        )
        for stage in scheme.stages
        if stage.column not in scheme.worked_out
    )
    dates = tuple(Column(name=f"{stage.column}_date", kind=Kind.DATE) for stage in scheme.stages)
    fourth = Column(
        name="rating_q4",
        kind=Kind.RATING,
        also=("Q4 rating", "Quarter 4 rating", "Fourth quarter rating", "Q4 indicative rating"),
        levels=levels,
    )
    return (*of_stages, *([fourth] if scheme.framework_rules else []), *dates)


def _characteristics(scheme: Scheme) -> tuple[Column, ...]:
    return tuple(
        Column(
            name=characteristic.name,
            kind=Kind.CATEGORY,
            also=(characteristic.title, *_CHARACTERISTIC_HEADERS.get(characteristic.name, ())),
            levels=tuple(
                (group.name, *group.also)
                for level in characteristic.levels
                for group in level.groups
            ),
        )
        for characteristic in scheme.characteristics
    )
