"""How each kind of record is asked of the library: input to values by dotted path."""

from __future__ import annotations

import itertools
import math
import re
from collections import defaultdict
from dataclasses import dataclass

import pytest

from pmstats.findings.methods import (
    association,
    conventions,
    exact,
    goodness,
    intervals,
    moderation,
    multiplicity,
    ordinal,
    power,
    proportional_odds,
    shrinkage,
    stratified,
    trajectory,
    two_shares,
    units,
)

#: Monte Carlo errors within which a drawn p-value must lie.
ERRORS = 4.5


@dataclass(frozen=True)
class Drawn:
    """A value found by drawing, with its standard error."""

    value: float
    error: float

    def agrees(self, wanted, slack):
        """Whether the known value lies within the slack or a few Monte Carlo errors."""
        return abs(self.value - wanted) <= max(slack, ERRORS * self.error)


@dataclass(frozen=True)
class Absolute:
    """A value whose sign the record gives and the library does not."""

    value: float

    def agrees(self, wanted, slack):
        """Whether the known value is this one, its sign aside."""
        return abs(self.value - abs(wanted)) <= slack


def p_of(test):
    """A test's p-value, with its error when it was drawn."""
    return Drawn(test.p_value, test.simulation_error) if test.simulation_error else test.p_value


def limits(prefix, interval):
    """The two limits of an interval under the names the records use."""
    return {f"{prefix}.lower": interval.low, f"{prefix}.upper": interval.high}


def proportion_ci(given):
    """Wilson, Clopper-Pearson and Jeffreys."""
    out = {"estimate": intervals.share_interval(given["x"], given["n"]).value}
    for method in intervals.SHARE:
        found = intervals.share_interval(
            given["x"], given["n"], method=method, confidence=given["conf_level"]
        )
        out |= limits(method.replace("-", "_"), found)
    return out


def binomial_exact(given):
    """The minimum likelihood test."""
    test = exact.binomial_test(given["x"], given["n"], share=given["p0"])
    return {"p_two_sided_minlike": test.p_value}


def two_proportions(given):
    """Every interval and test of two shares."""
    table = given["x1"], given["n1"], given["x2"], given["n2"]
    level = given["conf_level"]
    score = intervals.difference_interval(*table, confidence=level)
    difference = intervals.difference_interval(*table, method="newcombe", confidence=level)
    ratio = intervals.ratio_interval(*table, confidence=level)
    odds = intervals.odds_ratio_interval(*table, confidence=level)
    test = {
        name: two_shares.two_proportions_test(*table, method=name)
        for name in two_shares.TWO_PROPORTIONS
    }
    return {
        "risk_difference.estimate": difference.value,
        **limits("risk_difference.newcombe_method10", difference),
        **limits("risk_difference.miettinen_nurminen", score),
        "risk_ratio.estimate": ratio.value,
        **limits("risk_ratio.koopman_score", ratio),
        "odds_ratio.conditional_mle": odds.value,
        **limits("odds_ratio.fisher_exact_central", odds),
        "tests.fisher_p_two_sided_minlike": p_of(test["fisher"]),
        "tests.fisher_p_two_sided_midp_minlike": p_of(test["mid-p"]),
        "unconditional_exact.boschloo_two_sided_fisher_minlike": p_of(test["boschloo"]),
    }


def four_fifths(given):
    """The flag, in whole numbers; rates alone are read as parts of 100."""
    inside = given.get("selected") or [round(100 * rate) for rate in given["rates"]]
    people = given.get("applicants") or [100] * len(inside)
    best = max(range(len(inside)), key=lambda place: inside[place] / people[place])
    return {
        f"below_four_fifths.{place}": conventions.below_four_fifths(
            inside[place], people[place], inside[best], people[best]
        )
        for place in range(len(inside))
    }


def simultaneous(given):
    """Goodman's intervals."""
    found = goodness.simultaneous_intervals(given["counts"], confidence=given["conf_level"])
    out = {f"goodman.lower.{place}": each.low for place, each in enumerate(found)}
    return out | {f"goodman.upper.{place}": each.high for place, each in enumerate(found)}


