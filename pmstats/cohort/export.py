"""From the file an analyst has to a cohort that can be trusted, or to every problem at once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from pmstats.cohort import preloaded
from pmstats.cohort.awards import read_awards
from pmstats.cohort.cells import Cells, Header, Source
from pmstats.cohort.cohort import Cohort
from pmstats.cohort.expected import unkept
from pmstats.cohort.labels import is_plain
from pmstats.cohort.long import read_ratings, widened, with_ratings
from pmstats.cohort.mapping import Layout, Mapping, load_mapping, mapping_faults
from pmstats.cohort.pseudonyms import fresh_key
from pmstats.cohort.published import as_people
from pmstats.cohort.read import open_source, read_cells
from pmstats.cohort.recognise import recogniser
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
    made for this call unless one is given (`load_key`). People who object to equality
    monitoring stay in every total, their protected characteristics as Undeclared. `mapping`
    may be a mapping file, `cut_off` a date as YYYY-MM-DD; empty means none. Warnings and notes
    ride on `problems`. Raises `ExportError` with every problem at once when any is an error,
    `ParameterError` for an unknown stage or a mapping the scheme does not allow.
    """
    reading = _reading(scheme, mapping, stage, cut_off)
    intake = _intake(path, reading=reading, key=key)
    if intake.cohort is None or any(p.severity is Severity.ERROR for p in intake.problems):
        raise ExportError(intake.problems)
    return replace(intake.cohort, problems=intake.problems)


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
    intake = _intake(path, reading=reading, key=None)
    if intake.cohort is None or reading.mapping.layout == Layout.PUBLISHED_TABLE:
        return intake.problems
    records = Records(
        cohort=intake.cohort, mapping=reading.mapping, stage=stage, doubtful=intake.doubtful
    )
    beyond = broken_rules(records, rules=BEYOND_INTAKE)
    paid = broken_award_rules(records)
    unmet = unkept(intake.cohort)
    return _in_order([*intake.problems, *beyond, *paid, *unmet, *undecidable(records)])


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class _Intake:
    """What reading an export gave: people unless nothing could be typed, and the problems."""

    cohort: Cohort | None
    problems: tuple[Problem, ...]
    doubtful: dict[str, list[int]] = field(default_factory=dict)


def _reading(
    scheme: Scheme,
    mapping: Mapping | str | Path | None,
    stage: str | None,
    cut_off: date | str | None,
) -> preloaded.Reading:
    if not isinstance(mapping, Mapping):
        mapping = load_mapping(mapping, scheme=scheme) if mapping else Mapping()
    return preloaded.Reading(scheme=scheme, mapping=mapping, stage=stage, cut_off=_day(cut_off))


def _day(given: date | str | None) -> date | None:
    if not given or isinstance(given, date):
        return given or None
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise ParameterError(f"cut_off {given!r}: write a date as YYYY-MM-DD.") from None


def _intake(path: str | Path | Source, *, reading: preloaded.Reading, key: bytes | None) -> _Intake:
    scheme, mapping, stage = reading.scheme, reading.mapping, reading.stage
    _check_request(scheme, mapping, stage)
    ready = None if isinstance(path, Source) or key else preloaded.held(path, reading=reading)
    if ready is not None:
        return _Intake(cohort=ready, problems=ready.problems)
    try:
        source = open_source(path)
        cells = read_cells(source, recognise=recogniser(scheme, mapping), sheet=mapping.sheet)
        unreadable = [p for p in cells.header.problems if p.severity is Severity.ERROR]
        if not unreadable:
            cells = _one_row_each(cells, folder=_folder(path), reading=reading)
    except ExportError as error:
        return _Intake(cohort=None, problems=error.problems)
    notes = [*cells.header.problems, *cells.problems, *_not_read(cells.header), *_no_rows(cells)]
    if unreadable:
        return _Intake(cohort=None, problems=_in_order(notes))
    return _judged(cells, source, reading=reading, folder=_folder(path), key=key, notes=notes)


def _judged(
    cells: Cells,
    source: Source,
    *,
    reading: preloaded.Reading,
    folder: Path,
    key: bytes | None,
    notes: list[Problem],
) -> _Intake:
    scheme, mapping, stage = reading.scheme, reading.mapping, reading.stage
    key = key or fresh_key()
    people = typed(cells, columns=columns(scheme), scheme=scheme, mapping=mapping, key=key)
    problems = [*notes, *people.problems]
    awards = None
    if mapping.files.awards:
        try:
            paid = read_awards(
                folder / mapping.files.awards, scheme=scheme, mapping=mapping, key=key
            )
            awards, problems = paid.table, [*problems, *paid.problems]
        except ExportError as error:
            problems += error.problems
    objects = objectors(people.table)
    table = without_objectors(people.table, objects, scheme=scheme)
    cohort = Cohort(
        scheme=scheme,
        people=with_statuses(table, scheme=scheme, as_at=reading.cut_off),
        export_name=source.name,
        export_sha256=source.sha256,
        cut_off=reading.cut_off,
        awards=awards,
        paybill=mapping.paybill,
    )
    problems += [*_objections(int(objects.sum())), *_stage_absent(cohort, stage)]
    if mapping.layout != Layout.PUBLISHED_TABLE:
        records = Records(cohort=cohort, mapping=mapping, stage=stage, doubtful=people.doubtful)
        problems += broken_rules(records, rules=INTAKE)
    return _Intake(cohort=cohort, problems=_in_order(problems), doubtful=people.doubtful)


def _one_row_each(cells: Cells, *, folder: Path, reading: preloaded.Reading) -> Cells:
    """The cells with one row per person (or cell of a published table), ratings in columns."""
    scheme, mapping = reading.scheme, reading.mapping
    if mapping.layout == Layout.PUBLISHED_TABLE:
        return as_people(cells, scheme=scheme, mapping=mapping)
    if mapping.layout == Layout.LONG:
        return widened(cells, scheme=scheme, mapping=mapping)
    if mapping.files.ratings:
        ratings = read_ratings(folder / mapping.files.ratings, mapping=mapping)
        return with_ratings(cells, ratings, scheme=scheme, mapping=mapping)
    return cells


def _folder(path: str | Path | Source) -> Path:
    return Path() if isinstance(path, Source) else Path(path).parent


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
    return [
        Problem(
            rule="mapping",
            severity=Severity.ERROR,
            column=column,
            message=f"The export holds no ratings of the stage {stage}.",
            fix=f'Say which header they have, under [columns] in the mapping: {column} = "...".',
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
