"""Finished files of a release read as an attacker would: every number is a registered one."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from itertools import accumulate
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import numpy as np
import pytest

from pmstats.cohort import Cohort
from pmstats.counts import breakdowns, coverage, distribution
from pmstats.release.released.door import release
from pmstats.release.released.facts import FactKind
from pmstats.release.released.material import material
from pmstats.release.released.release import Release
from pmstats.release.table import Column, RestrictedTable
from pmstats.report.charts.svg import BAR_WIDTH
from pmstats.report.release import release_files
from pmstats.report.released import (
    release_csv,
    release_json,
    release_workbook,
    released_chart,
    released_figure,
)
from pmstats.scheme import Scheme

NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?%?")
#: What a workbook holds for every release alike: its clock, its sheets' names and layout.
CLOCK = "1980-01-01T00:00:00Z"


@pytest.fixture(scope="module")
def made(cohort_of: Callable[..., Cohort], scs: Scheme) -> Release:
    """The release of a made-up department large enough for every box to have a bar."""
    cohort = cohort_of(
        {"Female": (33, 57, 121, 22, 4), "Male": (41, 62, 158, 27, 6), "Unknown": (2, 3, 9, 1, 0)}
    )
    at = {"stage": "mid-year"}
    counts = material(
        cohort,
        ledger=coverage(cohort, **at),
        overall=distribution(cohort, **at),
        breakdowns=breakdowns(cohort, **at),
        **at,
    )
    return release(counts, scheme=scs)


@pytest.fixture(scope="module")
def files(made: Release, scs: Scheme) -> dict[str, bytes]:
    """Every file of the release by name."""
    return dict(release_files(made, scheme=scs))


def strangers(made: Release, texts: list[str]) -> list[str]:
    """Numbers in these texts that are neither registered nor in the scheme's own words."""
    registered = {fact.printed for fact in made.register.facts}
    registered |= {text.rstrip("%") for text in registered}  # a column headed % has the number
    names = sorted((name for name in made.names if re.search(r"\d", name)), key=len, reverse=True)
    found = []
    for text in texts:
        left = text
        for name in names:
            left = left.replace(name, "")
        found += [number for number in NUMBER.findall(left) if number.strip(",") not in registered]
    return found


def percents(made: Release) -> list[int]:
    """Every percentage of the register."""
    return [f.value for f in made.register.facts if f.kind is FactKind.PERCENT and f.value]


# ---- the page's drawings -------------------------------------------------------------------------


def test_bars_are_as_long_as_registered_percentages(made: Release, files: dict[str, bytes]) -> None:
    """Widths and places of all bars, in attributes, are sums of registered percentages."""
    page = files["release.html"].decode()
    known = percents(made)
    bars = re.findall(r'<rect x="([\d.]+)%" width="([\d.]+)%" class="box', page)
    assert len(bars) >= 8
    at = 0.0
    for left, width in bars:
        at = 0.0 if float(left) == 0 else at
        assert float(left) == pytest.approx(at, abs=0.02)
        assert min(abs(float(width) - BAR_WIDTH * each / 100) for each in known) < 0.006
        at += float(width)
    drawn = re.findall(r"<figure.*?</figure>", page, flags=re.DOTALL)
    words = re.findall(r">([^<]+)<", " ".join(drawn))
    assert len(drawn) >= 2
    assert strangers(made, words) == []
    assert strangers(made, re.findall(r'(?:alt|aria-label|title)="([^"]*)"', page)) == []


