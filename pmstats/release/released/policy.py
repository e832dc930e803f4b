"""The release rules of a scheme as they apply to one department."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pmstats.errors import DisclosureRefusal

if TYPE_CHECKING:
    from pmstats.scheme import Scheme
    from pmstats.scheme.release_rules import FindingShown, Merging


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Threshold, rounding base, degrees of detail and words allowed in one department's release.

    `people_below` is the size that gave a small department its base: the base says as much.
    `steps` run from fine to coarse.
    """

    threshold: int
    base: int
    people_below: int | None
    people_from: int
    reliable_from: int
    findings: tuple[FindingShown, ...]
    p_bands: tuple[float, ...]
    assumed_change: int
    steps: tuple[Merging, ...]


def policy_for(scheme: Scheme, *, people: int) -> Policy:
    """The release rules for a department with this many people in the table.

    Raises `DisclosureRefusal` for a scheme that has none: without rules nothing is released.
    """
    rules = scheme.release
    if rules is None:
        raise DisclosureRefusal(
            f"The scheme {scheme.name} says nothing of releases, so none can be made under it. "
            "Add a [release] table to the scheme, or make a restricted pack."
        )
    base, below, least = rules.base, None, 0
    for band in rules.smaller:
        if people < band.people_below:
            base, below = band.base, band.people_below
            break
        least = band.people_below
    return Policy(
        threshold=rules.threshold,
        base=base,
        people_below=below,
        people_from=least,
        reliable_from=rules.reliable_from,
        findings=rules.findings,
        p_bands=rules.p_bands,
        assumed_change=rules.assumed_change,
        steps=rules.merging,
    )


def rounded(count: int, *, base: int) -> int:
    """The count to the nearest multiple of `base`, halves up (HESA, ONS).

    >>> rounded(12, base=5), rounded(13, base=5), rounded(15, base=10)
    (10, 15, 20)
    """
    return (2 * count + base) // (2 * base) * base


def behind(value: int, *, base: int, threshold: int) -> tuple[int, int]:
    """The least and the greatest count that is printed as `value`.

    Raises `ValueError` for a value that no count at or above the threshold is printed as.

    >>> behind(15, base=5, threshold=10), behind(10, base=10, threshold=10)
    ((13, 17), (10, 14))
    """
    low = max(threshold, value - base // 2)
    high = value + (base - 1) // 2
    if value % base or rounded(low, base=base) != value:
        raise ValueError("not a rounded number of this policy")
    return low, high
