"""What a scheme says of its own columns, held against the columns and stages it has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import TYPE_CHECKING

from pmstats.scheme.columns import Holds, OwnColumn
from pmstats.scheme.expectations import Condition, Expectation
from pmstats.scheme.strict import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pmstats.scheme.scheme import Scheme

#: Columns that every export may hold, whatever the framework.
EVERY_EXPORT = frozenset({"department", "business_unit", "panel", "grade", "performance_year"})
#: The settings of [indicators] that name a column, and those that name a rating.
_COLUMNS = (
    "name",
    "period",
    "direction",
    "baseline",
    "target",
    "actual",
    "tolerance",
    "reviewed",
    "perspective",
)
_RATINGS = ("met", "near", "missed")


def incoherences(scheme: Scheme) -> Iterator[str]:
    """A sentence for each column, stage or rating that is named and does not exist."""
    yield from _unknown(scheme)
    for column in scheme.columns:
        if column.answers and column.holds is not Holds.CATEGORY:
            yield f"column {column.name!r}: only a category has answers, not a {column.holds}"
        if column.groups and column.holds not in (Holds.CATEGORY, Holds.YES_OR_NO):
            yield f"column {column.name!r}: counts cannot be made by a {column.holds}"
        if column.holds is Holds.NARRATIVE and scheme.unit == "person":
            yield f"column {column.name!r}: free text about people is never read"
    for expectation in scheme.expectations:
        yield from _expectation_faults(expectation, scheme)
    if scheme.fairness:
        yield from _needed_for_fairness(scheme)


def _unknown(scheme: Scheme) -> Iterator[str]:
    known = {
        "column": {column.name for column in scheme.columns}
        | {stage.column for stage in scheme.stages}
        | {f"{stage.column}_date" for stage in scheme.stages}
        | EVERY_EXPORT,
        "stage": {stage.name for stage in scheme.stages},
        "rating": set(scheme.rating_names),
    }
    for where, kind, name in _named(scheme):
        if name and name not in known[kind]:
            yield f"{where}: no {kind} {name!r}{nearest(name, known[kind])}"


def _named(scheme: Scheme) -> Iterator[tuple[str, str, str]]:
    """Where the scheme names something, whether a column, a stage or a rating, and its name."""
    if scheme.process:
        for rating in (scheme.process.in_time, scheme.process.outside, scheme.process.absent):
            yield "process", "rating", rating
        for step in scheme.process.steps:
            yield f"step {step.stage!r}", "stage", step.stage
            yield f"step {step.stage!r}", "column", step.column
    for raters in scheme.raters:
        yield "raters", "stage", raters.first
        yield "raters", "stage", raters.second
    if scheme.indicators:
        rules = scheme.indicators
        yield "indicators", "stage", rules.stage
        yield from (("indicators", "column", getattr(rules, name)) for name in _COLUMNS)
        yield from (("indicators", "column", name) for name in rules.links)
        yield from (("indicators", "rating", getattr(rules, name)) for name in _RATINGS)
    if scheme.peers:
        yield "peers", "stage", scheme.peers.stage
        for name in (scheme.peers.organisation, scheme.peers.group, scheme.peers.by):
            yield "peers", "column", name
    for part in scheme.progress:
        yield f"progress {part.title!r}", "column", part.part
        yield f"progress {part.title!r}", "column", part.whole
    yield from (
        ("spacing", "column", n) for n in (scheme.spacing.columns if scheme.spacing else ())
    )
    yield from (
        ("strategy", "column", n) for n in (scheme.strategy.columns if scheme.strategy else ())
    )
    for expectation in scheme.expectations:
        where = f"expectation {expectation.name!r}"
        yield where, "stage", expectation.stage
        for condition in (*expectation.when, *expectation.then):
            for name in (condition.column, condition.not_before, condition.after):
                yield where, "column", name
        for name in (*expectation.per, expectation.column):
            yield where, "column", name


def _expectation_faults(expectation: Expectation, scheme: Scheme) -> Iterator[str]:
    where = f"expectation {expectation.name!r}"
    if bool(expectation.then) == bool(expectation.per):
        yield f"{where}: give either then, of rows, or per, of groups of rows"
    if expectation.per and not expectation.column:
        yield f"{where}: per needs the column that is counted"
    for condition in (*expectation.when, *expectation.then):
        if sum(_given(condition)) != 1:
            yield f"{where}: a condition on {condition.column!r} says exactly one thing"
        answers = _answers(condition.column, scheme)
        for name in condition.answers if answers else ():
            if name not in answers:
                yield f"{where}: {condition.column} has no answer {name!r}{nearest(name, answers)}"
    answers = _answers(expectation.column, scheme)
    for name in expectation.complete if answers else ():
        if name not in answers:
            yield f"{where}: {expectation.column} has no answer {name!r}{nearest(name, answers)}"


def _given(condition: Condition) -> Iterable[bool]:
    return (
        bool(condition.answers),
        condition.filled is not None,
        condition.least is not None or condition.most is not None,
        condition.opens is not None or condition.closes is not None,
        bool(condition.not_before),
        condition.within_months is not None,
    )


def _answers(name: str, scheme: Scheme) -> tuple[str, ...]:
    """The answers a column may hold; none for one that takes any."""
    if name in {stage.column for stage in scheme.stages}:
        return scheme.rating_names
    for column in scheme.columns:
        if column.name == name:
            return _of(column)
    return ()


def _of(column: OwnColumn) -> tuple[str, ...]:
    if column.holds is Holds.YES_OR_NO:
        return ("Yes", "No", "Partly", "Not applicable")
    return tuple(answer.name for answer in column.answers)


def _needed_for_fairness(scheme: Scheme) -> Iterator[str]:
    for setting in fields(scheme.practice):
        if setting.name.endswith("_source") and not getattr(scheme.practice, setting.name):
            yield f"practice: comparisons of people need {setting.name}"
    for prompt in ("gap", "not_compared"):
        if not getattr(scheme.prompts, prompt):
            yield f"prompts: comparisons of people need {prompt}"