def gof(given):
    """The exact multinomial test, outcomes ordered by probability."""
    test = goodness.goodness_of_fit(given["counts"], given["expected_proportions"])
    return {"p_exact_probability": p_of(test)}


def distance(given):
    """Total variation and earth mover."""
    return {
        "total_variation": goodness.total_variation(given["p"], given["q"]),
        "earth_mover_unit_steps": goodness.earth_mover(given["p"], given["q"]),
    }


def ordinal_two_groups(given):
    """Superiority and the permutation test; the deviate is compared without its sign."""
    test = ordinal.permutation_test([given["counts1"], given["counts2"]])
    effect = ordinal.superiority(given["counts1"], given["counts2"])
    p_name = "exact_p_two_sided_abs_deviation"
    if "normal" in test.method:
        p_name = "p_asymptotic_no_continuity"
    return {
        "probability_of_superiority": effect.value,
        "z": Absolute(test.statistic),
        p_name: p_of(test),
    }


def pairwise_ordinal(given):
    """Superiority for every pair of groups."""
    table = given["table_rows_groups_columns_low_to_high"]
    pairs = [(one, two) for one in range(len(table)) for two in range(one + 1, len(table))]
    return {
        f"pairs.{place}.probability_of_superiority": ordinal.superiority(
            table[one], table[two]
        ).value
        for place, (one, two) in enumerate(pairs)
    }


def kruskal_wallis(given):
    """The tie-corrected statistic; p is by permutation and not the record's chi-square."""
    test = ordinal.permutation_test(given["table_rows_groups_columns_low_to_high"])
    return {"h": test.statistic}


def rxc(given):
    """Fisher-Freeman-Halton, and chi-square where the counts allow it."""
    exact_p = p_of(association.fisher_freeman_halton(given["table"]))
    pearson = association.chi_square(given["table"])
    out = {"fisher_freeman_halton_p": exact_p, "fisher_p_monte_carlo": exact_p}
    out["chisq"] = pearson.statistic
    return out | ({} if math.isnan(pearson.p_value) else {"p_chisq": pearson.p_value})


def proportional(given):
    """The grouped fit: coefficients, errors, likelihood and both likelihood ratio tests."""
    left = given["formula"].split("~")[0].strip()
    levels, factors = given["response_levels_low_to_high"], given["factor_levels_reference_first"]
    patterns = defaultdict(lambda: [0] * len(levels))
    for row in given["data"]:
        key = tuple(row[name] for name in factors)
        patterns[key][levels.index(row[left])] += row[given["weights_column"]]
    rows = [dict(zip(factors, key, strict=True)) for key in patterns]
    names, design = design_of(rows, given["formula"], factors)
    counts = list(patterns.values())
    fit = proportional_odds.proportional_odds(counts, design, names=names)
    null = proportional_odds.proportional_odds(counts, [[] for _ in rows], names=())
    ratio = proportional_odds.likelihood_ratio_test(fit, null)
    out = {"loglik": fit.log_likelihood, "loglik_null": null.log_likelihood}
    out |= {"lr_chisq": ratio.statistic, "lr_p": ratio.p_value, **terms(fit)}
    cuts = [f"{low}|{high}" for low, high in itertools.pairwise(levels)]
    out |= {f"thresholds.{cut}": value for cut, value in zip(cuts, fit.thresholds, strict=True)}
    errors = zip(cuts, fit.threshold_errors, strict=True)
    out |= {f"threshold_se.{cut}": value for cut, value in errors}
    for name in names:
        odds = fit.odds_ratio(name)
        out |= {f"odds_ratios.{name}": odds.value, **limits(f"odds_ratio_wald_ci.{name}", odds)}
    if len(factors) == 1:
        test = proportional_odds.proportional_odds_test(counts, design)
        (factor,) = factors
        out |= {f"nominal_test_lr.{factor}.lr": test.statistic}
        out |= {f"nominal_test_lr.{factor}.p": test.p_value}
    return out


