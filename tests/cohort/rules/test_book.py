"""Each rule of the book on both sides of its boundary, and the planted ledger found whole."""

from collections import defaultdict
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pmstats.cohort import Cohort, Mapping, check_export
from pmstats.cohort.columns import Kind
from pmstats.cohort.rules import BEYOND_INTAKE, INTAKE, Records, broken_rules
from pmstats.cohort.rules.support import runs
from pmstats.cohort.schema import columns
from pmstats.cohort.synthetic import synthesise
from pmstats.errors import Severity
from pmstats.scheme import load_scheme

SCHEME = load_scheme()
KINDS = {column.name: column for column in columns(SCHEME)}
BOXES = {"E": "Exceeding", "H": "High Performing", "A": "Achieving", "P": "Partially Met"}


def records(*, stage=None, **cells):
    """One person with these cells and nothing wrong otherwise; ratings by their first letter."""
    row = {"row": 2, "person_id": 1, "department": "A", "count": 1, **cells}
    people = pd.DataFrame({name: [cell] for name, cell in row.items()})
    for name in cells:
        kind = KINDS[name].kind
        if kind is Kind.DATE:
            people[name] = pd.to_datetime(people[name])
        elif kind is Kind.RATING:
            box = people[name].map(BOXES)
            people[name] = pd.Categorical(box, categories=list(SCHEME.rating_names))
    cohort = Cohort(scheme=SCHEME, people=people, export_name="x", export_sha256="0" * 64)
    return Records(cohort=cohort, mapping=Mapping(), stage=stage)


def broken(code, **cells):
    """The severities with which a rule is broken by one person with these cells."""
    found = broken_rules(records(**cells), rules=(*INTAKE, *BEYOND_INTAKE))
    return [
        str(problem.severity)
        for problem in found
        if problem.rule == code and not problem.message.startswith("Not checked")
    ]


E, W, I = ["error"], ["warning"], ["information"]  # noqa: E741
FINAL = {"rating_final": "A"}
UNSAID = {"moderating_department": None}
MODERATED = {"rating_recommended": "A", "rating_local": "A", "rating_overall": "A"}
SUPPORTED = {"pdp_start": "2024-11-01", "support_provided": "Yes", "pdp_review": "2025-01-05"}
NO_SUPPORT = dict.fromkeys(SUPPORTED)


def quarters(pattern, final="A"):
    """Ratings of the four quarters by letter: P the lowest box, - Achieving, ? none."""
    names = ("rating_q1", "rating_midyear", "rating_q3", "rating_recommended")
    letters = {"P": "P", "-": "A", "?": None}
    return {n: letters[x] for n, x in zip(names, pattern, strict=True)} | {"rating_final": final}


