"""Packs for every department of an export: read once, planned, run, listed on an index page."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from pmstats.errors import NotebookFailed, ParameterError
from pmstats.looks import look_of
from pmstats.report.pdf import chromium
from pmstats.runs.engine import Engine, ForkEngine, KernelEngine
from pmstats.runs.execute import Outcome, Shared, Status, Watched, run_jobs
from pmstats.runs.executed import load_papermill
from pmstats.runs.fork import CannotFork, ExportFacts, Limits
from pmstats.runs.lock import locked
from pmstats.runs.manifest import write_manifest
from pmstats.runs.parameters import check_parameters, notebook_parameters, typed_parameters
from pmstats.runs.plan import Job, plan, slug
from pmstats.runs.receipt import identity, still_good
from pmstats.runs.staging import recover, replace_file
from pmstats.scheme import load_scheme

if TYPE_CHECKING:
    from pmstats.report.index import Entry
    from pmstats.runs.cluster import Cluster
    from pmstats.scheme import Scheme

INDEX = "index.html"

#: Seconds to wait for another run that writes the index over all cycles.
PATIENCE = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a run is asked to make: a notebook for departments of an export, and where to.

    `departments` empty means all; `extra` are further parameters of the notebook. `resume`
    keeps what an earlier run made from the very same things; `pdf` prints each page beside it.
    `cluster` is the address of a dask scheduler, `address` what `out` is a working copy of.
    """

    notebook: Path
    export: Path
    out: Path
    scheme: str = "scs_2024_25"
    mapping: Path | None = None
    stage: str = "mid-year"
    cut_off: date | None = None
    departments: tuple[str, ...] = ()
    extra: tuple[tuple[str, object], ...] = ()
    workers: int = 2
    engine: str = "fork"
    cluster: str = ""
    limits: Limits = field(default_factory=Limits)
    resume: bool = False
    quiet: bool = False
    pdf: bool = False
    address: str = ""

    def shown(self, path: Path) -> str:
        """A path of the reports folder as the caller knows it."""
        if not self.address:
            return str(path)
        return f"{self.address}/{path.relative_to(self.out).as_posix()}"

    @property
    def reading(self) -> dict[str, str]:
        """How the export is read: parameters of notebooks, paths whole."""
        of_file = self.scheme.endswith(".toml")
        return {
            "export": str(self.export.resolve()),
            "scheme": str(Path(self.scheme).resolve()) if of_file else self.scheme,
            "mapping": str(self.mapping.resolve()) if self.mapping else "",
            "stage": self.stage,
            "cut_off": self.cut_off.isoformat() if self.cut_off else "",
        }


def make_packs(request: Request) -> int:
    """Run a notebook for each department of an export and give the exit code.

    Paths of the files made go to stdout, progress and a summary to stderr. Raises
    `ExportError` or `ParameterError` before anything is written when the export, a parameter
    or the reports folder is wrong.
    """
    if request.cluster:
        from pmstats.runs.cluster import Cluster

        with closing(Cluster(request.cluster)) as cluster:
            return _make_packs(request, cluster)
    forks = _begin(request)
    try:
        return _make_packs(request, forks=forks)
    finally:
        if forks:
            forks.close()


def _make_packs(
    request: Request, cluster: Cluster | None = None, *, forks: ForkEngine | None = None
) -> int:
    scheme = load_scheme(request.scheme)
    if request.pdf:
        chromium()
    parameters = _parameters(request)
    seen = look_of(request.export) if request.export.exists() else ()
    engine, facts = _ready(request, cluster, forks)
    try:
        folder = request.out / slug(f"{scheme.cycle}-{request.stage}")
        jobs = plan(
            request.notebook,
            departments=_chosen(facts, request.departments),
            among=facts.departments,
            parameters=parameters,
            folder=folder,
        )
        identifying = {
            "export": [facts.name, facts.sha256],
            "files": facts.files,
            "scheme": scheme.sha256,
            "pdf": request.pdf,
        }
        shared = Shared(
            engine=engine,
            export=Watched(path=request.export, sha256=facts.sha256, seen=seen),
            banner=scheme.notices.banner,
            limits=request.limits,
            made_from={job.folder: identity(job, facts=identifying) for job in jobs},
            pdf=request.pdf,
        )
        _open(folder)
        with locked(folder):
            recover(folder)
            ended = _outcomes(jobs, shared, request=request, cluster=cluster)
            outcomes = sorted(ended, key=lambda outcome: outcome.department)
            if "out" in dict(parameters):  # a notebook that takes no folder makes no pack
                _write_index(folder, outcomes, scheme, request.stage)
                _write_overview(request.out, scheme, request.stage)
            write_manifest(folder, outcomes=outcomes, facts=_shown(request, engine, facts, scheme))
    except OSError as error:
        words = error.strerror or str(error)
        raise NotebookFailed(f"{request.out}: the run could not be finished: {words}.") from None
    finally:
        engine.close()
    return _summary(folder, outcomes, request)


def _shown(
    request: Request, engine: Engine, facts: ExportFacts, scheme: Scheme
) -> dict[str, object]:
    """What the manifest says of the whole run."""
    return {
        "notebook": request.notebook.name,
        "engine": engine.name,
        "export": facts.name,
        "export_sha256": facts.sha256,
        "files_sha256": dict(facts.files),
        "scheme": scheme.name,
        "scheme_sha256": scheme.sha256,
        "stage": request.stage,
        "cut_off": facts.cut_off,
    }


def _begin(request: Request) -> ForkEngine | None:
    """The engine that forks, where it is asked for and can be; it loads while others go on."""
    if request.engine != ForkEngine.name:
        return None
    forks = ForkEngine()
    try:
        forks.begin()
    except CannotFork as reason:
        _say(reason)
        return None
    return forks


