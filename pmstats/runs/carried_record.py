"""The record of a run on a cluster: what a job looks back at goes along, what it keeps comes back.

The record is a file of the client, which alone writes to it. A worker gives each job a record of
its own, with the newest snapshot of its department at every cycle and stage.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from pmstats.release.restricted.snapshot import snapshot_from
from pmstats.report.record_store import keep_snapshot, record_entries, record_snapshot
from pmstats.runs.plan import Job


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """Snapshots on their way, in the order they were kept; the repr shows none of them."""

    texts: tuple[str, ...] = field(default=(), repr=False)


def record_of(job: Job) -> str:
    """The path of the record that a job keeps its snapshot in; empty without one."""
    return str(dict(job.parameters).get("record") or "")


def looked_back_at(job: Job) -> Carried:
    """What the record holds for a job. Raises `ParameterError` when it cannot be read."""
    path = record_of(job)
    if not path or not Path(path).exists():
        return Carried()
    entries = record_entries(path, department=job.department)
    newest = {(entry.cycle, entry.stage): entry.id for entry in entries}
    return Carried(
        texts=tuple(record_snapshot(path, number).text() for number in sorted(newest.values()))
    )


def with_own_record(job: Job, carried: Carried, *, folder: Path) -> Job:
    """The job with a record in this folder that holds what was carried; as it is without one."""
    if not record_of(job):
        return job
    own = folder / Path(record_of(job)).name
    keep(own, carried)
    given = tuple((n, str(own) if n == "record" else v) for n, v in job.parameters)
    return replace(job, parameters=given)


def kept_since(job: Job, carried: Carried) -> Carried:
    """What a job has added to its own record."""
    path = record_of(job)
    if not path or not Path(path).exists():
        return Carried()
    texts = (record_snapshot(path, entry.id).text() for entry in record_entries(path))
    return Carried(texts=tuple(text for text in texts if text not in carried.texts))


def keep(record: str | Path, carried: Carried) -> None:
    """Add snapshots to a record. Raises `ParameterError` when they cannot be kept."""
    for text in carried.texts:
        keep_snapshot(record, snapshot_from(text))
