"""What changed since the last check: answers and boxes beside each other, chance named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pmstats.release import since_last_check, snapshot_of
from pmstats.release.restricted.bundle import RestrictedPack
from pmstats.scheme import Scheme


def test_without_an_earlier_check_a_pack_stays_as_it_is(
    packs: Mapping[str, RestrictedPack], scs: Scheme
) -> None:
    """The first check of a department says nothing of change."""
    assert since_last_check(packs["a gap"], None, scheme=scs) == packs["a gap"]


def test_a_line_says_how_many_answers_changed_and_of_how_many_people(
    packs: Mapping[str, RestrictedPack],
) -> None:
    """564 were rated at mid-year and 635 at the end (the synthetic export's own counts)."""
    pack = packs["the whole year"]
    line = pack.headlines[-1]
    assert line.section == "since"
    assert "n = 564 then, n = 635 now" in line.sentence
    assert "an answer can turn by chance" in line.sentence
    answers = pack.section("since").tables[-1]
    changed = [row for row in answers.rows if row[1] != row[2] and row[0] != "Is everyone counted?"]
    assert line.answer == f"{len(changed)} answers"


def test_nothing_changed_is_said_too(packs: Mapping[str, RestrictedPack], scs: Scheme) -> None:
    """A check beside itself has no changed answer."""
    pack = packs["a gap"]
    beside = since_last_check(pack, snapshot_of(pack, scheme=scs), scheme=scs)
    assert beside.headlines[-1].answer == "no answers"
    assert beside.section("since").tables[0].id == "since-ratings"


def test_other_boxes_are_not_set_beside_each_other(
    packs: Mapping[str, RestrictedPack], scs: Scheme
) -> None:
    """Where the earlier check had another scale, only answers are compared."""
    pack = packs["a gap"]
    earlier = snapshot_of(pack, scheme=scs)
    tables = tuple(
        replace(table, rows=tuple(row for row in table.rows if row[0] != "Exceeding"))
        for table in earlier.tables
    )
    beside = since_last_check(pack, replace(earlier, tables=tables), scheme=scs)
    assert [table.id for table in beside.section("since").tables] == ["since-answers"]
    assert "n not kept" in beside.headlines[-1].sentence
