"""A pack written to a folder: the page people open, its workbook, the facts an index needs."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from pmstats.report.files import FACTS, pack_file, write_owner_only
from pmstats.report.page import page
from pmstats.report.workbook import write_pack_workbook

if TYPE_CHECKING:
    from pmstats.release.restricted.bundle import RestrictedPack
    from pmstats.scheme import Scheme


def write_pack(pack: RestrictedPack, folder: str | Path, *, scheme: Scheme) -> tuple[Path, ...]:
    """Write a pack's page, workbook and facts into a folder and give their paths, the page first.

    Page and workbook are called what the scheme calls its packs. An empty `folder` writes
    nothing. The same pack gives the same bytes. Files are readable by their owner alone. Without
    gptables there is no workbook.
    """
    if not folder:
        return ()
    out, name = Path(folder), pack_file(pack.cover.pack, ".html")
    facts = {
        "department": pack.cover.department,
        "stage": pack.cover.stage,
        "cycle": pack.cover.cycle,
        "framework": scheme.title,
        "headlines": [[line.question, line.answer] for line in pack.headlines],
        "provenance": dict(pack.cover.provenance),
    }
    return (
        write_owner_only(out / name, page(pack, scheme=scheme)),
        *([write_pack_workbook(pack, out)] if find_spec("gptables") else []),
        write_owner_only(out / FACTS, json.dumps(facts, ensure_ascii=False, indent=1) + "\n"),
    )
