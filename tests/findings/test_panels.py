"""Panels and steps: the harsh panel found, quotas found, chance left alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pmstats.cohort import read_export
from pmstats.cohort.synthetic import synthesise
from pmstats.counts.movement import Movement, Movements, movement_breakdown, movements_by
from pmstats.findings.differential import differential_movements
from pmstats.findings.finding import Verdict
from pmstats.findings.panels import PanelReading, panel_readings, too_alike
from pmstats.findings.steps import nearest_count, step_reading
from pmstats.scheme import Scheme


def lowered(scs: Scheme, n: int, count: int) -> Movement:
    """A panel of n people in Achieving of whom so many fell to Partially Met."""
    row = (0, 0, n - count, count)
    empty = (0, 0, 0, 0)
    return Movement(
        start="recommended", end="local", ratings=scs.best_first, table=(empty, empty, row, empty)
    )


def test_one_harsh_panel_is_pointed_to_and_no_other(scs: Scheme) -> None:
    """Ten of thirty lowered stands apart from eleven panels that lowered one or two each."""
    rows = [(f"Panel {place}", lowered(scs, 30, 1 + place % 2)) for place in range(11)]
    found = panel_readings(
        Movements(heading="Panel", rows=(*rows, ("Harsh", lowered(scs, 30, 10)))), scheme=scs
    )
    pointed_to = [each.panel for each in found.severity if each.reading is PanelReading.MORE]
    assert pointed_to == ["Harsh"]
    assert "1 of them lowered more" in found.sentences[0]


def test_one_panel_alone_has_nothing_to_be_set_beside(scs: Scheme) -> None:
    """A single panel is neither harsh nor mild, and the sentence says so."""
    found = panel_readings(
        Movements(heading="Panel", rows=(("North", lowered(scs, 30, 10)),)), scheme=scs
    )
    assert [each.reading for each in found.severity] == [PanelReading.CANNOT_TELL]
    assert found.sentences[0].startswith("1 panel lowered 33.3%")


def test_small_panels_are_counted_for_paragraph_84(scs: Scheme) -> None:
    """Nine people is below the scheme's ten, ten is not: the boundary pair of R42."""
    rows = tuple((str(n), lowered(scs, n, 1)) for n in (9, 10, 30))
    found = panel_readings(Movements(heading="Panel", rows=rows), scheme=scs)
    assert found.small == 1
    assert found.sentences[-1].startswith("1 panel had fewer than 10 people")


def test_panels_that_fill_quotas_are_more_alike_than_chance() -> None:
    """Eight panels with the same 3, 8, 13, 1 of 25 would not come about by dealing people."""
    assert too_alike([(3, 8, 13, 1)] * 8).p_value < 0.001


def test_panels_dealt_at_random_are_not_called_too_alike_more_often_than_stated() -> None:
    """Of 100 departments drawn without any quota at most 10 fall below 0.05 (fixed seed)."""
    random = np.random.default_rng(5)
    drawn = random.multinomial(25, (0.12, 0.30, 0.53, 0.05), size=(100, 6))
    assert sum(too_alike(panels.tolist()).p_value <= 0.05 for panels in drawn) <= 10


@pytest.mark.parametrize(("n", "nearest"), [(29, 1), (30, 2), (20, 1), (10, 1), (9, 0)])
def test_the_nearest_count_rounds_halves_up(n: int, nearest: int) -> None:
    """5% of 30 and of 10 are 1.5 and 0.5: the halves go up, 1.45 and 0.45 go down."""
    assert nearest_count(n, 0.05) == nearest


@pytest.mark.parametrize(("fell", "prompts"), [(4, False), (5, True), (6, False)])
def test_a_prompt_follows_only_a_move_onto_exactly_the_guide(
    scs: Scheme, fell: int, prompts: bool
) -> None:
    """R41: of 100 people, five falling to Partially Met is onto 5%; four or six is not."""
    reading = step_reading(lowered(scs, 100, fell), scheme=scs)
    assert bool(reading.onto_guide) is prompts
    assert ("expected share" in reading.sentence) is prompts


