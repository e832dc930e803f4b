"""A pack written to a folder: the page people open and the facts an index needs."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from pmstats.report.page import page

if TYPE_CHECKING:
    from pmstats.release.bundle import RestrictedPack
    from pmstats.scheme import Scheme

PAGE = "consistency_check_pack.html"
FACTS = "pack.json"


def write_pack(pack: RestrictedPack, folder: str | Path, *, scheme: Scheme) -> tuple[Path, ...]:
    """Write a pack's page and facts into a folder and give their paths.

    An empty `folder` writes nothing. The same pack gives the same bytes. Files are readable by
    their owner alone.
    """
    if not folder:
        return ()
    out = Path(folder)
    facts = {
        "department": pack.cover.department,
        "stage": pack.cover.stage,
        "cycle": pack.cover.cycle,
        "headlines": [[line.question, line.answer] for line in pack.headlines],
        "provenance": dict(pack.cover.provenance),
    }
    return (
        write_owner_only(out / PAGE, page(pack, scheme=scheme)),
        write_owner_only(out / FACTS, json.dumps(facts, ensure_ascii=False, indent=1) + "\n"),
    )


def write_owner_only(path: Path, text: str) -> Path:
    """Write a text file that appears whole or not at all, readable by its owner alone."""
    partial = path.with_name(f".{path.name}.partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    return path
