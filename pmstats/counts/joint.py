"""Many tables in one pass: every grouping at every stage, and the patterns a regression needs.

The stages' boxes are folded into one small code per person first, and groupings with few
answers into another, so that 36 tables cost half a dozen counts of people.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from pmstats.cohort.eligibility import Standing, standing
from pmstats.counts.tally import rating_codes

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from pmstats.cohort.cohort import Cohort

#: Stages folded into one code: more would make the code larger than the count is worth.
STAGES_AT_ONCE = 4

#: Codes that fit two bytes: within them, answers to several columns are counted together.
CODES = 2**16


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Patterns:
    """Distinct combinations of answers with their counts by box, worst first.

    `design` has a 0/1 column for each name, the first answer of each column being the
    reference and without one; `counts` is patterns x boxes. Two arrays, for a regression.
    """

    names: tuple[str, ...]
    design: NDArray[np.float64]
    counts: NDArray[np.int64]


def tallies(
    cohort: Cohort, *, by: Sequence[str], stages: Sequence[str]
) -> dict[tuple[str, str], NDArray[np.int64]]:
    """A table for each column of `by` at each stage: answers by boxes, the unrated last.

    Rows follow the column's categories, boxes the scheme's order, as `tally` counts them.
    """
    tables = {}
    weights = _weights(cohort)
    answers = {column: _answers(cohort, column) for column in by}
    groups = {column: len(each.categories) for column, each in answers.items()}
    for start in range(0, len(stages), STAGES_AT_ONCE):
        together = stages[start : start + STAGES_AT_ONCE]
        joint, levels = _joint_boxes(cohort, together)
        size = levels ** len(together)
        apart = _each_stage(levels, len(together))
        # counting columns together saves passes over the people; few people, few codes
        for columns in _folded(groups, min(CODES, len(joint)) // size):
            shape = [groups[column] + 1 for column in columns]  # the last is no answer
            keys = np.zeros(len(joint), dtype=_kind(int(np.prod(shape)) * size))
            for column, width in zip(columns, shape, strict=True):
                keys *= keys.dtype.type(width)
                keys += _from_zero(answers[column].codes, missing=width - 1)
            keys *= keys.dtype.type(size)
            keys += joint
            counts = np.bincount(keys, weights=weights, minlength=int(np.prod(shape)) * size)
            cube = counts.reshape(*shape, size)
            for axis, column in enumerate(columns):
                others = tuple(each for each in range(len(columns)) if each != axis)
                # float sums are exact up to 2**53 people
                margins = (cube.sum(axis=others)[:-1] @ apart).astype(np.int64)
                for place, stage in enumerate(together):
                    used = margins[:, place * levels : (place + 1) * levels]
                    tables[column, stage] = used[:, : len(cohort.scheme.ratings) + 1]
    return tables


def tallies_of_pairs(
    cohort: Cohort, *, pairs: Sequence[tuple[str, str]], stage: str
) -> dict[tuple[str, str], NDArray[np.int64]]:
    """A table for each pair of columns at a stage: answers by answers by boxes, unrated last."""
    joint, levels = _joint_boxes(cohort, [stage])
    weights, boxes = _weights(cohort), len(cohort.scheme.ratings) + 1
    columns = dict.fromkeys(column for pair in pairs for column in pair)
    answers = {column: _answers(cohort, column) for column in columns}
    widths = {column: len(each.categories) + 1 for column, each in answers.items()}
    from_zero = {  # the last is no answer
        column: _from_zero(each.codes, missing=widths[column] - 1)
        for column, each in answers.items()
    }
    tables = {}
    for pair in pairs:
        shape = (*(widths[column] for column in pair), levels)
        codes = [from_zero[column] for column in pair]
        keys = np.ravel_multi_index((*codes, joint), shape)
        counts = np.bincount(keys, weights=weights, minlength=prod(shape)).reshape(shape)
        # float sums are exact up to 2**53 people
        tables[pair] = counts[:-1, :-1, :boxes].astype(np.int64)
    return tables


def patterns(cohort: Cohort, *, columns: Sequence[str], stage: str) -> Patterns:
    """The rated people of a stage by every combination of these columns' answers there is.

    People without an answer in any of them (a missing category) are left out.
    """
    joint, levels = _joint_boxes(cohort, [stage])
    boxes = len(cohort.scheme.ratings)
    keys = np.zeros(len(joint), dtype=np.int64)
    sizes = []
    for column in columns:
        answers = _answers(cohort, column)
        sizes.append(len(answers.categories) + 1)  # the last is no answer
        keys *= sizes[-1]
        keys += _from_zero(answers.codes, missing=sizes[-1] - 1)
    keys *= levels
    keys += joint
    counted = np.bincount(
        keys, weights=_weights(cohort), minlength=int(np.prod(sizes, dtype=np.int64)) * levels
    ).reshape(*sizes, levels)[(*[slice(-1)] * len(sizes), slice(boxes))]
    sizes = list(counted.shape[:-1])
    counted = counted.reshape(-1, boxes)
    present = np.flatnonzero(counted.sum(axis=1))
    names: list[str] = []
    design = []
    for column, codes in zip(columns, np.unravel_index(present, sizes), strict=True):
        used = np.unique(codes)
        names += [f"{column}: {cohort.people[column].cat.categories[code]}" for code in used[1:]]
        design.append((codes[:, np.newaxis] == used[1:]).astype(float))
    order = [cohort.scheme.rating_names.index(name) for name in cohort.scheme.worst_first]
    return Patterns(
        names=tuple(names),
        design=np.hstack(design) if design else np.zeros((present.size, 0)),
        counts=counted[present][:, order].astype(np.int64),
    )


def _joint_boxes(cohort: Cohort, stages: Sequence[str]) -> tuple[NDArray[Any], int]:
    """One code per person for their box at each stage, and how many values a stage takes.

    The scheme's boxes, then unrated, then (if there is anyone) not in the table of that stage.
    """
    unrated = len(cohort.scheme.ratings)
    ratings = [rating_codes(cohort, stage) for stage in stages]
    outside = [standing(cohort, stage=stage) != Standing.IN_TABLE.code for stage in stages]
    levels = unrated + 1 + any(each.any() for each in outside)
    joint = np.zeros(len(cohort.people), dtype=_kind(levels ** len(stages)))
    for rating, out in zip(ratings, outside, strict=True):
        codes = _from_zero(rating, missing=unrated)
        if levels > unrated + 1:
            np.putmask(codes, out, unrated + 1)
        joint *= joint.dtype.type(levels)
        joint += codes
    return joint, levels


def _folded(groups: Mapping[str, int], room: int) -> list[list[str]]:
    """The columns in sets whose combined answers stay within `room`, each column once."""
    sets: list[tuple[int, list[str]]] = []
    for column in sorted(groups, key=lambda name: -groups[name]):
        width = groups[column] + 1
        for place, (taken, columns) in enumerate(sets):
            if taken * width <= room:
                sets[place] = taken * width, [*columns, column]
                break
        else:
            sets.append((width, [column]))
    return [columns for _, columns in sets]


def _kind(codes: int) -> type[np.unsignedinteger]:
    """The smallest type that holds this many codes."""
    return np.uint16 if codes <= CODES else np.uint32


def _from_zero(codes: NDArray[np.integer], *, missing: int) -> NDArray[np.uint8]:
    """A categorical's codes, as small as can be, with a code of its own for the missing."""
    if codes.dtype != np.int8:
        return np.where(codes < 0, missing, codes)  # over 127 answers
    small = codes.view(np.uint8)
    if codes.size == 0 or codes.min() >= 0:
        return small.copy()
    return np.minimum(small, missing, dtype=np.uint8)  # -1 reads as 255


def _answers(cohort: Cohort, column: str) -> pd.Categorical:
    """A column's categorical itself: asking the series for its codes builds another series."""
    return cast("pd.Categorical", cohort.people[column].array)


def _each_stage(levels: int, stages: int) -> NDArray[np.float64]:
    """What takes counts by joint code to counts by box of each stage, side by side."""
    codes = np.indices((levels,) * stages).reshape(stages, -1)
    return np.hstack([code[:, np.newaxis] == np.arange(levels) for code in codes]).astype(float)


def _weights(cohort: Cohort) -> NDArray[np.float64] | None:
    """How many people each row stands for, None where every row is one person."""
    counts = cohort.people["count"].to_numpy()
    return None if (counts == 1).all() else counts.astype(np.float64)
