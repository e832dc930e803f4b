"""The annual return as files: what was counted, nothing else, the same bytes each time."""

from __future__ import annotations

import csv
import stat
from pathlib import Path

import pytest

from pmstats.counts.annual_return import AnnualReturn
from pmstats.counts.awards import AwardRow, Awards, Payments
from pmstats.counts.distribution import Distribution
from pmstats.release import restricted_table
from pmstats.release.table import Column, Kind, RestrictedTable
from pmstats.report.annual_return import write_annual_return
from pmstats.scheme import Scheme

NONE = Payments(payments=0, people=0, pence=0)
ORIGIN = RestrictedTable(
    id="provenance",
    caption="Where these figures come from",
    columns=(Column(name="What"), Column(name="Which")),
    rows=(("Export", "made.csv"),),
)


@pytest.fixture
def table(scs: Scheme) -> RestrictedTable:
    """A return of 20 people with two payments, one of 1,234.56."""
    paid = Payments(payments=2, people=1, pence=123_506)
    counts = (2, 6, 10, 1)
    rows = [
        AwardRow(rating=rating, people=n, in_year=NONE, end_year=NONE)
        for rating, n in zip((*scs.best_first, "Not rated"), (*counts, 1), strict=True)
    ]
    rows[0] = AwardRow(rating="Exceeding", people=2, in_year=NONE, end_year=paid)
    returned = AnnualReturn(
        department="=Ministry of Examples",
        cycle="2024-25",
        stage="final",
        in_scope=20,
        eligible=20,
        ratings=Distribution(ratings=scs.best_first, counts=counts, unrated=1),
        awards=Awards(
            rows=tuple(rows), in_year=NONE, end_year=paid, both=paid, other_year=0, out_of_scope=0
        ),
        under_measures=None,
    )
    return restricted_table(returned, scheme=scs)


def test_the_csv_holds_exact_numbers(tmp_path: Path, table: RestrictedTable, scs: Scheme) -> None:
    """Counts whole, money to the penny, percentages unrounded: 2 of 19 rated is 10.526316."""
    path = write_annual_return(table, tmp_path, scheme=scs, origin=ORIGIN)[1]
    with path.open(newline="") as file:
        lines = {(row["what"], row["measure"]): row["value"] for row in csv.DictReader(file)}
    assert lines["Rated Exceeding", "number"] == "2"
    assert lines["Rated Exceeding", "% of rated"] == "10.526316"
    assert lines["Rated Exceeding or High Performing", "% of eligible"] == "40.000000"
    assert lines["End-year payments", "pounds"] == "1235.06"
    assert lines["Under poor-performance measures", "number"] == "not in the export"


def test_the_workbook_has_a_cover_contents_notes_and_the_numbers(
    tmp_path: Path, table: RestrictedTable, scs: Scheme
) -> None:
    """Every number of the table is in its sheet; a name that starts with "=" stays text."""
    import openpyxl

    path = write_annual_return(table, tmp_path, scheme=scs, origin=ORIGIN)[0]
    book = openpyxl.load_workbook(path)
    assert book.sheetnames[:3] == ["Cover", "Contents", "Notes"]
    rows = [[cell.value for cell in row] for sheet in book.worksheets for row in sheet.iter_rows()]
    cells = {row[0]: row[1:6] for row in rows if row}
    assert cells["Rated Exceeding"] == [2, "[z]", pytest.approx(2 / 19), 0.1, 0.1]
    assert cells["End-year payments"] == [2, 1235.06, "[z]", "[z]", "[z]"]
    kinds = {
        cell.data_type for sheet in book.worksheets for row in sheet.iter_rows() for cell in row
    }
    assert "f" not in kinds
    assert all(
        any(scs.notices.banner in str(cell.value) for row in sheet.iter_rows() for cell in row)
        for sheet in book.worksheets
    )


def test_the_same_return_gives_the_same_bytes_to_its_owner_alone(
    tmp_path: Path, table: RestrictedTable, scs: Scheme
) -> None:
    """No clock in either file, and nobody else may read them."""
    (tmp_path / "again").mkdir()
    first = write_annual_return(table, tmp_path, scheme=scs, origin=ORIGIN)
    second = write_annual_return(table, tmp_path / "again", scheme=scs, origin=ORIGIN)
    assert [p.read_bytes() for p in first] == [p.read_bytes() for p in second]
    assert {stat.S_IMODE(path.stat().st_mode) for path in first} == {0o600}


def test_an_empty_folder_writes_nothing(table: RestrictedTable, scs: Scheme) -> None:
    """A notebook run on its own leaves no file."""
    assert write_annual_return(table, "", scheme=scs, origin=ORIGIN) == ()


def test_pounds_are_printed_from_whole_pence() -> None:
    """5 pence, and a pound less a penny, keep their noughts."""
    money = RestrictedTable(
        id="m",
        caption="Money",
        columns=(Column(name="What"), Column(name="Pounds", kind=Kind.PENCE)),
        rows=(("a", 5), ("b", 99), ("c", 123_456_700)),
    )
    assert [row[1] for row in money.printed()] == ["£0.05", "£0.99", "£1,234,567.00"]
