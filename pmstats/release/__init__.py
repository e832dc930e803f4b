"""Takes counts and findings; gives the tables a reader of this class may see."""

from pmstats.release.comparisons import sentences
from pmstats.release.consistency import provenance, restricted_pack
from pmstats.release.restricted import restricted_table

__all__ = ["provenance", "restricted_pack", "restricted_table", "sentences"]
