"""What the first page says of the year: the gravest verdict, with its numbers and limits."""

from __future__ import annotations

import pytest

from pmstats.cohort import Cohort, read_export
from pmstats.cohort.synthetic import synthesise
from pmstats.counts import Answer, Breakdown, Distribution, GroupRow
from pmstats.findings import disparities
from pmstats.findings.disparity import Disparities
from pmstats.release.restricted.parts import PackPart
from pmstats.release.restricted.year_headlines import alike, verdict_of
from pmstats.release.restricted.year_parts import year_parts
from pmstats.report.charts.choice import chart_of
from pmstats.scheme import Scheme

#: Counts best box first: alike beside the same, far lower, and too few to tell.
MEN, SAME, LOWER, FEW = (300, 600, 1000, 100), (300, 600, 1000, 100), (2, 20, 138, 40), (1, 2, 4, 1)


def compared(scs: Scheme, *women: tuple[int, ...]) -> Disparities:
    """One characteristic for each of these groups, all beside the same men."""
    return disparities(
        [
            Breakdown(
                characteristic="sex",
                title=f"Sex {number}",
                level="2 groups",
                reference="Male",
                protected=True,
                paragraph="83",
                rows=tuple(
                    GroupRow(
                        name=name,
                        people=name.lower(),
                        answer=Answer.DECLARED,
                        distribution=Distribution(ratings=scs.best_first, counts=counts),
                    )
                    for name, counts in (("Female", each), ("Male", MEN))
                ),
            )
            for number, each in enumerate(women)
        ],
        scheme=scs,
    )


@pytest.mark.parametrize(
    ("women", "word"),
    [
        ((SAME,), "no material gap"),
        ((SAME, FEW), "cannot tell"),
        ((SAME, FEW, LOWER), "gap"),
        ((), "not compared"),
    ],
)
def test_the_gravest_verdict_stands_on_the_first_page(
    scs: Scheme, women: tuple[tuple[int, ...], ...], word: str
) -> None:
    """A gap before all; what nobody can tell before what is known to be small."""
    found = compared(scs, *women)
    assert verdict_of(found) == word
    line = alike(found, question="?", section="moderation")
    assert line.answer == word
    assert ("Sex 2" in line.sentence) is (word == "gap")
    assert "n" in line.sentence or "people" in line.sentence


@pytest.fixture(scope="module")
def tides(tmp_path_factory: pytest.TempPathFactory, scs: Scheme) -> Cohort:
    """The made-up department whose women were moved down 15 points more often."""
    path = tmp_path_factory.mktemp("year") / "year.csv"
    synthesise(moderation=True, record=True).export.to_csv(path, index=False)
    return read_export(path, scheme=scs).department("Office of Tides")


@pytest.fixture(scope="module")
def parts(tides: Cohort) -> dict[str, PackPart]:
    """The parts of its end-year pack, by section."""
    return {part.section.id: part for part in year_parts(tides, stage="final")}


def test_a_planted_difference_is_on_the_first_page_and_asked_about(
    parts: dict[str, PackPart],
) -> None:
    """The moderation line says gap and of whom, and the pack asks about it, never for a change."""
    moderation = parts["moderation"]
    line = moderation.headlines[0]
    assert line.answer == "gap"
    assert "Sex: lowered, from the same starting box" in line.sentence
    (asked,) = (each for each in moderation.questions if "groups were moved differently" in each)
    assert asked.startswith("Sex")
    assert any(line.sentence[:40] in sentence for sentence in moderation.section.sentences)


def test_every_chart_of_the_year_has_a_finding_for_its_title(
    parts: dict[str, PackPart], scs: Scheme
) -> None:
    """No chart of the year is headed by the caption of its table alone."""
    charts = [
        (chart.finding, table.caption)
        for part in parts.values()
        for table in part.section.tables
        if (chart := chart_of(table, scheme=scs))
    ]
    assert len(charts) > 4
    for finding, caption in charts:
        assert finding.rstrip(".") != caption
        assert any(character.isdigit() for character in finding)
