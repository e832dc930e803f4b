"""Grade mixes, fine detail and pairs of groups: nothing smaller than the class's minimum."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pmstats.counts.crossed import Crossed
from pmstats.release import restricted_table
from pmstats.release.restricted.bundle import RestrictedPack
from pmstats.release.table import TOO_FEW
from pmstats.scheme import Scheme

MIX = Crossed(
    titles=("Sex", "Grade"),
    names=("sex", "grade"),
    rows=("Female", "Male"),
    columns=("SCS1", "SCS1A", "SCS2", "SCS3"),
    counts=(
        ((10, 20, 30, 0), (0, 1, 1, 0), (5, 5, 10, 0), (0, 2, 4, 1)),
        ((9, 21, 40, 3), (0, 0, 1, 0), (6, 8, 9, 0), (1, 3, 3, 0)),
    ),
)


def test_neighbouring_grades_are_taken_together(scs: Scheme) -> None:
    """Two women of SCS1A stand with the grade beside them that has fewer people."""
    table = restricted_table(MIX, scheme=scs)
    assert [column.name for column in table.columns[2:]] == ["SCS1", "SCS1A-SCS2", "SCS3"]
    assert table.rows[0][1:] == (89, 60 / 89, 22 / 89, 7 / 89)
    assert table.notes


def test_a_group_too_small_is_named_without_a_number(scs: Scheme) -> None:
    """Four people are no row of a grade mix, and company hides with them."""
    three = replace(
        MIX,
        rows=("Female", "Male", "Another answer"),
        counts=(*MIX.counts, ((1, 2, 1, 0), (0, 0, 0, 0), (0, 0, 0, 0), (0, 0, 0, 0))),
    )
    rows = {row[0]: row[1] for row in restricted_table(three, scheme=scs).rows}
    assert rows["Another answer"] == TOO_FEW
    assert sum(size == TOO_FEW for size in rows.values()) == 2


def test_no_pack_shows_a_cell_smaller_than_the_minimum(
    packs: Mapping[str, RestrictedPack], scs: Scheme
) -> None:
    """In every pack, times its n no share of a mix is 1 to 4 people; no pair has fewer than 5."""
    minimum = scs.practice.minimum_group
    found = set()
    for pack in packs.values():
        for table in (table for section in pack.sections for table in section.tables):
            if table.id.endswith("-mix"):
                found.add("mix")
                for _, n, *shares in table.rows:
                    if isinstance(n, int):
                        cells = [round(n * float(share or 0)) for share in shares]
                        assert not any(0 < cell < minimum for cell in cells), table.id
            if table.id.endswith(("-together", "-detail")):
                found.add(table.id.rpartition("-")[2])
                sizes = [row[1] for row in table.rows if isinstance(row[1], int)]
                assert min(sizes) >= minimum
    assert found == {"mix", "together", "detail"}
