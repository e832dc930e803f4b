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
from pmstats.findings.panels import panel_readings
from pmstats.findings.quarters import quarter_readings
from pmstats.findings.sentences import listed, percent
from pmstats.findings.steps import step_readings
from pmstats.findings.turnover import change_readings, follow_up
from pmstats.findings.unit_readings import unit_readings
from pmstats.release.restricted.bundle import Headline, Section
from pmstats.release.restricted.comparisons import verdicts_table
from pmstats.release.restricted.door import restricted_table
from pmstats.release.restricted.parts import PackPart, pack_part
from pmstats.release.restricted.year_headlines import alike as alike_headline
from pmstats.release.restricted.year_headlines import (
    flagged,
    in_words,
    panels_alike,
    since_midyear,
    units_alike,
)

if TYPE_CHECKING:
    from pmstats.cohort.cohort import Cohort
    from pmstats.counts.awards import AwardProblems, Pot
    from pmstats.findings.disparity import Disparities
    from pmstats.release.restricted.door import Showable
    from pmstats.release.restricted.year import YearSubject
    from pmstats.release.table import RestrictedTable


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
        sentences=(*readings.sentences, *_stands_out(alike), *panels.sentences),
        tables=(
            *(restricted_table(each, scheme=scheme) for each in shown),
            _compared(alike, id="moderation-verdicts", what="Moved from the same starting box"),
        ),
        more=_in_words(alike),
    )
    changed = [each.movement for each in readings.each]
    silent = sum(each.unexplained or 0 for each in changed)
    asked = scheme.prompts.unexplained.format(n=f"{silent:,}")
    yield PackPart(
        section=section,
        headlines=(
            alike_headline(
                alike,
                question="Did moderation move groups alike from the same start?",
                section="moderation",
            ),
            *panels_alike(panels),
        )
        if changed[0].n
        else (),
        questions=(
            *_questions(alike, scheme.prompts.moved),
            *([asked] if silent and asked else []),
        ),
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
            folded=True,
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
                answer=f"{throughout} of {len(asked)} kept throughout",
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
            more=tuple(each.sentence for each in entries.each if not each.for_next_year),
        ),
        headlines=(since_midyear(why),) if both.stayed.n else (),
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
            folded=True,
        ),
        headlines=(units_alike(readings),),
    )


def _awards(cohort: Cohort) -> Iterator[PackPart]:
    scheme = cohort.scheme
    if (
        scheme.awards is None
        or scheme.stage(scheme.awards.rating_stage).column not in cohort.people
    ):
        return  # an export made before the year's end has no rating of the year yet
    if cohort.awards is not None:
        paid = awards(cohort)
        alike = award_disparities(award_breakdowns(cohort), scheme=scheme)
        found = award_problems(cohort)
        of_pot = pot(paid, cohort=cohort)
        shown: list[Showable | YearSubject] = [paid, of_pot, found]
        yield PackPart(
            section=Section(
                id="awards",
                title="Awards",
                paragraph=scheme.awards.paragraph,
                sentences=(
                    f"{paid.both.payments:,} awards were paid to {paid.both.people:,} people: "
                    f"{paid.in_year.payments:,} in the year and {paid.end_year.payments:,} at its "
                    "end. Groups are compared among people with the same final rating.",
                    *_caps(found),
                    *_spent(of_pot),
                    *_stands_out(alike),
                ),
                tables=(
                    *(restricted_table(each, scheme=scheme) for each in shown),
                    _compared(alike, id="award-verdicts", what="Paid, given the rating"),
                ),
                more=_in_words(alike),
            ),
            headlines=(
                alike_headline(
                    alike, question="Were groups paid alike, given their rating?", section="awards"
                ),
            ),
            questions=_questions(alike, scheme.prompts.paid),
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


def _stands_out(found: Disparities) -> tuple[str, ...]:
    """The comparisons that stand out, in words; the others are in `_in_words`."""
    return tuple(in_words(each) for each in flagged(found))


def _in_words(found: Disparities) -> tuple[str, ...]:
    told = flagged(found)
    return tuple(in_words(each) for each in found.each if each.primary and each not in told)


def _questions(found: Disparities, prompt: str) -> tuple[str, ...]:
    held = [each.breakdown.title for each in flagged(found)]
    return (prompt.format(title=listed(held)),) if held and prompt else ()


def _caps(found: AwardProblems) -> Iterator[str]:
    """Whether the check of awards found a breach; notes on what it could not check are none."""
    if found.broken:
        payments = sum(len(each.rows) for each in found.broken)
        rules = "1 rule" if len(found.broken) == 1 else f"{len(found.broken)} rules"
        yield (
            f"The check found {rules} on awards broken, in {payments:,} payments or people (see "
            "what the check of awards found)."
        )
    else:
        yield "The check of these awards found no cap and no rule of eligibility broken."


def _spent(found: Pot) -> Iterator[str]:
    if found.paybill_pence:
        word = "within" if found.within else "above"
        yield (
            f"All awards come to {percent(found.share)} of the paybill that was given, {word} the "
            f"{percent(found.allowed_share)} allowed."
        )
