"""The page: self-contained, accessible in structure, the same bytes, and in the right words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from pmstats import write_pack
from pmstats.release.restricted.bundle import RestrictedPack
from pmstats.report.page import charts, page
from pmstats.scheme import Scheme


class Outline(HTMLParser):
    """What a screen reader would walk: tags with their attributes, and the words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._silent = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the tag."""
        self.tags.append((tag, dict(attrs)))
        self._silent += tag == "style"

    def handle_endtag(self, tag: str) -> None:
        """Leave the style sheet."""
        self._silent -= tag == "style"

    def handle_data(self, data: str) -> None:
        """Keep the words that are read."""
        if not self._silent:
            self.words.append(data)

    def all(self, name: str) -> list[dict[str, str | None]]:
        """The attributes of every tag of this name."""
        return [attributes for tag, attributes in self.tags if tag == name]


def test_the_same_pack_gives_the_same_bytes(pack: RestrictedPack, scs: Scheme) -> None:
    """Nothing random and no clock is in a page."""
    assert page(pack, scheme=scs) == page(pack, scheme=scs)


def test_no_page_asks_for_anything_outside_itself(pack: RestrictedPack, scs: Scheme) -> None:
    """No script, no outside address but the name spaces of SVG; under 300 kB."""
    html = page(pack, scheme=scs)
    assert set(re.findall(r"https?://[^\"' )]+", html)) <= {"http://www.w3.org/2000/svg"}
    assert "<script" not in html
    assert len(html.encode()) < 300_000


def test_the_structure_can_be_walked_without_eyes(pack: RestrictedPack, scs: Scheme) -> None:
    """One h1, headings in order, every table with caption and scopes, every id once."""
    outline = Outline(page(pack, scheme=scs))
    assert outline.all("html")[0]["lang"] == "en-GB"
    levels = [int(tag[1]) for tag, _ in outline.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert len(outline.all("caption")) == len(outline.all("table"))
    assert all("scope" in heading for heading in outline.all("th"))
    ids = [attributes["id"] for _, attributes in outline.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    targets = {link["href"] for link in outline.all("a")}
    assert targets <= {f"#{id}" for id in ids}


def test_every_chart_has_a_name_a_description_and_a_caption(
    pack: RestrictedPack, scs: Scheme
) -> None:
    """Each plot is an image named by its caption and described; every figure has its numbers."""
    outline = Outline(page(pack, scheme=scs))
    plots = [each for each in outline.all("div") if each.get("role") == "img"]
    figures = outline.all("figure")
    assert len(plots) == len(figures) == len(outline.all("figcaption"))
    assert len(plots) == len(charts(pack, scheme=scs))
    ids = {attributes.get("id") for _, attributes in outline.tags}
    for plot in plots:
        assert {plot["aria-labelledby"], plot["aria-describedby"]} <= ids
    assert {each["data-table"] for each in figures} <= {t["id"] for t in outline.all("table")}


def test_banner_and_handling_stand_on_the_page(pack: RestrictedPack, scs: Scheme) -> None:
    """A restricted page says so at the top and at the end, and never calls itself a release."""
    words = " ".join(Outline(page(pack, scheme=scs)).words)
    # the marking alone: Government Security Classifications Policy (Cabinet Office 2023)
    assert words.count("OFFICIAL-SENSITIVE") == 2
    assert scs.notices.banner == "OFFICIAL-SENSITIVE"
    assert "Restricted pack" in scs.notices.handling
    assert scs.notices.handling in words
    assert not re.search(r"\breleased?\b", words)


def test_every_headline_has_its_n_or_its_reason(pack: RestrictedPack) -> None:
    """A line of the scorecard gives the number of people or the reason for silence."""
    for line in pack.headlines:
        assert re.search(r"\d", line.sentence) or "nobody" in line.sentence.lower()


def test_the_first_table_is_of_primary_comparisons_alone(
    packs: Mapping[str, RestrictedPack], scs: Scheme
) -> None:
    """Its note says nothing of lines that explore; the table of a characteristic does."""
    whole = page(packs["730 people"], scheme=scs)
    first, rest = whole.split('<section id="coverage"')
    assert "A difference smaller than detectable" in first
    assert "the others explore it" not in first
    assert "the others explore it" in rest


def test_a_question_is_asked_once_of_all_it_is_about(packs: Mapping[str, RestrictedPack]) -> None:
    """Not six times in the same words."""
    asked = packs["730 people"].questions
    together = [each for each in asked if "evidence standard was applied" in each]
    assert len(together) == 1
    assert together[0].startswith("Sex, ethnicity, disability, age, religion or belief and working")


def test_a_raw_value_cannot_be_printed_as_a_page(scs: Scheme) -> None:
    """The page takes a pack and nothing rawer."""
    with pytest.raises(TypeError, match="not dict"):
        page({"headlines": []}, scheme=scs)  # type: ignore[arg-type]


def test_files_are_the_owners_alone_and_whole(
    pack: RestrictedPack, scs: Scheme, tmp_path: Path
) -> None:
    """Nobody else may read a written pack, and no partial file is left."""
    files = write_pack(pack, tmp_path, scheme=scs)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(p.name for p in files)
    assert all(path.stat().st_mode & 0o077 == 0 for path in files)


def test_an_empty_folder_name_writes_nothing(pack: RestrictedPack, scs: Scheme) -> None:
    """A notebook run on its own leaves no file behind."""
    assert write_pack(pack, "", scheme=scs) == ()
