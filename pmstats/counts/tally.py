"""The one place where people are counted: coded columns in, a table of integers out."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

from pmstats.cohort.eligibility import Standing, standing
from pmstats.errors import ParameterError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from pmstats.cohort.cohort import Cohort


def tally(cohort: Cohort, stage: str, *, by: NDArray[np.integer], groups: int) -> NDArray[np.int64]:
    """People in the table of a stage, as `groups` rows by boxes in the scheme's order.

    The last column counts people without a rating. `by` gives each row's group code; a
    negative code is counted nowhere. Only people whose standing puts them in the table count.
    Iterating the scheme's ratings keeps every zero box: a groupby would drop it.
    """
    ratings = rating_codes(cohort, stage)
    boxes = len(cohort.scheme.ratings) + 1
    ratings = np.where(ratings < 0, boxes - 1, ratings)
    inside = (standing(cohort, stage=stage) == Standing.IN_TABLE.code) & (by >= 0)
    cells = by[inside].astype(np.int64) * boxes + ratings[inside]
    weights = cohort.people["count"].to_numpy()[inside]
    return sums(cells, weights, groups * boxes).reshape(groups, boxes)


def best_first_codes(cohort: Cohort, stage: str) -> NDArray[np.int64]:
    """Each row's box at a stage as a place in the scale from best to worst, -1 for no rating.

    Raises as `rating_codes` does.
    """
    scheme = cohort.scheme
    places = [scheme.best_first.index(name) for name in scheme.rating_names]
    codes: NDArray[np.int64] = np.array([*places, -1])[rating_codes(cohort, stage)]
    return codes


def sums(cells: NDArray[np.integer], people: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """The people in each of `size` cells, given each row's cell and its number of people."""
    # float weights are exact up to 2**53 people
    return np.bincount(cells, weights=people, minlength=size).astype(np.int64)


def rating_codes(cohort: Cohort, stage: str) -> NDArray[np.integer]:
    """Each row's box at a stage as a position in the scheme's ratings, -1 for no rating.

    Raises `ParameterError` for a stage the scheme lacks or the export holds no column for.
    """
    known = {each.name: each.column for each in cohort.scheme.stages}
    held = [name for name, column in known.items() if column in cohort.people.columns]
    if stage not in held:
        raise ParameterError(
            f"The export holds no ratings for stage {stage!r}; "
            f"it holds: {', '.join(held) or 'none'}."
        )
    boxes = cast("pd.Categorical", cohort.people[known[stage]].array)
    return boxes.codes
