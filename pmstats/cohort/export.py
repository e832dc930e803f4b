"""From the file an analyst has to a cohort that can be trusted, or to every problem at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from pmstats.cohort import preloaded
from pmstats.cohort.awards import award_cells, linked, read_awards
from pmstats.cohort.birth import with_ages
from pmstats.cohort.cells import Cells, Header, Source
from pmstats.cohort.cohort import Cohort
from pmstats.cohort.expected import unkept
from pmstats.cohort.labels import is_plain
from pmstats.cohort.long import read_ratings, widened, with_ratings
from pmstats.cohort.mapping import Layout, Mapping, load_mapping, mapping_faults
from pmstats.cohort.preloaded import Reading
from pmstats.cohort.pseudonyms import fresh_key, kept_key
from pmstats.cohort.published import as_people
from pmstats.cohort.read import open_source, read_cells
from pmstats.cohort.recognise import recogniser
from pmstats.cohort.record_ids import record_ids
from pmstats.cohort.rules import (
    BEYOND_INTAKE,
    INTAKE,
    Records,
    broken_award_rules,
    broken_rules,
    undecidable,
)
from pmstats.cohort.schema import columns
from pmstats.cohort.statuses import with_statuses
from pmstats.cohort.typed import objectors, typed, without_objectors
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
    Names and free text are never read. Person identifiers become keyed hashes, under a key
    made for this call unless one is given (`load_key`) or the environment names one
    (`kept_key`). People who object to equality
    monitoring stay in every total, their protected characteristics as Undeclared. `mapping`
    may be a mapping file, `cut_off` a date as YYYY-MM-DD; empty means none. Warnings and notes
    ride on `problems`. Raises `ExportError` with every problem at once when any is an error,
    `ParameterError` for an unknown stage or a mapping the scheme does not allow.
    """
    reading = _reading(scheme, mapping, stage, cut_off)
    intake = _ready(path, reading, key) or _intake(path, reading, key or kept_key() or fresh_key())
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
    return _found(_ready(path, reading, None) or _intake(path, reading, fresh_key()), reading)


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
    intake = _intake(path, reading, key)
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


def _facts(intake: _Intake) -> Iterator[tuple[str, str]]:
    """What was read, in words, without a value of a person."""
    cohort = intake.cohort
    if cohort is None:
        return
    yield "Rows read", f"{len(cohort.people):,}"
    yield "Departments", f"{len(cohort.departments):,}"
    yield "SHA-256 of the export", cohort.export_sha256
    yield from ((f"SHA-256 of {name}", sha256) for name, sha256 in cohort.files)


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class _Intake:
    """What reading an export gave: people unless nothing could be typed, and the problems.

    `tables` are the cells of each file as they stood, one row for each of the file's.
    """

    cohort: Cohort | None
    problems: tuple[Problem, ...]
    doubtful: dict[str, list[int]] = field(default_factory=dict)
    tables: dict[str, Cells] = field(default_factory=dict)


def _ready(path: str | Path | Source, reading: Reading, key: bytes | None) -> _Intake | None:
    """What this process holds of the export, read in the same way."""
    if key or isinstance(path, Source):
        return None
    cohort = preloaded.held(path, reading=reading)
    return _Intake(cohort=cohort, problems=cohort.problems) if cohort else None


def _found(intake: _Intake, reading: Reading) -> tuple[Problem, ...]:
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
    return _in_order([*intake.problems, *beyond, *paid, *unmet, *undecidable(records)])


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


def _intake(path: str | Path | Source, reading: Reading, key: bytes) -> _Intake:
    scheme, mapping = reading.scheme, reading.mapping
    tables: dict[str, Cells] = {}
    try:
        sources = _sources(path, mapping)
        recognise = recogniser(scheme, mapping)
        cells = tables[""] = read_cells(sources[""], recognise=recognise, sheet=mapping.sheet)
        unreadable = [p for p in cells.header.problems if p.severity is Severity.ERROR]
        if "ratings" in sources and not unreadable:
            tables["ratings"] = read_ratings(sources["ratings"], mapping=mapping)
        if not unreadable:
            cells = _one_row_each(cells, tables.get("ratings"), reading=reading)
    except ExportError as error:
        return _Intake(cohort=None, problems=error.problems, tables=tables)
    notes = [*cells.header.problems, *cells.problems, *_not_read(cells.header), *_no_rows(cells)]
    if unreadable:
        return _Intake(cohort=None, problems=_in_order(notes), tables=tables)
    return _judged(cells, sources, reading=reading, key=key, tables=tables, notes=notes)


def _sources(path: str | Path | Source, mapping: Mapping) -> dict[str, Source]:
    """The export under an empty name, and the files that belong to it under theirs."""
    folder = Path() if isinstance(path, Source) else Path(path).parent
    beside = {"ratings": mapping.files.ratings, "awards": mapping.files.awards}
    return {
        "": open_source(path),
        **{what: open_source(folder / name) for what, name in beside.items() if name},
    }


