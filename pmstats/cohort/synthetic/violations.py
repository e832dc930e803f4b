"""Rule violations planted at known rows of a made-up export, for the checks to find.

Each entry breaks one rule of the rule book and no other it can avoid; the truth lists where.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from pmstats.scheme.scheme import Year

if TYPE_CHECKING:
    import pandas as pd

MODERATED = ("rating_recommended", "rating_local", "rating_overall", "rating_final")
BLANK: dict[str, str] = dict.fromkeys(MODERATED, "")
ALL_ACHIEVING = dict.fromkeys(MODERATED, "A")
#: How many rows break each rule.
ROWS = 2
#: The first row of people in a spreadsheet, under the header.
FIRST_ROW = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One way to break a rule: whose row (`among`), and what its cells become (`cells`).

    `among` takes the export as text and gives a mask. Left out where the export lacks one of the
    columns in `cells` or `needs`; `adds` are columns it brings with it. `copied_from` fills a
    column with the row's own cell of another; `copied` appends the changed row instead of
    changing it.
    """

    rule: str
    what: str
    among: Callable[[pd.DataFrame], pd.Series[bool]]
    cells: Mapping[str, str] = field(default_factory=dict)
    copied_from: Mapping[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    adds: tuple[str, ...] = ()
    copied: bool = False


def violations(year: Year, *, elsewhere: str) -> tuple[Violation, ...]:
    """Every violation that one row of people can carry; `elsewhere` is a second department."""
    last = year.eligible_by.isoformat()

    def settled(rows: pd.DataFrame) -> pd.Series[bool]:
        there = (rows["dept_entry_date"] < year.start.isoformat()) & (rows["leave_date"] == "")
        there &= (rows["scs_entry_date"] < year.start.isoformat()) & (rows["grade"] == "SCS1")
        return there & (rows["employment_type"] == "Substantive") & (rows["rating_final"] != "")

    def quiet(rows: pd.DataFrame) -> pd.Series[bool]:
        """Achieving whenever rated: changing one cell changes one thing."""
        ratings = rows[[name for name in rows if name in QUIET]]
        return settled(rows) & ratings.isin(["A", ""]).all(axis=1) & (rows["rating_midyear"] == "A")

    def final(*boxes: str) -> Callable[[pd.DataFrame], pd.Series[bool]]:
        return lambda rows: settled(rows) & rows["rating_final"].isin(boxes)

    return (
        Violation(
            rule="R1",
            what="a grade the framework does not cover",
            among=quiet,
            cells={"grade": "Grade 6"},
        ),
        Violation(
            rule="R2",
            what="a rating the scheme does not know",
            among=quiet,
            cells={"rating_midyear": "Brilliant"},
        ),
        Violation(
            rule="R5",
            what="more than eight live objectives",
            among=quiet,
            cells={"objectives_n": "11"},
        ),
        Violation(
            rule="R11",
            what="no write-up at mid-year",
            among=quiet,
            cells={"midyear_writeup": "No"},
        ),
        Violation(
            rule="R12",
            what="final conversation outside March",
            among=quiet,
            cells={"rating_recommended_date": f"{year.end.year}-04-09"},
        ),
        Violation(rule="R14", what="no 360 feedback", among=quiet, cells={"feedback_360": "No"}),
        Violation(
            rule="R15",
            what="rated although entered after 31 December",
            among=lambda rows: (rows["cs_entry_date"] > last) & (rows["leave_date"] == ""),
            cells=ALL_ACHIEVING,
        ),
        Violation(rule="R15", what="eligible but not rated", among=quiet, cells=BLANK),
        Violation(
            rule="R16",
            what="moved here from 1 January on but rated here",
            among=lambda rows: (rows["moderating_department"] != "") & (rows["leave_date"] == ""),
            cells=ALL_ACHIEVING,
            copied_from={"moderating_department": "department"},
        ),
        Violation(
            rule="R16",
            what="in post here on 31 December but moderated elsewhere",
            among=lambda rows: quiet(rows) & (rows["department"] != elsewhere),
            cells={**BLANK, "moderating_department": elsewhere},
        ),
        Violation(
            rule="R17",
            what="left from 1 January on and not rated",
            among=lambda rows: (rows["leave_date"] > last) & (rows["rating_final"] == "A"),
            cells={**BLANK, "change_reason": ""},
        ),
        Violation(
            rule="R20",
            what="a secondee from elsewhere rated here",
            among=quiet,
            cells={"employment_type": "Secondee in"},
        ),
        Violation(
            rule="R22",
            what="finance objective not met, rated above Achieving",
            among=final("HP"),
            cells={"finance_objective_met": "No"},
        ),
        Violation(
            rule="R23",
            what="Exceeding without a significant corporate contribution",
            among=final("E"),
            cells={"corporate_contribution_significant": "No"},
        ),
        Violation(
            rule="R24",
            what="behaviours not shown, rated Achieving",
            among=quiet,
            cells={"behaviours": "No"},
        ),
        Violation(
            rule="R26",
            what="two boxes between mid-year and the end",
            among=lambda rows: quiet(rows) & _contributed(rows),
            cells={"rating_midyear": "E"},
        ),
        Violation(
            rule="R27",
            what="Partially Met twice running, no plan, support or review",
            among=lambda rows: (rows["pdp_start"] != "") & (rows["formal_pp_stage"] == "none"),
            cells={"pdp_start": "", "support_provided": "", "pdp_review": ""},
            needs=("pdp_start",),
        ),
        Violation(
            rule="R28",
            what="Partially Met again after that, no formal measure",
            among=lambda rows: rows["formal_pp_stage"] == "1",
            cells={"formal_pp_stage": "none", "formal_pp_start": ""},
            needs=("formal_pp_stage",),
        ),
        Violation(
            rule="R29",
            what="formal measures without an earlier run of Partially Met",
            among=quiet,
            cells={
                "rating_midyear": "PM",
                "formal_pp_stage": "1",
                "formal_pp_start": f"{year.start.year}-12-02",
            },
            needs=("formal_pp_stage",),
        ),
        Violation(
            rule="R39",
            what="overall moderation without a local rating",
            among=quiet,
            cells={"rating_local": ""},
        ),
        Violation(
            rule="R41",
            what="changed in moderation without a reason",
            among=lambda rows: (
                (rows["change_reason"] != "") & (rows["rating_final"] == rows["rating_overall"])
            ),
            cells={"change_reason": ""},
        ),
        Violation(
            rule="DQ1", what="the same person twice in one department", among=quiet, copied=True
        ),
        Violation(
            rule="DQ2",
            what="a date that could be April or March",
            among=quiet,
            cells={"cs_entry_date": "03/04/2009"},
        ),
        Violation(
            rule="DQ2",
            what="a day that does not exist",
            among=quiet,
            cells={"post_start": f"{year.start.year}-02-30"},
        ),
        Violation(
            rule="DQ3",
            what="in the SCS before the Civil Service",
            among=lambda rows: quiet(rows) & (rows["cs_entry_date"] > "1981"),
            cells={"scs_entry_date": "1980-03-31"},
        ),
        Violation(
            rule="DQ5",
            what="a group the scheme does not know",
            among=quiet,
            cells={"ethnicity": "Celtic"},
        ),
        Violation(
            rule="DQ6",
            what="Undeclared and Unknown in one",
            among=quiet,
            cells={"disability": "Undeclared or unknown"},
        ),
        Violation(rule="DQ8", what="more than full time", among=quiet, cells={"fte": "1.4"}),
        Violation(
            rule="DQ10",
            what="moderated years before",
            among=quiet,
            cells={"rating_overall_date": f"{year.start.year - 2}-05-20"},
        ),
        Violation(
            rule="DQ12",
            what="the same person in two departments",
            among=lambda rows: quiet(rows) & (rows["department"] != elsewhere),
            cells={"department": elsewhere, "business_unit": "Policy", "panel": "Policy 1"},
            copied=True,
        ),
        Violation(
            rule="DQ13",
            what="a number for a rating, no direction said",
            among=quiet,
            cells={"rating_q3": "2"},
        ),
        Violation(rule="DQ4", what="seventeen years old", among=quiet, cells={"age": "17"}),
        Violation(
            rule="R9",
            what="no mid-year conversation",
            among=quiet,
            cells={"conversation_midyear": ""},
        ),
        Violation(
            rule="R10",
            what="no mid-year rating",
            among=quiet,
            cells={"rating_midyear": ""},
        ),
        Violation(
            rule="R13",
            what="another rating in the fourth quarter than recommended",
            among=quiet,
            cells={"rating_q4": "HP"},
            needs=("objectives_n",),
            adds=("rating_q4",),
        ),
        Violation(
            rule="R16",
            what="came from 1 January on, rated here, and nothing says who moderates",
            among=lambda rows: (rows["moderating_department"] != "") & (rows["leave_date"] == ""),
            cells={**ALL_ACHIEVING, "moderating_department": ""},
        ),
        Violation(
            rule="R19",
            what="assessed in a grade never held",
            among=lambda rows: (rows["tp_start"] != "") & (rows["grade"] == "SCS2"),
            cells={"assessed_grade": "SCS3"},
            needs=("substantive_grade", "tp_start"),
            adds=("assessed_grade",),
        ),
        Violation(
            rule="R20",
            what="seconded out and not rated",
            among=lambda rows: (
                (rows["employment_type"] == "Secondee out") & (rows["rating_final"] != "")
            ),
            cells={**BLANK, "change_reason": ""},
        ),
        Violation(
            rule="R21",
            what="on a career break",
            among=quiet,
            cells={"employment_type": "Career break"},
        ),
        Violation(
            rule="R25",
            what="delivered exactly what was asked, rated High Performing",
            among=final("HP"),
            cells={"delivery": "Exactly"},
            needs=("objectives_n",),
            adds=("delivery",),
        ),
        Violation(
            rule="R42",
            what="in a panel of their own",
            among=quiet,
            cells={"panel": "Panel of one"},
        ),
        Violation(
            rule="R45",
            what="another rating after an appeal",
            among=quiet,
            cells={"rating_final": "HP", "appeal": "Upheld"},
        ),
        Violation(
            rule="R46",
            what="a place in a ranking",
            among=quiet,
            cells={"ranking": "12"},
            needs=("objectives_n",),
            adds=("ranking",),
        ),
    )


QUIET = frozenset(("rating_q1", "rating_midyear", "rating_q3", *MODERATED))


def with_violations(
    export: pd.DataFrame, *, year: Year, random: np.random.Generator
) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """The export with every violation its columns can carry, and where each is.

    Entries have `rule`, `what`, `columns` and `rows`, spreadsheet row numbers with the header
    as row 1 (a copied person's first row and the copy's). No row carries two violations;
    where an export is too small for one, its `rows` are empty.
    """
    import pandas as pd

    clean = as_text(export)
    broken = clean.copy()
    free = np.ones(len(clean), dtype=bool)
    copies: list[pd.DataFrame] = []
    planted = []
    for violation in violations(year, elsewhere=clean["department"].iloc[-1]):
        if not {*violation.needs, *violation.cells} <= {*clean.columns, *violation.adds}:
            continue
        broken = broken.assign(**dict.fromkeys(set(violation.adds) - set(broken), ""))
        candidates = np.flatnonzero(violation.among(clean).to_numpy() & free)
        rows = np.sort(random.permutation(candidates)[:ROWS])
        free[rows] = False
        numbers = (rows + FIRST_ROW).tolist()
        if violation.copied:
            first = len(clean) + sum(len(copy) for copy in copies) + FIRST_ROW
            numbers += list(range(first, first + len(rows)))
            copies.append(clean.iloc[rows].assign(**violation.cells))
        else:
            hit = broken.index[rows]
            for name, cell in violation.cells.items():
                broken.loc[hit, name] = cell
            for name, source in violation.copied_from.items():
                broken.loc[hit, name] = clean.loc[hit, source]
        changed = sorted({*violation.cells, *violation.copied_from})
        planted.append(_entry(violation.rule, violation.what, changed, numbers))
    everyone = pd.concat([broken, *copies], ignore_index=True)
    everyone["comments"] = ["A made-up remark that no analysis should ever see."] + [""] * (
        len(everyone) - 1
    )
    planted.append(_entry("DQ15", "a column of free text", ["comments"], [FIRST_ROW]))
    return everyone.replace("", None), planted


def _contributed(rows: pd.DataFrame) -> pd.Series[bool]:
    """Who may be Exceeding at mid-year without breaking the rule on corporate contribution."""
    if "corporate_contribution_significant" not in rows:
        return rows["grade"] != ""
    return rows["corporate_contribution_significant"] == "Yes"


def as_text(table: pd.DataFrame) -> pd.DataFrame:
    """The table with text in every cell, blank where it has nothing."""
    return table.astype(object).fillna("").astype(str)


def _entry(rule: str, what: str, columns: list[str], rows: list[int]) -> dict[str, Any]:
    return {"rule": rule, "what": what, "columns": columns, "rows": rows}