def terms(fit):
    """A fit's coefficients and errors under the names the records use."""
    named = dict(zip(fit.names, fit.coefficients, strict=True))
    errors = dict(zip(fit.names, fit.standard_errors, strict=True))
    out = {f"coefficients.{name}": value for name, value in named.items()}
    return out | {f"standard_errors.{name}": value for name, value in errors.items()}


def binary(given, *, penalise):
    """Logistic regression as proportional odds on two boxes."""
    inside, people = re.match(r"\s*(\w+) of (\w+)", given["formula"]).groups()
    rows = given["data"]
    names, design = design_of(rows, given["formula"], given["factor_levels_reference_first"])
    counts = [[row[people] - row[inside], row[inside]] for row in rows]
    plain = proportional_odds.proportional_odds(counts, design, names=names)
    fit = plain
    if penalise:
        fit = proportional_odds.proportional_odds(counts, design, names=names, penalise=True)
    value = {"penalised_loglik": fit.log_likelihood} if penalise else {"loglik": fit.log_likelihood}
    return {
        **terms(fit),
        **value,
        "coefficients.(Intercept)": -fit.thresholds[0],
        "standard_errors.(Intercept)": fit.threshold_errors[0],
        "separation_detected": plain.penalised,
    }


def design_of(rows, formula, levels):
    """Treatment-coded columns in R's order and under R's names."""
    wanted = []
    for term in formula.split("~")[1].split("+"):
        parts = tuple(part.strip() for part in term.split("*"))
        wanted += [(part,) for part in parts] + ([parts] if len(parts) == 2 else [])
    columns = {}
    for term in sorted(dict.fromkeys(wanted), key=len):
        combinations = [{}]
        for name in reversed(term):
            combinations = [{**one, name: lv} for one in combinations for lv in levels[name][1:]]
        for one in combinations:
            label = ":".join(f"{name}{one[name]}" for name in term)
            columns[label] = [
                float(all(row[name] == level for name, level in one.items())) for row in rows
            ]
    return list(columns), list(map(list, zip(*columns.values(), strict=True)))


def cmh(given):
    """Mantel-Haenszel, the exact common odds ratio, and Breslow-Day-Tarone."""
    strata = [
        stratified.Stratum(count_group=a, n_group=a + b, count_comparator=c, n_comparator=c + d)
        for (a, b), (c, d) in given["strata"]
    ]
    difference = stratified.mantel_haenszel_difference(strata, method="sato")
    odds = stratified.mantel_haenszel_odds_ratio(strata)
    common = stratified.common_odds_ratio(strata)
    even = stratified.homogeneity(strata)
    return {
        "mh_risk_difference": difference.value,
        **limits("mh_rd_ci_sato", difference),
        "mh_odds_ratio": odds.value,
        **limits("mh_or_ci_rbg", odds),
        "exact_conditional.conditional_mle_or": common.value,
        **limits("exact_conditional.or_ci_exact_central", common),
        "tarone": even.statistic,
        "p_tarone": even.p_value,
    }


def cmh_general(given):
    """Van Elteren for two groups: the statistic is the square of the deviate."""
    if len(given["strata"][0]) != 2:
        return {}
    test = stratified.stratified_permutation_test(given["strata"])
    name = "modified_ridit_scores.row_mean_scores"
    out = {f"{name}.statistic": test.statistic**2}
    return out | ({f"{name}.p": test.p_value} if "normal" in test.method else {})


def kitagawa(given):
    """Composition and rates."""
    found = trajectory.kitagawa(
        given["successes_a"], given["total_a"], given["successes_b"], given["total_b"]
    )
    standard = "direct_standardised_to_pooled_mix"
    return {
        "gap": found.difference,
        "composition_component": found.composition,
        "rate_component": found.rates,
        f"{standard}.rate_a": found.standardised[0],
        f"{standard}.rate_b": found.standardised[1],
    }