def _ready(
    request: Request, cluster: Cluster | None, forks: ForkEngine | None
) -> tuple[Engine, ExportFacts]:
    """The engine asked for with the export read; kernels where nothing can be forked.

    The engine of a run on a cluster is idle here: its workers start their own.
    """
    if cluster:
        idle = ForkEngine() if request.engine == ForkEngine.name else KernelEngine()
        return idle, cluster.hold(request.reading)
    if forks:
        _load()  # while the other process loads what it needs
        try:
            return forks, forks.hold(request.reading)
        except CannotFork as reason:
            _say(reason)
    kernels = KernelEngine()
    return kernels, kernels.hold(request.reading)


def _say(reason: CannotFork) -> None:
    print(f"Each notebook runs in a kernel of its own: {reason}.", file=sys.stderr)


def _load() -> None:
    """Import what jobs and the index after them need."""
    from pmstats.report import index

    load_papermill()
    index.template()


def _open(folder: Path) -> None:
    """Make the reports folder, open to its owner alone. Raises `ParameterError` if it cannot be."""
    try:
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        if folder.is_symlink():
            raise ParameterError(f"{folder} is a link; give the folder itself.")
        if not os.access(folder, os.W_OK | os.X_OK):
            raise ParameterError(f"{folder} cannot be written to.")
    except OSError as error:
        raise ParameterError(f"{folder} cannot be made: {error.strerror}.") from None


def _parameters(request: Request) -> tuple[tuple[str, object], ...]:
    """What every job gets: what a run always knows, then what the caller adds.

    A notebook that writes no files need not take `out`, nor what is left empty.
    """
    standard: dict[str, object] = {**request.reading, "out": "."}
    known = {parameter.name for parameter in notebook_parameters(request.notebook)}
    optional = {"out"} | {name for name, value in standard.items() if not value}
    given = {n: value for n, value in standard.items() if n in known or n not in optional}
    given |= dict(typed_parameters(request.notebook, request.extra))
    check_parameters(request.notebook, {**given, "department": ""})
    return tuple(given.items())


def _chosen(facts: ExportFacts, departments: Sequence[str]) -> tuple[str, ...]:
    unknown = [name for name in departments if name not in facts.departments]
    if unknown:
        raise ParameterError(
            f"The export holds no department {', '.join(map(repr, unknown))}; "
            f"it holds: {', '.join(facts.departments)}."
        )
    return tuple(departments) or facts.departments


def _outcomes(
    jobs: Sequence[Job], shared: Shared, *, request: Request, cluster: Cluster | None
) -> Iterator[Outcome]:
    """What is still good from an earlier run, when it may be kept; then the others as they end."""
    missing = []
    for job in jobs:
        made_from = shared.made_from[job.folder]
        good = still_good(job, made_from=made_from) if request.resume else None
        if good is None:
            missing.append(job)
            continue
        yield Outcome(
            department=job.department,
            folder=job.folder,
            status=Status.KEPT,
            seconds=good.seconds,
            files=tuple(good.files),
            cells=good.cells,
        )
    here = run_jobs(missing, shared, workers=request.workers)
    outcomes = cluster.outcomes(missing, shared) if cluster else here
    yield from _watched(outcomes, n=len(missing), quiet=request.quiet)


def _watched(outcomes: Iterator[Outcome], *, n: int, quiet: bool) -> Iterator[Outcome]:
    """The outcomes as they come, with a bar on stderr when a person is looking."""
    if quiet or not sys.stderr.isatty():
        yield from outcomes
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn("packs"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("packs", total=n)
        for outcome in outcomes:
            bar.advance(task)
            yield outcome


def _write_index(folder: Path, outcomes: Sequence[Outcome], scheme: Scheme, stage: str) -> None:
    """The index over the packs."""
    from pmstats.report.index import index_page

    entries = tuple(_entry(each) for each in outcomes)
    replace_file(folder / INDEX, index_page(entries, scheme=scheme, stage=stage))


def _write_overview(reports: Path, scheme: Scheme, stage: str) -> None:
    """The index over every department and cycle; runs that end together write one by one."""
    from pmstats.report.index import entries_in, index_page

    if not entries_in(reports, framework=scheme.title):
        return
    with locked(reports, patience=PATIENCE):
        entries = entries_in(reports, framework=scheme.title)
        replace_file(reports / INDEX, index_page(entries, scheme=scheme, stage=stage))


def _entry(outcome: Outcome) -> Entry:
    from pmstats.report.files import FACTS
    from pmstats.report.index import Entry, entry_of

    if FACTS in outcome.files:
        facts = json.loads((outcome.folder / FACTS).read_text(encoding="utf-8"))
        return entry_of(facts, folder=outcome.folder.name)
    return Entry(
        department=outcome.department,
        folder=outcome.folder.name,
        done=False,
        message=outcome.message or "the notebook wrote no pack",
    )


def _summary(folder: Path, outcomes: Sequence[Outcome], request: Request) -> int:
    for each in outcomes:
        for name in each.files if each.status is Status.DONE else ():
            print(request.shown(each.folder / name))
    for index in (folder.parent / INDEX, folder / INDEX):
        if index.exists():
            print(request.shown(index))
    failed = [each for each in outcomes if each.status is Status.FAILED]
    kept = sum(each.status is Status.KEPT for each in outcomes)
    if not request.quiet:
        made = len(outcomes) - len(failed) - kept
        still = f", {kept} kept from an earlier run" if kept else ""
        where = request.shown(folder)
        print(f"{made} of {len(outcomes)} packs made{still} in {where}", file=sys.stderr)
    for each in failed:
        print(f"{each.department}: {each.message}", file=sys.stderr)
    return NotebookFailed.exit_code if failed else 0
