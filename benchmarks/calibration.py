"""How our own methods behave on departments whose truth is known (`make calibration`).

Size, coverage, power, the chance that a pack with nothing wrong raises a flag, and the error
of shrunken shares, beside what others use on the same departments. Exact wherever two
binomials can be added up; otherwise simulated from a fixed seed, with the error printed. The
result is `pmstats/findings/calibration.json`, which packs quote; the same bytes each time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks import peers
from benchmarks.departments import BOXES, Floats, department, shifted
from benchmarks.measures import Measure, proportion, table, write
from pmstats.counts import Breakdown, breakdowns
from pmstats.findings import disparities
from pmstats.findings.disparity import Disparities, primary_tests
from pmstats.findings.finding import Interval, TestResult, Verdict
from pmstats.findings.methods.exact import binomial_probabilities
from pmstats.findings.methods.intersection import intersection
from pmstats.findings.methods.intervals import difference_interval, ratio_interval, share_interval
from pmstats.findings.methods.ordinal import superiority_of
from pmstats.findings.methods.outcomes import significant_outcomes
from pmstats.findings.methods.power import (
    detectable_difference,
    detectable_superiority,
    power_of_difference,
)
from pmstats.findings.methods.reconcile import compare_scales, compare_shares, compare_within
from pmstats.findings.methods.stratified import Stratum
from pmstats.scheme import load_scheme

RESULT = Path(__file__).parents[1] / "pmstats/findings/calibration.json"
VERSION, SEED = 2, 20_250_401

#: Focal group and comparator in departments of 60, 150 and 400.
PAIRS = tuple((n, size - n) for n in (5, 10, 20, 50) for size in (60, 150, 400) if n <= size // 3)
FRAMINGS = {"top boxes": 0.35, "Partially Met": 0.05}

#: True shares are not known to the last digit: coverage is averaged over this range of them.
AROUND = {"top boxes": (0.25, 0.45), "Partially Met": (0.02, 0.08)}

#: Shares at which the size of the test of two shares is looked for at its largest.
ANY_SHARE = np.concatenate([np.arange(0.005, 0.06, 0.001), np.arange(0.06, 0.5001, 0.005)])

#: Planted gaps, as log odds ratios of better ratings: the first is about that of disability at
#: the Department for Work and Pensions in 2013-14 (-0.49), the second twice it.
PLANTED = (-0.5, -1.0)
PACKS, PLANTED_PACKS, TABLES, PLANTED_TABLES, CELLS = 1_000, 200, 6_000, 2_000, 400


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
    for sizes in PAIRS:
        significant = significant_outcomes(*sizes, 0.05)
        limits = {name: _limits(*sizes, interval) for name, interval in PRINTED.items()}
        yield Measure(
            method=SCORE,
            measure="largest size",
            value=max(_chance(significant, each, each) for each in ANY_SHARE),
            setting=f"any share from 0.5% to 50%, {sizes[0]} v {sizes[1]}",
        )
        for name, share in FRAMINGS.items():
            about = {"setting": f"{name}, {sizes[0]} v {sizes[1]}", "focal": sizes[0]}
            yield Measure(
                method=SCORE, measure="size", value=_chance(significant, share, share), **about
            )
            for other in ("mid-p", "fisher"):
                size = power_of_difference(
                    *sizes, share_group=share, share_comparator=share, method=other
                )
                yield Measure(
                    method=f"{other} of two shares",
                    measure="size",
                    value=size,
                    asked=False,
                    **about,
                )
            around = np.linspace(*AROUND[name], 9)
            for log_odds in (0.0, *PLANTED):
                # fewer in the top boxes, or more in the lowest
                better = log_odds if share > 0.2 else -log_odds
                pairs = [(_moved(each, better), each) for each in around]
                planted = f", odds x {np.exp(log_odds):.2f}" if log_odds else ""
                setting = about["setting"] + planted
                for method, held in limits.items():
                    yield Measure(
                        method=method,
                        measure="coverage of a gap" if log_odds else "coverage",
                        value=float(np.mean([_coverage(held, method, *pair) for pair in pairs])),
                        asked=method != NEWCOMBE,
                        setting=setting,
                        focal=sizes[0],
                    )
                if log_odds:
                    yield Measure(
                        method=SCORE,
                        measure="power",
                        value=_chance(significant, _moved(share, better), share),
                        setting=setting,
                    )
            found = detectable_difference(*sizes, share_comparator=share)
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
        for log_odds in (0.0, *PLANTED):
            truth = superiority_of(shifted(log_odds), BOXES)
            groups = f"{n_group} v {n_comparator}"
            planted = f"odds x {np.exp(log_odds):.2f}" if log_odds else "no gap"
            pairs = _compared(
                generator.multinomial(
                    n_group, shifted(log_odds), PLANTED_TABLES if log_odds else TABLES
                ),
                generator.multinomial(n_comparator, BOXES, PLANTED_TABLES if log_odds else TABLES),
            )
            yield proportion(
                (test.p_value <= 0.05 for _, test in pairs),
                method="permutation of midranks",
                measure="power" if log_odds else "size",
                setting=f"{planted}, {groups}",
                focal=n_group,
            )
            yield proportion(
                (truth in interval for interval, _ in pairs),
                method="superiority",
                measure="coverage of a gap" if log_odds else "coverage",
                setting=f"{planted}, {groups}",
                focal=n_group,
            )
        comparator = tuple(np.round(BOXES * n_comparator).astype(int).tolist())
        found = detectable_superiority(n_group, comparator)
        yield Measure(
            method="smallest detectable superiority",
            measure="80% power",
            setting=f"no gap, {n_group} v {n_comparator}",
            value=float("nan") if found is None else found,
        )


def within_grade() -> Iterator[Measure]:
    """Size and coverage of the pooled difference over grades of 80, 16 and 4%, simulated."""
    generator = np.random.default_rng(SEED + 1)
    for size in (60, 150, 400):
        for focal in (0.1, 0.3):
            pairs = []
            for _ in range(PLANTED_TABLES):
                grades = generator.multinomial(size, (0.80, 0.16, 0.04))
                groups = generator.binomial(grades, focal)
                own = generator.binomial(groups, (0.30, 0.40, 0.50))
                others = generator.binomial(grades - groups, (0.30, 0.40, 0.50))
                rows = zip(own, groups, others, grades - groups, strict=True)
                pairs.append(compare_within(_strata(rows)))
            setting = f"top boxes within grade, {size} people, {focal:.0%} focal"
            yield proportion(
                (test.p_value <= 0.05 for _, test in pairs),
                method="permutation within strata",
                measure="size",
                setting=setting,
            )
            yield proportion(
                (0.0 in interval for interval, _ in pairs),
                method="Mantel-Haenszel difference",
                measure="coverage",
                setting=setting,
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
                squares.append(np.zeros(2))
                for place in np.flatnonzero(people):
                    cell = found.shares[place // 5][place % 5]
                    both = np.array([counts[place] / people[place], cell.value])
                    squares[-1] += (both - truth[place]) ** 2
                    held.append(truth[place] in cell)
            value, error = _root_ratio(np.array(squares))
            about = {"method": "shrunken shares of ten cells", "setting": f"{name}, {size} people"}
            yield Measure(
                measure="error against raw shares",
                value=value,
                error=error,
                repeats=CELLS,
                asked=size == 150,
                **about,
            )
            yield proportion(held, measure="coverage", **about)


def _root_ratio(squares: Floats) -> tuple[float, float]:
    """Shrunken over raw root mean square error, and its own error, a department left out each."""
    without = squares.sum(axis=0) - squares
    ratios = np.sqrt(without[:, 1] / without[:, 0])
    raw, shrunken = squares.sum(axis=0)
    spread = np.sqrt((len(squares) - 1) * ((ratios - ratios.mean()) ** 2).mean())
    return float(np.sqrt(shrunken / raw)), float(spread)


def packs() -> Iterator[Measure]:
    """How often a whole pack raises a flag: with nothing wrong, and with a gap planted."""
    generator = np.random.default_rng(SEED + 3)
    for size in (60, 150, 400):
        flagged: dict[str, list[bool]] = {}
        for _ in range(PACKS):
            asked = breakdowns(department(generator, size, scheme=SCHEME), stage="mid-year")
            for method, flag in (
                *_flags(asked),
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
                asked = breakdowns(made, stage="mid-year")
                seen.append(_shown(asked) and _found(asked)["sex"].verdict is Verdict.GAP)
            yield proportion(
                seen,
                method="a primary gap",
                measure="packs that find it",
                setting=f"women's odds x {np.exp(log_odds):.2f}, {size} people",
            )
    yield from peers.fairlearn_coverage(SEED + 4)


def _flags(asked: Sequence[Breakdown]) -> list[tuple[str, bool]]:
    """Whether the pack says gap of a characteristic, and anywhere at all."""
    if not _shown(asked):
        return [("a primary gap", False), ("any gap", False)]
    found = _found(asked).each
    every = [finding.verdict for each in found for finding in each.findings]
    return [
        ("a primary gap", Verdict.GAP in [each.verdict for each in found]),
        ("any gap", Verdict.GAP in every),
    ]


def _shown(asked: Sequence[Breakdown]) -> bool:
    """Whether any primary test stands adjusted: without one nothing in a pack is a gap."""
    level = SCHEME.practice.significance
    return any(adjusted <= level for _, adjusted in primary_tests(asked, scheme=SCHEME).values())


def _found(asked: Sequence[Breakdown]) -> Disparities:
    return disparities(asked, scheme=SCHEME)


def _compared(
    groups: NDArray[np.int64], comparators: NDArray[np.int64]
) -> list[tuple[Interval, TestResult]]:
    """Each pair of groups compared over the whole scale; equal pairs once."""
    answers: dict[tuple[bytes, bytes], tuple[Interval, TestResult]] = {}
    found = []
    for group, comparator in zip(groups, comparators, strict=True):
        key = group.tobytes(), comparator.tobytes()
        if key not in answers:
            answers[key] = compare_scales(group.tolist(), comparator.tolist())
        found.append(answers[key])
    return found


def _strata(rows: Iterable[Iterable[int]]) -> list[Stratum]:
    names = ("count_group", "n_group", "count_comparator", "n_comparator")
    return [Stratum(**dict(zip(names, map(int, row), strict=True))) for row in rows]


def _chance(outcomes: Floats, share_group: float, share_comparator: float) -> float:
    """The probability of the outcomes marked 1, for these true shares."""
    group = binomial_probabilities(outcomes.shape[0] - 1, share_group)
    comparator = binomial_probabilities(outcomes.shape[1] - 1, share_comparator)
    return float(group @ outcomes @ comparator)


def _limits(
    n_group: int, n_comparator: int, interval: Callable[..., Interval]
) -> tuple[Floats, Floats]:
    """The lower and the upper limit for every pair of counts (group in rows)."""
    found = [
        [interval(count, n_group, other, n_comparator) for other in range(n_comparator + 1)]
        for count in range(n_group + 1)
    ]
    low = np.array([[each.low for each in row] for row in found])
    return low, np.array([[each.high for each in row] for row in found])


def _coverage(
    limits: tuple[Floats, Floats], method: str, share_group: float, share_comparator: float
) -> float:
    """The chance that these limits hold the difference, or for the ratio's the ratio."""
    ratio = method == KOOPMAN
    truth = share_group / share_comparator if ratio else share_group - share_comparator
    low, high = limits
    return _chance((low <= truth) & (truth <= high), share_group, share_comparator)


def _moved(share: float, log_odds: float) -> float:
    """The share whose odds are this much higher."""
    odds = share / (1 - share) * np.exp(log_odds)
    return float(odds / (1 + odds))


def _printed_difference(*counts: int) -> Interval:
    return compare_shares(*counts)[0]


def _newcombe(*counts: int) -> Interval:
    return difference_interval(*counts, method="newcombe")


SCORE, KOOPMAN, NEWCOMBE = "score test of two shares", "Koopman ratio", "Newcombe difference"

#: The intervals that are printed; Newcombe's beside them for comparison.
PRINTED: dict[str, Callable[..., Interval]] = {
    "Miettinen-Nurminen difference": _printed_difference,
    KOOPMAN: ratio_interval,
    NEWCOMBE: _newcombe,
}


if __name__ == "__main__":
    main()
