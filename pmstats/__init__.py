"""Rating distributions and consistency check packs for the Senior Civil Service.

The names below are the ones a check uses. What belongs to one question alone (moderation,
awards, units, other frameworks) is handed out by its stage: `pmstats.counts`,
`pmstats.findings`, `pmstats.release`, `pmstats.report`.

A name is loaded when it is first used: a command that needs no statistics starts without them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pmstats.on_demand import on_demand

if TYPE_CHECKING:
    from pmstats.cohort import Cohort, check_export, read_export
    from pmstats.counts import breakdown, breakdowns, coverage, distribution, distributions_by
    from pmstats.findings import compare_to_curve, disparities, within_grade
    from pmstats.release import provenance, restricted_pack, restricted_table, sentences
    from pmstats.report import figure, write_pack
    from pmstats.scheme import load_scheme

__all__ = [
    "Cohort",
    "breakdown",
    "breakdowns",
    "check_export",
    "compare_to_curve",
    "coverage",
    "disparities",
    "distribution",
    "distributions_by",
    "figure",
    "load_scheme",
    "provenance",
    "read_export",
    "restricted_pack",
    "restricted_table",
    "sentences",
    "within_grade",
    "write_pack",
]

__getattr__ = on_demand(
    __name__,
    {
        "cohort": "Cohort check_export read_export",
        "counts": "breakdown breakdowns coverage distribution distributions_by",
        "findings": "compare_to_curve disparities within_grade",
        "release": "provenance restricted_pack restricted_table sentences",
        "report": "figure write_pack",
        "scheme": "load_scheme",
    },
)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
