"""What a restricted pack may show: groups of reportable size, printed without contradiction."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pmstats.counts import breakdown
from pmstats.release import restricted_table
from pmstats.release.restricted.withholding import withheld
from pmstats.release.table import TOO_FEW, Column, Kind, RestrictedTable, shown
from pmstats.scheme import Scheme

if TYPE_CHECKING:
    from tests.conftest import CohortOf

UNANSWERED = frozenset({"Undeclared", "Unknown"})


@pytest.mark.parametrize(
    ("sizes", "hidden"),
    [
        ({"a": 5, "b": 40}, set()),
        ({"a": 4, "b": 40, "c": 60}, {"a", "b"}),
        ({"a": 4, "b": 3, "c": 60}, {"a", "b"}),
        ({"a": 4, "b": 1, "c": 60}, {"a", "b"}),
        ({"a": 2, "b": 1, "c": 60, "d": 90}, {"a", "b", "c"}),
        ({"a": 3, "b": 60, "Unknown": 9}, {"a", "Unknown"}),
        ({"a": 3, "b": 60, "Undeclared": 1, "Unknown": 9}, {"a", "Undeclared", "Unknown"}),
        ({"a": 30, "b": 60, "Undeclared": 1, "Unknown": 9}, {"Undeclared"}),
    ],
)
def test_what_is_withheld_is_never_one_small_group(sizes: dict[str, int], hidden: set[str]) -> None:
    """The withheld groups together reach the minimum, unanswered rows going first."""
    assert withheld(sizes, minimum=5, unanswered=UNANSWERED) == hidden


def test_a_small_group_has_no_number_at_all(cohort_of: CohortOf, scs: Scheme) -> None:
    """A group of three shows words in place of its n and nothing in its boxes."""
    cohort = cohort_of(
        {"Heterosexual or straight": (4, 9, 20, 2, 1), "Bisexual": (0, 1, 2, 0, 1)},
        characteristic="sexual_orientation",
    )
    by_group = breakdown(cohort, "sexual_orientation", stage="mid-year")
    table = restricted_table(by_group, scheme=scs)
    rows = {row[0]: row[1:] for row in table.rows}
    assert rows["LGBO"] == (TOO_FEW, None, None, None, None, None)
    assert rows["Heterosexual or straight"][0] == TOO_FEW  # else subtraction would show the three


@pytest.mark.parametrize(
    ("value", "kind", "printed"),
    [
        (0.79651, Kind.RATIO, "0.797"),  # 0.80 would stand on the four-fifths line
        (0.8, Kind.RATIO, "0.80"),
        (0.0499996, Kind.P_VALUE, "0.0499996"),
        (0.05, Kind.P_VALUE, "0.050"),
        (0.00002, Kind.P_VALUE, "<0.001"),
        (-0.166, Kind.POINTS, "-16.6"),
        (1440, Kind.COUNT, "1,440"),
        (float("nan"), Kind.SHARE, "not defined"),
        (float("inf"), Kind.RATIO, "no limit"),
        (None, Kind.COUNT, ""),
    ],
)
def test_what_is_printed_never_contradicts_a_line(value: float, kind: Kind, printed: str) -> None:
    """Rounding never carries a number onto or over a reference line it is not on."""
    assert shown(value, kind) == printed


def test_rows_of_people_have_no_table(cohort_of: CohortOf, scs: Scheme) -> None:
    """The door takes counts and findings; a cohort is a TypeError."""
    with pytest.raises(TypeError, match="cannot be made of Cohort"):
        restricted_table(cohort_of({"Male": (1, 0, 0, 0, 0)}), scheme=scs)  # type: ignore[arg-type]


def test_a_table_escapes_what_comes_from_data() -> None:
    """A business unit called <script> is text in the page."""
    table = RestrictedTable(
        id="t",
        caption="<b>",
        columns=(Column(name="Unit"), Column(name="n", kind=Kind.COUNT)),
        rows=(("<script>alert(1)</script>", 12),),
    )
    drawn = table._repr_html_()
    assert "<script>" not in drawn
    assert "&lt;script&gt;" in drawn
    assert '<th scope="row">' in drawn
