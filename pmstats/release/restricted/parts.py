"""The further parts of a pack: what one count or finding adds, as a section and its headlines."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pmstats.counts.distribution import Groups
from pmstats.counts.expected import Expectations
from pmstats.counts.movement import Movement
from pmstats.counts.progress import Plans
from pmstats.counts.spacing import SpacingBy
from pmstats.findings.agreement import Agreements
from pmstats.findings.scorecard import Scorecard
from pmstats.findings.sentences import percent
from pmstats.findings.shares import Changes
from pmstats.release.restricted.bundle import Headline, Section
from pmstats.release.restricted.door import groups_table
from pmstats.release.restricted.framework import FrameworkSubject, framework_table
from pmstats.release.restricted.moderation import movement_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pmstats.release.table import RestrictedTable
    from pmstats.scheme import Scheme

PartSubject = Groups | Movement | FrameworkSubject


@dataclass(frozen=True, slots=True, kw_only=True)
class PackPart:
    """One further section of a pack, the lines it adds to the first page, and its questions."""

    section: Section
    headlines: tuple[Headline, ...] = ()
    questions: tuple[str, ...] = ()


def pack_part(
    *subjects: PartSubject, scheme: Scheme, id: str, title: str, paragraph: str
) -> PackPart:
    """One section of a pack made of counts or findings that belong together.

    `id` is its anchor on the page and begins the ids of its tables; `paragraph` is where the
    framework speaks of the matter.
    """
    return PackPart(
        section=Section(
            id=id,
            title=title,
            paragraph=paragraph,
            sentences=tuple(line for each in subjects for line in _sentences(each, scheme)),
            tables=tuple(
                replace(table, id=f"{id}-{table.id}")
                for each in subjects
                for table in _tables(each, scheme)
            ),
        ),
        headlines=tuple(line for each in subjects for line in _headlines(each, id)),
    )


def _tables(subject: PartSubject, scheme: Scheme) -> Iterator[RestrictedTable]:
    if isinstance(subject, Groups):
        yield groups_table(subject, scheme=scheme)
        return
    if isinstance(subject, Movement):
        yield movement_table(subject, scheme=scheme)
        return
    yield framework_table(subject, scheme=scheme)
    if isinstance(subject, Agreements):
        for each in subject.each:
            yield movement_table(each.movement, scheme=scheme)


def _sentences(subject: PartSubject, scheme: Scheme) -> Iterator[str]:
    match subject:
        case Agreements() | Changes() | Scorecard():
            yield from subject.sentences
        case Movement():
            yield _movement_sentence(subject, scheme)
        case Expectations():
            yield _expectations_sentence(subject)
        case SpacingBy():
            first = subject.rows[0]
            yield (
                f"{subject.title}: a median of {first.median_days:.0f} days; {first.long:,} of "
                f"{first.gaps:,} gaps are over {subject.most_days} days, and {first.none:,} of "
                f"{first.rows:,} {scheme.counted.many} have no date recorded."
            )
        case Plans():
            for each in subject.each:
                done = each.rows[0]
                yield (
                    f"{each.title}: {done.part:,} of {done.whole:,} done "
                    f"in {done.plans:,} {scheme.counted.many}."
                )


def _movement_sentence(moved: Movement, scheme: Scheme) -> str:
    start, end = (scheme.stage(name).title for name in (moved.start, moved.end))
    return (
        f"From {start[:1].lower()}{start[1:]} to {end[:1].lower()}{end[1:]}: of {moved.n:,} "
        f"{scheme.counted.many} rated at both, {moved.raised:,} stand higher and "
        f"{moved.lowered:,} lower."
    )


def _expectations_sentence(found: Expectations) -> str:
    asked = [each for each in found.each if each.held and each.asked]
    kept = [each for each in asked if each.kept == each.asked]
    not_held = len(found.each) - len([each for each in found.each if each.held])
    silent = f" The export is silent on {not_held} more." if not_held else ""
    return (
        f"{len(kept)} of {len(asked)} expectations that the records can answer are kept "
        f"throughout.{silent}"
    )


def _headlines(subject: PartSubject, section: str) -> Iterator[Headline]:
    match subject:
        case Expectations():
            for each in subject.each:
                if each.firm and each.held and each.asked:
                    yield Headline(
                        question=f"{each.name}: is it so throughout?",
                        answer=f"{each.kept:,} of {each.asked:,}",
                        sentence=each.sentence,
                        section=section,
                    )
        case Agreements():
            for pair in subject.each:
                alike = percent(pair.alike.value) if pair.alike else "too few to say"
                yield Headline(
                    question=f"{pair.title}: do they agree?",
                    answer=f"{alike} alike" if pair.alike else alike,
                    sentence=pair.sentences[0],
                    section=section,
                )
