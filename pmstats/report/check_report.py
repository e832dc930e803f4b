"""The report of a check, for the analyst who must put the export right: a page and a workbook."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pmstats.release.restricted.problems import column_table, problem_tables, row_table
from pmstats.report.environment import environment, style
from pmstats.report.files import write_owner_only
from pmstats.report.workbook import write_workbook

if TYPE_CHECKING:
    from pmstats.cohort import Examined
    from pmstats.release.table import RestrictedTable
    from pmstats.scheme import Scheme

CHECK_PAGE, CHECK_WORKBOOK = "check_report.html", "check_report.xlsx"

#: Rows in the page's list of rows; the workbook has them all.
ROWS_ON_PAGE = 100

HANDLING = (
    "For the person who prepares the export. It names rows by number and people by keyed hashes, "
    "and holds no value of a person; the export itself is needed to read it."
)
RECORD_IDS = (
    "A record id is the same for every row of one person. It stays the same from check to check "
    "only under a kept key (--key)."
)


def write_check_report(
    examined: Examined, folder: str | Path, *, export_name: str, scheme: Scheme
) -> tuple[Path, ...]:
    """Write what a check found as a page and a workbook, and give their paths.

    Grouped by what the analyst must do, with row numbers, record ids and no cell of the export.
    Both files are readable by their owner alone; the same problems give the same bytes, but for
    record ids without a kept key.
    """
    out = Path(folder)
    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    tables, rows, columns = (
        problem_tables(examined),
        row_table(examined),
        column_table(examined),
    )
    # the scheme's banner names the pack; what stands before the colon is the marking itself
    banner = scheme.notices.banner.partition(":")[0]
    text = (
        environment()
        .get_template("check.html.j2")
        .render(
            css=style(),
            banner=banner,
            export_name=export_name,
            scheme=scheme,
            handling=HANDLING,
            facts=examined.facts,
            stopped=bool(examined.stopping),
            tables=tables,
            rows=_first(rows),
            record_ids=RECORD_IDS,
            columns=columns,
        )
    )
    files = [write_owner_only(out / CHECK_PAGE, text)]
    if tables:
        files.append(
            write_workbook(
                [*tables, *(table for table in (rows, columns) if table.rows)],
                out / CHECK_WORKBOOK,
                title=f"Check of {export_name}",
                banner=banner,
                handling=HANDLING,
            )
        )
    return tuple(files)


def _first(rows: RestrictedTable) -> RestrictedTable:
    left = len(rows.rows) - ROWS_ON_PAGE
    if left <= 0:
        return rows
    note = f"{left:,} more rows are in {CHECK_WORKBOOK}."
    return replace(rows, rows=rows.rows[:ROWS_ON_PAGE], notes=(note, *rows.notes))
