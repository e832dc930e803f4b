"""The same comparison with another comparator: everyone else among the groups shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pmstats import breakdown, disparities
from pmstats.findings.methods.intervals import difference_interval
from pmstats.findings.methods.ordinal import superiority

if TYPE_CHECKING:
    from pmstats.scheme import Scheme
    from tests.conftest import CohortOf

#: Boxes best first, the unrated last.
RELIGIONS = {
    "Christian": (10, 20, 60, 4, 0),
    "No religion": (12, 25, 50, 3, 0),
    "Buddhist": (1, 2, 16, 3, 0),
    "Undeclared": (0, 3, 9, 1, 0),
}


def test_everyone_else_is_every_other_group_shown(cohort_of: CohortOf, scs: Scheme) -> None:
    """3 of 22 in the top boxes beside 67 of 184: worked from the table by hand."""
    asked = breakdown(
        cohort_of(RELIGIONS, characteristic="religion_belief"), "religion_belief", stage="mid-year"
    )
    found = disparities([asked], scheme=scs)["religion_belief"].everyone_else
    rows = [each for each in found if each.group == "Any other religion"]
    whole, top, lowest = rows
    assert (whole.n_group, whole.n_others) == (22, 184)
    effect = superiority((3, 16, 2, 1), (7, 110, 45, 22))
    assert (whole.effect.value, whole.effect.low) == (effect.value, effect.low)
    assert top.share_others == pytest.approx(67 / 184)
    assert top.effect == difference_interval(3, 22, 67, 184)
    assert lowest.effect.value == pytest.approx(3 / 22 - 7 / 184)
    assert {each.group for each in found} == {"No religion", "Any other religion"}


def test_two_groups_have_no_other_comparator(cohort_of: CohortOf, scs: Scheme) -> None:
    """Of two groups everyone else is the comparator, and nothing is said twice."""
    asked = breakdown(
        cohort_of({"Female": (3, 5, 20, 2, 0), "Male": (4, 9, 25, 1, 0)}), "sex", stage="mid-year"
    )
    assert disparities([asked], scheme=scs)["sex"].everyone_else == ()
