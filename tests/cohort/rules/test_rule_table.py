"""Every rule of the framework is decided somewhere, or it is said why data cannot decide it.

The table is that of the project's reading of the framework (Cabinet Office, SCS performance
management framework 2024 to 2025): R1 to R52 by paragraph, DQ1 to DQ15 for data quality.
"""

from __future__ import annotations

from importlib import import_module

import pytest

from pmstats.cohort import Mapping, check_export
from pmstats.cohort.rules import BEYOND_INTAKE, INTAKE
from pmstats.cohort.rules.book import NOT_IN_AN_EXPORT
from pmstats.cohort.rules.rule import Rule
from pmstats.scheme import load_scheme

SCHEME = load_scheme()

#: Decided while reading, each by a cell that must be reported: header, cell.
READING = {
    "R2": ("rating_final", "Outstanding"),
    "DQ2": ("leave_date", "03/04/2024"),
    "DQ4": ("date_of_birth", "2015-04-01"),
    "DQ5": ("ethnicity", "Cornish"),
    "DQ6": ("disability", "Undeclared / Unknown"),
    "DQ13": ("rating_midyear", "2"),
    "DQ14": ("business_unit", "Caf\u00e9"),
    "DQ15": ("comments", "late"),
}
#: Decided payment by payment: `tests/cohort/rules/test_awards.py` holds both sides of each.
AWARDS = {"R18", "R32", "R33", "R34", "R35", "R36", "R37", "R38", "DQ11"}
#: A judgement of figures, not of rows: the function of the pack that makes it.
OF_FIGURES = {
    "R41": "pmstats.findings.steps:step_readings",
    "R47": "pmstats.findings.curve:compare_to_curve",
    "R48": "pmstats.findings.curve:compare_to_curve",
    "R50": "pmstats.findings.turnover:follow_up",
    "R51": "pmstats.counts.annual_return:annual_return",
}
#: No export of people holds what decides these.
WHY_NOT = {
    "R3": "needs the ratings of single objectives, which the framework says not to average",
    "R4": "needs the text of objectives under four headings; free text is never read",
    "R6": "needs each unit's priority outcomes and what the objectives say of them",
    "R7": "needs the objectives as first written beside those revised",
    "R30": '"sustained" is not defined; the runs of R27 and R28 are what data can show',
    "R43": "is a meeting: `pmstats pack --record` keeps what it looked at",
    "R44": "is the action log of a meeting, kept in the record",
    "R49": "the framework gives no share for the boxes it would compare; none is configured",
    "R52": "needs the scheme at the start of the year: each pack and record keeps its hash",
}


def of_the_book() -> dict[str, list[Rule]]:
    """The rules of the rule book by code."""
    found: dict[str, list[Rule]] = {}
    for rule in (*INTAKE, *BEYOND_INTAKE):
        found.setdefault(rule.code, []).append(rule)
    return found


def test_every_rule_is_decided_or_explained():
    """R1 to R52 and DQ1 to DQ15: each is in the book, decided elsewhere, or has its reason."""
    expectations = {expectation.rule for expectation in SCHEME.expectations} - {""}
    somewhere = {*of_the_book(), *READING, *AWARDS, *OF_FIGURES, *expectations, *WHY_NOT}
    table = {f"R{n}" for n in range(1, 53)} | {f"DQ{n}" for n in range(1, 16)}
    assert somewhere == table
    assert not set(WHY_NOT) & {*of_the_book(), *READING, *AWARDS, *OF_FIGURES, *expectations}


def test_each_rule_of_the_framework_has_its_paragraph_and_a_sentence():
    """A rule names where it stands; its function says in one line what it asks."""
    for code, rules in of_the_book().items():
        for rule in rules:
            assert rule.paragraph or code.startswith("DQ")
            assert code == "R31" or (rule.find.__doc__ or "").startswith(f"{code}:")


def test_what_is_not_checked_is_said_of_the_whole_year():
    """The check of a whole year names every rule that this table says no export can decide."""
    told = {code for codes in NOT_IN_AN_EXPORT for code in codes.split(", ")}
    assert set(WHY_NOT) <= told
    assert all(NOT_IN_AN_EXPORT.values())


@pytest.mark.parametrize("code", READING)
def test_what_reading_decides_is_reported(tmp_path, code):
    """One cell breaks the rule and is reported under its code; without it nothing is."""
    header, cell = READING[code]
    path = tmp_path / "export.csv"
    wide = ["person_id,department,rating_overall", "P1,A,HP"]

    def codes(cell):
        text = f"{wide[0]},{header}\n{wide[1]},{cell}\n"
        path.write_bytes(text.encode("cp1252"))
        return {p.rule for p in check_export(path, scheme=SCHEME, mapping=Mapping())}

    assert code in codes(cell)
    if code != "DQ15":  # the column is the problem, whatever its cells say
        assert code not in codes("")


@pytest.mark.parametrize("code", OF_FIGURES)
def test_what_figures_decide_has_its_function(code):
    """The function named does exist."""
    module, _, name = OF_FIGURES[code].partition(":")
    assert callable(getattr(import_module(module), name))
