"""Exports as offices keep them: workbooks filled in by hand, headers twice, two years in one file.

Made up; what is awkward about each is said beside it. Nobody's values are in anything written.
"""

import io
import zipfile
from pathlib import Path

import openpyxl
import pytest

from pmstats.cli import main
from pmstats.cohort import Layout, Mapping, check_export, read_export, suggest_mapping
from pmstats.cohort.reading.cells import Source
from pmstats.errors import ExportError, Severity
from pmstats.scheme import load_scheme

SCHEME = load_scheme()
SPACE = "\u00a0"
SECRETS = ("E447", "Nighshade", "Covert", "Zoltan", "1971", "Great year", "phoned")

#: Words in every case, no-break spaces behind them, a rating that is not given yet.
BY_HAND = [
    *(["Staff No", "Surname", "Main Dept", "SCS Pay Band", "End year marking"],),
    *(["E4471", "Nighshade", "Harbour Office", "SCS1", "HIGH PERFORMING" + SPACE],),
    *(["E4472", "Covert", "HARBOUR OFFICE" + SPACE, "SCS1", f"exceeding {SPACE}"],),
    *(["E4473", "Quartz", "Harbour Office", "SCS2", "Partially  met"],),
    *(["E4474", "Quartz", "Harbour Office", "SCS1", "Not yet rated"],),
]
BESIDE = [
    ["Mid year performance rating", "Gender", "Date of Birth", "Comments"],
    ["achieving", "FEMALE", "1971-05-09", "Great year, see Zoltan"],
    ["Exceeding", "male" + SPACE, "1969-02-28", ""],
    ["PARTIALLY MET", "Female", "1980-11-30", ""],
    ["achieved", "F", "1975-01-01", "phoned"],
]
TWO_YEARS = "Employee ID,Department,Grade,Appraisal year,Final rating\n" + "".join(
    f"Q{n},Harbour Office,SCS1,{year},Achieving\n" for n in range(5) for year in ("A", "B")
)


def ods(rows):
    """The rows as an OpenDocument spreadsheet of text cells."""
    office = "urn:oasis:names:tc:opendocument:xmlns"
    spaces = " ".join(f'xmlns:{n}="{office}:{n}:1.0"' for n in ("office", "table", "text"))
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    lines = "".join(
        f"<table:table-row>{''.join(cell.format(text) for text in row)}</table:table-row>"
        for row in rows
    )
    content = (
        f'<office:document-content {spaces} office:version="1.2"><office:body><office:spreadsheet>'
        f'<table:table table:name="Ratings">{lines}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "META-INF/manifest.xml",
            f'<manifest:manifest xmlns:manifest="{office}:manifest:1.0"/>',
        )
        archive.writestr("content.xml", content)
    return file.getvalue()


def xlsx(rows):
    """The rows as a workbook."""
    book, file = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file.getvalue()


def told(data, **asked):
    """The problems of an export that ask for something: severity, rule, column, rows, text."""
    data = data.encode() if isinstance(data, str) else data
    found = check_export(Source("e", data, "0" * 64), scheme=SCHEME, **asked)
    return [
        (str(p.severity), p.rule, p.column, p.rows, f"{p.message} {p.fix}")
        for p in found
        if p.severity is not Severity.INFORMATION
    ]


@pytest.fixture
def by_hand(tmp_path):
    """The path of the workbook filled in by hand."""
    path = tmp_path / "ratings.ods"
    path.write_bytes(ods([one + two for one, two in zip(BY_HAND, BESIDE, strict=True)]))
    return path


def test_words_in_any_case_behind_any_space_are_the_scheme_s(by_hand):
    """Four people of one department, three of them rated; nobody has to write a mapping."""
    cohort = read_export(by_hand, scheme=SCHEME)
    assert cohort.departments == ("Harbour Office",)
    assert cohort.people["rating_final"].tolist()[:3] == [
        *("High Performing", "Exceeding", "Partially Met"),
    ]
    assert cohort.people["rating_final"].isna().tolist() == [False, False, False, True]
    assert cohort.people["rating_midyear"].tolist()[3] == "Achieving"
    assert cohort.people["person_id"].nunique() == 4


