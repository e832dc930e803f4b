"""What may be paid to whom: rules R18, R32 to R38 and DQ11 (paragraphs 49 and 71; FAQ)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from pmstats.cohort.rules.rule import Records, breach
from pmstats.errors import Problem, Severity
from pmstats.scheme.process import AwardRules

if TYPE_CHECKING:
    import pandas as pd

_LEFT = "Left the Civil Service"
_CODES = "R18, R32-R38, DQ11"


def broken_award_rules(records: Records) -> Iterator[Problem]:
    """A problem for each rule on awards broken; a note when the export has no awards."""
    rules = records.scheme.awards
    if rules is None or records.stage is not None:
        return
    if records.cohort.awards is None:
        yield Problem(
            rule=_CODES,
            severity=Severity.INFORMATION,
            paragraph=rules.paragraph,
            message="Not checked: no awards file.",
            fix='Name it in the mapping, under [files]: awards = "...".',
        )
        return
    awards = _with_people(records)
    yield from _single(awards, rules)
    yield from _in_the_year(awards, records, rules)
    yield from _ratings_paid(awards, records, rules)
    yield from _leavers_and_measures(awards)
    yield from _unpaid(awards, records, rules)
    yield from _pot(awards, records, rules)


def _with_people(records: Records) -> pd.DataFrame:
    """Each award with what the export says of the person, in the department that made it."""
    import pandas as pd

    awards, people = records.cohort.awards, records.people
    assert awards is not None
    wanted = ["leave_date", "leave_destination", "formal_pp_start", "formal_pp_end"]
    if "department" not in awards:
        wanted.append("department")
    if records.scheme.awards:
        wanted.append(records.scheme.stage(records.scheme.awards.rating_stage).column)
    place = _places(awards, people, ["person_id"])
    if "department" in awards:
        own = _places(awards, people, ["person_id", "department"])
        place = np.where(own >= 0, own, place)
    never = np.datetime64("NaT", "s")
    absent = {name: never for name in wanted if name not in people}
    rows = people.assign(**absent)[wanted].reset_index(drop=True)
    theirs = rows.reindex(place).set_index(awards.index)  # there is no row -1
    return pd.concat([awards, theirs], axis=1)


def _places(awards: pd.DataFrame, people: pd.DataFrame, columns: list[str]) -> np.ndarray:
    """The place among the people of each award's row, by these columns; -1 for none."""
    import pandas as pd

    known, asked = (table[columns].astype(object) for table in (people, awards))
    last = np.flatnonzero(~known.duplicated(keep="last").to_numpy())
    index = pd.MultiIndex.from_frame(known.iloc[last])
    found = index.get_indexer(pd.MultiIndex.from_frame(asked))
    return np.where(found >= 0, last[found], -1) if len(last) else found


def _single(awards: pd.DataFrame, rules: AwardRules) -> Iterator[Problem]:
    too_much = (awards["award_type"] == "in_year") & (awards["award_amount"] > rules.single_cap)
    yield from _breach(
        awards,
        too_much,
        rule="R33",
        paragraph="54c; FAQ",
        message=f"A single in-year award of more than £{rules.single_cap:,}.",
        fix="Check the amount.",
    )


def _in_the_year(awards: pd.DataFrame, records: Records, rules: AwardRules) -> Iterator[Problem]:
    label = records.scheme.year.label if records.scheme.year else ""
    other = np.zeros(len(awards), dtype=bool)
    if "performance_year" in awards:
        years = awards["performance_year"].astype(object).fillna(label)
        other = (years != label).to_numpy()
    yield from _breach(
        awards,
        other,
        rule="DQ11",
        severity=Severity.WARNING,
        paragraph="",
        column="performance_year",
        message=f"The award is not of the year {label}; it is not counted towards the year's cap.",
        fix="Correct the year, or leave the award out.",
    )
    capped = ~other & awards["award_type"].isin(rules.year_cap_kinds).to_numpy()
    this_year = awards[capped]
    by_person = this_year.groupby("person_id")
    total = by_person["award_amount"].transform("sum").reindex(awards.index, fill_value=0)
    approved = np.zeros(len(awards), dtype=bool)
    if "cst_approval" in awards:
        yes = (awards["cst_approval"] == "Yes").groupby(awards["person_id"]).transform("any")
        approved = yes.to_numpy()
    over = (total > rules.year_cap).to_numpy() & capped
    together = ", all departments together," if len(records.cohort.departments) > 1 else ""
    for mask, severity in ((over & ~approved, Severity.ERROR), (over & approved, Severity.WARNING)):
        yield from _breach(
            awards,
            mask,
            rule="R34",
            severity=severity,
            paragraph="FAQ",
            message=f"The person's awards of the year{together} come to more than "
            f"£{rules.year_cap:,}.",
            fix="Check the amounts and the Chief Secretary's approval.",
        )


