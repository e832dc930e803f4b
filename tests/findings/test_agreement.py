"""Agreement of two raters, against published tables; kappa against R is in `tests/worked`."""

from __future__ import annotations

from dataclasses import replace
from math import isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmstats.counts.movement import Movement
from pmstats.errors import ParameterError
from pmstats.findings.agreement import agreements, kappa, mean_gap
from pmstats.findings.shares import changes
from pmstats.scheme import load_scheme
from pmstats.scheme.raters import Raters


def test_kappa_of_two_boxes_is_the_same_by_any_weights() -> None:
    """With two boxes there is no near miss; 0.4 is worked by hand: (0.7 - 0.5) / (1 - 0.5)."""
    found = {weights: kappa([[20, 5], [10, 15]], weights=weights) for weights in ("linear",)}
    assert found["linear"].value == pytest.approx(0.4)
    assert kappa([[20, 5], [10, 15]], weights="unweighted") == replace(
        found["linear"], method=kappa([[20, 5], [10, 15]], weights="unweighted").method
    )


@pytest.mark.parametrize("table", [[[0, 0], [0, 0]], [[9, 0], [0, 0]]])
def test_one_box_for_everything_has_no_kappa(table: list[list[int]]) -> None:
    """Where chance alone must agree nothing can be said: nan, and the whole range."""
    found = kappa(table)
    assert isnan(found.value)
    assert (found.low, found.high) == (-1.0, 1.0)


squares = st.integers(2, 5).flatmap(
    lambda k: st.lists(
        st.lists(st.integers(0, 9), min_size=k, max_size=k), min_size=k, max_size=k
    ).filter(lambda table: sum(map(sum, table)) > 1)
)


@given(squares, st.sampled_from(["unweighted", "linear", "quadratic"]))
def test_kappa_does_not_mind_who_is_first_or_which_end_is_best(
    table: list[list[int]], weights: str
) -> None:
    """Swapping the raters or turning the scale round changes neither value nor limits."""
    array = np.array(table)
    found = kappa(table, weights=weights)
    for other in (array.T, array[::-1, ::-1]):
        turned = kappa(other.tolist(), weights=weights)
        assert isnan(turned.value) == isnan(found.value)
        if not isnan(found.value):
            assert (turned.value, turned.low, turned.high) == pytest.approx(
                (found.value, found.low, found.high), abs=1e-9
            )


def test_the_mean_gap_is_the_one_sample_t_interval() -> None:
    """Gaps of 1, 0, -1, 1 and 2 boxes: mean 0.6, sd 1.14018, t(4) 2.77645 (worked by hand)."""
    table = [[0, 1, 0, 0], [1, 1, 1, 1], [0, 0, 0, 0], [0, 0, 0, 0]]
    found = mean_gap(table)
    assert found.value == pytest.approx(0.6)
    half = 2.7764451 * 1.1401754 / 5**0.5
    assert (found.low, found.high) == pytest.approx((0.6 - half, 0.6 + half), abs=1e-6)


def test_a_later_rating_that_is_better_is_a_positive_gap() -> None:
    """The cross-table is best first; the sign of the gap follows the scale, not the table."""
    scheme = replace(
        load_scheme("provider_quality_2024"),
        raters=(Raters(title="T", first="review", second="re-review", paragraph="p"),),
    )
    better = Movement(
        start="review",
        end="re-review",
        ratings=scheme.best_first,
        table=((4, 0, 0), (10, 2, 0), (1, 5, 1)),
    )
    (found,) = agreements([better], scheme=scheme).each
    assert found.gap is not None
    assert found.gap.value == pytest.approx((10 * 1 + 1 * 2 + 5 * 1) / 23)
    assert "Re-review after support is higher" in found.sentence
    assert "Detectable: from " in found.sentence
    few = replace(better, table=((1, 0, 0), (0, 1, 0), (0, 0, 1)))
    assert (
        agreements([few], scheme=scheme).each[0].reason.startswith("T: 3 providers rated by both")
    )
    with pytest.raises(ParameterError, match="pairs no raters at 're-review' and 'review'"):
        agreements([replace(better, start="re-review", end="review")], scheme=scheme)


def test_a_change_is_later_less_earlier() -> None:
    """Newcombe (1998, method 5): 56 of 70 and 48 of 80 differ by 0.2 (0.0528 to 0.3382)."""
    from pmstats.counts import Distribution, Groups

    scheme = load_scheme("provider_quality_2024")

    def groups(top: int, n: int) -> Groups:
        each = Distribution(ratings=scheme.rating_names, counts=(top, n - top, 0))
        return Groups(heading="Statement", rows=(("S", each),))

    found = changes(
        groups(48, 80), groups(56, 70), framing="Enhancing", start="May", end="June", scheme=scheme
    )
    (row,) = found.rows
    assert row.difference.value == pytest.approx(0.2)
    assert (row.difference.low, row.difference.high) == pytest.approx((0.0528, 0.3382), abs=1e-4)
    assert row.adjusted_p == row.p_value
