"""The types of a rating scheme: what a framework document says, held as data.

Every entry names the paragraph it comes from, so that a pack can say where a rule stands.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TypeVar

from pmstats.scheme.columns import OwnColumn
from pmstats.scheme.expectations import Expectation
from pmstats.scheme.process import AwardRules, ModerationRules, SupportRules
from pmstats.scheme.raters import Peers, Progress, Raters, StrategyMap
from pmstats.scheme.release_rules import ReleaseRules
from pmstats.scheme.statuses import Indicators, Process, Spacing
from pmstats.scheme.words import Counted, LeftOut, Reason


class Unit(StrEnum):
    """What one row of an export is. Only people have protected characteristics."""

    PERSON = "person"
    OBJECTIVE = "objective"
    ORGANISATION = "organisation"
    PROVIDER = "provider"
    RESPONSE = "response"
    INDICATOR = "indicator"


class Order(StrEnum):
    """The direction in which the scheme lists its ratings; never guessed."""

    BEST_FIRST = "best first"
    WORST_FIRST = "worst first"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """One box of the scale, with the other spellings that mean the same box."""

    name: str
    abbreviation: str
    also: tuple[str, ...] = ()
    paragraph: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Framing:
    """A yes-or-no way to look at the scale: the people in these boxes against the rest.

    `margin` is the difference of shares (0 to 1) within which a gap is not material; without
    it the scheme's `margin_share` holds.
    """

    name: str
    ratings: tuple[str, ...]
    paragraph: str
    margin: float | None = None
    margin_source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedShare:
    """A share the framework expects in one box (0 to 1): a description, never a target."""

    rating: str
    share: float
    paragraph: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """What the framework says of the shape: the largest box and the expected shares.

    `note` says how the curve is meant to be read; it stands beside every comparison with it.
    `fitting_paragraph` is where the framework asks that ratings are not changed to fit it.
    """

    largest: str
    paragraph: str
    fitting_paragraph: str = ""
    note: str = ""
    shares: tuple[ExpectedShare, ...] = ()
    guide: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A point of the year at which ratings exist, and the column that holds them.

    `moderated` stages follow the rules on who is moderated where (paras 67-68);
    the others look at everyone in post on the cut-off date.
    """

    name: str
    title: str
    column: str
    moderated: bool
    paragraph: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """A grade in scope, with its other spellings."""

    name: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One answer to a question about a characteristic, with its other spellings.

    `within` names the group it belongs to at the next coarser level; `people` is what a
    sentence calls its members ("women", "disabled people").
    """

    name: str
    also: tuple[str, ...] = ()
    within: str = ""
    people: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One degree of detail of a characteristic, and the comparator at that detail."""

    name: str
    reference: str
    groups: tuple[Group, ...]

    @property
    def group_names(self) -> tuple[str, ...]:
        """The groups of this level in the scheme's order."""
        return tuple(group.name for group in self.groups)


