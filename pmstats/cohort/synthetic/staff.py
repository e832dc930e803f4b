"""The made-up people: who they are, when they came and went, where they are moderated."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from pmstats.cohort.cohort import UNKNOWN
from pmstats.cohort.synthetic.departments import DepartmentPlan
from pmstats.cohort.synthetic.population import AXES, WITHIN_ETHNICITY, department_population
from pmstats.scheme.scheme import Year

Codes = NDArray[np.int64]
Days = NDArray[np.datetime64]

GRADES = ("SCS1", "SCS1A", "SCS2", "SCS3", "Permanent Secretary")
#: Shares of the first four: about 80/16/3 with a few in the closed band 1A.
GRADE_SHARES = (0.796, 0.010, 0.160, 0.034)
#: Departments of this size or more have one Permanent Secretary, who is out of scope (para 6).
PERMANENT_SECRETARY_FROM = 175

EMPLOYMENT = ("Substantive", "Temporary promotion", "Secondee out", "Job share")
DESTINATIONS = ("Left the Civil Service", "Other department")
WORKING_PATTERNS = ("Full-time", "Part-time")

#: Yearly rates of 2023: entered the Civil Service 305, left it 725, moved department 390, of
#: 7,385 in post (Civil Service Statistics 2023). Promotion into the SCS is our assumption.
ENTERED, MOVED, PROMOTED, LEFT = 305 / 7385, 390 / 7385, 0.06, 725 / 7385
#: Part-time shares that give the published FTE per head (0.953 women, 0.980 men) at 0.75 each.
PART_TIME = {"Female": (1 - 3370 / 3535) / 0.25, "Male": (1 - 3770 / 3845) / 0.25}
#: "No response" among new entrants, far above people in post (Civil Service Statistics 2023).
UNKNOWN_ENTRANTS = {
    "ethnicity": 105 / 285,
    "disability": 170 / 300,
    "sexual_orientation": 120 / 300,
}

#: A business unit has about this many people, a panel about this many: our suggestion.
UNIT_SIZE, PANEL_SIZE = 60, 25
UNITS = ("Policy", "Operations", "Finance", "Digital", "Legal", "People", "Strategy", "Delivery")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Staff:
    """One value per person: codes into the labels above, and dates (NaT where there is none).

    `number` identifies the person in every year; `answers` holds the codes of each
    characteristic into `AXES`, `ethnicity_in_full` those into the 19 groups (-1 for none);
    `unit` and `panel` are numbers within the department and within the unit.
    """

    number: Codes
    department: Codes
    unit: Codes
    panel: Codes
    grade: Codes
    employment: Codes
    answers: dict[str, Codes]
    ethnicity_in_full: Codes
    part_time: NDArray[np.bool_]
    fte: NDArray[np.float64]
    cs_entry: Days
    scs_entry: Days
    dept_entry: Days
    post_start: Days
    leave: Days
    destination: Codes
    moderated_by: Codes

    def __len__(self) -> int:
        return len(self.department)

    @property
    def in_scope(self) -> NDArray[np.bool_]:
        """Whether the framework covers the person (para 6)."""
        in_scope: NDArray[np.bool_] = self.grade != GRADES.index("Permanent Secretary")
        return in_scope

    def in_post(self, day: np.datetime64) -> NDArray[np.bool_]:
        """Who is in the SCS and in this department's post on a day, the last day included."""
        arrived = (self.scs_entry <= day) & (self.dept_entry <= day)
        return arrived & ~(self.leave < day) & self.in_scope

    def moderated_here(self, year: Year) -> NDArray[np.bool_]:
        """In the Civil Service, and in this department's post, on 31 December (paras 67, 68)."""
        last = np.datetime64(year.eligible_by, "D")
        return self.in_post(last) & (self.cs_entry <= last)

    def taken(self, rows: Codes) -> Staff:
        """The people of these rows, in this order."""
        answers = {name: codes[rows] for name, codes in self.answers.items()}
        return Staff(answers=answers, **{name: getattr(self, name)[rows] for name in _arrays()})

    def followed_by(self, others: Staff) -> Staff:
        """These people, then the others."""
        answers = {name: np.append(self.answers[name], others.answers[name]) for name in AXES}
        pairs = {name: (getattr(self, name), getattr(others, name)) for name in _arrays()}
        return Staff(answers=answers, **{name: np.append(*pair) for name, pair in pairs.items()})


def _arrays() -> tuple[str, ...]:
    return tuple(field.name for field in fields(Staff) if field.name != "answers")


