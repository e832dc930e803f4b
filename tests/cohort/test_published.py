"""Published tables of counts are read for what they are.

The tables are real: Department of Health (written answer 209631 of 17 October 2014 and its
sister 209653), Department for Work and Pensions (209494 of 14 October 2014), and DCMS 2013-14.
"""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pmstats.cohort import Layout, Mapping, check_export, read_export
from pmstats.cohort.reading.cells import Source
from pmstats.cohort.suggest import suggest_mapping
from pmstats.errors import ExportError, Severity
from pmstats.scheme import load_scheme

DH_DISABILITY = (
    "group,Exceeded,Met,Improvement Needed,Total\n"
    "Disabled,10,90,8,108\nNot disabled,373,1031,36,1440\nUnknown,17,96,2,115\n"
)
DWP_SEX = (
    'group,Exceeded,Achieved,Must Improve\nFemale,"13,786","45,715","3,962"\nMale,5371,20110,3006\n'
)
DH_OVERALL = "group,Exceeded,Met,Improvement Needed,Total\nAll,440,1271,46,1663\n"
DCMS_PERCENTAGES = "group,Excellent,Good,Must Improve\nDisabled,1,4,0\nNot disabled,35,58,2\n"
MERGED = "group,Exceeded,Met or Must improve (merged)\nFull-time,13,76\nPart-time,1,5\n"


#: DWP senior civil servants 2024-25 (written answer 98540): ratings in rows, grades in columns.
DWP_SCS = (
    "rating,SCS1_n,SCS1_pct,SCS2_n,SCS2_pct\nExceeding,0,0,0,0\nHigh Performing,67,28,<30,--\n"
)


def on_its_side(text, above="", below=""):
    """The same table with its rows as columns, between a title and a note."""
    columns = zip(*(line.split(",") for line in text.splitlines()), strict=True)
    return above + "".join(",".join(column) + "\n" for column in columns) + below


def table_mapping(characteristic, **more):
    """A mapping for a published table about one department."""
    return Mapping(
        layout=Layout.PUBLISHED_TABLE,
        characteristic=characteristic,
        fixed={"department": "Department of Health"},
        **more,
    )


def read(tmp_path, text, mapping):
    """The cohort of a table with this text."""
    path = tmp_path / "table.csv"
    path.write_text(text, encoding="utf-8")
    return read_export(path, scheme=load_scheme("three_box_2013_14"), mapping=mapping)


def counts(cohort, characteristic):
    """The count for each group and rating."""
    people = cohort.people
    keys = zip(people[characteristic], people["rating_final"], strict=True)
    return dict(zip(keys, people["count"], strict=True))


def test_the_department_of_health_table_keeps_every_cell(tmp_path):
    """The nine cells of 2013-14 arrive as counts of 1,663 people, Unknown as its own group."""
    cohort = read(tmp_path, DH_DISABILITY, table_mapping("disability"))
    assert len(cohort) == 1663
    found = counts(cohort, "disability")
    assert found["Disabled", "Improvement needed"] == 8
    assert found["Not disabled", "Met"] == 1031
    assert found["Unknown", "Exceeded"] == 17


def test_thousands_separators_are_read(tmp_path):
    """The DWP table of 91,950 people is read with its commas."""
    cohort = read(tmp_path, DWP_SEX, table_mapping("sex"))
    assert len(cohort) == 91950
    assert counts(cohort, "sex")["Female", "Met"] == 45715


def test_a_table_about_everyone_needs_no_characteristic(tmp_path):
    """A single row for all staff is read as a department without groups."""
    cohort = read(tmp_path, DH_OVERALL.replace("440", "346"), table_mapping(""))
    assert len(cohort) == 1663
    assert cohort.characteristics == ()


def test_a_total_that_does_not_add_up_is_reported_with_the_difference(tmp_path):
    """The Department of Health's own slip (440 + 1271 + 46 against 1663) stops the reading."""
    with pytest.raises(ExportError, match=r"add up to 1,757.*1,663.*difference of \+94"):
        read(tmp_path, DH_OVERALL, table_mapping(""))


def test_percentages_of_everyone_are_refused_as_counts(tmp_path):
    """The DCMS cells make 100 over both rows: they are shares of all staff."""
    named = {"Exceeded": "Excellent", "Met": "Good"}
    with pytest.raises(ExportError, match="percentages of everyone"):
        read(tmp_path, DCMS_PERCENTAGES, table_mapping("disability", columns=named))


def test_percentages_of_each_group_are_refused_as_counts(tmp_path):
    """Rows of 100 are shares of the group, until the mapping says they are people."""
    text = "group,Exceeded,Met,Must improve\nMale,30,65,5\nFemale,20,70,10\n"
    with pytest.raises(ExportError, match="percentages of the group"):
        read(tmp_path, text, table_mapping("sex"))
    assert len(read(tmp_path, text, table_mapping("sex", counts_confirmed=True))) == 200