@dataclass(frozen=True, slots=True, kw_only=True)
class Characteristic:
    """A characteristic people are compared by.

    `levels` run from fine to coarse ("19 groups", "5 groups", "2 groups"); an export may
    record any of them. `compare_at` is the level of the primary test.
    """

    name: str
    title: str
    protected: bool
    levels: tuple[Level, ...]
    compare_at: str
    paragraph: str
    undeclared: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    def level(self, name: str) -> Level:
        """The level of this name. Raises `KeyError` when there is none."""
        return _named(self.levels, name)

    @property
    def answers(self) -> tuple[str, ...]:
        """Every answer an export may hold, at any level, fine before coarse, each once."""
        return tuple(dict.fromkeys(name for level in self.levels for name in level.group_names))

    def groups_at(self, name: str) -> dict[str, str]:
        """The group at a level for each answer recorded at that level or in finer detail.

        An answer recorded more coarsely than the level has no group there and is left out.
        """
        target = [level.name for level in self.levels].index(name)
        groups: dict[str, str] = {}
        broader = {group: group for group in self.levels[target].group_names}
        for level in reversed(self.levels[: target + 1]):
            if level is not self.levels[target]:
                broader = {group.name: broader[group.within] for group in level.groups}
            groups |= broader  # an answer named alike at two levels is the finer one
        return groups


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """The performance year and the dates on which eligibility turns."""

    label: str
    start: date
    end: date
    eligible_by: date
    mid_year_cut_off: date
    paragraph: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    """Settings the framework leaves open, with where each default comes from.

    All but the first two serve comparisons of people and are needed where there are any.
    """

    minimum_group: int
    minimum_group_source: str
    minimum_for_ratio: int = 0
    minimum_for_ratio_source: str = ""
    declaration_gate: float = 0.0
    declaration_gate_source: str = ""
    margin_share: float = 0.0
    margin_share_source: str = ""
    margin_superiority: float = 0.0
    margin_superiority_source: str = ""
    confidence: float = 0.95
    significance: float = 0.05
    power: float = 0.80


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A matter the framework leaves to the department, put as a question."""

    question: str
    default: str
    paragraph: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notices:
    """Words every pack of this scheme must carry; its files are called what `pack` says."""

    banner: str
    handling: str
    purpose: str
    pack: str = "Pack"
    packs: str = "Packs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompts:
    """Questions a pack may put to the meeting, each with the paragraph it rests on.

    Words in braces are filled in: {unrated}, {in_table}, {rating}, {expected}, {n}, {title}.
    A scheme with a curve, or with comparisons, needs the questions that go with them.
    """

    unrated: str
    largest_box: str = ""
    expected_share: str = ""
    gap: str = ""
    not_compared: str = ""
    moved: str = ""
    unexplained: str = ""
    paid: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraphs:
    """The paragraphs that the general sections of a pack rest on."""

    coverage: str
    distribution: str
    not_held: str = ""
    process: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """A rating scheme: scale, stages, curve, groups and settings, each with its paragraph.

    Ratings are held in the scheme's own `order`; use `best_first` and `worst_first` where
    direction matters. `framework_rules` says that the numbered rules of the rule book are this
    framework's own; `counted` is what one row is called. `sha256` identifies the file.
    """

    name: str
    title: str
    edition: str
    source: str
    unit: Unit
    fairness: bool
    order: Order
    ratings: tuple[Rating, ...]
    framings: tuple[Framing, ...]
    stages: tuple[Stage, ...]
    practice: Practice
    notices: Notices
    prompts: Prompts
    paragraphs: Paragraphs
    curve: Curve | None = None
    year: Year | None = None
    grades: tuple[Grade, ...] = ()
    outside_grades: tuple[str, ...] = ()
    characteristics: tuple[Characteristic, ...] = ()
    not_rated: tuple[str, ...] = ()
    blanks: tuple[str, ...] = ()
    decisions: tuple[Decision, ...] = ()
    not_held: tuple[str, ...] = ()
    release: ReleaseRules | None = None
    moderation: ModerationRules | None = None
    support: SupportRules | None = None
    awards: AwardRules | None = None
    counted: Counted = field(default_factory=Counted)
    left_out: tuple[LeftOut, ...] = ()
    framework_rules: bool = False
    columns: tuple[OwnColumn, ...] = ()
    process: Process | None = None
    spacing: Spacing | None = None
    indicators: Indicators | None = None
    raters: tuple[Raters, ...] = ()
    peers: Peers | None = None
    progress: tuple[Progress, ...] = ()
    expectations: tuple[Expectation, ...] = ()
    strategy: StrategyMap | None = None
    sha256: str = field(default="", compare=False)

    @property
    def rating_names(self) -> tuple[str, ...]:
        """The boxes in the scheme's own order."""
        return tuple(rating.name for rating in self.ratings)

    @property
    def best_first(self) -> tuple[str, ...]:
        """The boxes from best to worst."""
        return self.rating_names if self.order is Order.BEST_FIRST else self.rating_names[::-1]

    @property
    def worst_first(self) -> tuple[str, ...]:
        """The boxes from worst to best: the order in which statistics count upwards."""
        return self.best_first[::-1]

    def rating(self, name: str) -> Rating:
        """The box of this name. Raises `KeyError` when the scheme has none."""
        return _named(self.ratings, name)

    def stage(self, name: str) -> Stage:
        """The stage of this name. Raises `KeyError` when the scheme has none."""
        return _named(self.stages, name)

    def characteristic(self, name: str) -> Characteristic:
        """The characteristic of this name. Raises `KeyError` when the scheme has none."""
        return _named(self.characteristics, name)

    @property
    def made_for(self) -> str:
        """What this framework calls those for whom a pack is made: the department, elsewhere."""
        titles = (column.title for column in self.columns if column.name == "department")
        return next(titles, "Department")

    @property
    def cycle(self) -> str:
        """What a check is one of: the performance year, else the edition."""
        return self.year.label if self.year else self.edition

    @property
    def grouping(self) -> tuple[OwnColumn, ...]:
        """The framework's own columns that counts can be made by."""
        return tuple(column for column in self.columns if column.groups)

    @property
    def worked_out(self) -> tuple[str, ...]:
        """The columns of stages whose rating is worked out by rule and not recorded."""
        stages = [step.stage for step in self.process.steps] if self.process else []
        stages += [self.indicators.stage] if self.indicators else []
        return tuple(stage.column for stage in self.stages if stage.name in stages)

    @property
    def rating_sources(self) -> tuple[str, ...]:
        """The columns that ratings are read from or worked out from."""
        recorded = [s.column for s in self.stages if s.column not in self.worked_out]
        recorded += [step.column for step in self.process.steps] if self.process else []
        return (*recorded, *([self.indicators.actual] if self.indicators else []))

    def words_for(self, reason: Reason) -> LeftOut | None:
        """What the scheme says of those left out for this reason, if it says anything."""
        return next((each for each in self.left_out if each.reason is reason), None)

    def framing(self, name: str) -> Framing:
        """The framing of this name. Raises `KeyError` when the scheme has none."""
        return _named(self.framings, name)


Named = TypeVar("Named", Rating, Stage, Level, Characteristic, Framing)


def _named(entries: tuple[Named, ...], name: str) -> Named:
    for entry in entries:
        if entry.name == name:
            return entry
    raise KeyError(name)
