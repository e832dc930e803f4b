"""The words of a pack: every sentence that is rendered, over packs of every kind."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from pmstats import write_pack
from pmstats.errors import SchemeError
from pmstats.release.restricted.bundle import RestrictedPack
from pmstats.report.page import charts, page
from pmstats.report.wording import FORBIDDEN, complaints, words_of
from pmstats.scheme import Scheme

#: American spellings and longer words for which English has shorter ones.
STYLE = {
    r"\b(organ|summar|recogn|standard|categor|minim|maxim|util|pseudonym)iz\w*": "-is-",
    r"\b(anal|paral)yz\w*": "-ys-",
    r"\b(color|behavior|favor|labor|honor)\w*": "-our",
    r"\b(center|theater)s?\b": "-re",
    r"\b(fulfill|enroll|modeling|labeled|canceled)\b": "British spelling",
    r"\b(utilis|leverag|facilitat|operationalis)\w*": "use",
    r"\b(in order to|prior to|subsequent to|with regard to)\b": "to, before, after, about",
    r"\b(commence|terminate|ascertain|endeavour)\w*": "begin, end, find out, try",
}

#: Words in one sentence before a reader has lost its beginning.
LONGEST = 50

#: A sentence for every rule, in its order (domain practice: the words official releases avoid).
REFUSED = (
    "The panel is biased against part-time staff.",
    "The unit discriminates.",
    "The guilty manager is in Finance.",
    "This would be unlawful.",
    "The department is in breach of the duty.",
    "The department fails the test.",
    "The ratings are unfair.",
    "The ratings are fair.",
    "There is a quota of 5%.",
    "There is a shortfall in Partially Met.",
    "Three people were to be downgraded.",
    "They should have been rated higher.",
    "The panel would need 3 more in the box.",
    "The league table of units.",
    "The worst performing unit is Finance.",
    "This proves the point.",
    "The gap is statistically significant.",
)

ALLOWED = (
    "This is a prompt for enquiry; it does not show that any decision was wrong or unfair.",
    "It is not a target: ratings are given absolutely.",
    "Women beside men: rated higher in 55.3% of pairs (51.0% to 59.6%; n = 274 and 290). "
    "Detectable: up to 43.9% or from 56.1%.",
)


class Prose(HTMLParser):
    """The sentences of a page, without the names and numbers of its tables and charts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.sentences: list[str] = []
        self._silent = 0
        self._void = {"meta", "br", "rect", "line", "circle", "input"}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Fall silent inside cells, labels and style."""
        names = dict(attrs).get("class") or ""
        quiet = tag in ("style", "td", "tbody", "title", "h1", "dd") or "plot" in names
        if tag not in self._void and (quiet or self._silent):
            self._silent += 1

    def handle_endtag(self, tag: str) -> None:
        """Speak again once outside."""
        if self._silent and tag not in self._void:
            self._silent -= 1

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag without an inside changes nothing."""

    def handle_data(self, data: str) -> None:
        """Keep what is said."""
        if not self._silent and data.strip():
            self.sentences.append(data.strip())


def slips(text: str) -> tuple[str, ...]:
    """Where a text is not plain British English: spellings, long words, long sentences."""
    found = [
        f"“{match[0]}”: {better}"
        for pattern, better in STYLE.items()
        for match in re.finditer(pattern, text, re.IGNORECASE)
    ]
    for sentence in re.split(r"(?<=[.?!:;]) ", text):
        length = len(sentence.split())
        if length > LONGEST:
            found.append(f"a sentence of {length} words: “{sentence[:60]}…”")
    return tuple(found)


def test_every_rule_refuses_its_sentence_and_no_other_rule_is_without_one() -> None:
    """A rule that could not catch anything would be no rule."""
    for pattern, sentence in zip(FORBIDDEN, REFUSED, strict=True):
        assert re.search(pattern, sentence, re.IGNORECASE), sentence
        assert complaints(sentence)
        assert complaints(sentence.upper())


@pytest.mark.parametrize(
    "word",
    [
        *("biased", "discriminates", "guilty", "blamed", "culprit", "offender", "illegal"),
        *("unlawful", "breach", "failure", "unfairly", "fairer", "quotas", "shortfall", "surplus"),
        *("re-rated", "downgraded", "upgrade", "insignificant", "no effect", "proven"),
        *("guarantees", "worst unit", "best manager", "move 3 people", "requires 2 more"),
    ],
)
def test_every_word_that_begins_a_rule_is_found(word: str) -> None:
    """No text is passed over for the letter its word begins with."""
    assert complaints(f"It says: {word}.")


@pytest.mark.parametrize("sentence", ALLOWED)
def test_the_words_of_official_releases_are_let_through(sentence: str) -> None:
    """The phrases we use are no complaint."""
    assert complaints(sentence) == ()


