"""From the file an analyst has to a cohort that can be trusted, or to every problem at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from pmstats.cohort import preloaded
from pmstats.cohort.cells import Cells, Header, Source
from pmstats.cohort.cohort import Cohort
from pmstats.cohort.labels import is_plain
from pmstats.cohort.mapping import Layout, Mapping, load_mapping, mapping_faults
from pmstats.cohort.pseudonyms import fresh_key
from pmstats.cohort.published import as_people
from pmstats.cohort.read import open_source, read_cells
from pmstats.cohort.recognise import recogniser
from pmstats.cohort.rules import Records, broken_rules
from pmstats.cohort.typed import typed
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
) -> Cohort:
    """The people of an HR export or published table, validated for one stage (or for all).

    `path` is a file (CSV, TSV, XLSX, XLS, ODS, Parquet, Arrow) or what `query_source` gives.
    Person identifiers become keyed hashes under a key made for this call; names and free text
    are never read. `mapping` may be a mapping file, `cut_off` a date as YYYY-MM-DD; empty means
    none. Warnings and notes ride on `problems`. Raises `ExportError` with every
    problem at once when any is an error, `ParameterError` for an unknown stage or a mapping
    the scheme does not allow.
    """
    cohort, problems = _intake(path, scheme, _mapping(mapping, scheme), stage, _day(cut_off))
    if cohort is None or any(p.severity is Severity.ERROR for p in problems):
        raise ExportError(problems)
    return replace(cohort, problems=problems)


def check_export(
    path: str | Path | Source,
    *,
    scheme: Scheme,
    mapping: Mapping | str | Path | None = None,
    stage: str | None = None,
    cut_off: date | str | None = None,
) -> tuple[Problem, ...]:
    """Every problem in an export, errors first, without stopping at any of them.

    Raises `ParameterError` for an unknown stage or a mapping the scheme does not allow.
    """
    return _intake(path, scheme, _mapping(mapping, scheme), stage, _day(cut_off))[1]


def _mapping(given: Mapping | str | Path | None, scheme: Scheme) -> Mapping:
    if isinstance(given, Mapping):
        return given
    return load_mapping(given, scheme=scheme) if given else Mapping()


def _day(given: date | str | None) -> date | None:
    if not given or isinstance(given, date):
        return given or None
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise ParameterError(f"cut_off {given!r}: write a date as YYYY-MM-DD.") from None


def _intake(
    path: str | Path | Source,
    scheme: Scheme,
    mapping: Mapping,
    stage: str | None,
    cut_off: date | None,
) -> tuple[Cohort | None, tuple[Problem, ...]]:
    _check_request(scheme, mapping, stage)
    reading = preloaded.Reading(scheme=scheme, mapping=mapping, stage=stage, cut_off=cut_off)
    ready = None if isinstance(path, Source) else preloaded.held(path, reading=reading)
    if ready is not None:
        return ready, ready.problems
    try:
        source = open_source(path)
        cells = read_cells(source, recognise=recogniser(scheme, mapping), sheet=mapping.sheet)
    except ExportError as error:
        return None, error.problems
    published = mapping.layout == Layout.PUBLISHED_TABLE
    if published:
        cells = as_people(cells, scheme=scheme, mapping=mapping)
    problems = [*cells.header.problems, *cells.problems, *_not_read(cells.header), *_no_rows(cells)]
    if any(problem.severity is Severity.ERROR for problem in cells.header.problems):
        return None, _in_order(problems)
    people = typed(cells, scheme=scheme, mapping=mapping, key=fresh_key())
    cohort = Cohort(
        scheme=scheme,
        people=people.people,
        export_name=source.name,
        export_sha256=source.sha256,
        cut_off=cut_off,
    )
    problems += [*people.problems, *_stage_absent(cohort, stage)]
    if not published:
        records = Records(cohort=cohort, mapping=mapping, stage=stage, doubtful=people.doubtful)
        problems += broken_rules(records)
    return cohort, _in_order(problems)


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
