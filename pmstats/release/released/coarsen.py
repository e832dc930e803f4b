"""A release that passes its audit, made by showing less until it does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pmstats.errors import DisclosureRefusal
from pmstats.release.released.audit import AuditReport, Leak, audit
from pmstats.release.released.door import Views, first_views, release
from pmstats.release.released.facts import FactKind
from pmstats.release.released.policy import policy_for
from pmstats.release.released.protect import COVERAGE, View, ranked_views

if TYPE_CHECKING:
    from pmstats.release.released.audit import Breach
    from pmstats.release.released.facts import Register
    from pmstats.release.released.material import Material
    from pmstats.release.released.policy import Policy
    from pmstats.release.released.release import Release
    from pmstats.scheme import Scheme


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """A release that passed, its audit, and what it shows less of than was first tried."""

    release: Release
    report: AuditReport
    coarser: tuple[str, ...] = ()


def audited(
    material: Material,
    *,
    scheme: Scheme,
    earlier: Sequence[Register] = (),
    coarsen: bool = False,
) -> Audited:
    """The release of a department that passes its audit together with the earlier ones.

    Raises `DisclosureRefusal` when the most telling release does not pass, saying which facts
    together give what away and which coarser view would pass; with `coarsen` gives that view.
    """
    policy = policy_for(scheme, people=material.people)
    views = first_views(material, scheme=scheme, policy=policy)
    first = release(material, scheme=scheme, views=views)
    report = audit(first.register, earlier=earlier, scheme=scheme)
    if report.clean:
        return Audited(release=first, report=report)
    found = _Coarsening(material, scheme, tuple(earlier), policy).passing(views, report)
    coarser = tuple(_differences(material, views, found, policy))
    if not coarsen:
        given_away = "\n".join(f"  - {breach.sentence}" for breach in report.breaches)
        mended = "; ".join(coarser)
        raise DisclosureRefusal(
            f"{material.department} was not released. A reader could be certain of this:\n"
            f"{given_away}\nA coarser view passes: {mended}. Ask for it with --coarsen."
        )
    made = release(material, scheme=scheme, views=found)
    passed = audit(made.register, earlier=earlier, scheme=scheme)
    if not passed.clean:
        raise DisclosureRefusal(f"{material.department} was not released: no view passes.")
    return Audited(release=made, report=passed, coarser=coarser)


class _Coarsening:
    """One breach after another is met by the first step down that leaves fewer of them."""

    def __init__(
        self, material: Material, scheme: Scheme, earlier: tuple[Register, ...], policy: Policy
    ) -> None:
        self.material, self.scheme, self.earlier, self.policy = material, scheme, earlier, policy
        self.tables = {t.id: t for t in (material.overall, *material.tables)}

    def passing(self, views: Views, report: AuditReport) -> Views:
        """Views that pass. Raises `DisclosureRefusal` when even the coarsest do not."""
        while not report.clean:
            words = self._less_said(views, report)
            if words.unsaid != views.unsaid:
                views, report = words, self._audit(words)
                continue
            views, report = self._step(views, report)
        return views

    def _step(self, views: Views, report: AuditReport) -> tuple[Views, AuditReport]:
        for breach in report.breaches:
            first: tuple[Views, AuditReport] | None = None
            for tried in self._moves(views, breach):
                now = self._audit(tried)
                if len(now.breaches) < len(report.breaches):
                    return tried, now
                first = first or (tried, now)
            if first:
                return first
        raise DisclosureRefusal(
            f"{self.material.department} was not released: what was released before gives this "
            "away whatever is left out now:\n"
            + "\n".join(f"  - {breach.sentence}" for breach in report.breaches)
        )

    def _audit(self, views: Views) -> AuditReport:
        made = release(self.material, scheme=self.scheme, views=views)
        return audit(made.register, earlier=self.earlier, scheme=self.scheme)

    def _less_said(self, views: Views, report: AuditReport) -> Views:
        """The views without the one word that most breaches turn on."""
        turning = [breach for breach in report.breaches if breach.leak is Leak.WORDS]
        found = [id for b in turning for place, id in b.facts if place == len(self.earlier)]
        if turning and not found:
            made = release(self.material, scheme=self.scheme, views=views)
            found = [f.id for f in made.register.facts if f.kind is FactKind.WORD]
        first = sorted(found, key=lambda id: (-found.count(id), id))[:1]
        return replace(views, unsaid=views.unsaid.union(first))

    def _moves(self, views: Views, breach: Breach) -> Iterator[Views]:
        """Showing less of the tables that give a breach away, the least first."""
        own = [id for place, id in breach.facts if place == len(self.earlier)]
        named = list(dict.fromkeys(id.split("/")[0] for id in own))
        for name in sorted(named, key=lambda name: (name not in breach.people, name)):
            view = views.of(name)
            table = self.tables.get(name)
            if table is None:
                if name == COVERAGE and not view.left_out(self.policy):
                    yield views.changed(name, View(step=len(self.policy.steps) + 1))
                continue
            if len(table.rows) > 1:
                rows = {row.name for row in table.rows for id in own
                        if id.startswith(f"{name}/{row.name}/")} - set(view.held)  # fmt: skip
                for row in sorted(rows):
                    yield views.changed(name, view.holding(row))
            ranked = ranked_views(table, policy=self.policy)
            steps = [each.step for each in ranked]
            for step in steps[steps.index(view.step) + 1 :]:
                yield views.changed(name, replace(view, step=step))


def _differences(material: Material, before: Views, after: Views, policy: Policy) -> Iterator[str]:
    """What is shown less, in words, with no number of people."""
    for table in (material.overall, *material.tables):
        old, new = before.of(table.id), after.of(table.id)
        if new.left_out(policy) and not old.left_out(policy):
            yield f"{table.caption}: left out"
            continue
        if new.step != old.step:
            boxes = ", ".join(box.name for box in new.boxes(policy)) or "numbers rated only"
            yield f"{table.caption}: {boxes}"
        rows = sorted(set(new.held) - set(old.held))
        if rows:
            yield f"{table.caption}: {', '.join(rows)} withheld"
    if after.of(COVERAGE).left_out(policy):
        yield "Who is counted: left out"
    for id in sorted(after.unsaid - before.unsaid):
        yield f"{id.replace('/', ', ')}: not said"
