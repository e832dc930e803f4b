"""Ratings written one to a row (person, stage, rating), turned into a column for each stage."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from pmstats.cohort.labels import header_key
from pmstats.cohort.mapping import Mapping
from pmstats.cohort.reading.cells import Cells, Origin, Source, Texts
from pmstats.cohort.reading.read import read_cells
from pmstats.cohort.recognise import table_recogniser
from pmstats.cohort.schema import long_headers, stage_spellings
from pmstats.errors import ExportError, Problem, Severity
from pmstats.scheme import Scheme

#: The columns of a table of ratings that say nothing of the person.
LONG = ("stage", "rating", "rating_source", "rating_date")


def read_ratings(source: Source, *, mapping: Mapping) -> Cells:
    """The ratings of a file with one to a row. Raises `ExportError` when it cannot be read."""
    needed = tuple(name for name in ("person_id", "stage", "rating") if name not in mapping.fixed)
    recognise = table_recogniser(long_headers(), mapping=mapping, needed=needed)
    cells = read_cells(source, recognise=recognise)
    errors = [p for p in cells.header.problems if p.severity is Severity.ERROR]
    if errors:
        raise ExportError(replace(problem, column="ratings") for problem in errors)
    return cells


def widened(cells: Cells, *, scheme: Scheme, mapping: Mapping) -> Cells:
    """A long export with one row per person: the first, with a column for each stage.

    People are told apart by identifier, department and year. Rows of one person that disagree
    in another column are an error, as are two ratings for one stage from equally good sources.
    A file of one stage alone has its name fixed in the mapping.
    """
    cells = _of_one_stage(cells, mapping)
    keys = [
        name for name in ("person_id", "department", "performance_year") if name in cells.columns
    ]
    people, first = _people([cells.columns[name] for name in keys])
    kept = np.zeros(len(cells), dtype=bool)
    kept[first] = True
    ratings, origins, problems = _spread(cells, people, len(first), scheme, mapping)
    personal = {name: texts for name, texts in cells.columns.items() if name not in LONG}
    same = {name: texts for name, texts in personal.items() if name != "record_id"}
    problems += _disagreements(cells, same, people, first)
    one_each = {name: texts.kept(kept) for name, texts in personal.items()}
    return replace(
        cells,
        columns={**one_each, **ratings},
        rows=cells.rows[kept],
        origins=origins,
        problems=(*cells.problems, *problems),
    )


def with_ratings(cells: Cells, ratings: Cells, *, scheme: Scheme, mapping: Mapping) -> Cells:
    """An export of people with the ratings of another file, matched by identifier."""
    ratings = _of_one_stage(ratings, mapping)
    ours, theirs = _numbered([table.columns["person_id"] for table in (cells, ratings)])
    place = np.full(max(ours.max(initial=-1), theirs.max(initial=-1)) + 1, -1, dtype=np.int64)
    place[ours] = np.arange(len(ours))
    people = place[theirs]
    strangers = people < 0
    problems = list(ratings.problems)
    if strangers.any():
        problems.append(
            Problem(
                rule="file",
                severity=Severity.WARNING,
                column="person_id",
                rows=_numbers(ratings, strangers),
                message="Ratings of people who are not in the export; left out.",
                fix="Export people and ratings for the same departments and day.",
            )
        )
        ratings, people = ratings.kept(~strangers), people[~strangers]
    columns, origins, more = _spread(ratings, people, len(cells), scheme, mapping)
    named = {name: replace(origin, prefix="ratings.") for name, origin in origins.items()}
    told = (replace(p, column=f"ratings.{p.column}") for p in (*problems, *more))
    return replace(
        cells,
        columns={**cells.columns, **columns},
        origins={**cells.origins, **named},
        problems=(*cells.problems, *told),
    )


def _of_one_stage(cells: Cells, mapping: Mapping) -> Cells:
    """The cells with the stage that the mapping fixes, where the file has no column of stages."""
    if "stage" in cells.columns or "stage" not in mapping.fixed:
        return cells
    stage = Texts(Texts.of([mapping.fixed["stage"]]).values, np.zeros(len(cells), dtype=np.int32))
    return replace(cells, columns={**cells.columns, "stage": stage})


def _spread(
    cells: Cells, people: np.ndarray, count: int, scheme: Scheme, mapping: Mapping
) -> tuple[dict[str, Texts], dict[str, Origin], list[Problem]]:
    """A column of ratings (and dates) for each stage, given the place of each row's person."""
    stages = _stages(cells.columns["stage"], scheme, mapping)
    rank = _ranks(cells, mapping)
    columns: dict[str, Texts] = {}
    origins: dict[str, Origin] = {}
    problems = list(_unknown_stages(cells, stages, scheme))
    for stage in scheme.stages:
        rows = np.flatnonzero(stages[cells.columns["stage"].codes] == stage.column)
        if not len(rows):
            continue
        rows = rows[np.lexsort((rank[rows], people[rows]))]
        first = np.append(True, people[rows][1:] != people[rows][:-1])
        best = np.maximum.accumulate(np.where(first, np.arange(len(rows)), 0))
        tied = ~first & (rank[rows] == rank[rows][best])
        if tied.any():
            both = np.isin(people[rows], people[rows][tied])
            where = _numbers(cells, np.sort(rows[both]))
            sourced = "rating_source" in cells.columns
            problems.append(_two_ratings(stage.column, where, sourced=sourced))
        chosen, whose = rows[first], people[rows][first]
        source = np.zeros(count, dtype=np.int64)
        source[whose] = cells.rows[chosen]
        origins[stage.column] = Origin(rows=source)
        columns[stage.column] = _placed(cells.columns["rating"], chosen, whose, count)
        if "rating_date" in cells.columns:
            name = f"{stage.column}_date"
            origins[name] = Origin(rows=source)
            columns[name] = _placed(cells.columns["rating_date"], chosen, whose, count)
    return columns, origins, problems


