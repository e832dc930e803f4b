"""The real tables of 2013-14, read as published, give the published shares and known answers.

Shares: written answers PQ 209631 (Department of Health) and PQ 209494 (DWP). Statistics of the
Department of Health by disability: computed in R 4.2 (coin, stats, own enumeration), see
`tests/worked`; the values used here are copied from those records.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from pmstats import breakdown, coverage, disparities, distribution, read_export
from pmstats.cohort import Cohort
from pmstats.findings.finding import Verdict
from pmstats.scheme import Scheme

HERE = Path(__file__).parent

# Disabled (10, 90, 8 of 108) beside not disabled (373, 1031, 36 of 1,440): value, low, high.
WHOLE = {"superiority": 0.40068158436214, "p": 1.21848351061144e-05}  # by absolute deviation
EXCEEDED = {
    "difference": (
        -0.166435185185185,
        -0.215093968918759,
        -0.0940560006886491,
    ),  # R
    "ratio": (0.357462019660411, 0.19600441617586, 0.630202208956904),  # Koopman
    "p": 1.31171615632708e-4,  # the score test, added up with scipy.stats.binom
}
NEEDED = {
    "difference": (0.0490740740740741, 0.0117664919355985, 0.114785140801325),
    "ratio": (2.96296296296296, 1.42067225364041, 6.02301398125991),
    "p": 0.00592353915636107,
}


def published(name: str, scheme: Scheme) -> Cohort:
    """The cohort of one published table, by the mapping beside it."""
    return read_export(
        HERE / f"{name}.csv", scheme=scheme, mapping=HERE / f"{name}.toml", stage="end-year"
    )


def test_the_department_of_health_by_disability(three_box: Scheme) -> None:
    """400, 1,217 and 46 of 1,663 people: the published 24%, 73% and 3%."""
    cohort = published("dh_2013_14_disability", three_box)
    overall = distribution(cohort, stage="end-year")
    assert overall.counts == (400, 1217, 46)
    assert [round(100 * share) for share in overall.shares] == [24, 73, 3]
    ledger = coverage(cohort, stage="end-year")
    assert (ledger.in_export, ledger.rated, ledger.exclusions) == (1663, 1663, ())
    by_disability = breakdown(cohort, "disability", stage="end-year")
    assert by_disability.declaration_rate == pytest.approx(1548 / 1663)


def test_the_department_of_health_by_working_pattern(three_box: Scheme) -> None:
    """The same 1,663 people; 18.9% of 244 part-time staff Exceeded, 24.9% of the others."""
    cohort = published("dh_2013_14_workpattern", three_box)
    assert distribution(cohort, stage="end-year").counts == (400, 1217, 46)
    pattern = breakdown(cohort, "working_pattern", stage="end-year")
    shares = [round(100 * row.distribution.shares[0], 1) for row in pattern.declared]
    assert sorted(shares) == [18.9, 24.9]


def test_women_and_men_at_the_department_for_work_and_pensions(three_box: Scheme) -> None:
    """91,950 people, 21.7% of women and 18.8% of men Exceeded: certain, and not material."""
    cohort = published("dwp_2013_14_sex", three_box)
    by_sex = breakdown(cohort, "sex", stage="end-year")
    assert by_sex.people == 91_950
    shares = {row.name: row.distribution.shares for row in by_sex.declared}
    assert shares["Female"] == pytest.approx((13786 / 63463, 45715 / 63463, 3962 / 63463))
    assert shares["Male"] == pytest.approx((5371 / 28487, 20110 / 28487, 3006 / 28487))
    sex = disparities([by_sex], scheme=three_box)["sex"]
    assert sex.primary is not None
    assert sex.primary.p_value is not None
    assert sex.primary.p_value < 1e-6
    assert sex.verdict is Verdict.NO_MATERIAL_GAP


def test_age_at_the_department_for_work_and_pensions(three_box: Scheme) -> None:
    """Ten bands beside 45 to 49; the eldest are in Exceeded least often, 80 of 1,536."""
    cohort = published("dwp_2013_14_age", three_box)
    by_age = breakdown(cohort, "age", stage="end-year")
    assert [row.name for row in by_age.declared][-1] == "65+"
    assert by_age.declared[-1].distribution.shares[0] == pytest.approx(80 / 1536)
    age = disparities([by_age], scheme=three_box)["age"]
    assert age.verdict is Verdict.GAP
    assert age.primary is not None
    assert age.primary.group == "65+"


def test_disability_at_the_department_of_health_agrees_with_r(three_box: Scheme) -> None:
    """Whole scale and both framings: superiority, differences, ratios and exact tests from R."""
    cohort = published("dh_2013_14_disability", three_box)
    by_disability = breakdown(cohort, "disability", stage="end-year")
    disability = disparities([by_disability], scheme=three_box)["disability"]
    whole, (exceeded, needed) = disability.primary, disability.exploratory
    assert whole is not None
    assert whole.effect is not None
    assert whole.effect.value == pytest.approx(WHOLE["superiority"], abs=1e-9)
    assert whole.p_value == pytest.approx(WHOLE["p"], rel=1e-6)
    for finding, known in ((exceeded, EXCEEDED), (needed, NEEDED)):
        assert finding.effect is not None
        assert finding.ratio is not None
        got = (finding.effect.value, finding.effect.low, finding.effect.high)
        assert got == pytest.approx(known["difference"], abs=1e-7)
        got = (finding.ratio.value, finding.ratio.low, finding.ratio.high)
        assert got == pytest.approx(known["ratio"], rel=1e-6)
        assert finding.p_value == pytest.approx(known["p"], rel=1e-6)
