"""The report of a check, for the analyst who must put the export right: a page and a workbook."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pmstats.errors import Severity
from pmstats.release.problems import problem_tables
from pmstats.report.files import write_owner_only
from pmstats.report.page import environment, style
from pmstats.report.workbook import write_workbook

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pmstats.errors import Problem
    from pmstats.scheme import Scheme

CHECK_PAGE, CHECK_WORKBOOK = "check_report.html", "check_report.xlsx"

HANDLING = (
    "For the person who prepares the export. It names rows by number and holds no value of a "
    "person; the export itself is needed to read it."
)


def write_check_report(
    problems: Sequence[Problem], folder: str | Path, *, export_name: str, scheme: Scheme
) -> tuple[Path, ...]:
    """Write what a check found as a page and a workbook, and give their paths.

    Grouped by what the analyst must do, with row numbers and no cell of the export. Both files
    are readable by their owner alone; the same problems give the same bytes.
    """
    out = Path(folder)
    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    tables = problem_tables(problems)
    # the scheme's banner names the pack; what stands before the colon is the marking itself
    banner = scheme.notices.banner.partition(":")[0]
    errors = sum(each.severity is Severity.ERROR for each in problems)
    text = (
        environment()
        .get_template("check.html.j2")
        .render(
            css=style(),
            banner=banner,
            export_name=export_name,
            scheme=scheme,
            handling=HANDLING,
            tables=tables,
            errors=errors,
            problems=len(problems),
        )
    )
    files = [write_owner_only(out / CHECK_PAGE, text)]
    if tables:
        files.append(
            write_workbook(
                tables,
                out / CHECK_WORKBOOK,
                title=f"Check of {export_name}",
                banner=banner,
                handling=HANDLING,
            )
        )
    return tuple(files)
