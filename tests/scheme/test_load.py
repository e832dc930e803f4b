"""A scheme is read strictly: what it says is checked, what it gets wrong is named."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest

from pmstats.errors import SchemeError
from pmstats.scheme import Characteristic, Level, Scheme, load_scheme, scheme_names
from pmstats.scheme.scheme import Group


def changed(tmp_path: Path, *replacements: tuple[str, str]) -> str:
    """A copy of the Senior Civil Service scheme with some of its text replaced."""
    text = resources.files("pmstats.scheme").joinpath("scs_2024_25.toml").read_text()
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new, 1)
    path = tmp_path / "changed.toml"
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize("name", scheme_names())
def test_every_scheme_that_comes_with_the_library_loads(name: str) -> None:
    """Each scheme in the package passes its own checks and knows its hash."""
    scheme = load_scheme(name)
    assert scheme.name == name
    assert len(scheme.sha256) == 64


def test_the_four_boxes_run_from_exceeding_to_partially_met(scs: Scheme) -> None:
    """Paragraph 17 lists the boxes best first; worst first is the mirror image."""
    assert scs.best_first == ("Exceeding", "High Performing", "Achieving", "Partially Met")
    assert scs.worst_first == scs.best_first[::-1]


def test_the_curve_expects_about_five_per_cent_and_nothing_of_the_upper_boxes(scs: Scheme) -> None:
    """Paragraphs 78 and 86 give Achieving as the largest box and about 5% Partially Met only."""
    assert scs.curve is not None
    assert scs.curve.largest == "Achieving"
    assert [(each.rating, each.share) for each in scs.curve.shares] == [("Partially Met", 0.05)]
    assert scs.curve.guide == ()


def test_an_unknown_key_is_refused_with_the_nearest_known_one(tmp_path: Path) -> None:
    """A misspelt key is an error that says which key was probably meant."""
    path = changed(tmp_path, ('abbreviation = "PM"', 'abreviation = "PM"'))
    with pytest.raises(SchemeError, match=r"unknown key 'abreviation'.*'abbreviation'"):
        load_scheme(path)


def test_every_fault_is_named_at_once(tmp_path: Path) -> None:
    """Four faults of different kinds are all in one message."""
    path = changed(
        tmp_path,
        ("margin_share = 0.10", 'margin_share = "ten"'),
        ('largest = "Achieving"', 'largest = "Acheiving"'),
        ('edition = "2024-25"', "edition = 2024"),
    )
    with pytest.raises(SchemeError) as caught:
        load_scheme(path)
    assert "practice.margin_share" in str(caught.value)
    assert "edition" in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('largest = "Achieving"', 'largest = "Acheiving"', "no rating 'Acheiving'"),
        (
            'largest = "Achieving"',
            'largest = "Achieving"\nguide = [0.20, 0.25, 0.50, 0.04]',
            "guide needs 4 shares that add to 1",
        ),
        ('ratings = ["Partially Met"]', 'ratings = ["Partialy Met"]', "no rating 'Partialy Met'"),
        ('reference = "Male"', 'reference = "Men"', "reference 'Men' is not one of its groups"),
        ('within = "White", also', 'within = "Whit", also', "which is not a group of 5 groups"),
        ('compare_at = "2 groups"', 'compare_at = "two"', "no level 'two'"),
        ('also = ["F", ', 'also = ["M", ', "'M' stands for two things"),
        ("(n = {n})", "(n = {number})", "no word {number}"),
        ('unit = "person"', 'unit = "provider"', "fairness = true needs unit = 'person'"),
    ],
)
def test_entries_that_contradict_each_other_are_refused(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    """A scheme that names something it does not define says what and where."""
    with pytest.raises(SchemeError) as caught:
        load_scheme(changed(tmp_path, (old, new)))
    assert said in str(caught.value)


def test_an_unknown_scheme_names_the_nearest_one() -> None:
    """A misspelt scheme name is refused with the one probably meant."""
    with pytest.raises(SchemeError, match="did you mean 'scs_2024_25'"):
        load_scheme("scs_2024-25")


def test_a_file_that_is_not_toml_is_refused(tmp_path: Path) -> None:
    """A scheme file with broken syntax says so instead of failing in the parser."""
    path = tmp_path / "broken.toml"
    path.write_text("name = [")
    with pytest.raises(SchemeError, match="not a TOML file"):
        load_scheme(str(path))


def test_nineteen_groups_roll_up_to_five_and_to_two(scs: Scheme) -> None:
    """The roll-up of ethnicity is explicit: White minorities count as White in two groups."""
    ethnicity = scs.characteristic("ethnicity")
    assert len(ethnicity.levels[0].groups) == 19  # England and Wales standard
    assert ethnicity.groups_at("5 groups")["Bangladeshi"] == "Asian"
    assert ethnicity.groups_at("2 groups")["Bangladeshi"] == "Ethnic minority"
    assert ethnicity.groups_at("2 groups")["Roma"] == "White"


def test_an_answer_recorded_coarsely_has_no_group_in_finer_detail(scs: Scheme) -> None:
    """'Asian' is an answer at five groups but cannot be counted among nineteen."""
    assert "Asian" not in scs.characteristic("ethnicity").groups_at("19 groups")
    assert scs.characteristic("ethnicity").groups_at("5 groups")["Asian"] == "Asian"


def test_an_answer_named_alike_at_two_levels_is_the_finer_one() -> None:
    """'Other' in detail belongs where the scheme puts it, though a broad group has its name."""
    fine = tuple(Group(name=name, within="Any") for name in ("Any", "Other"))
    broad = tuple(Group(name=name) for name in ("Any", "Other"))
    known = Characteristic(
        name="made_up",
        title="Made up",
        protected=False,
        levels=(
            Level(name="fine", reference="Any", groups=fine),
            Level(name="broad", reference="Any", groups=broad),
        ),
        compare_at="broad",
        paragraph="",
    )
    assert known.groups_at("broad") == {"Any": "Any", "Other": "Any"}
