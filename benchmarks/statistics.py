"""How much faster counting, fitting and permuting on tables is than on rows, in one run.

Each job is done by us and by what is commonly used, on the same made-up people, one after
the other, in CPU seconds (all threads), after the answers have been compared. Printed: the
ratios, how each grows from 5,000 to 500,000 people, and peak memory.
"""

from __future__ import annotations

import os

# one thread each: threads that wait count as CPU time and would flatter nobody evenly
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import time
import tracemalloc
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace

import duckdb
import numpy as np
import pandas as pd
from fairlearn.metrics import MetricFrame, count, selection_rate
from statsmodels.miscmodels.ordinal_model import OrderedModel
from statsmodels.tools.numdiff import approx_fprime

from benchmarks.departments import ANSWERS, department
from pmstats.cohort import Cohort
from pmstats.counts.joint import patterns, tallies
from pmstats.findings.methods.intervals import difference_interval, share_interval
from pmstats.findings.methods.permutation import permutation_test
from pmstats.findings.methods.proportional_odds import OrdinalFit, proportional_odds
from pmstats.findings.methods.tables import drawn_tables
from pmstats.scheme import load_scheme

SEED = 20_250_401
STAGES = ("quarter-1", "mid-year", "quarter-3", "recommended")
BY = (*ANSWERS, "grade", "profession")
SIZES = (5_000, 50_000, 500_000)
SMALL, LARGE = 20_000, 500_000


@dataclass(frozen=True, slots=True)
class Timed:
    """CPU seconds of one run, the fastest of several where it is short, and peak megabytes."""

    seconds: float
    megabytes: float

    def __str__(self) -> str:
        return f"{self.seconds * 1e3:12,.3f} ms {self.megabytes:9,.1f} MB"


def main() -> None:
    """Runs every comparison and prints it."""
    scheme = load_scheme("scs_2024_25")
    cohorts = {size: _people(size, scheme_name=scheme.name) for size in (*SIZES, SMALL)}
    counting(cohorts)
    fitting(cohorts)
    resampling(cohorts[LARGE])
    metric_frames(cohorts[SMALL], cohorts[LARGE])
    exact_permutation()


def counting(cohorts: dict[int, Cohort]) -> None:
    """The 36 tables: nine groupings at four stages."""
    _title("36 tables of counts (nine groupings, four stages)")
    for size in SIZES:
        cohort = cohorts[size]
        columns = [cohort.scheme.stage(stage).column for stage in STAGES]
        strings = cohort.people[[*BY, *columns]].astype("object")
        coded = {name: cohort.people[name].cat.codes.to_numpy() for name in (*BY, *columns)}
        connection = _duckdb_table(cohort, columns)
        sets = ", ".join(f"({by}, {column})" for by in BY for column in columns)
        query = (
            f"SELECT {', '.join([*BY, *columns])}, count(*) AS n FROM people "
            f"GROUP BY GROUPING SETS ({sets})"
        )
        jobs: dict[str, Callable[[], object]] = {
            "ours": lambda cohort=cohort: tallies(replace(cohort), by=BY, stages=STAGES),  # anew
            "one pass over each column": lambda coded=coded: [
                np.bincount(codes + 1) for codes in coded.values()
            ],
            "DuckDB grouping sets": lambda connection=connection, query=query: connection.execute(
                query
            ).fetchall(),
            "pandas groupby, categories": lambda cohort=cohort, columns=columns: [
                cohort.people.groupby([by, column], observed=True).size()
                for by in BY
                for column in columns
            ],
            "pandas groupby, strings": lambda strings=strings, columns=columns: [
                strings.groupby([by, column]).size() for by in BY for column in columns
            ],
        }
        _same_counts(jobs["ours"](), jobs["pandas groupby, strings"](), cohort, columns)
        _compared(jobs, f"{size:,} people", repeats=1 if size == LARGE else 3)


def fitting(cohorts: dict[int, Cohort]) -> None:
    """Proportional odds on sex, disability, orientation, age and working pattern."""
    _title("proportional odds, from rows to coefficients")
    factors = ["sex", "disability", "sexual_orientation", "age", "working_pattern"]

    def ours(cohort: Cohort) -> object:
        found = patterns(cohort, columns=factors, stage="mid-year")
        return proportional_odds(found.counts, found.design, names=found.names)

    for size in SIZES:
        cohort = cohorts[size]
        found = patterns(cohort, columns=factors, stage="mid-year")
        fit = proportional_odds(found.counts, found.design, names=found.names)
        _compared({"ours": lambda cohort=cohort: ours(cohort)}, f"{size:,} people", repeats=5)
        print(f"{'':30}{len(found.counts):,} patterns, {len(found.names)} coefficients")
        if size == SIZES[1]:
            continue
        design, rating = _on_people(found.counts, found.design)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = OrderedModel(rating, design, distr="logit")
            peer, taken = _timed(
                lambda model=model: model.fit(method="bfgs", disp=False, maxiter=500)
            )
            own_step = _newton_step(model, fit) if size == SIZES[0] else float("nan")
        worst = np.abs(peer.params[: len(found.names)] - fit.coefficients).max()
        _, own = _timed(lambda cohort=cohort: ours(cohort), repeats=5)
        gain = fit.log_likelihood - float(peer.llf)
        print(
            f"  {'statsmodels OrderedModel':28}{taken}  {taken.seconds / own.seconds:12,.0f} times"
        )
        print(f"{'':30}largest difference {worst:.1e}; our log likelihood is {gain:+.1e} higher")
        if size == SIZES[0]:
            print(f"{'':30}from our maximum its own slope would move them by {own_step:.1e}")


