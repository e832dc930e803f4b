"""The columns an export may hold: what each is, who it concerns, and the headers systems give it.

The names follow the Cabinet Office's SCS Database and ACSES returns; rating columns come from
the scheme's stages and characteristics from the scheme. A column not listed here is dropped
on reading.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from pmstats.cohort.labels import header_key
from pmstats.scheme import Scheme


class Kind(StrEnum):
    """What the cells of a column are."""

    IDENTIFIER = "identifier"
    CATEGORY = "category"
    DATE = "date"
    RATING = "rating"
    COUNT = "count of people"
    NUMBER = "number"
    REASON = "reason"
    FREE_TEXT = "free text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One canonical column.

    `personal` columns may never have a cell quoted in a message. `also` are headers that
    mean this column. `levels` are the answers allowed, with their other spellings; a category
    without levels takes any label.
    """

    name: str
    kind: Kind
    personal: bool = True
    also: tuple[str, ...] = ()
    levels: tuple[tuple[str, ...], ...] = ()


_LEAVING = (
    ("Left the Civil Service", "Left CS", "Left", "Retired", "Resigned", "Retirement"),
    ("Other department", "Other dept", "Transfer", "Moved department", "OGD"),
    ("Unknown", "Not known"),
)
_EMPLOYMENT = (
    ("Substantive", "Permanent"),
    ("Temporary promotion", "TP", "TDA", "Temporary duties allowance"),
    ("Secondee in", "Inward secondee", "Secondment in"),
    ("Secondee out", "Outward secondee", "Secondment out"),
    ("Loan in", "Inward loan"),
    ("Loan out", "Outward loan"),
    ("Job share", "Jobshare", "Job-share"),
)

_FIXED = (
    Column(
        name="person_id",
        kind=Kind.IDENTIFIER,
        also=(
            *("Employee ID", "Employee number", "Employee no", "Person number", "Person ID"),
            *(
                "Staff number",
                "Staff ID",
                "Payroll number",
                "Worker ID",
                "User ID",
                "Personnel number",
            ),
        ),
    ),
    Column(
        name="record_id",
        kind=Kind.IDENTIFIER,
        also=("Assignment ID", "Assignment number", "Evaluation ID"),
    ),
    Column(
        name="performance_year",
        kind=Kind.CATEGORY,
        personal=False,
        also=("Year", "Reporting year", "Review period", "Appraisal year"),
    ),
    Column(
        name="department",
        kind=Kind.CATEGORY,
        personal=False,
        also=("Department name", "Organisation", "Employer", "Dept", "Main department", "Company"),
    ),
    Column(
        name="moderating_department",
        kind=Kind.CATEGORY,
        personal=False,
        also=("Moderated by", "Department of moderation"),
    ),
    Column(
        name="business_unit",
        kind=Kind.CATEGORY,
        personal=False,
        also=("Directorate", "Division", "Unit", "Directorate general", "Supervisory organization"),
    ),
    Column(
        name="panel",
        kind=Kind.CATEGORY,
        personal=False,
        also=("Moderation panel", "Local panel", "Panel name"),
    ),
    Column(
        name="grade",
        kind=Kind.CATEGORY,
        personal=False,
        also=(
            "Pay band",
            "Payband",
            "SCS pay band",
            "Grade name",
            "Responsibility level",
            "Job grade",
        ),
    ),
    Column(name="substantive_grade", kind=Kind.CATEGORY, personal=False),
    Column(name="assessed_grade", kind=Kind.CATEGORY, personal=False),
    Column(
        name="cs_entry_date",
        kind=Kind.DATE,
        also=(
            *("Civil Service entry date", "Date entered Civil Service", "CS start date"),
            *("Date of entry to Civil Service", "Civil Service start date", "CS entry"),
        ),
    ),
    Column(
        name="scs_entry_date",
        kind=Kind.DATE,
        also=("SCS entry", "Date entered SCS", "SCS start date", "Date of entry to SCS"),
    ),
    Column(
        name="dept_entry_date",
        kind=Kind.DATE,
        also=(
            *("Department entry date", "Date entered department", "Department start date"),
            *("Hire date", "Start date in department"),
        ),
    ),
    Column(
        name="post_start",
        kind=Kind.DATE,
        also=(
            "Post start date",
            "Date entered current post",
            "Position start date",
            "Date in post",
        ),
    ),
    Column(
        name="leave_date",
        kind=Kind.DATE,
        also=(
            "Leaving date",
            "Date left",
            "Termination date",
            "End date in post",
            "Last day in post",
        ),
    ),
    Column(
        name="leave_destination",
        kind=Kind.CATEGORY,
        also=("Destination on leaving", "Leaving destination"),
        levels=_LEAVING,
    ),
    Column(
        name="employment_type",
        kind=Kind.CATEGORY,
        also=("Assignment status", "Employment status"),
        levels=_EMPLOYMENT,
    ),
    Column(
        name="count",
        kind=Kind.COUNT,
        personal=False,
        also=("Headcount", "Number of people", "Number of staff", "People"),
    ),
)

