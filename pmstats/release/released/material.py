"""What the door of a release is given: true counts, and which groups are compared.

Nothing here is fit to show, and nothing here is printed: the types have no rows in their repr.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pmstats.cohort.cohort import UNDECLARED, UNKNOWN
from pmstats.cohort.eligibility import turns_on
from pmstats.counts import breakdowns as breakdowns_of
from pmstats.counts import coverage, distribution, distributions_by
from pmstats.counts.distribution import Distribution
from pmstats.release.released.course import course_of
from pmstats.release.released.facts import NOT_RATED, RATING, Where, narrowed
from pmstats.release.released.protect import CountRow, CountTable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pmstats.cohort.cohort import Cohort
    from pmstats.counts import Breakdown, Coverage, Groups
    from pmstats.release.released.course import Strand
    from pmstats.scheme import Characteristic, Level

Dimension = tuple[str, tuple[str, ...]]

#: The table of everyone rated, in one row.
OVERALL, EVERYONE = "distribution", "Everyone rated"
#: The dimension of business units.
UNIT = "business_unit"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Material:
    """The true counts of one department at one stage, on their way to a release.

    `dimensions` lists every answer there is; `withheld` says which characteristics are not
    broken down, by title, and why. `whole` is everybody the material is about: the
    department, or one of its units.
    """

    department: str
    unit: str
    year: str
    stage: str
    stage_title: str
    cut_off: str
    export: str
    people: int
    rated: int
    overall: CountTable
    tables: tuple[CountTable, ...]
    dimensions: tuple[Dimension, ...]
    withheld: tuple[tuple[str, str], ...] = ()
    whole: Where = ()
    nobody: tuple[Where, ...] = ()
    before: tuple[tuple[str, str], ...] = ()

    def __repr__(self) -> str:
        return f"<Material: {self.department}, {self.stage}, {self.year}>"


def material_of(cohort: Cohort, *, stage: str, unit: str = "") -> Material:
    """What a release of a department, or of one of its business units, is made from.

    A unit's release has its distribution alone. Groups are compared in the department, where
    there are enough people; each unit's groups beside the department's would give small ones away.
    """
    ours, at = cohort, {"stage": stage}
    if unit:
        ours = replace(cohort, people=cohort.people[cohort.people[UNIT] == unit])
    return material(
        ours,
        ledger=coverage(ours, **at),
        overall=distribution(ours, **at),
        breakdowns=() if unit else breakdowns_of(ours, **at),
        by_grade=None if unit else distributions_by(ours, "grade", **at),
        by_unit=None if unit else distributions_by(ours, UNIT, **at),
        course=() if unit else course_of(ours, **at),
        unit=unit,
        units=units_of(cohort) if unit else (),
        **at,
    )


def units_of(cohort: Cohort) -> tuple[str, ...]:
    """The business units that the export holds people of."""
    if UNIT not in cohort.people.columns:
        return ()
    held = cohort.people[UNIT]
    return tuple(str(name) for name in held.cat.categories if (held == name).any())


def material(
    cohort: Cohort,
    *,
    stage: str,
    ledger: Coverage,
    overall: Distribution,
    breakdowns: Iterable[Breakdown],
    by_grade: Groups | None = None,
    by_unit: Groups | None = None,
    course: Iterable[Strand] = (),
    unit: str = "",
    units: tuple[str, ...] = (),
) -> Material:
    """The counts of one department as a release needs them, or those of one of its `units`.

    `cohort` gives department, export and scheme; no row of it is used. A characteristic is
    taken at its own level or the first coarser one at which every group has the release's
    threshold of people rated; one below the scheme's declaration gate is not broken down.
    `course` is of a department as a whole.
    """
    scheme = cohort.scheme
    day = turns_on(cohort, stage=stage)
    threshold = scheme.release.threshold if scheme.release else 0
    whole: Where = ((UNIT, (unit,)),) if unit else ()
    shown = tuple(breakdowns)
    gate = scheme.practice.declaration_gate
    open_ = [each for each in shown if each.people and each.declaration_rate >= gate]
    characteristics = [scheme.characteristic(each.characteristic) for each in open_]
    pairs = zip(open_, characteristics, strict=True)
    strands = tuple(course)
    groups = [each for each in (by_grade, by_unit) if each and len(each.rows) > 1]
    return Material(
        department=" and ".join(cohort.departments),
        unit=unit,
        year=scheme.cycle,
        stage=stage,
        stage_title=scheme.stage(stage).title,
        cut_off=f"{day:%-d %B %Y}" if day else "",
        export=cohort.export_sha256,
        people=ledger.in_table,
        rated=ledger.rated,
        overall=within(_overall(overall, scheme.paragraphs.distribution), whole),
        tables=tuple(
            within(table, whole)
            for table in (
                *(_groups_table(each) for each in groups),
                *(_characteristic_table(each, known, threshold) for each, known in pairs),
                *(each.table for each in strands),
            )
        ),
        whole=whole,
        dimensions=(
            (RATING, (*scheme.rating_names, NOT_RATED)),
            *(((UNIT, units),) if unit else ()),
            *((_dimension(each), tuple(name for name, _ in each.rows)) for each in groups),
            *((each.name, _answers(each)) for each in characteristics),
            *(dimension for each in strands for dimension in each.dimensions),
        ),
        nobody=tuple(where for each in strands for where in each.nobody),
        before=tuple(pair for each in strands for pair in each.before),
        withheld=tuple(
            (each.title, "fewer people have given an answer than this check asks for")
            for each in shown
            if each not in open_
        ),
    )


def _overall(distribution: Distribution, paragraph: str) -> CountTable:
    return CountTable(
        id=OVERALL,
        caption="People in each box",
        heading="Who",
        rows=(CountRow(name=EVERYONE, where=(), distribution=distribution),),
        paragraph=paragraph,
    )


def _dimension(groups: Groups) -> str:
    return groups.heading.lower().replace(" ", "_")


def _groups_table(groups: Groups) -> CountTable:
    name = _dimension(groups)
    return CountTable(
        id=f"by-{name.replace('_', '-')}",
        caption=f"Ratings by {groups.heading.lower()}",
        heading=groups.heading,
        rows=tuple(
            CountRow(name=label, where=((name, (label,)),), distribution=each)
            for label, each in groups.rows
        ),
    )


def _answers(characteristic: Characteristic) -> tuple[str, ...]:
    """The finest answers there are: every coarser group is made of them."""
    return (*characteristic.levels[0].group_names, UNDECLARED, UNKNOWN)


def _characteristic_table(
    each: Breakdown, characteristic: Characteristic, threshold: int
) -> CountTable:
    levels = [level.name for level in characteristic.levels]
    depth = levels.index(each.level)
    counts = {row.name: row.distribution for row in each.declared}
    while depth + 1 < len(levels) and any(d.n < threshold for d in counts.values()):
        counts = _rolled_up(counts, characteristic.levels[depth])
        depth += 1
    level = characteristic.levels[depth]
    inside = characteristic.groups_at(level.name)
    finest = characteristic.levels[0].group_names
    members = {
        group: tuple(answer for answer in finest if inside[answer] == group)
        for group in level.group_names
    }
    silent = [row for row in each.rows if row.name not in {r.name for r in each.declared}]
    return CountTable(
        id=f"{each.characteristic}-ratings",
        caption=f"Ratings by {each.title.lower()}",
        heading=each.title,
        rows=(
            *(
                CountRow(
                    name=group,
                    where=((each.characteristic, members[group]),),
                    distribution=counts[group],
                )
                for group in level.group_names
            ),
            *(
                CountRow(
                    name=row.name,
                    where=((each.characteristic, (row.name,)),),
                    distribution=row.distribution,
                    compared=False,
                )
                for row in silent
            ),
        ),
        paragraph=each.paragraph,
        characteristic=each.characteristic,
        reference=level.reference,
    )


def _rolled_up(counts: dict[str, Distribution], level: Level) -> dict[str, Distribution]:
    """The counts at the next coarser level, each group with those it belongs with."""
    merged: dict[str, Distribution] = {}
    for group in level.groups:
        here = counts[group.name]
        merged[group.within] = merged[group.within] + here if group.within in merged else here
    return merged


def within(table: CountTable, whole: Where) -> CountTable:
    """The table of the people of `whole` only, such as one business unit."""
    rows = tuple(replace(row, where=narrowed(row.where, **dict(whole))) for row in table.rows)
    return replace(table, rows=rows)
