"""The columns that a framework's own export holds, as columns to be read."""

from __future__ import annotations

from pmstats.cohort.columns import FREE_TEXT, YES_OR_NO, Column, Kind
from pmstats.scheme import Scheme
from pmstats.scheme.columns import Holds, OwnColumn
from pmstats.scheme.scheme import Unit

_KINDS = {Holds.DATE: Kind.DATE, Holds.NUMBER: Kind.NUMBER}


def with_own(known: tuple[Column, ...], *, scheme: Scheme) -> tuple[Column, ...]:
    """The columns known for every framework, and this one's own; free text last for people.

    A column of the same name takes the framework's answers and keeps the headers it had.
    """
    headers = {column.name: column.also for column in known}
    own = tuple(_column(column, also=headers.get(column.name, ())) for column in scheme.columns)
    names = {column.name for column in own}
    others = tuple(column for column in known if column.name not in names)
    free = tuple(column for column in FREE_TEXT if column.name not in names)
    # The last to claim a header has it: free text about people is dropped whoever claims it.
    people = scheme.unit is Unit.PERSON
    return (*others, *own, *FREE_TEXT) if people else (*others, *free, *own)


def _column(own: OwnColumn, *, also: tuple[str, ...]) -> Column:
    levels = tuple((answer.name, *answer.also) for answer in own.answers)
    return Column(
        name=own.name,
        kind=_KINDS.get(own.holds, Kind.CATEGORY),
        also=tuple(dict.fromkeys((own.title, *own.also, *also))),
        levels=YES_OR_NO if own.holds is Holds.YES_OR_NO else levels,
    )
