"""A whole year in one ledger: mid-year, a correction, units, the return, the end of the year.

Two attackers go through it: our own audit of everything together, and pytauargus, another
office's program, on each snapshot. With PMSTATS_ALL_DEPARTMENTS set all eight departments of the
made-up year are released, which takes some minutes; else one of them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil, floor
from pathlib import Path

import pytest

from pmstats.cohort import Cohort, load_mapping, read_export
from pmstats.counts.annual_return import annual_return
from pmstats.release import restricted_table
from pmstats.release.released.facts import RATING, Fact, FactKind, Register, Where, says
from pmstats.release.released.ledger import LEDGER, earlier_registers, read_ledger, start_ledger
from pmstats.release.released.material import Material, material_of, units_of
from pmstats.report.annual_return import enter_annual_return
from pmstats.report.release import audit_reports, write_release
from pmstats.scheme import Scheme

YEAR = Path(__file__).parents[2] / "data/synthetic/year/scs_2024_25.csv"
#: A department of 60 people, of which units are released too.
WITH_UNITS = "Puddle Office"
ALL = bool(os.environ.get("PMSTATS_ALL_DEPARTMENTS"))


@dataclass(frozen=True)
class Cycle:
    """What the year left behind: the folder, its ledger, and the materials by export and stage."""

    folder: Path
    ledger: Path
    departments: tuple[str, ...]
    materials: tuple[Material, ...]


@pytest.fixture(scope="module")
def cycle(scs: Scheme, tmp_path_factory: pytest.TempPathFactory) -> Cycle:
    """The year of each department, each release audited beside all before it."""
    folder = tmp_path_factory.mktemp("cycle")
    ledger = start_ledger(folder / LEDGER)
    mapping = load_mapping(YEAR.with_name("mapping.toml"), scheme=scs)
    exports = {
        stage: read_export(YEAR, scheme=scs, stage=stage, mapping=mapping)
        for stage in ("mid-year", "final")
    }
    names = exports["final"].departments if ALL else (WITH_UNITS,)
    made: list[Material] = []
    for name in names:
        ours = {stage: export.department(name) for stage, export in exports.items()}
        end = material_of(ours["final"], stage="final")
        steps = [
            *(material_of(ours["mid-year"], stage="mid-year", unit=unit)
              for unit in ("", *(units_of(ours["mid-year"]) if name == WITH_UNITS else ()))),
            material_of(corrected(ours["mid-year"], scs), stage="mid-year"),
        ]  # fmt: skip
        for place, step in enumerate(steps):
            write_release(step, folder / name / str(place), ledger=ledger, scheme=scs, coarsen=True)
        returned = restricted_table(annual_return(ours["final"]), scheme=scs)
        enter_annual_return(returned, end, ledger=ledger, scheme=scs)
        write_release(end, folder / name / "final", ledger=ledger, scheme=scs, coarsen=True)
        made += [*steps, end]
    return Cycle(folder, ledger, tuple(names), tuple(made))


def corrected(cohort: Cohort, scheme: Scheme) -> Cohort:
    """The same export with one person's mid-year rating corrected by a box."""
    column = scheme.stage("mid-year").column
    people = cohort.people.copy()
    worse, better = scheme.best_first[2], scheme.best_first[1]
    people.loc[people.index[people[column] == worse][0], column] = better
    return replace(cohort, people=people, export_sha256="c" * 64)


def test_nothing_of_the_year_can_be_undone(cycle: Cycle, scs: Scheme) -> None:
    """Zero breaches of everything together, the return's exact figures among it."""
    lines = audit_reports(cycle.folder, ledger=cycle.ledger, scheme=scs)
    assert len(lines) == len(cycle.departments)
    assert all(line.endswith("0 given away") for line in lines)


def test_the_ledger_holds_the_whole_year(cycle: Cycle) -> None:
    """Mid-year, correction, return and end of each department; units of one."""
    entries = read_ledger(cycle.ledger)
    for name in cycle.departments:
        registers = earlier_registers(entries, department=name, year="2024-25")
        stages = [register.stage for register in registers if not register.whole]
        assert stages == ["mid-year", "mid-year", "final", "final"]
        assert bool([r for r in registers if r.whole]) == (name == WITH_UNITS)
        assert [r for r in registers if any(f.kind is FactKind.EXACT for f in r.facts)]


# ---- an independent tool -------------------------------------------------------------------------


#: A group and the boxes it is counted in.
People = tuple[Where, frozenset[str]]


