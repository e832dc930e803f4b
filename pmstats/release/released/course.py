"""What the course of the year adds to a release: of the people rated at its end, what befell them.

Counts for the whole department, each side of one line: rated higher, the same or lower than
before; rated in a quarter or not; paid an award or not. Nobody is followed from one release to
another: a count is of the people of this release, told apart by what happened to them earlier.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pmstats.counts.awards import award_breakdown
from pmstats.counts.distribution import Distribution
from pmstats.counts.movement import Movement, moderation_steps, movement
from pmstats.counts.turnover import turnover
from pmstats.release.released.facts import NOT_RATED, RATING, Where
from pmstats.release.released.protect import CountRow, CountTable
from pmstats.scheme.release_rules import HIGHER, LOWER, MOVES, SAME

if TYPE_CHECKING:
    from pmstats.cohort.cohort import Cohort
    from pmstats.scheme import Scheme
    from pmstats.scheme.release_rules import Merging

    Dimension = tuple[str, tuple[str, ...]]

#: The section of a release that these tables stand in.
SECTION = "course"
#: Answers beside those of a movement.
ONCE, JOINED, NOT_THERE = "no rating both times", "joined since", "not in the table"
YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Strand:
    """One table of the course of the year, and what a reader knows of it by its words.

    `nobody` are people there cannot be: nobody rated higher is in the worst box. `before` is
    the dimension of the boxes at an earlier stage and that stage: those people are among the
    people of that stage's own release.
    """

    table: CountTable
    dimensions: tuple[Dimension, ...]
    nobody: tuple[Where, ...] = ()
    before: tuple[tuple[str, str], ...] = ()


def course_of(cohort: Cohort, *, stage: str) -> tuple[Strand, ...]:
    """The strands of a department at the end of the year; none at other stages.

    None either where the scheme's release rules say nothing of movements.
    """
    scheme = cohort.scheme
    if not scheme.stage(stage).moderated or scheme.release is None or not scheme.release.moves:
        return ()
    found: list[Strand] = []
    steps = moderation_steps(cohort)
    if scheme.moderation and steps and steps[-1][1] == stage:
        moved = movement(cohort, start=steps[0][0], end=stage)
        found.append(_moved(moved, cohort, None, paragraph=scheme.moderation.paragraph))
    found += _since_midyear(cohort, stage)
    found += _quarters(cohort, stage, found)
    found += _awards(cohort, stage)
    return tuple(found)


# ---- raised, unchanged, lowered ------------------------------------------------------------------


def _since_midyear(cohort: Cohort, stage: str) -> Iterator[Strand]:
    support = cohort.scheme.support
    if support is None or len(support.quarters) < 2 or "person_id" not in cohort.people.columns:
        return
    midyear = cohort.scheme.stage(support.quarters[1])
    if midyear.column in cohort.people.columns:
        both = turnover(cohort, cohort, stage_before=midyear.name, stage_after=stage)
        yield _moved(both.stayed, cohort, both.joined, paragraph=midyear.paragraph)


def _moved(
    moved: Movement, cohort: Cohort, joined: Distribution | None, *, paragraph: str
) -> Strand:
    scheme, boxes = cohort.scheme, moved.ratings
    name, then = f"since {moved.start}", f"{moved.start} box"
    counts = {
        HIGHER: _columns(moved, lambda was, now: now < was),
        SAME: _columns(moved, lambda was, now: now == was),
        LOWER: _columns(moved, lambda was, now: now > was),
    }
    groups = [(box.name, box.ratings) for box in _degree(counts, scheme).boxes]
    if joined is not None:
        counts[JOINED] = joined
        groups.append(("Joined since", (JOINED,)))
    rows = tuple(
        CountRow(
            name=label,
            where=((name, answers),),
            distribution=_sum([counts[answer] for answer in answers]),
        )
        for label, answers in groups
    )
    title = scheme.stage(moved.start).title
    return Strand(
        table=CountTable(
            id=name.replace(" ", "-"),
            caption=f"Ratings now beside the earlier ones ({title[:1].lower()}{title[1:]})",
            heading="Rating now",
            rows=rows,
            paragraph=paragraph,
            section=SECTION,
        ),
        dimensions=(
            (name, (*MOVES, ONCE, *([JOINED] if joined is not None else []))),
            (then, (*boxes, NOT_RATED, *([NOT_THERE] if joined is not None else []))),
        ),
        nobody=tuple(_impossible(name, then, boxes, joining=joined is not None)),
        before=((then, moved.start),),
    )


def _degree(counts: dict[str, Distribution], scheme: Scheme) -> Merging:
    """The finest degree of detail at which every group has the threshold, else the coarsest."""
    rules = scheme.release
    assert rules is not None
    for each in rules.moves:
        sizes = [sum(counts[answer].n for answer in box.ratings) for box in each.boxes]
        if min(sizes) >= rules.threshold:
            return each
    return rules.moves[-1]


def _columns(moved: Movement, asked: Callable[[int, int], bool]) -> Distribution:
    """The boxes now of the people whose boxes then and now, best first, are as asked."""
    places = range(len(moved.ratings))
    return Distribution(
        ratings=moved.ratings,
        counts=tuple(
            sum(moved.table[was][now] for was in places if asked(was, now)) for now in places
        ),
    )


def _sum(each: list[Distribution]) -> Distribution:
    first, *others = each
    for other in others:
        first = first + other
    return first


def _impossible(name: str, then: str, boxes: tuple[str, ...], *, joining: bool) -> Iterator[Where]:
    """What the words rule out, box before by box now, best first."""
    answers = [HIGHER, SAME, LOWER, ONCE, *([JOINED] if joining else [])]
    for was, before in enumerate([*boxes, NOT_RATED, *([NOT_THERE] if joining else [])]):
        can: dict[str, tuple[str, ...]] = {}
        if was < len(boxes):
            can = {HIGHER: boxes[:was], SAME: boxes[was : was + 1], LOWER: boxes[was + 1 :]}
            can[ONCE] = (NOT_RATED,)
        else:
            can[JOINED if before == NOT_THERE else ONCE] = (*boxes, NOT_RATED)
        for answer in answers:
            cannot = tuple(box for box in (*boxes, NOT_RATED) if box not in can.get(answer, ()))
            if cannot:
                yield tuple(sorted(((name, (answer,)), (then, (before,)), (RATING, cannot))))


# ---- rated or not, paid or not -------------------------------------------------------------------


def _quarters(cohort: Cohort, stage: str, found: list[Strand]) -> Iterator[Strand]:
    """How many of the people rated now were rated in each quarter (paras 47-48)."""
    scheme = cohort.scheme
    told = {stage for each in found for _, stage in each.before}
    quarters = scheme.support.quarters if scheme.support else ()
    rows, dimensions = [], []
    for each in quarters:
        # a table of movement says as much of its own stage already
        if each in told or scheme.stage(each).column not in cohort.people.columns:
            continue
        both = movement(cohort, start=each, end=stage)
        dimensions.append((f"rated {each}", (YES, NO)))
        rows.append(
            CountRow(
                name=scheme.stage(each).title,
                where=((f"rated {each}", (YES,)),),
                distribution=Distribution(ratings=both.ratings, counts=both.after),
            )
        )
    if rows:
        yield Strand(
            table=CountTable(
                id="rated-in-quarters",
                caption="Of those rated now: who was rated then",
                heading="Conversation",
                rows=tuple(rows),
                paragraph=scheme.stage(quarters[0]).paragraph,
                section=SECTION,
            ),
            dimensions=tuple(dimensions),
        )


def _awards(cohort: Cohort, stage: str) -> Iterator[Strand]:
    """How many of the people rated now were paid an award; of pounds a release says nothing."""
    rules = cohort.scheme.awards
    if rules is None or cohort.awards is None or rules.rating_stage != stage:
        return
    if not cohort.characteristics:
        return
    # any characteristic: everybody is in one of its groups
    paid = award_breakdown(cohort, cohort.characteristics[0])
    boxes = cohort.scheme.best_first
    may = tuple(box for box in boxes if box in rules.end_year_ratings)
    rows, dimensions, nobody = [], [], []
    for name, groups, held in (
        ("In-year award", paid.in_year, boxes),
        ("End-year award", paid.end_year, may),
    ):
        sums = [sum(each[place][0] for each in groups.values()) for place in range(len(held))]
        counts = dict(zip(held, sums, strict=True))
        dimension = name.lower()
        rows.append(
            CountRow(
                name=name,
                where=((dimension, (YES,)),),
                distribution=Distribution(
                    ratings=boxes, counts=tuple(counts.get(box, 0) for box in boxes)
                ),
            )
        )
        dimensions.append((dimension, (YES, NO)))
        without = tuple(box for box in (*boxes, NOT_RATED) if box not in may)
        if held is may and without:
            nobody.append(tuple(sorted(((dimension, (YES,)), (RATING, without)))))
    yield Strand(
        table=CountTable(
            id="awards",
            caption="Of those rated now: who was paid an award",
            heading="Award",
            rows=tuple(rows),
            paragraph=rules.paragraph,
            section=SECTION,
        ),
        dimensions=tuple(dimensions),
        nobody=tuple(nobody),
    )
