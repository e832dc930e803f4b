"""The report of a check: grouped by what to do, rows by number, no cell of the export."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from pmstats.cohort import check_export
from pmstats.cohort.marked import write_marked_copy
from pmstats.errors import ParameterError, Problem, Severity
from pmstats.release.problems import problem_tables
from pmstats.report.check_report import write_check_report
from pmstats.scheme import Scheme

BROKEN = (
    "Made-up export,,,,\n"
    "person_id,department,grade,rating_midyear,sex\n"
    "P1,Ministry,SCS1,Achieving,Female\n"
    "P1,Ministry,SCS1,Achieving,Female\n"
    "P2,=cmd,SCS1,Splendid,Male\n"
)


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """An export with a title block, a person twice and a rating nobody knows."""
    path = tmp_path / "broken.csv"
    path.write_text(BROKEN)
    return path


def test_problems_are_grouped_by_what_to_do(export: Path, scs: Scheme) -> None:
    """What stops a pack comes first; rules without their columns come last."""
    tables = problem_tables(check_export(export, scheme=scs, stage="mid-year"))
    assert tables[0].id == "put-right"
    assert tables[-1].id == "not-checked"
    rules = {row[0]: row for row in tables[0].rows}
    assert rules["DQ1"][5] == "3, 4"
    assert rules["R2"][5] == "5"


def test_page_and_workbook_hold_the_same_and_no_cell(
    export: Path, scs: Scheme, tmp_path: Path
) -> None:
    """Both files name the rows; neither holds a person's identifier, and both are private."""
    problems = check_export(export, scheme=scs, stage="mid-year")
    page, workbook = write_check_report(
        problems, tmp_path / "out", export_name=export.name, scheme=scs
    )
    text = page.read_text()
    assert "No pack can be made yet" in text
    assert "P1" not in text
    sheets = CalamineWorkbook.from_path(str(workbook))
    cells = [
        str(c)
        for name in sheets.sheet_names
        for row in sheets.get_sheet_by_name(name).to_python()
        for c in row
    ]
    assert any("3, 4" in cell for cell in cells)
    assert not any("P1" in cell for cell in cells)
    assert all(path.stat().st_mode & 0o077 == 0 for path in (page, workbook))


def test_a_clean_export_says_so(scs: Scheme, tmp_path: Path) -> None:
    """Without problems there is a page that says packs can be made, and no empty workbook."""
    (page,) = write_check_report((), tmp_path, export_name="clean.csv", scheme=scs)
    assert "The check found nothing to say" in page.read_text()


def test_long_lists_of_rows_are_cut_and_counted() -> None:
    """A rule that thousands of rows break names sixty of them."""
    many = Problem(
        rule="R2",
        severity=Severity.ERROR,
        message="m",
        fix="f",
        rows=tuple(range(2, 1002)),
    )
    (table,) = problem_tables([many])
    assert str(table.rows[0][5]).endswith("and 940 more")


def test_a_marked_copy_names_the_rules_at_their_rows(export: Path, scs: Scheme) -> None:
    """Each failing row carries its rules; a cell like a formula is made harmless."""
    problems = check_export(export, scheme=scs, stage="mid-year")
    copy = write_marked_copy(export, problems, scheme=scs)
    assert copy == export.with_name("broken.marked.csv")
    assert copy.stat().st_mode & 0o077 == 0
    rows = list(csv.reader(copy.read_text(encoding="utf-8-sig").splitlines()))
    marks = {int(row[0]): row[1].split() for row in rows[1:]}
    assert "DQ1" in marks[3]
    assert "DQ1" in marks[4]
    assert "R2" in marks[5]
    assert rows[5][3] == "'=cmd"


def test_a_parquet_file_has_no_rows_to_mark(scs: Scheme, tmp_path: Path) -> None:
    """A format without visible rows is refused in words."""
    path = tmp_path / "export.parquet"
    path.write_bytes(b"PAR1 and so on")
    with pytest.raises(ParameterError, match="Only text tables and spreadsheets"):
        write_marked_copy(path, (), scheme=scs)
