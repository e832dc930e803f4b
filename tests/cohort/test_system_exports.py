"""Exports as HR systems write them, walked from a suggestion to people.

The field names are those of Oracle HCM (view HRA_OVERALL_RATINGS_VL), SAP SuccessFactors,
Workday and a Whitehall return; the people are made up.
"""

from __future__ import annotations

import io
import shutil
import subprocess
from datetime import date

import openpyxl
import pytest

from pmstats.cohort import Layout, Mapping, check_export, load_mapping, read_export, suggest_mapping
from pmstats.errors import Severity
from pmstats.scheme import load_scheme

SCHEME = load_scheme()

ORACLE = """PERSON_NUMBER|DISPLAY_NAME|ASSIGNMENT_NUMBER|DEPARTMENT_NAME|GRADE_CODE|ROLE_TYPE_CODE|\
OVERALL_RATING|CALCULATED_OVERALL_RATING|EVALUATION_ID|LEGISLATIVE_SEX|ETHNICITY|MANAGER_ID
100|Ann Made-Up|E100|Samples|SCS1|WORKER|Exceeding|3.2|901|F|White - British|7
100|Ann Made-Up|E100|Samples|SCS1|MANAGER|High Performing|3.2|902|F|White - British|7
101|Ben Made-Up|E101|Samples|SCS2|MANAGER|Achieving|2.0|903|M|Mixed - White and Asian|7
"""
SUCCESSFACTORS = """"User Sys ID","Username","First Name","Last Name","Company","Pay Grade",\
"sysOverallPerformance","Calibrated Overall Rating","Gender","Disability Status","Hire Date"
"1","u1","Ann","Made-Up","Samples","SCS Pay Band 1","2.0 - Achieving","3.0 - High Performing",\
"Female","Prefer not to disclose","8/25/2019"
"2","u2","Ben","Made-Up","Samples","SCS Pay Band 2","4.0 - Exceeding","4 - Exceeding","Male",\
"N","3/4/2020"
"""
WORKDAY = [
    ["SCS Ratings - Custom Report"],
    ["Run by", "someone@dept.example"],
    [],
    [
        *("Worker", "Employee ID", "Supervisory Organization", "Company", "Compensation Grade"),
        *("Manager Overall Rating", "Calibrated Rating", "Race/Ethnicity", "Date of Birth"),
    ],
    [
        *("Ann Made-Up", 100, "Policy (Jane Boss)", "Samples", "SCS Pay Band 1", "Partially Met"),
        *("Achieving", "Asian or Asian British - Indian", date(1970, 5, 3)),
    ],
    [
        *("Ben Made-Up", 101, "Delivery (EU) (Jo Boss)", "Samples", "SCS Pay Band 2", "Achieving"),
        *("High Performing", "White - Other", date(1985, 5, 3)),
    ],
    ["Total", 2, None, None, None, 2, 2],
    ["Confidential"],
]
RETURN = [
    ["OFFICIAL-SENSITIVE"],
    ["Department for Samples: SCS return 2024\u201325"],
    [],
    ["Staff details", None, None, None, "Performance marking", None, "Diversity", None, "Comments"],
    [
        *("Staff No", "Dept", "Pay Band", "Date entered SCS"),
        *("Mid year", "Final box marking", "Gender", "Ethnic origin", None),
    ],
    ["1", "Samples", "SCS PB1", date(2019, 3, 4), "Achieving", "HP", "F", "White", "private"],
    ["2", "Samples", "SCS PB2", date(2024, 12, 31), "A", "PM", "M", "Black African", "words"],
    ["Total", None, None, None, 2, 2],
    [],
    ["Notes: provisional figures."],
]


