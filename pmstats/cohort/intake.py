"""What the bytes of an export and of the files beside it come to: people, and every problem met.

Here every step of reading meets: cells, one row for each person, types, awards, and the rules
without which nobody could be counted rightly.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from pmstats.cohort.awards import award_cells, linked, read_awards
from pmstats.cohort.birth import with_ages
from pmstats.cohort.cohort import Cohort
from pmstats.cohort.columns import UNSURE
from pmstats.cohort.labels import header_key, is_plain_header
from pmstats.cohort.long import read_ratings, widened, with_ratings
from pmstats.cohort.lookalike import lookalike, no_people
from pmstats.cohort.mapping import Layout, Mapping
from pmstats.cohort.preloaded import Reading
from pmstats.cohort.published import as_people
from pmstats.cohort.reading.cells import Cells, Header, NoHeader, Source
from pmstats.cohort.reading.read import open_source, read_cells
from pmstats.cohort.recognise import recogniser
from pmstats.cohort.rules import INTAKE, Records, broken_rules
from pmstats.cohort.schema import columns
from pmstats.cohort.statuses import with_statuses
from pmstats.cohort.typed import objectors, typed, without_objectors
from pmstats.errors import ExportError, Problem, Severity

_RATING_WORDS = frozenset(("rating", "ratings", "marking", "markings", "mark", "marks"))
#: What stands beside a rating and is none.
_BESIDE_A_RATING = frozenset(
    ("date", "by", "id", "code", "level", "source", "scale", "reason", "comment", "comments")
)


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class Intake:
    """What reading an export gave: people unless nothing could be typed, and the problems.

    `tables` are the cells of each file as they stood, one row for each of the file's.
    """

    cohort: Cohort | None
    problems: tuple[Problem, ...]
    doubtful: dict[str, list[int]] = field(default_factory=dict)
    tables: dict[str, Cells] = field(default_factory=dict)


def read_intake(path: str | Path | Source, reading: Reading, key: bytes) -> Intake:
    """The people of an export read in one way, identifiers hashed under a key.

    Raises nothing for a wrong export: its problems are in what is given.
    """
    scheme, mapping = reading.scheme, reading.mapping
    tables: dict[str, Cells] = {}
    try:
        sources = _sources(path, mapping)
        recognise = recogniser(scheme, mapping)
        cells = tables[""] = read_cells(
            sources[""],
            recognise=recognise,
            sheet=mapping.sheet,
            with_totals=mapping.layout == Layout.PUBLISHED_TABLE,
        )
        unreadable = [p for p in cells.header.problems if p.severity is Severity.ERROR]
        if "ratings" in sources and not unreadable:
            tables["ratings"] = read_ratings(sources["ratings"], mapping=mapping)
        if not unreadable:
            cells = _one_row_each(cells, tables.get("ratings"), reading=reading)
    except NoHeader as error:
        table = lookalike(sources[""], scheme=scheme, sheet=mapping.sheet)
        known = [no_people(table, scheme=scheme)] if table else error.problems
        return Intake(cohort=None, problems=tuple(known), tables=tables)
    except ExportError as error:
        return Intake(cohort=None, problems=error.problems, tables=tables)
    notes = [*cells.header.problems, *cells.problems, *_not_read(cells.header), *_no_rows(cells)]
    if unreadable:
        return Intake(cohort=None, problems=in_order(notes), tables=tables)
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
) -> Intake:
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
    return Intake(
        cohort=cohort, problems=in_order(problems), doubtful=people.doubtful, tables=tables
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


def _not_read(header: Header) -> list[Problem]:
    times = Counter(header.unknown)
    plain = [name for name in times if is_plain_header(name)]
    hidden = sum(times.values()) - sum(times[name] for name in plain)
    more = (f"{hidden} more, with digits or long names",) if hidden else ()
    whole = all(each.severity is not Severity.ERROR for each in header.problems)
    ratings = [name for name in plain if whole and _speaks_of_ratings(name)]
    told = {name: f"{name} ({n} columns)" if n > 1 else name for name, n in times.items()}
    notes = (
        (
            Severity.WARNING,
            "mapping",
            tuple(told[name] for name in ratings),
            "Headers that speak of ratings, not read",
            "Say in the mapping, under [columns], of which stage they are; rating_final is the "
            "year's. Or leave them out of the export.",
        ),
        (
            Severity.INFORMATION,
            "DQ15",
            header.dropped,
            "Names or free text, not read",
            "Leave such columns out of the export.",
        ),
        (
            Severity.INFORMATION,
            "mapping",
            (*(told[name] for name in plain if name not in ratings), *more),
            "Headers not known, not read",
            "If one is needed, say which column it is in the mapping, under [columns].",
        ),
    )
    return [
        Problem(rule=rule, severity=severity, message=f"{what}: {', '.join(names)}.", fix=fix)
        for severity, rule, names, what, fix in notes
        if names
    ]


def _speaks_of_ratings(header: str) -> bool:
    """Whether a header may hold ratings, and is none of the fields known to hold something else."""
    words = set(re.findall("[a-z]+", header.casefold()))
    known = header_key(header) in UNSURE and header_key(header) != "rating"
    return bool(words & _RATING_WORDS) and not words & _BESIDE_A_RATING and not known


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


def in_order(problems: list[Problem]) -> tuple[Problem, ...]:
    """Errors first, then warnings, then notes, each as they were found."""
    severities = list(Severity)
    return tuple(sorted(problems, key=lambda problem: severities.index(problem.severity)))
