"""What a run did, for the next program to read: one JSON file beside the packs."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from pmstats.report.pack import write_owner_only
from pmstats.runs.execute import Outcome

MANIFEST = "manifest.json"


def write_manifest(
    folder: Path, *, outcomes: Sequence[Outcome], facts: Mapping[str, object]
) -> Path:
    """Write what ran, with which versions, how each department ended and how long it took."""
    held = {
        **facts,
        "versions": {
            "pmstats": version("pmstats"),
            "python": platform.python_version(),
            **{name: version(name) for name in ("numpy", "scipy", "pandas", "papermill")},
        },
        "departments": [
            {
                "department": each.department,
                "folder": each.folder.name,
                "status": "done" if each.done else "failed",
                "message": each.message,
                "seconds": round(each.seconds, 2),
                "files": list(each.files),
            }
            for each in outcomes
        ],
    }
    text = json.dumps(held, ensure_ascii=False, indent=1) + "\n"
    return write_owner_only(folder / MANIFEST, text)
