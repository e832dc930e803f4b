"""What the record says against what the rating says: rules R22 to R26, R45 and R46."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pmstats.cohort.rules.rule import Records, Rule, breach
from pmstats.errors import Problem, Severity

#: A move of this many boxes between stages asks for evidence.
_FAR = 2


def finance_objective(records: Records) -> Iterator[Problem]:
    """R22: a ceiling on the rating where the record has one answer (Annex D 4a)."""
    if records.scheme.moderation is None:
        return
    for ceiling in records.scheme.moderation.ceilings:
        if ceiling.column not in records.people:
            continue
        highest = records.scheme.best_first.index(ceiling.highest)
        answered = records.says(ceiling.column, ceiling.answer)
        for severity, late in ((Severity.ERROR, True), (Severity.WARNING, False)):
            above = np.zeros(len(records.people), dtype=bool)
            for stage in records.stages:
                if (stage in records.panel_stages) == late:
                    boxes = records.boxes(stage.column)
                    above |= (boxes >= 0) & (boxes < highest)
            yield from breach(
                records,
                answered & above,
                rule="R22",
                severity=severity,
                paragraph=ceiling.paragraph,
                column=ceiling.column,
                message=f"{ceiling.column} says {ceiling.answer}, and a rating is above "
                f"{ceiling.highest}.",
                fix="Check the record; the rating may not be above it.",
            )
        rated = ~records.missing(records.last_stage.column)
        yield from breach(
            records,
            rated & records.missing(ceiling.column),
            rule="R22",
            severity=Severity.INFORMATION,
            paragraph=ceiling.paragraph,
            column=ceiling.column,
            message="Rated, and the record does not say whether the ceiling applies.",
            fix="Fill it in if it is held.",
        )


def significant_contribution(records: Records) -> Iterator[Problem]:
    """R23: the best box needs a significant contribution beyond the business unit."""
    best = records.boxes(records.last_stage.column) == 0
    name = "corporate_contribution_significant"
    for mask, severity, words in (
        (records.says(name, "No"), Severity.ERROR, "the record says there was no"),
        (records.missing(name), Severity.WARNING, "the record does not show a"),
    ):
        yield from breach(
            records,
            best & mask,
            rule="R23",
            severity=severity,
            paragraph="17, 37",
            column=name,
            message=f"{records.scheme.best_first[0]}, and {words} significant corporate "
            "contribution.",
            fix="Check the evidence for the rating.",
        )


def behaviours(records: Records) -> Iterator[Problem]:
    """R24: who consistently failed to show the behaviours is in the lowest box."""
    boxes = records.boxes(records.last_stage.column)
    lowest = len(records.scheme.ratings) - 1
    yield from breach(
        records,
        records.says("behaviours", "No") & (boxes >= 0) & (boxes < lowest),
        rule="R24",
        severity=Severity.ERROR,
        paragraph="17",
        column="behaviours",
        message=f"Behaviours not shown, and the rating is above {records.scheme.worst_first[0]}.",
        fix="Check the record of behaviours and the rating.",
    )


def exact_delivery(records: Records) -> Iterator[Problem]:
    """R25: who delivered exactly what was asked is not in the boxes above."""
    if records.scheme.curve is None:
        return
    boxes = records.boxes(records.last_stage.column)
    expected = records.scheme.best_first.index(records.scheme.curve.largest)
    yield from breach(
        records,
        records.says("delivery", "Exactly") & (boxes >= 0) & (boxes < expected),
        rule="R25",
        severity=Severity.WARNING,
        paragraph="17",
        column="delivery",
        message=f"Delivered exactly what was asked, and rated above "
        f"{records.scheme.curve.largest}.",
        fix="Check the evidence for the rating.",
    )


def large_moves(records: Records) -> Iterator[Problem]:
    """R26: the final rating two boxes or more from every rating of the year."""
    final = records.boxes(records.last_stage.column)
    quarters = [s.column for s in records.stages if not s.moderated]
    if not quarters:
        return
    held = np.array([records.boxes(column) for column in quarters])
    far = np.abs(held - final) >= _FAR
    every = (far | (held < 0)).all(axis=0) & (held >= 0).any(axis=0)
    middle = [place for place, column in enumerate(quarters) if column == "rating_midyear"]
    if middle:
        every |= far[middle[0]] & (held[middle[0]] >= 0)
    yield from breach(
        records,
        every & (final >= 0),
        rule="R26",
        severity=Severity.INFORMATION,
        paragraph="48, 65",
        column=records.last_stage.column,
        message="Two boxes or more from the mid-year rating, or from every rating of the year.",
        fix="Check that the evidence for the change is recorded.",
    )


def rankings(records: Records) -> Iterator[Problem]:
    """R46: people may be ranked within panels, while ratings are absolute (para 78)."""
    yield from breach(
        records,
        ~records.missing("ranking"),
        rule="R46",
        severity=Severity.INFORMATION,
        paragraph="78; Annex D 3",
        column="ranking",
        message="The export ranks people. Job weight may inform a panel's order; a rating is "
        "against objectives, never a place in that order.",
    )


def appeals(records: Records) -> Iterator[Problem]:
    """R45: a final rating may differ from the overall one after an appeal; both are kept."""
    overall, final = records.boxes("rating_overall"), records.boxes("rating_final")
    yield from breach(
        records,
        (overall >= 0) & (final >= 0) & (overall != final),
        rule="R45",
        severity=Severity.INFORMATION,
        paragraph="FAQ on appeals",
        column="rating_final",
        message="The final rating differs from the overall one; the final one is counted.",
    )


def _at_the_end(records: Records) -> bool:
    return bool(records.moderated_stages)


RATINGS = (
    Rule(
        code="R22",
        paragraph="Annex D 4a",
        needs=("finance_objective_met",),
        find=finance_objective,
        applies=lambda records: records.scheme.moderation is not None and bool(records.stages),
    ),
    Rule(
        code="R23",
        paragraph="17, 37",
        needs=("corporate_contribution_significant",),
        find=significant_contribution,
        applies=_at_the_end,
    ),
    Rule(code="R24", paragraph="17", needs=("behaviours",), find=behaviours, applies=_at_the_end),
    Rule(code="R25", paragraph="17", needs=("delivery",), find=exact_delivery, applies=_at_the_end),
    Rule(code="R26", paragraph="48, 65", needs=(), find=large_moves, applies=_at_the_end),
    Rule(
        code="R45",
        paragraph="FAQ on appeals",
        needs=("rating_overall", "rating_final"),
        find=appeals,
        applies=_at_the_end,
    ),
    Rule(code="R46", paragraph="78; Annex D 3", needs=("ranking",), find=rankings),
)