def _judged(
    cells: Cells,
    sources: dict[str, Source],
    *,
    reading: Reading,
    key: bytes,
    tables: dict[str, Cells],
    notes: list[Problem],
) -> _Intake:
    scheme, mapping, stage = reading.scheme, reading.mapping, reading.stage
    people = with_ages(
        typed(cells, columns=columns(scheme), scheme=scheme, mapping=mapping, key=key),
        scheme=scheme,
        on=reading.cut_off or (scheme.year.end if scheme.year else None),
    )
    problems = [*notes, *people.problems]
    awards = None
    if "awards" in sources:
        try:
            tables["awards"] = award_cells(sources["awards"], mapping=mapping)
            read = read_awards(tables["awards"], scheme=scheme, mapping=mapping, key=key)
            paid = linked(read, people.table, scheme=scheme)
            awards, problems = paid.table, [*problems, *paid.problems]
        except ExportError as error:
            problems += error.problems
    objects = objectors(people.table)
    table = without_objectors(people.table, objects, scheme=scheme)
    beside = {"ratings": mapping.files.ratings, "awards": mapping.files.awards}
    cohort = Cohort(
        scheme=scheme,
        people=with_statuses(table, scheme=scheme, as_at=reading.cut_off),
        export_name=sources[""].name,
        export_sha256=sources[""].sha256,
        cut_off=reading.cut_off,
        awards=awards,
        paybill=mapping.paybill,
        files=tuple((beside[what], source.sha256) for what, source in sources.items() if what),
    )
    problems += [*_objections(int(objects.sum())), *_stage_absent(cohort, stage)]
    if mapping.layout != Layout.PUBLISHED_TABLE:
        records = Records(cohort=cohort, mapping=mapping, stage=stage, doubtful=people.doubtful)
        problems += broken_rules(records, rules=INTAKE)
    return _Intake(
        cohort=cohort, problems=_in_order(problems), doubtful=people.doubtful, tables=tables
    )


def _one_row_each(cells: Cells, ratings: Cells | None, *, reading: Reading) -> Cells:
    """The cells with one row per person (or cell of a published table), ratings in columns."""
    scheme, mapping = reading.scheme, reading.mapping
    if mapping.layout == Layout.PUBLISHED_TABLE:
        return as_people(cells, scheme=scheme, mapping=mapping)
    if mapping.layout == Layout.LONG:
        return widened(cells, scheme=scheme, mapping=mapping)
    if ratings is not None:
        return with_ratings(cells, ratings, scheme=scheme, mapping=mapping)
    return cells


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


def _not_read(header: Header) -> list[Problem]:
    notes = (
        (
            "DQ15",
            header.dropped,
            "Names or free text, not read",
            "Leave such columns out of the export.",
        ),
        (
            "mapping",
            tuple(filter(is_plain, header.unknown)),
            "Headers not known, not read",
            "If one is needed, say which column it is in the mapping, under [columns].",
        ),
    )
    return [
        Problem(
            rule=rule,
            severity=Severity.INFORMATION,
            message=f"{what}: {', '.join(names)}.",
            fix=fix,
        )
        for rule, names, what, fix in notes
        if names
    ]


def _objections(count: int) -> list[Problem]:
    if not count:
        return []
    who = "1 person objects" if count == 1 else f"{count:,} people object"
    return [
        Problem(
            rule="F9",
            severity=Severity.INFORMATION,
            column="equality_monitoring_objection",
            message=f"{who} to equality monitoring: counted in every total, their protected "
            "characteristics as Undeclared.",
            fix="",
        )
    ]


def _stage_absent(cohort: Cohort, stage: str | None) -> list[Problem]:
    if stage is None or cohort.scheme.stage(stage).column in cohort.people:
        return []
    column = cohort.scheme.stage(stage).column
    there = [each.name for each in cohort.scheme.stages if each.column in cohort.people]
    held = f" It holds those of: {', '.join(there)}." if there else ""
    return [
        Problem(
            rule="mapping",
            severity=Severity.ERROR,
            column=column,
            message=f"The export holds no ratings of the stage {stage}.{held}",
            fix="Ask for a stage it holds (--stage), or say which header they have, under "
            f'[columns] in the mapping: {column} = "...".',
        )
    ]


def _no_rows(cells: Cells) -> list[Problem]:
    if len(cells):
        return []
    return [
        Problem(
            rule="file",
            severity=Severity.ERROR,
            message="The export has a header row and no people under it.",
            fix="Export it again.",
        )
    ]


def _in_order(problems: list[Problem]) -> tuple[Problem, ...]:
    severities = list(Severity)
    return tuple(sorted(problems, key=lambda problem: severities.index(problem.severity)))
