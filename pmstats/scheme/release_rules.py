"""What may leave for wider circulation, as data; rules that would protect nobody are faults."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from pmstats.scheme.strict import nearest

#: The least a release may protect: Civil Service Statistics withhold under 5 and round to 5.
SMALLEST_THRESHOLD, SMALLEST_BASE = 5, 5
#: How a rating may stand to an earlier one of the same person.
HIGHER, SAME, LOWER = "higher", "the same", "lower"
MOVES = (HIGHER, SAME, LOWER)
#: The signs every release needs: withheld, unreliable, not available, not applicable.
SIGNS = frozenset({"[c]", "[u]", "[x]", "[z]"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundingBand:
    """The rounding base of departments with fewer than this many people in the table."""

    people_below: int
    base: int
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedBox:
    """Boxes that a release counts as one, and what it calls them."""

    name: str
    ratings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Merging:
    """One degree of detail of the scale in a release: every box in one merged box."""

    boxes: tuple[MergedBox, ...]
    source: str


class FindingShown(StrEnum):
    """What a release may say of findings, which are made from true counts: words only."""

    VERDICT = "verdict"
    READING = "reading"
    P_BAND = "p band"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shorthand:
    """A sign in square brackets and what it means (Government Analysis Function)."""

    sign: str
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseRules:
    """What may leave for wider circulation, each rule with its source.

    Counts under `threshold` are withheld, all others rounded to `base` or to that of the first
    `smaller` band the department is in. Percentages and verdicts are given of groups printed as
    `reliable_from` people or more. `merging` runs from fine to coarse. A reader of two
    releases of one stage is taken to assume that no number moved by more than `assumed_change`.
    `moves` are the degrees of detail, fine to coarse, at which ratings are set beside earlier
    ones; without them a release does not do so.
    """

    threshold: int
    threshold_source: str
    base: int
    base_source: str
    reliable_from: int
    reliable_from_source: str
    findings: tuple[FindingShown, ...]
    findings_source: str
    assumed_change: int
    assumed_change_source: str
    merging: tuple[Merging, ...]
    shorthand: tuple[Shorthand, ...]
    banner: str
    handling: str
    smaller: tuple[RoundingBand, ...] = ()
    p_bands: tuple[float, ...] = ()
    moves: tuple[Merging, ...] = ()


def release_faults(rules: ReleaseRules, ratings: tuple[str, ...]) -> Iterator[str]:
    """What is wrong with the rules, a sentence each: no setting turns protection off."""
    if rules.threshold < SMALLEST_THRESHOLD:
        yield f"release: threshold must be {SMALLEST_THRESHOLD} or more, not {rules.threshold}"
    if rules.reliable_from < rules.threshold:
        yield "release: reliable_from must be at least the threshold"
    if rules.assumed_change < 1:
        yield "release: assumed_change must be 1 or more"
    if not _rising(rules.p_bands) or any(not 0 < limit < 1 for limit in rules.p_bands):
        yield "release: p_bands must rise and lie between 0 and 1"
    yield from _rounding_faults(rules)
    if not rules.merging:
        yield "release: merging needs at least one degree of detail"
    yield from _merging_faults("merging", rules.merging, ratings)
    yield from _merging_faults("moves", rules.moves, MOVES)
    signs = [each.sign for each in rules.shorthand]
    if len(set(signs)) < len(signs) or not set(signs) >= SIGNS:
        yield f"release: shorthand needs each of {', '.join(sorted(SIGNS))} once"


def _rounding_faults(rules: ReleaseRules) -> Iterator[str]:
    for base in (rules.base, *(band.base for band in rules.smaller)):
        if not SMALLEST_BASE <= base <= 2 * rules.threshold:
            yield (
                f"release: a rounding base must be {SMALLEST_BASE} or more and at most twice the "
                f"threshold, not {base}"
            )
    if any(band.base < rules.base for band in rules.smaller):
        yield "release: a smaller department cannot be rounded more finely than a larger one"
    if not _rising([band.people_below for band in rules.smaller]):
        yield "release: smaller bands go from the smallest people_below to the largest"


def _merging_faults(
    what: str, degrees: tuple[Merging, ...], ratings: tuple[str, ...]
) -> Iterator[str]:
    for place, merging in enumerate(degrees, start=1):
        merged = [name for box in merging.boxes for name in box.ratings]
        for name in merged:
            if name not in ratings:
                yield f"release, {what} {place}: no rating {name!r}{nearest(name, ratings)}"
        if sorted(merged) != sorted(ratings):
            yield f"release, {what} {place}: every rating must be in exactly one box"


def _rising(limits: Sequence[float]) -> bool:
    return all(low < high for low, high in pairwise(limits))
