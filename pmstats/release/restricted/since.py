"""What changed since the check before this one (para 88): answers and boxes, then and now."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pmstats.release.restricted.bundle import Headline, Section
from pmstats.release.table import Column, Kind, RestrictedTable

if TYPE_CHECKING:
    from pmstats.release.restricted.bundle import RestrictedPack
    from pmstats.release.restricted.snapshot import Snapshot
    from pmstats.release.table import Value
    from pmstats.scheme import Scheme


def since_last_check(
    pack: RestrictedPack, earlier: Snapshot | None, *, scheme: Scheme
) -> RestrictedPack:
    """The pack with a line and a section on what changed; the pack as it is without an earlier.

    Questions are matched by their words, boxes by their names; where the two checks have other
    boxes, only answers are set beside each other.
    """
    if earlier is None:
        return pack
    was = {question: answer for question, answer, _ in earlier.headlines}
    both = [line for line in pack.headlines if line.question in was]
    verdicts = [line for line in both if line.section != "coverage"]
    changed = [line for line in verdicts if line.answer != was[line.question]]
    then, now = f"{earlier.stage}, {earlier.cycle}", f"{pack.cover.stage}, {pack.cover.cycle}"
    ratings = _ratings(pack, earlier, then=then, now=now, scheme=scheme)
    sizes = [f"n = {n:,}" if isinstance(n, int) else "n not kept" for n in _sizes(ratings)]
    turned = "; ".join(
        f"{line.question} {was[line.question]}, now {line.answer}" for line in changed
    )
    sentence = (
        f"Beside {then} ({sizes[0]} then, {sizes[1]} now): {len(changed)} of {len(verdicts)} "
        "answers are not the same. With other people and other numbers an answer can turn by "
        "chance."
    )
    answers = RestrictedTable(
        id="since-answers",
        caption="Each answer, then and now",
        columns=(Column(name="Question"), Column(name=then), Column(name=now)),
        rows=tuple((line.question, was[line.question], line.answer) for line in both),
    )
    section = Section(
        id="since",
        title="Since the last check",
        paragraph=next(each.paragraph for each in scheme.stages if each.title == pack.cover.stage),
        sentences=(sentence, *([f"Not the same: {turned}."] if turned else [])),
        tables=(*([ratings] if ratings else []), answers),
    )
    headline = Headline(
        question="What changed since the last check?",
        answer=f"{len(changed) or 'no'} answer{'' if len(changed) == 1 else 's'}",
        sentence=sentence,
        section="since",
    )
    return replace(pack, headlines=(*pack.headlines, headline), sections=(*pack.sections, section))


def _ratings(
    pack: RestrictedPack, earlier: Snapshot, *, then: str, now: str, scheme: Scheme
) -> RestrictedTable | None:
    """The share in each box at both checks; None where either lacks a box or anybody rated."""
    before = next((table for table in earlier.tables if table.id == "distribution"), None)
    after = next(
        (table for s in pack.sections for table in s.tables if table.id == "distribution"), None
    )
    rows: list[tuple[Value, ...]] = []
    for label, table in ((then, before), (now, after)):
        held = {row[0]: row for row in table.rows} if table else {}
        if not (set(scheme.rating_names) <= held.keys() and held["Rated"][1]):
            return None
        shares = (held[box][2] for box in scheme.rating_names)
        rows.append((label, held["Rated"][1], *shares, held["Not rated"][1]))
    return RestrictedTable(
        id="since-ratings",
        caption="The share in each box, then and now",
        columns=(
            Column(name="Check"),
            Column(name="Rated (n)", kind=Kind.COUNT),
            *(Column(name=box, kind=Kind.SHARE) for box in scheme.rating_names),
            Column(name="Not rated", kind=Kind.COUNT),
        ),
        rows=tuple(rows),
    )


def _sizes(ratings: RestrictedTable | None) -> tuple[Value, ...]:
    return ratings.column("Rated (n)") if ratings else (None, None)
