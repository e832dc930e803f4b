"""A release written for wider circulation: audited, put into the ledger, then made a page."""

from __future__ import annotations

import hashlib
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from pmstats.errors import DisclosureRefusal
from pmstats.release.released.audit import leaks
from pmstats.release.released.coarsen import audited
from pmstats.release.released.ledger import earlier_registers, held_ledger, read_ledger
from pmstats.release.released.release import Release
from pmstats.report.environment import environment, style
from pmstats.report.files import write_owner_only
from pmstats.report.released import release_csv, release_json, release_workbook, released_chart
from pmstats.report.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pmstats.release.released.material import Material
    from pmstats.scheme import Scheme

PAGE, WORKBOOK, DATA, PROGRAMS = "release.html", "release.xlsx", "release.csv", "release.json"


def release_page(release: Release, *, scheme: Scheme) -> str:
    """The release as one HTML page with no outside address; the same release, the same bytes.

    Raises `TypeError` for anything but a `Release`: restricted numbers have no way in.
    """
    if not isinstance(release, Release):
        raise TypeError(f"release_page() prints a Release, not {type(release).__name__}")
    charts = {table.id: released_chart(table, scheme=scheme) for table in release.tables}
    return (
        environment()
        .get_template("release.html.j2")
        .render(release=release, css=style(), purpose=scheme.notices.purpose, charts=charts)
    )


def release_files(release: Release, *, scheme: Scheme) -> tuple[tuple[str, bytes], ...]:
    """Every file of a release, by name, the page first; no workbook without gptables."""
    return (
        (PAGE, release_page(release, scheme=scheme).encode()),
        *([(WORKBOOK, release_workbook(release))] if find_spec("gptables") else []),
        (DATA, release_csv(release).encode()),
        (PROGRAMS, release_json(release).encode()),
    )


def write_release(
    material: Material,
    folder: str | Path,
    *,
    ledger: str | Path,
    scheme: Scheme,
    coarsen: bool = False,
) -> tuple[Path, ...]:
    """Write the release of a department into a folder and give the paths, the page first.

    The ledger is held from the audit until the files are written, and gets their entries
    first: what may be out is known. Raises `DisclosureRefusal`, and writes nothing, when the
    audit does not pass or the ledger cannot be trusted; with `coarsen` shows less until it does.
    """
    with held_ledger(Path(ledger)) as held:
        earlier = earlier_registers(
            held.entries, department=material.department, year=material.year
        )
        passed = audited(material, scheme=scheme, earlier=earlier, coarsen=coarsen)
        files = release_files(passed.release, scheme=scheme)
        for name, content in files:
            held.append(
                file=name,
                content=content,
                scheme=scheme.name,
                scheme_sha256=scheme.sha256,
                register=passed.release.register,
            )
        Path(folder).mkdir(parents=True, exist_ok=True, mode=0o700)
        return tuple(write_owner_only(Path(folder) / name, content) for name, content in files)


def audit_reports(folder: str | Path, *, ledger: str | Path, scheme: Scheme) -> tuple[str, ...]:
    """What trying to undo everything in the ledger came to, one line a department and year.

    Raises `DisclosureRefusal` when anything can be undone, and for a released file under the
    folder that the ledger does not know.
    """
    entries = read_ledger(Path(ledger))
    strangers = list(_strangers(Path(folder), {entry.sha256 for entry in entries}))
    if strangers:
        raise DisclosureRefusal(
            f"Not in the ledger, or changed since: {', '.join(strangers)}. The ledger is not of "
            "these files, or its last lines are gone."
        )
    lines, undone = [], []
    places = dict.fromkeys((e.register.department, e.register.year) for e in entries)
    for department, year in places:
        registers = earlier_registers(entries, department=department, year=year)
        report = leaks(registers, scheme=scheme)
        lines.append(
            f"{department}, {year}: {counted(report.releases, 'release')}, "
            f"{report.cells:,} numbers and {report.changes:,} changes looked at, "
            f"{len(report.breaches)} given away"
        )
        undone += [f"{department}, {year}: {breach.sentence}" for breach in report.breaches]
    if undone:
        raise DisclosureRefusal("\n".join(undone))
    return tuple(lines)


def _strangers(folder: Path, known: set[str]) -> Iterator[str]:
    named = (PAGE, WORKBOOK, DATA, PROGRAMS)
    for path in sorted(path for name in named for path in folder.rglob(name)):
        if hashlib.sha256(path.read_bytes()).hexdigest() not in known:
            yield str(path.relative_to(folder))
