"""The index page over packs: one cycle's, or every department and cycle in a folder."""

from __future__ import annotations

import base64
import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from pmstats.plain_file import read_plain
from pmstats.report.environment import environment, style
from pmstats.report.files import FACTS, pack_file
from pmstats.report.wording import counted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jinja2 import Template

    from pmstats.scheme import Scheme

#: What a reader can pick the packs by; as `Verdict` has it, which would load all statistics.
PROMPTS = ("gap", "possible gap")
NO_PROMPT, NOT_MADE = "none", "not made"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One pack's line of the index; `message` says why there is none.

    `kinds` are the words it can be picked by: its prompts, `none`, or `not made`.
    """

    department: str
    folder: str
    done: bool
    cycle: str = ""
    rated: str = ""
    prompts: str = ""
    message: str = ""
    kinds: tuple[str, ...] = (NOT_MADE,)

    @property
    def rated_n(self) -> int:
        """The number of people rated, to sort by; 0 where the line says none."""
        digits = self.rated.split(" ")[0].replace(",", "")
        return int(digits) if digits.isdigit() else 0


def entry_of(facts: Mapping[str, object], *, folder: str) -> Entry:
    """The index line of a pack from the facts written beside it."""
    headlines = facts["headlines"]
    if not isinstance(headlines, list):
        raise TypeError("headlines are a list")
    answers = [answer for _, answer in headlines]
    prompts = {kind: answers.count(kind) for kind in PROMPTS if kind in answers}
    return Entry(
        department=str(facts["department"]),
        folder=folder,
        done=True,
        cycle=f"{facts['cycle']}, {facts['stage']}",
        rated=answers[0],
        prompts=", ".join(counted(count, kind) for kind, count in prompts.items()) or NO_PROMPT,
        kinds=tuple(prompts) or (NO_PROMPT,),
    )


def entries_in(reports: str | Path, *, framework: str) -> tuple[Entry, ...]:
    """An index line for every pack of a framework in a reports folder, cycle by cycle.

    A pack is a folder in the folder of a cycle; hidden folders are nobody's, and facts that
    cannot be read are no pack's.
    """
    root = Path(reports)
    found = []
    for path in sorted(root.glob(f"[!.]*/[!.]*/{FACTS}")):
        with suppress(OSError, ValueError, LookupError, TypeError, AttributeError):
            facts = json.loads(read_plain(path))
            if facts.get("framework") == framework:
                found.append(entry_of(facts, folder=path.parent.relative_to(root).as_posix()))
    return tuple(found)


def template() -> Template:
    """The template of the page, compiled when it is first asked for."""
    return environment().get_template("index.html.j2")


def index_page(entries: Sequence[Entry], *, scheme: Scheme, stage: str) -> str:
    """One HTML page that lists packs, those not made with the reason.

    It needs no server: search, filters and sorting are one inline script, and without it the
    page is the whole list.
    """
    from markupsafe import Markup

    script = resources.files("pmstats.report").joinpath("templates/index.js").read_text()
    cycles = sorted({entry.cycle for entry in entries if entry.cycle})
    kinds = {kind for entry in entries for kind in entry.kinds}
    several = len(cycles) > 1
    known = scheme.stage(stage)
    return template().render(
        entries=sorted(entries, key=lambda entry: (entry.department, entry.cycle)),
        missing=sum(not entry.done for entry in entries),
        cycles=cycles,
        prompts=[kind for kind in (*PROMPTS, NO_PROMPT, NOT_MADE) if kind in kinds],
        counted=counted,
        css=style(),
        script=Markup(script),
        script_hash=Markup(_hash(script)),
        packs=scheme.notices.packs,
        made_for=scheme.made_for,
        fairness=scheme.fairness,
        banner=scheme.notices.banner,
        handling=scheme.notices.handling,
        stage="Every stage" if several else known.title,
        cycle="every cycle" if several else scheme.cycle,
        page=pack_file(scheme.notices.pack, ".html"),
    )


def _hash(script: str) -> str:
    """What the page's policy lets run: this script and no other."""
    digest = hashlib.sha256(script.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
