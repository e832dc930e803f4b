"""A pack takes further parts, of other schemes too: tables apart, small groups withheld."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pmstats import (
    coverage,
    disparities,
    distribution,
    distributions_by,
    load_scheme,
    read_export,
    restricted_pack,
    restricted_table,
    write_pack,
)
from pmstats.counts import expectations, movement, profile
from pmstats.findings import agreements, shares
from pmstats.release import pack_part
from pmstats.release.restricted.bundle import RestrictedPack

DATA = Path(__file__).parents[3] / "data/synthetic"


@pytest.fixture(scope="module")
def pack() -> RestrictedPack:
    """A pack of two schemes: objectives, and the use of the process."""
    book, steps_book = load_scheme("parliament_objectives"), load_scheme("parliament_process")
    plans = read_export(DATA / "parliament/parliament_objectives.csv", scheme=book)
    staff = read_export(DATA / "parliament/parliament_process.csv", scheme=steps_book)
    moved = movement(plans, start="june-august", end="march-may")
    return restricted_pack(
        plans,
        stage="march-may",
        ledger=coverage(plans, stage="march-may"),
        overall=distribution(plans, stage="march-may"),
        curve=None,
        disparities=disparities((), scheme=book),
        parts=[
            pack_part(
                distributions_by(plans, "office", stage="march-may"),
                moved,
                scheme=book,
                id="status",
                title="Status",
                paragraph="key dates",
            ),
            pack_part(
                distributions_by(staff, "office", stage="form"),
                shares(profile(staff), framing="Recorded", scheme=steps_book),
                expectations(staff),
                scheme=steps_book,
                id="process",
                title="Process",
                paragraph="key dates",
            ),
        ],
    )


def test_every_table_of_a_pack_has_its_own_id(pack: RestrictedPack) -> None:
    """The same kind of table may stand in two parts; anchors and sheets stay apart."""
    ids = [table.id for section in pack.sections for table in section.tables]
    assert len(set(ids)) == len(ids)
    assert {"status-by-office", "process-by-office"} <= set(ids)


def test_a_pack_of_two_schemes_is_written_whole(pack: RestrictedPack, tmp_path: Path) -> None:
    """Tables of the second scheme keep their own boxes on the page of the first."""
    book = load_scheme("parliament_objectives")
    text = write_pack(pack, tmp_path, scheme=book)[0].read_text(encoding="utf-8")
    assert "Outside its window" in text
    assert "are green" not in text
    assert "objectives and goals rated at both" in text
    assert "Two groups are compared pair by pair" not in text, "nobody is compared"


def test_expectations_of_fewer_than_the_minimum_say_only_that() -> None:
    """Of nine people nothing is told; of none that nobody was asked."""
    book = load_scheme("parliament_process")
    staff = read_export(DATA / "parliament/parliament_process.csv", scheme=book)
    few = replace(staff, people=staff.people.head(9))
    shown = restricted_table(expectations(few), scheme=book)
    assert shown.column("Asked of")[0] == "too few to report"
    assert shown.column("So")[0] is None


def test_only_what_has_a_table_is_shown() -> None:
    """Anything else is refused: rows of people have no table."""
    book = load_scheme("parliament_process")
    with pytest.raises(TypeError):
        restricted_table(object(), scheme=book)  # type: ignore[arg-type]


def test_no_raters_no_agreement() -> None:
    """A scheme without raters has an empty table of agreements."""
    book = load_scheme("parliament_objectives")
    assert restricted_table(agreements([], scheme=book), scheme=book).rows == ()
