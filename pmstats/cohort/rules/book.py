"""Every rule the export has the data for, run; the others named as not checked."""

from __future__ import annotations

from collections.abc import Iterator

from pmstats.cohort.rules.quality import QUALITY
from pmstats.cohort.rules.rule import Records, Rule
from pmstats.cohort.rules.scope import SCOPE
from pmstats.errors import Problem, Severity

RULES: tuple[Rule, ...] = (*QUALITY, *SCOPE)


def broken_rules(records: Records) -> Iterator[Problem]:
    """A problem for each rule broken, and a note for each that could not be checked."""
    for rule in RULES:
        if not rule.applies(records):
            continue
        absent = [name for name in rule.needs if name not in records.people]
        if absent:
            yield _not_checked(rule, absent)
        else:
            ratings = (stage.column for stage in records.stages)
            yield from rule.find(records.certain({*rule.needs, *ratings}))


def _not_checked(rule: Rule, absent: list[str]) -> Problem:
    noun = "column" if len(absent) == 1 else "columns"
    return Problem(
        rule=rule.code,
        severity=Severity.INFORMATION,
        paragraph=rule.paragraph,
        message=f"Not checked: no {noun} {', '.join(absent)}.",
        fix="",
    )
