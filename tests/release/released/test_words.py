"""The words of a release are those of the findings, and the shortcut to them changes none."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pmstats.cohort import Cohort
from pmstats.counts import breakdowns, distribution
from pmstats.findings.curve import compare_to_curve
from pmstats.findings.disparity import disparities
from pmstats.findings.methods.permutation import permutation_test
from pmstats.release.released.known import annual_return_register
from pmstats.release.released.material import Material
from pmstats.release.released.words import curve_words, verdict_words
from pmstats.scheme import Scheme


def test_verdicts_are_those_of_the_findings(export: Cohort, scs: Scheme) -> None:
    """Where the same groups are compared, a release says the verdict of a restricted pack."""
    held = breakdowns(export.department("Lighthouse Ministry"), stage="mid-year")
    found = disparities(held, scheme=scs)
    compared = {
        each.breakdown.characteristic: [
            tuple(row.distribution.count(rating) for rating in scs.worst_first)
            for row in (each.breakdown.comparator, *each.breakdown.others)
        ]
        for each in found.each
        if each.primary
    }
    words = verdict_words(compared, scheme=scs)
    assert words == {
        f"{each.breakdown.characteristic}/verdict": each.verdict.value
        for each in found.each
        if each.primary
    }
    assert len(set(words.values())) > 1


def test_readings_are_those_of_the_findings(export: Cohort, scs: Scheme) -> None:
    """The curve's words are the readings that a restricted pack gives."""
    overall = distribution(export.department("Lighthouse Ministry"), stage="mid-year")
    reading = compare_to_curve(overall, scheme=scs)
    assert reading is not None
    assert curve_words(overall, scheme=scs) == {
        "curve/largest": reading.largest.reading.value,
        "curve/Partially Met": reading.shares[0].reading.value,
    }


def test_the_approximation_is_far_from_every_limit() -> None:
    """Where the chi-squared value stands in, the test is on the same side of 0.01 and 0.05."""
    from pmstats.release.released import words

    random = np.random.default_rng(5)
    stood_in = 0
    for number in range(40):
        sizes = random.integers(25, 80, size=3)
        lift = 0.25 if number % 4 == 0 else 0.0
        shares = [(0.05, 0.60 - lift * i / 2, 0.22 + lift * i / 2, 0.13) for i in range(3)]
        table = tuple(
            tuple(int(c) for c in random.multinomial(n, share))
            for n, share in zip(sizes, shares, strict=True)
        )
        quick, true = words._p_value(table, (5e-4, 0.1)), permutation_test(table).p_value
        stood_in += quick != true
        for limit in (0.01, 0.05):
            assert (quick <= limit) == (true <= limit)
    assert stood_in > 5


def test_the_annual_return_is_exact(material_of: Callable[..., Material], scs: Scheme) -> None:
    """Paragraph 90 asks for those eligible, the top two boxes together and apart, Partially Met."""
    material = material_of("Cloud Agency")
    register = annual_return_register(material, scheme=scs)
    counts = dict(zip(scs.rating_names, material.overall.rows[0].distribution.counts, strict=True))
    eligible, *boxes = register.facts
    assert eligible.value == material.people
    values = {dict(fact.where)["rating"]: fact.value for fact in boxes}
    assert values["Exceeding", "High Performing"] == counts["Exceeding"] + counts["High Performing"]
    assert values[("Partially Met",)] == counts["Partially Met"]
    assert values[scs.rating_names] == material.rated
