"""What a reader still gets of a release, beside the naive rule, and what protecting it costs.

The naive rule is the usual one: numbers of 1 to 4 withheld, everything else as counted. Each
line is a department of the made-up year at mid-year: the share of all numbers of its tables (each
group's number of people and its four boxes) that is printed, the share of the characteristics
with a verdict, and the share of withheld numbers that a reader works out exactly. The last
column is the processor time of two releases with their audits, mid-year and the end of the year.
"""

from __future__ import annotations

import time
from pathlib import Path

from pmstats.cohort import Cohort, read_export
from pmstats.release.released.audit import search_of
from pmstats.release.released.coarsen import audited
from pmstats.release.released.facts import RATING, Fact, FactKind, Register, narrowed
from pmstats.release.released.material import Material, material_of
from pmstats.release.released.release import Release
from pmstats.release.released.words import verdict_id
from pmstats.scheme import Scheme, load_scheme

EXPORT = Path(__file__).parents[1] / "data/synthetic/scs_2024_25.csv"
NAIVE = 5
#: Processor seconds that two releases of one department may take (a minute on two cores).
ALLOWED = 120


def main() -> None:
    """Print a line for each department, the smallest first."""
    scheme = load_scheme("scs_2024_25")
    stages = ("mid-year", "final")
    exports = [read_export(EXPORT, scheme=scheme, stage=stage) for stage in stages]
    names = sorted(exports[0].departments, key=lambda name: len(exports[0].department(name)))
    print("What survives: release beside the naive rule (under 5 withheld, totals as counted)")
    headings = "  ".join(f"{each:>15}" for each in ("numbers", "verdicts", "worked out"))
    print(f"people  {headings}  CPU seconds")
    for name in names:
        print(line(*(export.department(name) for export in exports), scheme=scheme))


def line(mid_year: Cohort, final: Cohort, *, scheme: Scheme) -> str:
    """What two releases of one department come to."""
    start = time.process_time()
    counts = material_of(mid_year, stage="mid-year")
    first = audited(counts, scheme=scheme, coarsen=True).release
    ended = material_of(final, stage="final")
    audited(ended, scheme=scheme, earlier=[first.register], coarsen=True)
    seconds = time.process_time() - start
    naive = suppressed(counts, scheme=scheme)
    everything = len(naive.facts)
    withheld = [fact for fact in naive.facts if fact.kind is FactKind.WITHHELD]
    pairs = (
        (printed(first) / everything, 1 - len(withheld) / everything),
        (verdicts(first), 1.0),
        (0.0, undone(naive, scheme=scheme)),
    )
    shown = "  ".join(f"{ours:>6.0%} / {theirs:>6.0%}" for ours, theirs in pairs)
    slow = "" if seconds <= ALLOWED else f"  MORE THAN {ALLOWED}"
    return f"{counts.people:>6}  {shown}  {seconds:>11.1f}{slow}"


def printed(release: Release) -> int:
    """How many numbers of people a release prints of its tables."""
    held = (fact.kind for table in release.tables for fact in table.facts)
    return sum(kind is FactKind.ROUNDED for kind in held)


def verdicts(release: Release) -> float:
    """The share of characteristics that a verdict is given of."""
    said = {fact.id for fact in release.register.facts if fact.kind is FactKind.WORD}
    asked = [s.id for s in release.sections if any(line.section == s.id for line in
             release.headlines) and s.id not in ("coverage", "curve")]  # fmt: skip
    return sum(verdict_id(each) in said for each in asked) / len(asked) if asked else 0.0


def suppressed(counts: Material, *, scheme: Scheme) -> Register:
    """The same tables under the naive rule: exact numbers, totals too, 1 to 4 withheld."""
    facts = []
    for table in (counts.overall, *counts.tables):
        for row in table.rows:
            for boxes in (scheme.rating_names, *((box,) for box in scheme.rating_names)):
                where = narrowed(row.where, **{RATING: boxes})
                count = row.distribution.count(*boxes)
                id = f"{table.id}/{row.name}/{' or '.join(boxes)}"
                small = 0 < count < NAIVE
                facts.append(
                    Fact(id=id, kind=FactKind.WITHHELD, where=where, threshold=NAIVE)
                    if small
                    else Fact(id=id, kind=FactKind.EXACT, where=where, value=count)
                )
    return Register(
        department=counts.department, year=counts.year, stage=counts.stage, export=counts.export,
        threshold=NAIVE, assumed_change=1, dimensions=counts.dimensions, facts=tuple(facts),
    )  # fmt: skip


def undone(register: Register, *, scheme: Scheme) -> float:
    """The share of withheld numbers that a reader of the whole register finds exactly."""
    search = search_of([register], scheme=scheme)
    withheld = {fact.where for fact in register.facts if fact.kind is FactKind.WITHHELD}
    places = [p for p, cell in enumerate(search.cells) if cell.where in withheld]
    limits = [search.limits(search.line(place)) for place in places]
    exact = [each for each in limits if each and each[0] == each[1]]
    return len(exact) / len(places) if places else 0.0


if __name__ == "__main__":
    main()
