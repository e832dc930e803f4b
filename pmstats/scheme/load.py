"""Reading a scheme file: strict, every fault at once, each with the nearest known name."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import fields, replace
from functools import cache
from importlib import resources
from string import Formatter

from pmstats.errors import SchemeError
from pmstats.plain_file import read_plain
from pmstats.scheme.coherence import incoherences
from pmstats.scheme.release_rules import release_faults
from pmstats.scheme.scheme import Characteristic, Scheme
from pmstats.scheme.strict import StrictFaults, nearest, structured

#: The words in braces that a prompt may use.
PROMPT_WORDS = frozenset({"unrated", "in_table", "rating", "expected", "n", "title"})

#: The scheme used when none is named.
DEFAULT_SCHEME = "scs_2024_25"


def scheme_names() -> tuple[str, ...]:
    """The names of the schemes that come with pmstats, in alphabetical order."""
    folder = resources.files("pmstats.scheme")
    return tuple(sorted(f.name[:-5] for f in folder.iterdir() if f.name.endswith(".toml")))


@cache
def load_scheme(name_or_path: str = DEFAULT_SCHEME) -> Scheme:
    """The scheme of this name, or the one in this TOML file.

    Raises `SchemeError`, naming every fault at once, when the file has an unknown or missing
    key, a value of the wrong kind, or entries that contradict each other.

    >>> load_scheme("scs_2024_25").best_first
    ('Exceeding', 'High Performing', 'Achieving', 'Partially Met')
    """
    raw = _scheme_file(name_or_path)
    try:
        entries = tomllib.loads(raw.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SchemeError(f"scheme {name_or_path}: not a TOML file: {error}") from None
    try:
        scheme = structured(entries, Scheme)
    except StrictFaults as error:
        raise SchemeError(_report(name_or_path, error.faults)) from None
    faults = list(_contradictions(scheme))
    if faults:
        raise SchemeError(_report(name_or_path, faults))
    return replace(scheme, sha256=hashlib.sha256(raw).hexdigest())


def _scheme_file(name_or_path: str) -> bytes:
    if name_or_path.endswith(".toml"):
        try:
            return read_plain(name_or_path)
        except OSError as error:
            raise SchemeError(f"scheme {name_or_path}: {error.strerror}.") from None
    if name_or_path not in scheme_names():
        raise SchemeError(
            f"There is no scheme {name_or_path!r}{nearest(name_or_path, scheme_names()) or '.'} "
            f"Known schemes: {', '.join(scheme_names())}; or give a path ending in .toml."
        )
    return resources.files("pmstats.scheme").joinpath(f"{name_or_path}.toml").read_bytes()


def _report(name: str, faults: Iterable[str]) -> str:
    return f"scheme {name}:\n" + "\n".join(f"  - {fault}" for fault in faults)


def _contradictions(scheme: Scheme) -> Iterator[str]:
    boxes = set(scheme.rating_names)
    yield from _twice("ratings", (s for r in scheme.ratings for s in (r.name, *r.also)))
    for framing in scheme.framings:
        for name in framing.ratings:
            if name not in boxes:
                yield f"framing {framing.name!r}: no rating {name!r}{nearest(name, boxes)}"
    if scheme.curve:
        for name in (scheme.curve.largest, *(share.rating for share in scheme.curve.shares)):
            if name not in boxes:
                yield f"curve: no rating {name!r}{nearest(name, boxes)}"
        guide = scheme.curve.guide
        if guide and (len(guide) != len(boxes) or abs(sum(guide) - 1) > 1e-9):
            yield f"curve: guide needs {len(boxes)} shares that add to 1"
    yield from _process_faults(scheme)
    yield from _twice("grades", (s for g in scheme.grades for s in (g.name, *g.also)))
    for characteristic in scheme.characteristics:
        yield from _characteristic_faults(characteristic)
    for prompt in fields(scheme.prompts):
        unknown = _braces(getattr(scheme.prompts, prompt.name)) - PROMPT_WORDS
        for name in sorted(unknown):
            yield f"prompts.{prompt.name}: no word {{{name}}}{nearest(name, PROMPT_WORDS)}"
    if scheme.fairness and scheme.unit != "person":
        yield f"fairness = true needs unit = 'person', not {scheme.unit!r}"
    if scheme.release:
        yield from release_faults(scheme.release, scheme.rating_names)
    yield from incoherences(scheme)


def _process_faults(scheme: Scheme) -> Iterator[str]:
    """Stages and boxes that moderation, support or awards name and the scheme lacks."""
    stages, boxes = {stage.name for stage in scheme.stages}, set(scheme.rating_names)
    named: list[tuple[str, str, set[str]]] = []
    if scheme.moderation:
        named += [("moderation: no stage", name, stages) for name in scheme.moderation.steps]
        named += [
            ("moderation: no rating", each.highest, boxes) for each in scheme.moderation.ceilings
        ]
    if scheme.support:
        named += [
            ("support: no stage", name, stages)
            for name in (*scheme.support.quarters, scheme.support.final)
        ]
        named.append(("support: no rating", scheme.support.rating, boxes))
    if scheme.awards:
        ratings = (*scheme.awards.end_year_ratings, *scheme.awards.first_ratings)
        named += [("awards: no rating", name, boxes) for name in ratings]
        named.append(("awards: no stage", scheme.awards.rating_stage, stages))
    for words, name, known in named:
        if name not in known:
            yield f"{words} {name!r}{nearest(name, known)}"


def _braces(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def _characteristic_faults(characteristic: Characteristic) -> Iterator[str]:
    where = f"characteristic {characteristic.name!r}"
    names = [level.name for level in characteristic.levels]
    if characteristic.compare_at not in names:
        yield f"{where}: no level {characteristic.compare_at!r}; it has {', '.join(names)}"
    for depth, level in enumerate(characteristic.levels):
        if level.reference not in level.group_names:
            yield f"{where}, {level.name}: reference {level.reference!r} is not one of its groups"
        last = depth + 1 == len(characteristic.levels)
        broader = () if last else characteristic.levels[depth + 1].group_names
        for group in level.groups:
            if not last and group.within not in broader:
                yield (
                    f"{where}, {level.name}: {group.name!r} is within {group.within!r}, "
                    f"which is not a group of {names[depth + 1]}{nearest(group.within, broader)}"
                )
        spellings = (s for group in level.groups for s in (group.name, *group.also))
        yield from _twice(f"{where}, {level.name}", spellings)


def _twice(where: str, spellings: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for spelling in spellings:
        if spelling in seen:
            yield f"{where}: {spelling!r} stands for two things"
        seen.add(spelling)