@pytest.mark.parametrize("cell", ["[c]", "c", "<30", "*", "..", "--", "fewer than 5"])
def test_a_withheld_cell_is_recognised(tmp_path, cell):
    """The marks that publishers put for a withheld count are explained, never read as nought."""
    with pytest.raises(ExportError, match="withheld"):
        read(tmp_path, DH_DISABILITY.replace(",8,", f",{cell},"), table_mapping("disability"))


@pytest.mark.parametrize(("cell", "said"), [("7.4%", "percentage"), ("some", "whole number")])
def test_a_cell_that_is_no_count_is_refused(tmp_path, cell, said):
    """A percentage or a word in a cell is reported with its column and row."""
    with pytest.raises(ExportError, match=said) as raised:
        read(tmp_path, DH_DISABILITY.replace(",8,", f",{cell},"), table_mapping("disability"))
    assert [p.rows for p in raised.value.problems] == [(2,)]


#: DHSC, senior civil servants rated lowest (written answer, beyondthevote.co.uk), and HM Treasury,
#: highest rating by grade 2024-25 (written answer 99244): as published.
DHSC = "year,returned,lowest\n2020-21,192,[c]\n2021-22,284,[c]\n2022-23,257,10\n"
HMT = "grade,n_highest,pct_highest\nAO,<30,\nEO,58,28\nHEO,117,26\nSCS,41,30\n"


@pytest.mark.parametrize(
    ("text", "columns", "rows"),
    [
        (DHSC, {"group": "year", "Partially Met": "lowest", "total": "returned"}, (2, 3)),
        (HMT, {"group": "grade", "Exceeding": "n_highest"}, (2,)),
    ],
)
def test_real_tables_with_withheld_cells_are_explained(tmp_path, text, columns, rows):
    """Each withheld cell is named by its row, and a single box is no distribution."""
    path = tmp_path / "table.csv"
    path.write_text(text, encoding="utf-8")
    mapping = Mapping(
        layout=Layout.PUBLISHED_TABLE, columns=columns, fixed={"department": "D"}, stage="final"
    )
    problems = check_export(path, scheme=load_scheme(), mapping=mapping)
    withheld = [p for p in problems if "withheld by the publisher" in p.message]
    assert [p.rows for p in withheld] == [rows]
    assert any("everyone would be rated alike" in p.message for p in problems)


def test_a_column_that_merges_two_ratings_is_refused(tmp_path):
    """The Northern Ireland Office merged two boxes; nobody can be counted from that."""
    with pytest.raises(ExportError, match="may merge several"):
        read(tmp_path, MERGED, table_mapping("working_pattern"))


def test_a_table_without_its_department_is_refused(tmp_path):
    """The mapping must say which department a published table is about."""
    path = tmp_path / "table.csv"
    path.write_text(DH_DISABILITY, encoding="utf-8")
    mapping = Mapping(layout=Layout.PUBLISHED_TABLE, characteristic="disability")
    problems = check_export(path, scheme=load_scheme("three_box_2013_14"), mapping=mapping)
    assert [p.message for p in problems] == [
        "The mapping does not say which department the table is about."
    ]


@pytest.mark.parametrize("above", ["", "Table 3: markings by disability\n\n"])
@pytest.mark.parametrize("below", ["", "Source: written answer\n"])
def test_ratings_in_rows_and_groups_in_columns_are_the_same_table(tmp_path, above, below):
    """The Department of Health's table on its side gives the same nine cells of 1,663 people."""
    upright = read(tmp_path, DH_DISABILITY, table_mapping("disability"))
    turned = read(tmp_path, on_its_side(DH_DISABILITY, above, below), table_mapping("disability"))
    assert counts(turned, "disability") == counts(upright, "disability")
    assert len(turned) == 1663


def test_the_cells_of_a_table_on_its_side_are_named_as_they_stand(tmp_path):
    """A withheld cell is reported at its own row, under the heading of its own column."""
    text = on_its_side(DH_DISABILITY.replace(",8,", ",[c],"))
    with pytest.raises(ExportError, match="withheld") as raised:
        read(tmp_path, text, table_mapping("disability"))
    assert [(p.column, p.rows) for p in raised.value.problems if "[c]" in p.message] == [
        ("Disabled", (4,))
    ]


def test_totals_of_a_table_on_its_side_are_checked(tmp_path):
    """The slip of 94 people is found at the row of the total, under its group."""
    with pytest.raises(ExportError, match=r"add up to 1,757.*difference of \+94") as raised:
        read(tmp_path, on_its_side(DH_OVERALL), table_mapping(""))
    assert [(p.column, p.rows) for p in raised.value.problems] == [("All", (5,))]


