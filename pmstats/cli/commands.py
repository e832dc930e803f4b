"""What each command does: the same verbs as the library, files named on stdout one by one."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from pmstats.errors import ExportError, ParameterError, Severity

if TYPE_CHECKING:
    from pmstats.cohort import Examined
    from pmstats.cohort.reading.cells import Source
    from pmstats.errors import Problem

PACK_NOTEBOOK = "90_consistency_check_pack.ipynb"

#: How the note begins on a rule whose columns the export lacks.
_NO_COLUMN = "Not checked: no column"
_FIRST_MAPPING = (
    "A mapping is a file that says which header and label is which: "
    "`pmstats check {export} --suggest > mapping.toml` writes a first one; "
    "give it with --mapping mapping.toml."
)

#: What a made-up year may hold besides people and ratings, each off unless asked for.
SYNTHETIC_PARTS = {
    "moderation": "plant what moderation may do: a harsh panel, a group moved down, a close fit",
    "record": "add the record of the year: conversations, development plans, awards",
    "previous": "add the year before, linked by person",
    "violations": "break every rule that the columns can break, at rows the truth names",
}


def check(given: argparse.Namespace) -> int:
    """`pmstats check`: every problem of an export, and what was asked for beside it."""
    from pmstats.cohort import examine_export, load_mapping
    from pmstats.scheme import load_scheme

    scheme = load_scheme(given.scheme)
    export = _source(given)
    if given.suggest:
        from pmstats.cohort.suggest import suggest_mapping

        print(suggest_mapping(export, scheme=scheme), end="")
        return 0
    mapping = load_mapping(given.mapping, scheme=scheme) if given.mapping else None
    examined = examine_export(
        export, scheme=scheme, mapping=mapping, stage=given.stage, cut_off=given.cut_off
    )
    problems = examined.problems
    errors = [each for each in problems if each.severity is Severity.ERROR]
    if given.json:
        print(json.dumps([_as_json(each, examined) for each in problems], indent=1))
    else:
        print_problems(problems)
    if given.report:
        from pmstats.report.check_report import write_check_report

        name = Path(given.export).name if given.query is None else given.query.name
        for path in write_check_report(examined, given.report, export_name=name, scheme=scheme):
            print(path)
    if given.mark_up:
        from pmstats.cohort.marked import write_marked_copy

        if given.query is not None:
            raise ParameterError("--mark-up needs a file; an answer to a query has none.")
        if not any(each.rows for each in problems):
            print("No copy was marked: nothing found is about a row.", file=sys.stderr)
        else:
            print(write_marked_copy(given.export, problems, scheme=scheme, mapping=mapping))
    said = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    print(f"{said}; errors: {len(errors)}.", file=sys.stderr)
    if mapping is None and given.query is None and any("mapping" in each.fix for each in errors):
        print(_FIRST_MAPPING.format(export=given.export), file=sys.stderr)
    return ExportError.exit_code if errors else 0


def _as_json(problem: Problem, examined: Examined) -> dict[str, object]:
    """A problem with the record ids of its rows, None for a row that is no record."""
    from pmstats.cohort.record_ids import file_of

    file = file_of(problem)
    ids = [examined.records.get((file, row)) for row in problem.rows]
    return {**asdict(problem), "record_ids": ids}


def pack(given: argparse.Namespace) -> int:
    """`pmstats pack` and `pmstats run`: a notebook for each department."""
    from pmstats.runs.fork import Limits
    from pmstats.runs.packs import Request, make_packs
    from pmstats.runs.storage import path_of, reports_at

    with _file(given) as export, ExitStack() as ends:
        request = Request(
            notebook=given.notebook or notebooks_folder() / PACK_NOTEBOOK,
            export=export,
            out=path_of(given.out) or Path(),
            scheme=given.scheme,
            mapping=Path(given.mapping) if given.mapping else None,
            stage=given.stage,
            cut_off=given.cut_off,
            departments=tuple(given.department),
            extra=_extra(given),
            workers=given.workers,
            engine=given.engine,
            cluster=given.cluster,
            limits=Limits(cell_seconds=given.cell_timeout, memory_mb=given.memory),
            resume=given.resume,
            quiet=given.quiet,
            pdf=given.pdf,
        )
        if not path_of(given.out):
            request = ends.enter_context(reports_at(given.out, request))
        return make_packs(request)


def schedule(given: argparse.Namespace) -> int:
    """`pmstats schedule`: one run after the other; the exit code is the first that is not 0."""
    from pmstats.runs.schedule import run_schedule

    return run_schedule(given.plan, root=given.root, cluster=given.cluster)


def prune(given: argparse.Namespace) -> int:
    """`pmstats prune`: what was removed, one file a line."""
    from pmstats.runs.prune import prune

    for path in prune(given.reports, keep=given.keep):
        print(path)
    return 0


def synthesise(given: argparse.Namespace) -> int:
    """`pmstats synthesise`: a made-up year and its truth."""
    from pmstats.cohort.synthetic import write_synthetic

    parts = {name: getattr(given, name) for name in SYNTHETIC_PARTS}
    for path in write_synthetic(
        given.out,
        seed=given.seed,
        departments=given.departments,
        people=given.people,
        effects=not given.no_effects,
        **parts,
    ):
        print(path)
    return 0


def schemes(_: argparse.Namespace) -> int:
    """`pmstats schemes`: every scheme with its edition, unit and scale."""
    from pmstats.scheme import load_scheme, scheme_names

    for name in scheme_names():
        scheme = load_scheme(name)
        scale = " > ".join(scheme.best_first)
        print(f"{name}: {scheme.title}, {scheme.edition}; unit {scheme.unit}; {scale}")
        print(f"    {scheme.source}")
    return 0


def print_problems(problems: Sequence[Problem]) -> None:
    """Every problem on stderr, one a line; the rules without their columns on one line together."""
    wanting = [each for each in problems if each.message.startswith(_NO_COLUMN)]
    for problem in problems:
        if problem not in wanting:
            print(problem, file=sys.stderr)
    columns: dict[str, dict[str, None]] = {}
    for each in wanting:  # a rule may have several parts
        columns.setdefault(each.rule, {}).update(dict.fromkeys(_columns_of(each)))
    rules = sorted(columns, key=lambda rule: (len(rule), rule))
    named = ", ".join(f"{rule} ({', '.join(columns[rule])})" for rule in rules)
    if named:
        print(f"information: Not checked, for want of columns: {named}.", file=sys.stderr)


def _columns_of(unchecked: Problem) -> list[str]:
    names = unchecked.message.removeprefix(_NO_COLUMN).removeprefix("s").strip(" .")
    return names.split(", ")


def notebooks_folder() -> Path:
    """The folder of the notebooks: beside the package in a checkout, inside it when installed."""
    package = Path(__file__).parents[1]
    inside = package / "notebooks"
    return inside if inside.is_dir() else package.parent / "notebooks"


def _source(given: argparse.Namespace) -> str | Source:
    """The export to read: a file, or the answer to a query."""
    if given.query is None:
        return str(given.export)
    from pmstats.cohort.reading.tabular import query_source

    return query_source(given.export, query=given.query)


@contextmanager
def _file(given: argparse.Namespace) -> Iterator[Path]:
    """The export as a file; one from elsewhere is kept for its owner alone, while needed."""
    from pmstats.runs.private import clear_private, private_folder
    from pmstats.runs.storage import fetched, path_of

    clear_private()
    source = _source(given)
    if isinstance(source, str):
        path = path_of(source)
        if path:
            yield path
        else:
            with fetched(source, mapping=given.mapping, scheme=given.scheme) as path:
                yield path
        return
    with private_folder() as folder:
        path = folder / source.name
        path.touch(mode=0o600)
        path.write_bytes(source.data)
        yield path


def _extra(given: argparse.Namespace) -> tuple[tuple[str, object], ...]:
    """The parameters of the notebook that were asked for by name."""
    from pmstats.runs.storage import path_of

    pairs: list[tuple[str, object]] = [_pair(text) for text in given.parameter]
    if given.record:
        here = path_of(str(given.record))
        if here is None:
            raise ParameterError("--record is a file of this machine, not an address.")
        path = here.resolve()
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        pairs.append(("record", str(path)))
    return tuple(pairs)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise ParameterError(f"--parameter {text!r}: write NAME=VALUE.")
    return name, value
