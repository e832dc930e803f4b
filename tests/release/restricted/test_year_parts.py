"""What the end of the year adds to a pack: every part held, no small group, no part too early."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pmstats.cohort import Cohort, read_export
from pmstats.cohort.synthetic import synthesise
from pmstats.counts import Distribution, breakdown, breakdowns, coverage, distribution
from pmstats.counts.awards import AwardBreakdown
from pmstats.counts.movement import Movement, Movements, movement_breakdown, movements_by
from pmstats.counts.quarters import Completion, Quarter, Quarters
from pmstats.findings import compare_to_curve, disparities
from pmstats.release import restricted_pack, restricted_table
from pmstats.release.restricted.bundle import RestrictedPack
from pmstats.release.restricted.parts import PackPart
from pmstats.release.restricted.year_parts import year_parts
from pmstats.release.table import TOO_FEW
from pmstats.report.page import page
from pmstats.scheme import Scheme

if TYPE_CHECKING:
    from tests.conftest import CohortOf

PARTS = ["moderation", "quarters", "process", "since-mid-year", "units", "awards", "return"]


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory, scs: Scheme) -> Cohort:
    """A made-up year of 600 people with moderation, record and awards."""
    folder: Path = tmp_path_factory.mktemp("year")
    made = synthesise(moderation=True, record=True, people=600)
    assert made.awards is not None
    made.export.to_csv(folder / "year.csv", index=False)
    made.awards.to_csv(folder / "awards.csv", index=False)
    (folder / "mapping.toml").write_text('[files]\nawards = "awards.csv"\n')
    return read_export(folder / "year.csv", scheme=scs, mapping=folder / "mapping.toml")


@pytest.fixture(scope="module")
def parts(year: Cohort) -> tuple[PackPart, ...]:
    """The parts of the largest department."""
    return year_parts(year.department("Lighthouse Ministry"), stage="final")


def test_every_part_is_there_once(parts: tuple[PackPart, ...]) -> None:
    """From moderation to the annual return, each table with an id of its own."""
    assert [part.section.id for part in parts] == PARTS
    ids = [table.id for part in parts for table in part.section.tables]
    assert len(ids) == len(set(ids))
    assert all(part.section.paragraph and part.section.sentences for part in parts)


def test_a_mid_year_pack_adds_only_the_process_so_far(year: Cohort) -> None:
    """The other parts are of the end of the year; nor is anything asked of them before it."""
    (part,) = year_parts(year.department("Lighthouse Ministry"), stage="mid-year")
    assert part.section.id == "process"
    assert part.section.tables[0].column("Expectation")[-1] == "Mid-year write-up"
    assert part.headlines[0].answer == "3 of 5 kept throughout"


def test_without_awards_there_is_no_part_on_them_and_the_return_says_so(year: Cohort) -> None:
    """What the export does not hold is left out, or said to be absent."""
    without = replace(year.department("Lighthouse Ministry"), awards=None)
    found = {part.section.id: part.section for part in year_parts(without, stage="final")}
    assert list(found) == [name for name in PARTS if name != "awards"]
    returned = {row[0]: row[1] for row in found["return"].tables[0].rows}
    assert returned["In-year payments"] == "not in the export"


def test_parts_go_into_the_pack_and_onto_the_page(year: Cohort, scs: Scheme) -> None:
    """Every department's page, small ones too, has the sections and is the same each time."""
    for name in ("Office of Tides", "Sundial Office"):
        ours = year.department(name)
        pack = _pack(ours, scs)
        html = page(pack, scheme=scs)
        assert html == page(_pack(ours, scs), scheme=scs)
        assert '<section id="moderation"' in html
        assert '<section id="return"' in html


def _pack(ours: Cohort, scs: Scheme) -> RestrictedPack:
    overall = distribution(ours, stage="final")
    return restricted_pack(
        ours,
        stage="final",
        ledger=coverage(ours, stage="final"),
        overall=overall,
        curve=compare_to_curve(overall, scheme=scs),
        disparities=disparities(breakdowns(ours, stage="final"), scheme=scs),
        parts=year_parts(ours, stage="final"),
    )


