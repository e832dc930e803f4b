"""Totals of published tables are held against their groups, as far as the table lets one see.

The groups are those of the Department of Health 2013-14 (written answer 209631), whose published
totals are 400, 1,217 and 46 of 1,663; every other total is made up to be wrong by a known number.
"""

import pytest

from pmstats.cohort import Layout, Mapping, check_export, read_export
from pmstats.scheme import load_scheme

HEAD = "group,Exceeded,Met,Improvement Needed,Total\n"
GROUPS = "Disabled,10,90,8,108\nNot disabled,373,1031,36,1440\nUnknown,17,96,2,115\n"
#: The same, every cell rounded to 5: 400, 1,215 and 45 are what the cells add up to.
ROUNDED = "Disabled,10,90,10\nNot disabled,375,1030,35\nUnknown,15,95,0\n"
TENS = "Disabled,10,90,10\nNot disabled,370,1030,40\nUnknown,20,100,0\n"


@pytest.fixture
def told(tmp_path):
    """What a check says of a table: severity, message, column and rows of each problem."""

    def check(text, turned=False):
        if turned:
            rows = zip(*(line.split(",") for line in text.splitlines()), strict=True)
            text = "".join(",".join(row) + "\n" for row in rows)
        path = tmp_path / "table.csv"
        path.write_text(text, encoding="utf-8")
        found = check_export(path, scheme=load_scheme("three_box_2013_14"), mapping=by_disability())
        return [(str(p.severity), p.message, p.column, p.rows) for p in found]

    return check


def by_disability():
    """The mapping of a table of one department by disability."""
    return Mapping(
        layout=Layout.PUBLISHED_TABLE,
        characteristic="disability",
        fixed={"department": "Department of Health"},
    )


@pytest.mark.parametrize("label", ["Total", "All staff", "GRAND TOTAL", "Total staff"])
@pytest.mark.parametrize("turned", [False, True])
def test_totals_that_add_up_are_left_out_and_said_to_hold(told, label, turned):
    """The published totals of 2013-14 are what the groups add up to."""
    ((severity, message, _, _),) = told(HEAD + GROUPS + f"{label},400,1217,46,1663\n", turned)
    assert severity == "information"
    assert message.startswith("Left out: total")
    assert message.endswith("the groups add up to.")


@pytest.mark.parametrize(("turned", "column", "row"), [(False, "Met", 5), (True, "Total", 3)])
def test_a_total_that_its_groups_do_not_make_is_a_warning_in_its_box(told, turned, column, row):
    """1,218 stated where the groups make 1,217: the box, the row and the difference are named."""
    found = told(HEAD + GROUPS + "Total,400,1218,46,1663\n", turned)
    ((_, message, *where),) = [each for each in found if each[0] == "warning"]
    assert "add up to 1,217, the stated total is 1,218: a difference of -1." in message
    assert where == [column, (row,)]
    assert not [each for each in found if each[0] == "error" or "which the groups" in each[1]]


def test_a_missing_group_does_not_stop_the_reading(tmp_path):
    """A total may hold people of a group that is not shown; those who are shown are counted."""
    path = tmp_path / "table.csv"
    path.write_text(HEAD + GROUPS.split("Unknown", maxsplit=1)[0] + "Total,400,1217,46,1663\n")
    cohort = read_export(path, scheme=load_scheme("three_box_2013_14"), mapping=by_disability())
    assert len(cohort) == 1548
    assert sum("The groups add up to" in problem.message for problem in cohort.problems) == 4


@pytest.mark.parametrize(
    ("groups", "stated", "wrong"),
    [
        # three groups and their total, each up to 2.5 off: 10 at most
        (ROUNDED, 410, False),
        (ROUNDED, 390, False),
        (ROUNDED, 415, True),
        (ROUNDED, 385, True),
        # the total is exact, the groups are not: 7.5 at most
        (ROUNDED, 407, False),
        (ROUNDED, 408, True),
        # to ten: 20 at most
        (TENS, 420, False),
        (TENS, 430, True),
    ],
)
def test_what_rounding_can_explain_is_no_finding(told, groups, stated, wrong):
    """Each rounded cell may be off by half of what it is rounded to, and no more."""
    head = HEAD.replace(",Total", "")
    rest = "1215,45" if groups == ROUNDED else "1220,50"
    found = told(head + groups + f"Total,{stated},{rest}\n")
    assert ("warning" in {each[0] for each in found}) == wrong
    assert any("as if rounded" in each[1] for each in found) != wrong


def test_a_rounded_column_of_totals_may_differ_as_far(told):
    """375 + 1,030 + 35 is 1,440; 1,450 is within rounding to 5, 1,455 is not."""
    for stated, severities in ((1450, {"information"}), (1455, {"error"})):
        text = f"{HEAD}Disabled,10,90,10,110\nNot disabled,375,1030,35,{stated}\n"
        assert {each[0] for each in told(text)} == severities


def test_beside_withheld_cells_only_the_other_boxes_are_checked(told):
    """With one of three cells withheld a total says nothing, unless the others exceed it."""
    withheld = GROUPS.replace(",8,108", ",[c],108").replace(",2,115", ",<5,115")
    found = told(HEAD + withheld + "Total,400,1217,46,1664\n")
    assert [each[1:] for each in found if "cannot be checked" in each[1]] == [
        ("Totals cannot be checked here: 2 cells are withheld.", "Total", (2, 4)),
        ("Totals cannot be checked here: 2 cells are withheld.", "Improvement Needed", (5,)),
    ]
    assert [each[2] for each in found if each[0] == "warning"] == ["Total"]
    found = told(HEAD + withheld + "Total,400,1217,35,1663\n")
    assert any("that are shown add up to 36, the stated total is 35" in each[1] for each in found)


def test_a_withheld_total_is_not_checked(told):
    """A total that is not shown cannot be held against anything, and that is no error."""
    found = told(HEAD + GROUPS + "Total,400,[c],46,1663\n")
    assert [each[1:3] for each in found if "checked" in each[1]] == [
        ("Totals cannot be checked here: 1 cell is withheld.", "Met")
    ]
    assert {each[0] for each in found} == {"information"}


def test_a_sub_total_is_held_against_the_groups_beside_it(told):
    """The sum of two groups of three is right for a sub-total above or below them, not for all."""
    parts = GROUPS.splitlines(keepends=True)
    sub = "Sub-total,383,1121,44,1548\n"
    for text in ("".join(parts[:2]) + sub + parts[2], sub + "".join(parts[:2])):
        assert {each[0] for each in told(HEAD + text)} == {"information"}
    wrong = "".join(parts[:2]) + sub.replace("383", "384") + parts[2]
    assert [each[2] for each in told(HEAD + wrong) if each[0] == "warning"] == ["Exceeded"]


def test_a_blank_total_or_percentages_in_the_total_row_say_nothing(told):
    """A total row that gives no counts is left out, and nothing is claimed of it."""
    (found,) = told(HEAD + GROUPS + "Total,,73%,,\n")
    assert found[:2] == ("information", "Left out: total rows.")
