"""The joint make-up of made-up departments agrees with the published counts."""

from __future__ import annotations

import numpy as np
import pytest

from pmstats.cohort.synthetic.population import (
    AXES,
    Declaration,
    department_population,
    fitted,
    joint_population,
    published_margins,
    real_declarations,
    real_sizes,
)

#: SCS in post on 31 March 2023 (Civil Service Statistics 2023).
IN_POST = 7385


def margin(table, axes):
    """The table's sums over the given axes."""
    return table.sum(axis=tuple(axis for axis in range(table.ndim) if axis not in axes))


@pytest.mark.parametrize(("axes", "published"), published_margins())
def test_every_published_cell_is_met_within_six_people(axes, published):
    """Counts are rounded to 5, so a pair's cells cannot all agree with their totals: 6 of 7,385."""
    if axes == (list(AXES).index("religion_belief"),):
        published = published / published.sum() * IN_POST  # from another year's, smaller, total
    assert np.abs(margin(joint_population(), axes) * IN_POST - published).max() < 6


def test_the_fit_keeps_the_association_of_its_start():
    """Raking a 2 x 2 table leaves its odds ratio alone (Deming and Stephan, 1940)."""
    start = np.array([[4.0, 1.0], [2.0, 3.0]])
    table = fitted(start, [((0,), np.array([30.0, 70.0])), ((1,), np.array([60.0, 40.0]))])
    assert table.sum(axis=1) == pytest.approx([30, 70])
    assert table.sum(axis=0) == pytest.approx([60, 40])
    assert table[0, 0] * table[1, 1] / (table[0, 1] * table[1, 0]) == pytest.approx(6)


def test_a_department_declares_at_its_rate_and_keeps_the_mix_of_those_who_declare():
    """At 48% declared, one in ten of the declared is disabled: 565 of 5,670 (published)."""
    shares = {"disability": (0.48, 0.18, 0.34)}
    table = margin(department_population(Declaration(shares=shares)), (2,))
    assert table == pytest.approx([0.48 * 565 / 5670, 0.48 * 5105 / 5670, 0.18, 0.34], abs=1e-4)


def test_real_departments_declare_between_48_and_100_per_cent():
    """DHSC's 350 of 730 for disability is the lowest of those with 100 or more (published)."""
    rates = {name: found.rate("disability") for name, found in real_declarations().items()}
    assert min(rates, key=rates.get) == "Department of Health and Social Care"
    assert rates["Department of Health and Social Care"] == pytest.approx(350 / 730)


def test_sizes_are_the_published_ones():
    """36 of the 38 parent departments have a published headcount; the largest is 730."""
    assert len(real_sizes()) == 36
    assert real_sizes()[0] == 730
