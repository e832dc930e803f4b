"""How long two million rows take to read and validate, beside pandas reading them alone.

`python -m benchmarks.reading [ROWS]`. Each reading has a process of its own, so that its peak
memory is its own. The limits are three times the time of pandas' pyarrow reader and three times
the size of the frame it gives.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pmstats.cohort.synthetic import synthesise

ROWS = 2_000_000
LIMIT = 3.0

_MEASURE = """
import json, resource, sys, time
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
{imports}
before, wall, cpu = peak(), time.perf_counter(), time.process_time()
frame = {reading}
print(json.dumps(dict(wall=time.perf_counter() - wall, cpu=time.process_time() - cpu,
                      peak=peak() - before, frame=frame.memory_usage(deep=True).sum() / 2**20)))
"""
_READINGS = {
    "pandas, pyarrow reader, CSV": (
        "import pandas, pyarrow.csv",
        "pandas.read_csv(sys.argv[1] + '.csv', engine='pyarrow')",
    ),
    "pmstats, read and validated, CSV": (
        "from pmstats.cohort import read_export\nfrom pmstats.scheme import load_scheme\n"
        "import pandas, pyarrow.csv\nscheme = load_scheme()",
        "read_export(sys.argv[1] + '.csv', scheme=scheme, stage='mid-year').people",
    ),
    "pmstats, read and validated, Parquet": (
        "from pmstats.cohort import read_export\nfrom pmstats.scheme import load_scheme\n"
        "import pandas, pyarrow.parquet\nscheme = load_scheme()",
        "read_export(sys.argv[1] + '.parquet', scheme=scheme, stage='mid-year').people",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one reading cost: seconds, and mebibytes of peak memory and of the frame it gave."""

    wall: float
    cpu: float
    peak: float
    frame: float


def write_export(stem: Path, *, rows: int) -> None:
    """A made-up export of this many people, as CSV and as Parquet, no two with one identifier."""
    sample = synthesise().export
    picked = np.random.default_rng(1).integers(0, len(sample), rows)
    export = sample.iloc[picked].reset_index(drop=True)
    export["person_id"] = [f"P{number:07d}" for number in range(rows)]
    export.to_csv(stem.with_suffix(".csv"), index=False)
    export.to_parquet(stem.with_suffix(".parquet"))


def measure(name: str, stem: Path) -> Reading:
    """One reading in a fresh process."""
    imports, reading = _READINGS[name]
    code = _MEASURE.format(imports=imports, reading=reading)
    command = [sys.executable, "-c", code, str(stem)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return Reading(**json.loads(done.stdout))


def main(rows: int = ROWS) -> None:
    """Print what each reading costs, as ratios to pandas beside the limit."""
    with tempfile.TemporaryDirectory() as folder:
        stem = Path(folder) / "export"
        write_export(stem, rows=rows)
        base, *ours = (measure(name, stem) for name in _READINGS)
    print(f"Reading {rows:,} rows (limit: {LIMIT:g} times pandas' time and frame)")
    print(f"  {next(iter(_READINGS))}: {base.cpu:.1f} CPU s, frame {base.frame:,.0f} MiB")
    for name, reading in zip(list(_READINGS)[1:], ours, strict=True):
        print(
            f"  {name}: {reading.cpu:.1f} CPU s ({reading.cpu / base.cpu:.2f} times), "
            f"{reading.wall / base.wall:.2f} times by the clock, "
            f"peak {reading.peak:,.0f} MiB ({reading.peak / base.frame:.2f} times the frame)"
        )


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:2]))
