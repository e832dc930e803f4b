"""Two runs on the same input: the same bytes of page, workbook and drawings."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

#: Makes every file of a pack and prints what identifies their bytes, each drawing's too.
MAKE = """
import hashlib, sys
from pmstats import load_scheme, read_export, restricted_pack, coverage, distribution, write_pack
from pmstats import breakdowns, compare_to_curve, disparities, distributions_by
from pmstats.counts import grade_mixes, pairs
from pmstats.findings import crossings
from pmstats.report.page import charts
from pmstats.report.charts.svg import svg
scheme, at = load_scheme("scs_2024_25"), {"stage": "mid-year"}
cohort = read_export(sys.argv[1], scheme=scheme, **at).department("Lighthouse Ministry")
overall = distribution(cohort, **at)
pack = restricted_pack(
    cohort, ledger=coverage(cohort, **at), overall=overall, **at,
    curve=compare_to_curve(overall, scheme=scheme),
    disparities=disparities(breakdowns(cohort, **at), scheme=scheme),
    by_unit=distributions_by(cohort, "business_unit", **at),
    mixes=grade_mixes(cohort, **at),
    together=crossings(pairs(cohort, **at), scheme=scheme),
)
for path in write_pack(pack, sys.argv[2], scheme=scheme):
    print(path.name, hashlib.sha256(path.read_bytes()).hexdigest())
for chart in charts(pack, scheme=scheme):
    print(chart.id, hashlib.sha256(svg(chart).encode()).hexdigest())
"""


def test_two_runs_on_the_same_input_give_the_same_bytes(tmp_path: Path) -> None:
    """HTML, XLSX, JSON and every SVG, whatever order sets happen to have in a process."""
    said = []
    for seed in ("1", "2"):
        out = tmp_path / seed
        out.mkdir()
        made = subprocess.run(
            [sys.executable, "-c", MAKE, str(ROOT / "data/synthetic/scs_2024_25.csv"), str(out)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        said.append(made.stdout.splitlines())
    assert said[0] == said[1]
    assert {line.split()[0].rpartition(".")[2] for line in said[0][:3]} == {"html", "xlsx", "json"}
    assert len(said[0]) > 25
