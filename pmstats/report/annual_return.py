"""The annual return as files: an accessible workbook for people, a CSV for programs."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

from pmstats.release.released.audit import leaks
from pmstats.release.released.known import annual_return_register
from pmstats.release.released.ledger import earlier_registers, held_ledger
from pmstats.release.table import Kind, RestrictedTable, Value
from pmstats.report.files import write_owner_only
from pmstats.report.workbook import write_workbook

if TYPE_CHECKING:
    from pmstats.release.released.material import Material
    from pmstats.scheme import Scheme

WORKBOOK = "annual_return.xlsx"
DATA = "annual_return.csv"


def write_annual_return(
    returned: RestrictedTable,
    folder: str | Path,
    *,
    scheme: Scheme,
    origin: RestrictedTable,
) -> tuple[Path, ...]:
    """Write the table of an annual return and where it comes from; give the paths.

    An empty `folder` writes nothing. The CSV has one line for each number: what, measure,
    value; percentages unrounded, money in pounds and pence.
    """
    if not folder:
        return ()
    out = Path(folder)
    facts = [f"{what}: {which}" for what, which in origin.rows]
    return (
        write_workbook(
            [returned, origin],
            out / WORKBOOK,
            title=returned.caption,
            banner=scheme.notices.banner,
            handling=scheme.notices.handling,
            about=facts,
        ),
        write_owner_only(out / DATA, _as_csv(returned)),
    )


def enter_annual_return(
    returned: RestrictedTable, counts: Material, *, ledger: str | Path, scheme: Scheme
) -> tuple[str, ...]:
    """Put the exact figures of a return into the ledger of releases, before the return is written.

    A return is an obligation and is never refused. Gives what somebody who has it and every
    release so far could be certain of, a sentence each, beyond what the return says by itself.
    """
    register = annual_return_register(counts, scheme=scheme)
    with held_ledger(Path(ledger)) as held:
        earlier = earlier_registers(
            held.entries, department=register.department, year=register.year
        )
        if register in earlier:
            return ()
        held.append(
            file=DATA,
            content=_as_csv(returned).encode(),
            scheme=scheme.name,
            scheme_sha256=scheme.sha256,
            register=register,
        )
        if not earlier:
            return ()
        report = leaks((*earlier, register), scheme=scheme)
        return tuple(breach.sentence for breach in report.breaches)


def _as_csv(table: RestrictedTable) -> str:
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(("what", "measure", "value"))
    for what, *values in table.rows:
        for column, value in zip(table.columns[1:], values, strict=True):
            if value is not None:
                writer.writerow((what, column.name.lower(), _text(value, column.kind)))
    return lines.getvalue()


def _text(value: Value, kind: Kind) -> str:
    if kind is Kind.PENCE and isinstance(value, int):
        return f"{value // 100}.{value % 100:02}"
    if kind is Kind.SHARE and isinstance(value, float):
        return f"{100 * value:.6f}"
    return str(value)
