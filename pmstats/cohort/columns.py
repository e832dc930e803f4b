"""The columns that exports of HR systems hold: what each is, and the headers it goes by.

The names follow the Cabinet Office's SCS Database and ACSES returns. Ratings and
characteristics are not here: they come from the scheme.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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

    `also` are headers that mean this column. `levels` are the answers allowed, with their other
    spellings; a category without levels takes any label.
    """

    name: str
    kind: Kind
    also: tuple[str, ...] = ()
    levels: tuple[tuple[str, ...], ...] = ()


#: Workday's units, which end in the name of their manager in brackets: that is cut off.
SUPERVISORY = "Supervisory organization"
#: Read to work out an age, and never kept.
BIRTH = "date_of_birth"

#: Columns that hold a grade: their labels are of posts, not of people.
GRADES = frozenset({"grade", "substantive_grade", "assessed_grade"})

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
    (
        *("Long absence", "Career break", "Unpaid leave", "Maternity leave", "Adoption leave"),
        *("Shared parental leave", "Parental leave", "Sick leave", "Unpaid sick leave"),
        *("Special leave", "Long-term sick", "On leave"),
    ),
)

#: Who, where and when: a row of an export of people.
PEOPLE = (
    Column(
        name="person_id",
        kind=Kind.IDENTIFIER,
        also=(
            *("Employee ID", "Employee number", "Employee no", "Person number", "Person ID"),
            *("Staff number", "Staff ID", "Staff No", "Staff ref", "Payroll number", "Payroll No"),
            *("Worker ID", "User ID", "User Sys ID", "Personnel number", "Emp ID", "Emp No"),
        ),
    ),
    Column(
        name="record_id",
        kind=Kind.IDENTIFIER,
        also=("Assignment ID", "Assignment number", "Evaluation ID", "Form ID"),
    ),
    Column(
        name="post_id",
        kind=Kind.IDENTIFIER,
        also=("Post number", "Position ID", "Position number", "Post ID", "Position code"),
    ),
    Column(name=BIRTH, kind=Kind.DATE, also=("DOB", "Birth date", "D.O.B.")),
    Column(
        name="performance_year",
        kind=Kind.CATEGORY,
        also=("Year", "Reporting year", "Review period", "Appraisal year"),
    ),
    Column(
        name="department",
        kind=Kind.CATEGORY,
        also=("Department name", "Organisation", "Employer", "Dept", "Main department", "Company"),
    ),
    Column(
        name="moderating_department",
        kind=Kind.CATEGORY,
        also=("Moderated by", "Department of moderation"),
    ),
    Column(
        name="business_unit",
        kind=Kind.CATEGORY,
        also=(
            *("Directorate", "Division", "Unit", "Directorate general", "Business unit name"),
            *(SUPERVISORY, "Supervisory organisation", "Business area"),
        ),
    ),
    Column(
        name="panel",
        kind=Kind.CATEGORY,
        also=("Moderation panel", "Local panel", "Panel name"),
    ),
    Column(
        name="grade",
        kind=Kind.CATEGORY,
        also=(
            "Pay band",
            "Payband",
            "SCS pay band",
            "Grade name",
            "Responsibility level",
            "Job grade",
            "Pay grade",
            "Compensation grade",
            "Grade code",
        ),
    ),
    Column(name="substantive_grade", kind=Kind.CATEGORY),
    Column(name="assessed_grade", kind=Kind.CATEGORY),
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
        also=("Headcount", "Number of people", "Number of staff", "People"),
    ),
)

