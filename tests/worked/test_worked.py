"""Known answers from R and from published tables, reproduced to each record's own tolerance.

`records/` holds what is used of them. `PMSTATS_ORACLE` (folders separated by colons) adds
others of the same schema. A table says what was compared and what not, and why.
"""

from __future__ import annotations

import json
import math
import os
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import pytest

RECORDS = Path(__file__).parent / "records"
EXTRA = [Path(each) for each in os.environ.get("PMSTATS_ORACLE", "").split(":") if each]

NOT_OFFERED = {
    "james_stein": "it takes one variance for all units, and ours differ in size",
    "maihda_logistic": "intersections are by the beta-binomial, not a mixed model",
    "cumulative_logit_random_intercept": "no mixed models: grade and unit enter as factors",
}

#: Values we hold to be wrong, and why.
DISPUTED = {
    ("edge_cases_open/firth_two_factors", "separation_detected"): (
        "the additive model has a finite maximum, with standard errors below 1.3"
    ),
}


@dataclass
class Tally:
    """What one method key came to over all its records."""

    records: int = 0
    compared: int = 0
    declined: int = 0
    not_offered: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)


def flattened(value, path=""):
    """Every single value of a nested record under its dotted path."""
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in items:
            yield from flattened(inner, f"{path}.{key}" if path else str(key))
    else:
        yield path, float(value) if value in ("NaN", "Infinity", "-Infinity") else value


def expected_values(record):
    """The record's values by path, with the two definitions that are our own."""
    values = {path: value for path, value in flattened(record["expected"]) if value is not None}
    both = [abs(values[path]) for path in BOTH_WAYS if path in values]
    if "exact_fisher_minlike" in record["expected"] and isinstance(
        record["expected"]["exact_fisher_minlike"], dict
    ):
        values["exact_fisher_minlike.smaller"] = min(both, default=math.nan)
    for path in set(values).intersection(WITHIN_ONE):
        values[path] = min(1.0, max(-1.0, values[path]))
    return values


#: Limits that we print no further than what can be: differences of shares, and kappa.
WITHIN_ONE = [
    f"{name}.{end}"
    for name in ("mh_rd_ci_sato", "kappa_unweighted", "kappa_linear", "kappa_quadratic")
    for end in ("lower", "upper")
]
BOTH_WAYS = ("exact_fisher_minlike.rd_below", "exact_fisher_minlike.rd_above")


def slack(record, path):
    """The record's own tolerance for a path: the longest matching prefix wins."""
    fields = record["tolerance"].get("fields", {})
    best = max((name for name in fields if path.startswith(name)), key=len, default=None)
    chosen = {**record["tolerance"], **(fields[best] if best else {})}
    return chosen.get("rtol", 0.0), chosen.get("atol", 0.0)


def agrees(record, path, wanted, got):
    """Whether a value found is the value known."""
    relative, absolute = slack(record, path)
    if isinstance(wanted, bool):
        return bool(got) is wanted
    if hasattr(got, "agrees"):
        return got.agrees(wanted, absolute + relative * abs(wanted))
    if math.isnan(wanted) or math.isinf(wanted):
        return str(float(wanted)) == str(float(got))
    return abs(got - wanted) <= absolute + relative * abs(wanted)


def nothing_to_test(wanted, got):
    """Whether we decline where R answers 1 (0.5 for a mid-p, 0 for an odds ratio) instead."""
    undefined = math.isnan(getattr(got, "value", got))
    return undefined and (wanted in (0, 0.5, 1) or math.isnan(wanted))


def judged(record, adapters, tally):
    """Compares everything the library offers for one record."""
    _, answered, not_offered = adapters
    wanted = expected_values(record)
    wanted = {path: value for path, value in wanted.items() if (record["id"], path) not in DISPUTED}
    tally.records += 1
    try:
        found = answered(record["method_key"], record["input"])
    except not_offered as reason:
        tally.reasons[str(reason)] += 1
        found = {}
    except Exception as fault:  # one broken answer must not hide the account of the others
        tally.failures.append(f"{record['id']}: raised {fault!r}")
        found = {}
    tally.not_offered += len(wanted.keys() - found.keys())
    for path in wanted.keys() & found.keys():
        if nothing_to_test(wanted[path], found[path]):
            tally.declined += 1
            continue
        tally.compared += 1
        if not agrees(record, path, wanted[path], found[path]):
            tally.failures.append(f"{record['id']} {path}: {wanted[path]} but {found[path]}")


def table_of(tallies, skipped):
    """The account of a folder, one line per method key."""
    lines = [f"{'method key':34}records compared declined failed  other values"]
    for key, tally in sorted(tallies.items()):
        lines.append(
            f"{key:34}{tally.records:7}{tally.compared:9}{tally.declined:9}"
            f"{len(tally.failures):7}{tally.not_offered:14}"
        )
        lines += [f"{'':34}{times:7}  no answer: {why}" for why, times in tally.reasons.items()]
    for key, count in sorted(skipped.items()):
        reason = NOT_OFFERED.get(key, "unknown method key")
        lines.append(f"{key:34}{count:7}  skipped: {reason}")
    lines += [f"disputed: {' '.join(place)}: {why}" for place, why in DISPUTED.items()]
    return "\n".join(lines)


@pytest.mark.parametrize("folder", [RECORDS, *EXTRA], ids=lambda folder: folder.name)
def test_known_answers(folder, adapters, capsys):
    """Every method we offer gives every known answer, to the tolerance the record states."""
    tallies, skipped = defaultdict(Tally), defaultdict(int)
    for path in sorted(folder.glob("*.json")):
        for record in json.loads(path.read_text(encoding="utf-8"))["records"]:
            if record["method_key"] in adapters[0]:
                judged(record, adapters, tallies[record["method_key"]])
            else:
                skipped[record["method_key"]] += 1
    with capsys.disabled():
        print(f"\n{folder.name}\n{table_of(tallies, skipped)}")
    failures = [each for tally in tallies.values() for each in tally.failures]
    assert tallies, f"no records in {folder}"
    assert not failures, "\n".join(failures[:40])
    if folder == RECORDS:
        idle = [key for key in adapters[0] if not tallies[key].compared]
        assert not idle, f"adapters with nothing to compare: {idle}"


def test_the_disputed_record_has_a_finite_maximum():
    """In firth_two_factors no factor separates: statsmodels' plain fit converges and fits margins.

    A holds 1 of 15 and B 6 of 18, grade 1 holds 2 of 14 and grade 2 holds 5 of 19; at the
    maximum the fitted numbers agree with all of these, and no standard error reaches 1.3. The
    record calls the data separated because one cell (A in grade 1) is empty, which is not
    separation in a model without the interaction (Albert and Anderson 1984).
    """
    import numpy as np
    import statsmodels.api as sm

    inside, people = np.array([0, 2, 1, 4]), np.array([6, 8, 9, 10])
    design = np.array([(1, 0, 0), (1, 1, 0), (1, 0, 1), (1, 1, 1)])
    outcomes = np.column_stack([inside, people - inside])
    fit = sm.GLM(outcomes, design, family=sm.families.Binomial()).fit(tol=1e-12)
    assert fit.converged
    assert np.abs(fit.params).max() < 3.5
    assert fit.bse.max() < 1.3
    assert design.T @ (people * fit.fittedvalues) == pytest.approx(design.T @ inside, abs=1e-6)
