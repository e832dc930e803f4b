"""What is planted in made-up years, found where it was planted and nowhere else, seed by seed.

Whole years from export to findings: one panel harsh, one group moved down 15 points more often
from the same box, panels that all fit the guide too well; then, against the year before, other
people rated alike and like people rated otherwise. `python -m benchmarks.planted`, fixed seeds.
"""

from __future__ import annotations

import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measures import Measure, proportion, table
from pmstats.cohort import Cohort, read_export
from pmstats.cohort.synthetic import synthesise
from pmstats.cohort.synthetic.year import SyntheticYear
from pmstats.counts.movement import movement_breakdowns, movements_by
from pmstats.counts.turnover import turnover
from pmstats.findings.differential import differential_movements
from pmstats.findings.finding import Verdict
from pmstats.findings.panels import PanelReading, panel_readings
from pmstats.findings.turnover import ShareChange, change_readings
from pmstats.scheme import Scheme, a_year_earlier, load_scheme

SCHEME = load_scheme()
KEY = bytes(32)
SEEDS = 60
#: What `synthesise` plants, as its truth names it.
HARSH, DOWN, FITTED = "HARSH_PANEL", "GROUP_MOVED_DOWN", "FITS_TOO_WELL"
OTHER_PEOPLE, OTHER_RATINGS = "other people, rated alike", "like people, rated otherwise"
#: The part of the change in the top two boxes that other people make, from which it is called so,
#: in departments where it is not chance alone who came and went.
MATERIAL, LARGE = 0.02, 150


def read(year: SyntheticYear, folder: Path, *, scheme: Scheme) -> Cohort:
    """A made-up year as an analyst would read it; both years with one key."""
    path = folder / "year.csv"
    year.export.to_csv(path, index=False)
    return read_export(path, scheme=scheme, key=KEY)


def moderation(cohort: Cohort, year: SyntheticYear) -> Iterator[tuple[str, bool, bool]]:
    """For each department and signal: its name, whether it was planted here, whether found."""
    planted = {signal["signal"].name: signal for signal in year.truth["moderation"]}
    for name in cohort.departments:
        ours = cohort.department(name)
        panels = panel_readings(
            movements_by(ours, "panel", start="recommended", end="local"), scheme=SCHEME
        )
        harsh = [each.panel for each in panels.severity if each.reading is PanelReading.MORE]
        here = planted[HARSH]["department"] == name
        yield "a harsh panel", here, planted[HARSH]["where"] in harsh if here else bool(harsh)
        alike = panels.too_alike.p_value <= SCHEME.practice.significance
        yield "panels that fit too well", planted[FITTED]["department"] == name, alike
        moved = differential_movements(
            movement_breakdowns(ours, start="recommended", end="overall"), scheme=SCHEME
        )
        gaps = [each for each in moved.each if each.verdict is Verdict.GAP]
        here = planted[DOWN]["department"] == name
        found = moved["sex"] in gaps if here else bool(gaps)
        yield "a group moved down", here, found


def change(before: Cohort, after: Cohort, year: SyntheticYear) -> Iterator[tuple[str, bool, bool]]:
    """For each department and kind of change: its name, whether it was planted, whether found."""
    for plan in year.truth["departments"]:
        name, kind = plan["name"], plan["before"]
        both = turnover(
            before.department(name),
            after.department(name),
            stage_before="final",
            stage_after="final",
        )
        split = _by_age(change_readings(both, scheme=SCHEME).each)
        rated_otherwise = 0.0 not in split.rates
        if both.after.n >= LARGE:
            other_people = split.split.composition >= MATERIAL and not rated_otherwise
            yield "other people, rated alike", kind == OTHER_PEOPLE, other_people
        yield "like people, rated otherwise", kind == OTHER_RATINGS, rated_otherwise


def measures(seeds: int = SEEDS) -> list[Measure]:
    """The share of seeds in which each effect is found where it is, and where it is not."""
    seen: dict[tuple[str, bool], list[bool]] = defaultdict(list)
    for seed in range(1, seeds + 1):
        year = synthesise(seed=seed, moderation=True, previous=True)
        assert year.previous is not None
        with tempfile.TemporaryDirectory() as folder:
            after = read(year, Path(folder), scheme=SCHEME)
            before = read(year.previous, Path(folder), scheme=a_year_earlier(SCHEME))
        for what, here, found in (*moderation(after, year), *change(before, after, year)):
            seen[what, here].append(found)
    return [
        proportion(
            found,
            method=what,
            measure="found where planted" if here else "found where nothing is",
            setting=f"{seeds} years, {'its department' if here else 'the others'}",
        )
        for (what, here), found in sorted(
            seen.items(), key=lambda each: (each[0][0], not each[0][1])
        )
    ]


def _by_age(each: tuple[ShareChange, ...]) -> ShareChange:
    top = SCHEME.framings[0].name
    return next(one for one in each if (one.by, one.framing) == ("Age", top))


if __name__ == "__main__":
    print(table(measures(int(sys.argv[1]) if len(sys.argv) > 1 else SEEDS)))
