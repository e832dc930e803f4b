"""What the year adds to a pack: its process and, at the end, moderation to the annual return."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from pmstats.counts.annual_return import annual_return
from pmstats.counts.awards import award_breakdowns, award_problems, awards, pot
from pmstats.counts.breakdown import breakdowns
from pmstats.counts.expected import expectations
from pmstats.counts.movement import (
    ceilings,
    moderation_steps,
    movement,
    movement_breakdowns,
    movements,
    movements_by,
)
from pmstats.counts.quarters import boundaries, completion_by, quarters, support
from pmstats.counts.turnover import turnover
from pmstats.counts.units import units
from pmstats.findings.awards import award_disparities
from pmstats.findings.curve import compare_to_curve
from pmstats.findings.differential import differential_movements
from pmstats.findings.disparity import disparities
from pmstats.findings.finding import Verdict
from pmstats.findings.panels import panel_readings
from pmstats.findings.quarters import quarter_readings
from pmstats.findings.steps import step_readings
from pmstats.findings.turnover import change_readings, follow_up
from pmstats.findings.unit_readings import unit_readings
from pmstats.release.bundle import Headline, Section
from pmstats.release.comparisons import verdicts_table
from pmstats.release.parts import PackPart, pack_part
from pmstats.release.restricted import restricted_table

if TYPE_CHECKING:
    from pmstats.cohort.cohort import Cohort
    from pmstats.findings.disparity import Disparities
    from pmstats.release.restricted import Showable
    from pmstats.release.table import RestrictedTable
    from pmstats.release.year import YearSubject


def year_parts(cohort: Cohort, *, stage: str) -> tuple[PackPart, ...]:
    """The further parts of a department's pack: the process and, at the end, the rest of the year.

    Each part is there when the scheme has rules for it and the export holds its columns.
    """
    process = tuple(_process(cohort, stage))
    if not cohort.scheme.stage(stage).moderated:
        return process
    return (
        *_moderation(cohort),
        *_quarters(cohort),
        *process,
        *_since_midyear(cohort, stage),
        *_units(cohort, stage),
        *_awards(cohort),
    )


def _moderation(cohort: Cohort) -> Iterator[PackPart]:
    scheme = cohort.scheme
    steps = moderation_steps(cohort)
    if scheme.moderation is None or not steps:
        return
    start, local = steps[0]
    end = steps[-2][1] if len(steps) > 1 else local
    readings = step_readings(movements(cohort), scheme=scheme)
    alike = differential_movements(movement_breakdowns(cohort, start=start, end=end), scheme=scheme)
    panels = panel_readings(movements_by(cohort, "panel", start=start, end=local), scheme=scheme)
    shown: list[Showable | YearSubject] = [readings, movement(cohort, start=start, end=end)]
    shown += [
        by
        for by in (
            movements_by(cohort, column, start=start, end=end)
            for column in ("grade", "business_unit")
        )
        if len(by.rows) > 1
    ]
    if panels.severity:
        shown.append(panels)
    limits = ceilings(cohort)
    if limits.each:
        shown.append(limits)
    section = Section(
        id="moderation",
        title="Moderation",
        paragraph=scheme.moderation.paragraph,
        sentences=(*readings.sentences, *panels.sentences),
        tables=(
            *(restricted_table(each, scheme=scheme) for each in shown),
            _compared(alike, id="moderation-verdicts", what="Moved from the same starting box"),
        ),
        more=_in_words(alike),
    )
    moved = readings.each[0].movement
    yield PackPart(
        section=section,
        headlines=(
            Headline(
                question="Did moderation move groups alike from the same start?",
                answer=_gaps(alike),
                sentence=f"{readings.each[0].sentence} Groups are compared from the same box.",
                section="moderation",
            ),
        )
        if moved.n
        else (),
    )


def _quarters(cohort: Cohort) -> Iterator[PackPart]:
    scheme = cohort.scheme
    year = quarters(cohort)
    if scheme.support is None or not year.each:
        return
    due = support(cohort)
    readings = quarter_readings(year, scheme=scheme, support=due)
    shown: list[Showable | YearSubject] = [year, completion_by(cohort, "grade"), readings]
    shown += [due] if due else []
    shown.append(boundaries(cohort))
    yield PackPart(
        section=Section(
            id="quarters",
            title="The quarters, and support",
            paragraph=scheme.support.paragraph,
            sentences=readings.sentences,
            tables=tuple(restricted_table(each, scheme=scheme) for each in shown),
        )
    )


def _process(cohort: Cohort, stage: str) -> Iterator[PackPart]:
    """How often the steps due by now were taken in time; counts, and nobody named."""
    found = expectations(cohort, stage=stage)
    asked = [each for each in found.each if each.held and each.asked]
    if not asked:
        return
    part = pack_part(
        found,
        scheme=cohort.scheme,
        id="process",
        title="Evidence of the process",
        paragraph=cohort.scheme.paragraphs.process,
    )
    throughout = sum(each.kept == each.asked for each in asked)
    yield replace(
        part,
        headlines=(
            Headline(
                question="Is the process on record?",
                answer=f"{throughout} of {len(asked)} steps throughout",
                sentence=part.section.sentences[0],
                section="process",
            ),
        ),
    )


def _since_midyear(cohort: Cohort, stage: str) -> Iterator[PackPart]:
    scheme = cohort.scheme
    if scheme.support is None or len(scheme.support.quarters) < 2:
        return
    midyear = scheme.stage(scheme.support.quarters[1])
    if midyear.column not in cohort.people.columns or "person_id" not in cohort.people.columns:
        return
    both = turnover(cohort, cohort, stage_before=midyear.name, stage_after=stage)
    why = change_readings(both, scheme=scheme)
    entries = follow_up(
        *(
            disparities(breakdowns(cohort, stage=each), scheme=scheme)
            for each in (midyear.name, stage)
        ),
        curves=(
            compare_to_curve(both.before, scheme=scheme),
            compare_to_curve(both.after, scheme=scheme),
        ),
    )
    subjects = (both, both.stayed, why, entries)
    yield PackPart(
        section=Section(
            id="since-mid-year",
            title="Since the middle of the year",
            paragraph=midyear.paragraph,
            sentences=(*why.sentences, *entries.sentences),
            tables=tuple(restricted_table(each, scheme=scheme) for each in subjects),
        )
    )


def _units(cohort: Cohort, stage: str) -> Iterator[PackPart]:
    scheme = cohort.scheme
    held = units(cohort, stage=stage)
    if len(held.rows) < 2:
        return
    readings = [unit_readings(held, framing=each.name, scheme=scheme) for each in scheme.framings]
    yield PackPart(
        section=Section(
            id="units",
            title="Business units, given size and grades",
            paragraph=scheme.paragraphs.distribution,
            sentences=tuple(line for each in readings for line in each.sentences),
            tables=tuple(restricted_table(each, scheme=scheme) for each in readings),
        )
    )


def _awards(cohort: Cohort) -> Iterator[PackPart]:
    scheme = cohort.scheme
    if scheme.awards is None:
        return
    if cohort.awards is not None:
        paid = awards(cohort)
        alike = award_disparities(award_breakdowns(cohort), scheme=scheme)
        broken = award_problems(cohort)
        shown: list[Showable | YearSubject] = [paid, pot(paid, cohort=cohort)]
        checked = restricted_table(broken, scheme=scheme)
        rules = [replace(checked, id="award-rules", caption="What the check of awards found")]
        yield PackPart(
            section=Section(
                id="awards",
                title="Awards",
                paragraph=scheme.awards.paragraph,
                sentences=(
                    f"{paid.both.payments:,} awards were paid to {paid.both.people:,} people: "
                    f"{paid.in_year.payments:,} in the year and {paid.end_year.payments:,} at its "
                    "end. Groups are compared among people with the same final rating.",
                ),
                tables=(
                    *(restricted_table(each, scheme=scheme) for each in shown),
                    *(rules if broken else []),
                    _compared(alike, id="award-verdicts", what="Paid, given the rating"),
                ),
                more=_in_words(alike),
            )
        )
    if len(cohort.departments) == 1:
        returned = restricted_table(annual_return(cohort), scheme=scheme)
        yield PackPart(
            section=Section(
                id="return",
                title="The annual return",
                paragraph=scheme.awards.return_paragraph,
                sentences=("These numbers reconcile to the export, or they would not be here.",),
                tables=(returned,),
            )
        )


def _compared(found: Disparities, *, id: str, what: str) -> RestrictedTable:
    return replace(verdicts_table(found), id=id, caption=f"{what}: one comparison each")


def _in_words(found: Disparities) -> tuple[str, ...]:
    return tuple(each.primary.sentence for each in found.each if each.primary)


def _gaps(found: Disparities) -> str:
    compared = [each for each in found.each if each.primary]
    gaps = sum(each.verdict is Verdict.GAP for each in compared)
    return f"{gaps or 'none'} of {len(compared)} not alike"
