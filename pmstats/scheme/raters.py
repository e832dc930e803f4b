"""Who rates what a second time, who stands beside whom, and what is carried out of a plan."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Raters:
    """Two ratings of the same thing, each the rating of one stage: a self-assessment and another's.

    `smallest` is the number rated by both below which no agreement is worked out.
    """

    title: str
    first: str
    second: str
    paragraph: str
    smallest: int = 10
    smallest_source: str = "our convention"


@dataclass(frozen=True, slots=True, kw_only=True)
class Peers:
    """Which column names the organisation, which its peers share, and what is compared in turn.

    An organisation with fewer than `smallest` peers is not placed among them.
    """

    organisation: str
    group: str
    by: str
    stage: str
    smallest: int
    smallest_source: str
    paragraph: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A number that is part of another: actions done of the actions planned."""

    title: str
    part: str
    whole: str
    paragraph: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyMap:
    """The columns that link an indicator to what it serves, from the highest to the indicator."""

    title: str
    top: str
    columns: tuple[str, ...]
    paragraph: str
