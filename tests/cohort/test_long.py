"""Ratings one to a row, in the export itself or in a file beside it."""

import pytest

from pmstats.cohort import Layout, Mapping, check_export, read_export
from pmstats.cohort.mapping import Files
from pmstats.errors import ExportError
from pmstats.scheme import load_scheme

SCHEME = load_scheme()
LONG = (
    "Employee No,Department,Gender,Stage,Rating,Source,Date\n"
    "1,Education,F,Mid-year,A,Form,2024-10-10\n"
    "1,Education,F,Final rating,HP,Form,2025-05-01\n"
    "2,Education,M,mid year review rating,PM,Form,2024-10-11\n"
    "1,Education,F,Final rating,E,Calibration,2025-05-20\n"
)
PEOPLE = "Employee No,Department,Gender\n1,Education,F\n2,Education,M\n3,Education,M\n"
RATINGS = "Employee No,Stage,Rating\n2,Mid-year,PM\n1,Mid-year,A\n1,Final rating,E\n"
BEST = ("Calibration", "Form")


def write(tmp_path, **files):
    """The folder with these files."""
    for name, text in files.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    return tmp_path / "export.csv"


def ratings(people, column):
    """The ratings of a column, None where there is none."""
    return [None if value != value else value for value in people[column].astype(object)]


def read(tmp_path, text, **mapping):
    """The people of a long export."""
    path = write(tmp_path, export=text)
    given = Mapping(layout=Layout.LONG, **mapping)
    return read_export(path, scheme=SCHEME, mapping=given).people


def test_a_long_export_has_one_row_per_person(tmp_path):
    """Each stage becomes a column; the source named first wins."""
    people = read(tmp_path, LONG, sources=BEST)
    assert people["row"].tolist() == [2, 4]
    assert ratings(people, "rating_midyear") == ["Achieving", "Partially Met"]
    assert ratings(people, "rating_final") == ["Exceeding", None]
    assert str(people["rating_final_date"][0].date()) == "2025-05-20"
    assert people["sex"].tolist() == ["Female", "Male"]


@pytest.mark.parametrize("other", ["p1", "P1 ", "straße"])
def test_a_person_typed_two_ways_is_one_person(tmp_path, other):
    """Case and outer space are folded as for pseudonyms: a sharp s is two letters."""
    first = "STRASSE" if other == "straße" else "P1"
    text = f"Employee No,Department,Stage,Rating\n{first},A,Mid-year,A\n{other},A,Final,HP\n"
    people = read(tmp_path, text)
    assert len(people) == 1
    assert ratings(people, "rating_final") == ["High Performing"]


def test_people_keep_the_order_of_their_first_rows(tmp_path):
    """Ratings of many people in any order arrive at the person and stage they belong to."""
    lines = [
        f"P{person},{'AB'[person % 2]},{stage},{box}\n"
        for stage, boxes in (("Mid-year", "A,PM,HP,E"), ("Final", "HP,A,E,PM"))
        for person, box in zip((7, 3, 9, 4), boxes.split(","), strict=True)
    ]
    people = read(tmp_path, "Employee No,Department,Stage,Rating\n" + "".join(lines))
    assert people["row"].tolist() == [2, 3, 4, 5]
    assert people["department"].tolist() == ["B", "B", "B", "A"]
    assert ratings(people, "rating_final") == [
        "High Performing",
        "Achieving",
        "Exceeding",
        "Partially Met",
    ]


def test_two_ratings_from_equal_sources_are_an_error(tmp_path):
    """Without an order of sources nobody chooses between a form and its calibration (DQ1)."""
    with pytest.raises(ExportError, match="two ratings for the stage") as raised:
        read(tmp_path, LONG)
    assert [p.rows for p in raised.value.problems if p.rule == "DQ1"] == [(3, 5)]


def test_rows_of_one_person_that_disagree_are_an_error(tmp_path):
    """One person cannot have two answers about sex in one export."""
    with pytest.raises(ExportError, match="rows of one person disagree") as raised:
        read(
            tmp_path,
            LONG.replace("2025-05-20", "").replace("1,Education,F,Final", "1,Education,M,Final"),
        )
    assert any(p.column == "sex" and p.rows == (3, 5) for p in raised.value.problems)


def test_an_unknown_stage_can_be_explained(tmp_path):
    """A stage the scheme does not know is an error until the mapping says what it is."""
    text = LONG.replace("Mid-year,", "October,")
    with pytest.raises(ExportError, match="Not a stage") as raised:
        read(tmp_path, text, sources=BEST)
    assert [p.rows for p in raised.value.problems if p.column == "stage"] == [(2,)]
    people = read(tmp_path, text, sources=BEST, values={"stage": {"October": "mid-year"}})
    assert ratings(people, "rating_midyear") == ["Achieving", "Partially Met"]


def test_a_wrong_rating_is_reported_where_it_stands(tmp_path):
    """The row is that of the rating, not the first row of the person."""
    with pytest.raises(ExportError) as raised:
        read(
            tmp_path, LONG.replace("F,Final rating,E,", "F,Final rating,Outstanding,"), sources=BEST
        )
    (problem,) = [p for p in raised.value.problems if p.rule == "R2"]
    assert (problem.column, problem.rows) == ("rating_final", (5,))


def test_a_long_export_needs_its_columns(tmp_path):
    """Without a column for the stage a long export cannot be read."""
    with pytest.raises(ExportError, match="No column for stage"):
        read(tmp_path, LONG.replace("Stage", "Period"))


def test_people_and_ratings_may_be_two_files(tmp_path):
    """One mapping reads both; a person without a rating stays in the export."""
    path = write(tmp_path, export=PEOPLE, ratings=RATINGS)
    mapping = Mapping(files=Files(ratings="ratings.csv"), columns={"person_id": "Employee No"})
    people = read_export(path, scheme=SCHEME, mapping=mapping, stage="mid-year").people
    assert ratings(people, "rating_midyear") == ["Achieving", "Partially Met", None]
    assert ratings(people, "rating_final") == ["Exceeding", None, None]


def test_ratings_of_strangers_are_pointed_out(tmp_path):
    """A rating for someone who is not in the export is left out, and said so."""
    path = write(tmp_path, export=PEOPLE, ratings=RATINGS + "9,Mid-year,A\n4,Mid-year,Bad\n")
    mapping = Mapping(files=Files(ratings="ratings.csv"))
    problems = check_export(path, scheme=SCHEME, mapping=mapping, stage="mid-year")
    (warning,) = [p for p in problems if p.column.startswith("ratings.")]
    assert (warning.rule, warning.rows) == ("file", (5, 6))


def test_a_wrong_rating_names_its_file(tmp_path):
    """A problem in the ratings file carries that file's row and its name."""
    path = write(tmp_path, export=PEOPLE, ratings=RATINGS.replace("1,Mid-year,A", "1,Mid-year,B"))
    problems = check_export(
        path, scheme=SCHEME, mapping=Mapping(files=Files(ratings="ratings.csv"))
    )
    assert (problems[0].column, problems[0].rows) == ("ratings.rating_midyear", (3,))


def test_a_ratings_file_that_is_not_there_is_an_error(tmp_path):
    """The file the mapping names must exist."""
    path = write(tmp_path, export=PEOPLE)
    with pytest.raises(ExportError, match=r"ratings\.csv cannot be opened"):
        read_export(path, scheme=SCHEME, mapping=Mapping(files=Files(ratings="ratings.csv")))
