"""How our own methods behave on departments whose truth is known (`make calibration`).

Size, coverage, power, the chance that a pack with nothing wrong raises a flag, and the error
of shrunken shares, beside what others use on the same departments. Exact wherever two
binomials can be added up; otherwise simulated from a fixed seed, with the error printed. The
result is `pmstats/findings/calibration.json`, which packs quote; the same bytes each time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

import numpy as np

from benchmarks import peers
from benchmarks.departments import BOXES, Floats, department, shifted
from benchmarks.measures import Measure, proportion, table, write
from pmstats.counts import breakdowns
from pmstats.findings import disparities
from pmstats.findings.exact import binomial_probabilities, two_proportions_test
from pmstats.findings.finding import Interval, Verdict
from pmstats.findings.intersection import intersection
from pmstats.findings.intervals import difference_interval, ratio_interval, share_interval
from pmstats.findings.ordinal import permutation_test, superiority, superiority_of
from pmstats.findings.power import detectable_difference, detectable_superiority
from pmstats.findings.stratified import Stratum, mantel_haenszel_difference
from pmstats.scheme import load_scheme

RESULT = Path(__file__).parents[1] / "pmstats/findings/calibration.json"
VERSION, SEED = 1, 20_250_401

#: Focal group and comparator in departments of 60, 150 and 400.
PAIRS = tuple((n, size - n) for n in (5, 10, 20, 50) for size in (60, 150, 400) if n <= size // 3)
FRAMINGS = {"top boxes": 0.35, "Partially Met": 0.05}

#: True shares are not known to the last digit: coverage is averaged over this range of them.
AROUND = {"top boxes": (0.25, 0.45), "Partially Met": (0.02, 0.08)}

#: Planted gaps, as log odds ratios of better ratings: the first is about that of disability at
#: the Department for Work and Pensions in 2013-14 (-0.49), the second twice it.
PLANTED = (-0.5, -1.0)
PACKS, PLANTED_PACKS, TABLES, PLANTED_TABLES, CELLS = 1_000, 200, 8_000, 4_000, 400


def main() -> None:
    """Measures everything, prints it, and writes the result."""
    started = time.process_time()
    measures: list[Measure] = []
    for section in (framings, shares, whole_scale, within_grade, intersections, packs):
        found = list(section())
        measures += found
        print(table(found), f"\n-- {time.process_time() - started:.0f} s of CPU\n", flush=True)
    about = {"version": VERSION, "seed": SEED, "boxes": BOXES.tolist(), "scheme": SCHEME.name}
    write(measures, RESULT, about=about)
    missed = [each for each in measures if each.met is False]
    print(f"{len(measures)} measures, {len(missed)} goals not met:")
    print(table(missed))


SCHEME = load_scheme("scs_2024_25")


def framings() -> Iterator[Measure]:
    """Size, coverage and power of the comparison of two shares, all exact."""
    for n_group, n_comparator in PAIRS:
        for name, share in FRAMINGS.items():
            about = {"setting": f"{name}, {n_group} v {n_comparator}", "focal": n_group}
            rejected = _rejected(n_group, n_comparator)
            yield Measure(
                method="mid-p of two shares",
                measure="size",
                value=_chance(rejected, share, share),
                **about,
            )
            for method, held in (
                ("Newcombe difference", _holds(n_group, n_comparator, difference_interval, 0.0)),
                ("Miettinen-Nurminen difference", _holds(n_group, n_comparator, _score, 0.0)),
                ("Koopman ratio", _holds(n_group, n_comparator, ratio_interval, 1.0)),
            ):
                around = np.linspace(*AROUND[name], 9)
                value = float(np.mean([_chance(held, each, each) for each in around]))
                yield Measure(method=method, measure="coverage", value=value, **about)
            for log_odds in PLANTED:
                odds = share / (1 - share) * np.exp(log_odds if share > 0.2 else -log_odds)
                value = _chance(rejected, float(odds / (1 + odds)), share)
                setting = f"{about['setting']}, odds x {np.exp(log_odds):.2f}"
                yield Measure(
                    method="mid-p of two shares", measure="power", value=value, setting=setting
                )
            found = detectable_difference(n_group, n_comparator, share_comparator=share)
            yield Measure(
                method="smallest detectable difference",
                measure="80% power",
                value=float("nan") if found is None else found,
                **about,
            )


def shares() -> Iterator[Measure]:
    """Coverage of the interval for one share, exact."""
    for n in (5, 10, 20, 50, 150, 400):
        intervals = [share_interval(count, n) for count in range(n + 1)]
        for name, (low, high) in AROUND.items():
            coverage = [
                float(
                    binomial_probabilities(n, share)
                    @ np.array([share in interval for interval in intervals])
                )
                for share in np.linspace(low, high, 41)
            ]
            setting = f"{name}, {n} people"
            yield Measure(
                method="Wilson share",
                measure="coverage",
                setting=setting,
                value=float(np.mean(coverage)),
            )


def whole_scale() -> Iterator[Measure]:
    """Size, coverage and power over the whole scale, simulated."""
    generator = np.random.default_rng(SEED)
    for n_group, n_comparator in PAIRS:
        about = {"setting": f"no gap, {n_group} v {n_comparator}", "focal": n_group}
        tables = _tables(generator, n_group, n_comparator, 0.0, TABLES)
        yield proportion(
            (permutation_test(each).p_value <= 0.05 for each in tables),
            method="permutation of midranks",
            measure="size",
            **about,
        )
        yield proportion(
            (0.5 in superiority(*each) for each in tables),
            method="superiority",
            measure="coverage",
            **about,
        )
        for log_odds in PLANTED:
            tables = _tables(generator, n_group, n_comparator, log_odds, PLANTED_TABLES)
            truth = superiority_of(shifted(log_odds), BOXES)
            setting = f"odds x {np.exp(log_odds):.2f}, {n_group} v {n_comparator}"
            yield proportion(
                (permutation_test(each).p_value <= 0.05 for each in tables),
                method="permutation of midranks",
                measure="power",
                setting=setting,
            )
            yield proportion(
                (truth in superiority(*each) for each in tables),
                method="superiority",
                measure="coverage",
                setting=setting,
                focal=n_group,
            )
        comparator = tuple(np.round(BOXES * n_comparator).astype(int).tolist())
        found = detectable_superiority(n_group, comparator)
        yield Measure(
            method="smallest detectable superiority",
            measure="80% power",
            setting=about["setting"],
            value=float("nan") if found is None else found,
        )


def within_grade() -> Iterator[Measure]:
    """Coverage of the pooled difference over three grades of 80, 16 and 4%, simulated."""
    generator = np.random.default_rng(SEED + 1)
    for size in (60, 150, 400):
        for focal in (0.1, 0.3):
            held = []
            for _ in range(PLANTED_TABLES):
                grades = generator.multinomial(size, (0.80, 0.16, 0.04))
                groups = generator.binomial(grades, focal)
                own = generator.binomial(groups, (0.30, 0.40, 0.50))
                others = generator.binomial(grades - groups, (0.30, 0.40, 0.50))
                rows = zip(own, groups, others, grades - groups, strict=True)
                held.append(0.0 in mantel_haenszel_difference(_strata(rows)))
            yield proportion(
                held,
                method="Mantel-Haenszel difference",
                measure="coverage",
                setting=f"top boxes within grade, {size} people, {focal:.0%} focal",
            )


def intersections() -> Iterator[Measure]:
    """The error of shrunken shares of ten cells against raw ones, and their coverage."""
    generator = np.random.default_rng(SEED + 2)
    mix = np.outer((0.48, 0.52), (0.78, 0.06, 0.03, 0.03, 0.10)).ravel()
    for size in (60, 150, 400):
        for name, share in FRAMINGS.items():
            squares, held = [], []
            for _ in range(CELLS):
                people = generator.multinomial(size, mix)
                effects = np.add.outer(
                    0.3 * generator.standard_normal(2), 0.3 * generator.standard_normal(5)
                )
                logits = np.log(share / (1 - share)) + effects.ravel()
                truth = 1 / (1 + np.exp(-logits - 0.2 * generator.standard_normal(10)))
                counts = generator.binomial(people, truth)
                found = intersection(counts.reshape(2, 5).tolist(), people.reshape(2, 5).tolist())
                for place in np.flatnonzero(people):
                    cell = found.shares[place // 5][place % 5]
                    raw = counts[place] / people[place]
                    squares.append(((raw - truth[place]) ** 2, (cell.value - truth[place]) ** 2))
                    held.append(truth[place] in cell)
            raw_square, shrunken = np.mean(squares, axis=0)
            about = {"method": "shrunken shares of ten cells", "setting": f"{name}, {size} people"}
            yield Measure(
                measure="error against raw shares",
                value=float(np.sqrt(shrunken / raw_square)),
                repeats=CELLS,
                asked=size == 150,
                **about,
            )
            yield proportion(held, measure="coverage", **about)


def packs() -> Iterator[Measure]:
    """How often a whole pack raises a flag: with nothing wrong, and with a gap planted."""
    generator = np.random.default_rng(SEED + 3)
    for size in (60, 150, 400):
        flagged: dict[str, list[bool]] = {}
        for _ in range(PACKS):
            asked = breakdowns(department(generator, size, scheme=SCHEME), stage="mid-year")
            found = disparities(asked, scheme=SCHEME)
            verdicts = [each.verdict for each in found.each]
            every = [finding.verdict for each in found.each for finding in each.findings]
            for method, flag in (
                ("a primary gap", Verdict.GAP in verdicts),
                ("any gap", Verdict.GAP in every),
                ("any possible gap", Verdict.POSSIBLE_GAP in verdicts),
                ("four-fifths rule", peers.four_fifths(asked, SCHEME)),
                ("chi-square per characteristic", peers.chi_squares(asked, SCHEME)),
            ):
                flagged.setdefault(method, []).append(flag)
        for method, flags in flagged.items():
            yield proportion(
                flags,
                method=method,
                measure="false packs",
                setting=f"nothing wrong, {size} people",
                asked=method in ("a primary gap", "any gap"),
            )
        for log_odds in PLANTED:
            planted = {"sex": {"Female": log_odds}}
            seen = []
            for _ in range(PLANTED_PACKS):
                made = department(generator, size, scheme=SCHEME, planted=planted)
                found = disparities(breakdowns(made, stage="mid-year"), scheme=SCHEME)
                seen.append(found["sex"].verdict is Verdict.GAP)
            yield proportion(
                seen,
                method="a primary gap",
                measure="packs that find it",
                setting=f"women's odds x {np.exp(log_odds):.2f}, {size} people",
            )
    yield from peers.fairlearn_coverage(SEED + 4)


def _tables(
    generator: np.random.Generator, n_group: int, n_comparator: int, log_odds: float, repeats: int
) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    groups = generator.multinomial(n_group, shifted(log_odds), repeats).tolist()
    comparators = generator.multinomial(n_comparator, BOXES, repeats).tolist()
    return [(tuple(a), tuple(b)) for a, b in zip(groups, comparators, strict=True)]


def _strata(rows: Iterable[Iterable[int]]) -> list[Stratum]:
    names = ("count_group", "n_group", "count_comparator", "n_comparator")
    return [Stratum(**dict(zip(names, map(int, row), strict=True))) for row in rows]


def _chance(outcomes: Floats, share_group: float, share_comparator: float) -> float:
    """The probability of the outcomes marked 1, for these true shares."""
    group = binomial_probabilities(outcomes.shape[0] - 1, share_group)
    comparator = binomial_probabilities(outcomes.shape[1] - 1, share_comparator)
    return float(group @ outcomes @ comparator)


@cache
def _rejected(n_group: int, n_comparator: int) -> Floats:
    """1 where our mid-p test is significant, for every pair of counts."""
    return _over_outcomes(
        n_group,
        n_comparator,
        lambda *counts: two_proportions_test(*counts).p_value <= 0.05,
    )


def _holds(
    n_group: int, n_comparator: int, interval: Callable[..., Interval], truth: float
) -> Floats:
    """1 where the interval holds the truth, for every pair of counts."""
    return _over_outcomes(n_group, n_comparator, lambda *counts: truth in interval(*counts))


def _score(*counts: int) -> Interval:
    return difference_interval(*counts, method="miettinen-nurminen")


def _over_outcomes(n_group: int, n_comparator: int, answer: Callable[..., bool]) -> Floats:
    outcomes = [
        [float(answer(count, n_group, other, n_comparator)) for other in range(n_comparator + 1)]
        for count in range(n_group + 1)
    ]
    return np.array(outcomes)


if __name__ == "__main__":
    main()
