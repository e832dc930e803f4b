"""Awkward exports as a newcomer brings them: every message says where and what to do, of nobody.

Made up after what Oracle HCM, SuccessFactors and Workday give; what is wrong with each is said
beside it. The secrets are what no message, suggestion or report may hold.
"""

from pathlib import Path

import pytest

from pmstats.cli import main
from pmstats.cohort import check_export, load_mapping, suggest_mapping
from pmstats.errors import Severity
from pmstats.scheme import load_scheme

SCHEME = load_scheme()
SECRETS = ("Nighshade", "Covert", "Zoltan", "Jedi", "1975", "P100", "95", "Hidden")

#: Semicolons in Windows-1252, a row for each role, dates either way round, names and pay.
ORACLE = (
    "PersonNumber;DisplayName;DepartmentName;GradeCode;RoleTypeCode;OverallRating;Gender;"
    "DateOfBirth;Hire Date;Base Salary\n"
    'P1001;Ann Nighshade;Office of "Tides";SCS1;MANAGER;Achieving;F;03/04/1975;25/04/2010;£95.000\n'
    'P1001;Ann Nighshade;Office of "Tides";SCS1;WORKER;3;F;03/04/1975;25/04/2010;£95.000\n'
    'P1002;Façade Covert;Office of "Tides";SCS 9;MANAGER;High;M;04/05/1975;04/03/2011;£95.000\n'
).encode("cp1252")
#: No department, a label that may be a blank, a faith that no list holds, dates in three ways.
SUCCESSFACTORS = (
    "User ID\tLast Name\tDivision\tPay Grade\tCalibrated Overall Rating\tReligion\tDisability\t"
    "CS start date\n"
    "P1001\tNighshade\tOps\tSCS1\t2\tJedi\tNone\t04/03/2011\n"
    "P1002\tCovert\tOps\tSCS1\t3\tNone\tN/A\t13 March 2009\n"
    "P1003\tHidden\tOps\tSCS1\t1\tZoltan\tNo\t12/31/2010\n"
    "P1004\tHidden\tOps\tSCS1\t1\tNone\tNo\t25/12/2010\n"
).encode("utf-16")
#: A row for each stage, with stages in the system's words, and a rating that is a remark.
LONG = (
    b"Employee Number,Organisation,Grade,Review stage,Performance rating,Entered by\n"
    b"P1001,Hedgerow Board,SCS1,Mid Year,Achieving,Ann Nighshade\n"
    b"P1001,Hedgerow Board,SCS1,End Year,Zoltan did well,Ann Nighshade\n"
    b"P1002,Hedgerow Board,SCS1,Probation 2,HP,Ann Nighshade\n"
)
#: A column for each quarter, which says neither what it holds nor of which year.
WIDE = (
    b"Staff No,Dept,Grade,Q1,Q2,Sex\n"
    b"P1001,Cloud Agency,SCS1,E,A/PM,Nighshade\n"
    b"P1002,Cloud Agency,SCS1,HP,A,M\n"
    b"P1002,Cloud Agency,SCS1,HP,A,M\n"
)
EXPORTS = {"oracle": ORACLE, "successfactors": SUCCESSFACTORS, "long": LONG, "wide": WIDE}
DECIDED = {
    "oracle": 'layout = "long"\nsources = ["MANAGER"]\n[columns]\nrating = "OverallRating"\n'
    'rating_source = "RoleTypeCode"\n[fixed]\nstage = "recommended"\n',
    "successfactors": '[fixed]\ndepartment = "Ours"\n',
    "long": 'layout = "long"\n[columns]\nstage = "Review stage"\nrating = "Performance rating"\n',
    "wide": '[columns]\nrating_q1 = "Q1"\nrating_midyear = "Q2"\nperson_id = "Staff No"\n',
}
#: What each is told once its mapping is decided: rule, column, rows.
TOLD = {
    "oracle": {
        ("DQ2", "date_of_birth", (2, 4)),
        ("DQ2", "dept_entry_date", (4,)),
        ("DQ5", "grade", (4,)),
        ("R2", "rating_recommended", (4,)),
    },
    "successfactors": {
        ("DQ2", "cs_entry_date", (2,)),
        ("DQ13", "rating_overall", (2, 3, 4, 5)),
        ("DQ5", "religion_belief", (2,)),
        ("DQ5", "religion_belief", (4,)),
        ("DQ5", "disability", (2,)),
    },
    "long": {("DQ5", "stage", (4,)), ("R2", "rating_final", (3,))},
    "wide": {
        ("R2", "rating_midyear", (2,)),
        ("DQ5", "sex", (2,)),
        ("DQ1", "person_id", (3, 4)),
    },
}


