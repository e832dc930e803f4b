"""The tables of the rest of the year: which maker suits which count or finding."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from pmstats.counts.annual_return import AnnualReturn
from pmstats.counts.awards import AwardBreakdown, AwardProblems, Awards, Pot
from pmstats.counts.movement import Ceilings, Movement, MovementBreakdown, Movements
from pmstats.counts.quarters import Boundaries, Completion, Quarters, Support
from pmstats.counts.turnover import RecordChanges, Turnover
from pmstats.findings.panels import Panels
from pmstats.findings.quarters import QuarterReadings
from pmstats.findings.steps import Steps
from pmstats.findings.turnover import ChangeReadings, FollowUps
from pmstats.findings.unit_readings import UnitReadings
from pmstats.release.restricted import awards, moderation, quarters, turnover, units
from pmstats.release.table import RestrictedTable

if TYPE_CHECKING:
    from pmstats.scheme import Scheme

YearSubject = (
    Movement
    | Movements
    | MovementBreakdown
    | Ceilings
    | Steps
    | Panels
    | Quarters
    | Completion
    | QuarterReadings
    | Support
    | Boundaries
    | Awards
    | AwardBreakdown
    | Pot
    | AwardProblems
    | AnnualReturn
    | Turnover
    | RecordChanges
    | ChangeReadings
    | FollowUps
    | UnitReadings
)

#: Tables that need the scheme: its minimum, its boxes, its words.
_BY_SCHEME: Mapping[type, Callable[..., RestrictedTable]] = MappingProxyType(
    {
        Movement: moderation.movement_table,
        Movements: moderation.movements_table,
        MovementBreakdown: moderation.movement_breakdown_table,
        Ceilings: moderation.ceilings_table,
        Panels: moderation.panels_table,
        Quarters: quarters.quarters_table,
        Completion: quarters.completion_table,
        Boundaries: quarters.boundaries_table,
        Support: quarters.support_table,
        Awards: awards.awards_table,
        AwardBreakdown: awards.award_breakdown_table,
        AnnualReturn: awards.annual_return_table,
        Turnover: turnover.turnover_table,
        ChangeReadings: turnover.change_readings_table,
        UnitReadings: units.unit_readings_table,
    }
)
_PLAIN: Mapping[type, Callable[..., RestrictedTable]] = MappingProxyType(
    {
        Steps: moderation.steps_table,
        QuarterReadings: quarters.quarter_shares_table,
        Pot: awards.pot_table,
        AwardProblems: awards.award_problems_table,
        RecordChanges: turnover.record_changes_table,
        FollowUps: turnover.follow_ups_table,
    }
)


def year_table(subject: YearSubject, *, scheme: Scheme) -> RestrictedTable:
    """The table that the readers of a restricted pack may see of the year around the ratings.

    Raises `TypeError` for anything that has none.
    """
    kind = type(subject)
    if kind in _BY_SCHEME:
        return _BY_SCHEME[kind](subject, scheme=scheme)
    if kind in _PLAIN:
        return _PLAIN[kind](subject)
    raise TypeError(f"a restricted table cannot be made of {kind.__name__}")
