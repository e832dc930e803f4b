"""Award rules on both sides of their boundary (paragraphs 49 and 71; FAQ), and the planted ones."""

import json
from collections import defaultdict
from dataclasses import replace

import pytest

from pmstats.cohort import Mapping, check_export, read_export
from pmstats.cohort.mapping import Files
from pmstats.cohort.synthetic import write_synthetic
from pmstats.counts.awards import award_problems
from pmstats.errors import ExportError
from pmstats.release import restricted_table
from pmstats.scheme import load_scheme

SCHEME = load_scheme()
PEOPLE = (
    "person_id,department,rating_final,leave_date,leave_destination,formal_pp_start,formal_pp_end\n"
)
AWARDS = "person_id,performance_year,date,type,amount,cst_approval\n"


def check(tmp_path, person, *awards, **mapping):
    """The problems with the awards of one person, by rule."""
    (tmp_path / "export.csv").write_text(PEOPLE + person, encoding="utf-8")
    (tmp_path / "awards.csv").write_text(AWARDS + "\n".join(awards), encoding="utf-8")
    given = Mapping(files=Files(awards="awards.csv"), **mapping)
    problems = check_export(tmp_path / "export.csv", scheme=SCHEME, mapping=given)
    return {
        problem.rule: str(problem.severity)
        for problem in problems
        if not problem.message.startswith("Not checked")
        and (problem.column.startswith("awards.") or problem.rule == "R36")
    }


def in_year(amount, day="2024-10-01", year="2024-25", approved="No"):
    """An in-year award of the person."""
    return f"P1,{year},{day},in_year,{amount},{approved}"


def end_year(amount="1000", approved="No"):
    """An end-year award of the person."""
    return f"P1,2024-25,2025-07-30,end_year,{amount},{approved}"


STAYS, LEFT = "P1,D,{},,,,\n", "P1,D,{},2025-01-31,Left the Civil Service,,\n"
MEASURES = "P1,D,A,,,2024-10-02,2025-01-31\n"


@pytest.mark.parametrize(
    ("person", "awards", "expected"),
    [
        (STAYS.format("A"), [in_year("5000")], {}),
        (STAYS.format("A"), [in_year('"5,000.00"')], {}),
        (STAYS.format("A"), [in_year("5000.01")], {"R33": "error"}),
        (STAYS.format("E"), [in_year("5000"), end_year("12500")], {}),
        (STAYS.format("E"), [in_year("5000"), end_year("12500.01")], {"R34": "error"}),
        (STAYS.format("E"), [in_year("5000"), end_year("12500.01", "Yes")], {"R34": "warning"}),
        (
            STAYS.format("E"),
            [in_year("5000", year="2023-24"), end_year("12500.01")],
            {"DQ11": "warning"},
        ),
        (STAYS.format("HP"), [end_year()], {}),
        (STAYS.format("A"), [end_year()], {"R35": "error"}),
        (STAYS.format(""), [end_year()], {"R35": "error"}),
        (STAYS.format("E"), [in_year("500")], {"R36": "information"}),
        (STAYS.format("E") + "P2,D,HP,,,,\n", ["P2,2024-25,,end_year,9,"], {"R36": "warning"}),
        (LEFT.format("E"), [end_year()], {"R18": "error"}),
        (LEFT.format("E"), [in_year("500", day="2025-01-30")], {}),
        (LEFT.format("A"), [in_year("500", day="2025-01-31")], {}),
        (LEFT.format("A"), [in_year("500", day="2025-02-01")], {"R18": "error"}),
        (MEASURES, [in_year("500", day="2024-10-01")], {}),
        (MEASURES, [in_year("500", day="2024-10-02")], {"R32": "error"}),
        (MEASURES, [in_year("500", day="2025-01-31")], {"R32": "error"}),
        (MEASURES, [in_year("500", day="2025-02-01")], {}),
        (STAYS.format("A"), ["P1,2024-25,2024-10-01,,500,"], {"DQ5": "error"}),
    ],
)
def test_each_award_rule_holds_on_both_sides_of_its_boundary(tmp_path, person, awards, expected):
    """A penny, a day or a box decides."""
    assert check(tmp_path, person, *awards) == expected


@pytest.mark.parametrize(("paybill", "expected"), [(100_000, {}), (99_999, {"R37": "warning"})])
def test_the_pot_is_a_share_of_the_paybill(tmp_path, paybill, expected):
    """R37: £3,300 is 3.3% of £100,000 and more than that of a pound less."""
    found = check(tmp_path, STAYS.format("A"), in_year("3300"), paybill={"D": float(paybill)})
    assert found == expected


def test_awards_follow_their_person_under_one_pseudonym(tmp_path):
    """The awards of a cohort carry the people's own pseudonyms, and split by department."""
    (tmp_path / "export.csv").write_text(PEOPLE + "P1,D,E,,,,\nP2,F,E,,,,\n", encoding="utf-8")
    text = AWARDS + end_year() + "\n" + end_year("9").replace("P1", "p2 ")
    (tmp_path / "awards.csv").write_text(text, encoding="utf-8")
    cohort = read_export(
        tmp_path / "export.csv", scheme=SCHEME, mapping=Mapping(files=Files(awards="awards.csv"))
    )
    assert cohort.awards["person_id"].tolist() == cohort.people["person_id"].tolist()
    assert cohort.department("F").awards["award_amount"].tolist() == [9.0]
    assert "P1" not in cohort.awards.to_csv()


