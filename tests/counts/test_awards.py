"""Awards to the penny, and the annual return that reconciles or is refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import isnan

import numpy as np
import pandas as pd
import pytest

from pmstats.cohort import UNDECLARED, UNKNOWN, Cohort
from pmstats.counts.annual_return import annual_return
from pmstats.counts.awards import Pot, award_breakdown, award_problems, awards, pot
from pmstats.errors import ParameterError, PmstatsError
from pmstats.findings.awards import award_disparities
from pmstats.findings.finding import Verdict
from pmstats.scheme import Scheme

#: Place of the person, kind, pounds.
Award = tuple[int, str, float]
Paid = Callable[..., Cohort]
RATINGS = ("Exceeding", "High Performing", "Achieving", "Partially Met", None)


@pytest.fixture
def paid(scs: Scheme) -> Paid:
    """A maker of cohorts: a person per rating, sexes in turn, with these awards."""

    def make(
        given: Sequence[Award],
        *,
        ratings: Sequence[str | None] = RATINGS,
        sexes: Sequence[str] = (),
        years: Sequence[str] = (),
        grades: Sequence[str] = (),
    ) -> Cohort:
        n = len(ratings)
        answers = [*scs.characteristic("sex").answers, UNDECLARED, UNKNOWN]
        people = pd.DataFrame(
            {
                "row": np.arange(n) + 2,
                "person_id": np.arange(n, dtype=np.uint64) + 100,
                "department": pd.Categorical(["Ministry of Examples"] * n),
                "grade": pd.Categorical(list(grades) or ["SCS1"] * n),
                "sex": pd.Categorical(
                    list(sexes) or ["Female", "Male"] * (n // 2) + ["Male"] * (n % 2),
                    categories=answers,
                ),
                "rating_final": pd.Categorical(ratings, categories=list(scs.rating_names)),
                "count": np.ones(n, dtype=np.int64),
            }
        )
        held = pd.DataFrame(
            {
                "row": np.arange(len(given)) + 2,
                "person_id": np.array([100 + place for place, _, _ in given], dtype=np.uint64),
                "award_type": pd.Categorical([kind for _, kind, _ in given]),
                "award_amount": np.array([pounds for _, _, pounds in given], dtype=float),
                "performance_year": pd.Categorical(list(years) or ["2024-25"] * len(given)),
            }
        )
        return Cohort(
            scheme=scs, people=people, awards=held, export_name="made.csv", export_sha256="0" * 64
        )

    return make


def test_pence_add_up_where_floating_pounds_would_not(paid: Paid) -> None:
    """0.10 three times is 30 pence; in floating pounds it is 0.30000000000000004."""
    counted = awards(paid([(0, "in_year", 0.1)] * 3 + [(1, "end_year", 0.7)]))
    assert (counted.in_year.pence, counted.in_year.payments, counted.in_year.people) == (30, 3, 1)
    assert (counted.both.pence, counted.both.payments, counted.both.people) == (100, 4, 2)


def test_someone_paid_twice_is_one_person_and_two_payments(paid: Paid) -> None:
    """Payments and people are given both: the framework's wording leaves it open (R51)."""
    counted = awards(paid([(0, "in_year", 500.0), (0, "end_year", 900.0)]))
    assert (counted.both.payments, counted.both.people) == (2, 1)
    assert counted.in_year.people + counted.end_year.people == 2


def test_payments_of_another_year_or_out_of_scope_are_counted_apart(paid: Paid) -> None:
    """They are in no row and no total, and their number is told."""
    counted = awards(
        paid(
            [(0, "in_year", 1.0), (0, "in_year", 2.0), (1, "in_year", 4.0)],
            years=["2024-25", "2023-24", "2024-25"],
            grades=["SCS1", "Permanent Secretary", "SCS1", "SCS1", "SCS1"],
        )
    )
    assert (counted.in_year.pence, counted.other_year, counted.out_of_scope) == (100, 1, 1)