@pytest.mark.parametrize(
    ("code", "cells", "expected"),
    [
        ("DQ3", {"cs_entry_date": "2015-01-02", "scs_entry_date": "2015-01-01"}, W),
        ("DQ3", {"cs_entry_date": "2015-01-01", "scs_entry_date": "2015-01-01"}, []),
        ("DQ3", {"cs_entry_date": "2015-01-02", "dept_entry_date": "2015-01-01"}, W),
        ("DQ7", {"sex": "Female"}, []),
        ("DQ7", {"sex": "Undeclared"}, W),
        ("DQ7", {"sex": "Unknown"}, W),
        ("DQ8", {"fte": 1.0}, []),
        ("DQ8", {"fte": 1.01}, W),
        ("DQ8", {"fte": 0.0}, W),
        ("DQ8", {"fte": np.nan}, []),
        ("DQ10", {**FINAL, "rating_final_date": "2024-03-31"}, W),
        ("DQ10", {**FINAL, "rating_final_date": "2024-04-01"}, []),
        ("R5", {"objectives_n": 8.0}, []),
        ("R5", {"objectives_n": 9.0}, I),
        ("R11", {"midyear_writeup": "No", "endyear_writeup": "Yes"}, W),
        ("R11", {"midyear_writeup": "Yes", "endyear_writeup": None}, []),
        ("R12", {**MODERATED, "rating_recommended_date": "2025-02-28"}, W),
        ("R12", {**MODERATED, "rating_recommended_date": "2025-03-01"}, []),
        ("R12", {**MODERATED, "rating_recommended_date": "2025-03-31"}, []),
        ("R12", {**MODERATED, "rating_recommended_date": "2025-04-01"}, W),
        ("R12", {**MODERATED, "rating_recommended": None}, E),
        ("R13", {"rating_q4": "H", "rating_recommended": "A"}, W),
        ("R13", {"rating_q4": "A", "rating_recommended": "A"}, []),
        ("R14", {**FINAL, "feedback_360": "No"}, I),
        ("R14", {**FINAL, "feedback_360": "Yes"}, []),
        ("R15", {**FINAL, "cs_entry_date": "2024-12-31"}, []),
        ("R15", {**FINAL, "cs_entry_date": "2025-01-01"}, E),
        ("R15", {"rating_final": None, "cs_entry_date": "2024-12-31"}, W),
        ("R15", {"rating_final": None, "cs_entry_date": "2025-01-01"}, []),
        ("R15", {**FINAL, "cs_entry_date": None}, I),
        ("R16", {**FINAL, **UNSAID, "dept_entry_date": "2024-12-31"}, []),
        ("R16", {**FINAL, **UNSAID, "dept_entry_date": "2025-01-01"}, W),
        ("R16", {"rating_final": None, **UNSAID, "dept_entry_date": "2025-01-01"}, []),
        ("R17", {**FINAL, "leave_date": "2024-12-30"}, W),
        ("R17", {**FINAL, "leave_date": "2024-12-31"}, []),
        ("R17", {"rating_final": None, "leave_date": "2024-12-30"}, I),
        ("R17", {"rating_final": None, "leave_date": "2025-01-01"}, W),
        ("R20", {**FINAL, "employment_type": "Secondee in"}, W),
        ("R20", {"rating_final": None, "employment_type": "Secondee in"}, []),
        ("R20", {"rating_final": None, "employment_type": "Secondee out"}, W),
        ("R20", {**FINAL, "employment_type": "Secondee out"}, []),
        ("R21", {"employment_type": "Job share"}, I),
        ("R21", {"employment_type": "Long absence"}, I),
        ("R21", {"employment_type": "Substantive"}, []),
        ("R22", {"rating_final": "H", "finance_objective_met": "No"}, E),
        ("R22", {"rating_final": "A", "finance_objective_met": "No"}, []),
        ("R22", {"rating_recommended": "E", "finance_objective_met": "No"}, W),
        ("R22", {"rating_final": "A", "finance_objective_met": None}, I),
        ("R23", {"rating_final": "E", "corporate_contribution_significant": "No"}, E),
        ("R23", {"rating_final": "E", "corporate_contribution_significant": None}, W),
        ("R23", {"rating_final": "H", "corporate_contribution_significant": "No"}, []),
        ("R24", {"rating_final": "A", "behaviours": "No"}, E),
        ("R24", {"rating_final": "P", "behaviours": "No"}, []),
        ("R25", {"rating_final": "H", "delivery": "Exactly"}, W),
        ("R25", {"rating_final": "A", "delivery": "Exactly"}, []),
        ("R26", {"rating_midyear": "E", "rating_final": "A"}, I),
        ("R26", {"rating_midyear": "H", "rating_final": "A"}, []),
        ("R26", {"rating_q1": "E", "rating_midyear": "H", "rating_final": "P"}, I),
        ("R39", {**MODERATED, "rating_local": None}, E),
        ("R39", MODERATED, []),
        (
            "R39",
            {
                **MODERATED,
                "rating_local_date": "2025-04-21",
                "rating_overall_date": "2025-04-20",
            },
            W,
        ),
        ("R41", {**MODERATED, "rating_local": "H", "change_reason": None}, W),
        ("R41", {**MODERATED, "rating_local": "H", "change_reason": "Given"}, []),
        ("R41", {**MODERATED, "change_reason": None}, []),
        ("R45", {"rating_overall": "A", "rating_final": "H"}, I),
        ("R45", {"rating_overall": "A", "rating_final": "A"}, []),
        ("R46", {"ranking": "Given"}, I),
        ("R46", {"ranking": None}, []),
        ("R27", {**quarters("PP--"), **NO_SUPPORT}, W),
        ("R27", {**quarters("-PP-"), **NO_SUPPORT}, W),
        ("R27", {**quarters("--PP"), **NO_SUPPORT}, W),
        ("R27", {**quarters("P-P-"), **NO_SUPPORT}, []),
        ("R27", {**quarters("P?P-"), **NO_SUPPORT}, I),
        ("R27", {**quarters("PP--"), **SUPPORTED}, []),
        ("R28", {**quarters("PP-P"), "formal_pp_stage": "none"}, W),
        ("R28", {**quarters("PP--", final="P"), "formal_pp_stage": None}, W),
        ("R28", {**quarters("PP--"), "formal_pp_stage": "none"}, []),
        ("R28", {**quarters("PP-P"), "formal_pp_stage": "1"}, []),
        (
            "R28",
            {
                **quarters("PP-P"),
                "formal_pp_stage": "none",
                "exceptional_circumstances": "Yes",
            },
            I,
        ),
        ("R29", {**quarters("P---"), "formal_pp_stage": "1"}, W),
        ("R29", {**quarters("P--P"), "formal_pp_stage": "1"}, []),
        ("R29", {**quarters("P---"), "formal_pp_stage": "none"}, []),
    ],
)
def test_each_rule_holds_on_both_sides_of_its_boundary(code, cells, expected):
    """One person just inside and one just outside each rule."""
    assert broken(code, **cells) == expected


