"""How long two million rows take to read and validate, beside pandas reading them alone.

`python -m benchmarks.reading [ROWS]`. A wide export (a row for each person) and a long one (a
row for each rating). Each reading has a process of its own, so that its peak memory is its own.
The limits are three times the time of pandas' pyarrow reader and three times the size of the
frame it gives; how far a reading is from them is printed beside it.
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
_PANDAS = (
    "import pandas, pyarrow.csv",
    "pandas.read_csv(sys.argv[1], engine='pyarrow')",
)
_OURS = """from pmstats.cohort import Layout, Mapping, check_export, read_export
from pmstats.scheme import load_scheme
import pandas, pyarrow.csv, pyarrow.parquet
scheme = load_scheme()
def checked(path):  # the whole rule book; what it finds is no frame
    found = check_export(path, scheme=scheme, stage="mid-year")
    return pandas.DataFrame({"problems": [len(found)]})
"""
_READ = "read_export(sys.argv[1], scheme=scheme, stage='mid-year').people"
#: For each layout: pandas alone, and then what pmstats does with the same rows.
READINGS = {
    "one row for each person": {
        "pandas' pyarrow reader alone, CSV": ("wide.csv", *_PANDAS),
        "read and validated, CSV": ("wide.csv", _OURS, _READ),
        "checked by the whole rule book, CSV": ("wide.csv", _OURS, "checked(sys.argv[1])"),
        "read and validated, Parquet": ("wide.parquet", _OURS, _READ),
    },
    "one row for each rating": {
        "pandas' pyarrow reader alone, CSV": ("long.csv", *_PANDAS),
        "read and validated, CSV": (
            "long.csv",
            _OURS,
            "read_export(sys.argv[1], scheme=scheme, mapping=Mapping(layout=Layout.LONG)).people",
        ),
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one reading cost: seconds, and mebibytes of peak memory and of the frame it gave."""

    wall: float
    cpu: float
    peak: float
    frame: float


def write_exports(folder: Path, *, rows: int) -> None:
    """Made-up exports of this many rows: wide as CSV and Parquet, long as CSV."""
    sample = synthesise().export
    picked = np.random.default_rng(1).integers(0, len(sample), rows)
    wide = sample.iloc[picked].reset_index(drop=True)
    wide["person_id"] = [f"P{number:07d}" for number in range(rows)]
    wide.to_csv(folder / "wide.csv", index=False)
    wide.to_parquet(folder / "wide.parquet")
    stages = [name for name in wide if name.startswith("rating_") and not name.endswith("_date")]
    people = wide.head(rows // len(stages))
    kept = [name for name in people if not name.startswith("rating_")]
    long = people.melt(id_vars=kept, value_vars=stages, var_name="stage", value_name="rating")
    long.sort_values("person_id", kind="stable").to_csv(folder / "long.csv", index=False)


def measure(path: Path, imports: str, reading: str) -> Reading:
    """One reading in a fresh process."""
    code = _MEASURE.format(imports=imports, reading=reading)
    command = [sys.executable, "-c", code, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return Reading(**json.loads(done.stdout))


def main(rows: int = ROWS) -> None:
    """Print what each reading costs, as ratios to pandas beside the limit."""
    print(f"Reading {rows:,} rows (limit: {LIMIT:g} times pandas' time and frame)")
    with tempfile.TemporaryDirectory() as folder:
        write_exports(Path(folder), rows=rows)
        for layout, readings in READINGS.items():
            print(f" {layout}")
            alone, *ours = (
                measure(Path(folder) / file, imports, reading)
                for file, imports, reading in readings.values()
            )
            first, *others = readings
            print(f"  {first}: {alone.cpu:.1f} CPU s, frame {alone.frame:,.0f} MiB")
            for name, reading in zip(others, ours, strict=True):
                print(f"  {name}: {_beside(reading, alone)}")


def _beside(reading: Reading, alone: Reading) -> str:
    """One reading as ratios to pandas alone, and whether all of them are within the limit."""
    ratios = (reading.cpu / alone.cpu, reading.wall / alone.wall, reading.peak / alone.frame)
    cpu, wall, peak = (f"{ratio:.2f}" for ratio in ratios)
    limit = "within the limit" if max(ratios) <= LIMIT else "OVER THE LIMIT"
    return (
        f"{reading.cpu:.1f} CPU s, {cpu} times ({wall} by the clock); "
        f"peak {reading.peak:,.0f} MiB, {peak} times the frame: {limit}"
    )


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:2]))
