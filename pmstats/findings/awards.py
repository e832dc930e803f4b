"""Whether groups were paid alike given their rating (paras 49, 71)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from pmstats.findings.conditional import Conditional, conditional_disparities

if TYPE_CHECKING:
    from pmstats.counts.awards import AwardBreakdown
    from pmstats.findings.disparity import Disparities
    from pmstats.scheme import Scheme

IN_YEAR = "In-year award, given the rating"
END_YEAR = "End-year award, given a rating that may have one"


def award_disparities(breakdowns: Iterable[AwardBreakdown], *, scheme: Scheme) -> Disparities:
    """For each characteristic, whether its groups were paid alike given their final rating.

    In-year awards are the primary question, as everyone may have one; end-year awards explore.
    """
    return conditional_disparities(
        [
            Conditional(
                groups=each.groups,
                n={row.name: row.distribution.people for row in each.groups.rows},
                counts={IN_YEAR: each.in_year, END_YEAR: each.end_year},
            )
            for each in breakdowns
        ],
        scheme=scheme,
        margin=scheme.practice.margin_share,
        paragraph=scheme.awards.paragraph if scheme.awards else "",
    )
