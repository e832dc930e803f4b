"""The door: what leaves is registered, made nowhere else, and faults of the protector stop it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from pmstats.cohort import Cohort
from pmstats.counts import Distribution, breakdowns, coverage, distribution
from pmstats.errors import DisclosureRefusal
from pmstats.release.released import door, protect
from pmstats.release.released.audit import audit
from pmstats.release.released.coarsen import audited
from pmstats.release.released.door import Views, registered, release
from pmstats.release.released.facts import Fact, FactKind, Register
from pmstats.release.released.material import Material, material
from pmstats.release.released.policy import policy_for
from pmstats.release.released.protect import COVERAGE, CountRow, CountTable, View
from pmstats.release.released.release import ReleasedSentence, ReleasedTable
from pmstats.release.released.sections import WHY
from pmstats.release.released.words import LARGEST, verdict_id
from pmstats.release.table import Column
from pmstats.scheme import Scheme

MaterialOf = Callable[..., Material]
Printer = Callable[..., Register]

SMALL = "Puddle Office"


@pytest.fixture(scope="module")
def small(material_of: MaterialOf) -> Material:
    """The counts of a made-up department of 60."""
    return material_of(SMALL)


# ---- made at the door and nowhere else -----------------------------------------------------------


def test_a_released_table_cannot_be_made_elsewhere() -> None:
    """Whoever has numbers of their own cannot dress them as a released table or sentence."""
    columns = (Column(name="Who"), Column(name="n"))
    with pytest.raises(TypeError):
        ReleasedTable(id="t", caption="c", columns=columns, rows=(("a", "7"),), key=object())
    with pytest.raises(TypeError):
        ReleasedSentence(text="7 people", key=object())


def test_a_released_table_cannot_be_altered(small: Material, scs: Scheme) -> None:
    """A copy with other rows needs the door's key too."""
    made = release(small, scheme=scs)
    with pytest.raises((TypeError, ValueError)):
        replace(made.tables[0], rows=(("a", "7"),))
    with pytest.raises((TypeError, ValueError)):
        replace(made, sections=())


def test_a_number_without_a_fact_has_no_place() -> None:
    """Even the door cannot put a bare number into a table or a sentence."""
    columns = (Column(name="Who"), Column(name="n"))
    with pytest.raises(TypeError, match="not a fact"):
        ReleasedTable(id="t", caption="c", columns=columns, rows=(("a", "7"),), key=door_key())
    with pytest.raises(TypeError, match="not a fact"):
        ReleasedSentence(text="{} and 7 people", parts=("some",), key=door_key())


