"""The workbook: real tables, numbers as numbers, nothing that runs, the same bytes each time."""

from __future__ import annotations

import shutil
import subprocess
import warnings
import zipfile
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from pmstats.release.restricted.bundle import RestrictedPack
from pmstats.release.table import Column, Kind, RestrictedTable
from pmstats.report import workbook
from pmstats.report.spreadsheet import Look, Special
from pmstats.report.stacked import stacked
from pmstats.report.workbook import write_pack_workbook, write_workbook

MARKED = {"title": "Examples", "banner": "OFFICIAL-SENSITIVE: EXAMPLE", "handling": "Keep it."}

#: One cell of every kind, a withheld row, and words that a spreadsheet might take for more.
TABLE = RestrictedTable(
    id="every-kind",
    caption="One of every kind",
    columns=(
        Column(name="Unit"),
        Column(name="n", kind=Kind.COUNT),
        Column(name="Share", kind=Kind.SHARE),
        Column(name="Effect", kind=Kind.POINTS),
        Column(name="Ratio", kind=Kind.RATIO),
        Column(name="p", kind=Kind.P_VALUE),
    ),
    rows=(
        ("=cmd|' /C calc'!A0", 1200, 0.125, -0.031, 0.79651, 0.04996),
        ("[a](http://example.invalid)", 7, 0.5, 0.02, float("inf"), 0.0002),
        ("http://example.invalid", "too few to report", None, None, None, None),
    ),
    notes=("A note.",),
)


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example table as a workbook."""
    return write_workbook([TABLE], tmp_path_factory.mktemp("book") / "book.xlsx", **MARKED)


def cells(file: Path, sheet: str) -> list[list[object]]:
    """The rows of the one table on a sheet, its headings first."""
    page = openpyxl.load_workbook(file)[sheet]
    (table,) = page.tables.values()
    return [[cell.value for cell in row] for row in page[table.ref]]


def test_numbers_stay_numbers_and_silence_is_shorthand(example: Path) -> None:
    """Counts, shares and points are numbers; a withheld row is [c], no number is [z]."""
    heading, first, second, withheld = cells(example, "Table 1")
    assert heading == ["Unit", "n", "Share", "Effect (points)", "Ratio", "p"]
    assert first[1:] == [1200, 0.125, pytest.approx(-3.1), 0.79651, 0.04996]
    assert second[1:] == [7, 0.5, pytest.approx(2.0), "no limit", 0.0002]
    assert withheld[1:] == ["[c]"] * 5


def test_formats_show_what_the_page_shows(example: Path) -> None:
    """Per cent to one place, p below 0.001 in words, never rounded onto a line."""
    page = openpyxl.load_workbook(example)["Table 1"]
    (table,) = page.tables.values()
    _, first, second, _ = page[table.ref]
    assert [cell.number_format for cell in first[1:]] == [
        "#,##0",
        "0.0%",
        "+0.0;-0.0;0.0",
        "0.000",
        "0.00000",
    ]
    assert second[5].number_format == '[<0.001]"<0.001";0.000'


def test_no_formula_and_no_link_can_start_from_data(
    example: Path, packs: Mapping[str, RestrictedPack], tmp_path: Path
) -> None:
    """A unit called like a command or an address is text, in an example and in a whole pack."""
    pack = write_pack_workbook(packs["long names"], tmp_path)
    for file in (example, pack):
        with zipfile.ZipFile(file) as parts:
            for name in parts.namelist():
                text = parts.read(name).decode()
                assert "<f>" not in text, name
                assert "cmd|" not in text or name == "xl/sharedStrings.xml"
                assert "TargetMode" not in text, "no link leads out"
    assert cells(example, "Table 1")[1][0] == "=cmd|' /C calc'!A0"


@pytest.mark.parametrize(
    "name",
    [
        "<r>a & b</r>",  # what xlsxwriter 3.3 puts into the file as it is
        "  blanks\nand lines",
        "_x0041_ is no capital A",
        "Adran Tŷ Ddŵr a Llŷn: y Môr & <Arfordir>",
    ],
)
def test_any_text_stays_the_text_it_is(name: str, tmp_path: Path) -> None:
    """No name of a unit breaks the file or turns into something else, in a row or a heading.

    A space of no width may stand before it.
    """
    unit = RestrictedTable(
        id="unit", caption=name, columns=(Column(name=name), Column(name="n")), rows=((name, 3),)
    )
    file = write_workbook([unit], tmp_path / "book.xlsx", **MARKED)
    (heading, n), (cell, count) = cells(file, "Table 1")
    title = openpyxl.load_workbook(file)["Table 1"]["A1"].value
    assert [str(text).lstrip("\u200b") for text in (heading, cell, title)] == [name] * 3
    assert (n, count) == ("n", 3)


def test_headings_that_differ_in_capitals_alone_are_told_apart(tmp_path: Path) -> None:
    """Within a table, a spreadsheet program takes them for the same and mends the file."""
    columns = tuple(Column(name=name) for name in ("Unit", "Team", "TEAM"))
    table = RestrictedTable(id="teams", caption="Teams", columns=columns, rows=(("a", "b", "c"),))
    file = write_workbook([table], tmp_path / "book.xlsx", **MARKED)
    assert cells(file, "Table 1")[0] == ["Unit", "Team (2)", "TEAM (3)"]


def test_every_sheet_has_one_named_table_and_its_marking(
    packs: Mapping[str, RestrictedPack], tmp_path: Path
) -> None:
    """Cover, contents and notes; then every table of the pack, in order, banner and handling."""
    pack = packs["730 people"]
    book = openpyxl.load_workbook(write_pack_workbook(pack, tmp_path))
    assert book.sheetnames[:3] == ["Cover", "Contents", "Notes"]
    for sheet in book:
        words = " ".join(
            str(cell.value) for row in sheet.iter_rows(max_row=9) for cell in row if cell.value
        )
        assert pack.cover.banner in words, sheet.title
        assert pack.cover.handling in words, sheet.title
        assert len(sheet.tables) == (0 if sheet.title == "Cover" else 1)
        assert not sheet.merged_cells.ranges
    titles = [str(book[name]["A1"].value) for name in book.sheetnames[3:]]
    tables = [("", table) for section in pack.sections for table in section.tables]
    expected = [table.caption for _, table in stacked(tables)]
    assert [title.split(" [note")[0] for title in titles][2 : 2 + len(expected)] == expected
    assert book.properties.title.startswith(pack.cover.department)


def test_every_kind_of_pack_has_a_workbook_of_the_same_bytes(
    pack: RestrictedPack, tmp_path: Path
) -> None:
    """Two runs give the same file, which only its owner may read."""
    first = write_pack_workbook(pack, tmp_path)
    bytes_of_first = first.read_bytes()
    assert write_pack_workbook(pack, tmp_path).read_bytes() == bytes_of_first
    assert first.stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == [first.name]


def test_a_spreadsheet_program_opens_it_without_complaint(
    packs: Mapping[str, RestrictedPack], tmp_path: Path
) -> None:
    """LibreOffice reads every sheet, names and accents as they are, and evaluates nothing."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("No LibreOffice is installed: the workbook is not opened in one.")
    file = write_pack_workbook(packs["long names"], tmp_path)
    sheets = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
    done = subprocess.run(
        [
            office,
            "--headless",
            f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
            "--convert-to",
            sheets,
            "--outdir",
            str(tmp_path / "read"),
            str(file),
        ],
        capture_output=True,
        text=True,
        timeout=600,
        check=True,
    )
    assert "Error" not in done.stdout + done.stderr
    read = {path.stem: path.read_text() for path in (tmp_path / "read").glob("*.csv")}
    assert len(read) == len(openpyxl.load_workbook(file).sheetnames)
    everything = "\n".join(read.values())
    assert "=cmd|' /C calc'!A0" in everything
    assert "Adran Tŷ Ddŵr a Llŷn: y Môr & <Arfordir>" in everything
    assert "Err:" not in everything
    assert "#NAME" not in everything


