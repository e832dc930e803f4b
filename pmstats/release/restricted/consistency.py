"""Counts and findings of one department made into its consistency check pack (paras 83, 88)."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING

from pmstats.cohort.eligibility import turns_on
from pmstats.errors import Severity
from pmstats.findings.sentences import percent
from pmstats.findings.within import CAUTION, WithinGrade
from pmstats.release.restricted.bundle import Cover, Headline, RestrictedPack, Section
from pmstats.release.restricted.comparisons import findings_table, ratios_table
from pmstats.release.restricted.crossed import crossing_table, mix_table
from pmstats.release.restricted.declared import declaration_table
from pmstats.release.restricted.door import (
    breakdown_table,
    coverage_table,
    cumulative_table,
    curve_table,
    detail_table,
    distribution_table,
    groups_table,
    problems_table,
)
from pmstats.release.restricted.notes import method_notes, questions
from pmstats.release.restricted.robustness import everyone_else_table, firmness_table, within_table
from pmstats.release.table import Column, RestrictedTable
from pmstats.scheme.words import cited

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pmstats.cohort.cohort import Cohort
    from pmstats.counts import Breakdown, Coverage, Distribution, Groups
    from pmstats.counts.crossed import Crossed
    from pmstats.findings.crossing import Crossing
    from pmstats.findings.curve import CurveReading
    from pmstats.findings.disparity import Disparities, Disparity
    from pmstats.release.restricted.parts import PackPart
    from pmstats.scheme import Scheme

#: Libraries whose versions decide the numbers in a pack.
NUMERIC_LIBRARIES = ("numpy", "scipy", "pandas")

#: Columns of a table of grades that are all taken together: it says nothing.
ONE_GRADE = 3


def restricted_pack(
    cohort: Cohort,
    *,
    stage: str,
    ledger: Coverage,
    overall: Distribution,
    curve: CurveReading | None,
    disparities: Disparities,
    by_grade: Groups | None = None,
    by_unit: Groups | None = None,
    within: WithinGrade | None = None,
    details: Sequence[Breakdown] = (),
    mixes: Sequence[Crossed] = (),
    together: Sequence[Crossing] = (),
    parts: Sequence[PackPart] = (),
) -> RestrictedPack:
    """The consistency check pack of one department from its counts and findings.

    `cohort` gives the cover its department, export and scheme; no row of it is used. `details`
    and `mixes` stand with their characteristic, `together` in a section of its own. `parts` are
    what a framework has beside ratings and characteristics.
    """
    scheme = cohort.scheme
    more = _beside(details, mixes, scheme)
    return RestrictedPack(
        cover=_cover(cohort, stage),
        headlines=(
            *_headlines(ledger, curve, disparities, scheme),
            *(line for part in parts for line in part.headlines),
        ),
        sections=(
            _coverage_section(ledger, disparities, cohort),
            _distribution_section(overall, (by_grade, by_unit), scheme),
            *([_curve_section(curve, scheme)] if curve else []),
            *(_disparity_section(each, within, more, scheme) for each in disparities.each),
            *([_together_section(together, scheme)] if together else []),
            *(part.section for part in parts),
            *([_not_held_section(cohort)] if scheme.not_held else []),
        ),
        questions=(
            *questions(ledger, curve, disparities, scheme=scheme),
            *(question for part in parts for question in part.questions),
        ),
        decisions=tuple((d.question, d.default, d.paragraph) for d in scheme.decisions),
        methods=tuple(method_notes(disparities, curve, scheme)),
    )


def _cover(cohort: Cohort, stage: str) -> Cover:
    scheme = cohort.scheme
    known = scheme.stage(stage)
    return Cover(
        department=" and ".join(cohort.departments),
        stage=known.title,
        cycle=scheme.cycle,
        cut_off=_cut_off(cohort, stage),
        banner=scheme.notices.banner,
        handling=scheme.notices.handling,
        purpose=scheme.notices.purpose,
        pack=scheme.notices.pack,
        provenance=_origin(cohort, stage),
    )


def provenance(cohort: Cohort, *, stage: str) -> RestrictedTable:
    """Where figures come from: export, stage, cut-off date, framework, versions."""
    return RestrictedTable(
        id="provenance",
        caption="Where these figures come from",
        columns=(Column(name="What"), Column(name="Which")),
        rows=_origin(cohort, stage),
        notes=(cohort.scheme.notices.banner,),
    )


def _origin(cohort: Cohort, stage: str) -> tuple[tuple[str, str], ...]:
    scheme = cohort.scheme
    known = scheme.stage(stage)
    return (
        (scheme.made_for, " and ".join(cohort.departments)),
        ("Export", cohort.export_name),
        ("SHA-256 of the export", cohort.export_sha256),
        *((f"SHA-256 of {name}", sha256) for name, sha256 in cohort.files),
        ("Stage", f"{known.title} ({cited(known.paragraph)})"),
        ("Cut-off date", _cut_off(cohort, stage) or "not stated"),
        ("Framework", f"{scheme.title}, {scheme.edition}"),
        ("Source of the framework", scheme.source),
        ("SHA-256 of the scheme", scheme.sha256),
        *_versions(),
    )


@cache
def _versions() -> tuple[tuple[str, str], ...]:
    return tuple((name, version(name)) for name in ("pmstats", *NUMERIC_LIBRARIES))


def _cut_off(cohort: Cohort, stage: str) -> str:
    day = turns_on(cohort, stage=stage)
    return f"{day:%-d %B %Y}" if day else ""


def _headlines(
    ledger: Coverage,
    curve: CurveReading | None,
    disparities: Disparities,
    scheme: Scheme,
) -> Iterator[Headline]:
    yield Headline(
        question="Is everyone counted?",
        answer=f"{ledger.rated:,} of {ledger.in_table:,} rated",
        sentence=_coverage_sentence(ledger, scheme),
        section="coverage",
    )
    if curve:
        yield Headline(
            question=f"Is {curve.largest.expected} the largest box?",
            answer=curve.largest.reading.value,
            sentence=curve.largest.sentence,
            section="curve",
        )
        for share in curve.shares:
            yield Headline(
                question=f"Is {share.rating} near {100 * share.expected:.4g}%?",
                answer=share.reading.value,
                sentence=share.sentence,
                section="curve",
            )
    for each in disparities.each:
        yield Headline(
            question=f"{each.breakdown.title}: are ratings alike?",
            answer=each.verdict.value if each.primary else "not compared",
            sentence=each.primary.brief if each.primary else each.reason,
            section=each.breakdown.characteristic,
        )


def _coverage_sentence(ledger: Coverage, scheme: Scheme) -> str:
    if not ledger.in_table:
        return f"Nothing in the export (n = {ledger.in_export:,}) belongs in this table."
    belong = (
        f"Of {ledger.in_export:,} {scheme.counted.many} in the export {ledger.in_table:,} belong "
        "in this table"
    )
    if ledger.rated == ledger.in_table > 1:
        return f"{belong}, and all {ledger.rated:,} are rated."
    rated = "is" if ledger.rated == 1 else "are"
    unrated = "is" if ledger.unrated == 1 else "are"
    return (
        f"{belong}; {ledger.rated:,} of them ({percent(ledger.completion)}) {rated} rated and "
        f"{ledger.unrated:,} {unrated} not. What is said of the rated may not hold for the others."
    )


def _coverage_section(ledger: Coverage, disparities: Disparities, cohort: Cohort) -> Section:
    tables = [coverage_table(ledger, scheme=cohort.scheme)]
    if disparities.each:
        tables.append(declaration_table(disparities, scheme=cohort.scheme))
    noted = [each for each in cohort.problems if each.severity is not Severity.ERROR]
    if noted:
        tables.append(problems_table(noted))
    return Section(
        id="coverage",
        title="Who is counted",
        paragraph=cohort.scheme.paragraphs.coverage,
        sentences=(_coverage_sentence(ledger, cohort.scheme),),
        tables=tuple(tables),
    )


def _distribution_section(
    overall: Distribution, groups: tuple[Groups | None, ...], scheme: Scheme
) -> Section:
    tables = [distribution_table(overall, scheme=scheme), cumulative_table(overall, scheme=scheme)]
    tables += [groups_table(each, scheme=scheme) for each in groups if each and len(each.rows) > 1]
    shares = ", ".join(
        f"{rating} {count:,} ({percent(share)})"
        for rating, count, share in zip(
            overall.ratings, overall.counts, overall.shares, strict=True
        )
    )
    sentence = (
        f"Of the {overall.n:,} {scheme.counted.many} rated: {shares}."
        if overall.n
        else f"Nothing is rated at this stage (n = 0, {overall.unrated:,} not rated)."
    )
    return Section(
        id="distribution",
        title="The distribution of ratings",
        paragraph=scheme.paragraphs.distribution,
        sentences=(sentence,),
        tables=tuple(tables),
    )


def _curve_section(curve: CurveReading, scheme: Scheme) -> Section:
    assert scheme.curve is not None
    return Section(
        id="curve",
        title="The expected curve",
        paragraph=scheme.curve.paragraph,
        sentences=(
            *curve.sentences,
            *([scheme.curve.note] if scheme.curve.note else []),
        ),
        tables=(curve_table(curve),) if curve.shares else (),
    )


def _disparity_section(
    each: Disparity,
    within: WithinGrade | None,
    more: Mapping[str, Sequence[RestrictedTable]],
    scheme: Scheme,
) -> Section:
    shown = each.breakdown
    tables: list[RestrictedTable] = []
    if each.primary:
        tables += [breakdown_table(shown, scheme=scheme), findings_table(each), ratios_table(each)]
        tables.append(firmness_table(each))
        tables += more.get(shown.characteristic, ())
    if each.everyone_else:
        tables.append(everyone_else_table(each))
    inside = within.each.get(shown.characteristic, ()) if within else ()
    if within and inside:
        tables.append(within_table(each, within))
    return Section(
        id=shown.characteristic,
        title=shown.title,
        paragraph=shown.paragraph,
        sentences=(
            *((each.primary.brief, each.primary.sentence) if each.primary else (each.reason,)),
            _declared(shown),
        ),
        tables=tuple(tables),
        more=(
            *(finding.sentence for finding in each.exploratory),
            *(
                f"{one.overall.question}. {one.sentence} {CAUTION}"
                for one in inside
                if one.sentence
            ),
        ),
    )


def _declared(shown: Breakdown) -> str:
    if not shown.people:
        return "There is nobody in the table (n = 0)."
    if shown.declaration_rate == 1:
        return f"All {shown.people:,} people in the table have a usable answer."
    return (
        f"{percent(shown.declaration_rate)} of the {shown.people:,} people in the table have a "
        "usable answer; people who chose not to say and people with no answer held are two rows."
    )


def _beside(
    details: Sequence[Breakdown], mixes: Sequence[Crossed], scheme: Scheme
) -> dict[str, list[RestrictedTable]]:
    """The tables that stand with each characteristic beside its comparisons."""
    held: dict[str, list[RestrictedTable]] = {}
    for each in details:
        held.setdefault(each.characteristic, []).append(detail_table(each, scheme=scheme))
    for mix in mixes:
        table = mix_table(mix, scheme=scheme)
        if len(table.columns) > ONE_GRADE:
            held.setdefault(mix.names[0], []).append(table)
    return held


def _together_section(together: Sequence[Crossing], scheme: Scheme) -> Section:
    return Section(
        id="together",
        title="Two characteristics together",
        paragraph=scheme.paragraphs.distribution,
        sentences=(
            "What stands out for one characteristic may be about two at once. These shares are "
            "for looking at: no pair of groups is tested, and a pair of characteristics is left "
            f"out where a pair of groups has fewer than {scheme.practice.minimum_group} people.",
            *(each.sentence for each in together),
        ),
        tables=tuple(crossing_table(each) for each in together),
    )


def _not_held_section(cohort: Cohort) -> Section:
    held = set(cohort.characteristics)
    absent = [c.title for c in cohort.scheme.characteristics if c.name not in held]
    names = "; ".join((*absent, *cohort.scheme.not_held))
    return Section(
        id="not-held",
        title="Characteristics not looked at",
        paragraph=cohort.scheme.paragraphs.not_held,
        sentences=(f"The export holds nothing on these, so this pack is silent on them: {names}.",),
    )