def test_such_a_department_goes_from_the_check_to_a_pack_that_names_nobody(
    by_hand, tmp_path, capsys
):
    """Check, report, marked copy and pack of four people rated twice; no value in what is shown."""
    report, packs = tmp_path / "report", tmp_path / "packs"
    assert main(["check", str(by_hand), "--report", str(report), "--mark-up"]) == 0
    assert not list(tmp_path.glob("*.marked.csv"))  # nothing found is about a row
    asked = ["pack", str(by_hand), "--stage", "final", "--out", str(packs)]
    assert main(asked) == 0
    printed = capsys.readouterr()
    pages = [*report.rglob("*.html"), *packs.rglob("*.html"), *packs.rglob("*.json")]
    pages += packs.rglob("*.ipynb")
    (pack,) = packs.rglob("consistency_check_pack.html")
    assert "1 person is rated at one of the two stages only." in pack.read_text("utf-8")
    for text in (printed.out, printed.err, *(Path(page).read_text("utf-8") for page in pages)):
        shown = text.replace(str(tmp_path), "")
        assert not [secret for secret in SECRETS if secret in shown]


def test_a_header_met_twice_is_renamed_in_the_file_not_in_a_mapping():
    """No mapping can tell two columns of one name apart, so none is asked for."""
    text = "Employee ID,Department,Grade,Final rating,Sex,Sex\nZ1,Harbour Office,SCS1,A,F,F\n"
    ((severity, rule, column, _, said),) = told(text)
    assert (severity, rule, column) == ("error", "mapping", "sex")
    assert "Rename or leave out all but one in the file" in said
    ((*_, said),) = told(text.replace("Sex,Sex", "Rating,Rating").replace("Final rating", "Note"))
    assert 'rating_final = "Rating". 2 columns have this name: first rename all but one.' in said


def test_two_headers_for_one_column_are_decided_in_the_mapping():
    """Two names that both mean the sex: the mapping says which."""
    text = "Employee ID,Department,Grade,Final rating,Sex,Gender\nZ1,Harbour Office,SCS1,A,F,F\n"
    ((*_, said),) = told(text)
    assert said.endswith("Say which in the mapping, under [columns].")
    assert told(text, mapping=Mapping(columns={"sex": "Gender"})) == []


def test_a_header_that_speaks_of_ratings_and_is_not_read_is_a_warning():
    """The ratings of a stage the analyst thinks are read must not be missing in silence."""
    text = "Employee ID,Department,Grade,Final rating,{},Rating date\nZ1,Harbour Office,SCS1,A,A,\n"
    ((severity, *_, said),) = told(text.format("Autumn marking"))
    assert severity == "warning"
    assert "not read: Autumn marking." in said
    assert told(text.format("Parking spaces")) == []


@pytest.mark.parametrize(
    ("years", "rows"),
    [
        (("2023-24", "2024-25"), (2, 4, 6, 8, 10)),
        (("2024/25", "2025/26"), (3, 5, 7, 9, 11)),
        (("2024 to 2025", "FY 2023-2024"), (3, 5, 7, 9, 11)),
        (("FY24", "2024-25"), (2, 4, 6, 8, 10)),
    ],
)
def test_two_years_in_one_file_are_never_counted_together(years, rows):
    """Five people with a row for each of two years were ten people of 2024-25."""
    text = TWO_YEARS.replace(",A,", f",{years[0]},").replace(",B,", f",{years[1]},")
    assert [each[:4] for each in told(text)] == [("error", "DQ10", "performance_year", rows)]
    with pytest.raises(ExportError, match=r"2 performance years.*Export 2024-25 alone"):
        read_export(Source("e", text.encode(), "0" * 64), scheme=SCHEME)


@pytest.mark.parametrize(
    ("year", "severities"),
    [("2024-25", []), ("2024/2025", []), ("", []), ("2023-24", ["warning"]), ("24", ["warning"])],
)
def test_one_year_is_read_and_another_than_the_scheme_s_is_said(year, severities):
    """An export of last year is read under this edition, with a word about it."""
    text = TWO_YEARS.splitlines()[0] + "\n"
    text += "".join(f"Q{n},Harbour Office,SCS1,{year},Achieving\n" for n in range(5))
    assert [each[0] for each in told(text)] == severities


def test_short_grades_are_named_and_their_places_are_suggested():
    """A grade of one or two signs tells of nobody; the same signs elsewhere are not shown."""
    text = "Employee ID,Dept,Pay Band,Year end rating,Ethnicity\nZ1,A,1,HP,7\nZ2,A,1A,HP,White\n"
    said = {each[2]: each[4] for each in told(text)}
    assert "under [values.grade] in the mapping which it is: " in said["grade"]
    assert "7" not in said["ethnicity"]
    suggested = suggest_mapping(Source("e", text.encode(), "0" * 64), scheme=SCHEME)
    assert '# "1" = "..."\n# "1A" = "SCS1A"\n' in suggested
    assert '"7"' not in suggested


