"""What a scheme says of the year around the ratings: moderation, support, awards."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceiling:
    """The highest rating open to people with one answer in one column of the record."""

    column: str
    answer: str
    highest: str
    paragraph: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModerationRules:
    """The stages moderation passes through, in order, and when a panel is small.

    `smallest_panel` is the number of people below which a panel is asked whether it should
    moderate with others; `margin` the difference of shares moved (0 to 1) that is not material;
    `one_line` the share of all changes above which lowering across a single line is a prompt.
    The record of a meeting names who was there by `meeting_roles`, never by name.
    `standard_paragraph` asks for one standard everywhere, `small_panel_paragraph` that small
    panels moderate with others.
    """

    steps: tuple[str, ...]
    smallest_panel: int
    smallest_panel_source: str
    margin: float
    margin_source: str
    one_line: float
    one_line_source: str
    paragraph: str
    standard_paragraph: str
    small_panel_paragraph: str
    ceilings: tuple[Ceiling, ...] = ()
    meeting_roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportRules:
    """When support or formal measures are due: a rating in consecutive quarters, then again.

    `quarters` are the stages of the four quarters in order; `final` is the stage of the
    rating that ends the year. `single_paragraph` speaks of one such rating alone,
    `due_paragraph` of what is due after several, `measures_paragraph` of everyone on measures.
    """

    rating: str
    quarters: tuple[str, ...]
    final: str
    paragraph: str
    single_paragraph: str
    due_paragraph: str
    measures_paragraph: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardRules:
    """Who may have an award and how large it may be, in whole pounds.

    `year_cap` holds for the awards of one person, of the kinds in `year_cap_kinds`.
    `end_year_ratings` may have an end-year award; those also in `first_ratings` come first.
    `pot_share` is the part of the paybill (0 to 1) that all awards together may come to.
    `return_paragraph` is where the framework asks for the annual return, `return_note` what a
    reader of one must know of how it asks.
    """

    single_cap: int
    year_cap: int
    pot_share: float
    rating_stage: str
    end_year_ratings: tuple[str, ...]
    first_ratings: tuple[str, ...]
    paragraph: str
    return_paragraph: str = ""
    return_note: str = ""
    year_cap_kinds: tuple[str, ...] = ("in_year", "end_year")
