"""Disparities: one primary test a characteristic, adjusted; exploration never outruns it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pmstats.counts import breakdown, breakdowns
from pmstats.findings import disparities
from pmstats.findings.disparity import Disparity
from pmstats.findings.finding import Verdict
from pmstats.scheme import Scheme

if TYPE_CHECKING:
    from tests.conftest import CohortOf

Groups = dict[str, tuple[int, ...]]

GAP = {"Female": (60, 90, 140, 6, 0), "Male": (20, 60, 190, 30, 0)}
ALIKE = {"Female": (12, 30, 53, 5, 0), "Male": (12, 30, 53, 5, 0)}


def found(
    cohort_of: CohortOf, groups: Groups, scheme: Scheme, characteristic: str = "sex"
) -> Disparity:
    """What is found between groups given as counts by box, then not rated."""
    cohort = cohort_of(groups, characteristic=characteristic)
    return disparities(breakdowns(cohort, stage="mid-year"), scheme=scheme)[characteristic]


def test_a_large_difference_in_a_large_department_is_a_gap(
    cohort_of: CohortOf, scs: Scheme
) -> None:
    """Women at twice men's share of the top boxes among 596 people are found."""
    sex = found(cohort_of, GAP, scs)
    assert sex.verdict is Verdict.GAP
    assert sex.primary is not None
    assert (sex.primary.group, sex.primary.comparator) == ("Female", "Male")
    assert sex.primary.effect is not None
    assert sex.primary.effect.low > 0.5


def test_every_comparison_carries_all_a_reader_needs(cohort_of: CohortOf, scs: Scheme) -> None:
    """n, effect, interval, detectable difference, both p-values, verdict, method and paragraph."""
    for finding in found(cohort_of, GAP, scs).findings:
        assert finding.n_group == 296
        assert finding.n_comparator == 300
        assert finding.effect is not None
        assert finding.effect.low <= finding.effect.value <= finding.effect.high
        assert finding.detectable is not None
        assert finding.p_value is not None
        assert finding.adjusted_p is not None
        assert finding.p_value <= finding.adjusted_p + 1e-12
        assert finding.method
        assert finding.paragraph
        assert str(finding.n_group) in finding.sentence


def test_equal_groups_of_forty_settle_little(cohort_of: CohortOf, scs: Scheme) -> None:
    """Identical distributions give no gap, and say what could have been seen."""
    sex = found(cohort_of, {"Female": (5, 12, 21, 2, 0), "Male": (5, 12, 21, 2, 0)}, scs)
    assert sex.verdict is Verdict.CANNOT_TELL
    assert sex.primary is not None
    assert "No difference was detected, and that settles little" in sex.primary.sentence


def test_equal_groups_of_thousands_have_no_material_gap(cohort_of: CohortOf, scs: Scheme) -> None:
    """With 10,000 in each group the whole interval lies inside the margin."""
    many = {name: tuple(100 * count for count in counts) for name, counts in ALIKE.items()}
    assert found(cohort_of, many, scs).verdict is Verdict.NO_MATERIAL_GAP


def test_swapping_the_groups_mirrors_the_effect(cohort_of: CohortOf, scs: Scheme) -> None:
    """Women and men changing places turns the probability of superiority round one half."""
    one = found(cohort_of, GAP, scs).primary
    other = found(cohort_of, {"Female": GAP["Male"], "Male": GAP["Female"]}, scs).primary
    assert one.effect.value == pytest.approx(1 - other.effect.value)
    assert one.p_value == pytest.approx(other.p_value)


def test_a_sentence_says_which_group_stands_higher(cohort_of: CohortOf, scs: Scheme) -> None:
    """150 of 296 women and 80 of 300 men in the top boxes; 2.0% and 10.0% in the lowest."""
    top, lowest = found(cohort_of, GAP, scs).exploratory
    assert "50.7% of women (n = 296) and 26.7% of men (n = 300)" in top.sentence
    assert "a difference of 24.0 percentage points, higher for the first" in top.sentence
    assert "2.0% of women (n = 296) and 10.0% of men (n = 300)" in lowest.sentence
    assert "a difference of 8.0 percentage points, lower for the first" in lowest.sentence


def test_exploration_cannot_find_a_gap_the_primary_test_does_not(
    cohort_of: CohortOf, scs: Scheme
) -> None:
    """Where only the ends of the scale differ, the framing that shows it is no gap by itself."""
    groups = {"Female": (0, 60, 140, 0, 0), "Male": (0, 60, 120, 20, 0)}
    sex = found(cohort_of, groups, scs)
    assert sex.primary is not None
    assert sex.primary.adjusted_p is not None
    assert sex.primary.adjusted_p > 0.05
    partially_met = next(each for each in sex.exploratory if each.question == "Partially Met")
    assert partially_met.p_value is not None
    assert partially_met.p_value < 0.001
    assert partially_met.adjusted_p == sex.primary.adjusted_p
    assert partially_met.verdict is Verdict.POSSIBLE_GAP