def paired_square(given):
    """Ups and downs, the sign test, Stuart-Maxwell's statistic and Bowker's."""
    table = given["table_rows_before_columns_after_low_to_high"]
    moved = moderation.moves(table)
    return {
        "raised": moved.raised,
        "lowered": moved.lowered,
        "unchanged": moved.unchanged,
        "sign_test_exact_p": moderation.up_down_test(table).p_value,
        "bowker": moderation.symmetry(table).statistic,
        "stuart_maxwell": moderation.marginal_homogeneity(table).statistic,
    }


def mcnemar(given):
    """The exact test of the discordant pairs."""
    table = [[given["a"], given["b"]], [given["c"], given["d"]]]
    return {"p_exact": moderation.up_down_test(table).p_value}


def p_adjust(given):
    """Benjamini-Hochberg and Holm, with missing p-values left out."""
    values = [math.nan if each is None else each for each in given["p"]]
    out = {}
    for name, adjust in (("bh", multiplicity.benjamini_hochberg), ("holm", multiplicity.holm)):
        out |= {f"{name}.{place}": each for place, each in enumerate(adjust(values))}
    return out


def power_two_proportions(given):
    """Exact power of Fisher's test; the product's own default is the score test."""
    return {
        "exact_fisher_minlike": power.power_of_difference(
            given["n1"],
            given["n2"],
            share_group=given["p1"],
            share_comparator=given["p2"],
            significance=given["alpha"],
            method="fisher",
        )
    }


def minimum_detectable(given):
    """The smaller of the two detectable differences of Fisher's test."""
    found = power.detectable_difference(
        given["n2"],
        given["n1"],
        share_comparator=given["p1"],
        significance=given["alpha"],
        power=given["power"],
        method="fisher",
    )
    return {"exact_fisher_minlike.smaller": math.nan if found is None else found}


def funnel(given):
    """Whole-count limits, and over-dispersion with enough units."""
    inside, people = given["x"], given["n"]
    share = given["target"] if given["target"] is not None else sum(inside) / sum(people)
    out = {}
    for low, high, coverage in (("p025", "p975", 0.95), ("p001", "p999", 0.998)):
        for place, n in enumerate(people):
            found = units.funnel_limits(n, share=share, coverage=coverage)
            out[f"limits_exact_integer.{low}.{place}"] = found[0]
            out[f"limits_exact_integer.{high}.{place}"] = found[1]
    spread = units.overdispersion(inside, people, share=given["target"])
    if not math.isnan(spread.p_value):
        out |= {"phi_winsorised_10pct_rank": spread.statistic, "phi_test_p": spread.p_value}
    return out


def beta_binomial(given):
    """The maximum likelihood prior, and the boundary where there is none."""
    pairs = [(x, n - x) for x, n in zip(given["x"], given["n"], strict=True)]
    found = shrinkage.likeliest_prior(pairs)
    out = {"at_boundary_no_overdispersion": found is None}
    return out | ({} if found is None else {"alpha": found[0], "beta": found[1]})


ADAPTERS = {
    "proportion.ci": proportion_ci,
    "binomial.exact": binomial_exact,
    "two_proportions": two_proportions,
    "four_fifths": four_fifths,
    "multinomial_simultaneous_ci": simultaneous,
    "gof": gof,
    "distance": distance,
    "ordinal_two_groups": ordinal_two_groups,
    "pairwise_ordinal": pairwise_ordinal,
    "kruskal_wallis": kruskal_wallis,
    "rxc": rxc,
    "proportional_odds": proportional,
    "logistic": lambda given: binary(given, penalise=False),
    "firth_logistic": lambda given: binary(given, penalise=True),
    "cmh_2x2xk": cmh,
    "cmh_general": cmh_general,
    "kitagawa": kitagawa,
    "paired_square": paired_square,
    "mcnemar": mcnemar,
    "p_adjust": p_adjust,
    "power_two_proportions": power_two_proportions,
    "minimum_detectable_effect": minimum_detectable,
    "funnel": funnel,
    "beta_binomial_eb": beta_binomial,
}


@pytest.fixture(scope="session")
def adapters():
    """What turns each record's input into the library's answers, by method key."""
    return ADAPTERS
