"""An organisation among its peers, on made-up and on published bands."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from pmstats import distribution, load_scheme, read_export
from pmstats.cohort import Cohort
from pmstats.cohort.mapping import Mapping
from pmstats.counts import benchmark, expectations
from pmstats.errors import ParameterError
from pmstats.scheme import Scheme

#: Quest bands that four partnerships published in 2019 on kentsport.org, activesussex.org,
#: activecheshire.org and activecumbria.org; Cumbria published its overall band alone.
BANDS = Path(__file__).parents[1] / "published/quest_csp_bands.csv"


@pytest.fixture(scope="module")
def pmif() -> Scheme:
    """The improvement framework of County Sports Partnerships."""
    return load_scheme("csp_pmif")


@pytest.fixture(scope="module")
def published(pmif: Scheme) -> Cohort:
    """The published bands of four partnerships."""
    told = Mapping(fixed={"department": "Published"})
    return read_export(BANDS, scheme=pmif, mapping=told)


def test_the_published_bands_are_counted_as_published(published: Cohort) -> None:
    """Kent 5 Very Good; Sussex 2 Very Good, 3 Good; Cheshire 3 Excellent, 2 Very Good."""
    bands = distribution(published, stage="external")
    assert dict(zip(bands.ratings, bands.counts, strict=True)) == {
        "Excellent": 3,
        "Very Good": 9,
        "Good": 3,
        "Satisfactory": 0,
        "Unsatisfactory": 0,
    }
    assert bands.unrated == 1


def test_a_partnership_without_all_core_modules_is_named(published: Cohort) -> None:
    """Cumbria published no module: three of four are complete, by either name of a module."""
    core = expectations(published)["Five core modules"]
    assert (core.asked, core.kept, core.named) == (4, 3, ("Active Cumbria, 2019",))
    assert not expectations(published)["Self-assessment first"].held


def peers(pmif: Scheme, *bands: str | None) -> Cohort:
    """One module; the first partnership is ours, the last is of another peer group."""
    n = len(bands)
    people = pd.DataFrame(
        {
            "partnership": pd.Categorical([f"P{i}" for i in range(n)]),
            "peer_group": pd.Categorical(["Mostly rural"] * (n - 1) + ["Mostly urban"]),
            "module": pd.Categorical(["Continuous improvement"] * n),
            "band_external": pd.Categorical(bands, categories=list(pmif.rating_names)),
            "narrative": pd.Categorical(["Good board."] + [None] * (n - 1)),
            "count": 1,
        }
    )
    return Cohort(scheme=pmif, people=people, export_name="made.csv", export_sha256="0" * 64)


def test_peers_are_counted_lower_level_and_higher(pmif: Scheme) -> None:
    """Five peers: one Excellent, two Good, one Satisfactory, one Unsatisfactory; ours is Good."""
    cohort = peers(
        pmif, "Good", "Excellent", "Good", "Good", "Satisfactory", "Unsatisfactory", "Excellent"
    )
    (place,) = benchmark(cohort, "P0").rows
    assert (place.peers, place.higher, place.level, place.lower) == (5, 1, 2, 2)
    assert (place.rating, place.middle, place.narrative) == ("Good", "Good", "Good board.")


def test_the_middle_of_an_even_number_of_peers_is_the_better_of_two(pmif: Scheme) -> None:
    """Three Good and three Satisfactory: the middle is Good."""
    three = ("Good",) * 3 + ("Satisfactory",) * 3
    (place,) = benchmark(peers(pmif, "Good", *three, "Excellent"), "P0").rows
    assert (place.peers, place.middle) == (6, "Good")


def test_four_peers_are_too_few_and_the_unrated_do_not_count(pmif: Scheme) -> None:
    """Below five peers rated nothing is said of them."""
    cohort = peers(pmif, "Good", "Excellent", "Good", "Good", "Good", None, "Excellent")
    (place,) = benchmark(cohort, "P0").rows
    assert (place.peers, place.higher, place.level, place.lower, place.middle) == (4, 0, 0, 0, "")


def test_an_unknown_organisation_and_a_scheme_without_peers_are_refused(pmif: Scheme) -> None:
    """Each in words."""
    cohort = peers(pmif, "Good", "Good")
    with pytest.raises(ParameterError, match="holds no 'P9'"):
        benchmark(cohort, "P9")
    alone = replace(cohort, scheme=replace(pmif, peers=None))
    with pytest.raises(ParameterError, match="holds no peers"):
        benchmark(alone, "P0")
