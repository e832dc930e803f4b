"""The strategy map: which indicator serves which factor, and which factor which objective."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pmstats.errors import ParameterError

if TYPE_CHECKING:
    from pmstats.cohort.cohort import Cohort


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class StrategyLinks:
    """Chains from what is aimed at to what is measured, one a row, each once, in order.

    An empty text is a link that is missing.
    """

    title: str
    top: str
    headings: tuple[str, ...]
    chains: tuple[tuple[str, ...], ...]
    paragraph: str

    def __repr__(self) -> str:
        return f"<StrategyLinks: {len(self.chains)} chains>"


def strategy_links(cohort: Cohort) -> StrategyLinks:
    """The links of the scheme's strategy map that the export holds.

    Raises `ParameterError` for a scheme without a strategy map or an export without its columns.
    """
    rules = cohort.scheme.strategy
    if rules is None or not set(rules.columns) <= set(cohort.people.columns):
        raise ParameterError(f"The export holds no strategy map of {cohort.scheme.title}.")
    titles = {column.name: column.title for column in cohort.scheme.columns}
    cells = cohort.people[list(rules.columns)].astype(object)
    rows = cells.where(cells.notna(), "").itertuples(index=False, name=None)
    return StrategyLinks(
        title=rules.title,
        top=rules.top,
        headings=tuple(titles[name] for name in rules.columns),
        chains=tuple(sorted({tuple(map(str, row)) for row in rows})),
        paragraph=rules.paragraph,
    )
