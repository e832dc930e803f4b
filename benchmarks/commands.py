"""What each command costs before it does anything: CPU seconds and the libraries it loads.

    python -m benchmarks.commands

Every command runs in fresh interpreters; the median is printed. A small file has 200 people.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

DATA = Path(__file__).parents[1] / "data" / "synthetic"
RUNS = 5

#: Libraries that take a tenth of a second or more to load.
HEAVY = (
    *("numpy", "pandas", "pyarrow", "scipy.special", "scipy.stats", "statsmodels", "plotly"),
    *("jinja2", "gptables", "papermill", "duckdb", "sqlalchemy"),
)

#: The most CPU seconds a command may take, where a limit is set.
LIMITS = {"--help": 0.5, "check": 0.5}

#: The program as it is, which says on its way out what it has loaded.
MEASURED = """
import atexit, json, sys
heavy, loaded = json.loads(sys.argv.pop(1)), sys.argv.pop(1)
say = lambda: json.dump([name for name in heavy if name in sys.modules], open(loaded, "w"))
atexit.register(say)
from pmstats.cli import main
sys.exit(main())
"""


def main() -> None:
    """Print the cost of every command, beside its limit where it has one."""
    print("Each command in fresh interpreters: CPU seconds, and the libraries its process loads")
    with tempfile.TemporaryDirectory() as folder:
        for name, command in commands(Path(folder)).items():
            runs = [loaded(*command) for _ in range(RUNS)]
            cpu = statistics.median(seconds for seconds, _ in runs)
            limit = f"  (limit {LIMITS[name]})" if name in LIMITS else ""
            print(f"  {name:<10}{cpu:6.2f}{limit:<13} {' '.join(runs[0][1])}")


def commands(folder: Path) -> dict[str, list[str]]:
    """Every command by its name, on a small file where it reads one."""
    people = (DATA / "scs_2024_25.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    export = folder / "export.csv"
    export.write_text("".join(people[:201]), encoding="utf-8")
    out = ["--out", str(folder)]
    return {
        "--help": ["--help"],
        "schemes": ["schemes"],
        "check": ["check", str(export)],
        "pack": ["pack", str(export), "--department", people[1].split(",")[1], *out],
        "return": ["return", str(export), *out],
        "prune": ["prune", str(folder), "--keep", "9"],
    }


def loaded(*command: str) -> tuple[float, list[str]]:
    """The CPU seconds of a command and all its processes, and the heavy libraries it loads."""
    with tempfile.NamedTemporaryFile() as told:
        arguments = [json.dumps(HEAVY), told.name, *command]
        process = subprocess.Popen(
            [sys.executable, "-c", MEASURED, *arguments],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        _, ended, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(ended)
        return used.ru_utime + used.ru_stime, json.loads(told.read())


if __name__ == "__main__":
    main()