@pytest.mark.parametrize(
    "sentence",
    [
        "Women are rated higher 55.3% of the time (95% interval 51.0% to 59.6%).",
        "Women are rated higher 55.3% of the time (n = 274 and 290).",
        "Men and women, a difference of 6.9 percentage points.",
    ],
)
def test_a_comparison_needs_its_people_and_its_interval(sentence: str) -> None:
    """Without n, or without a range, a comparison is refused."""
    assert complaints(sentence) == ("a comparison needs its number of people and its interval",)


def test_no_rendered_sentence_blames_ranks_or_sets_a_target(
    pack: RestrictedPack, scs: Scheme
) -> None:
    """What a reader of the page reads, and every sentence of the pack, passes every rule."""
    rendered = Prose(page(pack, scheme=scs)).sentences
    assert len(rendered) > 40
    said = [*rendered, *words_of(pack)]
    assert [(sentence, complaints(sentence)) for sentence in said if complaints(sentence)] == []


def test_no_share_is_said_without_its_people(pack: RestrictedPack, scs: Scheme) -> None:
    """Every sentence and chart title with a percentage or points has a number of people in it."""
    for sentence in findings_of(pack, scs):
        # the share a scheme expects, and shares of money, are no shares of people
        found = re.sub(r"near \d+%|\S+ of the paybill.*", "", sentence)
        if re.search(r"\d%|\d points", found):
            assert re.search(
                r"n (=|from) \d|[Oo]f (the |these )?\d|\d (people|panels)", sentence
            ), sentence


def test_no_silence_is_said_without_its_limit(pack: RestrictedPack, scs: Scheme) -> None:
    """Where nothing was detected, the sentence says what could not have been."""
    for line in pack.headlines:
        if line.answer == "cannot tell":
            assert re.search(r"unseen|[Dd]etectable|could have shown", line.sentence), line.sentence
    for sentence in findings_of(pack, scs):
        if "No difference was detected" in sentence:
            assert re.search(r"likely to detect|settles little", sentence), sentence


#: Lines that count and compare nothing with anything.
COUNTED = ("coverage", "process", "since")


def test_every_comparison_of_the_scorecard_stands_with_all_that_belongs_to_it(
    pack: RestrictedPack,
) -> None:
    """People, effect, interval and detectable size are in the words, the verdict beside them."""
    for line in pack.headlines:
        if line.section in COUNTED or line.answer == "not compared":
            continue
        words = line.sentence
        assert re.search(r"n = \d|\d people", words), words
        assert re.search(r"\d%|\d points", words), words
        assert re.search(r"\d%? to [-+]?\d", words), words
        assert re.search(r"Detectable: (up to|from) \d|could (easily )?go unseen", words), words
        assert line.answer


def test_nothing_is_said_of_the_words_of_a_scorecard_that_it_does_not_use(
    packs: Mapping[str, RestrictedPack], scs: Scheme
) -> None:
    """What pairs and detectable mean is said where lines speak of them, and nowhere else."""
    assert "over all pairs" in page(packs["730 people"], scheme=scs)
    assert "would show 80 times in 100" in page(packs["730 people"], scheme=scs)
    assert "over all pairs" not in page(packs["nobody rated"], scheme=scs)
    assert "would show 80 times in 100" not in page(packs["nobody rated"], scheme=scs)


def findings_of(pack: RestrictedPack, scheme: Scheme) -> list[str]:
    """Everything a pack says about its own figures: no method, no rule, no note."""
    sections = [line for each in pack.sections for line in (*each.sentences, *each.more)]
    titles = [chart.finding for chart in charts(pack, scheme=scheme)]
    return [*(line.sentence for line in pack.headlines), *sections, *titles]


def test_every_rendered_sentence_is_plain_british_english(
    pack: RestrictedPack, scs: Scheme
) -> None:
    """British spelling, no long word where a short one does, no sentence without an end."""
    said = [*Prose(page(pack, scheme=scs)).sentences, *words_of(pack)]
    assert [(sentence, slips(sentence)) for sentence in said if slips(sentence)] == []


def test_american_spelling_and_long_sentences_are_slips() -> None:
    """The rules of style catch what they are for."""
    assert slips("We analyzed the behavior of the organization in order to utilise it.")
    assert slips(" ".join(["word"] * 51))
    assert slips("Behaviour was analysed by the organisation.") == ()


def test_a_page_refuses_what_may_not_be_said_and_nothing_is_written(
    pack: RestrictedPack, scs: Scheme, tmp_path: Path
) -> None:
    """A scheme that asks for a quota gets an error with the reason instead of a pack."""
    asked = replace(pack, questions=("Why is the quota of 5% not met?",))
    with pytest.raises(SchemeError, match=r"“quota”: the expected curve is no quota"):
        write_pack(asked, tmp_path, scheme=scs)
    assert list(tmp_path.iterdir()) == []


def test_the_name_of_a_unit_is_nobodys_wording(pack: RestrictedPack, scs: Scheme) -> None:
    """A department called after fair trade has its pack all the same."""
    named = replace(pack, cover=replace(pack.cover, department="Office for Fair Trade"))
    assert "Office for Fair Trade" in page(named, scheme=scs)
