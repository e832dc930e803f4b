"""Which groups of a restricted table are withheld, so that subtraction gives no small one away."""

from __future__ import annotations

from collections.abc import Mapping


def withheld(
    sizes: Mapping[str, int], *, minimum: int, unanswered: frozenset[str] = frozenset()
) -> frozenset[str]:
    """The names to withhold from a table of groups of these sizes.

    Groups below the minimum, and with them as many more as it takes for the withheld to be that
    many together: first rows of people who gave no answer, smallest first, then groups. A small
    row of people who gave no answer needs no such company: nobody is known by it.

    >>> sorted(withheld({"LGBO": 3, "straight": 60, "Unknown": 9}, minimum=5,
    ...                 unanswered=frozenset({"Unknown"})))
    ['LGBO', 'Unknown']
    """
    hidden = [name for name in sizes if sizes[name] < minimum]
    company = sorted(
        (name for name in sizes if name not in hidden),
        key=lambda name: (name not in unanswered, sizes[name], name),
    )
    if all(name in unanswered for name in hidden):
        return frozenset(hidden)
    while company and sum(sizes[name] for name in hidden) < minimum:
        hidden.append(company.pop(0))
    return frozenset(hidden)
