"""Takes tables that are safe to show; gives what people open."""

from typing import TYPE_CHECKING

from pmstats.on_demand import on_demand

if TYPE_CHECKING:
    from pmstats.report.annual_return import write_annual_return
    from pmstats.report.charts.figures import figure, funnel_figure
    from pmstats.report.pack import write_pack
    from pmstats.report.record_store import keep_snapshot, last_check

__all__ = [
    "figure",
    "funnel_figure",
    "keep_snapshot",
    "last_check",
    "write_annual_return",
    "write_pack",
]

__getattr__ = on_demand(
    __name__,
    {
        "annual_return": "write_annual_return",
        "charts.figures": "figure funnel_figure",
        "pack": "write_pack",
        "record_store": "keep_snapshot last_check",
    },
)
