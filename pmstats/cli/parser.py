"""What can be typed after `pmstats`: commands, options and a word of help for each."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from pmstats.cli import commands, outputs

if TYPE_CHECKING:
    Verbs = argparse._SubParsersAction[argparse.ArgumentParser]


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    whole = argparse.ArgumentParser(
        prog="pmstats",
        description="Rating distributions and consistency check packs for the SCS.",
        epilog="Exit codes: 0 fine, 2 usage, 10 invalid export, 11 bad parameter or scheme, "
        "12 disclosure refusal, 13 a notebook failed (the others are done), or a disk.",
    )
    verbs = whole.add_subparsers(required=True, metavar="COMMAND")

    for commands_of in (_intake, _packs, _kept, _upkeep, _made_up):
        commands_of(verbs)
    return whole


def _intake(verbs: Verbs) -> None:
    check = verbs.add_parser(
        "check", help="every problem in an export, with rows and how to fix it"
    )
    _export_options(check, stage="")
    _query_option(check)
    check.add_argument("--json", action="store_true", help="print the problems as JSON")
    check.add_argument(
        "--suggest", action="store_true", help="print a mapping for this export, to be decided on"
    )
    check.add_argument(
        "--report", type=Path, metavar="DIR", help="write the problems as a page and a workbook"
    )
    check.add_argument(
        "--mark-up",
        action="store_true",
        help="write a copy of the export with its failing rows marked, beside it",
    )
    check.set_defaults(command=commands.check)


def _packs(verbs: Verbs) -> None:
    pack = verbs.add_parser("pack", help="a consistency check pack for each department")
    _export_options(pack)
    _query_option(pack)
    _run_options(pack)
    pack.set_defaults(command=commands.pack, notebook=None, parameter=[])

    pack.add_argument(
        "--record",
        default="",
        metavar="FILE",
        help="keep a snapshot of every pack in this record (paragraph 88)",
    )

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
    run.set_defaults(command=commands.pack, query=None, record="")


def _kept(verbs: Verbs) -> None:
    returned = verbs.add_parser("return", help="the annual return of each department (89-92)")
    _export_options(returned, stage="final")
    _departments(returned)
    returned.add_argument(
        "--out", type=Path, default=Path("reports"), metavar="DIR", help="default: reports"
    )
    returned.add_argument(
        "--ledger",
        type=Path,
        default=None,
        metavar="FILE",
        help="put its exact figures into this ledger of releases, to be reckoned with",
    )
    returned.set_defaults(command=outputs.annual_return)

    release = verbs.add_parser("release", help="pages for wider circulation, audited first")
    _export_options(release)
    _departments(release)
    release.add_argument(
        "--out", type=Path, default=Path("reports"), metavar="DIR", help="default: reports"
    )
    _ledger(release)
    release.add_argument(
        "--units", action="store_true", help="also the distribution of each business unit"
    )
    release.add_argument("--new-ledger", action="store_true", help="start the ledger")
    release.add_argument(
        "--coarsen", action="store_true", help="show less until nothing can be undone"
    )
    release.set_defaults(command=outputs.release)

    audit = verbs.add_parser("audit", help="try to undo what was released, by arithmetic")
    audit.add_argument("reports", type=Path, metavar="REPORTS", help="the folder of the pages")
    audit.add_argument("--scheme", default="scs_2024_25", metavar="NAME|FILE.toml")
    _ledger(audit)
    audit.set_defaults(command=outputs.audit)

    record = verbs.add_parser("record", help="list, show or compare what was kept of checks")
    record.add_argument("what", choices=("list", "show", "compare", "meeting"))
    record.add_argument(
        "numbers", type=int, nargs="*", metavar="N", help="show N, compare N N, meeting N"
    )
    record.add_argument(
        "--held-on", type=date.fromisoformat, metavar="YYYY-MM-DD", help="the day of the meeting"
    )
    record.add_argument(
        "--role", action="append", default=[], help="who was there, by role; repeatable"
    )
    record.add_argument(
        "--question", action="append", default=[], help="what was asked; repeatable"
    )
    record.add_argument("--scheme", default="scs_2024_25", metavar="NAME|FILE.toml")
    record.add_argument("--record", default="reports/record.sqlite", metavar="FILE")
    record.set_defaults(command=outputs.record)


def _upkeep(verbs: Verbs) -> None:
    schedule = verbs.add_parser("schedule", help="every run that a plan file asks for")
    schedule.add_argument("plan", type=Path, metavar="PLAN.toml", help="the runs, as data")
    schedule.add_argument(
        "--root",
        default="",
        metavar="DIR",
        help="a folder, or an address such as s3://…; default: the folder of the plan",
    )
    _cluster_option(schedule)
    schedule.set_defaults(command=commands.schedule)

    prune = verbs.add_parser("prune", help="remove old packs; records and ledgers stay")
    prune.add_argument("reports", type=Path, metavar="DIR", help="a reports folder")
    prune.add_argument("--keep", type=int, required=True, metavar="N", help="cycles to keep")
    prune.set_defaults(command=commands.prune)


def _made_up(verbs: Verbs) -> None:
    synthesise = verbs.add_parser("synthesise", help="a made-up export with a known truth")
    synthesise.add_argument("out", type=Path, metavar="OUT", help="the folder to write to")
    synthesise.add_argument("--departments", type=int, default=8, metavar="N")
    synthesise.add_argument("--people", type=int, default=None, metavar="N")
    synthesise.add_argument("--seed", type=int, default=2024, metavar="S")
    for name, what in commands.SYNTHETIC_PARTS.items():
        synthesise.add_argument(f"--{name}", action="store_true", help=what)
    synthesise.add_argument("--no-effects", action="store_true", help="plant no difference at all")
    synthesise.set_defaults(command=commands.synthesise)

    schemes = verbs.add_parser("schemes", help="the rating schemes and their editions")
    schemes.set_defaults(command=commands.schemes)


def _export_options(command: argparse.ArgumentParser, *, stage: str = "mid-year") -> None:
    command.add_argument("export", metavar="EXPORT", help="the HR export to read")
    _reading_options(command, stage=stage)


def _query_option(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--query",
        type=Path,
        metavar="FILE.sql",
        help="EXPORT is a database address: read the answer to this query",
    )


def _reading_options(command: argparse.ArgumentParser, *, stage: str = "mid-year") -> None:
    command.add_argument("--scheme", default="scs_2024_25", metavar="NAME|FILE.toml")
    command.add_argument("--mapping", default="", metavar="M.toml", help="how columns map")
    said = f"default: {stage}" if stage else "judge this stage alone; default: the whole year"
    command.add_argument("--stage", default=stage or None, metavar="S", help=said)
    command.add_argument(
        "--cut-off",
        type=date.fromisoformat,
        default=None,
        metavar="YYYY-MM-DD",
        help="who is in post is judged on this day; default: the scheme's",
    )
    command.add_argument(
        "--key",
        default="",
        metavar="FILE",
        help="a key that its owner alone can read, so that people keep one pseudonym from run to "
        "run; default: what PMSTATS_KEY_FILE or PMSTATS_KEY holds, else a fresh key",
    )


def _ledger(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--ledger",
        type=Path,
        default=Path("reports/release-ledger.jsonl"),
        metavar="FILE",
        help="what was released before; default: reports/release-ledger.jsonl",
    )


def _at_least_one(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"a whole number of 1 or more, not {text!r}")
    return int(text)


def _departments(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--department",
        action="append",
        default=[],
        metavar="D",
        help="only this department (repeatable)",
    )


def _run_options(command: argparse.ArgumentParser) -> None:
    _departments(command)
    command.add_argument(
        "--out", default="reports", metavar="DIR", help="a folder, or an address such as s3://…"
    )
    command.add_argument("--workers", type=_at_least_one, default=2, metavar="N", help="default: 2")
    command.add_argument(
        "--resume", action="store_true", help="keep what was made from the very same things"
    )
    command.add_argument(
        "--engine",
        choices=("fork", "kernel"),
        default="fork",
        help="how a notebook runs; a kernel is slower, and the only way where forks are not safe",
    )
    _cluster_option(command)
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
    command.add_argument(
        "--pdf", action="store_true", help="print every page to PDF beside it (needs Chromium)"
    )
    command.add_argument("--quiet", action="store_true", help="no progress, no summary")


def _cluster_option(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--cluster",
        default="",
        metavar="ADDRESS",
        help="send the notebooks to this dask scheduler, such as tls://host:8786",
    )