def _newton_step(model: OrderedModel, fit: OrdinalFit) -> float:
    """How far the slope and curvature of statsmodels' likelihood would still move ours."""
    cuts = np.array(fit.thresholds)
    ours = np.concatenate([fit.coefficients, cuts[:1], np.log(np.diff(cuts))])
    # its own step of difference is too short: rounding would be taken for slope
    slope = approx_fprime(ours, model.loglike, epsilon=1e-4, centered=True)
    step = np.linalg.solve(model.hessian(ours), slope)
    return float(np.abs(step[: len(fit.coefficients)]).max())


def resampling(cohort: Cohort) -> None:
    """One replicate of a permutation and of a bootstrap, on tables and on rows."""
    _title("one replicate at 500,000 people")
    column = cohort.scheme.stage("mid-year").column
    groups = cohort.people["ethnicity"].cat.codes.to_numpy().astype(np.int64)
    boxes = cohort.people[column].cat.codes.to_numpy().astype(np.int64)
    width = len(cohort.scheme.ratings)
    table = np.bincount(groups * width + boxes).reshape(-1, width)
    table = table[table.sum(axis=1) > 0]
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    generator = np.random.default_rng(SEED)
    draws = 20_000
    frame = cohort.people[["ethnicity", column]]

    def shuffled() -> object:
        return np.bincount(groups * width + generator.permutation(boxes))

    def resampled() -> object:
        chosen = generator.integers(0, boxes.size, boxes.size)
        return np.bincount(groups[chosen] * width + boxes[chosen])

    def shuffled_frame() -> object:
        again = frame[column].sample(frac=1.0, random_state=1).to_numpy()
        return pd.crosstab(frame["ethnicity"], again)

    for name, on_tables, on_rows in (
        (
            "permutation",
            lambda: drawn_tables(rows, columns, draws, generator),
            {"numpy shuffle of rows": shuffled, "pandas sample and crosstab": shuffled_frame},
        ),
        (
            "bootstrap",
            lambda: generator.multinomial(int(table.sum()), (table / table.sum()).ravel(), draws),
            {"numpy resample of rows": resampled},
        ),
    ):
        _, own = _timed(on_tables, repeats=3)
        each = Timed(own.seconds / draws, own.megabytes)
        print(f"  {name + ', tables drawn (ours)':28}{each}")
        for peer, job in on_rows.items():
            _, taken = _timed(job, repeats=2)
            print(f"  {peer:28}{taken}  {taken.seconds / each.seconds:12,.0f} times")


def metric_frames(small: Cohort, large: Cohort) -> None:
    """Shares in the top boxes by group with intervals, against fairlearn's MetricFrame."""
    _title("top-box shares by group, nine groupings, against fairlearn's MetricFrame")
    for cohort, boot in ((small, 0), (large, 0), (small, 20)):
        rated = _in_top_boxes(cohort)
        groups = {by: cohort.people[by].astype("object") for by in BY}

        def theirs(
            groups: dict[str, pd.Series] = groups, rated: object = rated, boot: int = boot
        ) -> object:
            extra = {"n_boot": boot, "ci_quantiles": [0.025, 0.975], "random_state": 1}
            frames = [
                MetricFrame(
                    metrics={"share": selection_rate, "n": count},
                    y_true=rated,
                    y_pred=rated,
                    sensitive_features=each,
                    **(extra if boot else {}),
                )
                for each in groups.values()
            ]
            return [(frame.by_group, frame.difference()) for frame in frames]

        _, own = _timed(lambda cohort=cohort: _our_shares(cohort), repeats=5)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            _, taken = _timed(theirs)
        what = f"fairlearn, {boot} resamples" if boot else "fairlearn, no intervals"
        print(f" {len(cohort):,} people")
        print(f"  {'ours, with intervals':28}{own}")
        print(f"  {what:28}{taken}  {taken.seconds / own.seconds:12,.0f} times")


