"""A pack frozen for the record of a meeting (para 88): its words and tables, and no person.

The record lets the distribution during the year be compared with the one at its end. It holds
what the pack of entitled readers holds, so it is of the same class.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import date
from itertools import takewhile
from typing import TYPE_CHECKING

from pmstats.errors import ParameterError
from pmstats.release.table import Column, Kind, RestrictedTable, Value, shown

if TYPE_CHECKING:
    from pmstats.release.restricted.bundle import RestrictedPack
    from pmstats.scheme import Scheme

#: Kinds whose values can be set beside each other as a difference, and its kind.
_DIFFERENCES = {
    Kind.COUNT: Kind.COUNT,
    Kind.SHARE: Kind.POINTS,
    Kind.POINTS: Kind.POINTS,
    Kind.PENCE: Kind.PENCE,
}


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Snapshot:
    """What a pack said, who met over it by role, and what was asked.

    `held_on` is the day of the meeting, None before there was one. `facts` are the pack's
    provenance: cut-off date, hashes of export and scheme, versions.
    """

    department: str
    cycle: str
    stage: str
    facts: tuple[tuple[str, str], ...]
    headlines: tuple[tuple[str, str, str], ...]
    tables: tuple[RestrictedTable, ...]
    questions: tuple[str, ...] = ()
    attendees: tuple[str, ...] = ()
    held_on: date | None = None

    @property
    def title(self) -> str:
        """Department, cycle and stage in one line."""
        return f"{self.department}, {self.cycle}, {self.stage}"

    def fact(self, name: str) -> str:
        """One fact of the provenance; empty when the pack had none of this name."""
        return dict(self.facts).get(name, "")

    def text(self) -> str:
        """The snapshot as JSON, the same text for the same snapshot."""
        held = asdict(self)
        for table in held["tables"]:  # how a workbook puts tables together is no part of a record
            del table["question"], table["by"]
        held["held_on"] = self.held_on.isoformat() if self.held_on else None
        return json.dumps(held, ensure_ascii=False, sort_keys=True)

    @property
    def sha256(self) -> str:
        """What identifies the content of this snapshot."""
        return hashlib.sha256(self.text().encode()).hexdigest()

    def __repr__(self) -> str:
        return f"<Snapshot: {self.title}>"

    def __str__(self) -> str:
        """Everything the snapshot holds, to be read in a terminal."""
        met = f"Meeting held on {self.held_on:%-d %B %Y}" if self.held_on else "No meeting recorded"
        parts = [
            self.title,
            f"{met}; present: {', '.join(self.attendees) or 'not recorded'}.",
            "\n".join(f"{name}: {value}" for name, value in self.facts),
            "\n".join(f"{asked} {answer}. {words}" for asked, answer, words in self.headlines),
            *(repr(table) for table in self.tables),
            "\n".join(f"- {question}" for question in self.questions),
        ]
        return "\n\n".join(part for part in parts if part)


def snapshot_of(
    pack: RestrictedPack,
    *,
    attendees: Iterable[str] = (),
    questions: Iterable[str] = (),
    held_on: date | None = None,
    scheme: Scheme,
) -> Snapshot:
    """A pack frozen for the record, with who met by role and what they asked.

    Without questions of the meeting the pack's own are kept. Raises `ParameterError` for an
    attendee that is not a role: names of people do not belong in the record.
    """
    roles = _roles(attendees, scheme)
    cover = pack.cover
    return Snapshot(
        department=cover.department,
        cycle=cover.cycle,
        stage=cover.stage,
        facts=tuple((str(name), str(value)) for name, value in cover.provenance),
        headlines=tuple((h.question, h.answer, h.sentence) for h in pack.headlines),
        tables=tuple(table for section in pack.sections for table in section.tables),
        questions=tuple(question for question in questions if question.strip()) or pack.questions,
        attendees=roles,
        held_on=held_on,
    )


def met_over(
    snapshot: Snapshot,
    *,
    held_on: date,
    attendees: Iterable[str],
    questions: Iterable[str] = (),
    scheme: Scheme,
) -> Snapshot:
    """The snapshot of a pack with the meeting that was held over it; its figures stay.

    Without questions of the meeting the pack's own stay too. Raises `ParameterError` for an
    attendee that is not a role.
    """
    asked = tuple(question for question in questions if question.strip())
    return replace(
        snapshot,
        held_on=held_on,
        attendees=_roles(attendees, scheme),
        questions=asked or snapshot.questions,
    )


def _roles(attendees: Iterable[str], scheme: Scheme) -> tuple[str, ...]:
    known = scheme.moderation.meeting_roles if scheme.moderation else ()
    roles = tuple(role.strip() for role in attendees if role.strip())
    strange = sum(role not in known for role in roles)
    if strange:
        raise ParameterError(
            f"attendees: {strange} of {len(roles)} are not roles of the scheme. Give roles, never "
            f"names: {', '.join(known) or 'the scheme has none'}."
        )
    return roles


def snapshot_from(text: str) -> Snapshot:
    """The snapshot that `text()` wrote."""
    held = json.loads(text)
    return Snapshot(
        department=held["department"],
        cycle=held["cycle"],
        stage=held["stage"],
        facts=tuple((name, value) for name, value in held["facts"]),
        headlines=tuple((a, b, c) for a, b, c in held["headlines"]),
        tables=tuple(
            RestrictedTable(
                id=each["id"],
                caption=each["caption"],
                columns=tuple(
                    Column(name=column["name"], kind=Kind(column["kind"]))
                    for column in each["columns"]
                ),
                rows=tuple(tuple(row) for row in each["rows"]),
                notes=tuple(each["notes"]),
            )
            for each in held["tables"]
        ),
        questions=tuple(held["questions"]),
        attendees=tuple(held["attendees"]),
        held_on=date.fromisoformat(held["held_on"]) if held["held_on"] else None,
    )


def comparison_table(first: Snapshot, second: Snapshot) -> RestrictedTable:
    """Every value that stands in both snapshots and differs, first beside second.

    Values are matched by table, row and column. A note says when department, scheme or
    cut-off date are not the same.
    """
    earlier = {table.id: table for table in first.tables}
    rows = [
        row
        for table in second.tables
        if table.id in earlier
        for row in _differences(earlier[table.id], table)
    ]
    return RestrictedTable(
        id="record-comparison",
        caption=f"{first.title} beside {second.title}",
        columns=(
            Column(name="Table"),
            Column(name="Row"),
            Column(name="Value"),
            Column(name="First"),
            Column(name="Second"),
            Column(name="Change"),
        ),
        rows=tuple(rows),
        notes=tuple(_unlike(first, second)),
    )


def _differences(before: RestrictedTable, after: RestrictedTable) -> list[tuple[Value, ...]]:
    was = dict(zip(_keys(before), before.rows, strict=True))
    places = {column.name: place for place, column in enumerate(before.columns)}
    found: list[tuple[Value, ...]] = []
    for key, row in zip(_keys(after), after.rows, strict=True):
        if key not in was:
            continue
        for column, value in zip(after.columns, row, strict=True):
            earlier = was[key][places[column.name]] if column.name in places else value
            printed = shown(earlier, column.kind), shown(value, column.kind)
            if printed[0] != printed[1]:
                change = _change(earlier, value, column.kind)
                found.append((after.caption, ", ".join(key), column.name, *printed, change))
    return found


def _keys(table: RestrictedTable) -> list[tuple[str, ...]]:
    """What each row is about: its texts before the first number."""
    leading = len(list(takewhile(lambda column: column.kind is Kind.TEXT, table.columns)))
    width = leading if leading < len(table.columns) else 1
    return [tuple(str(value) for value in row[:width]) for row in table.rows]


def _change(before: Value, after: Value, kind: Kind) -> str:
    if kind not in _DIFFERENCES or isinstance(before, str) or isinstance(after, str):
        return ""
    if before is None or after is None:
        return ""
    difference = after - before
    if _DIFFERENCES[kind] is Kind.POINTS:
        return shown(difference, Kind.POINTS)
    sign = "+" if difference > 0 else "-"
    return f"{sign}{shown(abs(difference), kind)}"


def _unlike(first: Snapshot, second: Snapshot) -> list[str]:
    notes = [
        f"{name}: not the same in both."
        for name in ("SHA-256 of the scheme", "Cut-off date", "pmstats")
        if first.fact(name) != second.fact(name)
    ]
    if first.department != second.department:
        notes.append("These are two departments: a difference is not a change.")
    if first.fact("SHA-256 of the scheme") != second.fact("SHA-256 of the scheme"):
        notes.append("Rating definitions stay as they were at the start of the year (para 16).")
    return notes
