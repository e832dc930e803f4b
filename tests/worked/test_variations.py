"""Records of the same kind with other numbers: each has an answer, or a true reason why not.

Known answers are few and tidy. Here the same inputs vary as their schema allows (other levels,
rows swapped, more groups and boxes, empty cells, strata with nobody on one side), and what
comes back must be usable: names that records use, p-values in [0, 1], limits in order.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

RECORDS = Path(__file__).parent / "records"
LEVEL = st.sampled_from((0.8, 0.9, 0.95, 0.99, 0.998))
SMALL = st.integers(0, 12)
SHARE = st.sampled_from((0.01, 0.05, 0.2, 0.5, 0.795, 0.99))


def rows(width, *, least=0, most=12):
    """A row of counts of so many boxes."""
    return st.lists(st.integers(least, most), min_size=width, max_size=width)


def pair(draw, *, most=40):
    """A number of people and how many of them are in a box."""
    n = draw(st.integers(1, most))
    return draw(st.integers(0, n)), n


@st.composite
def two_shares(draw):
    """Two groups in and out of a box, at any level."""
    (x1, n1), (x2, n2) = pair(draw), pair(draw)
    return {"x1": x1, "n1": n1, "x2": x2, "n2": n2, "conf_level": draw(LEVEL)}


@st.composite
def one_share(draw):
    """One group in and out of a box, beside any share."""
    x, n = pair(draw)
    return {"x": x, "n": n, "conf_level": draw(LEVEL), "p0": draw(SHARE)}


@st.composite
def selections(draw):
    """Groups with those selected, or their rates alone."""
    pairs = [pair(draw) for _ in range(draw(st.integers(2, 6)))]
    if draw(st.booleans()):
        return {"rates": [round(x / n, 3) for x, n in pairs]}
    return {"selected": [x for x, _ in pairs], "applicants": [n for _, n in pairs]}


@st.composite
def beside_a_guide(draw):
    """Counts by box beside the shares of a guide, which may leave a box out."""
    width = draw(st.integers(2, 5))
    guide = draw(rows(width).filter(any))
    shares = [each / sum(guide) for each in guide]
    counts = draw(rows(width).filter(any))
    return {
        "counts": counts,
        "expected_proportions": shares,
        "p": counts,
        "q": shares,
        "conf_level": draw(LEVEL),
    }


@st.composite
def groups_by_boxes(draw):
    """Two to five groups over two to five boxes, with at least one person in each group."""
    groups, boxes = draw(st.integers(2, 5)), draw(st.integers(2, 5))
    table = [draw(rows(boxes, most=9).filter(any)) for _ in range(groups)]
    return {
        "table": table,
        "table_rows_groups_columns_low_to_high": table,
        "counts1": table[0],
        "counts2": table[1],
        "conf_level": draw(LEVEL),
    }


@st.composite
def strata(draw):
    """Two groups over boxes in each of several strata, some with nobody on one side."""
    boxes, groups = draw(st.integers(2, 4)), draw(st.sampled_from((2, 2, 3)))
    parts = draw(st.integers(1, 5))
    return {
        "strata": [[draw(rows(boxes)) for _ in range(groups)] for _ in range(parts)],
        "conf_level": draw(LEVEL),
    }


@st.composite
def strata_of_two(draw):
    """Two groups in and out of a box in each of several strata."""
    parts = draw(st.integers(1, 6))
    return {
        "strata": [[draw(rows(2)) for _ in range(2)] for _ in range(parts)],
        "conf_level": draw(LEVEL),
    }


@st.composite
def two_mixes(draw):
    """Shares by stratum at two times, strata empty at either."""
    width = draw(st.integers(1, 5))
    total_a, total_b = draw(rows(width)), draw(rows(width))
    return {
        "successes_a": [draw(st.integers(0, n)) for n in total_a],
        "total_a": total_a,
        "successes_b": [draw(st.integers(0, n)) for n in total_b],
        "total_b": total_b,
    }


@st.composite
def before_and_after(draw):
    """A square of boxes before and after."""
    width = draw(st.integers(2, 5))
    square = [draw(rows(width, most=6)) for _ in range(width)]
    return {
        "table_rows_before_columns_after_low_to_high": square,
        **dict(zip("abcd", (*square[0][:2], *square[1][:2]), strict=True)),
    }


@st.composite
def planned(draw):
    """Two shares at two sizes, with the error and the power asked for."""
    return {
        "p1": draw(SHARE),
        "p2": draw(SHARE),
        "n1": draw(st.integers(2, 60)),
        "n2": draw(st.integers(2, 60)),
        "alpha": draw(st.sampled_from((0.01, 0.05, 0.1))),
        "power": draw(st.sampled_from((0.5, 0.8, 0.9))),
    }


@st.composite
def many_units(draw):
    """Units of any size, beside a share of their own or one that is given."""
    pairs = [pair(draw) for _ in range(draw(st.integers(2, 18)))]
    return {
        "x": [x for x, _ in pairs],
        "n": [n for _, n in pairs],
        "units": None,
        "target": draw(st.sampled_from((None, 0.05, 0.4))),
        "winsorise_fraction": draw(st.sampled_from((0.1, 0.2))),
    }


FORMULAS = ("1", "a", "b", "a + b", "a * b", "a + b + a:b", "a + size")
LEVELS = {"a": ["no", "yes"], "b": ["low", "middle", "high"]}


@st.composite
def model(draw):
    """Rows of two factors and a number, with counts over three or four boxes of an outcome."""
    boxes = ["one", "two", "three", "four"][: draw(st.integers(3, 4))]
    where = [(a, b) for a in LEVELS["a"] for b in LEVELS["b"]]
    data = []
    for place, (a, b) in enumerate(where[: draw(st.integers(2, len(where)))]):
        counts = draw(rows(len(boxes)))
        inside, people = counts[0], sum(counts)
        data += [
            {"a": a, "b": b, "size": place, "y": box, "Freq": n, "x": inside, "n": people}
            for box, n in zip(boxes, counts, strict=True)
        ]
    return {
        "formula": f"y ~ {draw(st.sampled_from(FORMULAS))}",
        "response_levels_low_to_high": boxes,
        "weights_column": "Freq",
        "factor_levels_reference_first": LEVELS,
        "data": data,
        "group": "a",
    }


@st.composite
def model_of_two(draw):
    """The same with two outcomes: x of n people."""
    found = draw(model())
    seen = {(row["a"], row["b"]): row for row in found["data"]}
    return {
        **found,
        "formula": found["formula"].replace("y ~", "x of n ~"),
        "data": list(seen.values()),
    }


VARIATIONS = {
    "proportion.ci": one_share(),
    "binomial.exact": one_share(),
    "two_proportions": two_shares(),
    "four_fifths": selections(),
    "multinomial_simultaneous_ci": beside_a_guide(),
    "gof": beside_a_guide(),
    "distance": beside_a_guide(),
    "ordinal_two_groups": groups_by_boxes(),
    "pairwise_ordinal": groups_by_boxes(),
    "kruskal_wallis": groups_by_boxes(),
    "rxc": groups_by_boxes(),
    "proportional_odds": model(),
    "logistic": model_of_two(),
    "firth_logistic": model_of_two(),
    "cmh_2x2xk": strata_of_two(),
    "cmh_general": strata(),
    "kitagawa": two_mixes(),
    "paired_square": before_and_after(),
    "mcnemar": before_and_after(),
    "p_adjust": st.fixed_dictionaries(
        {"p": st.lists(st.none() | st.floats(0, 1), min_size=1, max_size=8)}
    ),
    "power_two_proportions": planned(),
    "minimum_detectable_effect": planned(),
    "funnel": many_units(),
    "beta_binomial_eb": many_units(),
}


def names_in_records():
    """The first part of every name the records know, by method key."""
    names = {}
    for path in RECORDS.glob("*.json"):
        for record in json.loads(path.read_text(encoding="utf-8"))["records"]:
            names.setdefault(record["method_key"], set()).update(record["expected"])
    return names


def usable(path, value):
    """Whether a value can be compared at all: a flag, or a number in its range or nan."""
    if isinstance(value, bool):
        return True
    number = float(getattr(value, "value", value))
    last = path.rsplit(".", 1)[-1]
    is_p = last == "p" or last.startswith(("p_", "fisher_p")) or path.endswith("_p")
    return math.isnan(number) or not is_p or 0 <= number <= 1


def in_order(found):
    """Whether every lower limit is at most its upper one."""
    lower = [path for path in found if path.endswith(".lower")]
    return all(not found[path] > found[path.removesuffix("lower") + "upper"] for path in lower)


def test_every_method_has_variations(adapters):
    """No method key is offered without records of its kind being varied."""
    assert set(adapters[0]) == set(VARIATIONS)


@pytest.mark.parametrize("key", VARIATIONS)
def test_variations(key, adapters):
    """Every variation has a usable answer under names the records use, or a reason in words."""
    _, answered, not_offered = adapters
    known = names_in_records()[key]

    @settings(deadline=None, derandomize=True, max_examples=30, database=None)
    @given(VARIATIONS[key])
    def varied(record):
        try:
            found = answered(key, record)
        except not_offered:
            return
        assert found
        assert {path.split(".")[0] for path in found} <= known
        assert [path for path, value in found.items() if not usable(path, value)] == []
        assert in_order(found)

    varied()


@pytest.mark.parametrize("side", ["less", "greater"])
def test_a_one_sided_question_is_declined(side, adapters):
    """Our tests look both ways; a record of one side is not compared with them."""
    _, answered, not_offered = adapters
    with pytest.raises(not_offered, match="both ways"):
        answered("binomial.exact", {"x": 1, "n": 9, "p0": 0.5, "alternative": side})
