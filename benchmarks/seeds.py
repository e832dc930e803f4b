"""How often a pack raises a gap: with nothing planted, and with effects of real size planted.

Whole made-up years, from export to findings, over many seeds: `python -m benchmarks.seeds`.
The Monte Carlo error is that of a proportion of the number of seeds.
"""

from __future__ import annotations

import math
import sys
import tempfile
from collections import Counter
from pathlib import Path

from pmstats import breakdowns, disparities, load_scheme, read_export
from pmstats.cohort.synthetic import write_synthetic
from pmstats.findings.finding import Verdict

SEEDS = 100
STAGE = "mid-year"


def main() -> None:
    """Print, for each department, the share of seeds in which its pack raised a gap."""
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else SEEDS
    for effects in (False, True):
        flagged, held = _gaps(seeds, effects=effects)
        what = "with planted effects" if effects else "with nothing planted"
        print(f"Packs that raise at least one gap, {what}, {seeds} seeds:")
        for department in sorted(held, key=lambda name: -held[name]):
            share = flagged[department] / seeds
            error = math.sqrt(share * (1 - share) / seeds)
            print(
                f"  {department:<22} about {held[department] // seeds:>4} people: "
                f"{flagged[department]:>3} of {seeds} (Monte Carlo error {100 * error:.1f} points)"
            )
        everything = sum(flagged.values()) / (seeds * len(held))
        print(f"  {'all departments':<22} {100 * everything:.1f}% of packs")


def _gaps(seeds: int, *, effects: bool) -> tuple[Counter[str], Counter[str]]:
    scheme = load_scheme("scs_2024_25")
    flagged: Counter[str] = Counter()
    held: Counter[str] = Counter()
    for seed in range(1, seeds + 1):
        with tempfile.TemporaryDirectory() as folder:
            export, *_ = write_synthetic(Path(folder), seed=seed, effects=effects)
            cohort = read_export(export, scheme=scheme, stage=STAGE)
        for name in cohort.departments:
            ours = cohort.department(name)
            found = disparities(breakdowns(ours, stage=STAGE), scheme=scheme)
            flagged[name] += any(each.verdict is Verdict.GAP for each in found.each)
            held[name] += len(ours)
    return flagged, held


if __name__ == "__main__":
    main()