@pytest.mark.parametrize("pounds", [0.005, float("nan")])
def test_what_is_no_sum_of_pence_is_refused(paid: Paid, pounds: float) -> None:
    """Half a penny, or nothing at all, stops the count."""
    with pytest.raises(PmstatsError, match="Nothing was counted"):
        awards(paid([(0, "in_year", pounds)]))


def test_an_award_to_a_stranger_is_refused(paid: Paid) -> None:
    """An award whose person is not in the export cannot be placed in a row."""
    with pytest.raises(PmstatsError, match="1 awards belong to nobody in the export"):
        awards(paid([(50, "in_year", 100.0)]))


def test_someone_two_departments_return_is_paid_once(paid: Paid) -> None:
    """A payment is counted at the row of the department that made it, and by no other.

    The person moved: not rated where they came from, Exceeding where they are.
    """
    cohort = paid([(0, "in_year", 100.0), (0, "end_year", 900.0)])
    arrived = cohort.people.iloc[[0]].assign(
        row=9, department="Ministry of Arrivals", rating_final=None
    )
    assert cohort.awards is not None
    cohort = replace(
        cohort,
        people=pd.concat(
            [arrived.astype({"rating_final": cohort.people["rating_final"].dtype}), cohort.people],
            ignore_index=True,
        ).astype({"department": "category"}),
        awards=cohort.awards.assign(
            department=pd.Categorical(["Ministry of Arrivals", "Ministry of Examples"])
        ),
    )
    everyone = awards(cohort)
    assert (everyone.both.payments, everyone.both.pence) == (2, 100_000)
    assert everyone.rows[0].end_year.pence == 90_000  # Exceeding
    assert everyone.rows[-1].in_year.pence == 10_000  # not rated there
    each = [awards(cohort.department(name)).both for name in cohort.departments]
    assert [(one.payments, one.pence) for one in each] == [(1, 10_000), (1, 90_000)]


def test_rows_that_do_not_add_up_cannot_be_made(paid: Paid) -> None:
    """A penny lost from one row is refused with both sums."""
    counted = awards(paid([(0, "in_year", 10.0)]))
    short = replace(counted.rows[0].in_year, pence=999)
    rows = (replace(counted.rows[0], in_year=short), *counted.rows[1:])
    with pytest.raises(PmstatsError, match="in_year pence come to 999 by rating and 1,000 in all"):
        replace(counted, rows=rows)


def test_an_export_without_awards_says_how_to_give_them(paid: Paid) -> None:
    """The reason names the mapping's entry."""
    without = replace(paid([]), awards=None)
    with pytest.raises(ParameterError, match=r"\[files\]"):
        awards(without)


@pytest.mark.parametrize(
    ("given", "rules"),
    [
        ([(0, "in_year", 5_000.00)], set()),
        ([(0, "in_year", 5_000.01)], {"R33"}),  # FAQ: a single award of up to 5,000
        ([(0, "end_year", 17_500.00)], set()),
        ([(0, "end_year", 17_500.01)], {"R34"}),  # FAQ: 17,500 in one year
        ([(0, "in_year", 5_000.00), (0, "end_year", 12_500.01)], {"R34"}),
        ([(1, "end_year", 1.0), (0, "end_year", 1.0)], set()),
        ([(2, "end_year", 1.0), (0, "end_year", 1.0)], {"R35"}),  # para 71: only the two best
        ([(1, "end_year", 1.0)], {"R36"}),  # para 71: Exceeding "as a priority"
    ],
)
def test_award_rules_on_both_sides_of_every_amount(
    paid: Paid, given: Sequence[Award], rules: set[str]
) -> None:
    """R33 to R36; amounts exactly at a cap are within it."""
    cohort = replace(paid(given), paybill={"Ministry of Examples": 10_000_000.0})
    found = award_problems(cohort)
    broken = {each.rule for each in found.each if each.severity.value != "information"}
    assert broken == rules


