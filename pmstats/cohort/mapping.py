"""What an analyst says about a file: which header is which column, and how its values read."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path, PureWindowsPath

from pmstats.cohort.cohort import UNDECLARED, UNKNOWN
from pmstats.cohort.columns import AWARDS, RATINGS
from pmstats.cohort.labels import label_key
from pmstats.cohort.schema import columns
from pmstats.errors import ParameterError
from pmstats.plain_file import read_plain
from pmstats.scheme import Characteristic, Scheme
from pmstats.scheme.strict import StrictFaults, nearest, structured

#: The key of `values` that holds for every rating column at once.
RATING = "rating"


class Layout(StrEnum):
    """How the file is laid out: a row for each person, for each rating, or a published table."""

    PEOPLE = "people"
    LONG = "long"
    PUBLISHED_TABLE = "published table"


class Numbers(StrEnum):
    """What numbers in a rating column mean; never guessed (DQ13)."""

    ONE_IS_BEST = "1 is best"
    ONE_IS_WORST = "1 is worst"


class LeaveDate(StrEnum):
    """What the leave date is: it decides who held the post on 31 December."""

    LAST_DAY_IN_POST = "last day in post"
    FIRST_DAY_OUT = "first day out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Files that belong to the export, by their paths from its folder."""

    awards: str = ""
    ratings: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """How one kind of export is read; every entry optional where headers say enough.

    `columns` gives the file's header for a canonical column, `fixed` a value for a column the
    file lacks, `values` the scheme's label for a label of the file. A published table has a
    `group` column holding the groups of `characteristic` (empty: one row, everyone) and a
    column of counts for each rating, of the scheme's `stage`; or all of that on its side, the
    ratings in rows. `counts_confirmed` says its
    cells are people although they look like percentages. `sources` names, best first, the
    sources of ratings written one to a row. `paybill` gives each department's
    paybill in pounds, against which awards are capped, `headcount` how many people it has in
    post by its payroll or last return.
    """

    layout: Layout = Layout.PEOPLE
    columns: dict[str, str] = field(default_factory=dict)
    fixed: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    sheet: str = ""
    header_row: int = 0
    day_first: bool | None = None
    numbers: Numbers | None = None
    leave_date: LeaveDate = LeaveDate.LAST_DAY_IN_POST
    year_closed: bool = False
    characteristic: str = ""
    stage: str = ""
    counts_confirmed: bool = False
    files: Files = field(default_factory=Files)
    sources: tuple[str, ...] = ()
    paybill: dict[str, float] = field(default_factory=dict)
    headcount: dict[str, int] = field(default_factory=dict)


def load_mapping(path: str | Path, *, scheme: Scheme) -> Mapping:
    """The mapping in a TOML file, checked against the scheme.

    Raises `ParameterError` with every fault at once: an unknown key, a column the scheme does
    not know, a value that is not one of its labels; each with the nearest known name.
    """
    name = Path(path).name
    try:
        entries = tomllib.loads(read_plain(path).decode("utf-8-sig"))
    except OSError as error:
        raise ParameterError(f"mapping {name}: {error.strerror}.") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ParameterError(f"mapping {name}: not a TOML file: {error}") from None
    try:
        mapping = structured(entries, Mapping)
        faults = mapping_faults(mapping, scheme=scheme)
    except StrictFaults as error:
        faults = error.faults
    if faults:
        raise ParameterError(f"mapping {name}:\n" + "\n".join(f"  - {fault}" for fault in faults))
    return mapping


def mapping_faults(mapping: Mapping, *, scheme: Scheme) -> tuple[str, ...]:
    """What a mapping says that the scheme does not know or that contradicts itself."""
    if mapping == Mapping():
        return ()
    known = {column.name: column for column in (*columns(scheme), *RATINGS, *AWARDS)}
    published = mapping.layout == Layout.PUBLISHED_TABLE
    extra = {"group", "total", *scheme.rating_names} if published else set()
    faults = [
        f"{table}: no column {name!r}{nearest(name, names)}"
        for table, given, names in (
            ("columns", mapping.columns, {*known, *extra}),
            ("fixed", mapping.fixed, set(known)),
            ("values", mapping.values, {*known, RATING}),
        )
        for name in given
        if name not in names
    ]
    faults += [
        f"{name} has both a header in columns and a value in fixed; keep one"
        for name in mapping.columns
        if name in mapping.fixed
    ]
    faults += _value_faults(mapping, scheme)
    faults += [
        f"paybill: {name!r} needs an amount in pounds above 0"
        for name, pounds in mapping.paybill.items()
        if not pounds > 0
    ]
    faults += [
        f"headcount: {name!r} needs a number of people above 0"
        for name, people in mapping.headcount.items()
        if people <= 0
    ]
    faults += [
        f"files: {what} is a file in the export's folder or below it, which {name!r} is not"
        for what, name in asdict(mapping.files).items()
        if _leads_out(name)
    ]
    if mapping.header_row < 0:
        faults.append("header_row counts from 1, as the spreadsheet does")
    names = tuple(c.name for c in scheme.characteristics)
    if mapping.characteristic and mapping.characteristic not in names:
        faults.append(
            f"no characteristic {mapping.characteristic!r}{nearest(mapping.characteristic, names)}"
        )
    stages = tuple(stage.name for stage in scheme.stages)
    if mapping.stage and mapping.stage not in stages:
        faults.append(f"no stage {mapping.stage!r}; the scheme has {', '.join(stages)}")
    if published and not mapping.stage and len(stages) > 1:
        faults.append(f"a published table needs its stage: one of {', '.join(stages)}")
    return tuple(faults)


def _leads_out(name: str) -> bool:
    """Whether a path may leave the folder it starts in, on any system."""
    path = PureWindowsPath(name)
    return bool(path.drive or path.root) or ".." in path.parts


def _value_faults(mapping: Mapping, scheme: Scheme) -> Iterator[str]:
    closed = {
        column.name: tuple(spellings[0] for spellings in column.levels)
        for column in columns(scheme)
        if column.levels
    }
    ratings = (*scheme.rating_names, *scheme.not_rated, "")
    closed |= dict.fromkeys((RATING, *(stage.column for stage in scheme.stages)), ratings)
    for characteristic in scheme.characteristics:
        closed[characteristic.name] += (UNDECLARED, UNKNOWN)
        yield from _merged_codes(characteristic, mapping)
    closed["stage"] = tuple(stage.name for stage in scheme.stages)
    for name, given in mapping.values.items():
        for label in dict.fromkeys(given.values()):
            if name in closed and label not in closed[name]:
                hint = nearest(label, closed[name])
                yield f"values.{name}: {label!r} is not a label of the scheme{hint}"


def _merged_codes(characteristic: Characteristic, mapping: Mapping) -> Iterator[str]:
    """Undeclared and Unknown are two codes; no mapping may make one of them the other (DQ6)."""
    codes = ((UNDECLARED, characteristic.undeclared), (UNKNOWN, characteristic.unknown))
    means = {label_key(s): code for code, spellings in codes for s in (code, *spellings)}
    for label, target in mapping.values.get(characteristic.name, {}).items():
        meaning = means.get(label_key(label), target)
        if target in {UNDECLARED, UNKNOWN} and meaning != target:
            yield f"values.{characteristic.name}: {label!r} means {meaning}, not {target} (DQ6)"
