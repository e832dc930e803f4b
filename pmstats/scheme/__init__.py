"""The rulebook: takes a TOML file; gives a `Scheme`, the framework as checked data."""

from pmstats.scheme.load import DEFAULT_SCHEME, load_scheme, scheme_names
from pmstats.scheme.scheme import Characteristic, Framing, Level, Rating, Scheme, Stage
from pmstats.scheme.years import a_year_earlier

__all__ = [
    "DEFAULT_SCHEME",
    "Characteristic",
    "Framing",
    "Level",
    "Rating",
    "Scheme",
    "Stage",
    "a_year_earlier",
    "load_scheme",
    "scheme_names",
]
