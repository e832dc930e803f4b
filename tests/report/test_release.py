"""A finished release read as an attacker would read it: every number on it is a registered one."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from pmstats.cohort import read_export
from pmstats.counts import breakdowns, coverage, distribution, distributions_by
from pmstats.errors import DisclosureRefusal
from pmstats.release.released.audit import AuditReport, Breach, Leak
from pmstats.release.released.door import release
from pmstats.release.released.facts import FactKind, Register
from pmstats.release.released.ledger import LEDGER, held_ledger, read_ledger, start_ledger
from pmstats.release.released.material import Material, material
from pmstats.release.released.program import Clock
from pmstats.release.restricted.bundle import RestrictedPack
from pmstats.release.table import Column, RestrictedTable
from pmstats.report.annual_return import enter_annual_return
from pmstats.report.environment import style
from pmstats.report.release import PAGE, audit_reports, release_page, write_release
from pmstats.scheme import Scheme

EXPORT = Path(__file__).parents[2] / "data/synthetic/scs_2024_25.csv"
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?%?")


@pytest.fixture(scope="module")
def small(scs: Scheme) -> Material:
    """The counts of a made-up department of 60."""
    cohort = read_export(EXPORT, scheme=scs, stage="mid-year").department("Puddle Office")
    stage = "mid-year"
    return material(
        cohort,
        stage=stage,
        ledger=coverage(cohort, stage=stage),
        overall=distribution(cohort, stage=stage),
        breakdowns=breakdowns(cohort, stage=stage),
        by_grade=distributions_by(cohort, "grade", stage=stage),
    )


class Scraper(HTMLParser):
    """Every text and every attribute value of a page, the style sheet apart."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.styles: list[str] = []
        self.inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep every attribute that could hold a number of people."""
        self.inside = tag
        if tag != "meta":  # the same on every page, like tabindex
            self.found += [value or "" for name, value in attrs if name != "tabindex"]

    def handle_data(self, data: str) -> None:
        """Keep the text, style sheets apart."""
        (self.styles if self.inside == "style" else self.found).append(data)

    def handle_comment(self, data: str) -> None:
        """Keep what a browser would not show."""
        self.found.append(data)


def test_every_number_on_the_page_is_a_registered_one(small: Material, scs: Scheme) -> None:
    """Outside the scheme's own words every number in text and attributes is a printed fact."""
    made = release(small, scheme=scs)
    page = release_page(made, scheme=scs)
    scraper = Scraper()
    scraper.feed(page)
    assert "".join(scraper.styles).startswith(str(style()))
    registered = {fact.printed for fact in made.register.facts}
    names = sorted((name for name in made.names if re.search(r"\d", name)), key=len, reverse=True)
    numbers = 0
    for text in scraper.found:
        left = text
        for name in names:
            left = left.replace(name, "")
        for number in NUMBER.findall(left):
            numbers += 1
            assert number.rstrip(",") in registered, text
    assert numbers > 20


def test_a_release_is_marked_with_its_tier_alone(small: Material, scs: Scheme) -> None:
    """Its marking is OFFICIAL, top and bottom; whom it is for is said beside it, in words."""
    scraper = Scraper()
    scraper.feed(release_page(release(small, scheme=scs), scheme=scs))
    assert [text for text in scraper.found if text.startswith("OFFICIAL")] == ["OFFICIAL"] * 2
    assert scs.release is not None
    assert any(scs.release.handling in text for text in scraper.found)


def test_only_a_release_becomes_a_release_page(pack: RestrictedPack, scs: Scheme) -> None:
    """A restricted pack or its table given to the renderer of releases is a TypeError."""
    with pytest.raises(TypeError, match="RestrictedPack"):
        release_page(pack, scheme=scs)  # type: ignore[arg-type]