YES_OR_NO = (
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
RECORD = (
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
    Column(name="ranking", kind=Kind.REASON, also=("Rank", "Panel ranking", "Rank in panel")),
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
        Column(name=name, kind=Kind.CATEGORY, also=also, levels=YES_OR_NO)
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

#: The columns of a table with one rating to a row.
RATINGS = (
    next(known for known in PEOPLE if known.name == "person_id"),
    Column(name="stage", kind=Kind.CATEGORY, also=("Review stage", "Stage name", "Review type")),
    Column(
        name="rating",
        kind=Kind.RATING,
        also=("Performance rating", "Rating label", "Overall rating", "Marking"),
    ),
    Column(
        name="rating_source",
        kind=Kind.CATEGORY,
        also=("Source", "Rated by", "Role", "Role type", "Role type code", "Rating type"),
    ),
    Column(name="rating_date", kind=Kind.DATE, also=("Date of rating", "Date", "Completed on")),
)

#: The columns of an awards file: who, when, of which kind, how much, with whose approval.
AWARDS = (
    next(known for known in PEOPLE if known.name == "person_id"),
    next(known for known in PEOPLE if known.name == "department"),
    next(known for known in PEOPLE if known.name == "performance_year"),
    Column(
        name="award_date", kind=Kind.DATE, also=("Date", "Date of award", "Payment date", "Paid on")
    ),
    Column(
        name="award_type",
        kind=Kind.CATEGORY,
        also=("Type", "Award kind", "Kind of award"),
        levels=(
            ("in_year", "In-year", "In year", "Special bonus"),
            ("end_year", "End-year", "End of year", "Year-end", "Performance award"),
        ),
    ),
    Column(name="award_amount", kind=Kind.NUMBER, also=("Amount", "Value", "Amount paid")),
    Column(
        name="cst_approval",
        kind=Kind.CATEGORY,
        also=("Chief Secretary approval", "CST approved"),
        levels=YES_OR_NO,
    ),
)

#: Known only to be left out: names and free text are never read.
FREE_TEXT = tuple(
    Column(name=name, kind=Kind.FREE_TEXT, also=also)
    for name, also in (
        (
            "name",
            (
                *("Full name", "Employee name", "Worker", "First name", "Forename", "Given name"),
                *("Display name", "Worker name", "Staff name", "Known as", "Username", "User name"),
            ),
        ),
        ("surname", ("Last name", "Family name")),
        ("email", ("Email address", "Work email", "E-mail")),
        (
            "manager_name",
            (
                *("Manager", "Line manager", "Line manager name", "Reporting manager"),
                *("Manager ID", "Manager number", "Supervisor", "Line manager ID"),
            ),
        ),
        ("comments", ("Comment", "Manager comments", "Employee comments", "Notes", "Remarks")),
        ("narrative", ("Evidence", "Justification", "Feedback", "Rationale")),
        ("objectives", ("Objective text", "Objective description")),
    )
)

#: Fields of HR systems that look like columns above and are not, by `header_key`, and why.
UNSURE = {
    "overallrating": "Oracle's rating of one evaluation; a person has one for each role. Keep the "
    "line manager's and map it to rating_recommended.",
    "calculatedoverallrating": "Oracle's average; the framework has one rating of the whole year "
    "(paragraph 70).",
    "overallgoalrating": "a rating of objectives, not of the year (paragraph 70).",
    "overallcomprating": "a rating of competencies, not of the year (paragraph 70).",
    "sysoverallperformance": "SuccessFactors' rating of the form; calibration may have changed it. "
    "Map the form's to rating_recommended and calibration's to rating_overall.",
    "sysoverallobjective": "a rating of objectives, not of the year (paragraph 70).",
    "sysoverallcompetency": "a rating of competencies, not of the year (paragraph 70).",
    "sysoverallpotential": "a rating of potential, not of performance.",
    "ratinglevel": "an identifier of a level; export its label.",
    "startdate": "the start of the evaluation or of the post? Map it only if of the post.",
    "enddate": "the end of the evaluation or of the post? Map it only if of the post.",
    "datefrom": "the start of a rating's validity, not of a post.",
    "dateto": "the end of a rating's validity, not of a post.",
    "rating": "of which stage? Map it to the stage's column.",
    **{
        f"q{n}": f"the rating of the quarter? Then map it to {column}."
        for n, column in enumerate(
            ("rating_q1", "rating_midyear", "rating_q3", "rating_q4"), start=1
        )
    },
    "boxmarking": "of which stage? Map it to the stage's column.",
    "performancerating": "of which stage? Map it to the stage's column.",
    "originaldateofhire": "into the department or into the Civil Service? Map it to "
    "dept_entry_date or cs_entry_date.",
    "tmplperiodid": "an identifier; export the performance year.",
    "salary": "not needed to check ratings; leave it out of the export.",
}
