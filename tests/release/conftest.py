"""What the tests of releases share: registers made by hand, and materials of the made-up year."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from pmstats.cohort import Cohort, read_export
from pmstats.counts import breakdowns, coverage, distribution, distributions_by
from pmstats.release.released.facts import NOT_RATED, RATING, Fact, FactKind, Register
from pmstats.release.released.material import Material, material
from pmstats.release.released.policy import rounded
from pmstats.scheme import Scheme

EXPORT = Path(__file__).parents[2] / "data/synthetic/scs_2024_25.csv"
GROUPS = ("White", "Ethnic minority")

Printer = Callable[..., Register]
MaterialOf = Callable[..., Material]


@pytest.fixture(scope="session")
def printed(scs: Scheme) -> Printer:
    """A maker of registers: counts by group in the scheme's order, and how they are printed.

    A rule of `round` rounds to the base and withholds under the threshold; `suppress` prints
    exact numbers, totals too, and withholds under the threshold.
    """
    boxes = scs.rating_names

    def make(
        table: Mapping[str, Sequence[int]],
        *,
        rule: str = "round",
        base: int = 5,
        threshold: int = 10,
        stage: str = "mid-year",
        export: str = "a",
        merged: Sequence[Sequence[str]] = (),
        name: str = "t",
        dimension: str = "ethnicity",
    ) -> Register:
        def fact(row: str, groups: tuple[str, ...], column: str, box: Sequence[str]) -> Fact:
            count = sum(table[g][boxes.index(b)] for g in groups for b in box)
            where = [(RATING, tuple(box))]
            if len(groups) < len(table):
                where = [(dimension, groups), *where]
            at = {"id": f"{name}/{row}/{column}", "where": tuple(sorted(where))}
            if count < threshold and (rule == "round" or count):
                return Fact(kind=FactKind.WITHHELD, threshold=threshold, **at)
            if rule == "suppress":
                return Fact(kind=FactKind.EXACT, value=count, **at)
            value = rounded(count, base=base)
            return Fact(kind=FactKind.ROUNDED, value=value, base=base, threshold=threshold, **at)

        shown = merged if merged else [[box] for box in boxes]
        rows = [("all", tuple(table)), *((group, (group,)) for group in table)]
        return Register(
            department="d",
            year="2024-25",
            stage=stage,
            export=export,
            threshold=threshold,
            assumed_change=1,
            dimensions=((RATING, (*boxes, NOT_RATED)), (dimension, tuple(table))),
            facts=tuple(
                each
                for row, groups in rows
                for each in (
                    fact(row, groups, "n", boxes),
                    *(fact(row, groups, " or ".join(box), box) for box in shown),
                )
            ),
        )

    return make


@pytest.fixture(scope="session")
def export(scs: Scheme) -> Cohort:
    """The made-up export at mid-year."""
    return read_export(EXPORT, scheme=scs, stage="mid-year")


@pytest.fixture(scope="session")
def material_of(export: Cohort) -> MaterialOf:
    """A maker of the material of a department of the made-up export."""

    def make(department: str, *, units: bool = True) -> Material:
        cohort = export.department(department)
        stage = "mid-year"
        return material(
            cohort,
            stage=stage,
            ledger=coverage(cohort, stage=stage),
            overall=distribution(cohort, stage=stage),
            breakdowns=breakdowns(cohort, stage=stage),
            by_grade=distributions_by(cohort, "grade", stage=stage),
            by_unit=distributions_by(cohort, "business_unit", stage=stage) if units else None,
        )

    return make
