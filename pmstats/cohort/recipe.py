"""Made-up exports from a recipe: a TOML file that says how each column comes about.

The recipe is the truth of the export it makes: its weights are the shares to be found again,
its planted rows the breaches a check should name. The same recipe gives the same bytes.
"""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import product
from pathlib import Path

import numpy as np

from pmstats.errors import ParameterError
from pmstats.scheme.strict import StrictFaults, structured

Row = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A number that starts at another column's and moves by a slope for each place in `over`."""

    start: str
    over: str
    per: str
    slopes: dict[str, float]
    noise: float = 0.0
    places: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """How one column comes about; the first of these that is given.

    `pattern` is text with {n}, the row's number from 1. `choose` draws an answer by its weight,
    `choices` by the weights for the answer in `given`; `values` looks the cell up by that
    answer. `first` and `last` draw a day between them, or, with `after`, so many days after
    that column's. `least` and `most` draw a whole number; `share` counts how many of the number
    in `part_of` happened. `line` is a number that moves. With `per`, one draw serves all rows
    that agree in those columns; `only` leaves cells blank where other columns say otherwise,
    and `missing` is the share left blank by chance. A column that is not `written` serves others.
    """

    name: str
    pattern: str = ""
    choose: dict[str, float] = field(default_factory=dict)
    given: str = ""
    choices: dict[str, dict[str, float]] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    first: date | None = None
    last: date | None = None
    after: str = ""
    least: int | None = None
    most: int | None = None
    part_of: str = ""
    share: float | None = None
    line: Line | None = None
    per: tuple[str, ...] = ()
    only: dict[str, tuple[str, ...]] = field(default_factory=dict)
    missing: float = 0.0
    written: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """So many rows, the first for which `where` holds, changed so that they break a rule."""

    what: str
    rows: int
    cells: dict[str, str]
    where: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Rows to make: one for each combination of the answers in `each`, `rows` times over."""

    seed: int
    what: str
    columns: tuple[Made, ...]
    rows: int = 1
    each: dict[str, tuple[str, ...]] = field(default_factory=dict)
    planted: tuple[Planted, ...] = ()


def load_recipe(path: str | Path) -> Recipe:
    """The recipe in a TOML file. Raises `ParameterError` naming every fault at once."""
    name = Path(path).name
    try:
        return structured(tomllib.loads(Path(path).read_text(encoding="utf-8")), Recipe)
    except OSError as error:
        raise ParameterError(f"recipe {name}: {error.strerror}.") from None
    except tomllib.TOMLDecodeError as error:
        raise ParameterError(f"recipe {name}: not a TOML file: {error}") from None
    except StrictFaults as error:
        faults = "\n".join(f"  - {fault}" for fault in error.faults)
        raise ParameterError(f"recipe {name}:\n{faults}") from None


def made_rows(recipe: Recipe) -> list[Row]:
    """The rows of a recipe, in the order of its combinations, every cell as text."""
    random = np.random.default_rng(recipe.seed)
    combinations = list(product(*recipe.each.values()))
    rows = [dict(zip(recipe.each, each, strict=True)) for each in combinations * recipe.rows]
    for made in recipe.columns:
        drawn: dict[tuple[str, ...], str] = {}
        for place, row in enumerate(rows):
            if any(row[name] not in answers for name, answers in made.only.items()):
                row[made.name] = ""
                continue
            key = tuple(row[name] for name in made.per) if made.per else (str(place),)
            if key not in drawn:
                cell = _cell(made, row, recipe, random=random, n=len(drawn) + 1)
                drawn[key] = "" if made.missing and random.random() < made.missing else cell
            row[made.name] = drawn[key]
    for planted in recipe.planted:
        _plant(planted, rows)
    return rows


def write_recipe(path: str | Path, out: str | Path) -> Path:
    """Write the export of a recipe as CSV and give its path."""
    recipe = load_recipe(path)
    rows = made_rows(recipe)
    hidden = {made.name for made in recipe.columns if not made.written}
    names = [name for name in rows[0] if name not in hidden]
    text = io.StringIO()
    writer = csv.DictWriter(text, names, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    Path(out).write_text(text.getvalue(), encoding="utf-8")
    return Path(out)


def _cell(made: Made, row: Row, recipe: Recipe, *, random: np.random.Generator, n: int) -> str:
    for cell in _ways(made, row, recipe, random=random, n=n):
        return cell
    raise ParameterError(f"recipe: column {made.name!r} does not say how it comes about.")


def _ways(
    made: Made, row: Row, recipe: Recipe, *, random: np.random.Generator, n: int
) -> Iterator[str]:
    """The cell, by the first way of making it that the column gives."""
    if made.pattern:
        yield made.pattern.format(n=n)
    weights = made.choices.get(row[made.given], {}) if made.choices else made.choose
    if made.choose or made.choices:
        yield _drawn(weights, random)
    if made.values:
        yield made.values.get(row[made.given], "")
    if made.after:
        yield _days_after(row[made.after], made, random)
    if made.first and made.last:
        span = (made.last - made.first).days
        yield (made.first + timedelta(days=int(random.integers(span + 1)))).isoformat()
    if made.part_of and made.share is not None:
        yield str(random.binomial(int(row[made.part_of] or 0), made.share))
    if made.least is not None and made.most is not None:
        yield str(random.integers(made.least, made.most + 1))
    if made.line:
        yield _on_line(made.line, row, recipe, random)


def _drawn(weights: dict[str, float], random: np.random.Generator) -> str:
    if not weights:
        return ""
    shares = np.array(list(weights.values())) / sum(weights.values())
    return list(weights)[int(random.choice(len(shares), p=shares))]


def _days_after(day: str, made: Made, random: np.random.Generator) -> str:
    if not day:
        return ""
    days = int(random.integers(made.least or 0, (made.most or 0) + 1))
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


def _on_line(line: Line, row: Row, recipe: Recipe, random: np.random.Generator) -> str:
    place = recipe.each[line.over].index(row[line.over])
    value = float(row[line.start]) + line.slopes.get(row[line.per], 0.0) * (place + 1)
    return f"{value + line.noise * random.normal():.{line.places}f}"


def _plant(planted: Planted, rows: Sequence[Row]) -> None:
    found = [
        row
        for row in rows
        if all(row[name] in answers for name, answers in planted.where.items())
        and any(row[name] != cell for name, cell in planted.cells.items())
    ][: planted.rows]
    if len(found) < planted.rows:
        raise ParameterError(f"recipe: too few rows to plant: {planted.what}")
    for row in found:
        row.update(planted.cells)
