"""Reading TOML strictly: every fault at once, each with the nearest known name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from difflib import get_close_matches
from enum import StrEnum
from functools import cache
from typing import TypeVar

from cattrs import ClassValidationError, Converter, ForbiddenExtraKeysError, transform_error

Kind = TypeVar("Kind")


class StrictFaults(Exception):
    """Raised with every fault of a TOML file, one sentence each."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(self.faults))


def structured(entries: Mapping[str, object], kind: type[Kind]) -> Kind:
    """The entries as a value of this dataclass; no key unknown, no value of another type.

    Raises `StrictFaults` with everything wrong at once.
    """
    try:
        return _converter().structure(entries, kind)
    except ClassValidationError as error:
        raise StrictFaults(_structure_faults(error)) from None


def nearest(name: str, known: Iterable[str]) -> str:
    """A question naming the closest known name, or nothing when none is close.

    >>> nearest("colums", ["columns", "fixed"])
    ": did you mean 'columns'?"
    """
    close = get_close_matches(name, list(known), n=1)
    return f": did you mean {close[0]!r}?" if close else ""


@cache
def _converter() -> Converter:
    converter = Converter(forbid_extra_keys=True, detailed_validation=True)
    converter.register_structure_hook(str, _strictly(str, "text"))
    # Without its own hook a StrEnum takes the one for str and stays plain text.
    converter.register_structure_hook(StrEnum, _one_of)
    converter.register_structure_hook(bool, _strictly(bool, "true or false"))
    converter.register_structure_hook(int, _strictly(int, "a whole number"))
    converter.register_structure_hook(float, _number)
    converter.register_structure_hook(date, _strictly(date, "a date such as 2024-12-31"))
    return converter


def _strictly(kind: type, words: str) -> Callable[[object, object], object]:
    def hook(value: object, _: object) -> object:
        if type(value) is not kind:
            raise ValueError(f"expected {words}, got {value!r}")
        return value

    return hook


def _one_of(value: object, kind: type[StrEnum]) -> StrEnum:
    names = [str(member) for member in kind]
    if value not in names:
        raise ValueError(f"expected one of {', '.join(names)}; got {value!r}")
    return kind(value)


def _number(value: object, _: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"expected a number, got {value!r}")
    return float(value)


def _structure_faults(error: ClassValidationError) -> Iterator[str]:
    for line in transform_error(error, format_exception=_fault):
        yield line.replace(" @ $.", " at ").replace(" @ $", " at the top level")


def _fault(error: BaseException, _: type | None) -> str:
    if isinstance(error, ForbiddenExtraKeysError):
        known = [f.name for f in fields(error.cl)] if is_dataclass(error.cl) else []
        return "; ".join(
            f"unknown key {name!r}{nearest(name, known)}" for name in sorted(error.extra_fields)
        )
    if isinstance(error, KeyError):
        return f"missing key {error.args[0]!r}"
    return str(error)