def workbook(rows, *, merged=()):
    """The rows as an XLSX file, with a hidden sheet that looks like an export too."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for cells in merged:
        book.active.merge_cells(cells)
    hidden = book.create_sheet("Lookups")
    hidden.sheet_state = "hidden"
    hidden.append(["Staff No", "Dept", "Pay Band", "Gender", "Final box marking"])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def errors(path, mapping, stage):
    """What a check of this stage calls an error."""
    found = check_export(path, scheme=SCHEME, mapping=mapping, stage=stage)
    return [problem for problem in found if problem.severity is Severity.ERROR]


def ratings(path, stage, mapping=None):
    """The ratings of a stage, none where there is none."""
    people = read_export(path, scheme=SCHEME, stage=stage, mapping=mapping).people
    column = people[SCHEME.stage(stage).column].astype(object)
    return [None if value != value else value for value in column]


def test_oracle_s_rows_by_role_give_the_line_manager_s_rating(tmp_path):
    """The suggestion says how; the worker's own rating of themselves is not taken."""
    path = tmp_path / "oracle.csv"
    path.write_text(ORACLE, encoding="cp1252")
    suggested = suggest_mapping(path, scheme=SCHEME)
    for line in ('layout = "long"', 'sources = ["MANAGER"]', 'rating = "OVERALL_RATING"'):
        assert line in suggested
    assert "Made-Up" not in suggested
    mapping = Mapping(
        layout=Layout.LONG,
        sources=("MANAGER",),
        columns={"rating": "OVERALL_RATING", "rating_source": "ROLE_TYPE_CODE"},
        fixed={"stage": "recommended"},
    )
    assert errors(path, mapping, "recommended") == []
    assert ratings(path, "recommended", mapping) == ["High Performing", "Achieving"]
    people = read_export(path, scheme=SCHEME, mapping=mapping).people
    assert people["ethnicity"].tolist() == [
        "English, Welsh, Scottish, Northern Irish or British",
        "White and Asian",
    ]


def test_successfactors_numbered_labels_are_read_by_their_words(tmp_path):
    """A label beside a number says what the number does not; the month comes first if told so."""
    path = tmp_path / "successfactors.csv"
    path.write_text(SUCCESSFACTORS, encoding="utf-8-sig")
    assert [p.rule for p in errors(path, None, "overall")] == ["DQ2"]
    suggested = suggest_mapping(path, scheme=SCHEME)
    assert "# 1 other fits only with the month first.\n# day_first = false" in suggested
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(suggested.replace("# day_first", "day_first"), encoding="utf-8")
    loaded = load_mapping(mapping, scheme=SCHEME)
    assert errors(path, loaded, "overall") == []
    assert ratings(path, "overall", loaded) == ["High Performing", "Exceeding"]
    people = read_export(path, scheme=SCHEME, mapping=loaded).people
    assert people["disability"].tolist() == ["Undeclared", "Declared non-disabled"]


def test_workday_s_report_is_read_without_its_names(tmp_path):
    """Title, total and note are left out, and the manager's name after a unit is cut off."""
    path = tmp_path / "workday.xlsx"
    path.write_bytes(workbook(WORKDAY))
    (problem,) = errors(path, None, "final")
    assert "It holds those of: recommended, overall." in problem.message
    assert errors(path, None, "overall") == []
    assert ratings(path, "overall") == ["Achieving", "High Performing"]
    people = read_export(path, scheme=SCHEME, stage="overall").people
    assert people["business_unit"].tolist() == ["Policy", "Delivery (EU)"]
    assert people["age"].tolist() == ["50-59", "30-39"]
    assert people["ethnicity"].tolist() == ["Indian", "Any other White background"]


def test_two_columns_of_names_are_no_error(tmp_path):
    """What is never read cannot be ambiguous; a record may have several numbers."""
    path = tmp_path / "export.csv"
    path.write_text(
        "Employee ID,First name,Forename,Full name,Comments,Manager comments,Form ID,"
        "Evaluation ID,Department,Final rating\n1,a,b,c,d,e,6,7,A,HP\n",
        encoding="utf-8",
    )
    assert errors(path, None, "final") == []


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """A folder with the return as LibreOffice saves it, by the end of its name."""
    program = shutil.which("soffice")
    if program is None:
        pytest.skip("LibreOffice is not installed; its files were not tried")
    folder = tmp_path_factory.mktemp("office")
    source = folder / "source.xlsx"
    source.write_bytes(workbook(RETURN, merged=("A4:D4", "E4:F4", "G4:H4")))
    home = f"-env:UserInstallation=file://{folder}/home"
    for kind in ("ods", "xls", "xlsx"):
        command = [program, home, "--headless", "--convert-to", kind, "--outdir", folder / kind]
        subprocess.run([*command, source], check=True, capture_output=True, timeout=600)
    return folder


@pytest.mark.parametrize("kind", ["ods", "xls", "xlsx"])
def test_a_return_saved_by_libreoffice_is_read_alike(office, kind):
    """Merged headers in two rows, real dates, a total and a note, whatever the format."""
    path = office / kind / f"source.{kind}"
    assert errors(path, None, "final") == []
    assert ratings(path, "final") == ["High Performing", "Partially Met"]
    assert ratings(path, "mid-year") == ["Achieving", "Achieving"]
    people = read_export(path, scheme=SCHEME, stage="final").people
    assert people["scs_entry_date"].dt.strftime("%Y-%m-%d").tolist() == ["2019-03-04", "2024-12-31"]
    assert people["ethnicity"].tolist() == ["White", "African"]
