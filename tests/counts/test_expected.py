"""What is expected of records is counted as kept, broken or unknown, never guessed."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from pmstats.cohort import Cohort
from pmstats.cohort.expected import unkept
from pmstats.counts import expectations, progress
from pmstats.counts.expected import Expected
from pmstats.errors import ParameterError, Severity
from pmstats.scheme import load_scheme
from pmstats.scheme.expectations import Condition, Expectation
from pmstats.scheme.scheme import Unit


def cohort(*expected: Expectation, unit: Unit = Unit.PROVIDER, **columns: object) -> Cohort:
    """A cohort with these columns under a scheme with these expectations."""
    scheme = replace(load_scheme("provider_quality_2024"), expectations=expected, unit=unit)
    people = pd.DataFrame(columns)
    people["department"] = pd.Categorical(["Programme"] * len(people))
    people["count"] = 1
    people["row"] = range(2, len(people) + 2)
    return Cohort(scheme=scheme, people=people, export_name="made.csv", export_sha256="0" * 64)


def expecting(**kept: object) -> Expectation:
    """An expectation with these conditions."""
    return Expectation(name="x", sentence="It is so.", paragraph="1", **kept)  # type: ignore[arg-type]


def days(*each: str | None) -> pd.Series:
    """Dates as a cohort holds them."""
    return pd.Series(pd.to_datetime(list(each))).astype("datetime64[s]")


def counted(found: Expected) -> tuple[int, int, int, int]:
    """Asked of, kept, broken, not recorded."""
    return found.asked, found.kept, found.broken, found.unclear


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Condition(column="n", least=1, most=8), (4, 2, 1, 1)),  # 1, 8, 9 and nothing
        (Condition(column="done", answers=("Yes",)), (4, 1, 2, 1)),  # Yes, No, Partly, nothing
        (Condition(column="done", filled=True), (4, 3, 1, 0)),
        (Condition(column="done", filled=False), (4, 1, 3, 0)),
        (Condition(column="end", not_before="start"), (4, 2, 1, 1)),  # same day counts as kept
        (Condition(column="end", after="start", within_months=12), (4, 2, 1, 1)),
    ],
)
def test_each_kind_of_condition_on_both_sides_of_its_boundary(
    condition: Condition, expected: tuple[int, int, int, int]
) -> None:
    """Kept on the boundary, broken beyond it, not recorded where the cell is empty."""
    ends = ("2021-03-01", "2020-03-01", "2020-02-29", None)
    if condition.within_months:
        ends = ("2021-03-01", "2020-03-01", "2021-03-02", None)
    found = expectations(
        cohort(
            expecting(then=(condition,)),
            n=[1.0, 8.0, 9.0, None],
            done=pd.Categorical(["Yes", "No", "Partly", None]),
            start=days("2020-03-01", "2020-03-01", "2020-03-01", "2020-03-01"),
            end=days(*ends),
        )
    )["x"]
    assert counted(found) == expected


def test_nothing_is_asked_where_the_occasion_is_not_given_or_not_known() -> None:
    """`when` leaves out rows where it does not hold, and rows where nobody knows."""
    asked = expecting(
        when=(Condition(column="star", answers=("1",)),),
        then=(Condition(column="plan", answers=("Yes",)),),
    )
    found = expectations(
        cohort(
            asked,
            star=pd.Categorical(["1", "3", None, "1"]),
            plan=pd.Categorical(["Yes", None, "No", "No"]),
        )
    )["x"]
    assert counted(found) == (2, 1, 1, 0)


def test_one_false_condition_settles_the_matter_and_an_unknown_one_does_not() -> None:
    """Of two conditions: known false is broken; one unknown and none false is not recorded."""
    both = expecting(
        then=(Condition(column="a", answers=("Yes",)), Condition(column="b", answers=("Yes",)))
    )
    found = expectations(
        cohort(
            both,
            a=pd.Categorical(["No", "Yes", None]),
            b=pd.Categorical([None, None, "Yes"]),
        )
    )["x"]
    assert counted(found) == (3, 0, 1, 2)


def test_groups_are_complete_or_named() -> None:
    """A group that lacks one of the answers is named; with people it is only counted."""
    per = expecting(per=("team",), column="module", complete=("A", "B"))
    columns = {
        "team": pd.Categorical(["Kent", "Kent", "Sussex"]),
        "module": pd.Categorical(["A", "B", "A"]),
    }
    found = expectations(cohort(per, **columns))["x"]
    assert (counted(found), found.named) == ((2, 1, 1, 0), ("Sussex",))
    silent = expectations(cohort(per, unit=Unit.PERSON, **columns))["x"]
    assert (counted(silent), silent.named) == ((2, 1, 1, 0), ())


@pytest.mark.parametrize(("n", "kept"), [(4, 0), (5, 1), (10, 1), (11, 0)])
def test_a_group_may_hold_from_five_to_ten(n: int, kept: int) -> None:
    """Both ends of the range are inside it; the same answer twice counts once."""
    per = expecting(per=("team",), column="indicator", least=5, most=10)
    names = [f"I{i}" for i in range(n)]
    found = expectations(
        cohort(
            per,
            team=pd.Categorical(["T"] * (n + 1)),
            indicator=pd.Categorical([*names, names[0]]),
        )
    )["x"]
    assert found.kept == kept


def test_an_export_without_the_columns_is_not_judged() -> None:
    """An expectation about a column that is not held is not held, and counts nothing."""
    found = expectations(cohort(expecting(then=(Condition(column="b", filled=True),)), a=[1]))["x"]
    assert not found.held
    assert counted(found) == (0, 0, 0, 0)


def test_a_check_names_the_rows_and_takes_a_requirement_for_an_error() -> None:
    """Rows as a spreadsheet numbers them; required is an error, good practice a warning."""
    then = (Condition(column="plan", answers=("Yes",)),)
    held = pd.Categorical(["Yes", "No", None])
    for firm, severity in ((True, Severity.ERROR), (False, Severity.WARNING)):
        (problem,) = unkept(cohort(expecting(then=then, firm=firm), plan=held))
        assert (problem.rows, problem.severity) == ((3,), severity)


def test_progress_adds_up_what_is_done_of_what_was_planned() -> None:
    """Sums over the rows that hold both numbers: 3 of 10 and 4 of 5, the half record left out."""
    made = cohort(
        actions=[10.0, 5.0, 7.0],
        actions_done=[3.0, 4.0, None],
        area=pd.Categorical(["North", "South", "South"]),
    )
    (plan,) = progress(made, "area").each
    assert [(row.group, row.plans, row.part, row.whole) for row in plan.rows] == [
        ("All", 2, 7, 15),
        ("North", 1, 3, 10),
        ("South", 1, 4, 5),
    ]
    with pytest.raises(ParameterError, match="not by 'provider'"):
        progress(made, "provider")
