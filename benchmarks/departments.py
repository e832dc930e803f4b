"""Made-up departments in which the truth is known: no gap, or one gap that was planted.

Characteristics are drawn independently at the shares of the Senior Civil Service on 31 March
2023 (Civil Service Statistics 2023; religion 2021), non-answers included; ratings at fixed
box shares, moved by a log odds ratio for a planted group.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pmstats.cohort import UNDECLARED, UNKNOWN, Cohort
from pmstats.scheme import Scheme

Floats = NDArray[np.float64]

#: Box shares, worst first, as methods annex section 1 measures at.
BOXES: Floats = np.array([0.05, 0.60, 0.22, 0.13])

#: Answers by characteristic: published counts of people.
ANSWERS: Mapping[str, Mapping[str, int]] = {
    "sex": {"Female": 3535, "Male": 3845},
    "ethnicity": {
        "White": 5720,
        "Asian": 345,
        "Mixed": 160,
        "Black": 110,
        "Other ethnicity": 55,
        UNDECLARED: 190,
        UNKNOWN: 800,
    },
    "disability": {
        "Declared disabled": 565,
        "Declared non-disabled": 5105,
        UNDECLARED: 380,
        UNKNOWN: 1335,
    },
    "sexual_orientation": {
        "Heterosexual or straight": 5350,
        "LGBO": 405,
        UNDECLARED: 490,
        UNKNOWN: 1135,
    },
    "age": {"20-29": 15, "30-39": 1025, "40-49": 3005, "50-59": 2760, "60-64": 460, "65+": 115},
    "religion_belief": {
        "Christian": 2390,
        "No religion": 2180,
        "Muslim": 90,
        "Hindu": 80,
        "Jewish": 50,
        "Sikh": 30,
        "Buddhist": 20,
        "Other religion": 270,
        UNDECLARED: 630,
        UNKNOWN: 1560,
    },
    "working_pattern": {"Full-time": 6600, "Part-time": 785},
}


def department(
    generator: np.random.Generator,
    n: int,
    *,
    scheme: Scheme,
    planted: Mapping[str, Mapping[str, float]] | None = None,
) -> Cohort:
    """A department of n rated people at the mid-year.

    `planted` gives a log odds ratio of better ratings by characteristic and answer; without
    it nothing depends on who anyone is.
    """
    shift = np.zeros(n)
    columns: dict[str, pd.Categorical] = {}
    for name, published in ANSWERS.items():
        known = scheme.characteristic(name)
        categories = [*known.answers, UNDECLARED, UNKNOWN]
        answers, people = list(published), np.array(list(published.values()), dtype=float)
        drawn = generator.choice(len(answers), size=n, p=people / people.sum())
        codes = np.array([categories.index(answer) for answer in answers])
        columns[name] = pd.Categorical.from_codes(codes[drawn], categories=categories)
        for answer, odds in ((planted or {}).get(name) or {}).items():
            shift += odds * (drawn == answers.index(answer))
    places = np.array([scheme.rating_names.index(name) for name in scheme.worst_first])
    boxes = places[ratings(generator, shift)]
    return Cohort(
        scheme=scheme,
        people=pd.DataFrame(
            {
                "department": pd.Categorical(["Made up"] * n),
                "grade": pd.Categorical([scheme.grades[0].name] * n),
                **columns,
                scheme.stage("mid-year").column: pd.Categorical.from_codes(
                    boxes, categories=list(scheme.rating_names)
                ),
                "count": np.ones(n, dtype=np.int64),
            }
        ),
        export_name="made up",
        export_sha256="0" * 64,
    )


def ratings(generator: np.random.Generator, shift: Floats) -> NDArray[np.int64]:
    """A box for each person (0 the worst), the box shares' odds moved by their shift."""
    return np.asarray((generator.random(shift.size)[:, None] > cut_points(shift)).sum(axis=1))


def cut_points(shift: Floats) -> Floats:
    """The probability of each box or a worse one, for each shift of the log odds."""
    cumulative = np.cumsum(BOXES)[:-1]
    odds = cumulative / (1 - cumulative) * np.exp(-shift[:, None])
    return np.asarray(odds / (1 + odds))


def shifted(log_odds: float) -> Floats:
    """The box shares of a group whose odds of better ratings are moved this far."""
    return np.asarray(
        np.diff(cut_points(np.array([log_odds]))[0], prepend=0.0, append=1.0), dtype=float
    )