@pytest.mark.parametrize(("pounds", "within"), [(33.00, True), (33.01, False)])
def test_the_pot_is_exactly_three_point_three_per_cent(
    paid: Paid, pounds: float, within: bool
) -> None:
    """33.00 of a paybill of 1,000.00 is the whole pot; a penny more is over it."""
    cohort = replace(paid([(0, "in_year", pounds)]), paybill={"Ministry of Examples": 1_000.0})
    assert pot(awards(cohort), cohort=cohort).within is within
    assert ("R37" in {each.rule for each in award_problems(cohort).broken}) is not within


def test_a_paybill_that_is_not_known_says_so(paid: Paid) -> None:
    """Without one, or with another department's alone, the share is not defined."""
    cohort = paid([(0, "in_year", 33.0)])
    for paybill in ({}, {"Another Ministry": 1_000.0}):
        found = pot(awards(cohort), cohort=replace(cohort, paybill=paybill))
        assert (found.paybill_pence, isnan(found.share)) == (0, True)


def test_a_pot_is_decided_without_rounding() -> None:
    """3.3% of 10,001 pence is 330.033: 330 pence are within it and 331 are not."""
    assert Pot(paybill_pence=10_001, spent_pence=330, allowed_share=0.033).within
    assert not Pot(paybill_pence=10_001, spent_pence=331, allowed_share=0.033).within


def test_who_is_paid_is_compared_given_the_rating(paid: Paid) -> None:
    """Everyone Exceeding is paid and nobody Achieving: more men paid is no gap given the rating."""
    ratings = ["Exceeding"] * 60 + ["Achieving"] * 60
    sexes = ["Male"] * 45 + ["Female"] * 15 + ["Male"] * 15 + ["Female"] * 45
    cohort = paid([(place, "in_year", 100.0) for place in range(60)], ratings=ratings, sexes=sexes)
    found = award_disparities([award_breakdown(cohort, "sex")], scheme=cohort.scheme)["sex"]
    assert found.primary is not None
    assert found.primary.effect is not None
    assert found.primary.effect.value == pytest.approx(0.0)
    assert found.verdict not in (Verdict.GAP, Verdict.POSSIBLE_GAP)


def test_a_group_paid_less_often_at_the_same_rating_is_found(paid: Paid) -> None:
    """Three quarters of the men and a quarter of the women, all Achieving: a gap of 50 points."""
    sexes = ["Male"] * 40 + ["Female"] * 40
    given = [(place, "in_year", 100.0) for place in (*range(30), *range(40, 50))]
    cohort = paid(given, ratings=["Achieving"] * 80, sexes=sexes)
    found = award_disparities([award_breakdown(cohort, "sex")], scheme=cohort.scheme)["sex"]
    assert found.primary is not None
    assert found.primary.effect is not None
    assert found.primary.effect.value == pytest.approx(-0.5)
    assert found.verdict is Verdict.GAP


def test_the_return_counts_every_denominator(paid: Paid) -> None:
    """Of six people one is out of scope; five are in scope and eligible, four rated."""
    returned = annual_return(
        paid(
            [(0, "end_year", 900.0)],
            ratings=[*RATINGS, "Exceeding"],
            grades=["SCS1"] * 5 + ["Permanent Secretary"],
        )
    )
    assert returned.denominators == (("rated", 4), ("eligible", 5), ("in scope", 5))
    assert returned.ratings.counts == (1, 1, 1, 1)
    assert returned.awards is not None
    assert returned.awards.end_year.people == 1
    assert returned.under_measures is None


def test_a_return_that_does_not_reconcile_is_refused(paid: Paid) -> None:
    """One eligible person too many, and there is no return."""
    returned = annual_return(paid([]))
    with pytest.raises(PmstatsError, match="No return was made"):
        replace(returned, eligible=returned.eligible + 1)


def test_a_return_without_awards_says_so_and_stands(paid: Paid) -> None:
    """Payments are not in the export: None, which is not nought."""
    assert annual_return(replace(paid([]), awards=None)).awards is None
