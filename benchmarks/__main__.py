"""`make bench`: speed, and what survives of a release. `make calibration` measures the methods."""

from __future__ import annotations

from benchmarks import commands, pack, reading, runs, statistics, survival

if __name__ == "__main__":
    commands.main()
    pack.main()
    statistics.main()
    reading.main()
    survival.main()
    runs.main([])