def test_a_printed_number_outside_the_register_stops_the_release(
    small: Material, scs: Scheme, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table outside the joint system: its numbers are printed but not registered."""
    made = door.registered

    def forgetful(*arguments: object, **named: object) -> Register:
        register = made(*arguments, **named)  # type: ignore[arg-type]
        return replace(
            register, facts=tuple(f for f in register.facts if not f.id.startswith("sex-"))
        )

    policy = policy_for(scs, people=small.people)
    views = Views()
    whole = door.registered(small, scheme=scs, policy=policy, views=views)
    less = forgetful(small, scheme=scs, policy=policy, views=views)
    assert len(less.facts) < len(whole.facts)
    writer = door.composed(small, whole, views={}, scheme=scs, policy=policy)
    with pytest.raises(TypeError, match="not registered"):
        type(writer)(
            **{
                name: getattr(writer, name)
                for name in ("department", "unit", "stage_title", "cut_off", "banner",
                             "handling", "policy", "headlines", "sections", "methods", "names")
            },
            register=less,
            key=door_key(),
        )  # fmt: skip
    monkeypatch.setattr(door, "registered", forgetful)
    shown = release(small, scheme=scs, views=views)
    assert {cell for row in shown.table("sex-ratings").printed() for cell in row[1:]} == {"[c]"}


def door_key() -> object:
    """The door's own key."""
    from pmstats.release.released.release import DOOR

    return DOOR


def test_the_rounding_base_is_known_whatever_is_left_out(small: Material, scs: Scheme) -> None:
    """The page names its base, so that a reader knows the size's side of 100, coverage or not."""
    views = Views(tables={COVERAGE: View(step=9)})
    made = release(small, scheme=scs, views=views)
    assert not [f for f in made.register.facts if f.id.startswith(f"{COVERAGE}/")]
    (size,) = [f for f in made.register.facts if f.kind is FactKind.WITHIN]
    assert (size.low, size.high) == (0, 99)
    assert any("rounded to the nearest 10" in line for line in made.methods)


# ---- what leaves of a department -----------------------------------------------------------------


@pytest.mark.parametrize("department", [SMALL, "Weathervane Unit", "Cloud Agency"])
def test_a_department_is_released_clean(
    material_of: MaterialOf, scs: Scheme, department: str
) -> None:
    """Departments of 60, 30 and 345 pass the audit as first tried or coarser, and show numbers."""
    passed = audited(material_of(department), scheme=scs, coarsen=True)
    assert passed.report.clean
    shown, counts = passed.release.shown
    assert 0 < shown <= counts
    assert audit(passed.release.register, scheme=scs).clean


def test_an_answer_that_is_left_out_says_why(material_of: MaterialOf, scs: Scheme) -> None:
    """In two words, with the reason in the sentence beside them; an answer given has no excuse."""
    views = Views(unsaid=frozenset({verdict_id("sex"), LARGEST}))
    made = release(material_of("Cloud Agency"), scheme=scs, views=views)
    silent = [str(line.answer) == "not said" for line in made.headlines]
    assert silent == [str(line.sentence).endswith(WHY) for line in made.headlines]
    assert sum(silent) == 2


def test_every_printed_number_is_at_or_above_the_threshold(small: Material, scs: Scheme) -> None:
    """No count under 10 is printed, and every count is a multiple of 10 in a department of 60."""
    made = release(small, scheme=scs)
    counts = [f for f in made.register.facts if f.kind is FactKind.ROUNDED]
    assert counts
    assert all(f.value and f.value >= 10 and f.value % 10 == 0 for f in counts)


def test_no_true_number_is_in_the_release(material_of: MaterialOf, scs: Scheme) -> None:
    """A count that rounding changed is nowhere in what a release shows or remembers."""
    counts = material_of("Cloud Agency")
    made = release(counts, scheme=scs)
    (everyone,) = counts.overall.rows
    text = "\n".join([repr(made), made._repr_html_(), *map(repr, made.tables)])
    text += "\n".join(str(each) for s in made.sections for each in s.sentences)
    for true in (counts.rated, *everyone.distribution.counts):
        if true % 5:
            assert not re.search(rf"(?<![\d.]){true}(?![\d.])", text)


def test_material_shows_nothing(small: Material) -> None:
    """The true counts on their way to the door have no numbers in their repr."""
    assert str(small.rated) not in repr(small)
    assert "object at" in repr(small.overall)


def made_up(cohort_of: Callable[..., Cohort], groups: dict[str, tuple[int, ...]]) -> Material:
    """The material of a department with these counts by sex, the last of them not rated."""
    cohort = cohort_of(groups)
    stage = "mid-year"
    return material(
        cohort,
        stage=stage,
        ledger=coverage(cohort, stage=stage),
        overall=distribution(cohort, stage=stage),
        breakdowns=breakdowns(cohort, stage=stage),
    )


def test_a_release_names_the_day_that_its_pack_names(
    cohort_of: Callable[..., Cohort], scs: Scheme
) -> None:
    """Without a date of one's own it is the scheme's suggestion for mid-year, 31 October."""
    counts = made_up(cohort_of, {"Female": (12, 20, 30, 14, 2), "Male": (12, 20, 30, 14, 2)})
    assert release(counts, scheme=scs).cut_off == "31 October 2024"


def test_a_release_cites_the_paragraphs_of_its_scheme(
    cohort_of: Callable[..., Cohort], scs: Scheme
) -> None:
    """Another framework's release does not speak of paragraphs 6 and 17 of this one."""
    paragraphs = replace(scs.paragraphs, coverage="annex A", distribution="annex B")
    other = replace(scs, paragraphs=paragraphs)

    def cohort(groups: dict[str, tuple[int, ...]]) -> Cohort:
        return replace(cohort_of(groups), scheme=other)

    counts = made_up(cohort, {"Female": (12, 20, 30, 14, 2), "Male": (12, 20, 30, 14, 2)})
    cited = [section.paragraph for section in release(counts, scheme=other).sections]
    assert cited[:2] == ["annex A", "annex B"]


def test_a_department_with_few_answers_is_not_broken_down(
    cohort_of: Callable[..., Cohort], scs: Scheme
) -> None:
    """A characteristic below the declaration gate has no table and says why, without a number."""
    silent = made_up(
        cohort_of,
        {"Female": (12, 20, 30, 4, 2), "Male": (12, 20, 30, 4, 2), "Unknown": (40, 50, 90, 9, 9)},
    )
    made = release(silent, scheme=scs)
    (section,) = [each for each in made.sections if each.id == "not-shown"]
    assert [str(sentence) for sentence in section.sentences] == [
        "Sex: fewer people have given an answer than this check asks for."
    ]
    assert not [fact for fact in made.register.facts if fact.id.startswith("sex")]


# ---- mutants of the protector: each is stopped ---------------------------------------------------


def nine(scs: Scheme, *, caption: str = "Made up") -> Material:
    """A department in which 9 people are in one box and 43 in another."""
    counts = Distribution(ratings=scs.rating_names, counts=(22, 43, 90, 9))
    whole = CountTable(
        id="distribution",
        caption=caption,
        heading="Who",
        rows=(CountRow(name="Everyone rated", where=(), distribution=counts),),
    )
    return Material(
        department="d", unit="", year="2024-25", stage="mid-year", stage_title="Mid-year",
        cut_off="", export="a", people=164, rated=164, overall=whole, tables=(),
        dimensions=(("rating", (*scs.rating_names, "not rated")),),
    )  # fmt: skip


def mutated(scs: Scheme, counted: Callable[..., Fact], patch: pytest.MonkeyPatch) -> Register:
    """The register of a protector with one function changed."""
    patch.setattr(protect, "counted", counted)
    return registered(
        nine(scs), scheme=scs, policy=policy_for(scs, people=164), views=Views(tables={
            "distribution": View(step=0)}))  # fmt: skip


@pytest.mark.parametrize("threshold", [9, 23])
def test_a_threshold_off_is_stopped(
    scs: Scheme, monkeypatch: pytest.MonkeyPatch, threshold: int
) -> None:
    """A protector that prints 9 as 10, or withholds 22, says what is not so."""
    true = protect.counted

    def off(id: str, where: object, count: int, policy: object) -> Fact:
        fact = true(id, where, count, replace(policy, threshold=threshold))  # type: ignore[arg-type, type-var]
        return replace(fact, threshold=10)

    with pytest.raises(DisclosureRefusal, match=r"not so|cannot be read"):
        mutated(scs, off, monkeypatch)


def test_unrounded_totals_are_stopped(scs: Scheme, monkeypatch: pytest.MonkeyPatch) -> None:
    """A protector that prints a total as it is, is not read as rounding."""
    true = protect.counted

    def plain(id: str, where: object, count: int, policy: object) -> Fact:
        fact = true(id, where, count, policy)  # type: ignore[arg-type]
        return replace(fact, value=count) if id.endswith("/n") and fact.value else fact

    with pytest.raises(DisclosureRefusal, match="cannot be read"):
        mutated(scs, plain, monkeypatch)


def test_rounding_down_is_stopped(scs: Scheme, monkeypatch: pytest.MonkeyPatch) -> None:
    """A protector that rounds 43 to 40 says what is not so."""
    true = protect.counted

    def down(id: str, where: object, count: int, policy: object) -> Fact:
        fact = true(id, where, count, policy)  # type: ignore[arg-type]
        return replace(fact, value=count // 5 * 5) if fact.value else fact

    with pytest.raises(DisclosureRefusal, match="not so"):
        mutated(scs, down, monkeypatch)


def test_percentages_of_true_counts_are_stopped(
    scs: Scheme, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A percentage that is not the quotient of its printed counts is refused by the audit."""
    true = protect.percentage

    def raw(id: str, count: Fact, people: Fact, policy: object) -> Fact:
        fact = true(id, count, people, policy)  # type: ignore[arg-type]
        return replace(fact, value=27) if id.endswith("High Performing, %") else fact

    register = mutated(scs, protect.counted, monkeypatch)
    printed = {f.id: f.value for f in register.facts if f.kind is FactKind.PERCENT}
    # 43 of 164 is 26%; 45 of 165, as printed, is 27%: the mutant below prints 26
    assert printed["distribution/Everyone rated/High Performing, %"] == 27
    monkeypatch.setattr(
        protect, "percentage",
        lambda *given: replace(raw(*given), value=26) if raw(*given).value == 27 else raw(*given),
    )  # fmt: skip
    wrong = mutated(scs, protect.counted, monkeypatch)
    with pytest.raises(DisclosureRefusal, match="not the whole percentage"):
        audit(wrong, scheme=scs)


def test_a_ledger_that_is_ignored_is_noticed(scs: Scheme, printed: Printer) -> None:
    """A release that is safe alone is refused beside an earlier one, and the coarser view named."""
    boxes = [["Exceeding", "High Performing"], ["Achieving", "Partially Met"]]
    before = {"White": (22, 30, 95, 8), "Ethnic minority": (12, 20, 42, 12)}
    after = {"White": (22, 31, 94, 8), "Ethnic minority": (12, 20, 42, 12)}
    first = printed(before, merged=boxes)
    second = printed(after, merged=boxes, export="b")
    assert audit(second, scheme=scs).clean
    assert not audit(second, earlier=[first], scheme=scs).clean


def test_a_refusal_names_what_would_pass(cohort_of: Callable[..., Cohort], scs: Scheme) -> None:
    """A re-issue with one person moved over a rounding step says which coarser view passes.

    28 women are printed as 30 in their box, 27 as 25: with all else alike one person moved.
    """
    men = (25, 33, 62, 15, 0)
    first = made_up(cohort_of, {"Female": (22, 28, 60, 13, 0), "Male": men})
    later = made_up(cohort_of, {"Female": (22, 27, 61, 13, 0), "Male": men})
    corrected = replace(later, export="corrected")
    earlier = [audited(first, scheme=scs).release.register]
    assert audited(corrected, scheme=scs).coarser == ()
    with pytest.raises(DisclosureRefusal, match=r"coarser view passes: [^.]*\. Ask") as refusal:
        audited(corrected, scheme=scs, earlier=earlier)
    assert refusal.value.exit_code == 12
    assert "a small change is certain: sex-ratings/Female" in str(refusal.value)
    passed = audited(corrected, scheme=scs, earlier=earlier, coarsen=True)
    assert passed.coarser
    assert audit(passed.release.register, earlier=earlier, scheme=scs).clean
