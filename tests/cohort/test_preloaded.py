"""A cohort held ready answers for the same bytes read in the same way, and for nothing else."""

from datetime import date
from pathlib import Path

import pytest

from pmstats.cohort import Mapping, check_export, preloaded, read_export
from pmstats.cohort.mapping import Files
from pmstats.errors import ExportError
from pmstats.looks import GRAIN, looks_since
from pmstats.scheme import load_scheme

SCHEME = load_scheme()
READING = preloaded.Reading(scheme=SCHEME, mapping=Mapping(), stage="mid-year", cut_off=None)
EXPORT = (
    "Department,Grade,Date entered SCS,Mid-year rating,Sex,Full name\n"
    "Tides,SCS1,2015-03-31,A,Female,x\n"
    "Tides,SCS1,2015-03-31,HP,Male,y\n"
)


@pytest.fixture
def export(tmp_path):
    """A small made-up export; nothing is held before or after."""
    preloaded.forget()
    path = tmp_path / "export.csv"
    path.write_text(EXPORT, encoding="utf-8")
    yield path
    preloaded.forget()


def hold(path: Path, *, stage: str = "mid-year", cut_off: date | None = None):
    """Read the export and keep the cohort, as the parent of a run does."""
    cohort = read_export(path, scheme=SCHEME, stage=stage, cut_off=cut_off)
    reading = preloaded.Reading(scheme=SCHEME, mapping=Mapping(), stage=stage, cut_off=cut_off)
    preloaded.hold(cohort, reading=reading)
    return cohort


def test_the_same_export_read_in_the_same_way_is_not_read_again(export):
    """The very same cohort comes back, and the same problems with it."""
    before = check_export(export, scheme=SCHEME, stage="mid-year")
    held = hold(export)
    again = read_export(str(export), scheme=SCHEME, stage="mid-year", cut_off="")
    assert again.people is held.people
    assert check_export(export, scheme=SCHEME, stage="mid-year") == before
    assert again.problems == held.problems
    assert before


def test_another_way_of_reading_reads_anew(export):
    """Another stage, day or mapping is another cohort."""
    held = hold(export)
    assert read_export(export, scheme=SCHEME).people is not held.people
    other = read_export(export, scheme=SCHEME, stage="mid-year", cut_off="2024-09-30")
    assert other.people is not held.people
    mapping = Mapping(fixed={"grade": "SCS2"})
    assert (
        preloaded.held(
            export,
            reading=preloaded.Reading(
                scheme=SCHEME, mapping=mapping, stage="mid-year", cut_off=None
            ),
        )
        is None
    )


def test_a_changed_export_is_read_anew(export):
    """The bytes decide, not the name, the size or the time of the file."""
    held = hold(export)
    export.write_text(EXPORT.replace("HP", "PM"), encoding="utf-8")
    again = read_export(export, scheme=SCHEME, stage="mid-year")
    assert again.people is not held.people
    assert again.export_sha256 != held.export_sha256


@pytest.fixture
def hashed(monkeypatch):
    """The names of the files that are hashed."""
    names: list[str] = []
    sha256 = preloaded.sha256_of
    monkeypatch.setattr(
        preloaded, "sha256_of", lambda path: names.append(path.name) or sha256(path)
    )
    return names


@pytest.mark.parametrize(("later", "expected"), [(10, []), (0, ["export.csv"])])
def test_an_export_at_rest_is_not_hashed_again(export, hashed, later, expected):
    """One that was written just before it was read is: the next change might not show."""
    written = export.stat().st_ctime_ns
    looks = looks_since(written + later * GRAIN, export, [export.name, "gone"])
    cohort = read_export(export, scheme=SCHEME, stage="mid-year")
    preloaded.hold(cohort, reading=READING, looks=looks)
    assert preloaded.held(export, reading=READING) is cohort
    assert hashed == expected


def test_an_export_that_looks_otherwise_is_hashed_again(export, hashed):
    """Written anew with the same bytes it is the same, with other bytes another."""
    looks = looks_since(2**62, export, [export.name])
    cohort = read_export(export, scheme=SCHEME, stage="mid-year")
    preloaded.hold(cohort, reading=READING, looks=looks)
    other = export.with_name("other.csv")
    other.write_text(EXPORT, encoding="utf-8")
    other.replace(export)
    assert preloaded.held(export, reading=READING) is cohort
    export.write_text(EXPORT.replace("HP", "PM"), encoding="utf-8")
    assert preloaded.held(export, reading=READING) is None
    assert hashed == ["export.csv"] * 2


def test_a_vanished_export_is_not_answered_from_memory(export):
    """What is no longer there cannot be read, held or not."""
    hold(export)
    export.unlink()
    assert preloaded.held(export, reading=READING) is None


@pytest.mark.parametrize("beside", ["ratings", "awards"])
def test_a_changed_file_beside_the_export_is_read_anew(export, beside):
    """Ratings and awards belong to the cohort: their bytes count as the export's own do."""
    export.write_text(
        EXPORT.replace("Department", "Staff ID,Department")
        .replace("\nT", "\n1,T", 1)
        .replace("\nT", "\n2,T"),
        encoding="utf-8",
    )
    other = export.with_name("other.csv")
    other.write_text(
        "Staff ID,Stage,Rating,Type,Amount\n1,mid-year,A,in_year,5\n", encoding="utf-8"
    )
    mapping = Mapping(files=Files(**{beside: "other.csv"}))
    asked = {"scheme": SCHEME, "mapping": mapping, "stage": "mid-year"}
    held = read_export(export, **asked)
    assert [name for name, _ in held.files] == ["other.csv"]
    preloaded.hold(
        held,
        reading=preloaded.Reading(scheme=SCHEME, mapping=mapping, stage="mid-year", cut_off=None),
    )
    assert read_export(export, **asked).people is held.people
    other.write_text(
        "Staff ID,Stage,Rating,Type,Amount\n2,mid-year,PM,in_year,6\n", encoding="utf-8"
    )
    again = read_export(export, **asked)
    assert again.people is not held.people
    assert again.files != held.files
    other.unlink()
    with pytest.raises(ExportError, match="cannot be opened"):
        read_export(export, **asked)
