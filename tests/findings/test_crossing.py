"""Two characteristics together: shares drawn towards that of all, and silence where too few."""

from __future__ import annotations

from dataclasses import replace

from pmstats.counts.crossed import Crossed
from pmstats.findings import crossings
from pmstats.scheme import Scheme

#: Boxes in the scheme's order: Exceeding, High Performing, Achieving, Partially Met.
PAIR = Crossed(
    titles=("Sex", "Ethnicity"),
    names=("sex", "ethnicity"),
    rows=("Female", "Male"),
    columns=("White", "Ethnic minority"),
    counts=(
        ((30, 70, 110, 5), (1, 5, 22, 2)),
        ((25, 60, 125, 12), (1, 7, 19, 3)),
    ),
)


def test_each_share_lies_between_its_own_and_that_of_all(scs: Scheme) -> None:
    """Shrinking draws towards the pooled share, and the smaller cell further."""
    (made,) = crossings([PAIR], scheme=scs)
    pooled = sum(cell.counted * cell.n for cell in made.cells) / sum(c.n for c in made.cells)
    for cell in made.cells:
        ends = sorted((cell.counted, pooled))
        assert ends[0] - 0.02 <= cell.share.value <= ends[1] + 0.02
        assert cell.share.low < cell.share.value < cell.share.high
    moved = {cell.groups: abs(cell.share.value - cell.counted) for cell in made.cells}
    assert moved["Female", "Ethnic minority"] > moved["Female", "White"]


def test_the_sentence_has_its_n_and_says_how_the_shares_come_about(scs: Scheme) -> None:
    """From and to, the smallest and largest number of people, and what adding up accounts for."""
    (made,) = crossings([PAIR], scheme=scs)
    assert made.sentence.startswith("Sex and ethnicity, top two boxes: ")
    assert "each share drawn towards that of all (n from 30 to 222)." in made.sentence
    assert "added up account for " in made.sentence
    assert repr(made) == "<Crossing: Sex and ethnicity>"


def test_a_pair_with_one_small_cell_is_left_out_whole(scs: Scheme) -> None:
    """Four men of an ethnic minority would follow from the totals beside them; five are shown."""
    four, five = (
        replace(PAIR, counts=(PAIR.counts[0], (PAIR.counts[1][0], cell)))
        for cell in ((0, 1, 3, 0), (0, 1, 4, 0))
    )
    assert crossings([four], scheme=scs) == ()
    assert len(crossings([five], scheme=scs)) == 1
