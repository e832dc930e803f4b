"""Takes counts and findings; gives the tables a reader of this class may see."""

from pmstats.release.restricted.comparisons import sentences
from pmstats.release.restricted.consistency import provenance, restricted_pack
from pmstats.release.restricted.door import restricted_table
from pmstats.release.restricted.parts import pack_part
from pmstats.release.restricted.since import since_last_check
from pmstats.release.restricted.snapshot import snapshot_of
from pmstats.release.restricted.year_parts import year_parts

__all__ = [
    "pack_part",
    "provenance",
    "restricted_pack",
    "restricted_table",
    "sentences",
    "since_last_check",
    "snapshot_of",
    "year_parts",
]