def exact_permutation() -> None:
    """The exact permutation p-value of 700 people in two groups, against permuting them."""
    _title("exact permutation of 700 people")
    table = [(15, 200, 75, 40), (20, 220, 80, 50)]
    _, own = _timed(lambda: permutation_test(table), repeats=5)
    generator = np.random.default_rng(SEED)
    ranks = np.repeat(np.arange(4.0), np.sum(table, axis=0))

    def permuted() -> object:
        return [generator.permutation(ranks)[: sum(table[0])].sum() for _ in range(10_000)]

    _, taken = _timed(permuted)
    print(f"  {'ours, exact':28}{own}")
    print(f"  {'10,000 permutations':28}{taken}  {taken.seconds / own.seconds:12,.0f} times")


def _people(size: int, *, scheme_name: str) -> Cohort:
    """A made-up cohort with four stages and two groupings more."""
    generator = np.random.default_rng(SEED)
    made = department(generator, size, scheme=load_scheme(scheme_name))
    people = made.people.copy()
    for stage in STAGES:
        people[made.scheme.stage(stage).column] = pd.Categorical.from_codes(
            generator.choice(4, size=size, p=(0.13, 0.22, 0.60, 0.05)),
            categories=list(made.scheme.rating_names),
        )
    names = [f"Profession {number}" for number in range(1, 13)]
    people["profession"] = pd.Categorical.from_codes(
        generator.integers(0, len(names), size), categories=names
    )
    return replace(made, people=people)


def _our_shares(cohort: Cohort) -> object:
    """Each group's share with its Wilson interval, and the widest difference with its own."""
    found = []
    for table in tallies(cohort, by=BY, stages=["mid-year"]).values():
        pairs = [(int(row[:2].sum()), int(row[:-1].sum())) for row in table if row[:-1].sum()]
        shares = [share_interval(*pair) for pair in pairs]
        ordered = sorted(pairs, key=lambda pair: pair[0] / pair[1])
        found.append((shares, difference_interval(*ordered[-1], *ordered[0])))
    return found


def _in_top_boxes(cohort: Cohort) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    codes = cohort.people[cohort.scheme.stage("mid-year").column].cat.codes.to_numpy()
    return np.asarray(codes < 2, dtype=np.int64)


def _on_people(
    counts: np.ndarray[tuple[int, int], np.dtype[np.int64]],
    design: np.ndarray[tuple[int, int], np.dtype[np.float64]],
) -> tuple[object, object]:
    """The patterns written out again as one row per person."""
    pattern, box = np.nonzero(counts)
    repeats = counts[pattern, box]
    return np.repeat(design[pattern], repeats, axis=0), np.repeat(box, repeats)


def _duckdb_table(cohort: Cohort, columns: list[str]) -> duckdb.DuckDBPyConnection:
    """The people in DuckDB's own storage, categories as its enumerations."""
    connection = duckdb.connect()
    connection.register("frame", cohort.people[[*BY, *columns]])
    connection.execute("CREATE TABLE people AS SELECT * FROM frame")
    return connection


def _same_counts(own: object, peer: object, cohort: Cohort, columns: list[str]) -> None:
    """Stops when our tables and the groupby's differ anywhere."""
    tables = iter(peer)  # type: ignore[call-overload]
    for by in BY:
        for column, stage in zip(columns, STAGES, strict=True):
            wanted = next(tables)
            table = own[by, stage]  # type: ignore[index]
            answers = list(cohort.people[by].cat.categories)
            for (answer, rating), n in wanted.items():
                box = cohort.scheme.rating_names.index(rating)
                assert table[answers.index(answer), box] == n, (by, column)
            assert table[:, :-1].sum() == wanted.sum()


def _timed(job: Callable[[], object], repeats: int = 1) -> tuple[object, Timed]:
    """A job's result, its fastest CPU time, and its peak memory in a run of its own if short."""
    fastest, result = float("inf"), None
    for _ in range(repeats):
        started = time.process_time()
        result = job()
        fastest = min(fastest, time.process_time() - started)
    peak = float("nan")
    if fastest < 5:
        tracemalloc.start()
        job()
        peak = tracemalloc.get_traced_memory()[1] / 1e6
        tracemalloc.stop()
    return result, Timed(fastest, peak)


def _compared(jobs: dict[str, Callable[[], object]], title: str, *, repeats: int) -> None:
    print(f" {title}")
    own: Timed | None = None
    for name, job in jobs.items():
        _, taken = _timed(job, repeats=5 if own is None else repeats)
        own = own or taken
        ratio = "" if taken is own else f"  {taken.seconds / own.seconds:12,.1f} times"
        print(f"  {name:28}{taken}{ratio}", flush=True)


def _title(words: str) -> None:
    print(f"\n{words}")


if __name__ == "__main__":
    main()
