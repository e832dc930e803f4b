"""A framework made up on the spot goes the whole way as a file of data, with no code of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

import pmstats
from pmstats import (
    breakdowns,
    check_export,
    compare_to_curve,
    coverage,
    disparities,
    distribution,
    load_scheme,
    read_export,
    restricted_pack,
    restricted_table,
    sentences,
    write_pack,
)
from pmstats.errors import SchemeError
from pmstats.findings.finding import Verdict
from pmstats.report.charts.chart import PALETTE
from pmstats.report.index import index_page
from pmstats.scheme import DEFAULT_SCHEME, Scheme, scheme_names

#: Seven boxes, worst first, as the scheme below lists them, and how many pilots of each watch
#: and hand are in them: (morning and right, dog and left).
BOXES = {
    "Sinking": (0, 12),
    "Listing": (1, 14),
    "Adrift": (4, 20),
    "Afloat": (30, 31),
    "Under way": (25, 2),
    "Full ahead": (12, 1),
    "Flying": (8, 0),
}
UNRATED = 5

SCHEME = """
name = "harbour_pilots"
title = "Harbour pilots, seven marks"
edition = "2030"
source = "made up for this test"
unit = "person"
fairness = true
order = "worst first"
not_rated = ["Ashore"]
blanks = [""]
left_out = [{{ reason = "not yet in post", sentence = "Not yet aboard.", paragraph = "art. 9" }}]
{ratings}
[[framings]]
name = "Under way or better"
ratings = ["Under way", "Full ahead", "Flying"]
paragraph = "art. 3"

[curve]
largest = "Afloat"
paragraph = "art. 4"
shares = [{{ rating = "Flying", share = 0.05, paragraph = "art. 4" }}]

[[stages]]
name = "spring tide"
title = "Spring tide"
column = "mark_spring"
moderated = false
paragraph = "art. 5"

[[characteristics]]
name = "watch"
title = "Watch"
protected = false
compare_at = "2 watches"
paragraph = "art. 6"
levels = [{{ name = "2 watches", reference = "Morning", groups = [
    {{ name = "Morning", people = "morning pilots" }},
    {{ name = "Dog", also = ["Dog watch"], people = "dog-watch pilots" }},
] }}]

[[characteristics]]
name = "hand"
title = "Hand"
protected = true
compare_at = "2 hands"
paragraph = "art. 7"
levels = [{{ name = "2 hands", reference = "Right", groups = [
    {{ name = "Right", people = "right-handed pilots" }},
    {{ name = "Left", people = "left-handed pilots" }},
] }}]

[practice]
minimum_group = 5
minimum_group_source = "made up"
minimum_for_ratio = 10
minimum_for_ratio_source = "made up"
declaration_gate = 0.5
declaration_gate_source = "made up"
margin_share = 0.1
margin_share_source = "made up"
margin_superiority = 0.0735
margin_superiority_source = "made up"

[notices]
banner = "FOR THE HARBOUR MASTER"
handling = "Keep dry."
purpose = "A prompt for enquiry."
pack = "Pilots' pack"
packs = "Pilots' packs"

[paragraphs]
coverage = "art. 1"
distribution = "art. 2"
not_held = "art. 8"

