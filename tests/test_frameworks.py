"""Every framework comes with an export that its scheme reads, and what was planted is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from pmstats import check_export, distribution, load_scheme, read_export
from pmstats.counts import expectations, movement, profile
from pmstats.errors import Severity
from pmstats.findings import agreements, changes
from pmstats.findings.finding import Verdict
from pmstats.report.files import pack_file
from pmstats.scheme import scheme_names

ROOT = Path(__file__).parents[1]
DATA = ROOT / "data"

#: The export that shows each framework, and the expectations its recipe breaks, with how often.
EXPORTS = {
    "provider_quality_2024": (
        "synthetic/providers/providers.csv",
        {"Training Academy": 2, "Plan: marketing": 3},
    ),
    "workforce_programme_2024": ("published/workforce_programme_2024.csv", {}),
    "parliament_objectives": ("synthetic/parliament/parliament_objectives.csv", {}),
    "parliament_process": (
        "synthetic/parliament/parliament_process.csv",
        {"Review after setting": 2},
    ),
    "parliament_feedback": ("synthetic/parliament/parliament_feedback.csv", {}),
    "csp_pmif": (
        "synthetic/partnerships/partnerships.csv",
        {"Five core modules": 1, "Plan below Good": 2, "Review after 12 months": 5},
    ),
    "public_sector_scorecard": (
        "synthetic/scorecard/scorecard.csv",
        {"All four perspectives": 1, "Target set": 8, "Linked to an objective": 8},
    ),
    "scs_process_2024_25": (
        "synthetic/process/process.csv",
        {"At most eight objectives": 2, "Local after recommendation": 1},
    ),
}


@pytest.mark.parametrize("name", EXPORTS)
def test_what_was_planted_is_found(name: str) -> None:
    """Each broken expectation as often as the recipe breaks it; the check says the same."""
    export, planted = EXPORTS[name]
    scheme = load_scheme(name)
    found = expectations(read_export(DATA / export, scheme=scheme))
    for each, times in planted.items():
        assert found[each].broken == times, each
    said = {problem.rule for problem in check_export(DATA / export, scheme=scheme)}
    assert set(planted) <= said


@pytest.mark.parametrize("name", EXPORTS)
def test_a_notebook_shows_the_framework(name: str) -> None:
    """Each scheme is named in the notebook that shows it."""
    named = [p.name for p in (ROOT / "notebooks").glob("*.ipynb") if name in p.read_text("utf-8")]
    assert named


@pytest.mark.parametrize("name", EXPORTS)
def test_an_unknown_answer_is_named_and_nothing_is_guessed(name: str, tmp_path: Path) -> None:
    """A rating outside the scale is an error with its row."""
    scheme = load_scheme(name)
    recorded = [s.column for s in scheme.stages if s.column not in scheme.worked_out]
    if not recorded:
        return  # every rating of this scheme is worked out by rule
    path = tmp_path / "export.csv"
    path.write_text(f"department,{recorded[0]}\nA,Marvellous\nA,{scheme.rating_names[0]}\n")
    (problem,) = [
        each for each in check_export(path, scheme=scheme) if each.severity is Severity.ERROR
    ]
    assert problem.rows == (2,)


def test_every_framework_is_shown() -> None:
    """No scheme comes without an export, but the two for civil servants' ratings."""
    assert set(scheme_names()) - set(EXPORTS) == {"scs_2024_25", "three_box_2013_14"}


def test_the_share_with_three_stars_is_the_published_one() -> None:
    """58% of over 180 providers were Enhancing; made with that weight, 185 reviews are near it."""
    scheme = load_scheme("provider_quality_2024")
    cohort = read_export(DATA / EXPORTS["provider_quality_2024"][0], scheme=scheme)
    outcomes = distribution(cohort, stage="review")
    assert outcomes.n > 180
    assert outcomes.shares[0] == pytest.approx(0.58, abs=0.08)


def test_assessors_are_found_to_be_stricter_than_partnerships() -> None:
    """The recipe puts external bands about a third of a band below self-assessments."""
    scheme = load_scheme("csp_pmif")
    cohort = read_export(DATA / EXPORTS["csp_pmif"][0], scheme=scheme)
    (found,) = agreements([movement(cohort, start="self", end="external")], scheme=scheme).each
    assert found.gap is not None
    assert found.quadratic is not None
    assert -0.5 < found.gap.value < -0.15
    assert found.gap.high < 0
    assert found.quadratic.low > 0.5


def test_only_the_statement_that_changed_is_called_a_change() -> None:
    """The recipe lowers agreement with the fourth of nine statements by fifteen points."""
    scheme = load_scheme("parliament_feedback")
    cohort = read_export(DATA / EXPORTS["parliament_feedback"][0], scheme=scheme)
    found = changes(
        profile(cohort.among("quarter", "June to August")),
        profile(cohort.among("quarter", "March to May")),
        framing="Agree",
        start="June to August",
        end="March to May",
        scheme=scheme,
    )
    assert len(found.rows) == 9
    gaps = [row.name for row in found.rows if row.verdict is Verdict.GAP]
    assert all("contribution to the team" in name for name in gaps)
    fourth = found.rows[3].difference
    assert fourth.low < -0.15 < fourth.high


def test_the_files_of_a_pack_are_called_what_its_framework_calls_them() -> None:
    """Only senior civil servants have a consistency check (paragraph 88): no other file says so."""
    named = {name: pack_file(load_scheme(name).notices.pack, ".html") for name in scheme_names()}
    assert named == {
        "csp_pmif": "improvement_framework_report.html",
        "parliament_feedback": "feedback_on_the_process.html",
        "parliament_objectives": "objectives_report.html",
        "parliament_process": "use_of_the_process.html",
        "provider_quality_2024": "provider_quality_report.html",
        "public_sector_scorecard": "scorecard.html",
        "scs_2024_25": "consistency_check_pack.html",
        "scs_process_2024_25": "process_scorecard.html",
        "three_box_2013_14": "markings_by_group.html",
        "workforce_programme_2024": "programme_counters.html",
    }
