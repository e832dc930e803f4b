"""Trying to undo a release by arithmetic: with itself and with all that was released before.

Every printed number of the release and of the earlier ones is put into one integer system (see
`system`), and every group in every box, merged boxes too, is looked at. It is a breach when a
reader can be certain

- that a number of people is between 1 and the threshold less 1,
- that nobody of a group is in some box, or everybody is in one,
- by exactly how many people a number changed between two releases, when they are few.

No true number is used: the audit knows what a reader knows, so it can be repeated by anybody.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from pmstats.errors import DisclosureRefusal
from pmstats.release.released.facts import RATING, FactKind, Register, says
from pmstats.release.released.program import Clock, Program
from pmstats.release.released.search import Search
from pmstats.release.released.system import quotients

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pmstats.release.released.facts import Where
    from pmstats.release.released.system import Source
    from pmstats.scheme import Scheme

    Line = NDArray[np.int64]
    #: Limits on a sum that no table meets: what makes a breach a breach.
    Closed = tuple[tuple[Line, int | None, int | None], ...]

#: Processor seconds an audit may take before it refuses.
SECONDS = 300.0
#: Breaches explained in full; the rest are only named.
EXPLAINED = 8


class Leak(StrEnum):
    """What a reader could be certain of."""

    SMALL = "a small number is certain"
    NOBODY = "it is certain that nobody is"
    CHANGE = "a small change is certain"
    WORDS = "no other table bears out the words"


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """One thing a reader could be certain of, and the facts that together give it away.

    `facts` are pairs of a register's place, earlier releases first, and a fact's id; `low` and
    `high` are what the number must be between. The sentence names no number.
    """

    leak: Leak
    stage: str
    people: str
    boxes: tuple[str, ...]
    facts: tuple[Source, ...] = ()
    low: int | None = None
    high: int | None = None

    @property
    def sentence(self) -> str:
        """The breach in words, with the facts that give it away."""
        together = "; ".join(id for _, id in self.facts)
        of = f"{self.people}, {' or '.join(self.boxes)}" if self.boxes else self.people
        return f"{self.stage}: {self.leak}: {of}" + (f" (from {together})" if together else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReport:
    """How many numbers and changes were looked at in how many releases, and every breach.

    `known` counts what no release can mend: what exact figures reported elsewhere give away by
    themselves, and what was given away before this release.
    """

    cells: int
    changes: int
    releases: int
    known: int
    breaches: tuple[Breach, ...]

    @property
    def clean(self) -> bool:
        """Whether nothing can be undone."""
        return not self.breaches


def audit(
    register: Register,
    *,
    earlier: Sequence[Register] = (),
    scheme: Scheme,
    seconds: float = SECONDS,
) -> AuditReport:
    """What a reader of this release and of the earlier ones could be certain of.

    `earlier` are the registers of the same department and year. Raises `DisclosureRefusal` for
    a register that breaks its own rules, for registers that contradict each other, and when
    time runs out: what cannot be checked is not released.
    """
    faults = [*_faults(register, scheme), *_strangers(register, earlier)]
    if faults:
        raise DisclosureRefusal("The release breaks its own rules:\n" + "\n".join(faults))
    return leaks((*earlier, register), scheme=scheme, seconds=seconds, out=len(earlier))


def leaks(
    registers: Sequence[Register],
    *,
    scheme: Scheme,
    seconds: float = SECONDS,
    explained: int = EXPLAINED,
    out: int = 0,
) -> AuditReport:
    """What a reader of all these registers could be certain of, whatever their rules.

    The first `explained` breaches say which facts give them away; what the first `out` registers
    give away by themselves is known and no breach of the others. Raises `DisclosureRefusal` as
    `audit` does.
    """
    search = search_of(registers, scheme=scheme, seconds=seconds)
    found = [_words(search)] if search.doubted else []
    found += _breaches(search)
    mended = [not _known(search, closed, out) for _, closed in found]
    left = [each for each, mendable in zip(found, mended, strict=True) if mendable]
    return AuditReport(
        cells=len(search.cells),
        changes=len(search.changes),
        releases=len(registers),
        known=len(found) - len(left),
        breaches=tuple(
            _explained(search, breach, closed) if place < explained else breach
            for place, (breach, closed) in enumerate(left)
        ),
    )


def is_clean(registers: Sequence[Register], *, scheme: Scheme, seconds: float = SECONDS) -> bool:
    """Whether `leaks` would find nothing, at the first breach known."""
    search = search_of(registers, scheme=scheme, seconds=seconds)
    return not search.doubted and all(_known(search, closed) for _, closed in _breaches(search))


def search_of(registers: Sequence[Register], *, scheme: Scheme, seconds: float = SECONDS) -> Search:
    """The search over these registers, with a plausible table to start from.

    Raises `DisclosureRefusal` for registers that cannot be read or contradict each other.
    """
    try:
        search = Search(registers, scheme=scheme, clock=Clock(seconds))
    except (ValueError, KeyError) as error:
        raise DisclosureRefusal(f"A register cannot be read: {error}.") from None
    search.start()
    if search.base is None:
        raise DisclosureRefusal(
            "The registers contradict each other: no table of people agrees with all of them. "
            "An earlier file of this department and year is wrong, or is not about these people."
        )
    return search


def _faults(register: Register, scheme: Scheme) -> Iterator[str]:
    """What in a register is not as its own rules would have it: a fault of the protector."""
    rules = scheme.release
    if rules is None:
        yield f"The scheme {scheme.name} says nothing of releases."
        return
    if register.threshold < rules.threshold:
        yield f"The threshold is under {rules.threshold}."
    facts = {fact.id: fact for fact in register.facts}
    if len(facts) < len(register.facts):
        yield "Two facts have one id."
    for fact in register.facts:
        if fact.kind is FactKind.EXACT:
            yield f"{fact.id}: a release prints no exact number."
        if fact.kind in (FactKind.WORD, FactKind.PERCENT):
            continue
        if fact.kind is FactKind.ROUNDED and (
            fact.base < rules.base or fact.threshold != register.threshold
        ):
            yield f"{fact.id}: not rounded as the rules say."
        try:
            says(fact)
        except ValueError as error:
            yield f"{error}."
    for id in quotients(facts):
        yield f"{id}: not the whole percentage of the two printed counts it names."


def _strangers(register: Register, earlier: Sequence[Register]) -> Iterator[str]:
    for each in earlier:
        if (each.department, each.year) != (register.department, register.year):
            yield "An earlier register is of another department or year."


# ---- looking ------------------------------------------------------------------------------------

Found = tuple[Breach, "Closed"]


def _breaches(search: Search) -> Iterator[Found]:
    for place in range(len(search.cells)):
        if not search.hidden[place] and not search.hide(place):
            yield _small(search, place)
    for place in range(len(search.cells)):
        if not search.possible[place] and not search.people(place):
            found = _nobody(search, place)
            if found:
                yield found
    for place in range(len(search.changes)):
        found = _change(search, place)
        if found:
            yield found


def _small(search: Search, place: int) -> Found:
    line = search.line(place)
    limits = search.limits(line)
    assert limits is not None
    low, high = limits
    certain = low > 0 and high < search.threshold
    return (
        _breach(search, place, Leak.SMALL if certain else Leak.WORDS, low, high),
        ((line, None, 0), (line, search.threshold, None)) if certain else (),
    )


def _nobody(search: Search, place: int) -> Found | None:
    """Nobody of a group that is certain to have somebody in it."""
    line, group = search.line(place), search.line(int(search.groups[place]))
    if not _shut(search, search.program, ((group, None, 0),)):
        return None
    closed: Closed = ((line, 1, None),)
    if _shut(search, search.program, closed):
        return _breach(search, place, Leak.NOBODY, 0, 0), closed
    limits = search.limits(line)
    assert limits is not None
    return _breach(search, place, Leak.WORDS, *limits), ()


def _change(search: Search, place: int) -> Found | None:
    earlier, later = search.changes[place]
    least, most = int(search.least_change[place]), int(search.most_change[place])
    if least != most or not 0 < abs(least) < search.threshold:
        return None
    line = search.line(later) - search.line(earlier)
    limits = search.limits(line)
    if limits != (least, most):
        return None
    closed = ((line, None, least - 1), (line, least + 1, None))
    return _breach(search, later, Leak.CHANGE, least, most), closed


def _breach(search: Search, place: int, leak: Leak, low: int, high: int) -> Breach:
    cell = search.cells[place]
    return Breach(
        leak=leak,
        stage=search.snapshots[cell.snapshot].stage,
        people=_named(search, cell.snapshot, cell.group),
        boxes=cell.boxes,
        low=low,
        high=high,
        facts=tuple(sorted(search.obstacles.get(place, ()))) if leak is Leak.WORDS else (),
    )


def _named(search: Search, snapshot: int, group: Where) -> str:
    """What the release calls a group, or whom it leaves out, or its answers, without a name."""
    if not group:
        return "everyone"
    named = {
        tuple(entry for entry in fact.where if entry[0] != RATING): "/".join(fact.id.split("/")[:2])
        for fact in search.snapshots[snapshot].facts
    }
    if group in named:
        return named[group]
    (name, answers), *others = group
    atoms = () if others else search.snapshots[snapshot].atoms[name]
    left_out = [named.get(((name, atom),), "") for atom in atoms if not set(atom) <= set(answers)]
    if left_out and all(left_out):
        return f"all but {' and '.join(left_out)}"
    return "; ".join(f"{name}: {', '.join(answers)}" for name, answers in group)


def _words(search: Search) -> Found:
    breach = Breach(
        leak=Leak.WORDS,
        stage=search.snapshots[-1].stage,
        people="the words themselves",
        boxes=(),
        facts=tuple(sorted(search.doubted)),
    )
    return breach, ()


# ---- explaining ---------------------------------------------------------------------------------


def _known(search: Search, closed: Closed, out: int = 0) -> bool:
    """Whether exact figures, or all of what was out already, make a breach by themselves."""
    if not closed:
        return False
    facts = {source: fact for each in search.snapshots for source, fact in each.sourced.items()}
    sourced = [(place, row.source) for place, row in enumerate(search.rows) if row.source]
    inexact = [at for at, source in sourced if facts[source].kind is not FactKind.EXACT]
    new = [at for at, (place, _) in sourced if place >= out]
    return any(
        len(left) < len(sourced) and _shut(search, _less(search, left), closed)
        for left in (inexact, new)
    )


def _shut(search: Search, program: Program, closed: Closed) -> bool:
    """Whether no table meets any of these limits."""
    nothing = np.zeros(search.size)
    return all(
        program.bounded(line, low=low, high=high).least(nothing, clock=search.clock) is None
        for line, low, high in closed
    )


def _explained(search: Search, breach: Breach, closed: Closed) -> Breach:
    """The breach with a smallest set of facts that makes it: none can be left out."""
    from dataclasses import replace

    if not closed:
        return breach
    sourced = [(place, row.source) for place, row in enumerate(search.rows) if row.source]
    tables: dict[tuple[int, str], list[int]] = {}
    for place, (register, id) in sourced:
        tables.setdefault((register, id.split("/")[0]), []).append(place)
    out: list[int] = []
    for places in tables.values():
        if _shut(search, _less(search, [*out, *places]), closed):
            out += places
    for place, _ in sourced:
        if place not in out and _shut(search, _less(search, [*out, place]), closed):
            out.append(place)
    return replace(breach, facts=tuple(source for place, source in sourced if place not in out))


def _less(search: Search, rows: Sequence[int]) -> Program:
    return search.program.without(np.array(rows, dtype=np.int64))
