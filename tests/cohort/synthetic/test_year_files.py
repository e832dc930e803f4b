"""The whole made-up year that the later notebooks read is what the generator makes."""

from __future__ import annotations

from pathlib import Path

from pmstats.cohort.synthetic import write_synthetic

YEAR = Path(__file__).parents[3] / "data" / "synthetic" / "year"


def test_the_committed_year_is_the_generators_byte_for_byte(tmp_path: Path) -> None:
    """Exports, awards and truth of both years; the mapping beside them is written by hand."""
    made = write_synthetic(tmp_path, moderation=True, record=True, previous=True)
    assert {path.name for path in made} == {path.name for path in YEAR.iterdir()} - {"mapping.toml"}
    for path in made:
        assert path.read_bytes() == (YEAR / path.name).read_bytes(), path.name
