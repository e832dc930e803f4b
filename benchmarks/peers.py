"""What others use, on the same departments: four fifths, chi-square, fairlearn's bootstrap."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd
from fairlearn.metrics import MetricFrame, selection_rate
from scipy.stats import chi2_contingency

from benchmarks.departments import BOXES
from benchmarks.measures import Measure, proportion
from pmstats.counts import Breakdown
from pmstats.findings.methods.conventions import below_four_fifths
from pmstats.scheme import Scheme

#: Departments, and resamples of each, for fairlearn's interval; more would take hours.
DEPARTMENTS, RESAMPLES = 40, 100


def four_fifths(asked: Iterable[Breakdown], scheme: Scheme) -> bool:
    """Whether any group's top-box share is below four fifths of the best group's."""
    for each in asked:
        pairs = _top_boxes(each, scheme)
        best = max(pairs, key=lambda pair: pair[0] / pair[1], default=None)
        if best and any(below_four_fifths(*pair, *best) for pair in pairs):
            return True
    return False


def chi_squares(asked: Iterable[Breakdown], scheme: Scheme) -> bool:
    """Whether any characteristic's plain chi-square of top boxes is below 5%."""
    for each in asked:
        pairs = _top_boxes(each, scheme)
        table = np.array([(inside, n - inside) for inside, n in pairs])
        if len(table) > 1 and table.sum(axis=0).all() and chi2_contingency(table).pvalue <= 0.05:
            return True
    return False


def fairlearn_coverage(seed: int) -> Iterator[Measure]:
    """How often fairlearn's bootstrap intervals hold the truth at 10 of 150 people."""
    generator = np.random.default_rng(seed)
    share, people = float(BOXES[2:].sum()), np.repeat(["focal", "others"], (10, 140))
    held: dict[str, list[bool]] = {"share": [], "difference": []}
    for _ in range(DEPARTMENTS):
        rated = (generator.random(people.size) < share).astype(int)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            frame = MetricFrame(
                metrics=selection_rate,
                y_true=rated,
                y_pred=rated,
                sensitive_features=pd.Series(people, name="group"),
                n_boot=RESAMPLES,
                ci_quantiles=[0.025, 0.975],
                random_state=int(generator.integers(2**31)),
            )
            low, high = (float(each["focal"]) for each in frame.by_group_ci)
            held["share"].append(low <= share <= high)
            low, high = (float(each) for each in frame.difference_ci())
            held["difference"].append(low <= 0 <= high)
    for what, hits in held.items():
        yield proportion(
            hits,
            method=f"fairlearn bootstrap of the {what}",
            measure="coverage",
            setting="top boxes, no gap, 10 v 140",
            asked=False,
            focal=10,
        )


def _top_boxes(each: Breakdown, scheme: Scheme) -> list[tuple[int, int]]:
    """How many are in the two top boxes, of how many, in each group compared."""
    minimum = scheme.practice.minimum_group
    top = scheme.worst_first[2:]
    return [
        (row.distribution.count(*top), row.distribution.n)
        for row in each.declared
        if row.distribution.n >= minimum
    ]
