"""Ages from dates of birth: the date is read to know the age band, and never kept (DQ4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from pmstats.cohort.cohort import UNKNOWN
from pmstats.cohort.columns import BIRTH
from pmstats.cohort.schema import column
from pmstats.cohort.typed import AGE, OLDEST, YOUNGEST, Typed, unlikely_ages
from pmstats.cohort.vocabulary import ages, vocabulary
from pmstats.scheme import Scheme

if TYPE_CHECKING:
    import pandas as pd


def with_ages(read: Typed, *, scheme: Scheme, on: date | None) -> Typed:
    """The people without their dates of birth, with age bands on this day where they had none.

    An age that no civil servant is likely to have is reported (DQ4). Without a day nothing can
    be worked out.
    """
    if BIRTH not in read.table:
        return read
    table = read.table.drop(columns=BIRTH)
    if on is None:
        return replace(read, table=table)
    years = _years(read.table[BIRTH].to_numpy(), on)
    if AGE not in table and AGE in {known.name for known in scheme.characteristics}:
        words = vocabulary(column(scheme, AGE), scheme=scheme, synonyms={})
        table = table.assign(**{AGE: _bands(years, words.labels)})
    unlikely = (years >= 0) & ((years < YOUNGEST) | (years > OLDEST)) | (years < -1)
    problems = [unlikely_ages(BIRTH, table.loc[unlikely, "row"].tolist())] if unlikely.any() else []
    return Typed(table, (*read.problems, *problems), read.doubtful)


def _years(born: np.ndarray, on: date) -> np.ndarray:
    """Whole years on a day; -1 where no date is given, less for a birth still to come."""
    months = born.astype("datetime64[M]")
    day = (born.astype("datetime64[D]") - months).astype("timedelta64[D]").astype(np.int64)
    passed = (np.datetime64(on, "M") - months).astype(np.int64) - (day >= on.day)
    years = np.floor_divide(passed, 12)
    unborn = born > np.datetime64(on, "s")
    found: np.ndarray = np.where(np.isnat(born), -1, np.where(unborn, -2, years))
    return found


def _bands(years: np.ndarray, labels: Sequence[str]) -> pd.Categorical[int]:
    import pandas as pd

    known, unknown = ages(labels), labels.index(UNKNOWN)
    found = np.unique(years)
    codes = [known.get(int(year), unknown) for year in found]
    return pd.Categorical.from_codes(
        np.array(codes, dtype=np.int32)[np.searchsorted(found, years)],
        dtype=pd.CategoricalDtype(list(labels)),
    )