def test_ratings_of_two_years_side_by_side_are_told_apart_by_the_analyst():
    """Both headers are named, neither is proposed; the year that is left out is said again."""
    text = "Employee Ref,Organisation,Grade,Rating 2023/24,Rating 2024/25\nX1,A,SCS1,A,HP\n"
    ((*_, said),) = told(text)
    assert "These speak of ratings: 'Rating 2023/24', 'Rating 2024/25'." in said
    ((*_, unit),) = told(text.replace("Rating 2023/24,Rating 2024/25", "Operating unit,Box"))
    assert "Operating unit" not in unit
    assert 'rating_final = "..."' in said
    ((*_, said),) = told(text, mapping=Mapping(columns={"rating_final": "Rating 2024/25"}))
    assert "not read: Rating 2023/24." in said


def test_headers_with_a_remark_in_brackets_are_suggested_and_not_taken():
    """A "Grade (line manager)" would be somebody else's grade: the analyst decides."""
    text = "Employee No,Department (current),Grade,Final rating,Ethnicity (self-declared)\n"
    suggested = suggest_mapping(Source("e", (text + "K1,A,SCS1,HP,\n").encode(), ""), scheme=SCHEME)
    for line in ('department = "Department (current)', 'ethnicity = "Ethnicity (self-declared)'):
        assert f'# Unsure: {line}"\n' in suggested


def test_hours_in_per_cent_or_with_a_comma_are_parts_of_one():
    """60%, 0,6 and 0.6 are the same; 1,000 stays the thousand it may be, and is told of."""
    hours = ("60%", '"0,6"', "0.6", "100 %", '"1,000"')
    text = "Employee No,Department,Grade,Final rating,FTE\n"
    text += "".join(f"K{n},A,SCS1,HP,{each}\n" for n, each in enumerate(hours))
    people = read_export(Source("e", text.encode(), "0" * 64), scheme=SCHEME).people
    assert people["fte"].tolist() == [0.6, 0.6, 0.6, 1.0, 1000.0]
    assert [each[1:4] for each in told(text)] == [("DQ8", "fte", (6,))]


def test_two_ratings_of_a_stage_without_a_source_say_how_to_choose():
    """Where no column tells the source the message does not ask for an order of sources alone."""
    text = "Employee No,Department,Grade,Review type,Rating\n"
    text += "L1,A,SCS1,End-Year Review,HP\nL1,A,SCS1,End-Year Review,A\n"
    columns = {"stage": "Review type", "rating": "Rating"}
    ((_, rule, _, rows, said),) = told(text, mapping=Mapping(layout=Layout.LONG, columns=columns))
    assert (rule, rows) == ("DQ1", (2, 3))
    assert "Keep the one that counts, or say in the mapping which header tells the source" in said
    assert "# Unsure" not in suggest_mapping(Source("e", text.encode(), ""), scheme=SCHEME)


def test_dates_as_text_in_several_forms_and_numbered_ratings_are_read():
    """Day first once it is said, whatever the form; the word beside a number decides the rating."""
    rows = [
        ["Person No", "Main Dept", "Grade", "SCS Start Date", "Year End Rating"],
        ["K1", "Harbour Office", "SCS1", "31/03/2019", "1 - Exceeding"],
        ["K2", "Harbour Office", "SCS1", "14 Feb 2020", "2 - High Performing"],
        ["K3", "Harbour Office", "SCS1", "03/04/2018", "3 - Achieving"],
        ["K4", "Harbour Office", "SCS1", "2018-11-02 00:00:00", "4 \u2013 Partially Met"],
    ]
    ((*place, _),) = told(xlsx(rows))
    assert place == ["error", "DQ2", "scs_entry_date", (4,)]
    people = read_export(
        Source("e", xlsx(rows), "0" * 64), scheme=SCHEME, mapping=Mapping(day_first=True)
    ).people
    assert people["scs_entry_date"].dt.strftime("%Y-%m-%d").tolist() == [
        *("2019-03-31", "2020-02-14", "2018-04-03", "2018-11-02"),
    ]
    assert people["rating_final"].tolist() == list(SCHEME.best_first)


def test_a_label_most_like_not_rated_is_suggested_as_a_blank_never_as_the_best_box():
    """Such a text was suggested as Exceeding, the first of the labels."""
    text = "Employee ID,Department,Grade,Final rating\nZ1,A,SCS1,Not ratedd\nZ2,A,SCS1,HP\n"
    ((*_, said),) = told(text)
    assert said.endswith('"Not ratedd" = "".')
