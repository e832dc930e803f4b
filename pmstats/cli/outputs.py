"""Commands that write one thing for each department without a notebook, or read what was kept."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pmstats.errors import DisclosureRefusal, ParameterError

if TYPE_CHECKING:
    from pmstats.cohort import Cohort
    from pmstats.release.restricted.snapshot import Snapshot
    from pmstats.scheme import Scheme


def release(given: argparse.Namespace) -> int:
    """`pmstats release`: what of each department, and its units, passes its audit."""
    from pmstats.release.released.ledger import start_ledger
    from pmstats.release.released.material import material_of, units_of
    from pmstats.report.release import write_release
    from pmstats.runs.plan import folder_names
    from pmstats.scheme import load_scheme

    scheme = load_scheme(given.scheme)
    if given.new_ledger:
        given.ledger.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        start_ledger(given.ledger)
    refused = 0
    for ours, folder in _departments(given, scheme, f"{given.stage}-release"):
        units = units_of(ours) if given.units else ()
        inside = folder_names(units)
        for unit in ("", *units):
            counts = material_of(ours, stage=given.stage, unit=unit)
            out = folder / inside[unit] if unit else folder
            try:
                for path in write_release(
                    counts, out, ledger=given.ledger, scheme=scheme, coarsen=given.coarsen
                ):
                    print(path)
            except DisclosureRefusal as error:
                refused += 1
                print(error, file=sys.stderr)
    return DisclosureRefusal.exit_code if refused else 0


def audit(given: argparse.Namespace) -> int:
    """`pmstats audit`: what trying to undo every release together came to."""
    from pmstats.report.release import audit_reports
    from pmstats.scheme import load_scheme

    scheme = load_scheme(given.scheme)
    for line in audit_reports(given.reports, ledger=given.ledger, scheme=scheme):
        print(line)
    return 0


def annual_return(given: argparse.Namespace) -> int:
    """`pmstats return`: what paragraphs 89 to 92 ask of each department."""
    from pmstats.counts.annual_return import annual_return as counted
    from pmstats.release import provenance, restricted_table
    from pmstats.release.released.material import material_of
    from pmstats.report.annual_return import enter_annual_return, write_annual_return
    from pmstats.scheme import load_scheme

    scheme = load_scheme(given.scheme)
    for ours, folder in _departments(given, scheme, "return"):
        table = restricted_table(counted(ours), scheme=scheme)
        origin = provenance(ours, stage=given.stage)
        if given.ledger:
            counts = material_of(ours, stage=given.stage)
            for sentence in enter_annual_return(table, counts, ledger=given.ledger, scheme=scheme):
                print(f"With what was released before: {sentence}", file=sys.stderr)
        for path in write_annual_return(table, folder, scheme=scheme, origin=origin):
            print(path)
    return 0


def record(given: argparse.Namespace) -> int:
    """`pmstats record`: what was kept of earlier checks, and the meetings held over them."""
    from pmstats.release.restricted.snapshot import comparison_table
    from pmstats.report.record_store import entries_table, record_entries, record_snapshot

    wanted = {"list": 0, "show": 1, "compare": 2, "meeting": 1}[given.what]
    if len(given.numbers) != wanted:
        raise ParameterError(f"record {given.what}: give {wanted} numbers; `record list` has them.")
    kept = [record_snapshot(given.record, number) for number in given.numbers]
    if given.what == "list":
        print(entries_table(record_entries(given.record)))
    elif given.what == "show":
        print(kept[0])
    elif given.what == "meeting":
        print(_kept_meeting(given, kept[0]))
    else:
        print(comparison_table(*kept))
    return 0


def _kept_meeting(given: argparse.Namespace, snapshot: Snapshot) -> str:
    """The line that says under which number the snapshot with its meeting was kept."""
    from pmstats.release.restricted.snapshot import met_over
    from pmstats.report.record_store import keep_snapshot
    from pmstats.scheme import load_scheme

    if given.held_on is None:
        raise ParameterError("record meeting: say when it was held, --held-on YYYY-MM-DD.")
    met = met_over(
        snapshot,
        held_on=given.held_on,
        attendees=given.role,
        questions=given.question,
        scheme=load_scheme(given.scheme),
    )
    return f"{keep_snapshot(given.record, met)}: {met.title}, meeting of {met.held_on}"


def _departments(
    given: argparse.Namespace, scheme: Scheme, what: str
) -> Iterator[tuple[Cohort, Path]]:
    """Each department asked for, with a folder of its own, private to its owner."""
    from pmstats.cohort import read_export
    from pmstats.runs.plan import folder_names

    cohort = read_export(
        given.export,
        scheme=scheme,
        mapping=given.mapping,
        stage=given.stage,
        cut_off=given.cut_off,
    )
    folders = folder_names(cohort.departments)
    for name in given.department or cohort.departments:
        ours = cohort.department(name)
        folder = given.out / f"{scheme.cycle}-{what}" / folders[name]
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        yield ours, folder