_YES_OR_NO = (
    ("Yes", "Y", "True", "1", "Met", "Demonstrated"),
    ("No", "N", "False", "0", "Not met", "Not demonstrated"),
    ("Partly", "Partly met", "Partially"),
    ("Not applicable", "N/A", "NA"),
)
_FORMAL = (
    ("none", "No", "Not applicable", "N/A", "0"),
    ("1", "Stage 1", "First written warning"),
    ("2", "Stage 2", "Final written warning"),
    ("sustained period", "Sustained performance period"),
    ("3", "Stage 3", "Dismissal decision"),
)
#: What the framework asks departments to record beside ratings.
_RECORD = (
    Column(name="tp_start", kind=Kind.DATE, also=("Temporary promotion start", "TP start date")),
    Column(name="tp_end", kind=Kind.DATE, also=("Temporary promotion end", "TP end date")),
    Column(name="fte", kind=Kind.NUMBER, also=("Full-time equivalent", "FTE value")),
    Column(
        name="objectives_n", kind=Kind.NUMBER, also=("Number of objectives", "Objectives count")
    ),
    Column(name="pdp_start", kind=Kind.DATE, also=("Development plan start", "PDP start date")),
    Column(name="pdp_review", kind=Kind.DATE, also=("Development plan review", "PDP review date")),
    Column(name="formal_pp_stage", kind=Kind.CATEGORY, levels=_FORMAL),
    Column(name="formal_pp_start", kind=Kind.DATE, also=("Formal measures start",)),
    Column(name="formal_pp_end", kind=Kind.DATE, also=("Formal measures end",)),
    Column(name="change_reason", kind=Kind.REASON, also=("Reason for change",)),
    Column(
        name="delivery",
        kind=Kind.CATEGORY,
        levels=(("Exceeded",), ("Exactly", "Met exactly", "Met"), ("Not met", "Partly")),
    ),
    Column(name="appeal", kind=Kind.CATEGORY, levels=(("Upheld",), ("Not upheld", "Rejected"))),
    *(
        Column(name=f"conversation_{quarter}", kind=Kind.DATE)
        for quarter in ("q1", "midyear", "q3")
    ),
    *(
        Column(name=name, kind=Kind.CATEGORY, also=also, levels=_YES_OR_NO)
        for name, also in (
            ("finance_objective_met", ("Finance objective met", "Finance objective")),
            ("corporate_contribution_significant", ("Significant corporate contribution",)),
            ("behaviours", ("Behaviours demonstrated", "Behaviours met")),
            ("midyear_writeup", ("Mid-year write-up", "Mid-year written record")),
            ("endyear_writeup", ("End-year write-up", "End-year written record")),
            ("feedback_360", ("360 feedback", "360 degree feedback")),
            ("support_provided", ("Support provided",)),
            ("exceptional_circumstances", ("Exceptional circumstances",)),
            ("equality_monitoring_objection", ("Objection to equality monitoring",)),
        )
    ),
)

_FREE_TEXT = tuple(
    Column(name=name, kind=Kind.FREE_TEXT, also=also)
    for name, also in (
        ("name", ("Full name", "Employee name", "Worker", "First name", "Forename", "Given name")),
        ("surname", ("Last name", "Family name")),
        ("email", ("Email address", "Work email", "E-mail")),
        ("manager_name", ("Manager", "Line manager", "Line manager name", "Reporting manager")),
        ("comments", ("Comment", "Manager comments", "Employee comments", "Notes", "Remarks")),
        ("narrative", ("Evidence", "Justification", "Feedback", "Rationale")),
        ("objectives", ("Objective text", "Objective description")),
    )
)

