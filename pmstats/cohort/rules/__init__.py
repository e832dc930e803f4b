"""The rule book: takes typed records; gives a problem for each rule they break."""

from pmstats.cohort.rules.awards import broken_award_rules
from pmstats.cohort.rules.book import BEYOND_INTAKE, INTAKE, broken_rules, undecidable
from pmstats.cohort.rules.rule import Records, Rule

__all__ = [
    "BEYOND_INTAKE",
    "INTAKE",
    "Records",
    "Rule",
    "broken_award_rules",
    "broken_rules",
    "undecidable",
]
