"""The command line: the same verbs as the library, one line per file written on stdout.

Progress and problems go to stderr; neither ever holds a row of data.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from pmstats.errors import ExportError, ParameterError, PmstatsError, Severity

if TYPE_CHECKING:
    from pmstats.errors import Problem

PACK_NOTEBOOK = "90_consistency_check_pack.ipynb"

#: What a made-up year may hold besides people and ratings, each off unless asked for.
SYNTHETIC_PARTS = {
    "moderation": "plant what moderation may do: a harsh panel, a group moved down, a close fit",
    "record": "add the record of the year: conversations, development plans, awards",
    "previous": "add the year before, linked by person",
    "violations": "break every rule that the columns can break, at rows the truth names",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code.

    0 fine, 2 usage, 10 invalid export, 11 bad parameter or scheme, 12 disclosure refusal,
    13 a notebook failed (the others are done).
    """
    given = parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = given.command
    try:
        return command(given)
    except ExportError as error:
        _print_problems(error.problems)
        print("Nothing was written.", file=sys.stderr)
        return error.exit_code
    except PmstatsError as error:
        print(f"pmstats: {error}", file=sys.stderr)
        return error.exit_code


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    whole = argparse.ArgumentParser(
        prog="pmstats",
        description="Rating distributions and consistency check packs for the SCS.",
        epilog="Exit codes: 0 fine, 2 usage, 10 invalid export, 11 bad parameter or scheme, "
        "13 a notebook failed (the others are done).",
    )
    verbs = whole.add_subparsers(required=True, metavar="COMMAND")

    check = verbs.add_parser(
        "check", help="every problem in an export, with rows and how to fix it"
    )
    _export_options(check)
    check.add_argument("--json", action="store_true", help="print the problems as JSON")
    check.set_defaults(command=_check)

    pack = verbs.add_parser("pack", help="a consistency check pack for each department")
    _export_options(pack)
    _run_options(pack)
    pack.set_defaults(command=_pack, notebook=None, parameter=[])

    run = verbs.add_parser("run", help="any notebook for each department")
    run.add_argument("notebook", type=Path, metavar="NOTEBOOK", help="the notebook to run")
    run.add_argument("--export", required=True, metavar="EXPORT", help="the HR export to read")
    _reading_options(run)
    _run_options(run)
    run.add_argument(
        "-p",
        "--parameter",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a further parameter of the notebook (repeatable)",
    )
    run.set_defaults(command=_pack)

    synthesise = verbs.add_parser("synthesise", help="a made-up export with a known truth")
    synthesise.add_argument("out", type=Path, metavar="OUT", help="the folder to write to")
    synthesise.add_argument("--departments", type=int, default=8, metavar="N")
    synthesise.add_argument("--people", type=int, default=None, metavar="N")
    synthesise.add_argument("--seed", type=int, default=2024, metavar="S")
    for name, what in SYNTHETIC_PARTS.items():
        synthesise.add_argument(f"--{name}", action="store_true", help=what)
    synthesise.add_argument("--no-effects", action="store_true", help="plant no difference at all")
    synthesise.set_defaults(command=_synthesise)

    schemes = verbs.add_parser("schemes", help="the rating schemes and their editions")
    schemes.set_defaults(command=_schemes)
    return whole


def _export_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("export", metavar="EXPORT", help="the HR export to read")
    _reading_options(command)


def _reading_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--scheme", default="scs_2024_25", metavar="NAME|FILE.toml")
    command.add_argument("--mapping", default="", metavar="M.toml", help="how columns map")
    command.add_argument("--stage", default="mid-year", metavar="S", help="default: mid-year")
    command.add_argument(
        "--cut-off",
        type=date.fromisoformat,
        default=None,
        metavar="YYYY-MM-DD",
        help="who is in post is judged on this day; default: the scheme's",
    )


def _run_options(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--department",
        action="append",
        default=[],
        metavar="D",
        help="only this department (repeatable)",
    )
    command.add_argument("--out", type=Path, default=Path("reports"), metavar="DIR")
    command.add_argument("--workers", type=int, default=2, metavar="N", help="default: 2")
    command.add_argument(
        "--resume", action="store_true", help="keep what was made from the very same things"
    )
    command.add_argument(
        "--engine",
        choices=("fork", "kernel"),
        default="fork",
        help="how a notebook runs; a kernel is slower, and the only way where forks are not safe",
    )
    command.add_argument(
        "--cell-timeout", type=float, default=600, metavar="SECONDS", help="default: 600"
    )
    command.add_argument(
        "--memory",
        type=int,
        default=0,
        metavar="MB",
        help="what a notebook may take beyond its libraries; default: no limit",
    )
    command.add_argument("--quiet", action="store_true", help="no progress, no summary")


def _check(given: argparse.Namespace) -> int:
    from pmstats.cohort import check_export
    from pmstats.scheme import load_scheme

    problems = check_export(
        given.export,
        scheme=load_scheme(given.scheme),
        mapping=_mapping(given),
        stage=given.stage,
        cut_off=given.cut_off,
    )
    if given.json:
        print(_as_json(problems))
    else:
        _print_problems(problems)
    errors = sum(each.severity is Severity.ERROR for each in problems)
    print(f"{len(problems)} problems, {errors} of them errors.", file=sys.stderr)
    return ExportError.exit_code if errors else 0


def _pack(given: argparse.Namespace) -> int:
    from pmstats.runs.fork import Limits
    from pmstats.runs.packs import Request, make_packs

    return make_packs(
        Request(
            notebook=given.notebook or notebooks_folder() / PACK_NOTEBOOK,
            export=Path(given.export),
            out=given.out,
            scheme=given.scheme,
            mapping=_mapping(given),
            stage=given.stage,
            cut_off=given.cut_off,
            departments=tuple(given.department),
            extra=tuple(_pair(text) for text in given.parameter),
            workers=given.workers,
            engine=given.engine,
            limits=Limits(cell_seconds=given.cell_timeout, memory_mb=given.memory),
            resume=given.resume,
            quiet=given.quiet,
        )
    )


def _synthesise(given: argparse.Namespace) -> int:
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


def _schemes(_: argparse.Namespace) -> int:
    from pmstats.scheme import load_scheme, scheme_names

    for name in scheme_names():
        scheme = load_scheme(name)
        scale = " > ".join(scheme.best_first)
        print(f"{name}: {scheme.title}, {scheme.edition}; unit {scheme.unit}; {scale}")
    return 0


def notebooks_folder() -> Path:
    """The folder of the notebooks: beside the package in a checkout, inside it when installed."""
    package = Path(__file__).parent
    inside = package / "notebooks"
    return inside if inside.is_dir() else package.parent / "notebooks"


def _mapping(given: argparse.Namespace) -> Path | None:
    return Path(given.mapping) if given.mapping else None


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise ParameterError(f"--parameter {text!r}: write NAME=VALUE.")
    return name, value


def _print_problems(problems: Sequence[Problem]) -> None:
    for problem in problems:
        print(problem, file=sys.stderr)


def _as_json(problems: Sequence[Problem]) -> str:
    import json
    from dataclasses import asdict

    return json.dumps([asdict(problem) for problem in problems], indent=1)
