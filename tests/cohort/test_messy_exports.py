"""A corpus of messy exports, each made by code that says what is wrong with it.

Every file starts from the same four made-up people; the test asserts the problems found and
that there are no others. Notes that a rule could not be checked are left out of the comparison.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass, field

import openpyxl
import pytest

from pmstats.cohort import Mapping, check_export, read_export
from pmstats.cohort.mapping import Numbers
from pmstats.errors import ExportError, Severity
from pmstats.scheme import load_scheme

Row = dict[str, str]


def people(**changes: list[str]) -> list[Row]:
    """Four made-up people; each change gives new values down one column."""
    rows = [
        {
            "person_id": f"P{number}",
            "department": "Department of Examples",
            "moderating_department": "",
            "grade": "SCS1",
            "cs_entry_date": "2015-04-01",
            "leave_date": "",
            "rating_midyear": "Achieving",
            "rating_final": "Achieving",
            "sex": "Female",
            "ethnicity": "White",
            "disability": "No",
            "religion_belief": "None",
        }
        for number in range(1, 5)
    ]
    for column, values in changes.items():
        for row, value in zip(rows, values, strict=False):
            row[column] = value
    return rows


def as_csv(
    rows: list[Row],
    *,
    separator: str = ",",
    before: str = "",
    after: str = "",
    names: Row | None = None,
) -> str:
    """The rows as text, with lines before and after, and some headers renamed."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=separator, lineterminator="\r\n")
    writer.writerow([(names or {}).get(column, column) for column in rows[0]])
    writer.writerows(row.values() for row in rows)
    return before + text.getvalue() + after


def as_xlsx(rows: list[list[object]], *, sheets: tuple[tuple[str, str], ...] = ()) -> bytes:
    """The rows as a workbook; `sheets` adds further sheets, each a name and a state."""
    workbook = openpyxl.Workbook()
    for row in rows:
        workbook.active.append(row)
    for title, state in sheets:
        sheet = workbook.create_sheet(title)
        sheet.sheet_state = state
        for row in rows:
            sheet.append(row)
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


def table(rows: list[Row]) -> list[list[object]]:
    """The rows with their header, as cells."""
    return [list(rows[0]), *(list(row.values()) for row in rows)]


@dataclass(frozen=True)
class Messy:
    """A file, what is wrong with it, and what must be said: (rule, severity, column, rows)."""

    name: str
    make: Callable[[], str | bytes]
    finds: tuple[tuple[str, str, str, tuple[int, ...]], ...] = ()
    mapping: Mapping = field(default_factory=Mapping)
    stage: str | None = "final"


E, W, I = "error", "warning", "information"  # noqa: E741
GUESSED = ("DQ14", I, "", ())
FILE = ("file", E, "", ())
UNKNOWN_HEADER = ("mapping", I, "", ())

