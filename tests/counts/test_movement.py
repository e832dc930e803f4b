"""Moderation counted: nobody lost, directions right, groups as the breakdown has them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmstats.cohort import UNDECLARED, UNKNOWN, Cohort
from pmstats.counts.movement import (
    Movement,
    ceilings,
    moderation_steps,
    movement,
    movement_breakdown,
    movements_by,
)
from pmstats.errors import ParameterError
from pmstats.scheme import Scheme

#: sex, panel, recommended, overall, reason, finance objective met
Line = tuple[str, str, str | None, str | None, str | None, str]
LINES: tuple[Line, ...] = (
    ("Female", "North", "Exceeding", "High Performing", "Evidence", "No"),
    ("Female", "North", "Achieving", "Achieving", None, "Yes"),
    ("Female", "South", "Achieving", "Partially Met", None, "Yes"),
    ("Male", "South", "Partially Met", "Achieving", "Evidence", "Yes"),
    ("Male", "South", "Achieving", None, None, "Yes"),
    (UNKNOWN, "South", "High Performing", "High Performing", None, "No"),
)


@pytest.fixture
def moderated(scs: Scheme) -> Callable[[Sequence[Line]], Cohort]:
    """A maker of cohorts with two stages of moderation, a line per person."""

    def make(lines: Sequence[Line]) -> Cohort:
        sexes, panels, before, after, reasons, met = zip(*lines, strict=True)
        boxes = list(scs.rating_names)
        answers = [*scs.characteristic("sex").answers, UNDECLARED, UNKNOWN]
        people = pd.DataFrame(
            {
                "department": pd.Categorical(["Ministry of Examples"] * len(lines)),
                "panel": pd.Categorical(panels),
                "sex": pd.Categorical(sexes, categories=answers),
                "rating_recommended": pd.Categorical(before, categories=boxes),
                "rating_overall": pd.Categorical(after, categories=boxes),
                "change_reason": pd.Categorical(reasons),
                "finance_objective_met": pd.Categorical(met),
                "count": [1] * len(lines),
            }
        )
        return Cohort(scheme=scs, people=people, export_name="made.csv", export_sha256="0" * 64)

    return make


def test_every_person_is_in_one_cell_or_unmatched(
    moderated: Callable[[Sequence[Line]], Cohort],
) -> None:
    """Of six people five are in the matrix, one is rated at one stage only."""
    found = movement(moderated(LINES), start="recommended", end="overall")
    assert found.table == ((0, 1, 0, 0), (0, 1, 0, 0), (0, 0, 1, 1), (0, 0, 1, 0))
    assert (found.n, found.unmatched) == (5, 1)
    assert (found.raised, found.lowered, found.unexplained) == (1, 2, 1)
    assert (found.before, found.after) == ((1, 1, 2, 1), (0, 2, 2, 1))


def test_who_left_before_the_later_stage_has_not_moved(
    moderated: Callable[[Sequence[Line]], Cohort],
) -> None:
    """Rated at mid-year and gone in November, one of six is in no cell, nor unmatched (para 68)."""
    cohort = moderated(LINES)
    left = pd.to_datetime(pd.Series(["2024-11-30", *[None] * 5]))
    people = cohort.people.assign(rating_midyear=cohort.people["rating_recommended"])
    found = movement(
        replace(cohort, people=people.assign(leave_date=left)), start="mid-year", end="overall"
    )
    assert (found.n, found.unmatched) == (4, 1)
    assert found.before == (0, 1, 2, 1)


def test_reasons_that_are_not_recorded_are_not_counted_as_none(
    moderated: Callable[[Sequence[Line]], Cohort],
) -> None:
    """Without a column of reasons nothing is said about reasons, not even zero."""
    cohort = moderated(LINES)
    without = Cohort(
        scheme=cohort.scheme,
        people=cohort.people.drop(columns="change_reason"),
        export_name="made.csv",
        export_sha256="0" * 64,
    )
    assert movement(without, start="recommended", end="overall").unexplained is None


def test_groups_add_up_to_everyone(moderated: Callable[[Sequence[Line]], Cohort]) -> None:
    """Panels and groups, people without an answer among them, hold everyone once."""
    cohort = moderated(LINES)
    everyone = movement(cohort, start="recommended", end="overall")
    panels = movements_by(cohort, "panel", start="recommended", end="overall")
    sexes = movement_breakdown(cohort, "sex", start="recommended", end="overall")
    for rows in (panels.rows, sexes.rows):
        assert sum(each.n for _, each in rows) == everyone.n
        assert sum(each.lowered for _, each in rows) == everyone.lowered
        assert sum(each.unmatched for _, each in rows) == everyone.unmatched
    assert (sexes["Female"].lowered, sexes[UNKNOWN].n) == (2, 1)


def test_only_steps_with_ratings_are_steps(moderated: Callable[[Sequence[Line]], Cohort]) -> None:
    """A stage the export lacks is passed over: the step then goes to the next one held."""
    assert moderation_steps(moderated(LINES)) == (("recommended", "overall"),)


def test_movement_is_by_panel_unit_or_grade_only(
    moderated: Callable[[Sequence[Line]], Cohort],
) -> None:
    """A column of another kind is refused by name."""
    with pytest.raises(ParameterError, match="not by 'sex'"):
        movements_by(moderated(LINES), "sex", start="recommended", end="overall")


def test_the_finance_objective_caps_ratings_at_achieving(
    moderated: Callable[[Sequence[Line]], Cohort],
) -> None:
    """Annex D 4a: two people have not met theirs; both stand above Achieving at both stages."""
    found = ceilings(moderated(LINES)).each
    assert [(each.stage, each.people, each.above) for each in found] == [
        ("recommended", 2, 2),
        ("overall", 2, 2),
    ]


@given(st.lists(st.lists(st.integers(0, 9), min_size=4, max_size=4), min_size=4, max_size=4))
def test_raised_lowered_and_unchanged_are_everyone(table: list[list[int]]) -> None:
    """Above, below and on the diagonal is the whole table, seen from either end of the scale."""
    found = Movement(
        start="a", end="b", ratings=("4", "3", "2", "1"), table=tuple(map(tuple, table))
    )
    unchanged = sum(table[place][place] for place in range(4))
    assert found.raised + found.lowered + unchanged == found.n
    flipped = found.worst_first
    raised_when_worst_first = sum(flipped[a][b] for a in range(4) for b in range(a + 1, 4))
    assert raised_when_worst_first == found.raised