def made_up_staff(
    plans: Sequence[DepartmentPlan],
    *,
    year: Year,
    random: np.random.Generator,
    names: np.random.Generator,
) -> Staff:
    """The people of every planned department, in the order of the plans.

    `names` draws what tells people apart but has no part in any statistic: their numbers and
    their ethnicity in full.
    """
    sizes = np.array([plan.people for plan in plans])
    department = np.repeat(np.arange(len(plans)), sizes)
    n = len(department)
    answers = _answers(plans, random)
    grade = random.choice(len(GRADE_SHARES), size=n, p=GRADE_SHARES)
    heads = np.append(0, np.cumsum(sizes)[:-1])[sizes >= PERMANENT_SECRETARY_FROM]
    grade[heads] = GRADES.index("Permanent Secretary")
    part_time = random.random(n) < np.array([PART_TIME[sex] for sex in AXES["sex"]])[answers["sex"]]
    came = random.choice(4, size=n, p=(ENTERED, MOVED, PROMOTED, 1 - ENTERED - MOVED - PROMOTED))
    came[heads] = 3
    dates = _dates(came, answers["age"], year, random)
    entered = came == 0
    for name, rate in UNKNOWN_ENTRANTS.items():
        answers[name] = _less_declared(answers[name], name, entered, rate, random)
    employment, fte = _employment(came, grade, part_time, random)
    _start_temporary_promotions(dates, employment, grade, year, random)
    leave, destination = _leavers(dates["post_start"], employment, grade, year, random)
    _pin_to_the_boundary(dates, came, leave, year)
    moderated_by = _moderated_by(department, dates["dept_entry"], entered, year, random)
    unit, panel = _units(sizes, department, random)
    return Staff(
        number=names.permutation(n) + 1,
        department=department,
        unit=unit,
        panel=panel,
        grade=grade,
        employment=employment,
        answers=answers,
        ethnicity_in_full=_in_full(answers["ethnicity"], names),
        part_time=part_time,
        fte=fte,
        leave=leave,
        destination=destination,
        moderated_by=moderated_by,
        **dates,
    )


def _answers(plans: Sequence[DepartmentPlan], random: np.random.Generator) -> dict[str, Codes]:
    shape = [len(groups) for groups in AXES.values()]
    cumulative = {}
    cells = []
    for plan in plans:
        if plan.declares_as not in cumulative:
            shares = department_population(plan.declaration).ravel()
            cumulative[plan.declares_as] = np.cumsum(shares / shares.sum())
        draws = random.random(plan.people)
        cells.append(np.searchsorted(cumulative[plan.declares_as], draws, side="right"))
    last = int(np.prod(shape)) - 1
    codes = np.unravel_index(np.minimum(np.concatenate(cells), last), shape)
    return dict(zip(AXES, (code.astype(np.int64) for code in codes), strict=True))


def _in_full(ethnicity: Codes, random: np.random.Generator) -> Codes:
    in_full = np.full(len(ethnicity), -1, dtype=np.int64)
    first = 0
    for name, within in WITHIN_ETHNICITY.items():
        members = np.flatnonzero(ethnicity == AXES["ethnicity"].index(name))
        shares = np.array(list(within.values()))
        drawn = random.choice(len(shares), size=len(members), p=shares / shares.sum())
        in_full[members] = first + drawn
        first += len(within)
    return in_full


def _less_declared(
    codes: Codes, name: str, entered: NDArray[np.bool_], rate: float, random: np.random.Generator
) -> Codes:
    """The codes with enough entrants turned to Unknown that `rate` of them are."""
    unknown = AXES[name].index(UNKNOWN)
    now = float((codes[entered] == unknown).mean()) if entered.any() else 1.0
    extra = max(0.0, (rate - now) / (1 - now)) if now < 1 else 0.0
    return np.where(entered & (random.random(len(codes)) < extra), unknown, codes)


def _dates(came: Codes, age: Codes, year: Year, random: np.random.Generator) -> dict[str, Days]:
    """Entry dates with Civil Service <= SCS <= post and Civil Service <= department <= post."""
    n = len(came)
    start, end = np.datetime64(year.start, "D"), np.datetime64(year.end, "D")
    days_in_year = int((end - start) / np.timedelta64(1, "D")) + 1
    within = start + random.integers(1, days_in_year, size=n)
    # Entry at 21 or later: someone in the band "30-39" has at most 18 years of service.
    longest = np.array([8, 18, 28, 38, 43, 45])[age] * 365.25
    service = (random.uniform(0.15, 1.0, size=n) * longest).astype(np.int64)
    in_scs = (service * random.beta(1.2, 3.0, size=n)).astype(np.int64)
    in_post = (in_scs * random.beta(1.5, 2.0, size=n)).astype(np.int64)
    in_department = (in_post + (service - in_post) * random.beta(1.0, 2.0, size=n)).astype(np.int64)
    cs, scs, dept, post = (start - days for days in (service, in_scs, in_department, in_post))
    entered, moved, promoted = came == 0, came == 1, came == 2
    # Promotion after 31 December would leave open which grade is assessed: none is planted.
    last = np.datetime64(year.eligible_by, "D")
    by_december = start + ((within - start) * ((last - start) / (end - start))).astype(np.int64)
    return {
        "cs_entry": np.where(entered, within, cs),
        "scs_entry": np.where(entered, within, np.where(promoted, by_december, scs)),
        "dept_entry": np.where(entered | moved, within, dept),
        "post_start": np.where(entered | moved, within, np.where(promoted, by_december, post)),
    }