def _ratings_paid(awards: pd.DataFrame, records: Records, rules: AwardRules) -> Iterator[Problem]:
    column = records.scheme.stage(rules.rating_stage).column
    end_year = awards["award_type"] == "end_year"
    yield from _breach(
        awards,
        end_year & ~awards[column].isin(rules.end_year_ratings),
        rule="R35",
        paragraph="71; FAQ",
        message=f"An end-year award to someone not rated {' or '.join(rules.end_year_ratings)}.",
        fix="Check the rating and the award.",
    )


def _leavers_and_measures(awards: pd.DataFrame) -> Iterator[Problem]:
    end_year = awards["award_type"] == "end_year"
    left = awards["leave_destination"] == _LEFT
    dated = awards.get("award_date")
    later = left & (dated > awards["leave_date"]) if dated is not None else left & False
    yield from _breach(
        awards,
        (left & end_year) | later,
        rule="R18",
        paragraph="FAQ",
        message="An award to someone who had left the Civil Service.",
        fix="Check the leave date and the award.",
    )
    started, ended = awards["formal_pp_start"], awards["formal_pp_end"]
    if dated is None:
        return
    under = (started <= dated) & (ended.isna() | (ended >= dated))
    for mask, rule, severity, words in (
        (under & ~end_year, "R32", Severity.ERROR, "An in-year award"),
        (under & end_year, "R38", Severity.INFORMATION, "An end-year award"),
    ):
        yield from _breach(
            awards,
            mask,
            rule=rule,
            severity=severity,
            paragraph="49; FAQ" if rule == "R32" else "49, 71",
            message=f"{words} while on formal poor-performance measures.",
            fix="Check the dates of the measures and the award.",
        )


def _unpaid(awards: pd.DataFrame, records: Records, rules: AwardRules) -> Iterator[Problem]:
    """R36: the first ratings come first, within a department; leavers have no award (R18)."""
    column = records.scheme.stage(rules.rating_stage).column
    if column not in records.people:
        return
    people = records.people
    paid = people["person_id"].isin(awards.loc[awards["award_type"] == "end_year", "person_id"])
    first = people[column].isin(rules.first_ratings) & ~records.says("leave_destination", _LEFT)
    second = people[column].isin(set(rules.end_year_ratings) - set(rules.first_ratings))
    passed_over = people["department"].isin(people.loc[second & paid, "department"].unique())
    for mask, severity, words in (
        (first & ~paid & passed_over, Severity.WARNING, ", while others rated lower have one"),
        (first & ~paid & ~passed_over, Severity.INFORMATION, ""),
    ):
        yield from breach(
            records,
            mask.to_numpy(),
            rule="R36",
            severity=severity,
            paragraph="71",
            column=column,
            message=f"Rated {' or '.join(rules.first_ratings)} without an end-year award{words}.",
            fix="Check whether an award is due.",
        )


def _pot(awards: pd.DataFrame, records: Records, rules: AwardRules) -> Iterator[Problem]:
    if not records.mapping.paybill:
        yield Problem(
            rule="R37",
            severity=Severity.INFORMATION,
            paragraph="FAQ",
            message="Not checked: no paybill.",
            fix='Give it in the mapping, under [paybill]: "department" = pounds.',
        )
        return
    spent = awards.groupby(awards["department"].astype(object))["award_amount"].sum()
    for department, paybill in sorted(records.mapping.paybill.items()):
        share = float(spent.get(department, 0)) / paybill if paybill else 0.0
        if share > rules.pot_share:
            yield Problem(
                rule="R37",
                severity=Severity.WARNING,
                paragraph="FAQ",
                column="awards.award_amount",
                message=f"{department}: awards come to {share:.2%} of the paybill, "
                f"over {rules.pot_share:.1%}.",
                fix="Check the paybill and what counts towards it.",
            )


def _breach(
    awards: pd.DataFrame,
    mask: pd.Series[bool] | np.ndarray,
    *,
    rule: str,
    paragraph: str,
    message: str,
    fix: str,
    severity: Severity = Severity.ERROR,
    column: str = "award_amount",
) -> Iterator[Problem]:
    chosen = np.asarray(mask, dtype=bool)
    if chosen.any():
        yield Problem(
            rule=rule,
            severity=severity,
            paragraph=paragraph,
            column=f"awards.{column}",
            rows=tuple(awards["row"].to_numpy()[chosen].tolist()),
            message=message,
            fix=fix,
        )
