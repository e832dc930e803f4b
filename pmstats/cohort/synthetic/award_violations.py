"""Award rules broken at known rows of a made-up awards table (R18, R32-R36, DQ11)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from pmstats.cohort.synthetic.staff import Codes
from pmstats.cohort.synthetic.violations import FIRST_ROW, ROWS, as_text
from pmstats.scheme.scheme import Year

if TYPE_CHECKING:
    import pandas as pd

#: A penny over each cap: one in-year award, and everything paid in the year (FAQ).
OVER_ONE, OVER_ALL = "5000.01", 17_500.01
#: End-year awards are paid this long after the year's end.
PAID_AFTER = timedelta(days=121)


def with_award_violations(
    awards: pd.DataFrame, export: pd.DataFrame, *, year: Year, random: np.random.Generator
) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """The awards with every rule on them broken, and where: spreadsheet rows of the awards file.

    For R36, an award that is not there, `rows` are those of the export. No person carries two.
    """
    breaker = _Breaker(awards, export, year, random)
    people = breaker.people
    paid, in_year = breaker.having("end_year"), breaker.having("in_year")
    only_in_year, rated = in_year & ~paid, people["rating_final"]
    breaker.without("R36", "Exceeding without an end-year award", paid & (rated == "E"))
    breaker.changed(
        "R33", "one in-year award over 5,000", only_in_year, kind="in_year", amount=OVER_ONE
    )
    other = f"{year.start.year - 2}-{(year.start.year - 1) % 100}"
    breaker.changed(
        "DQ11", "another year's award", only_in_year, kind="in_year", performance_year=other
    )
    breaker.over_the_cap("R34", "over 17,500 in one year", paid & in_year & (rated == "HP"))
    left = people["leave_destination"] == "Left the Civil Service"
    breaker.added(
        "R18", "end-year award after leaving", left & rated.isin(["E", "HP"]), kind="end_year"
    )
    formal = (people["formal_pp_stage"] == "1") & (people["formal_pp_start"] < str(year.end))
    breaker.added(
        "R32", "in-year award while on formal measures", formal & ~in_year, kind="in_year"
    )
    achieving = (rated == "A") & (people["leave_date"] == "")
    breaker.added("R35", "end-year award for Achieving", achieving, kind="end_year")
    return breaker.table, breaker.planted


class _Breaker:
    """An awards table being broken, the people nobody has touched yet, and the list so far."""

    def __init__(
        self, awards: pd.DataFrame, export: pd.DataFrame, year: Year, random: np.random.Generator
    ) -> None:
        self.table, self.people = as_text(awards), as_text(export)
        self.planted: list[dict[str, Any]] = []
        self._year, self._random = year, random
        self._free = ~self.people["person_id"].duplicated(keep=False).to_numpy()

    def having(self, kind: str) -> pd.Series[bool]:
        """Who has an award of this kind."""
        of_kind = self.table.loc[self.table["type"] == kind, "person_id"]
        return self.people["person_id"].isin(of_kind)

    def without(self, rule: str, what: str, among: pd.Series[bool]) -> None:
        """Take the end-year awards of some people away."""
        rows = self._picked(among)
        theirs = self.table["person_id"].isin(self._ids(rows))
        self.table = self.table[~(theirs & (self.table["type"] == "end_year"))]
        self.table = self.table.reset_index(drop=True)
        self._note(rule, what, [], rows)

    def changed(
        self, rule: str, what: str, among: pd.Series[bool], *, kind: str, **cells: str
    ) -> None:
        """Put these cells in the awards of one kind of some people."""
        theirs = self.table["person_id"].isin(self._ids(self._picked(among)))
        hit = theirs & (self.table["type"] == kind)
        for name, cell in cells.items():
            self.table.loc[hit, name] = cell
        self._note(rule, what, sorted(cells), np.flatnonzero(hit))

    def over_the_cap(self, rule: str, what: str, among: pd.Series[bool]) -> None:
        """Raise an end-year award of some people until the year's total is a penny too much."""
        found = []
        for person in self._ids(self._picked(among)):
            theirs = self.table["person_id"] == person
            hit = theirs & (self.table["type"] == "end_year")
            rest = self.table.loc[theirs & ~hit, "amount"].astype(float).sum()
            self.table.loc[hit, "amount"] = f"{OVER_ALL - rest:.2f}"
            found += np.flatnonzero(hit).tolist()
        self._note(rule, what, ["amount"], np.array(found, dtype=np.int64))

    def added(self, rule: str, what: str, among: pd.Series[bool], *, kind: str) -> None:
        """Give some people an award they may not have."""
        import pandas as pd

        chosen = self.people.iloc[self._picked(among)]
        paid = [str(self._year.end + PAID_AFTER)] * len(chosen)
        if kind == "in_year":
            starts = map(date.fromisoformat, chosen["formal_pp_start"])
            paid = [str(start + timedelta(days=1)) for start in starts]
        extra = pd.DataFrame(
            {
                "person_id": chosen["person_id"].tolist(),
                "performance_year": self._year.label,
                "date": paid,
                "type": kind,
                "amount": "1000",
                "cst_approval": "No",
            }
        )
        self._note(rule, what, ["person_id"], len(self.table) + np.arange(len(extra)))
        self.table = pd.concat([self.table, extra], ignore_index=True)

    def _picked(self, among: pd.Series[bool]) -> Codes:
        candidates = np.flatnonzero(among.to_numpy() & self._free)
        rows = np.sort(self._random.permutation(candidates)[:ROWS])
        self._free[rows] = False
        return rows

    def _ids(self, rows: Codes) -> list[str]:
        ids: list[str] = self.people["person_id"].iloc[rows].tolist()
        return ids

    def _note(self, rule: str, what: str, columns: list[str], rows: Codes) -> None:
        numbers = (rows + FIRST_ROW).tolist()
        self.planted.append({"rule": rule, "what": what, "columns": columns, "rows": numbers})