def _stages(texts: Texts, scheme: Scheme, mapping: Mapping) -> np.ndarray:
    """The rating column each distinct text of the stage column stands for; empty for none."""
    known = stage_spellings(scheme)
    told = {
        header_key(text): scheme.stage(name).column
        for text, name in mapping.values.get("stage", {}).items()
    }
    known |= told
    return np.array([known.get(header_key(text), "") for text in texts.values.to_pylist()])


def _ranks(cells: Cells, mapping: Mapping) -> np.ndarray:
    """How good the source of each rating is: 0 the best; sources not named come last."""
    if "rating_source" not in cells.columns:
        return np.zeros(len(cells), dtype=np.int64)
    texts = cells.columns["rating_source"]
    order = {header_key(source): rank for rank, source in enumerate(mapping.sources)}
    ranks = [order.get(header_key(text), len(order)) for text in texts.values.to_pylist()]
    by_row: np.ndarray = np.array(ranks, dtype=np.int64)[texts.codes]
    return by_row


def _placed(texts: Texts, rows: np.ndarray, people: np.ndarray, count: int) -> Texts:
    import pyarrow as pa

    codes = np.full(count, len(texts.values), dtype=np.int32)
    codes[people] = texts.codes[rows]
    return Texts(pa.concat_arrays([texts.values, pa.array([""])]), codes)


def _unknown_stages(cells: Cells, stages: np.ndarray, scheme: Scheme) -> Iterator[Problem]:
    texts = cells.columns["stage"]
    unknown = texts.rows_where(stages == "")
    if unknown.any():
        yield Problem(
            rule="DQ5",
            severity=Severity.ERROR,
            column="stage",
            rows=_numbers(cells, unknown),
            message="Not a stage of the scheme: "
            f"{', '.join(stage.name for stage in scheme.stages)}.",
            fix="Say in the mapping, under [values.stage], which of them the text in these rows "
            f'is: "the text" = "{scheme.stages[-1].name}".',
        )


def _two_ratings(column: str, rows: tuple[int, ...], *, sourced: bool) -> Problem:
    source = "" if sourced else 'which header tells the source (rating_source = "...") and '
    return Problem(
        rule="DQ1",
        severity=Severity.ERROR,
        column=column,
        rows=rows,
        message="A person has two ratings for the stage, from equally good sources.",
        fix=f"Keep the one that counts, or say in the mapping {source}which source comes first: "
        'sources = ["Calibration", "Manager"].',
    )


def _disagreements(
    cells: Cells, personal: dict[str, Texts], people: np.ndarray, first: np.ndarray
) -> list[Problem]:
    problems = []
    for name, texts in personal.items():
        (numbers,) = _numbered([texts])
        differs = numbers != numbers[first][people]
        if differs.any():
            problems.append(
                Problem(
                    rule="DQ1",
                    severity=Severity.ERROR,
                    column=name,
                    rows=_numbers(cells, differs),
                    message="The rows of one person disagree.",
                    fix="Make them alike; only stage, rating, source and date may differ.",
                )
            )
    return problems


def _numbered(columns: Sequence[Texts]) -> list[np.ndarray]:
    """Each row's text of each column as a number, the same for texts that differ in case alone."""
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = pa.concat_arrays([column.values for column in columns])
    if pc.all(pc.string_is_ascii(texts)).as_py():
        folded = pc.utf8_upper(texts)
    else:  # as pseudonyms are folded: a sharp s is two letters
        folded = pa.array([text.upper() for text in texts.to_pylist()], pa.string())
    numbers = np.asarray(folded.dictionary_encode().indices)
    ends = np.cumsum([len(column.values) for column in columns])[:-1]
    return [
        part[column.codes] for part, column in zip(np.split(numbers, ends), columns, strict=True)
    ]


def _people(keys: Sequence[Texts]) -> tuple[np.ndarray, np.ndarray]:
    """A number for each row's person, in the order of their first rows, and those rows."""
    import pandas as pd

    people = np.zeros(len(keys[0].codes), dtype=np.int64)
    for key in keys:
        (numbers,) = _numbered([key])
        people = pd.factorize(people * (int(numbers.max(initial=0)) + 1) + numbers)[0]
    first = np.empty(int(people.max(initial=-1)) + 1, dtype=np.int64)
    first[people[::-1]] = np.arange(len(people))[::-1]  # what is written last stands: the first row
    return people, first


def _numbers(cells: Cells, chosen: np.ndarray) -> tuple[int, ...]:
    return tuple(int(row) for row in cells.rows[chosen])
