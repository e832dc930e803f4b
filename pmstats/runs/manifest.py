"""What a run did, for the next program to read: one JSON file beside the packs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from pmstats.plain_file import read_plain
from pmstats.runs.execute import Outcome, Status
from pmstats.runs.receipt import versions
from pmstats.runs.staging import replace_file

MANIFEST = "manifest.json"


def write_manifest(
    folder: Path, *, outcomes: Sequence[Outcome], facts: Mapping[str, object]
) -> Path:
    """Write what ran, with which versions, how each department ended and how long it took.

    Each cell's seconds are under its id; a department kept from an earlier run has the times
    of that run. `other_notebooks` has the last run of every other notebook into this folder.
    """
    path = folder / MANIFEST
    held = {
        **facts,
        "versions": versions(),
        "counts": {str(kind): sum(each.status is kind for each in outcomes) for kind in Status},
        "departments": [
            {
                "department": each.department,
                "folder": each.folder.name,
                "status": each.status,
                "message": each.message,
                "seconds": each.seconds,
                "cells": dict(each.cells),
                "files": list(each.files),
            }
            for each in outcomes
        ],
        "other_notebooks": _others(path, than=str(facts["notebook"])),
    }
    replace_file(path, json.dumps(held, ensure_ascii=False, indent=1) + "\n")
    return path


def _others(path: Path, *, than: str) -> dict[str, object]:
    """The last run of each notebook but this one, from the manifest that is there; or none."""
    try:
        last = json.loads(read_plain(path))
        runs = {**last.pop("other_notebooks", {}), str(last["notebook"]): last}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
    return {name: run for name, run in sorted(runs.items()) if name != than}
