"""Names that a package hands out and loads when they are first used, not before.

A command that needs no statistics starts without them, and one that lists packs without pages.
A package whose functions have the names of their modules cannot do it: the module would be found.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module


def on_demand(package: str, homes: Mapping[str, str]) -> Callable[[str], object]:
    """The `__getattr__` of a package: names, and the module of the package each lives in.

    `homes` maps a module to its names, parted by spaces.
    """
    home_of = {name: module for module, names in homes.items() for name in names.split()}

    def named(name: str) -> object:
        if name not in home_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f"{package}.{home_of[name]}"), name)

    return named
