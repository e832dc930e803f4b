"""A suggested mapping loads as it stands, decides nothing and gives nobody away."""

import pytest

from pmstats.cohort import check_export, load_mapping, suggest_mapping
from pmstats.errors import Severity
from pmstats.scheme import load_scheme

SCHEME = load_scheme()
EXPORT = (
    "Worker ID,Worker,Supervisory Organization,Pay band,Manager overall rating,"
    "CALCULATED_OVERALL_RATING,Gendr,Ethnic origin,Date entered SCS,Organisation\n"
    "W1,Ann Secret,Policy (Bob Hidden),PB1,Outstanding,4.2,F,Cornish,03/04/2015,Education\n"
    "W2,Cy Covert,Policy (Bob Hidden),PB1,Acheiving,3.1,M,White British,31/03/2016,Education\n"
)


@pytest.fixture
def export(tmp_path):
    """The path of an export in Workday's and Oracle's words."""
    path = tmp_path / "workday.csv"
    path.write_text(EXPORT, encoding="utf-8")
    return path


def test_what_is_recognised_is_written_down(export):
    """Headers known stand under [columns], so that the analyst can change them."""
    text = suggest_mapping(export, scheme=SCHEME)
    for line in (
        'person_id = "Worker ID"',
        'rating_recommended = "Manager overall rating"',
        'department = "Organisation"',
    ):
        assert f"\n{line}\n" in text


def test_what_is_unsure_is_a_comment_with_its_reason(export):
    """Doubtful headers, ambiguous dates and unknown labels wait behind a # to be decided."""
    text = suggest_mapping(export, scheme=SCHEME)
    for line in (
        '# Not mapped: "CALCULATED_OVERALL_RATING": Oracle\'s average',
        '# Unsure: sex = "Gendr"',
        '# Never read (names and free text): "Worker"',
        "# 1 date could have day and month either way round",
        "# day_first = true",
        '# "Outstanding" = "..."',
        '# "Acheiving" = "Achieving"',
        "# 1 more label is not in the scheme",
    ):
        assert line in text


def test_no_name_is_in_a_suggestion(export):
    """Neither people nor labels that might be people are quoted."""
    text = suggest_mapping(export, scheme=SCHEME)
    assert not [w for w in ("Secret", "Hidden", "Covert", "W1", "Cornish") if w in text]


def test_a_suggestion_loads_and_changes_nothing(export, tmp_path):
    """Read with the suggestion as it stands, the export has the problems it had."""
    path = tmp_path / "mapping.toml"
    path.write_text(suggest_mapping(export, scheme=SCHEME), encoding="utf-8")
    mapping = load_mapping(path, scheme=SCHEME)
    before, after = (check_export(export, scheme=SCHEME, mapping=m) for m in (None, mapping))
    assert before == after
    assert any(problem.severity is Severity.ERROR for problem in before)


def test_a_suggestion_decided_reads_the_export(export, tmp_path):
    """With the comments decided, nothing stops the reading any more."""
    text = suggest_mapping(export, scheme=SCHEME)
    for old, new in (
        ("# day_first", "day_first"),
        ('# Unsure: sex = "Gendr"', 'sex = "Gendr"'),
        ('# "Outstanding" = "..."', '"Outstanding" = "Exceeding"'),
        ('# "Acheiving"', '"Acheiving"'),
        ("[values.ethnicity]", '[values.ethnicity]\n"Cornish" = "White"'),
    ):
        text = text.replace(old, new)
    path = tmp_path / "mapping.toml"
    path.write_text(text, encoding="utf-8")
    problems = check_export(export, scheme=SCHEME, mapping=path)
    assert not [p for p in problems if p.severity is Severity.ERROR and p.rule != "R12"]


def test_numbers_for_ratings_ask_for_their_direction(tmp_path):
    """Both directions are offered, neither is chosen."""
    path = tmp_path / "export.csv"
    path.write_text("Department,Final rating\nA,1\nA,4\n", encoding="utf-8")
    text = suggest_mapping(path, scheme=SCHEME)
    assert '# numbers = "1 is best"' in text
    assert '# numbers = "1 is worst"' in text
    assert "[values" not in text
