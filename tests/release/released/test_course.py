"""The course of the year in a release: one line drawn once, and what its words give away."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pmstats.cohort import Cohort, load_mapping, read_export
from pmstats.counts.movement import movement
from pmstats.counts.turnover import turnover
from pmstats.release.released.audit import Leak, leaks, search_of
from pmstats.release.released.course import _impossible, course_of
from pmstats.release.released.facts import NOT_RATED, RATING, Fact, FactKind, Register
from pmstats.release.released.material import material_of, units_of
from pmstats.scheme import Scheme

YEAR = Path(__file__).parents[3] / "data/synthetic/year/scs_2024_25.csv"
HIGHER = (("since mid-year", ("higher",)),)


@pytest.fixture(scope="module")
def ended(scs: Scheme) -> Cohort:
    """A made-up department of 175 at the end of its year, with its awards."""
    mapping = load_mapping(YEAR.with_name("mapping.toml"), scheme=scs)
    whole = read_export(YEAR, scheme=scs, stage="final", mapping=mapping)
    return whole.department("Belltower Bureau")


def test_each_strand_is_counted_once(ended: Cohort) -> None:
    """Moderation, mid-year, quarters, awards: rows are the sums of the tables they come from."""
    strands = {each.table.id: each.table for each in course_of(ended, stage="final")}
    assert list(strands) == ["since-recommended", "since-mid-year", "rated-in-quarters", "awards"]
    moved = movement(ended, start="recommended", end="final")
    counts = {row.name: row.distribution.n for row in strands["since-recommended"].rows}
    assert counts["Rated the same"] == moved.n - moved.changed
    assert sum(counts.values()) == moved.n
    both = turnover(ended, ended, stage_before="mid-year", stage_after="final")
    counts = {row.name: row.distribution.n for row in strands["since-mid-year"].rows}
    assert counts.pop("Joined since") == both.joined.n
    assert sum(counts.values()) == both.stayed.n


def test_few_who_moved_are_shown_together(ended: Cohort, scs: Scheme) -> None:
    """Where one direction has fewer than the threshold both are one row: the coarser degree."""
    strands = {each.table.id: each.table for each in course_of(ended, stage="final")}
    moved = movement(ended, start="recommended", end="final")
    assert moved.changed
    assert min(moved.raised, moved.lowered) < 10
    names = [row.name for row in strands["since-recommended"].rows]
    assert names == ["Rated differently", "Rated the same"]
    assert scs.release is not None
    few = replace(scs, release=replace(scs.release, threshold=min(moved.raised, moved.lowered)))
    shown = course_of(replace(ended, scheme=few), stage="final")[0].table
    assert [row.name for row in shown.rows] == [box.name for box in scs.release.moves[0].boxes]
    silent = replace(scs, release=replace(scs.release, moves=()))
    assert course_of(replace(ended, scheme=silent), stage="final") == ()


def test_there_is_no_course_before_the_end(ended: Cohort) -> None:
    """A mid-year release has no such section, nor has one of a unit."""
    assert course_of(ended, stage="mid-year") == ()
    unit = material_of(ended, stage="final", unit=units_of(ended)[0])
    assert not [table for table in unit.tables if table.section]


def test_a_units_release_is_of_its_people_alone(ended: Cohort) -> None:
    """Everybody counted is of the unit, the units add up to the department, groups stay out."""
    units = [material_of(ended, stage="final", unit=name) for name in units_of(ended)]
    whole = material_of(ended, stage="final")
    assert len(units) > 1
    assert sum(each.rated for each in units) == whole.rated
    for each, name in zip(units, units_of(ended), strict=True):
        assert each.whole == (("business_unit", (name,)),)
        assert all(dict(row.where)["business_unit"] == (name,) for row in each.overall.rows)
        assert each.tables == ()


# ---- what the words give away --------------------------------------------------------------------


def registers(scs: Scheme) -> tuple[Register, Register]:
    """Mid-year 20 in Partially Met and 30 in Achieving; at the end 5 and 45, all rated twice."""
    boxes = scs.rating_names
    worst, next_worst = scs.worst_first[:2]

    def exact(id: str, value: int, *where: tuple[str, tuple[str, ...]]) -> Fact:
        return Fact(id=id, kind=FactKind.EXACT, value=value, where=tuple(sorted(where)))

    def register(stage: str, facts: tuple[Fact, ...]) -> Register:
        return Register(
            department="d", year="2024-25", stage=stage, export="a", threshold=10,
            assumed_change=1, dimensions=((RATING, (*boxes, NOT_RATED)),), facts=facts,
        )  # fmt: skip

    rated = (RATING, boxes)
    before = register("mid-year", (
        exact("m/all", 50, rated),
        exact("m/PM", 20, (RATING, (worst,))),
        exact("m/A", 30, (RATING, (next_worst,))),
    ))  # fmt: skip
    since, then = "since mid-year", "mid-year box"
    answers = ("higher", "the same", "lower", "no rating both times")
    after = replace(
        register("final", (
            exact("f/all", 50, rated),
            exact("f/everyone", 50),
            exact("f/PM", 5, (RATING, (worst,))),
            exact("f/A", 45, (RATING, (next_worst,))),
            exact("f/once", 0, (since, answers[3:])),
            Fact(id="f/higher", kind=FactKind.HELD_BACK, threshold=10, where=(
                rated, (since, ("higher",)))),
        )),
        dimensions=((RATING, (*boxes, NOT_RATED)), (since, answers),
                    (then, (*scs.best_first, NOT_RATED))),
        nobody=tuple(_impossible(since, then, scs.best_first, joining=False)),
        before=((then, "mid-year"),),
    )  # fmt: skip
    return before, after


def limits(held: list[Register], scs: Scheme) -> tuple[int, int] | None:
    """How many were rated higher, as far as a reader of these can tell."""
    search = search_of(held, scheme=scs)
    boxes = set(scs.rating_names)
    (place,) = [
        place
        for place, cell in enumerate(search.cells)
        if cell.group == HIGHER and set(cell.boxes) == boxes
    ]
    return search.limits(search.line(place))


def test_earlier_boxes_are_linked_to_the_earlier_release(scs: Scheme) -> None:
    """Of 20 at most 5 stayed in the worst box, so that 15 or more were rated higher.

    By hand: those now in the worst box are 5; nobody rated lower ends above it, and 45 in
    Achieving had Achieving (30 at most) or Partially Met then. Without the link up to all 45.
    """
    before, after = registers(scs)
    assert limits([before, after], scs) == (15, 20)
    low, high = limits([after], scs) or (0, 0)
    assert low == 10
    assert high == 45


def test_what_words_rule_out_is_no_finding(scs: Scheme) -> None:
    """That nobody rated higher is in the worst box is what the words say, not a breach."""
    before, after = registers(scs)
    report = leaks([before, after], scheme=scs)
    nobody = [b for b in report.breaches if b.leak is Leak.NOBODY]
    assert not [b for b in nobody if "higher" in b.people and b.boxes == scs.worst_first[:1]]


def test_links_that_the_facts_contradict_are_left_aside(scs: Scheme) -> None:
    """The record of mid-year was corrected since: the later release is still audited."""
    before, after = registers(scs)
    wrong = replace(before, facts=tuple(
        replace(fact, value={"m/all": 20, "m/PM": 10, "m/A": 10}[fact.id])
        for fact in before.facts))  # fmt: skip
    assert limits([wrong, after], scs) == limits([after], scs)
