"""From cells of text to the typed columns of a cohort, with every cell that does not read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from pmstats.cohort.cohort import UNDECLARED
from pmstats.cohort.columns import SUPERVISORY, Column, Kind
from pmstats.cohort.dates import parse_dates, performance_year
from pmstats.cohort.labels import clean, header_key, is_plain, label_key
from pmstats.cohort.mapping import RATING, LeaveDate, Mapping
from pmstats.cohort.pseudonyms import pseudonyms
from pmstats.cohort.reading.cells import Cells, Origin, Texts
from pmstats.cohort.vocabulary import STRANGE, strange_labels, vocabulary
from pmstats.errors import Problem, Severity
from pmstats.scheme import Scheme

if TYPE_CHECKING:
    import pandas as pd

AGE, YOUNGEST, OLDEST = "age", 18, 80
_OBJECTION = "equality_monitoring_objection"
#: Thousands apart by commas or spaces in threes; a comma elsewhere may be a decimal sign.
_NUMBER = re.compile(r"-?(?:[1-9]\d{0,2}(?:[, ]\d{3})+|\d+)(?:\.\d+)?")
_PER_CENT = re.compile(r"(\d{1,3}(?:[.,]\d+)?) ?%")
_DECIMAL_COMMA = re.compile(r"[01],\d{1,2}")
_MANAGER = re.compile(r"\s*\([^()]*\)\s*$")
#: More reasons than this are free text, not a list.
_REASONS = 30
_COUNT = re.compile(r"\d{1,3}(?:[, ]\d{3})+|\d+(?:\.0+)?")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Typed:
    """A table of typed columns, the problems met on the way, and by column the rows in doubt."""

    table: pd.DataFrame
    problems: tuple[Problem, ...]
    doubtful: dict[str, list[int]]


def typed(
    cells: Cells, *, columns: Iterable[Column], scheme: Scheme, mapping: Mapping, key: bytes
) -> Typed:
    """The columns in the order given, labels in the scheme's words, identifiers hashed.

    `row` comes first and keeps the number of each row in the file.
    """
    import pandas as pd

    reader = _Reader(cells, scheme, mapping, key)
    held = dict(cells.columns)
    one = np.zeros(len(cells), dtype=np.int32)
    for name, value in mapping.fixed.items():
        held[name] = Texts(Texts.of([value]).values, one)
    data: dict[str, object] = {"row": cells.rows}
    for column in columns:
        if column.name in held:
            data[column.name] = reader.read(column, held[column.name])
    data.setdefault("count", np.ones(len(cells), dtype=np.int64))
    return Typed(pd.DataFrame(data, copy=False), tuple(reader.problems), reader.doubtful)


def objectors(people: pd.DataFrame) -> np.ndarray:
    """True for each row of someone who objects to equality monitoring."""
    if _OBJECTION not in people:
        return np.zeros(len(people), dtype=bool)
    objects: np.ndarray = (people[_OBJECTION] == "Yes").to_numpy()
    return objects


def without_objectors(people: pd.DataFrame, objects: np.ndarray, *, scheme: Scheme) -> pd.DataFrame:
    """The people, the protected characteristics of those who object as Undeclared."""
    if not objects.any():
        return people
    protected = [c.name for c in scheme.characteristics if c.protected and c.name in people]
    return people.assign(**{name: people[name].mask(objects, UNDECLARED) for name in protected})


def unlikely_ages(column: str, rows: Sequence[int]) -> Problem:
    """DQ4: ages in these rows that no civil servant is likely to have."""
    return Problem(
        rule="DQ4",
        severity=Severity.WARNING,
        column=column,
        rows=tuple(rows),
        message=f"The age is not between {YOUNGEST} and {OLDEST}.",
        fix="Correct it.",
    )


@dataclass(frozen=True, slots=True)
class _Reader:
    cells: Cells
    scheme: Scheme
    mapping: Mapping
    key: bytes
    problems: list[Problem] = field(default_factory=list)
    doubtful: dict[str, list[int]] = field(default_factory=dict)

    def read(self, column: Column, texts: Texts) -> object:
        readers = {
            Kind.IDENTIFIER: self._identifiers,
            Kind.DATE: self._dates,
            Kind.COUNT: self._counts,
            Kind.NUMBER: self._numbers,
            Kind.REASON: self._reasons,
        }
        of_words = self._labels if column.levels else self._names
        return readers.get(column.kind, of_words)(column, texts)

    def _identifiers(self, _: Column, texts: Texts) -> np.ndarray:
        hashes: np.ndarray = pseudonyms(texts.values.to_pylist(), key=self.key)[texts.codes]
        blank = texts.rows_where(texts.blank)
        if blank.any():  # a row without an identifier is a person of its own
            alone = (f"\0{row}" for row in self.cells.rows[blank])
            hashes[blank] = pseudonyms(alone, key=self.key)
        return hashes

    def _labels(self, column: Column, texts: Texts) -> object:
        synonyms = dict(self.mapping.values.get(column.name, {}))
        if column.kind is Kind.RATING:
            synonyms = {**self.mapping.values.get(RATING, {}), **synonyms}
        words = vocabulary(
            column, scheme=self.scheme, synonyms=synonyms, numbers=self.mapping.numbers
        )
        values = texts.values.to_pylist()
        found = words.encoded(values)
        strange = np.flatnonzero(found == STRANGE)
        strange = strange[np.isin(strange, texts.codes)]
        if len(strange):
            held = [self._rows(column, texts.codes == place) for place in strange]
            found_strange = strange_labels(words, [values[p] for p in strange], held)
            prefix = self._origin(column).prefix
            self.problems.extend(replace(p, column=prefix + p.column) for p in found_strange)
        if column.name == AGE:
            self._unlikely_ages(column, texts)
        return _categorical(np.maximum(found, -1)[texts.codes], words.labels)

    def _unlikely_ages(self, column: Column, texts: Texts) -> None:
        """DQ4: an age in years that no civil servant is likely to have."""
        values = [clean(text) for text in texts.values.to_pylist()]
        unlikely = np.array(
            [text.isdecimal() and not YOUNGEST <= int(text) <= OLDEST for text in values], bool
        )
        chosen = texts.rows_where(unlikely)
        if chosen.any():
            where = self._origin(column)
            self.problems.append(
                unlikely_ages(where.prefix + column.name, where.rows[chosen].tolist())
            )

    def _names(self, column: Column, texts: Texts) -> object:
        synonyms = {label_key(k): v for k, v in self.mapping.values.get(column.name, {}).items()}
        # A name may be made of dots (whoever writes it into a path or a page makes it safe), and
        # panels go by letters: "c" is a mark for withheld numbers, not for a blank name.
        blanks = ({label_key(text) for text in self.scheme.blanks} | {""}) - {"..", "c"}
        spellings: dict[str, str] = {}
        keys = []
        values = texts.values.to_pylist()
        if column.name == "performance_year" and self.scheme.year:
            own = {performance_year(self.scheme.year.label): self.scheme.year.label}
            years = [performance_year(clean(value)) for value in values]
            values = [own.get(year, year) for year in years]
        if self._names_its_manager(column):
            values = [_MANAGER.sub("", value) for value in values]
        for value in values:
            text = synonyms.get(label_key(value), clean(value))
            keys.append(label_key(text))
            spellings.setdefault(label_key(text), text)
        names = sorted({text for key, text in spellings.items() if key not in blanks})
        place = {label_key(name): code for code, name in enumerate(names)}
        found = np.array([place.get(key, -1) for key in keys], dtype=np.int32)
        codes = found[texts.codes]
        if column.name == "department" and (codes < 0).any():
            self._report(column, "file", "The department is blank.", "Fill it in.", codes < 0)
        return _categorical(codes, names)

    def _names_its_manager(self, column: Column) -> bool:
        """Whether the column is Workday's, whose units end in the name of a person."""
        place = self.cells.header.positions.get(column.name)
        return place is not None and header_key(self.cells.header.names[place]).startswith(
            header_key(SUPERVISORY)[:14]
        )

    def _dates(self, column: Column, texts: Texts) -> np.ndarray:
        days, unreadable, ambiguous = parse_dates(
            [clean(text) for text in texts.values.to_pylist()],
            blanks=frozenset(self.scheme.blanks),
            day_first=self.mapping.day_first,
        )
        for mask, message, fix in (
            (unreadable, "Not a date.", "Write it as 2025-03-31 or 31/03/2025, or leave it empty."),
            (
                ambiguous,
                "The day and the month could be either way round.",
                "Add to the mapping day_first = true (or false), or export dates as 2025-03-31.",
            ),
        ):
            chosen = texts.rows_where(mask)
            if chosen.any():
                self._report(column, "DQ2", message, fix, chosen)
        if column.name == "leave_date" and self.mapping.leave_date == LeaveDate.FIRST_DAY_OUT:
            days = days - np.timedelta64(1, "D")
        dates: np.ndarray = days[texts.codes]
        return dates

    def _counts(self, column: Column, texts: Texts) -> np.ndarray:
        values = [clean(text) for text in texts.values.to_pylist()]
        whole = np.array([bool(_COUNT.fullmatch(value)) for value in values], dtype=bool)
        numbers = [
            int(float(re.sub("[, ]", "", value))) if ok else 0
            for value, ok in zip(values, whole, strict=True)
        ]
        chosen = texts.rows_where(~whole)
        if chosen.any():
            self._report(
                column,
                "file",
                "Not a whole number of people.",
                "Give true counts: no percentages, and no withheld cells such as [c] or <5.",
                chosen,
            )
        counts: np.ndarray = np.array(numbers, dtype=np.int64)[texts.codes]
        return counts

    def _numbers(self, column: Column, texts: Texts) -> np.ndarray:
        values = [clean(text).removeprefix("£").lstrip() for text in texts.values.to_pylist()]
        if column.name == "fte":
            values = [_part_of_one(value) for value in values]
        blank = np.array([value in self.scheme.blanks or not value for value in values], dtype=bool)
        right = np.array([bool(_NUMBER.fullmatch(value)) for value in values], dtype=bool)
        chosen = texts.rows_where(~(right | blank))
        if chosen.any():
            self._report(
                column,
                "file",
                "Not a number.",
                "Write it as 0.8 or 1,250.50, with a point for the decimals and without words.",
                chosen,
            )
        read = [
            float(re.sub("[, ]", "", value)) if ok else np.nan
            for value, ok in zip(values, right, strict=True)
        ]
        numbers: np.ndarray = np.array(read, dtype=np.float64)[texts.codes]
        return numbers

    def _reasons(self, _: Column, texts: Texts) -> object:
        """Reasons from a short list as they are; free text only as given or not."""
        values = [clean(text) for text in texts.values.to_pylist()]
        given = sorted({value for value in values if value and value not in self.scheme.blanks})
        if len(given) > _REASONS or not all(map(is_plain, given)):
            given = ["Given"]
            values = ["Given" if v and v not in self.scheme.blanks else "" for v in values]
        place = {reason: code for code, reason in enumerate(given)}
        codes = np.array([place.get(value, -1) for value in values], dtype=np.int32)
        return _categorical(codes[texts.codes], given)

    def _report(
        self, column: Column, rule: str, message: str, fix: str, chosen: np.ndarray
    ) -> None:
        self.problems.append(
            Problem(
                rule=rule,
                severity=Severity.ERROR,
                column=self._origin(column).prefix + column.name,
                rows=self._rows(column, chosen),
                message=message,
                fix=fix,
            )
        )

    def _rows(self, column: Column, chosen: np.ndarray) -> tuple[int, ...]:
        """The row numbers to report; the people's own rows are noted as doubtful."""
        self.doubtful.setdefault(column.name, []).extend(self.cells.rows[chosen].tolist())
        return tuple(dict.fromkeys(self._origin(column).rows[chosen].tolist()))

    def _origin(self, column: Column) -> Origin:
        return self.cells.origins.get(column.name, Origin(rows=self.cells.rows))


def _part_of_one(text: str) -> str:
    """Hours as a part of one: 60% and 0,6 are 0.6; any other text as it is."""
    if found := _PER_CENT.fullmatch(text):
        return str(float(found[1].replace(",", ".")) / 100)
    return text.replace(",", ".") if _DECIMAL_COMMA.fullmatch(text) else text


def _categorical(codes: np.ndarray, labels: Sequence[str]) -> object:
    import pandas as pd

    return pd.Categorical.from_codes(codes, dtype=pd.CategoricalDtype(list(labels)))
