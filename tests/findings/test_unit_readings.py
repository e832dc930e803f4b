"""Units beside each other: counted whole, small ones unnamed, grades allowed for, no ranking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import pytest

from pmstats.cohort import Cohort
from pmstats.counts.distribution import distribution
from pmstats.counts.units import units
from pmstats.errors import ParameterError
from pmstats.findings.unit_readings import Position, _position, unit_readings
from pmstats.release import restricted_table
from pmstats.scheme import Scheme

#: People by unit and grade: counts in the scheme's order of boxes.
Staff = Mapping[tuple[str, str], Sequence[int]]


def cohort(scs: Scheme, staff: Staff, *, column: str = "business_unit") -> Cohort:
    """A cohort with these people, final ratings only."""
    rows = [
        (unit, grade, rating, count)
        for (unit, grade), counts in staff.items()
        for rating, count in zip(scs.rating_names, counts, strict=True)
        if count
    ]
    names, grades, ratings, counts = zip(*rows, strict=True)
    data = {
        "department": pd.Categorical(["Ministry of Examples"] * len(rows)),
        "grade": pd.Categorical(grades),
        "rating_final": pd.Categorical(ratings, categories=list(scs.rating_names)),
        "count": np.array(counts, dtype=np.int64),
        column: pd.Categorical(names),
    }
    people = pd.DataFrame(data)
    return Cohort(scheme=scs, people=people, export_name="made.csv", export_sha256="0" * 64)


def test_units_hold_everyone_once(scs: Scheme) -> None:
    """Units and grades within them add up to the whole."""
    held = cohort(scs, {("North", "SCS1"): (1, 5, 9, 2), ("South", "SCS2"): (3, 2, 7, 0)})
    found = units(held, stage="final")
    whole = distribution(held, stage="final")
    parts = [each.distribution for each in found.rows]
    assert parts[0] + parts[1] == whole
    for each in found.rows:
        total = each.by_grade[0]
        for further in each.by_grade[1:]:
            total = total + further
        assert total == each.distribution


def test_units_are_in_alphabetical_order_whatever_their_share(scs: Scheme) -> None:
    """There is no ranking, in the counts or in the table."""
    held = cohort(
        scs,
        {
            ("Zeal", "SCS1"): (9, 9, 2, 0),
            ("Art", "SCS1"): (0, 1, 9, 5),
            ("Mid", "SCS1"): (1, 5, 9, 1),
        },
    )
    found = unit_readings(units(held, stage="final"), framing="Top two boxes", scheme=scs)
    table = restricted_table(found, scheme=scs)
    assert [row[0] for row in table.rows] == ["Art", "Mid", "Zeal"]


def test_a_small_unit_is_counted_and_not_named_even_by_subtraction(scs: Scheme) -> None:
    """A unit of four is left out of the table and one more with it, not out of the share."""
    held = cohort(
        scs,
        {
            ("Big", "SCS1"): (5, 20, 30, 3),
            ("Mid", "SCS1"): (2, 10, 15, 1),
            ("Tiny", "SCS1"): (4, 0, 0, 0),
        },
    )
    found = unit_readings(units(held, stage="final"), framing="Top two boxes", scheme=scs)
    assert found.small == (4,)
    assert found.share == pytest.approx(41 / 90)
    table = restricted_table(found, scheme=scs)
    assert [row[0] for row in table.rows] == ["Big"]
    assert "Tiny" not in repr(table) + " ".join(found.sentences)


def test_a_unit_of_high_grades_is_not_high_given_its_grades(scs: Scheme) -> None:
    """Every SCS2 and no SCS1 is in the top two boxes: each unit's ratio is exactly 1."""
    held = cohort(
        scs,
        {
            ("Many SCS2", "SCS1"): (0, 0, 10, 0),
            ("Many SCS2", "SCS2"): (10, 20, 0, 0),
            ("Few SCS2", "SCS1"): (0, 0, 30, 0),
            ("Few SCS2", "SCS2"): (2, 8, 0, 0),
        },
    )
    found = unit_readings(units(held, stage="final"), framing="Top two boxes", scheme=scs)
    assert [each.share for each in found.each] == [0.25, 0.75]
    assert [each.standardised.value for each in found.each] == pytest.approx([1.0, 1.0])


def test_a_unit_far_from_all_is_beyond_the_limits_and_chance_is_not(scs: Scheme) -> None:
    """34 of 40 among 46 of 160 is above; none of 20 Partially Met among 5 of 120 is within."""
    staff = {(f"Unit {place}", "SCS1"): (1, 3, 35, 1) for place in range(3)}
    held = cohort(scs, {**staff, ("Unit 9", "SCS1"): (10, 24, 5, 1)})
    found = unit_readings(units(held, stage="final"), framing="Top two boxes", scheme=scs)
    assert [each.position for each in found.each] == [Position.EDGE] * 3 + [Position.ABOVE]
    others = {(f"Unit {place}", "SCS1"): (1, 3, 15, 1) for place in range(5)}
    held = cohort(scs, {**others, ("None", "SCS1"): (2, 3, 15, 0)})
    found = unit_readings(units(held, stage="final"), framing="Partially Met", scheme=scs)
    assert {each.position for each in found.each} == {Position.WITHIN}


@pytest.mark.parametrize(
    ("share", "position"),
    [
        (0.05, Position.BELOW),
        (0.1, Position.EDGE),
        (0.2, Position.WITHIN),
        (0.4, Position.WITHIN),
        (0.5, Position.EDGE),
        (0.55, Position.ABOVE),
    ],
)
def test_a_limit_of_chance_is_within_it(share: float, position: Position) -> None:
    """What chance may give, 499 times in 500 or 19 in 20, is not beyond it."""
    assert _position(share, (0.2, 0.4), (0.1, 0.5)) is position


def test_only_units_are_units(scs: Scheme) -> None:
    """A characteristic is no unit, and a column that is not held has no rows."""
    held = cohort(scs, {("North", "SCS1"): (1, 2, 3, 1)})
    with pytest.raises(ParameterError, match="not 'sex'"):
        units(held, stage="final", by="sex")
    assert units(held, stage="final", by="panel").rows == ()


def test_departments_that_leave_a_box_empty_are_counted_and_not_named(scs: Scheme) -> None:
    """Exceeding was 30% of one real department in 2024-25 and 0% of another (published answers).

    A department too small to report says nothing of how boxes are used.
    """
    held = cohort(
        scs,
        {
            ("Tides", "SCS1"): (30, 25, 41, 4),
            ("Hedgerow", "SCS1"): (0, 28, 67, 5),
            ("Tiny", "SCS1"): (2, 0, 0, 0),
        },
        column="department",
    )
    found = unit_readings(
        units(held, stage="final", by="department"), framing="Partially Met", scheme=scs
    )
    differently, empty = found.sentences[-2:]
    assert "Exceeding 0.0% to 30.0%" in differently
    assert "in 2 departments large enough to report" in differently
    assert empty.startswith("Left empty: Exceeding by 1 of 2.")
    assert not any(name in " ".join(found.sentences) for name in ("Tides", "Hedgerow", "Tiny"))