@dataclass
class Program:
    """A table for tau-Argus: cells with what is known of each, and what adds up to what."""

    cells: list[tuple[int, int, int]]
    sums: list[tuple[int, list[int]]]

    def add(self, value: int, low: int, high: int) -> int:
        """One more cell, of this true value and these known limits."""
        self.cells.append((value, low, high))
        return len(self.cells) - 1

    def written(self) -> str:
        """The program in the format that tau-Argus's auditor reads: every cell is unknown."""
        lines = ["0", str(len(self.cells))]
        for place, (value, low, high) in enumerate(self.cells):
            lines.append(f"{place} {value} 1 u {low} {high} 1 1 0")
        lines.append(str(len(self.sums)))
        for total, parts in self.sums:
            terms = " ".join(f"{part} (1)" for part in parts)
            lines.append(f"0 {len(parts) + 1} : {total} (-1) {terms}")
        return "\n".join(lines) + "\n"


def program_of(
    material: Material, registers: Sequence[Register]
) -> tuple[Program, dict[int, People]]:
    """Everything the registers say of the people of a material, and who each cell counts.

    Each table is crossed with the boxes; the rows of each add up to everyone, box by box.
    """
    most = 3 * material.people
    made = Program([], [])
    names: dict[int, People] = {}
    boxes = material.overall.rows[0].distribution.ratings
    everyone = {
        box: made.add(material.overall.rows[0].distribution.count(box), 0, most) for box in boxes
    }
    unknown: dict[tuple[Where, str], int] = {((), box): everyone[box] for box in boxes}
    for table in material.tables:
        if table.section:
            continue  # told apart by two things at once, which this format cannot say simply
        for row in table.rows:
            for box in boxes:
                unknown[row.where, box] = made.add(row.distribution.count(box), 0, most)
        for box in boxes:
            made.sums.append((everyone[box], [unknown[row.where, box] for row in table.rows]))
    for register in registers:
        for fact in register.facts:
            group = tuple(entry for entry in fact.where if entry[0] != RATING)
            asked = dict(fact.where).get(RATING, ())
            if fact.kind in (FactKind.WORD, FactKind.PERCENT) or not asked:
                continue
            if not set(asked) <= set(boxes) or (group, boxes[0]) not in unknown:
                continue
            parts = [unknown[group, box] for box in asked]
            low, high = says(fact)
            value = sum(made.cells[part][0] for part in parts)
            cell = made.add(value, low, most if high is None else high)
            made.sums.append((cell, parts))
            names[cell] = group, frozenset(asked)
    for (group, box), cell in unknown.items():
        names[cell] = group, frozenset([box])
    return made, names


def certain(program: Program, path: Path, *, threshold: int) -> Iterator[int]:
    """The cells that tau-Argus's auditor finds between 1 and the threshold less 1 for certain."""
    from pytauargus._tauargus import audit_jj

    path.write_text(program.written(), encoding="ascii")
    for each in audit_jj(str(path)):
        low, high = ceil(each["min"] - 1e-6), floor(each["max"] + 1e-6)
        assert low <= each["value"] <= high
        if low > 0 and high < threshold:
            yield each["cell"]


def test_tau_argus_is_certain_of_no_small_number_either(
    cycle: Cycle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Told every rounding interval of a snapshot, pytauargus's auditor finds nothing.

    Nothing, that is, but what the exact figures of the annual return say by themselves.
    """
    monkeypatch.chdir(tmp_path)  # the tool leaves its logs where it is run
    entries = read_ledger(cycle.ledger)
    looked = 0
    for place, material in enumerate(each for each in cycle.materials if not each.whole):
        said = [
            register
            for register in earlier_registers(
                entries, department=material.department, year="2024-25"
            )
            if (register.stage, register.export) == (material.stage, material.export)
        ]
        program, names = program_of(material, said)
        exact, known = program_of(material, [_exact(each) for each in said])
        already = {
            known[cell] for cell in certain(exact, tmp_path / f"{place}.known", threshold=10)
        }
        found = {names[cell] for cell in certain(program, tmp_path / f"{place}.jj", threshold=10)}
        assert found <= already, material.department
        looked += len(names)
    assert looked > 500


def _exact(register: Register) -> Register:
    kept = tuple(fact for fact in register.facts if fact.kind is FactKind.EXACT)
    return replace(register, facts=kept)


def test_tau_argus_sees_a_number_left_unprotected(
    cycle: Cycle, scs: Scheme, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same check is not blind: one exact total added to a release is found by it."""
    monkeypatch.chdir(tmp_path)
    worst = scs.worst_first[0]
    counts = {m: m.overall.rows[0].distribution.count(worst) for m in cycle.materials}
    small = next(m for m in cycle.materials if 0 < counts[m] < 10)
    where = ((RATING, (worst,)),)
    exact = Fact(id="x", kind=FactKind.EXACT, where=where, value=counts[small])
    register = next(
        entry.register
        for entry in read_ledger(cycle.ledger)
        if (entry.register.department, entry.register.stage) == (small.department, small.stage)
    )
    program, names = program_of(small, [replace(register, facts=(*register.facts, exact))])
    found = {names[cell] for cell in certain(program, tmp_path / "t.jj", threshold=10)}
    assert ((), frozenset([worst])) in found