[prompts]
unrated = "{{unrated}} of {{in_table}} have no mark: are they at sea?"
largest_box = "Why is another box the largest (n = {{n}})?"
expected_share = "Why is {{rating}} far from {{expected}} (n = {{n}})?"
gap = "{{title}}: did the tide run the same way for all?"
not_compared = "{{title}}: what would help more to answer?"
"""


@pytest.fixture
def scheme_file(tmp_path: Path) -> str:
    """The made-up scheme as a file."""
    ratings = "\n".join(
        f'[[ratings]]\nname = "{name}"\nabbreviation = "M{place}"'
        for place, name in enumerate(BOXES, start=1)
    )
    path = tmp_path / "harbour.toml"
    path.write_text(SCHEME.format(ratings=ratings))
    return str(path)


@pytest.fixture
def harbour(scheme_file: str) -> Scheme:
    """The made-up scheme, read."""
    return load_scheme(scheme_file)


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """An export with so many pilots of each kind in each box."""
    rows = ["Person ID,Department,Spring tide,Watch,Hand,CS start date"]
    for name, counts in BOXES.items():
        for count, words in zip(counts, ("Morning,Right", "Dog watch,Left"), strict=True):
            rows += [f"P{len(rows) + i},Port,{name},{words},2020-01-01" for i in range(count)]
    rows += [f"U{i},Port,Ashore,Morning,Right,2020-01-01" for i in range(UNRATED)]
    path = tmp_path / "pilots.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


def test_a_made_up_scheme_goes_from_the_check_to_the_page(
    harbour: Scheme, export: Path, tmp_path: Path
) -> None:
    """Seven boxes, worst first, two characteristics: check, counts, findings, pack, page."""
    found = check_export(export, scheme=harbour, stage="spring tide")
    assert {each.severity.value for each in found} <= {"information"}
    assert not [each for each in found if each.rule.startswith("R")]
    cohort = read_export(export, scheme=harbour, stage="spring tide", cut_off="2024-01-01")
    overall = distribution(cohort, stage="spring tide")
    assert dict(zip(overall.ratings, overall.counts, strict=True)) == {
        name: sum(counts) for name, counts in BOXES.items()
    }
    assert overall.unrated == UNRATED
    compared = disparities(breakdowns(cohort, stage="spring tide"), scheme=harbour)
    assert [each.verdict for each in compared.each] == [Verdict.GAP, Verdict.GAP]
    watch = compared["watch"].primary
    assert watch is not None
    assert watch.effect is not None
    assert (watch.group, watch.comparator) == ("Dog", "Morning")
    assert watch.effect.high < 0.5, "the dog watch is marked lower: worst first was understood"
    curve = compare_to_curve(overall, scheme=harbour)
    pack = restricted_pack(
        cohort,
        stage="spring tide",
        ledger=coverage(cohort, stage="spring tide"),
        overall=overall,
        curve=curve,
        disparities=compared,
    )
    assert "Watch and hand: did the tide run the same way for all?" in pack.questions
    written = write_pack(pack, tmp_path, scheme=harbour)
    assert [file.name for file in written] == ["pilots_pack.html", "pilots_pack.xlsx", "pack.json"]
    page = written[0].read_text()
    for place, name in enumerate(BOXES):
        assert name in page
        assert PALETTE[place][0] in page, "each of the seven boxes has a colour of its own"
    index = index_page((), scheme=harbour, stage="spring tide")
    assert "Pilots&#39; packs" in index
    for words in ("Senior Civil", "SCS", "Civil Service", "31 December", "17, 78"):
        assert words not in page
        assert words not in index


def test_those_left_out_are_named_in_the_scheme_s_own_words(harbour: Scheme, export: Path) -> None:
    """A reason the scheme has words for is given in them, with its paragraph."""
    cohort = read_export(export, scheme=harbour, stage="spring tide", cut_off="2019-12-31")
    ledger = coverage(cohort, stage="spring tide")
    assert [(e.reason, e.paragraph) for e in ledger.exclusions] == [("Not yet aboard.", "art. 9")]
    assert "Not yet aboard" in repr(restricted_table(ledger, scheme=harbour))


def test_an_empty_box_with_an_expected_share_is_not_called_unexpected(
    harbour: Scheme, export: Path
) -> None:
    """That the framework asks for no share in a box is said only of boxes where that is so."""
    cohort = read_export(export, scheme=harbour, stage="spring tide")
    empty = distribution(cohort, stage="spring tide")
    none_flying = type(empty)(ratings=empty.ratings, counts=(0, *empty.counts[1:-1], 0))
    said = repr(sentences(compare_to_curve(none_flying, scheme=harbour)))
    assert "Sinking was not used" in said
    assert "Flying was not used" not in said


def test_a_made_up_scheme_is_read_as_strictly_as_ours(scheme_file: str) -> None:
    """A misspelt key and a rating that does not exist are both named, with the nearest name."""
    path = Path(scheme_file)
    path.write_text(
        path.read_text()
        .replace('largest = "Afloat"', 'largest = "Aflaot"')
        .replace('pack = "Pilots', 'pakc = "Pilots')
    )
    with pytest.raises(SchemeError, match=r"unknown key 'pakc'.*'pack'"):
        load_scheme(scheme_file)


def test_no_code_names_a_scheme() -> None:
    """Outside `scheme/` only the name of the default scheme may be written, nowhere in an `if`."""
    package = Path(pmstats.__file__).parent
    named = [
        f"{path.relative_to(package)}: {line.strip()}"
        for path in sorted(package.rglob("*.py"))
        if path.parent.name != "scheme" and "notebooks" not in path.parts
        for line in path.read_text(encoding="utf-8").splitlines()
        for name in scheme_names()
        if name in line and (name != DEFAULT_SCHEME or line.strip().startswith(("if ", "elif ")))
    ]
    assert named == []