def test_a_release_is_written_into_the_ledger(small: Material, scs: Scheme, tmp_path: Path) -> None:
    """The page and the ledger's entry agree, and the same release gives the same bytes."""
    ledger = start_ledger(tmp_path / LEDGER)
    path, *others = write_release(small, tmp_path, ledger=ledger, scheme=scs)
    entries = read_ledger(ledger)
    assert [entry.file for entry in entries] == [each.name for each in (path, *others)]
    assert path.name == PAGE
    assert [f for f in entries[0].register.facts if f.kind is FactKind.ROUNDED]
    first = [each.read_bytes() for each in (path, *others)]
    write_release(small, tmp_path, ledger=ledger, scheme=scs)
    assert [each.read_bytes() for each in (path, *others)] == first
    assert len(audit_reports(tmp_path, ledger=ledger, scheme=scs)) == 1


def test_without_a_ledger_nothing_is_written(small: Material, scs: Scheme, tmp_path: Path) -> None:
    """A missing ledger refuses, and leaves no file behind."""
    with pytest.raises(DisclosureRefusal, match="ledger"):
        write_release(small, tmp_path, ledger=tmp_path / LEDGER, scheme=scs)
    assert not list(tmp_path.iterdir())


def test_the_annual_return_is_entered_once(small: Material, scs: Scheme, tmp_path: Path) -> None:
    """Its exact figures are in the ledger, and what they undo of a release is told."""
    ledger = start_ledger(tmp_path / LEDGER)
    write_release(small, tmp_path, ledger=ledger, scheme=scs)
    files = len(read_ledger(ledger))
    table = RestrictedTable(id="t", caption="c", columns=(Column(name="What"),), rows=(("a",),))
    told = enter_annual_return(table, small, ledger=ledger, scheme=scs)
    assert all(sentence.startswith("mid-year: ") for sentence in told)
    assert enter_annual_return(table, small, ledger=ledger, scheme=scs) == ()
    entries = read_ledger(ledger)
    assert len(entries) == files + 1
    assert {f.kind for f in entries[-1].register.facts} == {FactKind.EXACT}


def entered(ledger: Path, register: Register, scheme: Scheme) -> None:
    """Put a register into a ledger by hand."""
    with held_ledger(ledger) as held:
        held.append(file=PAGE, content=b"", scheme=scheme.name, scheme_sha256=scheme.sha256,
                    register=register)  # fmt: skip


@pytest.mark.parametrize("fault", ["breach", "time", "contradiction", "unreadable"])
def test_whatever_goes_wrong_nothing_is_written(
    small: Material, scs: Scheme, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    """A breach, no time left, registers that contradict each other, a ledger not to be read.

    Each ends with exit code 12, no file, and a ledger as it was.
    """
    ledger = start_ledger(tmp_path / LEDGER)
    said = release(small, scheme=scs).register
    if fault == "breach":
        monkeypatch.setattr(
            "pmstats.release.released.coarsen.audit", lambda *_, **__: AuditReport(
                cells=1, changes=0, releases=1, known=0, breaches=(Breach(
                    leak=Leak.SMALL, stage="mid-year", people="everyone", boxes=()),)))  # fmt: skip
    elif fault == "time":
        monkeypatch.setattr("pmstats.release.released.audit.Clock", lambda _: Clock(0.0))
    elif fault == "contradiction":
        facts = (replace(said.facts[0], kind=FactKind.EXACT, value=9_999), *said.facts[1:])
        entered(ledger, replace(said, facts=facts), scs)
    else:
        ledger.write_text("{}\n", encoding="utf-8")
    before = ledger.read_bytes()
    with pytest.raises(DisclosureRefusal) as refusal:
        write_release(small, tmp_path / "out", ledger=ledger, scheme=scs)
    assert refusal.value.exit_code == 12
    assert ledger.read_bytes() == before
    assert not (tmp_path / "out").exists()


def test_a_page_the_ledger_does_not_know_is_reported(
    small: Material, scs: Scheme, tmp_path: Path
) -> None:
    """A page changed after it was released, or a ledger cut short, does not pass."""
    ledger = start_ledger(tmp_path / LEDGER)
    path, *_ = write_release(small, tmp_path, ledger=ledger, scheme=scs)
    path.write_text(path.read_text(encoding="utf-8") + " ", encoding="utf-8")
    with pytest.raises(DisclosureRefusal, match="Not in the ledger"):
        audit_reports(tmp_path, ledger=ledger, scheme=scs)
