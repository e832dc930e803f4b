"""The PDF of a pack: tagged, whole, marked on every sheet, and its owner's alone."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from pmstats import write_pack
from pmstats.errors import ParameterError
from pmstats.release.restricted.bundle import RestrictedPack
from pmstats.report import pdf
from pmstats.report.pdf import PROGRAMS, write_pdf
from pmstats.scheme import Scheme


def test_a_page_is_printed_tagged_and_outlined(
    packs: Mapping[str, RestrictedPack], scs: Scheme, tmp_path: Path
) -> None:
    """The PDF says it is tagged, in which language, under which title; only its owner reads it."""
    if not any(map(shutil.which, PROGRAMS)):
        pytest.skip("No Chromium is installed: no PDF is printed.")
    (page, *_) = write_pack(packs["seven people"], tmp_path, scheme=scs)
    printed = write_pdf(page)
    content = printed.read_bytes()
    assert write_pdf(page).read_bytes() == content, "the same page, the same bytes"
    assert printed.name == "consistency_check_pack.pdf"
    assert content.startswith(b"%PDF-")
    for said in (b"/StructTreeRoot", b"/MarkInfo", b"/Lang (en-GB)", b"/Outlines", b"/Title"):
        assert said in content, said
    assert printed.stat().st_mode & 0o077 == 0


def test_without_a_chromium_the_reader_is_told_another_way(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The message says what to install and that any browser prints."""
    monkeypatch.setattr(pdf.shutil, "which", lambda _: None)
    with pytest.raises(ParameterError, match=r"install the package “chromium”.*any browser"):
        write_pdf(tmp_path / "page.html")


def test_a_program_that_prints_nothing_is_an_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """No empty PDF is left where the program did nothing."""
    monkeypatch.setattr(pdf.shutil, "which", lambda _: "true")
    with pytest.raises(ParameterError, match=r"did not print page\.html"):
        write_pdf(tmp_path / "page.html")
    assert list(tmp_path.iterdir()) == []
