"""How each kind of record is asked of the library: input to values by dotted path."""

from __future__ import annotations

import itertools
import math
import re
from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction

import pytest

from pmstats.findings import agreement
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

#: Names a record may give to a test that looks both ways, as all of ours do.
BOTH_WAYS = (None, "two.sided", "two-sided", "both")


class NotOffered(Exception):
    """The library does not answer this question; the message says why."""


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


def level_of(given):
    """The confidence level a record asks for."""
    return given.get("conf_level") or 0.95


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
            given["x"], given["n"], method=method, confidence=level_of(given)
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
    level = level_of(given)
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
    """The flag, in whole numbers; rates alone are read as the decimals they are written as."""
    if given.get("selected"):
        inside, people = given["selected"], given["applicants"]
    else:
        rates = [Fraction(str(rate)) for rate in given["rates"]]
        inside = [rate.numerator for rate in rates]
        people = [rate.denominator for rate in rates]
    asked = [place for place in range(len(inside)) if people[place]]
    if not any(inside[place] for place in asked):
        raise NotOffered("nobody is selected: there is no best group to take four fifths of")
    best = max(asked, key=lambda place: Fraction(inside[place], people[place]))
    return {
        f"below_four_fifths.{place}": conventions.below_four_fifths(
            inside[place], people[place], inside[best], people[best]
        )
        for place in asked
    }


def simultaneous(given):
    """Goodman's intervals."""
    found = goodness.simultaneous_intervals(given["counts"], confidence=level_of(given))
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
    """The grouped fit: coefficients, errors, likelihood, each cut's own fit and the tests."""
    left = given["formula"].split("~")[0].strip()
    factors = given["factor_levels_reference_first"]
    weight, inputs = given.get("weights_column"), terms_of(given["formula"])
    there = [row for row in given["data"] if not weight or row[weight]]
    used = {row[left] for row in there}
    levels = [level for level in given["response_levels_low_to_high"] if level in used]
    patterns = defaultdict(lambda: [0] * len(levels))
    for row in there:
        key = tuple(row[name] for name in variables(inputs))
        patterns[key][levels.index(row[left])] += row[weight] if weight else 1
    rows = [dict(zip(variables(inputs), key, strict=True)) for key in patterns]
    columns, counts = columns_of(rows, inputs, factors), list(patterns.values())
    names, design = list(columns), rows_of(columns, len(rows))
    fit = proportional_odds.proportional_odds(counts, design, names=names)
    null = proportional_odds.proportional_odds(counts, rows_of({}, len(rows)), names=())
    out = {"loglik": fit.log_likelihood, "loglik_null": null.log_likelihood}
    if fit.penalised:  # R stops on the way to infinity: there is no maximum to compare
        raise NotOffered("the boxes separate the groups: the fit is penalised and says so")
    if names:
        ratio = proportional_odds.likelihood_ratio_test(fit, null)
        out |= {"lr_chisq": ratio.statistic, "lr_p": ratio.p_value, **coefficients(fit)}
    cuts = [f"{low}|{high}" for low, high in itertools.pairwise(levels)]
    out |= {f"thresholds.{cut}": value for cut, value in zip(cuts, fit.thresholds, strict=True)}
    errors = zip(cuts, fit.threshold_errors, strict=True)
    out |= {f"threshold_se.{cut}": value for cut, value in errors}
    for name in names:
        odds = fit.odds_ratio(name, confidence=level_of(given))
        out |= {f"odds_ratios.{name}": odds.value, **limits(f"odds_ratio_wald_ci.{name}", odds)}
    out |= terms_tests(fit, counts, inputs, rows=rows, factors=factors)
    by_cut = proportional_odds.odds_ratios_by_cut(counts, design, names=names)
    for place, cut in enumerate(by_cut if not any(each.penalised for each in by_cut) else ()):
        for name, value in zip(cut.names, cut.coefficients, strict=True):
            out[f"brant.binary_slopes.{place}.{name}"] = value
    for term in inputs:
        own = [names.index(name) for name in columns_of(rows, [term], factors)]
        test = proportional_odds.proportional_odds_test(counts, design, freed=own)
        out |= {f"nominal_test_lr.{':'.join(term)}.lr": test.statistic}
        out |= {f"nominal_test_lr.{':'.join(term)}.p": test.p_value}
    return out


def terms_tests(fit, counts, inputs, *, rows, factors):
    """Each term left out in turn, unless a larger term holds it: the ratio of likelihoods."""
    out = {}
    for term in inputs:
        if any(set(term) < set(other) for other in inputs):
            continue
        left = columns_of(rows, [other for other in inputs if other != term], factors)
        less = proportional_odds.proportional_odds(
            counts, rows_of(left, len(rows)), names=list(left)
        )
        test = proportional_odds.likelihood_ratio_test(fit, less)
        out[f"term_lr_tests.{':'.join(term)}.lr"] = test.statistic
        out[f"term_lr_tests.{':'.join(term)}.p"] = test.p_value
    return out


