"""What a scheme says of its own columns is held against the columns and stages it has."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest

from pmstats.errors import SchemeError
from pmstats.scheme import load_scheme


def changed(tmp_path: Path, *replacements: tuple[str, str]) -> str:
    """A copy of the scheme for training providers with some of its text replaced."""
    scheme = resources.files("pmstats.scheme").joinpath("provider_quality_2024.toml")
    text = scheme.read_text(encoding="utf-8")
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new, 1)
    path = tmp_path / "changed.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('part = "actions_done"', 'part = "action_done"', "no column 'action_done': did you mean"),
        ('answers = ["Enhancing"] }]', 'answers = ["Enhancng"] }]', "no answer 'Enhancng'"),
        (
            '{ column = "outcome", filled = true }',
            '{ column = "outcome", filled = true, least = 1 }',
            "a condition on 'outcome' says exactly one thing",
        ),
        (
            '{ column = "outcome", filled = true }',
            '{ column = "outcome" }',
            "a condition on 'outcome' says exactly one thing",
        ),
        ('then = [{ column = "outcome", answers = ["Enhancing"] }]', "", "give either then"),
        (
            'holds = "number"',
            'holds = "number"\ngroups = true',
            "counts cannot be made by a number",
        ),
        (
            'holds = "date"',
            'holds = "date"\nanswers = [{ name = "May" }]',
            "only a category has answers",
        ),
        ('holds = "date"', 'holds = "narrative"', ""),
        ('unit = "provider"', 'unit = "person"', ""),
        ("fairness = false", "fairness = true", "fairness = true needs unit = 'person'"),
    ],
)
def test_a_contradiction_is_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    """Each contradiction is a fault in words; what is none loads."""
    path = changed(tmp_path, (old, new))
    if not said:
        assert load_scheme(path)
        return
    with pytest.raises(SchemeError, match=said):
        load_scheme(path)


def test_free_text_about_people_cannot_be_declared_a_narrative(tmp_path: Path) -> None:
    """A narrative may stand beside organisations, never beside people."""
    path = changed(
        tmp_path,
        ('unit = "provider"', 'unit = "person"'),
        ('holds = "date"', 'holds = "narrative"'),
    )
    with pytest.raises(SchemeError, match="free text about people is never read"):
        load_scheme(path)


def test_comparisons_of_people_need_their_sources_and_questions(tmp_path: Path) -> None:
    """A scheme that switches fairness on owes the margins and questions that go with it."""
    path = changed(
        tmp_path,
        ('unit = "provider"', 'unit = "person"'),
        ("fairness = false", "fairness = true"),
    )
    with pytest.raises(SchemeError) as caught:
        load_scheme(path)
    assert "comparisons of people need margin_share_source" in str(caught.value)
    assert "comparisons of people need gap" in str(caught.value)
