"""A release written for wider circulation: audited, put into the ledger, then made a page."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from pmstats.errors import DisclosureRefusal
from pmstats.release.audit import leaks
from pmstats.release.coarsen import audited
from pmstats.release.ledger import earlier_registers, held_ledger, read_ledger
from pmstats.release.released import Release
from pmstats.report.environment import environment, style
from pmstats.report.files import write_owner_only
from pmstats.report.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pmstats.release.material import Material
    from pmstats.scheme import Scheme

PAGE = "release.html"


def release_page(release: Release, *, scheme: Scheme) -> str:
    """The release as one HTML page with no outside address; the same release, the same bytes.

    Raises `TypeError` for anything but a `Release`: restricted numbers have no way in.
    """
    if not isinstance(release, Release):
        raise TypeError(f"release_page() prints a Release, not {type(release).__name__}")
    return (
        environment()
        .get_template("release.html.j2")
        .render(release=release, css=style(), purpose=scheme.notices.purpose)
    )


def write_release(
    material: Material,
    folder: str | Path,
    *,
    ledger: str | Path,
    scheme: Scheme,
    coarsen: bool = False,
) -> tuple[Path, ...]:
    """Write the release of a department into a folder and give the path of its page.

    The ledger is held from the audit until the page is written, and gets the page's entry
    first: what may be out is known. Raises `DisclosureRefusal`, and writes nothing, when the
    audit does not pass or the ledger cannot be trusted; with `coarsen` shows less until it does.
    """
    with held_ledger(Path(ledger)) as held:
        earlier = earlier_registers(
            held.entries, department=material.department, year=material.year
        )
        passed = audited(material, scheme=scheme, earlier=earlier, coarsen=coarsen)
        content = release_page(passed.release, scheme=scheme).encode()
        held.append(
            file=PAGE,
            content=content,
            scheme=scheme.name,
            scheme_sha256=scheme.sha256,
            register=passed.release.register,
        )
        return (write_owner_only(Path(folder) / PAGE, content),)


def audit_reports(folder: str | Path, *, ledger: str | Path, scheme: Scheme) -> tuple[str, ...]:
    """What trying to undo everything in the ledger came to, one line a department and year.

    Raises `DisclosureRefusal` when anything can be undone, and for a page under the folder
    that the ledger does not know.
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
    for path in sorted(folder.rglob(PAGE)):
        if hashlib.sha256(path.read_bytes()).hexdigest() not in known:
            yield str(path.relative_to(folder))
