"""A register made into what people read: tables and sentences whose every number is in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from pmstats.release.released.facts import CONFIDENTIAL, Fact
from pmstats.release.released.protect import COVERAGE, PEOPLE, View, fact_id, percent_of
from pmstats.release.released.release import (
    DOOR,
    Release,
    ReleasedHeadline,
    ReleasedSection,
    ReleasedSentence,
    ReleasedTable,
)
from pmstats.release.released.words import LARGEST, band_id, share_id, verdict_id
from pmstats.release.table import TOO_FEW, Column, Kind

if TYPE_CHECKING:
    from pmstats.release.released.facts import Register
    from pmstats.release.released.material import Material
    from pmstats.release.released.policy import Policy
    from pmstats.release.released.protect import CountTable
    from pmstats.scheme import Scheme

#: What an answer says in place of a word that is not said, and its sentence then adds.
SILENT = "not said"
WHY = " The answer is left out so that no number can be worked out from it."
#: What a sentence says in place of a word that is not said.
NOT_SAID = "not said, so that no number can be worked out from it"


def composed(
    material: Material,
    register: Register,
    *,
    views: Mapping[str, View],
    scheme: Scheme,
    policy: Policy,
) -> Release:
    """The release of a register. Raises `TypeError` for a number that is not in it."""
    writer = _Writer(material, register, views, scheme, policy)
    rules = scheme.release
    assert rules is not None
    methods = tuple(_methods(scheme, policy))
    sections = tuple(writer.sections())
    headlines = tuple(writer.headlines())
    return Release(
        department=material.department,
        unit=material.unit,
        stage_title=material.stage_title,
        cut_off=material.cut_off,
        banner=rules.banner,
        handling=rules.handling,
        policy=policy,
        register=register,
        headlines=headlines,
        sections=sections,
        methods=methods,
        names=tuple(
            dict.fromkeys(
                [
                    material.department, material.unit, material.stage_title, material.cut_off,
                    material.year, rules.banner, rules.handling, scheme.notices.purpose,
                    scheme.title, scheme.edition, *methods,
                    *(line.question for line in headlines),
                    *(text for each in sections for text in (each.title, each.paragraph)),
                    *(c.name for each in sections for t in each.tables for c in t.columns),
                    *(t.caption for each in sections for t in each.tables),
                    *(r[0] for e in sections for t in e.tables for r in t.rows
                      if isinstance(r[0], str)),
                ]
            )
        ),
        key=DOOR,
    )  # fmt: skip


class _Writer:
    """Looks facts up by their ids; a number without a fact cannot be written."""

    def __init__(
        self,
        material: Material,
        register: Register,
        views: Mapping[str, View],
        scheme: Scheme,
        policy: Policy,
    ) -> None:
        self.material, self.scheme, self.policy, self.views = material, scheme, policy, views
        self.facts = {fact.id: fact for fact in register.facts}
        self.compared = {each.characteristic: each for each in register.comparisons}

    def view(self, table: CountTable) -> View:
        return self.views.get(table.id, View(step=0))

    # ---- tables ---------------------------------------------------------------------------------

    def table(self, table: CountTable) -> ReleasedTable | None:
        """The released table, each box as a count and a percentage; None when it is left out."""
        view = self.view(table)
        if view.left_out(self.policy):
            return None
        boxes = [box.name for box in view.boxes(self.policy)]
        names = [PEOPLE, *(name for box in boxes for name in (box, percent_of(box)))]
        return ReleasedTable(
            id=table.id,
            caption=table.caption,
            columns=(
                Column(name=table.heading),
                Column(name="Rated (n)", kind=Kind.COUNT),
                *(Column(name=name, kind=Kind.COUNT) for name in names[1:]),
            ),
            rows=tuple(
                (row.name, *(self.cell(table.id, row.name, name) for name in names))
                for row in table.rows
            ),
            key=DOOR,
        )

    def cell(self, table: str, row: str, column: str) -> Fact | str:
        return self.facts.get(fact_id(table, row, column), CONFIDENTIAL)

    def coverage(self) -> ReleasedTable | None:
        rows = tuple(
            (name, self.facts[fact_id(COVERAGE, name, PEOPLE)])
            for name in ("In the table", "Rated", "Not rated")
            if fact_id(COVERAGE, name, PEOPLE) in self.facts
        )
        if not rows:
            return None
        columns = (Column(name="Who"), Column(name="People", kind=Kind.COUNT))
        return ReleasedTable(
            id=COVERAGE, caption="People counted", columns=columns, rows=rows, key=DOOR
        )

    # ---- words ----------------------------------------------------------------------------------

    def said(self, text: str, *parts: Fact | str) -> ReleasedSentence:
        return ReleasedSentence(text=text, parts=parts, key=DOOR)

    def word(self, id: str, *, otherwise: str = NOT_SAID) -> Fact | str:
        return self.facts.get(id, otherwise)

    def headlines(self) -> Iterator[ReleasedHeadline]:
        rated = self.facts.get(fact_id(COVERAGE, "Rated", PEOPLE))
        whole = self.facts.get(fact_id(COVERAGE, "In the table", PEOPLE))
        if rated and whole:
            yield ReleasedHeadline(
                question="Is everyone counted?",
                answer=self.said("about {} rated", rated),
                sentence=self.said("About {} of about {} people are rated.", rated, whole),
                section=COVERAGE,
            )
        for question, id in self.curve():
            yield ReleasedHeadline(
                question=question,
                answer=self.said("{}", self.word(id, otherwise=SILENT)),
                sentence=self.said(
                    "The word rests on the true counts; the curve is a description of what is "
                    f"usual, not a target.{'' if id in self.facts else WHY}"
                ),
                section="curve",
            )
        for table in self.material.tables:
            if table.characteristic:
                yield ReleasedHeadline(
                    question=f"{table.heading}: are ratings alike?",
                    answer=self.said("{}", self.verdict(table)),
                    sentence=self.verdict_sentence(table),
                    section=table.characteristic,
                )

    def curve(self) -> list[tuple[str, str]]:
        curve = self.scheme.curve
        if curve is None:
            return []
        return [
            (f"Is {curve.largest} the largest box?", LARGEST),
            *(
                (f"Is {each.rating} near {100 * each.share:.4g}%?", share_id(each.rating))
                for each in curve.shares
            ),
        ]

    def verdict(self, table: CountTable) -> Fact | str:
        if table.characteristic not in self.compared:
            return TOO_FEW
        return self.word(verdict_id(table.characteristic), otherwise=SILENT)

    def verdict_sentence(self, table: CountTable) -> ReleasedSentence:
        compared = self.compared.get(table.characteristic)
        if compared is None:
            return self.said(
                "Fewer than two groups, the comparator among them, are large enough to compare "
                "in a release."
            )
        reference, *others = (name for name, _ in compared.groups)
        band = self.facts.get(band_id(table.characteristic))
        groups = ", ".join(others)
        text = "Compared on the whole scale: {} beside {}."
        if verdict_id(table.characteristic) not in self.facts:
            text += WHY
        if band:
            return self.said(text + " Adjusted {}.", groups, reference, band)
        return self.said(text, groups, reference)

    # ---- sections -------------------------------------------------------------------------------

    def sections(self) -> Iterator[ReleasedSection]:
        coverage = self.coverage()
        yield ReleasedSection(
            id=COVERAGE,
            title="Who is counted",
            paragraph=self.scheme.paragraphs.coverage,
            sentences=(self.said("Every number is rounded, so that parts need not add up."),),
            tables=(coverage,) if coverage else (),
        )
        groups = [t for t in self.material.tables if not t.characteristic and not t.section]
        yield self.section(
            "distribution", "The distribution of ratings", self.material.overall, *groups
        )
        words = [(question, self.word(id)) for question, id in self.curve()]
        if words:
            assert self.scheme.curve is not None
            yield ReleasedSection(
                id="curve",
                title="The expected curve",
                paragraph=self.scheme.curve.paragraph,
                sentences=tuple(self.said("{} {}.", question, word) for question, word in words),
            )
        for table in self.material.tables:
            if table.characteristic:
                verdict = self.said("{}: {}.", table.heading, self.verdict(table))
                yield self.section(
                    table.characteristic,
                    table.heading,
                    table,
                    sentences=(verdict, self.verdict_sentence(table)),
                )
        course = [table for table in self.material.tables if table.section]
        if course:
            yield self.section(
                course[0].section,
                "The course of the year",
                *course,
                sentences=(
                    self.said(
                        "Numbers of the people rated now, by what was recorded of them earlier; "
                        "for the department as a whole only."
                    ),
                ),
            )
        if self.material.withheld:
            yield ReleasedSection(
                id="not-shown",
                title="Not broken down",
                paragraph="",
                sentences=tuple(
                    self.said("{}: {}.", title, reason) for title, reason in self.material.withheld
                ),
            )

    def section(
        self,
        id: str,
        title: str,
        *tables: CountTable,
        sentences: tuple[ReleasedSentence, ...] = (),
    ) -> ReleasedSection:
        made = [(table, self.table(table)) for table in tables]
        out = [table for table, released in made if released is None]
        return ReleasedSection(
            id=id,
            title=title,
            paragraph=tables[0].paragraph,
            sentences=(
                *sentences,
                *(
                    self.said(
                        "{}: [x], left out so that no number can be worked out.", each.caption
                    )
                    for each in out
                ),
            ),
            tables=tuple(released for _, released in made if released),
        )


def _methods(scheme: Scheme, policy: Policy) -> Iterator[str]:
    rules = scheme.release
    assert rules is not None
    yield (
        f"Numbers of people under {policy.threshold}, none included, are withheld "
        f"({rules.threshold_source}). All others are rounded to the nearest {policy.base}, totals "
        f"on their own ({rules.base_source})."
    )
    yield (
        "Percentages are whole numbers made from the rounded numbers; they are not given of fewer "
        f"than about {policy.reliable_from} people ({rules.reliable_from_source})."
    )
    yield (
        "Boxes are merged where that lets more be shown; a table has the same boxes for all groups."
    )
    yield (
        "A verdict rests on the true counts: one permutation test of the whole scale for each "
        "characteristic, adjusted over those compared (Benjamini and Hochberg 1995). Gap: adjusted "
        "evidence of a difference. Possible gap: evidence only when taken alone. No material gap: "
        "any difference is small. Cannot tell: none of these. No interval, ratio or p-value is "
        f"given ({rules.findings_source})."
    )
    yield (
        "Before it was written, every number on this page was tried together with everything "
        "released before of this department and year: no number of people under the threshold, "
        "and no small change between releases, can be worked out from them."
    )
    yield (
        "This protects against a reader with every release of the year, the exact figures of the "
        "annual return and a solver. It does not protect against somebody who knows the ratings "
        "of nearly all people of a group, nor against guessing what is likely, nor beside numbers "
        "published in other ways."
    )
    for each in rules.shorthand:
        yield f"{each.sign}: {each.meaning}."
