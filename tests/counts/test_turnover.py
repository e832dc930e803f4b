"""Two points in time: everyone accounted for, and the change split where it was planted."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pmstats.cohort import Cohort, read_export
from pmstats.cohort.synthetic import synthesise
from pmstats.counts.distribution import Distribution
from pmstats.counts.turnover import turnover
from pmstats.errors import ParameterError
from pmstats.findings.turnover import ShareChange, change_readings
from pmstats.scheme import Scheme, a_year_earlier

BOXES = {"E": "Exceeding", "H": "High Performing", "A": "Achieving", "P": "Partially Met"}


def cohort(scs: Scheme, people: Mapping[int, str], *, grade: str = "SCS1") -> Cohort:
    """People by number, each with a mid-year and a final rating; a dot is none."""
    data = pd.DataFrame(
        {
            "person_id": np.array(list(people), dtype=np.uint64),
            "department": pd.Categorical(["Ministry of Examples"] * len(people)),
            "grade": pd.Categorical([grade] * len(people)),
            "count": np.ones(len(people), dtype=np.int64),
        }
    )
    for place, column in enumerate(("rating_midyear", "rating_final")):
        data[column] = pd.Categorical(
            [BOXES.get(rating[place]) for rating in people.values()],
            categories=list(scs.rating_names),
        )
    return Cohort(scheme=scs, people=data, export_name="made.csv", export_sha256="0" * 64)


def test_everyone_stayed_joined_or_left(scs: Scheme) -> None:
    """Of three before and four after two are in both: one raised, one lowered."""
    before = cohort(scs, {1: "AA", 2: "HH", 3: "EE"})
    after = cohort(scs, {2: "AA", 1: "HH", 8: "PP", 9: "E."}, grade="SCS2")
    found = turnover(before, after, stage_before="mid-year", stage_after="mid-year")
    assert (found.stayed.n, found.stayed.raised, found.stayed.lowered) == (2, 1, 1)
    assert found.left.counts == (1, 0, 0, 0)
    assert found.joined.counts == (1, 0, 0, 1)
    assert {each.what: (each.people, each.changed) for each in found.changed.each} == {
        "Grade": (2, 2)
    }
    assert found.before.people - found.left.people == found.after.people - found.joined.people


def test_a_blank_is_no_change_on_record(scs: Scheme) -> None:
    """Of two in both exports one has a grade in both; a grade left blank has not changed."""
    before, after = cohort(scs, {1: "AA", 2: "HH"}), cohort(scs, {1: "AA", 2: "HH"})
    grades = pd.Categorical(["SCS1", None], categories=["SCS1"])
    blank = replace(after, people=after.people.assign(grade=grades))
    for one, other in ((before, blank), (blank, before)):
        found = turnover(one, other, stage_before="final", stage_after="final")
        assert [(each.people, each.changed) for each in found.changed.each] == [(1, 0)]


def test_two_stages_of_one_export_are_two_points_in_time(scs: Scheme) -> None:
    """Given one cohort twice, nobody changed grade and the stages make the movement."""
    year = cohort(scs, {1: "AH", 2: "HH", 3: ".A"})
    found = turnover(year, year, stage_before="mid-year", stage_after="final")
    assert (found.stayed.n, found.stayed.unmatched, found.stayed.raised) == (2, 1, 1)
    assert found.changed.each == ()


def test_exports_read_with_different_keys_are_refused(scs: Scheme) -> None:
    """Pseudonyms that do not meet would make everyone a leaver and a joiner."""
    with pytest.raises(ParameterError, match="one key"):
        turnover(
            cohort(scs, {1: "AA"}),
            cohort(scs, {2: "AA"}),
            stage_before="mid-year",
            stage_after="mid-year",
        )


def test_a_mix_holds_everyone(scs: Scheme) -> None:
    """By grade each table adds up to its own distribution."""
    before, after = cohort(scs, {1: "AA", 2: "HH"}), cohort(scs, {2: "A.", 3: "EE"}, grade="SCS2")
    found = turnover(before, after, stage_before="final", stage_after="final")
    nobody = Distribution(ratings=scs.best_first, counts=(0, 0, 0, 0))
    (mix,) = found.mixes
    assert sum((was for _, was, _ in mix.rows), nobody) == found.before
    assert sum((now for _, _, now in mix.rows), nobody) == found.after


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory, scs: Scheme) -> dict[str, list[ShareChange]]:
    """The change in the top two boxes of each made-up department, split by every column.

    `synthesise(previous=True)` plants in one department other people rated alike, in another
    like people rated otherwise, and in the rest nothing.
    """
    folder = tmp_path_factory.mktemp("years")
    made = synthesise(previous=True)
    assert made.previous is not None
    made.export.to_csv(folder / "now.csv", index=False)
    made.previous.export.to_csv(folder / "before.csv", index=False)
    key = os.urandom(32)
    now = read_export(Path(folder / "now.csv"), scheme=scs, key=key, stage="final")
    before = read_export(
        Path(folder / "before.csv"), scheme=a_year_earlier(scs), key=key, stage="final"
    )
    found = {}
    for name in now.departments:
        both = turnover(
            before.department(name),
            now.department(name),
            stage_before="final",
            stage_after="final",
        )
        readings = change_readings(both, scheme=scs).each
        found[name] = [each for each in readings if each.framing == "Top two boxes"]
    return found


def by(column: str, split: list[ShareChange]) -> ShareChange:
    """The split by one column."""
    return next(each for each in split if each.by == column)


def test_other_people_rated_alike_show_as_composition(
    planted: dict[str, list[ShareChange]],
) -> None:
    """Lighthouse Ministry lost many people aged 60 to 64, whom its ratings disfavour."""
    age = by("Age", planted["Lighthouse Ministry"])
    assert age.split.composition > 0.03
    assert 0.0 in age.rates


def test_like_people_rated_otherwise_show_as_ratings(
    planted: dict[str, list[ShareChange]],
) -> None:
    """The Office of Tides went from 42% to 55% in the top two boxes by plan, whoever was there."""
    for column in ("Grade", "Sex", "Age"):
        split = by(column, planted["Office of Tides"])
        assert split.rates.low > 0
        assert abs(split.split.composition) < 0.02


def test_the_parts_add_up_to_the_change(planted: dict[str, list[ShareChange]]) -> None:
    """In every department and by every column, to the last digit that floats hold."""
    for splits in planted.values():
        for each in splits:
            total = each.split.composition + each.split.rates
            assert total == pytest.approx(each.split.difference, abs=1e-12)
            assert each.split.difference == pytest.approx(each.share_after - each.share_before)