CORPUS = (
    Messy("nothing wrong", lambda: as_csv(people())),
    Messy("an empty file", lambda: b"", (FILE,)),
    Messy("a file of blank lines", lambda: b"\r\n\r\n  \r\n", (FILE,)),
    Messy("no header row", lambda: as_csv(people()).split("\r\n", 1)[1], (FILE,)),
    Messy("a header and no people", lambda: as_csv(people()).split("\r\n", 1)[0], (FILE,)),
    Messy(
        "a title block above the header",
        lambda: as_csv(
            people(leave_date=["", "banana"]), before="SCS ratings\r\n\r\nAs at 31 March\r\n"
        ),
        (("DQ2", E, "leave_date", (6,)),),
    ),
    Messy(
        "notes, blank lines and a total under the table",
        lambda: as_csv(people(), after="\r\nTotal,4\r\n\r\nNote: provisional\r\n"),
        (("file", I, "", (7,)), ("file", W, "", (9,))),
    ),
    Messy(
        "a repeated header where the page broke",
        lambda: as_csv(people()) + as_csv(people(person_id=["P5", "P6", "P7", "P8"])),
        (("file", I, "", (6,)),),
    ),
    Messy("a byte-order mark", lambda: as_csv(people()).encode("utf-8-sig")),
    Messy(
        "cp1252 text",
        lambda: as_csv(people(department=["Café £ Office"] * 4)).encode("cp1252"),
        (GUESSED,),
    ),
    Messy("UTF-16 text", lambda: as_csv(people()).encode("utf-16")),
    Messy("UTF-16 without its mark", lambda: as_csv(people()).encode("utf-16-le"), (GUESSED,)),
    Messy("semicolons", lambda: as_csv(people(), separator=";")),
    Messy("tabs", lambda: as_csv(people(), separator="\t")),
    Messy("old Macintosh line ends", lambda: as_csv(people()).replace("\r\n", "\r")),
    Messy(
        "no-break spaces, doubled spaces and odd case",
        lambda: as_csv(people(rating_final=["high\u00a0performing", " HIGH  PERFORMING "])),
    ),
    Messy(
        "documented spellings",
        lambda: as_csv(
            people(
                rating_final=["Exceeded", "HP", "Partially met", "Achieved"],
                sex=["F", "M", "Woman", "Not known"],
                grade=["Deputy Director", "PB2", "SCS Pay Band 1A", "scs 3"],
            )
        ),
    ),
    Messy(
        "dates in four unambiguous forms",
        lambda: as_csv(people(cs_entry_date=["31/03/2015", "2015-03-31", "31-Mar-15", "42094"])),
    ),
    Messy(
        "ambiguous dates",
        lambda: as_csv(people(cs_entry_date=["31/03/2015", "03/04/2015", "03/03/2015"])),
        (("DQ2", E, "cs_entry_date", (3,)),),
    ),
    Messy(
        "ambiguous dates with the order given",
        lambda: as_csv(people(cs_entry_date=["31/03/2015", "03/04/2015"])),
        mapping=Mapping(day_first=True),
    ),
    Messy(
        "an American date where the day comes first",
        lambda: as_csv(people(cs_entry_date=["31/03/2015", "03/31/2015"])),
        (("DQ2", E, "cs_entry_date", (3,)),),
        mapping=Mapping(day_first=True),
    ),
    Messy(
        "dates that are none",
        lambda: as_csv(people(leave_date=["soon", "31/02/2025", "0001-01-01", "2025-13-01"])),
        (("DQ2", E, "leave_date", (2, 3, 4, 5)),),
    ),
    Messy(
        "the end of time in place of no leave date",
        lambda: as_csv(people(leave_date=["31/12/4712", "9999-12-31", "N/A", "-"])),
    ),
    Messy(
        "a rating of another scheme",
        lambda: as_csv(people(rating_final=["Achieving", "Outstanding"])),
        (("R2", E, "rating_final", (3,)),),
    ),
    Messy(
        "two unknown ratings",
        lambda: as_csv(people(rating_final=["Good", "Outstanding", "Good"])),
        (("R2", E, "rating_final", (2, 4)), ("R2", E, "rating_final", (3,))),
    ),
    Messy(
        "an unknown rating the mapping explains",
        lambda: as_csv(people(rating_final=["Achieving", "Outstanding"])),
        mapping=Mapping(values={"rating": {"Outstanding": "Exceeding"}}),
    ),
    Messy(
        "ratings as numbers",
        lambda: as_csv(people(rating_midyear=["1", "2", "3", "4"], rating_final=["1"] * 4)),
        (("DQ13", E, "rating_final", (2, 3, 4, 5)), ("DQ13", E, "rating_midyear", (2, 3, 4, 5))),
    ),
    Messy(
        "ratings as numbers with their direction",
        lambda: as_csv(people(rating_midyear=["1", "2", "3", "4"], rating_final=["1"] * 4)),
        mapping=Mapping(numbers=Numbers.ONE_IS_WORST),
    ),
    Messy(
        "a number beyond the scale",
        lambda: as_csv(people(rating_final=["1", "2", "3", "5"])),
        (("DQ13", E, "rating_final", (5,)),),
        mapping=Mapping(numbers=Numbers.ONE_IS_BEST),
    ),
    Messy(
        "an ethnicity outside the standard",
        lambda: as_csv(people(ethnicity=["White", "Cornish"])),
        (("DQ5", E, "ethnicity", (3,)),),
    ),
    Messy(
        "a grade nobody has heard of",
        lambda: as_csv(people(grade=["SCS1", "Band X"])),
        (("DQ5", E, "grade", (3,)),),
    ),
    Messy(
        "no religion is an answer, and no ethnicity is none",
        lambda: as_csv(people(ethnicity=["None"], religion_belief=["None", "N/A"])),
        (("DQ5", E, "ethnicity", (2,)),),
    ),
    Messy(
        "Undeclared and Unknown in one label",
        lambda: as_csv(people(disability=["Undeclared / Unknown", "Undeclared", "Unknown"])),
        (("DQ6", E, "disability", (2,)), ("DQ7", W, "disability", ())),
    ),
    Messy(
        "the same person twice",
        lambda: as_csv(people(person_id=["P1", "P2", "P1 ", "p1"])),
        (("DQ1", E, "person_id", (2, 4, 5)),),
    ),
    Messy(
        "a mover returned by both departments",
        lambda: as_csv(people(person_id=["P1", "P1"], department=["A", "B", "A", "A"])),
        (("DQ12", W, "person_id", (2, 3)),),
    ),
    Messy(
        "hostile department names",
        lambda: as_csv(
            people(department=["A/B", "../..", "<script>alert(1)</script>", '=cmd|"/c calc"!A1'])
        ),
    ),
    Messy(
        "a blank department",
        lambda: as_csv(people(department=["A", "", "A", "A"])),
        (("file", E, "department", (3,)),),
    ),
    Messy(
        "delegated grades in the return",
        lambda: as_csv(people(grade=["SCS1", "Grade 6", "Permanent Secretary"])),
        (("R1", W, "grade", (3, 4)),),
    ),
    Messy(
        "a rating for someone who came on 1 January",
        lambda: as_csv(people(cs_entry_date=["2024-12-31", "2025-01-01"])),
        (("R15", E, "rating_final", (3,)),),
    ),
    Messy(
        "the same at mid-year, where paragraph 67 does not reach",
        lambda: as_csv(people(cs_entry_date=["2024-12-31", "2025-01-01"])),
        stage="mid-year",
    ),
    Messy(
        "a rating missing before the year is closed",
        lambda: as_csv(people(rating_final=["", "Not Rated"])),
        (("R15", W, "rating_final", (2, 3)),),
    ),
    Messy(
        "a rating missing after the year is closed",
        lambda: as_csv(people(rating_final=["", "Not Rated"])),
        (("R15", E, "rating_final", (2, 3)),),
        mapping=Mapping(year_closed=True),
    ),
    Messy(
        "a leaver of 30 December rated, one of 31 December rated rightly",
        lambda: as_csv(people(leave_date=["2024-12-30", "2024-12-31", "2025-01-01"])),
        (("R17", W, "rating_final", (2,)),),
    ),
    Messy(
        "another department moderates though the post was held here",
        lambda: as_csv(people(moderating_department=["", "Elsewhere", "Department of Examples"])),
        (("R16", E, "moderating_department", (3,)),),
    ),
    Messy(
        "a line with a stray separator",
        lambda: as_csv(people()) + "P5,Food, Farming,,SCS1,2015-04-01,,A,A,F,White,No,None\r\n",
        (("file", E, "", (6,)),),
    ),
    Messy(
        "a quotation mark never closed",
        lambda: as_csv(people()) + 'P5,"Food,,SCS1,2015-04-01,,A,A,F,White,No,None\r\n',
        (FILE,),
    ),
    Messy(
        "two columns for the final rating",
        lambda: as_csv(people(), names={"rating_midyear": "Final rating"}),
        (("mapping", E, "rating_final", ()),),
    ),
    Messy(
        "a column nobody knows",
        lambda: as_csv([row | {"Parking space": "7"} for row in people()]),
        (UNKNOWN_HEADER,),
    ),
    Messy(
        "a mapping for another file",
        lambda: as_csv(people()),
        (("mapping", E, "sex", ()), UNKNOWN_HEADER),
        mapping=Mapping(columns={"sex": "Legal sex"}),
    ),
    Messy(
        "no column for the department",
        lambda: as_csv(people(), names={"department": "Dprtmnt"}),
        (("mapping", E, "", ()), UNKNOWN_HEADER),
    ),
    Messy(
        "the department given by the mapping",
        lambda: as_csv(people(), names={"department": "Dprtmnt"}),
        (UNKNOWN_HEADER,),
        mapping=Mapping(fixed={"department": "Department of Examples"}),
    ),
    Messy(
        "names and comments beside the data",
        lambda: as_csv([row | {"Line manager": "X Y", "Comments": "late"} for row in people()]),
        (("DQ15", I, "", ()),),
    ),
    Messy(
        "a header in two rows with merged cells",
        lambda: as_xlsx(
            [
                ["Employee No", "Organisation", "Pay band", "Rating", None, "Sex"],
                [None, None, None, "Q1", "Q2", None],
                ["P1", "A", "SCS1", "HP", "A", "F"],
                ["P2", "A", "SCS1", "HP", "Great", "F"],
                ["P3", "A", "SCS1", "HP", "A", "F"],
                ["P4", "A", "SCS1", None, "A", "F"],
            ]
        ),
        (("R2", E, "rating_midyear", (4,)),),
        stage="mid-year",
    ),
    Messy(
        "ages in years, one of them unlikely",
        lambda: as_csv(
            [
                row | {"age": age}
                for row, age in zip(people(), ["43", "64", "17", "80"], strict=True)
            ]
        ),
        (("DQ4", W, "age", (4,)),),
    ),
    Messy(
        "an age nobody has",
        lambda: as_csv([row | {"age": "140"} for row in people()]),
        (("DQ4", W, "age", (2, 3, 4, 5)), ("DQ5", E, "age", (2, 3, 4, 5))),
    ),
    Messy("a PDF", lambda: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", (FILE,)),
    Messy("a picture", lambda: b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", (FILE,)),
    Messy("a web page", lambda: "<!DOCTYPE html><html><p>Log in</p></html>", (FILE,)),
    Messy("a truncated workbook", lambda: as_xlsx(table(people()))[:2000], (FILE,)),
    Messy("a workbook", lambda: as_xlsx(table(people()))),
    Messy(
        "a workbook with a title block, real dates and an empty column",
        lambda: as_xlsx(
            [["SCS ratings"], [], *([None, *row] for row in table(people(leave_date=["soon"])))]
        ),
        (("DQ2", E, "leave_date", (4,)),),
    ),
    Messy(
        "a workbook with a hidden copy",
        lambda: as_xlsx(table(people()), sheets=(("Old", "hidden"),)),
    ),
    Messy(
        "a workbook with two sheets that fit",
        lambda: as_xlsx(table(people()), sheets=(("Copy", "visible"),)),
        (FILE,),
    ),
    Messy(
        "a workbook with the sheet named",
        lambda: as_xlsx(table(people()), sheets=(("Copy", "visible"),)),
        mapping=Mapping(sheet="Copy"),
    ),
    Messy(
        "a workbook without the sheet named",
        lambda: as_xlsx(table(people())),
        (FILE,),
        mapping=Mapping(sheet="Export"),
    ),
)


@pytest.mark.parametrize("messy", CORPUS, ids=lambda messy: messy.name)
def test_each_messy_export_gives_its_problems_and_nothing_else(messy, tmp_path):
    """Each file of the corpus gives exactly the problems it was made with."""
    path = tmp_path / "export"
    content = messy.make()
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    problems = check_export(path, scheme=load_scheme(), mapping=messy.mapping, stage=messy.stage)
    found = [
        (problem.rule, str(problem.severity), problem.column, problem.rows)
        for problem in problems
        if not problem.message.startswith("Not checked")
    ]
    assert sorted(found) == sorted(messy.finds)


@pytest.mark.parametrize("messy", CORPUS, ids=lambda messy: messy.name)
def test_an_export_is_read_if_and_only_if_no_problem_is_an_error(messy, tmp_path):
    """Reading raises every problem when one is an error, and gives four people when none is."""
    path = tmp_path / "export"
    content = messy.make()
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    asked = {"scheme": load_scheme(), "mapping": messy.mapping, "stage": messy.stage}
    problems = check_export(path, **asked)
    if any(problem.severity is Severity.ERROR for problem in problems):
        with pytest.raises(ExportError) as raised:
            read_export(path, **asked)
        assert set(raised.value.problems) <= set(problems)
    else:
        cohort = read_export(path, **asked)
        assert len(cohort) == (8 if "page broke" in messy.name else 4)
        assert set(cohort.problems) <= set(problems)


def test_the_corpus_holds_at_least_forty_files():
    """The corpus is as large as was promised, and every file has its own name."""
    assert len({messy.name for messy in CORPUS}) == len(CORPUS) >= 40
