"""What every notebook does for the first time, done once before the first fork.

Templates are compiled, expressions parsed, tables of constants filled and libraries led through
their first calls: a fork inherits all of it and would else do it again for each department.
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pmstats.cohort import Cohort
    from pmstats.cohort.preloaded import Reading


def rehearse(cohort: Cohort, *, reading: Reading) -> None:
    """Make the pack of the smallest department in memory, and let go of it.

    Nothing is written and nothing told; a cohort that has no such pack is left at that.
    """
    with suppress(Exception):
        sizes = cohort.people["department"].value_counts()
        _pack(cohort.department(str(sizes.index[-1])), reading)


def _pack(ours: Cohort, reading: Reading) -> None:
    from pmstats.counts import (
        breakdowns,
        coverage,
        detailed_breakdowns,
        distribution,
        distributions_by,
        grade_mixes,
        pairs,
    )
    from pmstats.findings import compare_to_curve, crossings, disparities, within_grade
    from pmstats.release import restricted_pack, restricted_table, snapshot_of, year_parts
    from pmstats.report.page import page
    from pmstats.report.workbook import pack_workbook

    scheme, at = reading.scheme, {"stage": str(reading.stage)}
    overall = distribution(ours, **at)
    found = disparities(breakdowns(ours, **at), scheme=scheme)
    restricted_table(found, scheme=scheme)._repr_html_()
    pack = restricted_pack(
        ours,
        **at,
        ledger=coverage(ours, **at),
        overall=overall,
        curve=compare_to_curve(overall, scheme=scheme),
        disparities=found,
        within=within_grade(ours, found, **at),
        by_grade=distributions_by(ours, "grade", **at),
        by_unit=distributions_by(ours, "business_unit", **at),
        details=detailed_breakdowns(ours, **at),
        mixes=grade_mixes(ours, **at),
        together=crossings(pairs(ours, **at), scheme=scheme),
        parts=year_parts(ours, **at),
    )
    json.dumps(snapshot_of(pack, scheme=scheme), default=str)
    pack._repr_html_()
    page(pack, scheme=scheme)
    pack_workbook(pack)