@pytest.fixture(params=EXPORTS)
def awkward(request, tmp_path):
    """The name of an awkward export, and its path."""
    path = tmp_path / f"{request.param}.csv"
    path.write_bytes(EXPORTS[request.param])
    return request.param, path


def test_nothing_is_asked_for_that_is_not_said_how(awkward):
    """Without a mapping every error names the entry of the mapping that mends it."""
    _, path = awkward
    errors = [p for p in check_export(path, scheme=SCHEME) if p.severity is Severity.ERROR]
    assert errors
    for problem in errors:
        assert "mapping" in problem.fix or "under [" in problem.fix
        assert not [secret for secret in SECRETS if secret in str(problem)]


def test_once_the_mapping_is_decided_each_fault_is_told_where_it_stands(awkward, tmp_path):
    """Column and rows of the very cells that are wrong, each with a way to mend it."""
    name, path = awkward
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(DECIDED[name])
    errors = [
        problem
        for problem in check_export(path, scheme=SCHEME, mapping=mapping)
        if problem.severity is Severity.ERROR
    ]
    assert {(p.rule, p.column, p.rows) for p in errors} == TOLD[name]
    assert all(p.fix for p in errors)
    assert not [secret for secret in SECRETS for p in errors if secret in str(p)]


def test_the_suggestion_loads_and_tells_of_nobody(awkward, tmp_path):
    """A first mapping is TOML that loads, whatever the export, without a value of a person."""
    _, path = awkward
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(suggest_mapping(path, scheme=SCHEME), encoding="utf-8")
    load_mapping(mapping, scheme=SCHEME)
    assert not [secret for secret in SECRETS if secret in mapping.read_text(encoding="utf-8")]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("oracle", '# sources = ["MANAGER"]'),
        ("successfactors", "# No setting reads them all: export dates as 2025-03-31."),
        ("long", '# and under [columns]: stage = "Review stage"'),
        ("wide", '# Not mapped: "Q1": the rating of the quarter? Then map it to rating_q1.'),
    ],
)
def test_the_suggestion_says_what_is_to_be_decided(name, said, tmp_path):
    """Roles, stages and quarters in the analyst's own headers; what no setting mends is said."""
    path = tmp_path / "export.csv"
    path.write_bytes(EXPORTS[name])
    assert said in suggest_mapping(path, scheme=SCHEME).splitlines()


def test_none_is_never_taken_for_an_answer_or_a_blank(tmp_path):
    """Which of the two "None" means under disability is left to the analyst, with the choices."""
    path, mapping = tmp_path / "export.csv", tmp_path / "mapping.toml"
    path.write_bytes(SUCCESSFACTORS)
    mapping.write_text(DECIDED["successfactors"])
    found = check_export(path, scheme=SCHEME, mapping=mapping)
    (none,) = [problem for problem in found if problem.column == "disability" and problem.rows]
    assert "Declared disabled, Declared non-disabled, Undeclared, Unknown" in none.message
    assert '"None" = "..."' in none.fix


def test_the_command_says_what_a_mapping_is_and_ends_within_a_screen(awkward, capsys):
    """Where a mapping would mend an error the command that writes one is named, in full."""
    _, path = awkward
    assert main(["check", str(path)]) == 10
    said = capsys.readouterr().err
    assert f"`pmstats check {path} --suggest > mapping.toml`" in said
    assert len(said.splitlines()) < 24
    assert not [secret for secret in SECRETS if secret in said.replace(str(path), "")]


def test_a_copy_is_marked_only_where_a_row_is_named(tmp_path, capsys):
    """A table without a header has no rows to mark; that is said once, and the report is there."""
    path = tmp_path / "table.csv"
    path.write_text("Sex,Exceeding,Achieving\nFemale,13,30\nMale,15,41\n")
    asked = ["check", str(path), "--mark-up", "--report", str(tmp_path / "report")]
    assert main(asked) == 10
    printed = capsys.readouterr()
    assert "No copy was marked" in printed.err
    assert printed.err.count("error") == 2  # the problem, and how many there are
    assert {Path(line).name for line in printed.out.splitlines()} == {
        "check_report.html",
        "check_report.xlsx",
    }


def test_the_whole_year_is_checked_unless_a_stage_is_asked_for(tmp_path, capsys):
    """An export of final ratings alone is no error; asked for mid-year, it lacks them."""
    path = tmp_path / "final.csv"
    path.write_text("person_id,department,grade,rating_final\nP1001,Cloud Agency,SCS1,HP\n")
    assert main(["check", str(path)]) == 0
    assert main(["check", str(path), "--stage", "mid-year"]) == 10
    assert "no ratings of the stage mid-year" in capsys.readouterr().err