_STAGE_HEADERS = {
    "rating_q1": ("Q1 rating", "Quarter 1 rating", "First quarter rating", "Q1 indicative rating"),
    "rating_midyear": (
        *(
            "Mid-year rating",
            "Q2 rating",
            "Rating Q2",
            "Quarter 2 rating",
            "Mid year review rating",
        ),
        *("Indicative mid-year rating", "Second quarter rating", "Mid-year indicative rating"),
    ),
    "rating_q3": ("Q3 rating", "Quarter 3 rating", "Third quarter rating", "Q3 indicative rating"),
    "rating_recommended": (
        *("Recommended rating", "Manager recommendation", "Line manager rating"),
        *("Manager overall rating", "Recommended marking"),
    ),
    "rating_local": (
        "Local rating",
        "Panel rating",
        "Local moderated rating",
        "Local panel rating",
    ),
    "rating_overall": ("Overall moderated rating", "Calibrated rating", "Moderated rating"),
    "rating_final": (
        *("Final rating", "Year-end rating", "End of year rating", "End-year rating"),
        *("Performance group", "Final marking", "End of year marking", "Final box marking"),
    ),
}
_CHARACTERISTIC_HEADERS = {
    "sex": ("Gender",),
    "ethnicity": ("Ethnic group", "Ethnic origin", "Ethnic background"),
    "disability": ("Disability status", "Disabled", "Declared disability"),
    "sexual_orientation": ("Sexuality",),
    "age": ("Age band", "Age group"),
    "religion_belief": ("Religion", "Religion or belief", "Faith", "Belief"),
    "working_pattern": ("Work pattern", "Full-time/part-time", "FT/PT", "Hours pattern"),
}
_GRADES = frozenset({"grade", "substantive_grade", "assessed_grade"})
#: Headers that mean the rating when a scheme has a single stage, so that nothing is guessed.
_THE_RATING = ("Rating", "Performance rating", "Performance marking", "Marking", "Overall rating")


def columns(scheme: Scheme) -> tuple[Column, ...]:
    """Every column an export may hold under this scheme, free text to be dropped included."""
    grades = tuple((grade.name, *grade.also) for grade in scheme.grades)
    outside = tuple((name,) for name in scheme.outside_grades)
    fixed = (
        replace(known, levels=grades + outside) if known.name in _GRADES else known
        for known in (*_FIXED, *_RECORD)
    )
    return (*fixed, *_ratings(scheme), *_characteristics(scheme), *_FREE_TEXT)


def column(scheme: Scheme, name: str) -> Column:
    """The column of this name. Raises `KeyError` when the scheme knows none."""
    for known in columns(scheme):
        if known.name == name:
            return known
    raise KeyError(name)


def headers(scheme: Scheme) -> dict[str, str]:
    """The canonical column for each header known, spelt as `header_key` spells it.

    >>> from pmstats.scheme import load_scheme
    >>> headers(load_scheme())["ethnicorigin"]
    'ethnicity'
    """
    return {
        header_key(spelling): known.name
        for known in columns(scheme)
        for spelling in (known.name, *known.also)
    }


def _ratings(scheme: Scheme) -> tuple[Column, ...]:
    only = _THE_RATING if len(scheme.stages) == 1 else ()
    levels = tuple((r.name, r.abbreviation, *r.also) for r in scheme.ratings)
    of_stages = tuple(
        Column(
            name=stage.column,
            kind=Kind.RATING,
            also=(stage.name, stage.title, *_STAGE_HEADERS.get(stage.column, ()), *only),
            levels=levels,
        )
        for stage in scheme.stages
    )
    dates = tuple(Column(name=f"{stage.column}_date", kind=Kind.DATE) for stage in scheme.stages)
    fourth = Column(
        name="rating_q4",
        kind=Kind.RATING,
        also=("Q4 rating", "Quarter 4 rating", "Fourth quarter rating", "Q4 indicative rating"),
        levels=levels,
    )
    return (*of_stages, *([fourth] if len(scheme.stages) > 1 else []), *dates)


def _characteristics(scheme: Scheme) -> tuple[Column, ...]:
    return tuple(
        Column(
            name=characteristic.name,
            kind=Kind.CATEGORY,
            also=(characteristic.title, *_CHARACTERISTIC_HEADERS.get(characteristic.name, ())),
            levels=tuple(
                (group.name, *group.also)
                for level in characteristic.levels
                for group in level.groups
            ),
        )
        for characteristic in scheme.characteristics
    )