def _employment(
    came: Codes, grade: Codes, part_time: NDArray[np.bool_], random: np.random.Generator
) -> tuple[Codes, NDArray[np.float64]]:
    """Temporary promotion 6.5%, outward secondees 1.5%, job shares 1.5%: our suggestion."""
    n = len(came)
    draw = random.random(n)
    settled = came == 3
    below_director_general = (grade == GRADES.index("SCS1")) | (grade == GRADES.index("SCS2"))
    employment = np.zeros(n, dtype=np.int64)
    employment[settled & below_director_general & (draw < 0.08)] = EMPLOYMENT.index(
        "Temporary promotion"
    )
    employment[settled & (draw > 0.98) & (grade <= 3)] = EMPLOYMENT.index("Secondee out")
    shares_a_job = part_time & (employment == 0) & (random.random(n) < 0.12)
    employment[shares_a_job] = EMPLOYMENT.index("Job share")
    fte = np.where(part_time, random.choice((0.6, 0.7, 0.8, 0.9), size=n), 1.0)
    return employment, np.where(shares_a_job, random.choice((0.5, 0.6), size=n), fte)


def _start_temporary_promotions(
    dates: dict[str, Days], employment: Codes, grade: Codes, year: Year, random: np.random.Generator
) -> None:
    """Start each in the two years up to 30 September: held for most of this year (FAQ)."""
    promoted = employment == EMPLOYMENT.index("Temporary promotion")
    last = np.datetime64(year.start, "D") + 182
    starts = last - random.integers(0, 730, size=len(grade))
    starts = np.maximum(starts, dates["dept_entry"])
    into_scs = promoted & (grade == GRADES.index("SCS1"))
    dates["scs_entry"] = np.where(into_scs, starts, dates["scs_entry"])
    starts = np.maximum(starts, dates["scs_entry"])
    dates["post_start"] = np.where(promoted, starts, dates["post_start"])


def _leavers(
    post_start: Days, employment: Codes, grade: Codes, year: Year, random: np.random.Generator
) -> tuple[Days, Codes]:
    """Leave dates (last day in post) and destinations; -1 for no destination."""
    n = len(grade)
    draw = random.random(n)
    # The yearly rates are per person in post at the end; these rows hold the leavers too.
    everyone = 1 + LEFT + MOVED
    destination = np.select([draw < LEFT / everyone, draw < (LEFT + MOVED) / everyone], [0, 1], -1)
    destination[grade == GRADES.index("Permanent Secretary")] = -1
    destination[employment == EMPLOYMENT.index("Secondee out")] = -1
    end = np.datetime64(year.end, "D")
    first = np.maximum(post_start, np.datetime64(year.start, "D"))
    room = (end - first).astype(np.int64)
    days = np.floor(random.random(n) * (room + 1)).astype(np.int64)
    return np.where(destination >= 0, first + days, np.datetime64("NaT")), destination


def _pin_to_the_boundary(dates: dict[str, Days], came: Codes, leave: Days, year: Year) -> None:
    """Put two entrants, two arrivals and two leavers exactly on 31 December and 1 January."""
    last = np.datetime64(year.eligible_by, "D")
    staying = np.isnat(leave)
    for kind, names in ((0, tuple(dates)), (1, ("dept_entry", "post_start"))):
        for row, day in zip(
            np.flatnonzero((came == kind) & staying), (last, last + 1), strict=False
        ):
            for name in names:
                dates[name][row] = day
    settled = np.flatnonzero((came == 3) & ~staying)
    for row, day in zip(settled, (last, last + 1), strict=False):
        leave[row] = max(day, dates["post_start"][row])


def _moderated_by(
    department: Codes,
    dept_entry: Days,
    entered: NDArray[np.bool_],
    year: Year,
    random: np.random.Generator,
) -> Codes:
    """The department that moderates: the old one for moves from 1 January on (para 68)."""
    late = (dept_entry > np.datetime64(year.eligible_by, "D")) & ~entered
    departments = int(department[-1]) + 1
    shift = random.integers(1, max(departments, 2), size=len(department))
    return np.where(late, (department + shift) % departments if departments > 1 else -1, department)


def _units(sizes: Codes, department: Codes, random: np.random.Generator) -> tuple[Codes, Codes]:
    units = np.clip(sizes // UNIT_SIZE, 1, len(UNITS))
    panels = np.maximum(sizes // (units * PANEL_SIZE), 1)
    unit = np.floor(random.random(len(department)) * units[department]).astype(np.int64)
    panel = np.floor(random.random(len(department)) * panels[department]).astype(np.int64)
    return unit, panel


def panel_names(unit: Codes, panel: Codes) -> tuple[Codes, list[str]]:
    """A code per person and the names of the panels, such as "Policy 2"."""
    most = int(panel.max(initial=0)) + 1
    names = [f"{name} {number + 1}" for name, number in itertools.product(UNITS, range(most))]
    return unit * most + panel, names