def numbers_in(value: object) -> Iterator[float]:
    """Every number in a plotly description: lists, single values, arrays in base64."""
    if isinstance(value, dict):
        if "bdata" in value:
            held = np.frombuffer(base64.b64decode(value["bdata"]), dtype=value["dtype"])
            yield from map(float, held)
            return
        for each in value.values():
            yield from numbers_in(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from numbers_in(each)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield float(value)


def test_plotly_holds_registered_percentages_only(made: Release, scs: Scheme) -> None:
    """The data of a notebook's chart, base64 arrays too, its hover text and its labels."""
    table = made.table("sex-ratings")
    drawn = json.loads(released_figure(table, scheme=scs).plotly().to_json())
    known = set(percents(made))
    found = [x for trace in drawn["data"] for x in numbers_in(trace["x"])]
    assert len(found) >= 4
    assert all(abs(x - round(x)) < 1e-9 and round(x) in known for x in found)
    words = [
        text for trace in drawn["data"] for name in ("y", "text", "name", "customdata", "hovertext")
        for text in np.ravel(trace.get(name, [])) if isinstance(text, str)
    ]  # fmt: skip
    assert strangers(made, [*words, drawn["layout"]["title"]["text"]]) == []
    hover = {trace["hovertemplate"] for trace in drawn["data"]}
    assert all("%{x" in text and "customdata" not in text for text in hover)


def test_arrays_in_base64_are_read() -> None:
    """The reading of plotly's arrays is not blind to how plotly 7 writes numpy's."""
    held = np.array([5.26315789, 15.7894737])
    value = {"bdata": base64.b64encode(held.tobytes()).decode(), "dtype": "f8"}
    assert list(numbers_in({"x": value})) == list(map(float, held))


# ---- the other files -----------------------------------------------------------------------------


def test_every_number_of_the_workbook_is_a_registered_one(
    made: Release, files: dict[str, bytes]
) -> None:
    """Cells, shared words, headers and document properties; numbers are numbers."""
    book = zipfile.ZipFile(io.BytesIO(files["release.xlsx"]))
    registered = {fact.value for fact in made.register.facts if fact.value is not None}
    numbers, words = [], []
    for name in book.namelist():
        root = ElementTree.fromstring(book.read(name))
        if "worksheets/sheet" in name:
            cells = [c for c in root.iter() if c.tag.endswith("}c") and c.get("t") != "s"]
            numbers += [float(v.text or "") for c in cells for v in c if v.tag.endswith("}v")]
        if "sharedStrings" in name or "docProps/core" in name:
            words += [each.text or "" for each in root.iter()]
    assert len(numbers) > 20
    assert set(numbers) <= registered
    usual = re.compile(r"^Table \d+$|^" + CLOCK + "$")
    # a long text is cut into lines: put together again it is the scheme's own
    left = " ".join(text for text in words if not usual.match(text))
    assert strangers(made, [" ".join(left.split())]) == []


def test_every_number_of_csv_and_json_is_a_registered_one(
    made: Release, files: dict[str, bytes]
) -> None:
    """Values are registered numbers; what is not a number is a sign or the scheme's word."""
    lines = list(csv.DictReader(io.StringIO(files["release.csv"].decode())))
    registered = {fact.value for fact in made.register.facts if fact.value is not None}
    assert {int(line["value"]) for line in lines if line["value"]} <= registered
    assert strangers(made, [t for line in lines for k, t in line.items() if k != "value"]) == []
    content = json.loads(files["release.json"])
    assert set(numbers_in(content)) <= registered
    assert strangers(made, list(words_in(content))) == []


def words_in(value: object) -> Iterator[str]:
    """Every text in a JSON document, its keys too."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield key
            yield from words_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from words_in(each)
    elif isinstance(value, str):
        yield value


def test_a_notebook_that_shows_a_release_holds_registered_numbers_only(
    made: Release, scs: Scheme
) -> None:
    """What a release, its tables and figures put into the outputs of a notebook."""
    shown = [made, *made.tables, *(s for section in made.sections for s in section.sentences)]
    outputs = []
    for each in shown:
        data = {"text/plain": repr(each)}
        if hasattr(each, "_repr_html_"):
            data["text/html"] = each._repr_html_()
        outputs.append(nbformat.v4.new_output("display_data", data=data))
    figure = released_figure(made.table("sex-ratings"), scheme=scs)
    bundle = figure._repr_mimebundle_()
    data = {kind: bundle[kind] for kind in ("text/plain",)}
    outputs.append(nbformat.v4.new_output("display_data", data=data))
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("", outputs=outputs)])
    nbformat.validate(notebook)
    texts = [
        re.sub(r"<[^>]*>", " ", text) for out in notebook.cells[0].outputs
        for text in out.data.values()
    ]  # fmt: skip
    assert strangers(made, texts) == []
    assert sum(len(NUMBER.findall(text)) for text in texts) > 20
    plotly = bundle["application/vnd.plotly.v1+json"]
    known = set(percents(made))
    assert {round(x) for t in plotly["data"] for x in numbers_in(t["x"])} <= known
    svg = re.findall(r'width="([\d.]+)%" class="box', bundle["image/svg+xml"])
    assert svg
    assert all(min(abs(float(w) - BAR_WIDTH * p / 100) for p in known) < 0.006 for w in svg)


def test_the_same_release_gives_the_same_bytes(
    made: Release, files: dict[str, bytes], scs: Scheme
) -> None:
    """No clock, no random id: every file is the same when made again."""
    assert dict(release_files(made, scheme=scs)) == files


# ---- by type -------------------------------------------------------------------------------------


def test_only_released_things_are_printed(scs: Scheme) -> None:
    """A restricted table given to a renderer of releases is a TypeError."""
    table = RestrictedTable(id="t", caption="c", columns=(Column(name="Who"),), rows=(("a",),))
    for renderer in (release_workbook, release_csv, release_json):
        with pytest.raises(TypeError, match="RestrictedTable"):
            renderer(table)  # type: ignore[arg-type]
    for draw in (released_chart, released_figure):
        with pytest.raises(TypeError, match="RestrictedTable"):
            draw(table, scheme=scs)  # type: ignore[arg-type]


SNIPPET = """
from pmstats.release.restricted.bundle import RestrictedPack
from pmstats.release.table import RestrictedTable
from pmstats.report.release import release_page
from pmstats.report.released import release_csv, release_json, release_workbook, released_chart
from pmstats.scheme import Scheme


def leak(pack: RestrictedPack, table: RestrictedTable, scheme: Scheme) -> None:
    release_page(pack, scheme=scheme)
    release_workbook(pack)
    release_csv(pack)
    release_json(pack)
    released_chart(table, scheme=scheme)
"""


def test_a_type_checker_refuses_restricted_things(tmp_path: Path) -> None:
    """Mypy finds each of five ways to give a renderer of releases something restricted."""
    snippet = tmp_path / "leak.py"
    snippet.write_text(SNIPPET, encoding="utf-8")
    root = Path(__file__).parents[2]
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", str(root / "pyproject.toml"),
         "--follow-imports=silent", "--cache-dir", str(tmp_path / "cache"), str(snippet)],
        cwd=root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert checked.returncode == 1, checked.stdout + checked.stderr
    assert checked.stdout.count("[arg-type]") == 5, checked.stdout


def test_percentages_of_bars_add_up_to_about_everybody(made: Release, scs: Scheme) -> None:
    """Each whole percentage of rounded numbers may be off by some points, all together too."""
    chart = released_chart(made.table("sex-ratings"), scheme=scs)
    assert chart is not None
    for bar in chart.bars:
        (*_, total) = accumulate(bar.shares)
        assert total == pytest.approx(1, abs=0.15)
