"""From the file an analyst has to a cohort that can be trusted, or to every problem at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from pmstats.cohort import preloaded
from pmstats.cohort.cohort import Cohort
from pmstats.cohort.expected import unkept
from pmstats.cohort.intake import Intake, in_order, read_intake
from pmstats.cohort.mapping import Layout, Mapping, load_mapping, mapping_faults
from pmstats.cohort.preloaded import Reading
from pmstats.cohort.pseudonyms import fresh_key, kept_key
from pmstats.cohort.reading.cells import Source
from pmstats.cohort.record_ids import record_ids
from pmstats.cohort.rules import (
    BEYOND_INTAKE,
    Records,
    broken_award_rules,
    broken_rules,
    undecidable,
)
from pmstats.errors import ExportError, ParameterError, Problem, Severity
from pmstats.scheme import Scheme
from pmstats.scheme.strict import nearest


def read_export(
    path: str | Path | Source,
    *,
    scheme: Scheme,
    mapping: Mapping | str | Path | None = None,
    stage: str | None = None,
    cut_off: date | str | None = None,
    key: bytes | None = None,
) -> Cohort:
    """The people of an HR export or published table, validated for one stage (or for all).

    `path` is a file (CSV, TSV, XLSX, XLS, ODS, Parquet, Arrow) or what `query_source` gives.
    Names and free text are never read. Person identifiers become keyed hashes, under a key made
    for this call unless one is given (`load_key`) or the environment names one (PMSTATS_KEY_FILE,
    PMSTATS_KEY). People who object to equality monitoring stay in every total, their protected
    characteristics as Undeclared. `mapping` may be a mapping file, `cut_off` a date as
    YYYY-MM-DD; empty means none. Warnings and notes ride on `problems`. Raises `ExportError`
    with every problem at once when any is an error, `ParameterError` for an unknown stage or a
    mapping the scheme does not allow.
    """
    reading = _reading(scheme, mapping, stage, cut_off)
    intake = _ready(path, reading, key) or read_intake(
        path, reading, key or kept_key() or fresh_key()
    )
    if intake.cohort is None or any(p.severity is Severity.ERROR for p in intake.problems):
        raise ExportError(intake.problems)
    return replace(intake.cohort, problems=intake.problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What a check of an export found, and what it looked at.

    `stopping` are the errors without whose mending nothing is counted. `records` gives the
    record id by file (empty for the export, `ratings`, `awards`) and row of each row a problem
    names. `columns` pairs each header that was recognised with the column it was read as,
    `facts` say in words what was read.
    """

    problems: tuple[Problem, ...]
    stopping: tuple[Problem, ...] = ()
    records: dict[tuple[str, int], str] = field(default_factory=dict)
    columns: tuple[tuple[str, str], ...] = ()
    facts: tuple[tuple[str, str], ...] = ()


def check_export(
    path: str | Path | Source,
    *,
    scheme: Scheme,
    mapping: Mapping | str | Path | None = None,
    stage: str | None = None,
    cut_off: date | str | None = None,
) -> tuple[Problem, ...]:
    """Every problem in an export by the whole rule book, errors first, without stopping at any.

    Reading stops only for what would make counting wrong; this also tells of breaches of the
    framework, such as awards, support or moderation against its rules.
    Raises `ParameterError` for an unknown stage or a mapping the scheme does not allow.
    """
    reading = _reading(scheme, mapping, stage, cut_off)
    return _found(_ready(path, reading, None) or read_intake(path, reading, fresh_key()), reading)


def examine_export(
    path: str | Path | Source,
    *,
    scheme: Scheme,
    mapping: Mapping | str | Path | None = None,
    stage: str | None = None,
    cut_off: date | str | None = None,
    key: bytes | None = None,
) -> Examined:
    """What `check_export` finds, and the record ids of the rows it names, keyed as identifiers are.

    Raises as `check_export` does.
    """
    reading = _reading(scheme, mapping, stage, cut_off)
    key = key or kept_key() or fresh_key()
    intake = read_intake(path, reading, key)
    problems = _found(intake, reading)
    header = intake.tables[""].header if "" in intake.tables else None
    return Examined(
        problems=problems,
        stopping=tuple(p for p in intake.problems if p.severity is Severity.ERROR),
        records=record_ids(problems, tables=intake.tables, key=key),
        columns=tuple((header.names[at], name) for name, at in header.positions.items())
        if header
        else (),
        facts=tuple(_facts(intake)),
    )


def _facts(intake: Intake) -> Iterator[tuple[str, str]]:
    """What was read, in words, without a value of a person."""
    cohort = intake.cohort
    if cohort is None:
        return
    yield "Rows read", f"{len(cohort.people):,}"
    yield "Departments", f"{len(cohort.departments):,}"
    yield "SHA-256 of the export", cohort.export_sha256
    yield from ((f"SHA-256 of {name}", sha256) for name, sha256 in cohort.files)


def _ready(path: str | Path | Source, reading: Reading, key: bytes | None) -> Intake | None:
    """What this process holds of the export, read in the same way."""
    if key or isinstance(path, Source):
        return None
    cohort = preloaded.held(path, reading=reading)
    if cohort is None:
        return None
    return Intake(cohort=cohort, problems=cohort.problems)


def _found(intake: Intake, reading: Reading) -> tuple[Problem, ...]:
    """What reading found, and what the rest of the rule book finds."""
    if intake.cohort is None or reading.mapping.layout == Layout.PUBLISHED_TABLE:
        return intake.problems
    records = Records(
        cohort=intake.cohort,
        mapping=reading.mapping,
        stage=reading.stage,
        doubtful=intake.doubtful,
    )
    beyond = broken_rules(records, rules=BEYOND_INTAKE)
    paid = broken_award_rules(records)
    unmet = unkept(intake.cohort)
    return in_order([*intake.problems, *beyond, *paid, *unmet, *undecidable(records)])


def _reading(
    scheme: Scheme,
    mapping: Mapping | str | Path | None,
    stage: str | None,
    cut_off: date | str | None,
) -> Reading:
    if not isinstance(mapping, Mapping):
        mapping = load_mapping(mapping, scheme=scheme) if mapping else Mapping()
    _check_request(scheme, mapping, stage)
    return Reading(scheme=scheme, mapping=mapping, stage=stage, cut_off=_day(cut_off))


def _day(given: date | str | None) -> date | None:
    if not given or isinstance(given, date):
        return given or None
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise ParameterError(f"cut_off {given!r}: write a date as YYYY-MM-DD.") from None


def _check_request(scheme: Scheme, mapping: Mapping, stage: str | None) -> None:
    faults = mapping_faults(mapping, scheme=scheme)
    if faults:
        raise ParameterError("mapping:\n" + "\n".join(f"  - {fault}" for fault in faults))
    stages = [known.name for known in scheme.stages]
    if stage is not None and stage not in stages:
        raise ParameterError(
            f"The scheme has no stage {stage!r}{nearest(stage, stages)}; "
            f"it has {', '.join(stages)}."
        )
