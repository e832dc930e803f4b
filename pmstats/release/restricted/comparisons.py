"""Comparisons as the entitled readers of a restricted pack may see them: tables and words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from pmstats.findings.disparity import Disparities
from pmstats.release.table import Column, Kind, RestrictedSentences, RestrictedTable, Value

if TYPE_CHECKING:
    from pmstats.findings.disparity import Disparity
    from pmstats.findings.finding import Finding


#: What the note of a table of comparisons says of its lines, the first and the others.
THE_FIRST = " The first line is the primary comparison; the others explore it."


class InWords(Protocol):
    """Findings that say themselves what they come to."""

    @property
    def sentences(self) -> tuple[str, ...]:
        """What they come to, in words."""


def sentences(findings: InWords | Disparities | None) -> RestrictedSentences:
    """Findings in words: their own, or the primary one of each characteristic."""
    if findings is None:
        return RestrictedSentences(("There is no curve to compare with, or nobody is rated.",))
    if not isinstance(findings, Disparities):
        return RestrictedSentences(findings.sentences)
    return RestrictedSentences(
        tuple(
            f"{each.breakdown.title}: {each.verdict}. "
            f"{each.primary.sentence if each.primary else each.reason}"
            for each in findings.each
        )
    )


def verdicts_table(findings: Disparities) -> RestrictedTable:
    """The primary comparison of each characteristic, or why there is none."""
    held = findings.each
    columns = findings_table(held[0]).columns if held else (Column(name="Compared"),)
    rows: list[tuple[Value, ...]] = []
    for each in held:
        if each.primary:
            compared, *rest = _finding_row(each.primary)
            rows.append((f"{each.breakdown.title}: {compared}", *rest))
        else:
            blank = [None] * (len(columns) - 2)
            rows.append((each.breakdown.title, *blank, "not compared"))
    return RestrictedTable(
        id="verdicts",
        caption="The primary comparison of each characteristic",
        columns=columns,
        rows=tuple(rows),
        notes=tuple(f"{each.breakdown.title}: {each.reason}" for each in held if each.reason),
    )


def findings_table(each: Disparity) -> RestrictedTable:
    """Every comparison of a characteristic: n, effect, interval, what could be seen, verdict."""
    return RestrictedTable(
        id=f"{each.breakdown.characteristic}-comparisons",
        caption=f"Comparisons by {each.breakdown.title.lower()}",
        question="Comparisons",
        by=each.breakdown.title.lower(),
        columns=(
            Column(name="Compared"),
            Column(name="Question"),
            Column(name="n", kind=Kind.COUNT),
            Column(name="n, comparator", kind=Kind.COUNT),
            Column(name="Effect", kind=Kind.POINTS),
            Column(name="Low", kind=Kind.POINTS),
            Column(name="High", kind=Kind.POINTS),
            Column(name="Detectable", kind=Kind.SIZE),
            Column(name="Margin", kind=Kind.SIZE),
            Column(name="p", kind=Kind.P_VALUE),
            Column(name="p, adjusted", kind=Kind.P_VALUE),
            Column(name="Verdict"),
        ),
        rows=tuple(_finding_row(finding) for finding in each.findings),
        notes=(
            "Effect is in percentage points: for the whole scale, how far above or below 50% the "
            "chance is that a person of the first group is rated higher; otherwise the difference "
            "of shares. A difference smaller than detectable could easily go unseen (power below "
            f"80%); within the margin a difference is not material.{THE_FIRST}",
        ),
    )


def ratios_table(each: Disparity) -> RestrictedTable:
    """The ratio of shares for each framing, group over comparator, with its interval."""
    framings = [finding for finding in each.findings if finding.share_group is not None]
    return RestrictedTable(
        id=f"{each.breakdown.characteristic}-ratios",
        caption=f"Shares and their ratio by {each.breakdown.title.lower()}",
        question="Shares and their ratio",
        by=each.breakdown.title.lower(),
        columns=(
            Column(name="Compared"),
            Column(name="Question"),
            Column(name="n", kind=Kind.COUNT),
            Column(name="n, comparator", kind=Kind.COUNT),
            Column(name="Share", kind=Kind.SHARE),
            Column(name="Share, comparator", kind=Kind.SHARE),
            Column(name="Ratio", kind=Kind.RATIO),
            Column(name="Low", kind=Kind.RATIO),
            Column(name="High", kind=Kind.RATIO),
        ),
        rows=tuple(
            (
                f"{finding.group} v {finding.comparator}",
                finding.question,
                finding.n_group,
                finding.n_comparator,
                finding.share_group,
                finding.share_comparator,
                *(
                    (finding.ratio.value, finding.ratio.low, finding.ratio.high)
                    if finding.ratio
                    else ("n too small", None, None)
                ),
            )
            for finding in framings
        ),
        notes=(
            "The ratio is the first group's share over the comparator's; 1 is no difference. "
            "0.80 to 1.25 is a convention of NHS workforce standards and 0.80 the old "
            "four-fifths rule of thumb: neither is a test, and with few people both are "
            "crossed by chance alone more often than not.",
        ),
    )


def _finding_row(finding: Finding) -> tuple[Value, ...]:
    assert finding.effect is not None
    null = 0.0 if finding.share_group is not None else 0.5
    return (
        f"{finding.group} v {finding.comparator}",
        finding.question,
        finding.n_group,
        finding.n_comparator,
        finding.effect.value - null,
        finding.effect.low - null,
        finding.effect.high - null,
        "none" if finding.detectable is None else finding.detectable,
        finding.margin,
        finding.p_value,
        finding.adjusted_p,
        finding.verdict.value,
    )
