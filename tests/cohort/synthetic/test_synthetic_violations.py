"""Every planted violation breaks its rule at the rows the truth names, and the reader agrees."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest

from pmstats.cohort.export import check_export
from pmstats.cohort.synthetic import synthesise, write_synthetic
from pmstats.errors import Severity
from pmstats.scheme import load_scheme


def text(table):
    """The table as text, blank where a cell is empty."""
    return table.astype(object).fillna("").astype(str)


@pytest.fixture(scope="module")
def clean():
    """The year with all its columns and no violation."""
    return synthesise(record=True)


@pytest.fixture(scope="module")
def broken():
    """The same year with every violation."""
    return synthesise(record=True, violations=True)


def test_only_the_named_cells_differ(clean, broken):
    """Rows not in the truth are as they were, and each named column differs in a named row."""
    before, after = text(clean.export), text(broken.export)
    differ = before.ne(after.loc[: len(before) - 1, before.columns])
    for entry in broken.truth["violations"]:
        rows = [row - 2 for row in entry["rows"] if row - 2 < len(before)]
        named = [name for name in entry["columns"] if name in before]
        if entry["rule"] not in ("DQ1", "DQ12"):
            assert differ.loc[rows, named].any(axis=1).all() or not named
        differ.loc[rows] = False
    assert not differ.any().any()


def test_no_row_carries_two_violations(broken):
    """Each problem can be traced to one cause; the column of free text is not a row's."""
    rows = Counter(
        row
        for entry in broken.truth["violations"]
        if entry["rule"] != "DQ15"
        for row in entry["rows"]
    )
    assert max(rows.values()) == 1
    assert all(entry["rows"] for entry in broken.truth["violations"])


def test_a_plain_export_carries_what_its_columns_can():
    """Without the record's columns, rules on objectives, support and dates are left out."""
    rules = {entry["rule"] for entry in synthesise(violations=True).truth["violations"]}
    assert {"R1", "R2", "R15", "R16", "R17", "DQ1", "DQ2", "DQ5", "DQ6", "DQ13"} <= rules
    assert rules.isdisjoint({"R5", "R22", "R27", "DQ10"})


def test_copies_are_of_the_rows_named(broken):
    """Duplicates follow the last person; the truth names the first row and the copy."""
    ids = text(broken.export)["person_id"]
    for entry in broken.truth["violations"]:
        if entry["rule"] in ("DQ1", "DQ12"):
            first, copies = entry["rows"][:2], entry["rows"][2:]
            assert ids[[row - 2 for row in first]].tolist() == ids[[r - 2 for r in copies]].tolist()


def test_award_violations_are_where_the_truth_says(broken):
    """5,000.01 in one award, 17,500.01 in a year, and awards to people who may have none."""
    awards, people = text(broken.awards), text(broken.export).drop_duplicates("person_id")
    both = awards.merge(people, on="person_id", how="left", validate="many_to_one")
    both["amount"] = both["amount"].astype(float)
    rows = {
        entry["rule"]: [row - 2 for row in entry["rows"]]
        for entry in broken.truth["award_violations"]
    }
    assert (both.loc[rows["R33"], "amount"] == 5000.01).all()
    people_paid = both.loc[rows["R34"], "person_id"]
    totals = both.groupby("person_id")["amount"].sum()
    assert totals[people_paid].tolist() == pytest.approx([17_500.01] * 2)
    assert (both.loc[rows["DQ11"], "performance_year"] == "2022-23").all()
    assert (both.loc[rows["R18"], "leave_destination"] == "Left the Civil Service").all()
    assert (both.loc[rows["R32"], "formal_pp_stage"] == "1").all()
    assert (both.loc[rows["R35"], "rating_final"] == "A").all()
    unpaid = text(broken.export).loc[rows["R36"]]
    assert (unpaid["rating_final"] == "E").all()
    assert not unpaid["person_id"].isin(both.loc[both["type"] == "end_year", "person_id"]).any()


def reported(folder, **recipe):
    """What the reader says about a made-up export at the end of the year."""
    path = write_synthetic(folder, record=True, **recipe)[0]
    return check_export(path, scheme=load_scheme(), stage="final")


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """The reader's problems with the broken export, by rule."""
    problems = defaultdict(list)
    for problem in reported(tmp_path_factory.mktemp("broken"), violations=True):
        problems[problem.rule].append(problem)
    return problems


def test_the_reader_finds_no_error_in_a_clean_export(tmp_path):
    """The committed sample's people, with every optional column: no error of any rule."""
    assert not [p for p in reported(tmp_path) if p.severity is Severity.ERROR]


@pytest.mark.parametrize("rule", ["R2", "R15", "R16", "DQ1", "DQ2", "DQ5", "DQ6", "DQ12", "DQ13"])
def test_the_reader_finds_each_violation_and_nothing_else(broken, found, rule):
    """Rows reported under a rule are the planted ones."""
    planted = {
        row
        for entry in broken.truth["violations"]
        if rule == entry["rule"]
        for row in entry["rows"]
    }
    assert {row for problem in found[rule] for row in problem.rows} == planted
