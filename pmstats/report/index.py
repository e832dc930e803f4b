"""The index page over the packs of a cycle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pmstats.findings.finding import Verdict
from pmstats.report.pack import PAGE
from pmstats.report.page import environment, style

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pmstats.scheme import Scheme


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One department's line of the index; `message` says why there is no pack."""

    department: str
    folder: str
    done: bool
    rated: str = ""
    prompts: str = ""
    message: str = ""


def entry_of(facts: Mapping[str, object], *, folder: str) -> Entry:
    """The index line of a pack from the facts written beside it."""
    headlines = facts["headlines"]
    assert isinstance(headlines, list)
    answers = [answer for _, answer in headlines]
    prompts = [answers.count(str(kind)) for kind in (Verdict.GAP, Verdict.POSSIBLE_GAP)]
    words = [
        f"{count} {kind}"
        for count, kind in zip(prompts, ("gap", "possible gap"), strict=True)
        if count
    ]
    return Entry(
        department=str(facts["department"]),
        folder=folder,
        done=True,
        rated=answers[0],
        prompts=", ".join(words) or "none",
    )


def index_page(entries: Sequence[Entry], *, scheme: Scheme, stage: str) -> str:
    """One HTML page that lists every department's pack, those not made with the reason."""
    return (
        environment()
        .get_template("index.html.j2")
        .render(
            entries=sorted(entries, key=lambda entry: entry.department),
            css=style(),
            banner=scheme.notices.banner,
            handling=scheme.notices.handling,
            stage=scheme.stage(stage).title,
            cycle=scheme.year.label if scheme.year else scheme.edition,
            page=PAGE,
        )
    )