def test_an_awards_file_without_amounts_is_an_error(tmp_path):
    """A column the rules need and the file lacks stops the reading by name."""
    (tmp_path / "export.csv").write_text(PEOPLE + STAYS.format("A"), encoding="utf-8")
    (tmp_path / "awards.csv").write_text("person_id,type\nP1,in_year\n", encoding="utf-8")
    mapping = Mapping(files=Files(awards="awards.csv"))
    problems = check_export(tmp_path / "export.csv", scheme=SCHEME, mapping=mapping)
    assert (problems[0].column, problems[0].rule) == ("awards", "mapping")
    assert "award_amount" in problems[0].message


def test_without_awards_the_rules_say_so(tmp_path):
    """An export without an awards file names the rules that were not checked."""
    (tmp_path / "export.csv").write_text(PEOPLE + STAYS.format("A"), encoding="utf-8")
    problems = check_export(tmp_path / "export.csv", scheme=SCHEME)
    assert "Not checked: no awards file." in {p.message for p in problems}


def test_every_planted_award_violation_is_found(tmp_path):
    """Each award rule broken on purpose is found at its rows, and none in the clean year."""
    name = "scs_2024_25"
    write_synthetic(tmp_path / "clean", record=True)
    write_synthetic(tmp_path / "broken", record=True, violations=True)
    found = {}
    for year in ("clean", "broken"):
        rows = defaultdict(set)
        for problem in check_export(
            tmp_path / year / f"{name}.csv",
            scheme=SCHEME,
            mapping=Mapping(files=Files(awards=f"{name}.awards.csv")),
        ):
            if problem.column.startswith("awards.") or problem.rule == "R36":
                rows[problem.rule] |= set(problem.rows)
        found[year] = rows
    truth = json.loads((tmp_path / "broken" / f"{name}.truth.json").read_text())
    planted = truth["award_violations"]
    assert len(planted) >= 7
    assert not found["clean"]
    missed = [e for e in planted if not set(e["rows"]) <= found["broken"][e["rule"]]]
    assert not missed


def test_the_year_s_cap_adds_what_two_departments_paid(tmp_path):
    """R34: 9,000 from one department and 8,500.01 from another break the cap only together.

    A department's own tables cannot see the other's award, and its table of rules says so.
    """
    (tmp_path / "export.csv").write_text(
        "person_id,department,rating_final,post_start\nP1,D,,2024-04-01\nP1,F,HP,2024-09-01\n"
    )
    (tmp_path / "awards.csv").write_text(
        "person_id,department,award_date,award_type,award_amount\n"
        "P1,D,2024-07-01,end_year,9000\nP1,F,2024-11-01,end_year,8500.01\n"
    )
    asked = {"scheme": SCHEME, "mapping": Mapping(files=Files(awards="awards.csv"))}
    problems = check_export(tmp_path / "export.csv", **asked)
    (cap,) = [problem for problem in problems if problem.rule == "R34"]
    assert cap.rows == (2, 3)
    assert "all departments together" in cap.message
    cohort = read_export(tmp_path / "export.csv", **asked)
    for name in ("D", "F"):
        ours = award_problems(cohort.department(name))
        assert "R34" not in {problem.rule for problem in ours.each}
        assert "what another department paid" in restricted_table(ours, scheme=SCHEME).notes[0]


def test_the_scheme_says_which_kinds_the_year_s_cap_covers(tmp_path):
    """R34: 17,500.01 in all is within the cap where a department counts in-year awards alone."""
    assert SCHEME.awards
    narrow = replace(SCHEME, awards=replace(SCHEME.awards, year_cap_kinds=("in_year",)))
    (tmp_path / "export.csv").write_text(PEOPLE + STAYS.format("E"), encoding="utf-8")
    paid = f"{in_year('5000')}\n{end_year('12500.01')}\n"
    (tmp_path / "awards.csv").write_text(AWARDS + paid, encoding="utf-8")
    mapping = Mapping(files=Files(awards="awards.csv"))
    found = [
        {p.rule for p in check_export(tmp_path / "export.csv", scheme=scheme, mapping=mapping)}
        for scheme in (SCHEME, narrow)
    ]
    assert ["R34" in rules for rules in found] == [True, False]


@pytest.mark.parametrize(
    ("written", "pounds"),
    [
        ("1250.50", 1250.5),
        ("£1,250.50", 1250.5),
        ("1 250.50", 1250.5),
        ("£ 1\u00a0250", 1250.0),
        ("1250,50", None),  # a decimal comma: 125,050 would be a silent wrong reading
        ("1.250,50", None),
        ("12,50", None),
        ("1,2500", None),
        ("0,800", None),
    ],
)
def test_an_amount_is_read_as_it_is_written_or_refused(tmp_path, written, pounds):
    """Thousands may be set apart; what could be a decimal comma is an error, never a guess."""
    (tmp_path / "export.csv").write_text(PEOPLE + STAYS.format("E"), encoding="utf-8")
    (tmp_path / "awards.csv").write_text(AWARDS + in_year(f'"{written}"') + "\n", encoding="utf-8")
    asked = {"scheme": SCHEME, "mapping": Mapping(files=Files(awards="awards.csv"))}
    if pounds is None:
        with pytest.raises(ExportError, match="Not a number"):
            read_export(tmp_path / "export.csv", **asked)
    else:
        awards = read_export(tmp_path / "export.csv", **asked).awards
        assert awards["award_amount"].tolist() == [pounds]
