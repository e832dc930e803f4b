"""Release rules: strict, sourced, and with no setting that turns protection off."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest

from pmstats.errors import DisclosureRefusal, SchemeError
from pmstats.release.released.policy import behind, policy_for, rounded
from pmstats.scheme import Scheme, load_scheme

TEXT = resources.files("pmstats.scheme").joinpath("scs_2024_25.toml").read_text(encoding="utf-8")


def changed(tmp_path: Path, old: str, new: str) -> Path:
    """The scheme with one piece of its text changed."""
    assert TEXT.count(old) == 1, old
    path = tmp_path / "changed.toml"
    path.write_text(TEXT.replace(old, new), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("\nthreshold = 10", "\nthreshhold = 10", "did you mean 'threshold'"),
        ("\nthreshold = 10", "\nthreshold = 1", "threshold must be 5 or more"),
        ("\nthreshold = 10", "\nthreshold = 4", "threshold must be 5 or more"),
        ("\nbase = 5\n", "\nbase = 1\n", "rounding base must be 5 or more"),
        ("people_below = 100, base = 10", "people_below = 100, base = 50", "at most twice"),
        ('findings = ["verdict", "reading"]', 'findings = ["interval"]', "expected one of"),
        ("assumed_change = 1", "assumed_change = 0", "assumed_change must be 1 or more"),
        ("p_bands = [0.01, 0.05]", "p_bands = [0.05, 0.01]", "p_bands must rise"),
        ('sign = "[u]"', 'sign = "[c]"', "shorthand needs each"),
        (
            '{ name = "Achieving or below", ratings = ["Achieving", "Partially Met"] }',
            '{ name = "Achieving or below", ratings = ["Achieving"] }',
            "exactly one box",
        ),
        ("reliable_from = 25", "reliable_from = 5", "reliable_from must be"),
        ("reliable_from = 25", "reliable_from = 25\nprotect = false", "unknown key 'protect'"),
    ],
)
def test_a_rule_that_protects_nobody_is_refused(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    """A misspelt, unknown or harmless-making release rule stops the scheme from loading."""
    with pytest.raises(SchemeError, match=said.replace("(", r"\(")):
        load_scheme(str(changed(tmp_path, old, new)))


def test_every_rule_has_its_source(scs: Scheme) -> None:
    """Threshold, bases, degrees of detail and words allowed each say where they come from."""
    rules = scs.release
    assert rules is not None
    sources = [
        rules.threshold_source,
        rules.base_source,
        rules.reliable_from_source,
        rules.findings_source,
        rules.assumed_change_source,
        *(each.source for each in (*rules.smaller, *rules.merging)),
    ]
    assert all(len(source) > 10 for source in sources)


def test_a_scheme_without_release_rules_releases_nothing(three_box: Scheme) -> None:
    """Without rules there is no release, and the refusal says what to do."""
    with pytest.raises(DisclosureRefusal, match=r"\[release\] table"):
        policy_for(three_box, people=200)


@pytest.mark.parametrize(("people", "base"), [(60, 10), (99, 10), (100, 5), (730, 5)])
def test_small_departments_are_rounded_to_ten(scs: Scheme, people: int, base: int) -> None:
    """Under 100 people numbers are rounded to 10, from 100 on to 5 (ACSES 2021; ONS)."""
    assert policy_for(scs, people=people).base == base


@pytest.mark.parametrize("base", [5, 10])
def test_behind_is_rounding_read_backwards(base: int) -> None:
    """Exactly the counts that are printed as a number are behind it."""
    for count in range(10, 400):
        low, high = behind(rounded(count, base=base), base=base, threshold=10)
        same = [c for c in range(10, 420) if rounded(c, base=base) == rounded(count, base=base)]
        assert (low, high) == (same[0], same[-1])


@pytest.mark.parametrize("value", [0, 5, 12, 43])
def test_a_number_that_rounding_cannot_give_is_not_read(value: int) -> None:
    """A printed number off the base or under the threshold is an error, not an interval."""
    with pytest.raises(ValueError, match="not a rounded number"):
        behind(value, base=5, threshold=10)
