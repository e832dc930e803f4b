"""The rule book: takes typed records; gives a problem for each rule they break."""

from pmstats.cohort.rules.book import broken_rules
from pmstats.cohort.rules.rule import Records, Rule

__all__ = ["Records", "Rule", "broken_rules"]
