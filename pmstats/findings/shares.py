"""The share in the boxes of a framing, row by row, and how it changed from one time to another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pmstats.findings.finding import Interval, TestResult, Verdict
from pmstats.findings.methods.intervals import share_interval
from pmstats.findings.methods.multiplicity import holm
from pmstats.findings.methods.reconcile import compare_shares
from pmstats.findings.methods.verdict import verdict
from pmstats.findings.sentences import percent, signed_points

if TYPE_CHECKING:
    from pmstats.counts import Distribution, Groups
    from pmstats.scheme import Framing, Scheme


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """The share of one row in the boxes of a framing, of those rated, and who is not rated."""

    name: str
    count: int
    n: int
    unrated: int
    share: Interval


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Shares:
    """The share in the boxes of one framing for each row: a statement, a stage, an office."""

    heading: str
    framing: str
    rows: tuple[Share, ...]

    def __repr__(self) -> str:
        return f"<Shares of {self.framing.lower()}: {len(self.rows)} rows>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The share of one row at two times, of different people: the difference, later less earlier.

    `verdict` is a gap where the share changed, adjusted over the rows (Holm 1979).
    """

    name: str
    before: Share
    after: Share
    difference: Interval
    p_value: float
    adjusted_p: float
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Changes:
    """What changed in each row from one time to another."""

    heading: str
    framing: str
    start: str
    end: str
    rows: tuple[Change, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        """What changed, in words; what did not is named together."""
        moved = [row for row in self.rows if row.verdict in (Verdict.GAP, Verdict.POSSIBLE_GAP)]
        said = tuple(
            f"{row.name}: {percent(row.before.share.value)} in {self.start} (n = {row.before.n:,}) "
            f"and {percent(row.after.share.value)} in {self.end} (n = {row.after.n:,}), "
            f"{signed_points(row.difference.value)} "
            f"({signed_points(row.difference.low)} to {signed_points(row.difference.high)}): "
            f"{_WORDS[row.verdict]}."
            for row in moved
        )
        rest = len(self.rows) - len(moved)
        others = f"the other {rest}" if moved else f"any of the {rest}"
        return (*said, *([f"No clear change in {others}."] if rest else []))

    def __repr__(self) -> str:
        return f"<Changes of {self.framing.lower()}: {len(self.rows)} rows>"


_WORDS = {
    Verdict.GAP: "a change",
    Verdict.POSSIBLE_GAP: "a change if looked at alone, not beside the others",
}


def shares(groups: Groups, *, framing: str, scheme: Scheme) -> Shares:
    """The share of each row in the boxes of a framing, with Wilson intervals.

    Raises `KeyError` for a framing the scheme lacks.
    """
    chosen = scheme.framing(framing)
    return Shares(
        heading=groups.heading,
        framing=framing,
        rows=tuple(_share(name, each, chosen, scheme) for name, each in groups.rows),
    )


def changes(
    before: Groups, after: Groups, *, framing: str, start: str, end: str, scheme: Scheme
) -> Changes:
    """How the share in a framing changed in each row between two times, of different people.

    Rows that only one of the two has are left out. Raises `KeyError` for a framing the scheme
    lacks.
    """
    earlier = {row.name: row for row in shares(before, framing=framing, scheme=scheme).rows}
    later = shares(after, framing=framing, scheme=scheme).rows
    pairs = [(earlier[row.name], row) for row in later if row.name in earlier]
    compared = [
        compare_shares(
            late.count, late.n, early.count, early.n, confidence=scheme.practice.confidence
        )
        for early, late in pairs
    ]
    adjusted = holm([test.p_value for _, test in compared])
    return Changes(
        heading=after.heading,
        framing=framing,
        start=start,
        end=end,
        rows=tuple(
            _change(*pair, found, adjusted_p, scheme)
            for pair, found, adjusted_p in zip(pairs, compared, adjusted, strict=True)
        ),
    )


def _share(name: str, each: Distribution, framing: Framing, scheme: Scheme) -> Share:
    count = each.count(*framing.ratings)
    return Share(
        name=name,
        count=count,
        n=each.n,
        unrated=each.unrated,
        share=share_interval(count, each.n, confidence=scheme.practice.confidence),
    )


def _change(
    early: Share,
    late: Share,
    compared: tuple[Interval, TestResult],
    adjusted_p: float,
    scheme: Scheme,
) -> Change:
    practice = scheme.practice
    difference, test = compared
    return Change(
        name=late.name,
        before=early,
        after=late,
        difference=difference,
        p_value=test.p_value,
        adjusted_p=adjusted_p,
        verdict=verdict(
            p_value=test.p_value,
            adjusted_p=adjusted_p,
            interval=difference,
            null=0.0,
            margin=practice.margin_share,
            significance=practice.significance,
        ),
    )
