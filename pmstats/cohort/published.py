"""Published tables of counts: a row for each group and a column for each rating, or turned round.

Such tables have their own traps: withheld cells, percentages that look like counts, merged
columns, and totals that do not add up. Each is reported, none is mended.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from pmstats.cohort.labels import clean
from pmstats.cohort.mapping import Mapping
from pmstats.cohort.reading.cells import Cells, Header, Texts
from pmstats.cohort.totals import COUNT, WITHHELD, counted, total_problems, total_rows
from pmstats.errors import Problem, Severity
from pmstats.scheme import Scheme

#: What a heading of percentages says.
_SHARE_WORDS = re.compile(r"%|(?:^|[\W_])pct(?:$|[\W_])|per ?cent", re.IGNORECASE)
#: How far from 100 a sum of rounded percentages may stray.
_ROUNDING = 2


def as_people(cells: Cells, *, scheme: Scheme, mapping: Mapping) -> Cells:
    """The table turned round: for each group and rating one row with its count.

    Raises nothing: what is wrong with the table is among the problems of the cells given back.
    """
    table, cells = cells, cells.kept(~total_rows(cells))
    ratings = tuple(name for name in scheme.rating_names if name in cells.columns)
    counts, problems = _counts(cells, ratings)
    if len(ratings) == 1:
        problems.append(_one_rating(ratings[0]))
    shares = _percentage_groups(cells)
    if not problems and not shares:
        shares = _percentages(cells, counts, mapping)
    problems += shares or total_problems(table, ratings=ratings)
    rows = cells.rows
    if cells.header.turned:
        problems = [_as_in_the_file(problem, table) for problem in problems]
        rows = np.full(len(cells), cells.header.positions["group"] + 1, dtype=np.int64)
    missing = [name for name in scheme.rating_names if name not in ratings]
    problems += _unread(cells.header, missing)
    stage = scheme.stage(mapping.stage) if mapping.stage else scheme.stages[0]
    groups = cells.columns["group"]
    shape = (len(ratings), 1)
    columns = {
        stage.column: Texts.of(list(np.repeat(ratings, len(cells)))),
        "count": Texts.of([str(n) for n in counts.T.ravel()]),
    }
    if mapping.characteristic:
        columns[mapping.characteristic] = Texts(groups.values, np.tile(groups.codes, shape[0]))
    return replace(
        cells,
        columns=columns,
        rows=np.tile(rows, shape[0]),
        problems=(*cells.problems, *problems),
    )


def is_count(text: str) -> bool:
    """Whether a cell holds a count, a percentage or a mark for a withheld number."""
    return bool(COUNT.fullmatch(text) or WITHHELD.fullmatch(text) or text.endswith("%"))


def _counts(cells: Cells, ratings: tuple[str, ...]) -> tuple[np.ndarray, list[Problem]]:
    """A count for each row and rating; cells that are no count become 0 and are reported."""
    counts = np.zeros((len(cells), len(ratings)), dtype=np.int64)
    problems: list[Problem] = []
    for place, rating in enumerate(ratings):
        texts = cells.columns[rating]
        values = [clean(text) for text in texts.values.to_pylist()]
        counts[:, place] = np.maximum(counted(texts), 0)
        for message, fix, wrong in (
            (
                "The count is withheld by the publisher: [c], <30 and the like stand for "
                "numbers too small to show, not for none.",
                "A table with withheld cells cannot be analysed; ask for the true counts.",
                [bool(WITHHELD.fullmatch(v)) for v in values],
            ),
            (
                "The cell is a percentage, not a count of people.",
                "Give the counts the percentages were made from.",
                [v.endswith("%") for v in values],
            ),
            (
                "The cell is not a whole number.",
                "Give whole counts of people; write 0 where there are none.",
                [not is_count(v) for v in values],
            ),
        ):
            chosen = texts.rows_where(np.array(wrong, dtype=bool))
            if chosen.any():
                problems.append(_problem(message, fix, rating, cells.rows[chosen]))
    return counts, problems


def _percentage_groups(cells: Cells) -> list[Problem]:
    groups = cells.columns["group"]
    shares = [bool(_SHARE_WORDS.search(text)) for text in groups.values.to_pylist()]
    chosen = groups.rows_where(np.array(shares, dtype=bool))
    if not chosen.any():
        return []
    message = "The heading says that these are percentages, not counts of people."
    fix = "Take them out of the table; the counts beside them are enough."
    return [_problem(message, fix, "group", cells.rows[chosen])]


def _as_in_the_file(problem: Problem, cells: Cells) -> Problem:
    """A problem of a table read on its side, at the row and under the headings of the file."""
    chosen = np.isin(cells.rows, problem.rows)
    groups = cells.columns["group"]
    named = dict.fromkeys(groups.values.take(groups.codes[chosen]).to_pylist())
    names = cells.header.names
    place = cells.header.positions.get(problem.column)
    if place is None and problem.column in names:
        place = names.index(problem.column)
    return replace(
        problem,
        column=", ".join(clean(name) for name in named),
        rows=() if place is None else (place + 1,),
    )


def _percentages(cells: Cells, counts: np.ndarray, mapping: Mapping) -> list[Problem]:
    if mapping.counts_confirmed or not counts.size or counts.max() > 100:
        return []
    fix = "Give counts of people; if these are counts, add to the mapping counts_confirmed = true."
    if abs(int(counts.sum()) - 100) <= _ROUNDING:
        message = "All cells together make 100: they look like percentages of everyone, not counts."
        return [_problem(message, fix, "", cells.rows)]
    if (np.abs(counts.sum(axis=1) - 100) <= _ROUNDING).all():
        message = "Each group makes 100: the cells look like percentages of the group, not counts."
        return [_problem(message, fix, "", cells.rows)]
    return []


def _one_rating(rating: str) -> Problem:
    return _problem(
        f"Only {rating} has a column: everyone would be rated alike.",
        "Give the counts of the other ratings too, 0 for a box nobody is in.",
        rating,
        [],
    )


def _unread(header: Header, missing: list[str]) -> Iterator[Problem]:
    """A column without a rating is harmless only while every rating has a column of its own."""
    read = set(header.positions.values())
    others = [name for place, name in enumerate(header.names) if place not in read and name]
    if missing and others:
        yield _problem(
            f"No column was read for {', '.join(missing)}, while {', '.join(map(repr, others))} "
            "is no rating of the scheme; it may merge several.",
            "Say in the mapping, under [columns], which header holds each rating.",
            "",
            [],
        )


def _problem(message: str, fix: str, column: str, rows: np.ndarray | list[int]) -> Problem:
    return Problem(
        rule="published table",
        severity=Severity.ERROR,
        message=message,
        fix=fix,
        column=column,
        rows=tuple(int(row) for row in rows),
    )
