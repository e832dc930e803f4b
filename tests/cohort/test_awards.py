"""Awards belong to one person, one payment, one department."""

from __future__ import annotations

import pytest

from pmstats.cohort import Mapping, check_export, read_export
from pmstats.cohort.mapping import Files
from pmstats.scheme import load_scheme

SCHEME = load_scheme()
#: A mover of 1 November, and somebody who stays in the Office of Examples.
PEOPLE = """person_id,department,dept_entry_date,leave_date,leave_destination,rating_final
P1,Ministry of Samples,2015-04-01,2024-10-31,Other department,
P1,Office of Examples,2024-11-01,,,Exceeding
P2,Office of Examples,2015-04-01,,,High Performing
"""
OURS = Mapping(files=Files(awards="awards.csv"))


def cohort(tmp_path, awards, *, people=PEOPLE, mapping=OURS):
    """The people with these awards (a header and rows)."""
    (tmp_path / "export.csv").write_text(people, encoding="utf-8")
    (tmp_path / "awards.csv").write_text(awards, encoding="utf-8")
    return read_export(tmp_path / "export.csv", scheme=SCHEME, mapping=mapping, stage="final")


def paid(read):
    """What each department paid, in pounds."""
    return {n: read.department(n).awards["award_amount"].tolist() for n in read.departments}


def said(read):
    """The rows of the awards file that a warning names."""
    return [p.rows for p in read.problems if p.column == "awards.person_id"]


@pytest.mark.parametrize(
    ("day", "kind", "samples", "examples"),
    [
        ("2024-10-31", "in_year", [100.0], []),
        ("2024-11-01", "in_year", [], [100.0]),
        ("2025-06-30", "end_year", [], [100.0]),
        ("", "end_year", [], [100.0]),
        ("", "in_year", [], [100.0]),
    ],
)
def test_a_mover_s_award_belongs_to_one_department(tmp_path, day, kind, samples, examples):
    """By the day of an in-year award, else by who held the post on 31 December (para 68)."""
    read = cohort(tmp_path, f"person_id,date,type,amount\nP1,{day},{kind},100\n")
    assert paid(read) == {"Ministry of Samples": samples, "Office of Examples": examples}
    assert said(read) == []


def test_the_department_the_file_names_decides(tmp_path):
    """A column of the awards file comes before any date, whatever its case."""
    awards = "person_id,Department,date,type,amount\nP1,ministry of samples,2025-03-01,in_year,7\n"
    read = cohort(tmp_path, awards)
    assert paid(read) == {"Ministry of Samples": [7.0], "Office of Examples": []}


def test_a_department_that_does_not_return_the_person_is_pointed_out(tmp_path):
    """Its payment is no other department's, and stays in the person's year."""
    awards = "person_id,Department,date,type,amount\nP2,Elsewhere,2025-03-01,in_year,7\n"
    read = cohort(tmp_path, awards)
    assert paid(read) == {"Ministry of Samples": [], "Office of Examples": []}
    assert len(read.awards) == 1
    assert said(read) == [(2,)]


def test_an_award_that_could_be_either_department_s_is_pointed_out(tmp_path):
    """Without dates nobody can tell; it is counted once and named."""
    people = "person_id,department,rating_final\nP1,A,E\nP1,B,E\nP2,A,E\n"
    awards = "person_id,type,amount\nP1,end_year,50\nP2,end_year,60\n"
    read = cohort(tmp_path, awards, people=people)
    assert sorted(amount for amounts in paid(read).values() for amount in amounts) == [50, 60]
    assert said(read) == [(2,)]


def test_awards_to_people_outside_the_export_are_left_out(tmp_path):
    """An awards file of the whole department names staff of other grades too."""
    read = cohort(tmp_path, "person_id,type,amount\nP9,in_year,5\nP2,in_year,6\n")
    assert read.awards["award_amount"].tolist() == [6.0]
    assert said(read) == [(2,)]


def test_awards_need_the_export_s_identifiers(tmp_path):
    """Without identifiers in the export nothing can be told to anybody."""
    (tmp_path / "export.csv").write_text("department,rating_final\nA,E\n", encoding="utf-8")
    (tmp_path / "awards.csv").write_text("person_id,type,amount\nP1,in_year,5\n", encoding="utf-8")
    problems = check_export(tmp_path / "export.csv", scheme=SCHEME, mapping=OURS)
    assert [p.message for p in problems if p.column == "awards.person_id"] == [
        "The export has no column of identifiers, so awards cannot be told to people."
    ]


def test_headers_told_for_the_export_need_not_be_those_of_its_awards(tmp_path):
    """The mapping names the export's headers; the awards file may have the usual ones."""
    people = PEOPLE.replace("person_id,department", "Ref,Org")
    mapping = Mapping(
        columns={"person_id": "Ref", "department": "Org"}, files=Files(awards="awards.csv")
    )
    read = cohort(
        tmp_path, "Employee ID,Type,Amount\nP2,in_year,6\n", people=people, mapping=mapping
    )
    assert paid(read)["Office of Examples"] == [6.0]


def test_a_rating_is_looked_up_where_the_award_was_made(tmp_path):
    """The old department has no final rating; the award of the new one is right (R35)."""
    people = PEOPLE.splitlines()
    (tmp_path / "export.csv").write_text(
        "\n".join([people[0], people[2], people[1]]) + "\n", encoding="utf-8"
    )
    (tmp_path / "awards.csv").write_text(
        "person_id,type,amount\nP1,end_year,100\n", encoding="utf-8"
    )
    problems = check_export(tmp_path / "export.csv", scheme=SCHEME, mapping=OURS)
    assert not [p for p in problems if p.rule in ("R35", "R18")]
