"""The index: counted in good English, over any folders, with one script it vouches for."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from pmstats import write_pack
from pmstats.findings.finding import Verdict
from pmstats.release.restricted.bundle import RestrictedPack
from pmstats.report.index import PROMPTS, Entry, entries_in, entry_of, index_page
from pmstats.scheme import Scheme

FACTS = {"department": "Board of Rivers", "stage": "Mid-year", "cycle": "2024-25"}


def test_prompts_are_counted_in_good_english() -> None:
    """One gap, five gaps; none where nothing was found."""
    lines = [["Is everyone counted?", "9 of 9 rated"]]
    gaps = [["Sex: are ratings alike?", "gap"]]
    possible = [["Age: are ratings alike?", "possible gap"]]
    several = entry_of({**FACTS, "headlines": lines + gaps * 5 + possible}, folder="rivers")
    assert several.prompts == "5 gaps, 1 possible gap"
    assert several.kinds == ("gap", "possible gap") == PROMPTS
    assert PROMPTS == (Verdict.GAP, Verdict.POSSIBLE_GAP)
    assert entry_of({**FACTS, "headlines": lines}, folder="rivers").prompts == "none"


def test_packs_of_every_cycle_are_found(
    packs: Mapping[str, RestrictedPack], scs: Scheme, tmp_path: Path
) -> None:
    """Every pack has its line with the way to it; what is being written, or not ours, has none."""
    for name in ("2023-24/rivers", "2024-25/rivers", "2024-25/.staging-rivers", ".old/rivers"):
        folder = tmp_path / name
        folder.mkdir(parents=True)
        write_pack(packs["seven people"], folder, scheme=scs)
    assert entries_in(tmp_path, framework="another") == ()
    found = entries_in(tmp_path, framework=scs.title)
    assert [entry.folder for entry in found] == ["2023-24/rivers", "2024-25/rivers"]
    assert found[0].department == packs["seven people"].cover.department


@pytest.mark.parametrize("held", [b"{", b"[]", b"\xff", b'{"framework": "%s"}', None])
def test_facts_that_cannot_be_read_stop_no_run(
    scs: Scheme, tmp_path: Path, held: bytes | None
) -> None:
    """A damaged file of last year leaves its line out; a pipe in its place is not waited for."""
    path = tmp_path / "2023-24" / "rivers" / "pack.json"
    path.parent.mkdir(parents=True)
    if held is None:
        os.mkfifo(path)
    else:
        path.write_bytes(held.replace(b"%s", scs.title.encode()))
    assert entries_in(tmp_path, framework=scs.title) == ()


def test_the_policy_of_the_page_lets_its_own_script_run_and_no_other(scs: Scheme) -> None:
    """The one script is named by its hash; nothing else may run or be fetched."""
    html = index_page([Entry(department="A", folder="a", done=True)], scheme=scs, stage="mid-year")
    policy = re.search(r'content="(default-src[^"]+)"', html)
    assert policy
    assert policy[1].startswith("default-src 'none'")
    assert re.search(r"script-src 'sha256-[\w+/]{43}='$", policy[1])
    assert html.count("<script") == 1


def test_names_in_an_index_are_words_and_never_markup(scs: Scheme) -> None:
    """A department called like a tag stays a name, also in the way to its pack."""
    entry = Entry(department="<b>&", folder='a"b c', done=True)
    html = index_page([entry], scheme=scs, stage="mid-year")
    assert "&lt;b&gt;&amp;" in html
    assert 'href="a%22b%20c/' in html
