"""Tables of one question stand in one table, and nothing of them is lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pmstats.release.restricted.bundle import RestrictedPack
from pmstats.release.table import Column, Kind, RestrictedTable
from pmstats.report.stacked import stacked

N = Column(name="n", kind=Kind.COUNT)


def table(caption: str, first: str, *rows: tuple[str, int], note: str = "") -> RestrictedTable:
    """A table of groups and how many people each has, by its first column."""
    return RestrictedTable(
        id=caption.lower().replace(" ", "-"),
        caption=caption,
        question="Ratings" if "atings" in caption else "",
        by=first.lower(),
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


def test_captions_may_say_anything() -> None:
    """Tables are put together by the question each says it asks, whatever stands above them."""
    by_sex = table("How women and men were rated", "Sex", ("Female", 40))
    by_age = table("Ratings, and how old people are", "Age", ("Under 40", 30))
    alone = replace(table("Stand by me", "Song", ("One", 1)), question="")
    by_grade = replace(by_sex, id="grade", question="Ratings", by="grade")
    (_, ratings), other = stacked([("", by_age), ("", by_grade), ("", alone)])
    assert other == ("", alone)
    assert ratings.caption == "Ratings by age and grade"
    assert ratings.column("By") == ("Age", "Grade")


def test_a_pack_with_other_captions_has_the_same_sheets(pack: RestrictedPack) -> None:
    """Every caption rewritten: the same tables are put together, with the same rows."""
    tables = [table for section in pack.sections for table in section.tables]
    rewritten = [replace(table, caption=f"Table {n}") for n, table in enumerate(tables)]
    before, after = (
        [(each.id, each.columns, each.rows) for _, each in stacked([("", one) for one in held])]
        for held in (tables, rewritten)
    )
    assert before == after
    assert all(bool(table.by) is bool(table.question) for table in tables)


def test_every_comparison_of_a_pack_stands_in_one_table(
    packs: Mapping[str, RestrictedPack],
) -> None:
    """The seven characteristics of a large department are one sheet for each question."""
    tables = [table for section in packs["730 people"].sections for table in section.tables]
    found = {table.id: table for _, table in stacked([("", table) for table in tables])}
    together = found["sex-comparisons-and-others"]
    assert together.caption == "Comparisons, group by group"
    assert len(set(together.column("By"))) == 7
    assert sum(name.endswith("-and-others") for name in found) >= 6


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
