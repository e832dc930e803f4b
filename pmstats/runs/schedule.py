"""A plan file: the runs of a schedule as data, the same for one machine and for a cluster.

    [[run]]
    notebook = "notebooks/90_consistency_check_pack.ipynb"
    export = "exports/latest.csv"
    stage = "mid-year"

Every path is inside one root folder, whatever the file says; links that lead out are refused.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from pmstats.errors import ParameterError, PmstatsError
from pmstats.plain_file import read_plain
from pmstats.runs.fork import Limits
from pmstats.runs.packs import Request, make_packs
from pmstats.runs.private import private_folder
from pmstats.runs.storage import path_of, run_at
from pmstats.scheme.strict import StrictFaults, structured


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRun:
    """One `[[run]]` of a plan file; the names are those of the command line."""

    notebook: str
    export: str
    out: str = "reports"
    scheme: str = "scs_2024_25"
    mapping: str = ""
    stage: str = "mid-year"
    cut_off: date | None = None
    departments: tuple[str, ...] = ()
    parameters: dict[str, str] = field(default_factory=dict)
    workers: int = 2
    engine: str = "fork"
    cell_timeout: float = 600
    memory: int = 0
    resume: bool = True
    pdf: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFile:
    """The runs of a plan file, in order."""

    run: tuple[PlannedRun, ...]


def read_schedule(path: Path, *, root: Path | None = None) -> tuple[Request, ...]:
    """The runs a plan file asks for. Paths are relative to `root`, else to the file's folder.

    Raises `ParameterError` that names every unknown or wrong entry, and every path that leads
    out of the root.
    """
    try:
        plan = structured(tomllib.loads(read_plain(path).decode()), PlanFile)
    except OSError as error:
        raise ParameterError(f"{path.name}: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ParameterError(f"{path.name}: not a TOML file: {error}.") from None
    except StrictFaults as error:
        raise ParameterError(f"{path.name}: {'; '.join(error.faults)}.") from None
    inside = (root or path.parent).resolve()
    faults = [fault for run in plan.run for fault in _faults(run, inside)]
    if faults:
        raise ParameterError(f"{path.name}: {'; '.join(faults)}.")
    try:
        return tuple(_request(run, inside) for run in plan.run)
    except ParameterError as error:
        raise ParameterError(f"{path.name}: {error}") from None


def run_schedule(path: Path, *, root: str = "", cluster: str = "") -> int:
    """Do the runs of a plan file one after the other; the first exit code that is not 0.

    A root that is an address is a folder on a storage. A run that cannot start says so on stderr
    and does not stop those after it. Raises what `read_schedule` raises.
    """
    here = path_of(root) if root else path.parent
    if here:
        return _run_all(path, here, cluster=cluster)
    with private_folder() as private:
        return _run_all(path, private.resolve(), cluster=cluster, address=root)


def _run_all(path: Path, root: Path, *, cluster: str, address: str = "") -> int:
    codes = []
    for planned in read_schedule(path, root=root):
        request = replace(planned, cluster=cluster)
        try:
            with run_at(address, request, root=root) if address else nullcontext(request) as here:
                codes.append(make_packs(here))
        except PmstatsError as error:
            print(f"{request.notebook.name}: {error}", file=sys.stderr)
            codes.append(error.exit_code)
    return next((code for code in codes if code), 0)


def _faults(run: PlannedRun, inside: Path) -> Iterator[str]:
    scheme = run.scheme if run.scheme.endswith(".toml") else ""
    beside = (str(Path(run.export).parent / name) for name in _beside(inside / run.mapping))
    for name in filter(None, (run.notebook, run.export, run.out, run.mapping, scheme, *beside)):
        if not (inside / name).resolve().is_relative_to(inside):
            yield f"{name!r} leads out of the folder of the plan"
    if run.engine not in ("fork", "kernel"):
        yield f"engine is fork or kernel, not {run.engine!r}"
    if run.workers < 1:
        yield "workers is at least 1"


def _beside(mapping: Path) -> Iterator[str]:
    """The files beside the export that a mapping names; none of one that cannot be read yet."""
    with suppress(OSError, ValueError, AttributeError):
        files = tomllib.loads(read_plain(mapping).decode()).get("files", {})
        yield from (name for name in files.values() if isinstance(name, str))


def _request(run: PlannedRun, inside: Path) -> Request:
    return Request(
        notebook=inside / run.notebook,
        export=inside / run.export,
        out=inside / run.out,
        scheme=str(inside / run.scheme) if run.scheme.endswith(".toml") else run.scheme,
        mapping=inside / run.mapping if run.mapping else None,
        stage=run.stage,
        cut_off=run.cut_off,
        departments=run.departments,
        extra=tuple(run.parameters.items()),
        workers=run.workers,
        engine=run.engine,
        limits=Limits(cell_seconds=run.cell_timeout, memory_mb=run.memory),
        resume=run.resume,
        quiet=True,
        pdf=run.pdf,
    )
