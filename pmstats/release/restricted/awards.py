"""Awards and the annual return as the entitled readers of a restricted pack may see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pmstats.counts.breakdown import Answer
from pmstats.release.restricted.withholding import withheld
from pmstats.release.table import TOO_FEW, Column, Kind, RestrictedTable, Value

if TYPE_CHECKING:
    from pmstats.counts.annual_return import AnnualReturn
    from pmstats.counts.awards import AwardBreakdown, AwardProblems, AwardRow, Awards, Payments, Pot
    from pmstats.scheme import Scheme

_NOT_HELD = "not in the export"


def awards_table(awards: Awards, *, scheme: Scheme) -> RestrictedTable:
    """Payments, people and pounds by final rating, in-year and end-year (paras 49, 71)."""
    minimum = scheme.practice.minimum_group
    hidden = withheld(
        {row.rating: row.people for row in awards.rows if row.people}, minimum=minimum
    )
    rows: list[tuple[Value, ...]] = [_award_row(row, row.rating in hidden) for row in awards.rows]
    everyone = sum(row.people for row in awards.rows)
    rows.append(("All", everyone, *_payments(awards.in_year), *_payments(awards.end_year)))
    notes = [
        f"{count:,} payments {why} are left out."
        for count, why in (
            (awards.other_year, "of another year"),
            (awards.out_of_scope, "to people outside the framework"),
        )
        if count
    ]
    return RestrictedTable(
        id="awards",
        caption="Awards by final rating",
        columns=(
            Column(name="Final rating"),
            Column(name="People", kind=Kind.COUNT),
            Column(name="In-year payments", kind=Kind.COUNT),
            Column(name="In-year, people", kind=Kind.COUNT),
            Column(name="In-year, pounds", kind=Kind.PENCE),
            Column(name="End-year payments", kind=Kind.COUNT),
            Column(name="End-year, people", kind=Kind.COUNT),
            Column(name="End-year, pounds", kind=Kind.PENCE),
        ),
        rows=tuple(rows),
        notes=("Everyone in scope; each row to the penny, and the rows add up.", *notes),
    )


def award_breakdown_table(each: AwardBreakdown, *, scheme: Scheme) -> RestrictedTable:
    """Who was paid in each group of a characteristic; small groups withheld."""
    minimum = scheme.practice.minimum_group
    sizes = {row.name: row.distribution.people for row in each.groups.rows}
    sizes = {name: n for name, n in sizes.items() if n}
    unanswered = {row.name for row in each.groups.rows if row.answer is not Answer.DECLARED}
    hidden = withheld(sizes, minimum=minimum, unanswered=frozenset(unanswered))
    rows: list[tuple[Value, ...]] = []
    for name, n in sizes.items():
        if name in hidden:
            rows.append((name, TOO_FEW, None, None, None))
            continue
        paid = sum(count for count, _ in each.in_year[name])
        eligible = sum(people for _, people in each.end_year[name])
        at_end = sum(count for count, _ in each.end_year[name])
        share = at_end / eligible if eligible >= minimum else TOO_FEW
        rows.append((name, n, paid / n, eligible, share))
    return RestrictedTable(
        id=f"awards-by-{each.groups.characteristic.replace('_', '-')}",
        caption=f"Who was paid, by {each.groups.title.lower()}",
        question="Who was paid,",
        by=each.groups.title.lower(),
        columns=(
            Column(name=each.groups.title),
            Column(name="People", kind=Kind.COUNT),
            Column(name="With an in-year award", kind=Kind.SHARE),
            Column(name="May have an end-year award", kind=Kind.COUNT),
            Column(name="With one, of those who may", kind=Kind.SHARE),
        ),
        rows=tuple(rows),
        notes=("Among those in the table of the final rating.",),
    )


def pot_table(pot: Pot) -> RestrictedTable:
    """What was spent beside the part of the paybill that awards may come to (R37)."""
    reading = "within what is allowed" if pot.within else "more than is allowed"
    return RestrictedTable(
        id="pot",
        caption="Awards and the paybill",
        columns=(
            Column(name="Paybill", kind=Kind.PENCE),
            Column(name="All awards", kind=Kind.PENCE),
            Column(name="Share", kind=Kind.SHARE),
            Column(name="Allowed", kind=Kind.SHARE),
            Column(name="Reading"),
        ),
        rows=(
            (
                pot.paybill_pence or "not given",
                pot.spent_pence,
                pot.share if pot.paybill_pence else None,
                pot.allowed_share,
                reading if pot.paybill_pence else "cannot tell",
            ),
        ),
        notes=("The framework does not say which paybill or which on-costs count.",),
    )


def award_problems_table(found: AwardProblems) -> RestrictedTable:
    """The award rules broken, as counts of payments or people, and what was not checked."""
    rows: list[tuple[Value, ...]] = [
        (each.rule, each.severity.value, each.message, len(each.rows) or None)
        for each in found.each
    ]
    if not found.broken:
        rows.insert(0, ("All checked", "", "No cap and no rule of eligibility is broken.", None))
    return RestrictedTable(
        id="award-rules",
        caption="What the check of awards found",
        columns=(
            Column(name="Rule"),
            Column(name="Weight"),
            Column(name="What"),
            Column(name="Payments or people", kind=Kind.COUNT),
        ),
        rows=tuple(rows),
        notes=(
            "Awards of these departments alone. The cap on a person's year (R34) also counts what "
            "another department paid: the check of the whole export (pmstats check) adds them up.",
        ),
    )


def annual_return_table(returned: AnnualReturn, *, scheme: Scheme) -> RestrictedTable:
    """What paragraphs 89 to 92 ask for: each number, and its percentage of every denominator."""
    people = [
        (f"Rated {' or '.join(boxes)}", returned.ratings.count(*boxes))
        for framing in scheme.framings
        for boxes in (
            *([(box,) for box in framing.ratings] if len(framing.ratings) > 1 else []),
            framing.ratings,
        )
    ]
    rows: list[tuple[Value, ...]] = [
        (what, count, None, *_of_each(count, returned)) for what, count in people
    ]
    paid = returned.awards
    for name, payments in (
        ("In-year", paid.in_year if paid else None),
        ("End-year", paid.end_year if paid else None),
        ("All", paid.both if paid else None),
    ):
        if payments is None:
            rows.append((f"{name} payments", _NOT_HELD, None, None, None, None))
            continue
        rows.append((f"{name} payments", payments.payments, payments.pence, None, None, None))
        shares = _of_each(payments.people, returned)
        rows.append((f"{name} payments, people paid", payments.people, None, *shares))
    under = returned.under_measures
    words = "Under poor-performance measures"
    rows.append(
        (words, _NOT_HELD, None, None, None, None)
        if under is None
        else (words, under, None, *_of_each(under, returned))
    )
    rows += [(f"People {name}", n, None, None, None, None) for name, n in returned.denominators]
    return RestrictedTable(
        id="annual-return",
        caption=f"Annual return, {returned.department}, {returned.cycle}",
        columns=(
            Column(name="What"),
            Column(name="Number", kind=Kind.COUNT),
            Column(name="Pounds", kind=Kind.PENCE),
            *(Column(name=f"% of {name}", kind=Kind.SHARE) for name, _ in returned.denominators),
        ),
        rows=tuple(rows),
        notes=(
            *([scheme.awards.return_note] if scheme.awards and scheme.awards.return_note else []),
            "In scope: a grade the framework covers. Eligible: in the table of the final rating. "
            "Payments to people in scope, eligible or not.",
        ),
    )


def _award_row(row: AwardRow, hide: bool) -> tuple[Value, ...]:
    if hide:
        return (row.rating, TOO_FEW, *([None] * 6))
    return (row.rating, row.people, *_payments(row.in_year), *_payments(row.end_year))


def _payments(each: Payments) -> tuple[int, int, int]:
    return each.payments, each.people, each.pence


def _of_each(count: int, returned: AnnualReturn) -> tuple[Value, ...]:
    return tuple(count / n if n else None for _, n in returned.denominators)