def test_a_column_of_totals_beside_the_groups_is_left_out(tmp_path):
    """Groups and their total are not added together."""
    text = "Marking,Male,Female,Total\nExceeded,31,24,55\nMet,85,70,155\nMust improve,5,9,14\n"
    cohort = read(tmp_path, text, table_mapping("sex"))
    assert len(cohort) == 224
    assert any("total columns" in problem.message for problem in cohort.problems)


@pytest.mark.parametrize("turn", [str, on_its_side], ids=["columns", "rows"])
def test_a_group_of_everybody_is_not_counted_twice(tmp_path, turn):
    """The row of all staff below the groups is left out, and it is said."""
    text = DWP_SEX.replace('"13,786","45,715","3,962"', "13786,45715,3962")
    text += "All staff,19157,65825,6968\n"
    cohort = read(tmp_path, turn(text), table_mapping("sex"))
    assert len(cohort) == 91950
    assert [p.severity for p in cohort.problems if "Left out: total" in p.message] == [
        "information"
    ]


def test_percentages_beside_counts_are_refused(tmp_path):
    """Two boxes of the Department for Work and Pensions: shares beside counts, some withheld."""
    path = tmp_path / "table.csv"
    path.write_text(DWP_SCS, encoding="utf-8")
    mapping = table_mapping("", stage="final")
    found = check_export(path, scheme=load_scheme(), mapping=mapping)
    said = {(p.message[:30], p.column, p.rows) for p in found}
    assert ("The heading says that these ar", "SCS1_pct, SCS2_pct", (1,)) in said
    assert ("The count is withheld by the p", "SCS2_n, SCS2_pct", (3,)) in said


@pytest.mark.parametrize("turn", [str, on_its_side], ids=["columns", "rows"])
def test_a_published_table_without_a_mapping_says_what_it_looks_like(tmp_path, turn):
    """Not "no header found": the ratings, the scheme that knows them, and what to do."""
    path = tmp_path / "table.csv"
    path.write_text(turn(DH_DISABILITY), encoding="utf-8")
    (found,) = check_export(path, scheme=load_scheme())
    assert "'Exceeded', 'Met', 'Improvement Needed'" in found.message
    assert "published table" in found.message
    assert "--scheme three_box_2013_14" in found.fix
    assert "--suggest" in found.fix


@pytest.mark.parametrize("turn", [str, on_its_side], ids=["columns", "rows"])
def test_the_mapping_suggested_for_a_published_table_reads_it(tmp_path, turn):
    """Only the department, which no table shows, is left to be filled in."""
    path, mapping = tmp_path / "table.csv", tmp_path / "mapping.toml"
    path.write_text(turn(DH_DISABILITY), encoding="utf-8")
    suggested = suggest_mapping(path, scheme=load_scheme())
    assert 'characteristic = "disability"' in suggested
    mapping.write_text(suggested.replace('# department = "..."', 'department = "Health"'))
    cohort = read_export(path, scheme=load_scheme("three_box_2013_14"), mapping=mapping)
    assert len(cohort) == 1663


@pytest.mark.parametrize("text", [MERGED, DCMS_PERCENTAGES])
def test_headings_that_only_sound_like_ratings_are_listed_to_be_told(tmp_path, text):
    """A merged or foreign heading is never guessed: it stands in the suggestion to be decided."""
    path = tmp_path / "table.csv"
    path.write_text(text, encoding="utf-8")
    headings = text.splitlines()[0].split(",")[1:]
    suggested = suggest_mapping(path, scheme=load_scheme())
    assert [heading for heading in headings if f'# "..." = "{heading}"' in suggested] == headings


CELLS = st.sampled_from(
    (
        *("", "Exceeded", "Met", "Must improve", "Male", "Female", "Total", "All", "Not rated"),
        *("12", "1,300", "[c]", "7%", "0", "Table 3", "Sex", "n", "pct", '"'),
    )
)


@settings(deadline=None, derandomize=True, database=None, max_examples=120)
@given(
    grid=st.lists(st.lists(CELLS, min_size=1, max_size=5), min_size=1, max_size=6),
    published=st.booleans(),
)
def test_any_grid_of_such_cells_is_read_or_refused_in_words(grid, published):
    """Whatever stands where: people, or problems with something to do; never a traceback."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(grid)
    data = text.getvalue().encode()
    source = Source("table.csv", data, "0" * 64)
    mapping = table_mapping("sex") if published else None
    found = check_export(source, scheme=load_scheme("three_box_2013_14"), mapping=mapping)
    assert all(p.fix for p in found if p.severity is Severity.ERROR)


def test_a_file_about_something_else_is_told_what_a_header_needs(tmp_path):
    """Cabinet Office completion rates (written answer 87827) are no ratings and no people."""
    path = tmp_path / "table.csv"
    path.write_text("date,FT_headcount,FT_completed,pct\n31/03/25,6200,4530,73.64\n")
    (found,) = check_export(path, scheme=load_scheme())
    assert "No header row was found" in found.message
    assert "header_row" in found.fix
