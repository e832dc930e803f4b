"""Every rule the export has the data for, run; the others named as not checked."""

from __future__ import annotations

from collections.abc import Iterator

from pmstats.cohort.rules.employment import EMPLOYMENT
from pmstats.cohort.rules.process import PROCESS
from pmstats.cohort.rules.quality import ORDER, QUALITY
from pmstats.cohort.rules.ratings import RATINGS
from pmstats.cohort.rules.rule import Records, Rule
from pmstats.cohort.rules.scope import SCOPE
from pmstats.cohort.rules.support import SUPPORT
from pmstats.errors import Problem, Severity
from pmstats.scheme.scheme import Unit

#: Without these nobody can be counted rightly: they run whenever an export is read.
INTAKE: tuple[Rule, ...] = (*QUALITY, *SCOPE)
#: The rest of the rule book: breaches of the framework, reported by the check of an export.
FRAMEWORK: tuple[Rule, ...] = (*EMPLOYMENT, *RATINGS, *SUPPORT, *PROCESS)
BEYOND_INTAKE: tuple[Rule, ...] = (*ORDER, *FRAMEWORK)

#: Rules that no export of people can decide, and why.
NOT_IN_AN_EXPORT = {
    "R3, R4, R6, R7": "an export does not hold the objectives themselves",
    "R8, R40": "the export has no columns with the dates of these meetings",
    "R30": "the framework leaves open how long is sustained",
    "R43, R44, R52": "the record of the meeting holds this, not an export (pmstats pack --record)",
    "R47, R48, R49, R50": "these judge figures, not rows; the pack does",
    "R51": "the annual return is made and reconciled by pmstats return",
}


def broken_rules(records: Records, *, rules: tuple[Rule, ...]) -> Iterator[Problem]:
    """A problem for each rule broken, and a note for each that could not be checked."""
    told: set[tuple[str, ...]] = set()
    for rule in rules:
        if not _asked(rule, records):
            continue
        absent = [name for name in rule.needs if name not in records.people]
        if absent and records.scheme.unit is Unit.PERSON:
            if (rule.code, *absent) not in told:
                yield _not_checked(rule, absent)
            told.add((rule.code, *absent))
        elif not absent:
            ratings = (stage.column for stage in records.stages)
            yield from rule.find(records.certain({*rule.needs, *ratings}))


def undecidable(records: Records) -> Iterator[Problem]:
    """Notes on the rules that need more than an export, when a whole year is checked."""
    if records.stage or not records.scheme.framework_rules:
        return
    held = {
        expectation.rule
        for expectation in records.scheme.expectations
        if all(condition.column in records.people for condition in expectation.then)
    }
    for codes, why in NOT_IN_AN_EXPORT.items():
        left = [code for code in codes.split(", ") if code not in held]
        if left:
            yield Problem(
                rule=", ".join(left),
                severity=Severity.INFORMATION,
                message=f"Not checked: {why}.",
                fix="",
            )


def _asked(rule: Rule, records: Records) -> bool:
    """Whether the scheme has the rule at all; its own rules belong to one framework."""
    own = records.scheme.framework_rules
    return (own or rule not in FRAMEWORK) and rule.applies(records)


def _not_checked(rule: Rule, absent: list[str]) -> Problem:
    noun = "column" if len(absent) == 1 else "columns"
    return Problem(
        rule=rule.code,
        severity=Severity.INFORMATION,
        paragraph=rule.paragraph,
        message=f"Not checked: no {noun} {', '.join(absent)}.",
        fix="",
    )