@pytest.mark.parametrize(
    ("until", "assessed", "expected"),
    [
        ("2024-09-29", "SCS1", []),  # 182 of 365 days on promotion: the lower grade
        ("2024-09-29", "SCS2", W),
        ("2024-09-30", "SCS2", []),  # 183 of 365 days
        ("2024-09-30", "SCS1", W),
    ],
)
def test_temporary_promotion_is_assessed_at_the_grade_held_longest(until, assessed, expected):
    """R19: one day more or less decides (framework FAQ)."""
    cells = {"grade": "SCS2", "substantive_grade": "SCS1", "assessed_grade": assessed}
    assert broken("R19", **cells, tp_start="2024-04-01", tp_end=until) == expected


@pytest.mark.parametrize(
    ("until", "expected"),
    [("2024-09-29", I), ("2024-09-30", [])],  # 182 and 183 of 365 days in the SCS
)
def test_who_was_mostly_below_the_scs_is_pointed_out(until, expected):
    """R19: assessed in the grade held for most days, they leave the set that is moderated."""
    cells = {"grade": "SCS1", "substantive_grade": "Grade 6"}
    assert broken("R19", **cells, tp_start="2024-04-01", tp_end=until) == expected


def several(*rows):
    """The records of several people, each with these cells."""
    each = [records(**{"person_id": n, **row}) for n, row in enumerate(rows, start=1)]
    people = pd.concat([one.people for one in each], ignore_index=True)
    people["row"] = range(2, 2 + len(people))
    for name in people:
        if KINDS.get(name) and KINDS[name].kind is Kind.RATING:
            people[name] = pd.Categorical(people[name], categories=list(SCHEME.rating_names))
    return replace(each[0], cohort=replace(each[0].cohort, people=people))


def rows_found(code, found, words=""):
    """The rows under a rule in what is told of these records."""
    return [
        problem.rows
        for problem in broken_rules(found, rules=(*INTAKE, *BEYOND_INTAKE))
        if problem.rule == code
        and words in problem.message
        and "Not checked" not in problem.message
    ]


@pytest.mark.parametrize(("hours", "expected"), [(0.6, []), (0.61, [(2, 3)])])
def test_partners_who_work_more_than_a_post_are_pointed_out(hours, expected):
    """R21: 1.2 of a post together is allowed for handing over, more is an error of the record."""
    share = {"employment_type": "Job share", "post_id": 7}
    people = several(
        {**share, "fte": 0.6}, {**share, "fte": hours}, {**share, "post_id": 8, "fte": 1}
    )
    assert rows_found("R21", people, "work more") == expected


@pytest.mark.parametrize(("last", "expected"), [("H", []), ("A", [(2, 3, 4, 5)])])
def test_partners_rated_alike_in_every_pair_are_pointed_out(last, expected):
    """R21: two pairs with one rating each; a pair that differs shows that people were rated."""
    share = {"employment_type": "Job share"}
    people = several(
        {**share, "post_id": 7, "rating_final": "H"},
        {**share, "post_id": 7, "rating_final": "H"},
        {**share, "post_id": 8, "rating_final": "A"},
        {**share, "post_id": 8, "rating_final": last},
    )
    assert rows_found("R21", people, "have the rating of their partner") == expected


@pytest.mark.parametrize(("answers", "expected"), [(3, []), (2, [()])])
def test_a_characteristic_that_few_declared_is_named(answers, expected):
    """DQ7: 60% is enough (3 of 5), 40% is not; the department is named and no row."""
    people = several(*({"sex": "Male" if n < answers else "Unknown"} for n in range(5)))
    assert rows_found("DQ7", people, "in: A.") == expected