def test_several_groups_get_one_primary_test_and_a_line_each(
    cohort_of: CohortOf, scs: Scheme
) -> None:
    """Four age bands: one test over all, three lines against the reference, six framings."""
    age = found(
        cohort_of,
        {
            "30-39": (5, 12, 20, 2, 0),
            "40-49": (12, 30, 50, 4, 0),
            "50-59": (8, 20, 60, 6, 0),
            "60-64": (1, 4, 20, 5, 0),
        },
        scs,
        "age",
    )
    assert age.primary is not None
    assert age.primary.primary
    assert [each.group for each in age.exploratory] == [
        *("Under 40", "50-59", "60 and over"),
        *("Under 40", "Under 40", "50-59", "50-59", "60 and over", "60 and over"),
    ]
    assert all(each.comparator == "40-49" for each in age.findings)
    assert "Among the 4 groups compared" in age.primary.sentence
    # the widest of three is put forward: its interval is shared out over them (Bonferroni)
    levels = [each.effect.confidence for each in age.findings if each.effect]
    assert levels == pytest.approx([1 - 0.05 / 3] + [0.95] * 9)


def test_too_few_to_compare_says_so(cohort_of: CohortOf, scs: Scheme) -> None:
    """Four women rated are below the minimum of five: no comparison, with the reason; five do."""
    sex = found(cohort_of, {"Female": (1, 1, 2, 0, 3), "Male": (2, 5, 9, 1, 0)}, scs)
    assert sex.primary is None
    assert sex.verdict is Verdict.TOO_FEW
    assert "Too few people to report" in sex.reason
    five = found(cohort_of, {"Female": (1, 1, 3, 0, 3), "Male": (2, 5, 9, 1, 0)}, scs)
    assert five.primary is not None


@pytest.mark.parametrize(("unknown", "compared"), [(14, True), (15, False)])
def test_below_the_declaration_gate_there_is_no_breakdown(
    cohort_of: CohortOf, scs: Scheme, unknown: int, compared: bool
) -> None:
    """21 of 35 declared is 60% and enough; 21 of 36 is below it (DQ7, MOD practice)."""
    groups = {
        "Female": (2, 3, 5, 0, 0),
        "Male": (2, 3, 6, 0, 0),
        "Unknown": (0, 0, unknown, 0, 0),
    }
    sex = found(cohort_of, groups, scs)
    assert (sex.primary is not None) is compared
    assert compared or "below the 60.0%" in sex.reason


def test_a_ratio_needs_ten_people_in_each_group(cohort_of: CohortOf, scs: Scheme) -> None:
    """With nine women there is a difference but no ratio (F2)."""
    nine = found(cohort_of, {"Female": (2, 3, 4, 0, 0), "Male": (4, 9, 16, 1, 0)}, scs)
    ten = found(cohort_of, {"Female": (2, 3, 5, 0, 0), "Male": (4, 9, 16, 1, 0)}, scs)
    assert all(each.ratio is None for each in nine.exploratory)
    assert all(each.ratio is not None for each in ten.exploratory)


def test_a_small_box_has_a_margin_of_its_own(cohort_of: CohortOf, scs: Scheme) -> None:
    """A doubled share of Partially Met is material although it is under ten points."""
    groups = {"Female": (30, 80, 178, 12, 0), "Male": (30, 80, 163, 27, 0)}
    partially_met = found(cohort_of, groups, scs).exploratory[1]
    assert partially_met.question == "Partially Met"
    assert partially_met.margin == 0.025
    assert partially_met.verdict is not Verdict.NO_MATERIAL_GAP


@pytest.mark.parametrize(
    "groups",
    [
        {"Female": (0, 0, 12, 0, 0), "Male": (0, 0, 15, 0, 0)},
        {"Female": (0, 0, 6, 0, 0), "Male": (3, 4, 5, 1, 0)},
        {"Female": (5, 0, 0, 0, 0), "Male": (0, 0, 0, 5, 0)},
        {"Undeclared": (1, 2, 3, 1, 0), "Unknown": (0, 0, 1, 0, 5)},
        {"Male": (0, 0, 1, 0, 0)},
        {"Female": (0, 0, 0, 0, 9), "Male": (0, 0, 0, 0, 9)},
    ],
)
def test_degenerate_tables_have_a_named_verdict(
    cohort_of: CohortOf, scs: Scheme, groups: Groups
) -> None:
    """One box, one group, one person, nobody rated, nobody declared: a verdict and no warning."""
    sex = found(cohort_of, groups, scs)
    assert sex.verdict in Verdict
    assert sex.primary or sex.reason


def test_an_empty_breakdown_is_not_compared(cohort_of: CohortOf, scs: Scheme) -> None:
    """Nobody in the table is a reason of its own."""
    empty = breakdown(cohort_of({}), "sex", stage="mid-year")
    assert disparities([empty], scheme=scs)["sex"].reason == "There is nobody in the table."
