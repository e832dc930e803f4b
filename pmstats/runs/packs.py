"""Packs for every department of an export: read once, planned, run, listed on an index page."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from pmstats.cohort import read_export
from pmstats.errors import NotebookFailed, ParameterError
from pmstats.report.index import Entry, entry_of, index_page
from pmstats.report.pack import FACTS, write_owner_only
from pmstats.runs.execute import Outcome, run_jobs
from pmstats.runs.manifest import write_manifest
from pmstats.runs.parameters import check_parameters, notebook_parameters, typed_parameters
from pmstats.runs.plan import Job, plan, slug
from pmstats.scheme import load_scheme

if TYPE_CHECKING:
    from pmstats.cohort import Cohort

INDEX = "index.html"


def make_packs(
    *,
    notebook: Path,
    export: Path,
    scheme_name: str,
    mapping: Path | None,
    stage: str,
    cut_off: date | None,
    departments: tuple[str, ...],
    extra: tuple[tuple[str, object], ...],
    out: Path,
    workers: int,
    quiet: bool,
) -> int:
    """Run a notebook for each department of an export and give the exit code.

    Paths of the files made go to stdout, progress and a summary to stderr. Raises
    `ExportError` or `ParameterError` before anything is written when the export or a
    parameter is wrong.
    """
    scheme = load_scheme(scheme_name)
    parameters = _parameters(
        notebook,
        standard={
            "export": str(export.resolve()),
            "scheme": (
                str(Path(scheme_name).resolve()) if scheme_name.endswith(".toml") else scheme_name
            ),
            "mapping": str(mapping.resolve()) if mapping else "",
            "stage": stage,
            "cut_off": cut_off.isoformat() if cut_off else "",
            "out": ".",
        },
        extra=extra,
    )
    cohort = read_export(export, scheme=scheme, mapping=mapping, stage=stage, cut_off=cut_off)
    chosen = _chosen(cohort, departments)
    folder = out / slug(f"{scheme.year.label if scheme.year else scheme.edition}-{stage}")
    jobs = plan(
        notebook,
        departments=chosen,
        among=cohort.departments,
        parameters=parameters,
        folder=folder,
    )
    outcomes = list(_watched(jobs, workers=workers, banner=scheme.notices.banner, quiet=quiet))
    outcomes.sort(key=lambda each: each.department)
    entries = tuple(_entry(each) for each in outcomes)
    write_owner_only(folder / INDEX, index_page(entries, scheme=scheme, stage=stage))
    write_manifest(
        folder,
        outcomes=outcomes,
        facts={
            "notebook": notebook.name,
            "export": cohort.export_name,
            "export_sha256": cohort.export_sha256,
            "scheme": scheme.name,
            "scheme_sha256": scheme.sha256,
            "stage": stage,
            "cut_off": str(cohort.cut_off or ""),
        },
    )
    return _summary(folder, outcomes, quiet=quiet)


def _parameters(
    notebook: Path, *, standard: dict[str, object], extra: Iterable[tuple[str, object]]
) -> tuple[tuple[str, object], ...]:
    """What every job gets: what a run always knows, then what the caller adds.

    A notebook that writes no files need not take `out`, nor what is left empty.
    """
    known = {parameter.name for parameter in notebook_parameters(notebook)}
    optional = {"out"} | {name for name, value in standard.items() if not value}
    given = {n: value for n, value in standard.items() if n in known or n not in optional}
    given |= dict(typed_parameters(notebook, extra))
    check_parameters(notebook, {**given, "department": ""})
    return tuple(given.items())


def _chosen(cohort: Cohort, departments: Iterable[str]) -> tuple[str, ...]:
    asked = tuple(departments)
    unknown = [name for name in asked if name not in cohort.departments]
    if unknown:
        raise ParameterError(
            f"The export holds no department {', '.join(map(repr, unknown))}; "
            f"it holds: {', '.join(cohort.departments)}."
        )
    return asked or cohort.departments


def _watched(jobs: Sequence[Job], *, workers: int, banner: str, quiet: bool) -> Iterator[Outcome]:
    """The outcomes as they come, with a bar on stderr when a person is looking."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn("packs"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=quiet or not console.is_terminal) as bar:
        task = bar.add_task("packs", total=len(jobs))
        for outcome in run_jobs(jobs, workers=workers, banner=banner):
            bar.advance(task)
            yield outcome


def _entry(outcome: Outcome) -> Entry:
    if outcome.done and FACTS in outcome.files:
        facts = json.loads((outcome.folder / FACTS).read_text(encoding="utf-8"))
        return entry_of(facts, folder=outcome.folder.name)
    return Entry(
        department=outcome.department,
        folder=outcome.folder.name,
        done=False,
        message=outcome.message or "the notebook wrote no pack",
    )


def _summary(folder: Path, outcomes: Sequence[Outcome], *, quiet: bool) -> int:
    for each in outcomes:
        for name in each.files:
            print(each.folder / name)
    print(folder / INDEX)
    failed = [each for each in outcomes if not each.done]
    if not quiet:
        print(
            f"{len(outcomes) - len(failed)} of {len(outcomes)} packs made in {folder}",
            file=sys.stderr,
        )
    for each in failed:
        print(f"{each.department}: {each.message}", file=sys.stderr)
    return NotebookFailed.exit_code if failed else 0