@pytest.mark.parametrize(("fell", "prompts"), [(5, False), (6, True)])
def test_lowering_at_a_single_line_is_a_prompt_only_beyond_chance(
    scs: Scheme, fell: int, prompts: bool
) -> None:
    """R41: 6 of 6 changes at one line are more than half of all (exact low 54%), 5 of 5 not (48%).

    The limits are 0.025 ** (1 / n), the closed form of Clopper and Pearson for n of n.
    """
    reading = step_reading(lowered(scs, 200, fell), scheme=scs)
    assert (reading.at_one_line == ("Achieving", "Partially Met")) is prompts
    assert ("from Achieving or better to Partially Met or worse" in reading.sentence) is prompts


def test_changes_both_ways_or_at_several_lines_are_no_prompt(scs: Scheme) -> None:
    """Twelve lowered at each of two lines are half of all changes at either: not more than half."""
    table = ((20, 0, 0, 0), (0, 40, 12, 0), (0, 0, 40, 12), (0, 0, 0, 10))
    spread = Movement(start="recommended", end="local", ratings=scs.best_first, table=table)
    assert spread.lowered_across == (0, 12, 12)
    assert step_reading(spread, scheme=scs).at_one_line is None


def test_someone_lowered_by_two_boxes_crosses_two_lines(scs: Scheme) -> None:
    """From High Performing to Partially Met is across both lines below it."""
    table = ((1, 0, 0, 0), (0, 1, 0, 3), (0, 0, 1, 0), (0, 0, 0, 1))
    moved = Movement(start="recommended", end="local", ratings=scs.best_first, table=table)
    assert moved.lowered_across == (0, 3, 3)


def test_a_count_that_stood_at_the_guide_already_is_no_prompt(scs: Scheme) -> None:
    """Moderation that changed nothing moved nothing onto the guide."""
    stayed = Movement(
        start="recommended",
        end="local",
        ratings=scs.best_first,
        table=((10, 0, 0, 0), (0, 30, 0, 0), (0, 0, 55, 0), (0, 0, 0, 5)),
    )
    assert step_reading(stayed, scheme=scs).onto_guide == ()


def test_what_is_planted_in_a_made_up_year_is_found_where_it_was_planted(
    tmp_path: Path, scs: Scheme
) -> None:
    """The harsh panel, the group moved down and the panels that fit too well, by name.

    `synthesise(moderation=True)` records in its truth where each signal was planted.
    """
    year = synthesise(moderation=True)
    path = tmp_path / "year.csv"
    year.export.to_csv(path, index=False)
    cohort = read_export(path, scheme=scs, stage="final")
    signals = {signal["signal"].name: signal for signal in year.truth["moderation"]}

    harsh = signals["HARSH_PANEL"]
    panels = {
        name: panel_readings(
            movements_by(cohort.department(name), "panel", start="recommended", end="local"),
            scheme=scs,
        )
        for name in cohort.departments
    }
    pointed_to = [
        (name, each.panel)
        for name, found in panels.items()
        for each in found.severity
        if each.reading is PanelReading.MORE
    ]
    assert pointed_to == [(harsh["department"], harsh["where"])]

    fitted = [name for name, found in panels.items() if found.too_alike.p_value <= 0.001]
    assert fitted == [signals["FITS_TOO_WELL"]["department"]]

    gaps = [
        name
        for name in cohort.departments
        for sex in [
            differential_movements(
                [
                    movement_breakdown(
                        cohort.department(name), "sex", start="recommended", end="overall"
                    )
                ],
                scheme=scs,
            )["sex"]
        ]
        if sex.verdict is Verdict.GAP
    ]
    assert gaps == [signals["GROUP_MOVED_DOWN"]["department"]]


def test_panels_that_sit_on_a_departments_own_guide_are_a_prompt(scs: Scheme) -> None:
    """Eight panels of 25 with 3, 8, 13 and 1 beside a guide of 12, 32, 52 and 4%: too close."""
    assert scs.curve is not None
    guided = replace(scs, curve=replace(scs.curve, guide=(0.12, 0.32, 0.52, 0.04)))
    rows = ((3, 0, 0, 0), (0, 8, 0, 0), (0, 0, 13, 0), (0, 0, 0, 1))
    still = Movement(start="recommended", end="local", ratings=scs.best_first, table=rows)
    panels = Movements(heading="Panel", rows=tuple((str(place), still) for place in range(8)))
    found = panel_readings(panels, scheme=guided)
    assert found.too_good is not None
    assert found.too_good.p_value < 0.01
    assert any("closer to the guide than chance" in each for each in found.sentences)
    assert panel_readings(panels, scheme=scs).too_good is None
