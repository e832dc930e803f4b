"""How firmly a comparison stands, as tables: another comparator has neither p nor verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pmstats import breakdown, disparities
from pmstats.release.restricted.robustness import everyone_else_table

if TYPE_CHECKING:
    from pmstats.scheme import Scheme
    from tests.conftest import CohortOf


def test_everyone_else_is_shown_without_p_or_verdict(cohort_of: CohortOf, scs: Scheme) -> None:
    """Two groups beside the rest in three questions each; 3 of 22 less 67 of 184 by hand."""
    people = cohort_of(
        {
            "Christian": (10, 20, 60, 4, 0),
            "No religion": (12, 25, 50, 3, 0),
            "Buddhist": (1, 2, 16, 3, 0),
        },
        characteristic="religion_belief",
    )
    asked = breakdown(people, "religion_belief", stage="mid-year")
    table = everyone_else_table(disparities([asked], scheme=scs)["religion_belief"])
    names = [column.name for column in table.columns]
    assert not {"p", "p, adjusted", "Verdict"} & set(names)
    assert len(table.rows) == 6
    top = next(row for row in table.rows if row[0] == "Any other religion" and "Top" in str(row[1]))
    assert top[names.index("n, everyone else")] == 184
    assert top[names.index("Effect")] == pytest.approx(3 / 22 - 67 / 184)
