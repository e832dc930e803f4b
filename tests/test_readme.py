"""The README cannot drift: its Python runs, its help is the program's, its files exist."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pmstats.cli import parser

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(kind: str) -> list[str]:
    """The fenced blocks of one kind."""
    return re.findall(rf"```{kind}\n(.*?)```", README, re.DOTALL)


def test_the_python_of_the_readme_runs() -> None:
    """The example reads the sample and prints a sentence for each characteristic."""
    (example,) = blocks("python")
    done = subprocess.run(
        [sys.executable, "-c", example], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("Sex: ")
    assert len(done.stdout.splitlines()) == 7


def test_the_help_of_the_readme_is_the_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """What `pmstats --help` prints at 80 columns stands in the README word for word."""
    monkeypatch.setitem(os.environ, "COLUMNS", "80")
    assert parser().format_help().strip() in README


def test_every_make_target_named_exists() -> None:
    """Commands a reader may type are in the Makefile."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {"packs", "test", *re.findall(r"`make ([a-z]+)`", README)} <= targets


def test_every_file_named_exists() -> None:
    """Paths in the tables lead somewhere."""
    named = set(re.findall(r"`((?:pmstats|notebooks|docs|data)/[\w./]*)`", README))
    stages = set(
        re.findall(r"`((?:scheme|cohort|counts|findings|release|report|runs)/\w+\.\w+)`", README)
    )
    assert stages
    missing = [p for p in named if not (ROOT / p).exists()]
    missing += [p for p in stages if not (ROOT / "pmstats" / p).exists()]
    assert not missing
