"""The door of the release class: true counts in, a `Release` out, and nothing else made here.

What is shown of each table is chosen so that the table gives nothing away beside the
distribution of everyone; whether all of it together does is for the audit to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pmstats.errors import DisclosureRefusal
from pmstats.release.released.audit import is_clean
from pmstats.release.released.facts import (
    NOT_RATED,
    RATING,
    Comparison,
    Fact,
    FactKind,
    Register,
    says,
)
from pmstats.release.released.policy import Policy, policy_for
from pmstats.release.released.protect import (
    COVERAGE,
    CountTable,
    View,
    comparison,
    coverage_facts,
    protected,
    ranked_views,
    size_fact,
)
from pmstats.release.released.sections import composed
from pmstats.release.released.words import (
    LARGEST,
    band_id,
    curve_words,
    share_id,
    verdict_id,
    verdict_words,
)

if TYPE_CHECKING:
    from pmstats.release.released.material import Material
    from pmstats.release.released.release import Release
    from pmstats.scheme import Scheme


@dataclass(frozen=True, slots=True, kw_only=True)
class Views:
    """How much of each table is shown, by id, and the words that are not said, by fact id."""

    tables: Mapping[str, View] = field(default_factory=dict)
    unsaid: frozenset[str] = frozenset()

    def of(self, table: str) -> View:
        """The view of a table; without one, the whole of it."""
        return self.tables.get(table, View(step=0))

    def changed(self, table: str, view: View) -> Views:
        """The same views but for one table."""
        return replace(self, tables={**self.tables, table: view})


def release(material: Material, *, scheme: Scheme, views: Views | None = None) -> Release:
    """The release of one department's counts: every number registered, none of them audited.

    Without `views` every table is shown as far as it is safe by itself. Raises
    `DisclosureRefusal` under a scheme without release rules, and when a number to be printed
    says something of the true count that is not so: then the protector is at fault.
    """
    policy = policy_for(scheme, people=material.people)
    views = first_views(material, scheme=scheme, policy=policy) if views is None else views
    register = registered(material, scheme=scheme, policy=policy, views=views)
    return composed(material, register, views=views.tables, scheme=scheme, policy=policy)


def registered(
    material: Material,
    *,
    scheme: Scheme,
    policy: Policy,
    views: Views,
    tables: tuple[CountTable, ...] | None = None,
) -> Register:
    """Every fact of a release under these views, each held against the true count it stands for.

    With `tables` only those, and the words that rest on them.
    """
    shown = (material.overall, *material.tables) if tables is None else tables
    facts = [size_fact(material.whole, policy)]
    if not views.of(COVERAGE).left_out(policy):
        facts += coverage_facts(material.people, material.rated, material.whole, policy)
    for table in shown:
        facts += protected(table, view=views.of(table.id), policy=policy)
    _held_to_the_truth(facts, material, shown)
    found = (comparison(table, view=views.of(table.id), policy=policy) for table in shown)
    compared = tuple(each for each in found if each)
    facts += _words(material, compared, scheme=scheme, unsaid=views.unsaid)
    return Register(
        department=material.department,
        year=material.year,
        stage=material.stage,
        export=material.export,
        threshold=policy.threshold,
        assumed_change=policy.assumed_change,
        dimensions=material.dimensions,
        facts=tuple(facts),
        comparisons=compared,
        whole=material.whole,
        nobody=material.nobody,
        before=material.before,
    )


def _words(
    material: Material, compared: Sequence[Comparison], *, scheme: Scheme, unsaid: frozenset[str]
) -> Iterator[Fact]:
    rows = {row.where: row.distribution for table in material.tables for row in table.rows}
    scales = {
        each.characteristic: [
            tuple(rows[where].count(rating) for rating in scheme.worst_first)
            for _, where in each.groups
        ]
        for each in compared
    }
    (everyone,) = material.overall.rows
    said = {
        **curve_words(everyone.distribution, scheme=scheme),
        **verdict_words(scales, scheme=scheme),
    }
    for id, word in said.items():
        if id not in unsaid:
            yield Fact(id=id, kind=FactKind.WORD, where=material.whole, word=word)


def _held_to_the_truth(
    facts: list[Fact], material: Material, tables: tuple[CountTable, ...]
) -> None:
    """Refuse numbers that say of the true counts what is not so, or nothing that can be read."""
    rows = {row.where: row.distribution for table in tables for row in table.rows}
    for fact in facts:
        if fact.kind is FactKind.PERCENT:
            continue
        boxes = dict(fact.where).get(RATING)
        group = tuple(entry for entry in fact.where if entry[0] != RATING)
        if group == material.whole and boxes in (None, (NOT_RATED,)):
            true = material.people if boxes is None else material.people - material.rated
        else:
            true = rows[group].count(*(boxes or ())) if group in rows else material.rated
        try:
            low, high = says(fact)
        except ValueError as error:
            raise DisclosureRefusal(f"A number cannot be read as the rules say: {error}.") from None
        if true < low or (high is not None and true > high):
            raise DisclosureRefusal(f"{fact.id}: what would be printed is not so.")


def first_views(material: Material, *, scheme: Scheme, policy: Policy) -> Views:
    """The most telling view of each table that is safe beside the distribution of everyone.

    For everyone, numbers come before words; for a characteristic its verdict comes first, since
    it answers the question the table is there for.
    """
    views = Views()
    beside: tuple[CountTable, ...] = ()
    for table in (material.overall, *material.tables):
        views = _first_view(table, beside, views, material, scheme=scheme, policy=policy)
        beside = beside or (table,)
    return views


def _first_view(
    table: CountTable,
    beside: tuple[CountTable, ...],
    views: Views,
    material: Material,
    *,
    scheme: Scheme,
    policy: Policy,
) -> Views:
    ranked = ranked_views(table, policy=policy)
    silent = frozenset([verdict_id(table.characteristic), band_id(table.characteristic)])
    options = [(view, views.unsaid) for view in ranked]
    if not beside:
        curve = [share_id(each.rating) for each in scheme.curve.shares] if scheme.curve else []
        fewer: tuple[list[str], ...] = ([], curve, [*curve, LARGEST])
        options = [(view, frozenset(unsaid)) for view in ranked for unsaid in fewer]
    elif table.characteristic:
        telling = [view for view in ranked if view.boxes(policy)]
        options = [(view, views.unsaid) for view in telling]
        options += [(view, views.unsaid | silent) for view in ranked]
    for view, unsaid in options:
        tried = Views(tables={**views.tables, table.id: view}, unsaid=unsaid)
        register = registered(
            material, scheme=scheme, policy=policy, views=tried, tables=(*beside, table)
        )
        if view.left_out(policy) or is_clean([register], scheme=scheme):
            return tried
    raise AssertionError("the last view leaves the table out")
