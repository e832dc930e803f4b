"""The house itself: one-way imports, modules of a readable size, no room without a name."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import pmstats

PACKAGE = Path(pmstats.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))


def test_the_data_flow_is_one_way() -> None:
    """The layers of pyproject.toml hold: import-linter's own verdict."""
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=PACKAGE.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_can_be_read_in_one_sitting(module: Path) -> None:
    """No module is over 400 lines, none is nameless, and each says what it is."""
    source = module.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 400
    assert module.stem not in {"utils", "util", "helpers", "common", "misc"}
    assert ast.get_docstring(ast.parse(source))


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_nobody_inside_imports_the_package_root(module: Path) -> None:
    """The root only hands out names; a stage names the stage it needs."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.module != "pmstats"
            assert not node.level


def test_every_public_name_exists_and_says_what_it_gives() -> None:
    """`pmstats.__all__` is sorted, complete and documented."""
    assert sorted(pmstats.__all__) == pmstats.__all__
    assert all(getattr(pmstats, name).__doc__ for name in pmstats.__all__)
