"""What the readers of a restricted pack may see of expectations, raters, shares and plans."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

from pmstats.counts.benchmark import Benchmark, Place
from pmstats.counts.expected import Expectations, Expected
from pmstats.counts.progress import Plans
from pmstats.counts.spacing import SpacingBy
from pmstats.counts.strategy import StrategyLinks
from pmstats.findings.agreement import Agreements
from pmstats.findings.finding import Interval
from pmstats.findings.scorecard import Scorecard
from pmstats.findings.sentences import capitalised
from pmstats.findings.shares import Changes, Share, Shares
from pmstats.release.restricted.scorecard import scorecard_table, strategy_table
from pmstats.release.restricted.withholding import withheld
from pmstats.release.table import TOO_FEW, Column, Kind, RestrictedTable, Value, slug

if TYPE_CHECKING:
    from pmstats.scheme import Scheme

FrameworkSubject = (
    Benchmark
    | Scorecard
    | StrategyLinks
    | Expectations
    | Plans
    | SpacingBy
    | Agreements
    | Shares
    | Changes
)

#: Groups named in one cell before the rest are only counted.
NAMED = 12


def framework_table(subject: FrameworkSubject, *, scheme: Scheme) -> RestrictedTable:
    """The table of one of these subjects. Raises `TypeError` for anything that has none."""
    match subject:
        case Benchmark():
            table = benchmark_table(subject)
        case Scorecard():
            table = scorecard_table(subject)
        case StrategyLinks():
            table = strategy_table(subject)
        case Expectations():
            table = expectations_table(subject, scheme=scheme)
        case Plans():
            table = plans_table(subject)
        case SpacingBy():
            table = spacing_table(subject, scheme=scheme)
        case Agreements():
            table = agreements_table(subject, scheme=scheme)
        case Shares():
            table = shares_table(subject, scheme=scheme)
        case Changes():
            table = changes_table(subject, scheme=scheme)
        case _:
            raise TypeError(f"a restricted table cannot be made of {type(subject).__name__}")
    return table


def expectations_table(found: Expectations, *, scheme: Scheme) -> RestrictedTable:
    """Each expectation with how many it is asked of, and how many keep it."""
    named = any(each.named for each in found.each)
    return RestrictedTable(
        id="expectations",
        caption="What is expected, and how often it is so",
        columns=(
            Column(name="Expectation"),
            Column(name="In words"),
            Column(name="Asked of", kind=Kind.COUNT),
            Column(name="So", kind=Kind.COUNT),
            Column(name="Not so", kind=Kind.COUNT),
            Column(name="Not recorded", kind=Kind.COUNT),
            *([Column(name="Which")] if named else []),
            Column(name="Where it stands"),
        ),
        rows=tuple(_expected_row(each, scheme, named=named) for each in found.each),
        notes=("“Not recorded” counts those whose record is empty: nobody knows.",),
    )


def _expected_row(each: Expected, scheme: Scheme, *, named: bool) -> tuple[Value, ...]:
    shown: tuple[Value, ...] = (each.asked, each.kept, each.broken, each.unclear)
    if not each.held:
        shown = ("not held", None, None, None)
    elif 0 < each.asked < scheme.practice.minimum_group:
        shown = (TOO_FEW, None, None, None)
    more = len(each.named) - NAMED
    which = "; ".join(each.named[:NAMED]) + (f" and {more} more" if more > 0 else "")
    stands = f"{each.paragraph} ({'required' if each.firm else 'good practice'})"
    return (each.name, each.sentence, *shown, *([which] if named else []), stands)


def benchmark_table(found: Benchmark) -> RestrictedTable:
    """One organisation among its peers in each matter; peers are counted, never named."""
    told = any(row.narrative for row in found.rows)
    return RestrictedTable(
        id="benchmark",
        caption=f"{found.organisation} among its peers ({found.group.lower()})",
        columns=(
            Column(name=found.heading),
            Column(name="Rating"),
            Column(name="Peers", kind=Kind.COUNT),
            Column(name="Peers higher", kind=Kind.COUNT),
            Column(name="Peers level", kind=Kind.COUNT),
            Column(name="Peers lower", kind=Kind.COUNT),
            Column(name="Middle of the peers"),
            *([Column(name="In words")] if told else []),
        ),
        rows=tuple((*_place_row(row), *([row.narrative] if told else [])) for row in found.rows),
        notes=(
            f"A place among fewer than {found.smallest} peers is not shown "
            f"({found.smallest_source}).",
        ),
    )


def _place_row(row: Place) -> tuple[Value, ...]:
    if not row.middle:
        return (row.matter, row.rating or "not rated", TOO_FEW, None, None, None, "")
    return (row.matter, row.rating, row.peers, row.higher, row.level, row.lower, row.middle)


def plans_table(plans: Plans) -> RestrictedTable:
    """What is done of what was planned."""
    heading = plans.each[0].heading if plans.each else "Group"
    return RestrictedTable(
        id="plans",
        caption="Done of what was planned",
        columns=(
            Column(name=heading),
            Column(name="Plan"),
            Column(name="Plans", kind=Kind.COUNT),
            Column(name="Planned", kind=Kind.COUNT),
            Column(name="Done", kind=Kind.COUNT),
            Column(name="Share done", kind=Kind.SHARE),
        ),
        rows=tuple(
            (row.group, each.title, row.plans, row.whole, row.part, row.share)
            for each in plans.each
            for row in each.rows
        ),
    )


def spacing_table(found: SpacingBy, *, scheme: Scheme) -> RestrictedTable:
    """How far apart regular dates lie, group by group, small groups withheld."""
    sizes = {row.group: row.rows for row in found.rows}
    hidden = withheld(sizes, minimum=scheme.practice.minimum_group)
    many = capitalised(scheme.counted.many)
    return RestrictedTable(
        id="spacing",
        caption=f"{found.title}: days between",
        columns=(
            Column(name=found.heading),
            Column(name=many, kind=Kind.COUNT),
            Column(name="With no date", kind=Kind.COUNT),
            Column(name="Dates", kind=Kind.COUNT),
            Column(name="Gaps", kind=Kind.COUNT),
            Column(name="Median gap in days", kind=Kind.COUNT),
            Column(name=f"Over {found.most_days} days", kind=Kind.COUNT),
            Column(name="Share over", kind=Kind.SHARE),
        ),
        rows=tuple(
            (row.group, TOO_FEW, *([None] * 6))
            if row.group in hidden
            else (
                row.group,
                row.rows,
                row.none,
                row.dates,
                row.gaps,
                row.median_days,
                row.long,
                row.long / row.gaps if row.gaps else None,
            )
            for row in found.rows
        ),
        notes=(
            "A gap runs from one recorded date to the next; dates that nobody recorded make gaps "
            "look longer than they were.",
        ),
    )


def agreements_table(found: Agreements, *, scheme: Scheme) -> RestrictedTable:
    """Each pair of raters in one line: the share alike, kappa and the mean gap in boxes."""
    return RestrictedTable(
        id="agreement",
        caption="How far two ratings of the same things agree",
        columns=(
            Column(name="Raters"),
            Column(name="Rated by both", kind=Kind.COUNT),
            Column(name="Alike", kind=Kind.SHARE),
            Column(name="Low, alike", kind=Kind.SHARE),
            Column(name="High, alike", kind=Kind.SHARE),
            Column(name="Within one box", kind=Kind.SHARE),
            Column(name="Kappa, linear"),
            Column(name="Kappa, quadratic"),
            Column(name="Second less first, in boxes"),
        ),
        rows=tuple(
            (
                each.title,
                each.movement.n,
                each.alike.value if each.alike else TOO_FEW,
                each.alike.low if each.alike else None,
                each.alike.high if each.alike else None,
                each.within_one.value if each.within_one else None,
                _numbers(each.linear, "{:.2f}"),
                _numbers(each.quadratic, "{:.2f}"),
                _numbers(each.gap, "{:+.2f}"),
            )
            for each in found.each
        ),
        notes=(
            "Kappa is 1 where both always agree and 0 where they agree no more than chance would; "
            "with weights, a near miss counts in part (Cohen 1968). Intervals take the "
            f"{scheme.counted.many} as independent of each other; where several belong to one "
            "organisation the true intervals are somewhat wider.",
        ),
    )


def shares_table(found: Shares, *, scheme: Scheme) -> RestrictedTable:
    """The share in a framing for each row with its interval, small rows withheld."""
    hidden = withheld(
        {row.name: row.n for row in found.rows}, minimum=scheme.practice.minimum_group
    )
    return RestrictedTable(
        id=f"share-{slug(found.framing)}-{slug(found.heading)}",
        caption=f"{found.framing}: the share by {found.heading.lower()}",
        question=f"{found.framing}: the share",
        by=found.heading.lower(),
        columns=(
            Column(name=found.heading),
            Column(name="n", kind=Kind.COUNT),
            Column(name="Share", kind=Kind.SHARE),
            Column(name="Low", kind=Kind.SHARE),
            Column(name="High", kind=Kind.SHARE),
            Column(name="No answer", kind=Kind.SHARE),
        ),
        rows=tuple(
            (row.name, TOO_FEW, None, None, None, None)
            if row.name in hidden
            else (row.name, row.n, row.share.value, row.share.low, row.share.high, _missing(row))
            for row in found.rows
        ),
    )


def changes_table(found: Changes, *, scheme: Scheme) -> RestrictedTable:
    """The share of each row at two times and the difference, small rows withheld."""
    least = scheme.practice.minimum_group
    return RestrictedTable(
        id=f"change-{slug(found.framing)}",
        caption=f"{found.framing}: from {found.start} to {found.end}",
        columns=(
            Column(name=found.heading),
            Column(name=f"n, {found.start}", kind=Kind.COUNT),
            Column(name=f"n, {found.end}", kind=Kind.COUNT),
            Column(name=capitalised(found.start), kind=Kind.SHARE),
            Column(name=capitalised(found.end), kind=Kind.SHARE),
            Column(name="Change", kind=Kind.POINTS),
            Column(name="Low", kind=Kind.POINTS),
            Column(name="High", kind=Kind.POINTS),
            Column(name="p", kind=Kind.P_VALUE),
            Column(name="p, adjusted", kind=Kind.P_VALUE),
        ),
        rows=tuple(
            (row.name, TOO_FEW, *([None] * 8))
            if min(row.before.n, row.after.n) < least
            else (
                row.name,
                row.before.n,
                row.after.n,
                row.before.share.value,
                row.after.share.value,
                row.difference.value,
                row.difference.low,
                row.difference.high,
                row.p_value,
                row.adjusted_p,
            )
            for row in found.rows
        ),
        notes=("Adjusted over the rows (Holm 1979); intervals are Miettinen and Nurminen's.",),
    )


def _missing(row: Share) -> float:
    """The share of those in the table who are not rated."""
    everyone = row.n + row.unrated
    return row.unrated / everyone if everyone else float("nan")


def _numbers(interval: Interval | None, form: str) -> str:
    if interval is None:
        return ""
    if isnan(interval.value):
        return "not defined"
    value, low, high = (form.format(v) for v in (interval.value, interval.low, interval.high))
    return f"{value} ({low} to {high})"
