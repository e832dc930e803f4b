"""Takes an HR export; gives a `Cohort` of validated people, or every problem at once."""

from pmstats.cohort.cohort import UNDECLARED, UNKNOWN, Cohort
from pmstats.cohort.eligibility import Standing, standing
from pmstats.cohort.export import Examined, check_export, examine_export, read_export
from pmstats.cohort.mapping import Layout, LeaveDate, Mapping, Numbers, load_mapping
from pmstats.cohort.pseudonyms import fresh_key, load_key
from pmstats.cohort.reading.tabular import query_source
from pmstats.cohort.suggest import suggest_mapping

__all__ = [
    "UNDECLARED",
    "UNKNOWN",
    "Cohort",
    "Examined",
    "Layout",
    "LeaveDate",
    "Mapping",
    "Numbers",
    "Standing",
    "check_export",
    "examine_export",
    "fresh_key",
    "load_key",
    "load_mapping",
    "query_source",
    "read_export",
    "standing",
    "suggest_mapping",
]