def test_an_empty_table_is_a_sheet_that_says_so(tmp_path: Path) -> None:
    """A table without rows is no broken sheet."""
    empty = RestrictedTable(id="empty", caption="Empty", columns=TABLE.columns, rows=())
    file = write_workbook([empty], tmp_path / "book.xlsx", **MARKED)
    assert cells(file, "Table 1")[1] == ["Nothing to list", "[z]", "[z]", "[z]", "[z]", "[z]"]


def _form(look: Look) -> dict[str, object]:
    """What a look adds to the theme of gptables, in its words."""
    number = {"num_format": look.number} if look.number else {}
    return {"align": look.side, "valign": "top", "text_wrap": True, **number}


def by_gptables(tables: list[RestrictedTable], file: Path) -> None:
    """The same tables as gptables writes them by itself, cell by cell through pandas."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # it leaves its theme's file open
        gptables = import_module("gptables")
    lines = [MARKED["banner"], MARKED["handling"]]
    sheets = {}
    for place, table in enumerate(tables, start=1):
        made = workbook._sheet(table, place, scope="Examples", intro=lines, notes=table.notes)
        looks = [
            {"column": {"columns": [column], "format": _form(look)}}
            for column, look in enumerate(made.looks)
        ] + [
            {"cell": {"cells": (row + 1, column), "format": _form(cell.look)}}
            for row, held in enumerate(made.rows)
            for column, cell in enumerate(held)
            if isinstance(cell, Special)
        ]
        plain = [
            [cell.value if isinstance(cell, Special) else cell for cell in row] for row in made.rows
        ]
        sheets[made.name] = gptables.GPTable(
            table=pd.DataFrame(plain, columns=made.headings, dtype=object),
            table_name=made.table,
            title=table.caption + "".join(f" $$n{n}$$" for n in range(len(table.notes))),
            subtitles=lines,
            instructions=made.instructions,
            legend=list(made.legend),
            scope=made.scope,
            index_columns={},
            additional_formatting=looks,
        )
    book = gptables.produce_workbook(
        str(file),
        sheets=sheets,
        cover=gptables.Cover(title="Examples", intro=lines, about=["Examples"], width=115),
        contentsheet_options={"subtitles": lines},
        notes_table=pd.DataFrame({"note": ["n0"], "Note": ["A note."]}),
        notesheet_options={"instructions": " ".join(lines)},
        workbook_options={"strings_to_formulas": False, "strings_to_urls": False},
    )
    book.close()


@pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")
def test_sheets_are_those_of_gptables(tmp_path: Path) -> None:
    """Every cell, its look, every link and every table are what gptables makes of the same."""
    rows = tuple(row for row in TABLE.rows if "](" not in str(row[0]))
    tables = [
        RestrictedTable(id=id, caption=id, columns=TABLE.columns, rows=rows, notes=TABLE.notes)
        for id in ("one", "two")
    ]
    by_gptables(tables, tmp_path / "theirs.xlsx")
    write_workbook(tables, tmp_path / "ours.xlsx", scopes=["Examples"] * 2, **MARKED)
    ours, theirs = (openpyxl.load_workbook(tmp_path / f"{who}.xlsx") for who in ("ours", "theirs"))
    assert ours.sheetnames == theirs.sheetnames
    for name in ours.sheetnames:
        for row, expected in zip(ours[name].iter_rows(), theirs[name].iter_rows(), strict=True):
            for one, other in zip(row, expected, strict=True):
                where = f"{name}!{one.coordinate}"
                assert str(one.value) == str(other.value).rstrip(), where
                if other.value is None:  # nobody wrote it: it has no look of its own
                    continue
                assert one.data_type == other.data_type, where
                assert one.number_format == other.number_format, where
                looks = [repr((c.font, c.alignment, c.border)) for c in (one, other)]
                assert looks[0] == looks[1], where
                assert (one.hyperlink and one.hyperlink.location) == (
                    other.hyperlink and other.hyperlink.location
                ), where
        assert {t.name: t.ref for t in ours[name].tables.values()} == {
            t.name: t.ref for t in theirs[name].tables.values()
        }
