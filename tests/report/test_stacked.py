"""Tables of one question stand in one table, and nothing of them is lost."""

from __future__ import annotations

from pmstats.release.restricted.bundle import RestrictedPack
from pmstats.release.table import Column, Kind, RestrictedTable
from pmstats.report.stacked import stacked

N = Column(name="n", kind=Kind.COUNT)


def table(caption: str, first: str, *rows: tuple[str, int], note: str = "") -> RestrictedTable:
    """A table of groups and how many people each has."""
    return RestrictedTable(
        id=caption.lower().replace(" ", "-"),
        caption=caption,
        columns=(Column(name=first), N),
        rows=rows,
        notes=(note,) if note else (),
    )


def test_ratings_by_two_characteristics_are_one_table() -> None:
    """At the place of the first; the first column says by what, notes stand once."""
    by_sex = table("Ratings by sex", "Sex", ("Female", 40), ("Male", 60), note="Mid-year.")
    alone = table("Who is counted", "People", ("In the export", 100))
    by_age = table("Ratings by age", "Age", ("Under 40", 30), note="Mid-year.")
    (scope, ratings), other = stacked([("Sex", by_sex), ("Coverage", alone), ("Age", by_age)])
    assert other == ("Coverage", alone)
    assert scope == "Sex, Age"
    assert ratings.caption == "Ratings by sex and age"
    assert ratings.columns == (Column(name="By"), Column(name="Group"), N)
    assert ratings.rows == (("Sex", "Female", 40), ("Sex", "Male", 60), ("Age", "Under 40", 30))
    assert ratings.notes == ("Mid-year.",)


def test_tables_of_other_columns_stay_apart() -> None:
    """The same question with other columns is another table; one of its kind stays as it is."""
    by_sex = table("Ratings by sex", "Sex", ("Female", 40))
    shares = RestrictedTable(
        id="shares",
        caption="Ratings by age",
        columns=(Column(name="Age"), Column(name="Share", kind=Kind.SHARE)),
        rows=(("Under 40", 0.5),),
    )
    assert stacked([("", by_sex), ("", shares)]) == [("", by_sex), ("", shares)]


def test_every_row_of_every_kind_of_pack_is_kept_once(pack: RestrictedPack) -> None:
    """In order within its table, under the name of what it is by."""
    tables = [table for section in pack.sections for table in section.tables]
    found = [table for _, table in stacked([("", table) for table in tables])]
    kept = [
        (row[1:] if table.columns[0].name == "By" else row) for table in found for row in table.rows
    ]
    assert sorted(map(repr, kept)) == sorted(repr(row) for table in tables for row in table.rows)
    assert len({table.id for table in found}) == len(found)
    assert {note for table in found for note in table.notes} == {
        note for table in tables for note in table.notes
    }
