"""Where the time of one pack goes: start, imports, reading, statistics, charts and page.

Each stage is timed in a fresh interpreter, several times; medians of CPU seconds are printed.
The pack is that of the largest made-up department.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from pathlib import Path

SAMPLE = Path(__file__).parents[1] / "data/synthetic/scs_2024_25.csv"
DEPARTMENT = "Lighthouse Ministry"
RUNS = 5

ONE_RUN = f"""
import json, time
times = {{}}
def step(name, started=[time.process_time()]):
    now = time.process_time(); times[name] = now - started[0]; started[0] = now
times["start of Python"] = time.process_time(); step("-")
import pmstats
step("import pmstats")
scheme = pmstats.load_scheme("scs_2024_25")
step("scheme")
import pandas, scipy.special
step("import pandas, scipy.special")
cohort = pmstats.read_export({str(SAMPLE)!r}, scheme=scheme, stage="mid-year")
step("read and check the export")
ours = cohort.department({DEPARTMENT!r})
at = {{"stage": "mid-year"}}
ledger, overall = pmstats.coverage(ours, **at), pmstats.distribution(ours, **at)
broken = pmstats.breakdowns(ours, **at)
by_grade = pmstats.distributions_by(ours, "grade", **at)
by_unit = pmstats.distributions_by(ours, "business_unit", **at)
from pmstats.counts import detailed_breakdowns, grade_mixes, pairs
details, mixes, both = (make(ours, **at) for make in (detailed_breakdowns, grade_mixes, pairs))
step("counts")
curve = pmstats.compare_to_curve(overall, scheme=scheme)
found = pmstats.disparities(broken, scheme=scheme)
from pmstats.findings import crossings
together = crossings(both, scheme=scheme)
step("statistics")
pack = pmstats.restricted_pack(ours, stage="mid-year", ledger=ledger, overall=overall,
    curve=curve, disparities=found, by_grade=by_grade, by_unit=by_unit,
    details=details, mixes=mixes, together=together)
step("tables and sentences")
import jinja2
step("import jinja2")
from pmstats.report.page import page
page(pack, scheme=scheme)
step("charts and page, first")
page(pack, scheme=scheme)
step("charts and page, again")
import plotly.graph_objects
step("import plotly (notebooks only)")
del times["-"]
print(json.dumps(times))
"""


def main() -> None:
    """Print the median CPU seconds of each stage over fresh interpreters."""
    runs = [json.loads(_fresh()) for _ in range(RUNS)]
    print(f"One pack, {DEPARTMENT}, CPU seconds: median (least to most) of {RUNS} fresh runs")
    for name in runs[0]:
        seconds = sorted(run[name] for run in runs)
        middle = statistics.median(seconds)
        print(f"  {name:<34} {middle:6.3f}  ({seconds[0]:.3f} to {seconds[-1]:.3f})")
    whole = statistics.median(sum(run.values()) for run in runs)
    print(f"  {'together':<34} {whole:6.3f}")


def _fresh() -> str:
    done = subprocess.run(
        [sys.executable, "-c", ONE_RUN], capture_output=True, text=True, check=True
    )
    return done.stdout


if __name__ == "__main__":
    main()
