"""Takes tables that are safe to show; gives what people open."""

from pmstats.report.figures import figure
from pmstats.report.pack import write_pack

__all__ = ["figure", "write_pack"]