@pytest.mark.parametrize(("headcount", "expected"), [(21, []), (22, ["A: 20"]), (19, ["A: 20"])])
def test_a_department_unlike_its_payroll_is_named(headcount, expected):
    """DQ9: 20 people in post beside 21 are within 5%, beside 22 or 19 they are not."""
    people = replace(
        several(*({"grade": "SCS1"} for _ in range(20)), {"grade": "Grade 6"}),
        mapping=Mapping(headcount={"A": headcount}),
    )
    found = [p.message for p in broken_rules(people, rules=BEYOND_INTAKE) if p.rule == "DQ9"]
    assert [message[:5] for message in found] == expected


def test_a_missing_mid_year_rating_matters_more_than_a_missing_quarter():
    """R10: paragraph 48 only allows what 3c and 12c ask for; mid-year is always asked for."""
    nothing = {"rating_q1": None, "rating_midyear": None, "rating_q3": None}
    assert sorted(broken("R10", **nothing)) == ["information", "information", "warning"]
    assert broken("R10", **nothing, scs_entry_date="2025-02-01") == []


def test_a_small_panel_is_pointed_out():
    """R42: one person of a grade in a panel, under the scheme's smallest panel."""
    assert broken("R42", panel="Policy", grade="SCS1") == I


@pytest.mark.parametrize(
    ("pattern", "run", "again", "unclear"),
    [
        ("PP--", True, False, False),
        ("PPP-", True, True, False),
        ("PP-P", True, True, False),
        ("--PP", True, False, False),
        ("P-P-", False, False, False),
        ("P?P-", False, False, True),
        ("?P--", False, False, False),
        ("----", False, False, False),
    ],
)
def test_runs_of_the_lowest_box(pattern, run, again, unclear):
    """Two consecutive quarters make a run; a gap between two leaves it open (para 57)."""
    low = np.array([[letter == "P"] for letter in pattern])
    known = np.array([[letter != "?"] for letter in pattern])
    found = runs(low, known, np.array([False]))
    assert (found.run[0], found.again[0], found.unclear[0]) == (run, again, unclear)


def test_every_rule_without_its_columns_says_so():
    """With nothing but a rating, each rule that needs more is named as not checked."""
    rules = [rule for rule in (*INTAKE, *BEYOND_INTAKE) if rule.needs]
    lone = records(rating_final="A")
    expected = {
        rule.code
        for rule in rules
        if rule.applies(lone) and not set(rule.needs) <= set(lone.people.columns)
    }
    notes = broken_rules(lone, rules=tuple(rules))
    expected.add("DQ9")  # what it needs is in the mapping
    assert {n.rule for n in notes if n.message.startswith("Not checked")} == expected
    assert len(expected) > 15


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """A made-up year with every rule broken at known rows: what was planted and what is found."""
    year = synthesise(record=True, moderation=True, violations=True)
    path = tmp_path_factory.mktemp("planted") / "export.csv"
    year.export.to_csv(path, index=False)
    return year.truth["violations"], check_export(path, scheme=SCHEME)


def test_every_planted_violation_is_found(planted):
    """Each rule broken on purpose is reported at each of its rows."""
    violations, problems = planted
    found = defaultdict(set)
    for problem in problems:
        found[problem.rule] |= set(problem.rows)
    missed = [
        (entry["rule"], entry["what"])
        for entry in violations
        if entry["rule"] != "DQ15" and not set(entry["rows"]) <= found[entry["rule"]]
    ]
    assert not missed
    assert "DQ15" in found  # a column has no rows
    assert len(violations) > 25


def test_nothing_but_what_was_planted_is_an_error(planted):
    """Every row of every error was broken on purpose."""
    violations, problems = planted
    rows = {row for entry in violations for row in entry["rows"]}
    errors = [p for p in problems if p.severity is Severity.ERROR]
    assert not [p for p in errors if not set(p.rows) <= rows]


def test_a_clean_year_has_no_false_alarm(tmp_path):
    """Without violations there is no error, and no warning beyond what the year was made with."""
    path = tmp_path / "export.csv"
    synthesise(record=True, moderation=True).export.to_csv(path, index=False)
    loud = [p for p in check_export(path, scheme=SCHEME) if p.severity is not Severity.INFORMATION]
    # The made-up year has a Permanent Secretary in some departments, missing mid-year ratings, and
    # departments in which few declared a disability, as real ones have.
    assert {problem.rule for problem in loud} == {"R1", "R10", "DQ7"}
