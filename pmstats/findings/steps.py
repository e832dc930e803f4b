"""What one step of moderation did to the whole department, in numbers and in a sentence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pmstats.findings.methods.intervals import share_interval
from pmstats.findings.methods.moderation import marginal_homogeneity, symmetry, up_down_test
from pmstats.findings.sentences import percent
from pmstats.scheme.words import cited

if TYPE_CHECKING:
    from pmstats.counts.movement import Movement
    from pmstats.findings.finding import TestResult
    from pmstats.scheme import Scheme


@dataclass(frozen=True, slots=True, kw_only=True)
class StepReading:
    """One step: who moved, and whether ups and downs balance, in all and between every two boxes.

    `homogeneity` says whether the distribution changed.

    `onto_guide` names boxes whose count this step brought onto the whole number nearest to the
    share the framework expects, from elsewhere (R41a); `at_one_line` the two boxes between which
    more of the changes are downward than the scheme's share, beyond chance (R41b).
    """

    title: str
    movement: Movement
    up_down: TestResult
    homogeneity: TestResult
    symmetry: TestResult
    onto_guide: tuple[str, ...]
    at_one_line: tuple[str, str] | None
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Steps:
    """The readings of every step of moderation, in order."""

    each: tuple[StepReading, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        """One sentence or more on each step."""
        if not self.each:
            return ("The export holds ratings for fewer than two stages of moderation.",)
        return tuple(reading.sentence for reading in self.each)

    def __repr__(self) -> str:
        return f"<Steps of moderation: {len(self.each)}>"


def step_readings(movements: Iterable[Movement], *, scheme: Scheme) -> Steps:
    """The reading of each step of moderation (paras 79-81)."""
    return Steps(each=tuple(step_reading(each, scheme=scheme) for each in movements))


def step_reading(movement: Movement, *, scheme: Scheme) -> StepReading:
    """The reading of one step: who moved, and whether the whole distribution did."""
    title = f"{scheme.stage(movement.start).title} to {scheme.stage(movement.end).title.lower()}"
    onto_guide = tuple(_onto_guide(movement, scheme))
    at_one_line = _at_one_line(movement, scheme)
    return StepReading(
        title=title,
        movement=movement,
        up_down=up_down_test(movement.worst_first),
        homogeneity=marginal_homogeneity(movement.worst_first),
        symmetry=symmetry(movement.worst_first),
        onto_guide=onto_guide,
        at_one_line=at_one_line,
        sentence=_sentence(title, movement, onto_guide, at_one_line, scheme),
    )


def nearest_count(n: int, share: float) -> int:
    """The whole number of people nearest to a share of n, halves up.

    >>> nearest_count(30, 0.05), nearest_count(29, 0.05)
    (2, 1)
    """
    return int(n * share + 0.5 + 1e-9)


def _onto_guide(movement: Movement, scheme: Scheme) -> list[str]:
    boxes = []
    for expected in scheme.curve.shares if scheme.curve else ():
        place = movement.ratings.index(expected.rating)
        nearest = nearest_count(movement.n, expected.share)
        if movement.after[place] == nearest != movement.before[place]:
            boxes.append(expected.rating)
    return boxes


def _at_one_line(movement: Movement, scheme: Scheme) -> tuple[str, str] | None:
    """The line most people were lowered across, if its lower limit passes the scheme's share."""
    if scheme.moderation is None or not movement.changed:
        return None
    across = movement.lowered_across
    line = max(range(len(across)), key=across.__getitem__)
    share = share_interval(
        across[line],
        movement.changed,
        method="clopper-pearson",
        confidence=scheme.practice.confidence,
    )
    if share.low <= scheme.moderation.one_line:
        return None
    return movement.ratings[line], movement.ratings[line + 1]


def _sentence(
    title: str,
    movement: Movement,
    onto_guide: tuple[str, ...],
    at_one_line: tuple[str, str] | None,
    scheme: Scheme,
) -> str:
    if not movement.n:
        return f"{title}: nobody is rated at both stages (n = 0)."
    were = "was" if movement.raised == 1 else "were"
    words = (
        f"{title}: of {movement.n:,} people rated at both, {movement.raised:,} {were} raised and "
        f"{movement.lowered:,} lowered ({percent(movement.changed / movement.n)} changed)."
    )
    if movement.unexplained is None:
        words += " The export records no reasons for changes."
    elif movement.unexplained:
        words += f" {movement.unexplained:,} of the changes have no recorded reason."
    not_fitted = scheme.curve.fitting_paragraph if scheme.curve else ""
    asks = f"the framework asks that ratings are not changed to fit it ({cited(not_fitted)})"
    for rating in onto_guide:
        words += (
            f" The number {rating} moved onto the whole number nearest to the expected share"
            f"{f'; {asks}' if not_fitted else ''}."
        )
    if at_one_line and scheme.moderation:
        above, below = at_one_line
        across = max(movement.lowered_across)
        words += (
            f" {across:,} of {movement.changed:,} changes are from {above} or better to {below} or "
            "worse. Panels may wish to ask whether the standard at this one line was read alike "
            f"everywhere ({cited(scheme.moderation.standard_paragraph)})."
        )
    return words