def coefficients(fit):
    """A fit's coefficients and errors under the names the records use."""
    named = dict(zip(fit.names, fit.coefficients, strict=True))
    errors = dict(zip(fit.names, fit.standard_errors, strict=True))
    out = {f"coefficients.{name}": value for name, value in named.items()}
    return out | {f"standard_errors.{name}": value for name, value in errors.items()}


def binary(given, *, penalise):
    """Logistic regression as proportional odds on two boxes."""
    inside, people = re.match(r"\s*(\S+) of (\S+)", given["formula"]).groups()
    rows, inputs = [row for row in given["data"] if row[people]], terms_of(given["formula"])
    columns = columns_of(rows, inputs, given["factor_levels_reference_first"])
    names, design = list(columns), rows_of(columns, len(rows))
    counts = [[row[people] - row[inside], row[inside]] for row in rows]
    plain = proportional_odds.proportional_odds(counts, design, names=names)
    if math.isnan(plain.log_likelihood):
        raise NotOffered(plain.method)
    fit = plain
    if penalise:
        fit = proportional_odds.proportional_odds(counts, design, names=names, penalise=True)
    elif plain.penalised:
        raise NotOffered("the groups are separated: the fit is penalised and says so")
    value = {"penalised_loglik": fit.log_likelihood, "separation_detected": plain.penalised}
    if not penalise:
        value = {"loglik_individual_bernoulli": fit.log_likelihood}
        tests = terms_tests(
            fit, counts, inputs, rows=rows, factors=given["factor_levels_reference_first"]
        )
        for name in ("lr", "p"):
            path = f"term_lr_tests.{given.get('group')}.{name}"
            value |= {f"group_lr.{name}": tests[path]} if path in tests else {}
    return {
        **coefficients(fit),
        **value,
        "coefficients.(Intercept)": -fit.thresholds[0],
        "standard_errors.(Intercept)": fit.threshold_errors[0],
    }


def terms_of(formula):
    """The terms of an R formula: `a * b` is a, b and a:b; `1` is none."""
    parts = [part.split("*") for part in formula.split("~")[1].split("+")]
    chosen = [
        ":".join(several).split(":")
        for part in parts
        for size in range(1, len(part) + 1)
        for several in itertools.combinations(part, size)
    ]
    terms = dict.fromkeys(tuple(name.strip() for name in term) for term in chosen)
    return sorted((term for term in terms if term != ("1",)), key=len)


def variables(terms):
    """Every variable of the terms, once."""
    return list(dict.fromkeys(name for term in terms for name in term))


def columns_of(rows, terms, levels):
    """Treatment-coded columns under R's names; a variable without levels is a number.

    A combination nobody is in has no column, as R drops what it cannot estimate.
    """
    columns = {}
    for term in terms:
        combinations = [{}]
        for name in reversed(term):
            answers = levels[name][1:] if name in levels else [None]
            combinations = [{name: answer, **one} for one in combinations for answer in answers]
        for one in combinations:
            label = ":".join(name if one[name] is None else f"{name}{one[name]}" for name in term)
            columns[label] = [
                math.prod(
                    float(row[name] if answer is None else row[name] == answer)
                    for name, answer in one.items()
                )
                for row in rows
            ]
    return {label: values for label, values in columns.items() if any(values)}


def rows_of(columns, people):
    """Columns turned into as many rows."""
    return [[values[row] for values in columns.values()] for row in range(people)]


def cmh(given):
    """Mantel-Haenszel, the exact common odds ratio, and Breslow-Day-Tarone."""
    strata = [
        stratified.Stratum(count_group=a, n_group=a + b, count_comparator=c, n_comparator=c + d)
        for (a, b), (c, d) in given["strata"]
    ]
    level = level_of(given)
    difference = stratified.mantel_haenszel_difference(strata, method="sato", confidence=level)
    odds = stratified.mantel_haenszel_odds_ratio(strata, confidence=level)
    common = stratified.common_odds_ratio(strata, confidence=level)
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
        raise NotOffered("van Elteren's test compares two groups at a time")
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
    """Ups and downs, the sign test, Stuart-Maxwell's statistic and Bowker's, kappa and mean gap."""
    table = given["table_rows_before_columns_after_low_to_high"]
    moved = moderation.moves(table)
    kappas = {}
    for weights in ("unweighted", "linear", "quadratic"):
        found = agreement.kappa(table, weights=weights)
        kappas |= {f"kappa_{weights}.estimate": found.value, **limits(f"kappa_{weights}", found)}
    return kappas | {
        "mean_score_change": agreement.mean_gap(table).value,
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
        out["phi_test_p"] = spread.p_value
        if given.get("winsorise_fraction", units.WINSORISED) == units.WINSORISED:
            out["phi_winsorised_10pct_rank"] = spread.statistic
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


def answered(key, given):
    """The library's answers to one record's input by path; `NotOffered` says why there are none."""
    if given.get("alternative") not in BOTH_WAYS:
        raise NotOffered("our tests look both ways")
    return ADAPTERS[key](given)


@pytest.fixture(scope="session")
def adapters():
    """The method keys we answer, what answers them, and what it raises when it does not."""
    return ADAPTERS, answered, NotOffered