def test_no_group_below_the_minimum_has_a_number(year: Cohort, scs: Scheme) -> None:
    """In every table of movement, in every department, a small group says too few and no more."""
    for name in year.departments:
        ours = year.department(name)
        tables = {
            "grade": movements_by(ours, "grade", start="recommended", end="final"),
            "panel": movements_by(ours, "panel", start="recommended", end="final"),
            **{
                each: movement_breakdown(ours, each, start="recommended", end="final")
                for each in ours.characteristics
            },
        }
        for subject in tables.values():
            sizes = {label: moved.n for label, moved in subject.rows}
            for row in restricted_table(subject, scheme=scs).rows:
                if sizes[str(row[0])] < scs.practice.minimum_group:
                    assert row[1] == TOO_FEW
                    assert set(row[2:]) == {None}


def test_one_small_panel_takes_another_with_it(scs: Scheme) -> None:
    """The people of a withheld panel cannot be had by subtraction from the department."""

    def moved(n: int) -> Movement:
        empty = (0, 0, 0, 0)
        return Movement(
            start="recommended",
            end="local",
            ratings=scs.best_first,
            table=(empty, empty, (0, 0, n, 0), empty),
        )

    panels = Movements(heading="Panel", rows=(("A", moved(3)), ("B", moved(9)), ("C", moved(30))))
    rows = restricted_table(panels, scheme=scs).rows
    assert [row[1] for row in rows] == [TOO_FEW, TOO_FEW, 30]


def test_a_quarter_of_the_minimum_is_shown_and_of_one_fewer_is_not(scs: Scheme) -> None:
    """5 people rated are the scheme's minimum: their quarter is shown, that of 4 is not."""

    def quarter(n: int) -> Quarter:
        counted = Distribution(ratings=scs.rating_names, counts=(0, 0, n, 0))
        return Quarter(stage="quarter-1", title="First quarter", distribution=counted)

    table = restricted_table(Quarters(each=(quarter(5), quarter(4))), scheme=scs)
    assert table.column("Rated (n)") == (5, TOO_FEW)


def test_completion_is_of_the_minimum_of_people_due_in_each_quarter(scs: Scheme) -> None:
    """Of 5 people due the share is shown; in a quarter in which 4 were due it is not."""
    rows = (("A", ((4, 5), (4, 4))), ("B", ((30, 40), (30, 40))))
    found = Completion(heading="Grade", titles=("First quarter", "Mid-year"), rows=rows)
    assert restricted_table(found, scheme=scs).rows[0] == ("A", 0.8, TOO_FEW)


def test_end_year_awards_are_of_the_minimum_of_those_who_may_have_one(
    cohort_of: CohortOf, scs: Scheme
) -> None:
    """2 of 5 is shown; of 4 who may have one, in a group large enough itself, it is not."""
    cohort = cohort_of({"Female": (0, 0, 9, 0, 0), "Male": (0, 0, 9, 0, 0)})
    found = AwardBreakdown(
        groups=breakdown(cohort, "sex", stage="mid-year"),
        in_year={"Female": ((3, 9),), "Male": ((0, 9),)},
        end_year={"Female": ((2, 5),), "Male": ((2, 4),)},
    )
    table = restricted_table(found, scheme=scs)
    assert table.column("With one, of those who may") == (0.4, TOO_FEW)
    assert table.column("With an in-year award") == (1 / 3, 0.0)


def test_what_has_no_table_is_refused(scs: Scheme) -> None:
    """Rows of people, or anything else, have no restricted table."""
    with pytest.raises(TypeError, match="cannot be made of dict"):
        restricted_table({}, scheme=scs)  # type: ignore[arg-type]


def test_awards_that_keep_every_rule_say_so(parts: tuple[PackPart, ...]) -> None:
    """An empty check is a sentence and a row, not an empty table."""
    (section,) = (part.section for part in parts if part.section.id == "awards")
    said = "The check of these awards found no cap and no rule of eligibility broken."
    assert said in section.sentences
    (checked,) = (table for table in section.tables if table.id == "award-rules")
    assert checked.rows[0][0] == "All checked"
