"""The report of a check: grouped by what to do, rows by number, no cell of the export."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from pmstats.cohort import Examined, Mapping, check_export, examine_export, read_export
from pmstats.cohort.mapping import Files
from pmstats.cohort.marked import write_marked_copy
from pmstats.cohort.reading.cells import Source
from pmstats.errors import ParameterError, Problem, Severity
from pmstats.release.restricted.problems import ROWS_NAMED, problem_tables, row_table
from pmstats.report.check_report import ROWS_ON_PAGE, write_check_report
from pmstats.scheme import Scheme

BROKEN = (
    "Made-up export,,,,\n"
    "person_id,department,grade,rating_midyear,sex\n"
    "P1,Ministry,SCS1,Achieving,Female\n"
    "P1,Ministry,SCS1,Achieving,Female\n"
    "P2,=cmd,SCS1,Splendid,Male\n"
)
#: Two people of the same identifiers, with nothing wrong.
GOOD = Source("good.csv", b"person_id,department,rating_midyear\nP1,A,E\nP2,A,E\n", "0" * 64)


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """An export with a title block, a person twice and a rating nobody knows."""
    path = tmp_path / "broken.csv"
    path.write_text(BROKEN)
    return path


def test_problems_are_grouped_by_what_to_do(export: Path, scs: Scheme) -> None:
    """What stops a pack comes first; rules without their columns come last."""
    tables = problem_tables(examine_export(export, scheme=scs, stage="mid-year"))
    assert tables[0].id == "put-right"
    assert tables[-1].id == "not-checked"
    rows = dict(zip(tables[0].column("Rule"), tables[0].column("Row numbers"), strict=True))
    assert rows["DQ1"] == "3, 4"
    assert rows["R2"] == "5"


def test_a_breach_of_the_framework_stops_no_pack(scs: Scheme, tmp_path: Path) -> None:
    """Only what would make figures wrong stands under what is to be put right first."""
    path = tmp_path / "export.csv"
    path.write_text("Staff ID,Department,Final rating,Finance objective\nP1,A,HP,No\n")
    examined = examine_export(path, scheme=scs, stage="final")
    tables = {table.id: table for table in problem_tables(examined)}
    assert "put-right" not in tables
    assert tables["against-the-framework"].column("Rule") == ("R22",)
    assert tables["against-the-framework"].column("Column") == ("Finance objective",)
    page = write_check_report(examined, tmp_path / "out", export_name="e", scheme=scs)[0]
    assert "Packs can be made" in page.read_text()


def test_each_row_has_the_record_id_of_its_person(export: Path, scs: Scheme) -> None:
    """Two rows of one person share an id, keyed as identifiers are; another key gives another."""
    one, other = (
        row_table(examine_export(export, scheme=scs, stage="mid-year", key=key))
        for key in (b"k" * 32, b"l" * 32)
    )
    assert one.column("Row") == ("3", "4", "5")
    ids = one.column("Record id")
    people = read_export(GOOD, scheme=scs, key=b"k" * 32).people["person_id"]
    assert ids == tuple(f"{people[place]:016x}" for place in (0, 0, 1))
    assert not set(ids) & set(other.column("Record id"))
    assert [rules.split(", ") for rules in map(str, one.column("Put right"))] == [
        ["DQ1"],
        ["DQ1"],
        ["R2"],
    ]


def test_rows_of_the_awards_are_not_rows_of_the_export(scs: Scheme, tmp_path: Path) -> None:
    """An award too large is named in its own file, with the id of its person; no row is marked."""
    export = tmp_path / "export.csv"
    export.write_text("Staff ID,Department,Final rating\nP1,A,HP\nP2,A,A\n")
    (tmp_path / "awards.csv").write_text("Staff ID,Type,Amount\nP2,in_year,5000.01\n")
    mapping = Mapping(files=Files(awards="awards.csv"))
    asked = {"scheme": scs, "mapping": mapping}
    examined = examine_export(export, key=b"k" * 32, **asked)
    people = read_export(export, key=b"k" * 32, **asked).people["person_id"]
    assert examined.records["awards", 2] == f"{people[1]:016x}"
    assert "awards 2" in row_table(examined).column("Row")
    marked = write_marked_copy(export, examined.problems, **asked)
    rows = list(csv.reader(marked.read_text(encoding="utf-8-sig").splitlines()))
    assert not any("R33" in row[1] for row in rows)


def test_page_and_workbook_hold_the_same_and_no_cell(
    export: Path, scs: Scheme, tmp_path: Path
) -> None:
    """Both files name the rows; neither holds a person's identifier, and both are private."""
    examined = examine_export(export, scheme=scs, stage="mid-year")
    page, workbook = write_check_report(
        examined, tmp_path / "out", export_name=export.name, scheme=scs
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
    nothing = Examined(problems=())
    (page,) = write_check_report(nothing, tmp_path, export_name="clean.csv", scheme=scs)
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
    (table,) = problem_tables(Examined(problems=(many,)))
    assert str(table.column("Row numbers")[0]).endswith("and 940 more")
    assert len(row_table(Examined(problems=(many,))).rows) == 1000


def test_a_list_of_very_many_rows_says_what_it_leaves_out() -> None:
    """A rule broken by the whole export does not make a workbook of a million rows."""
    rows = tuple(range(2, 2 + ROWS_NAMED + 7))
    many = Problem(rule="R2", severity=Severity.ERROR, message="m", fix="f", rows=rows)
    table = row_table(Examined(problems=(many,)))
    assert len(table.rows) == ROWS_NAMED
    assert table.notes == ("7 more rows are not listed.",)


@pytest.mark.parametrize(("rows", "left"), [(ROWS_ON_PAGE, 0), (ROWS_ON_PAGE + 7, 7)])
def test_a_page_lists_so_many_rows_and_says_where_the_others_are(
    tmp_path: Path, scs: Scheme, rows: int, left: int
) -> None:
    """The page stops at a hundred rows; it speaks of more only where there are more."""
    many = Problem(
        rule="R2", severity=Severity.ERROR, message="m", fix="f", rows=tuple(range(2, rows + 2))
    )
    found = Examined(problems=(many,))
    written, _ = write_check_report(found, tmp_path, export_name="made.csv", scheme=scs)
    text = written.read_text(encoding="utf-8")
    assert ("more rows are in" in text) is bool(left)
    assert (f"{left} more rows are in check_report.xlsx." in text) is bool(left)


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
