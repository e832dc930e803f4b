"""The same framework a year earlier: every day moves, nothing else does."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from pmstats.scheme import a_year_earlier, load_scheme


def test_windows_move_with_the_year() -> None:
    """What is due by 30 June 2024 was due by 30 June 2023; a scheme of steps moves too."""
    scs, process = (a_year_earlier(load_scheme(f"scs_{each}2024_25")) for each in ("", "process_"))
    agreed = {each.name: each for each in scs.expectations}["Objectives agreed"]
    assert agreed.then[0].closes == date(2023, 6, 30)
    assert process.process is not None
    assert process.process.steps[0].closes == date(2023, 5, 31)
    assert scs.sha256 == load_scheme("scs_2024_25").sha256


def test_the_end_of_february_stays_the_end_of_february() -> None:
    """29 February 2024 and 28 February 2023 are a year apart."""
    scs = load_scheme("scs_2024_25")
    assert scs.year is not None
    for this, before in (("2024-02-29", "2023-02-28"), ("2025-02-28", "2024-02-29")):
        year = replace(scs.year, mid_year_cut_off=date.fromisoformat(this))
        earlier = a_year_earlier(replace(scs, year=year)).year
        assert earlier is not None
        assert str(earlier.mid_year_cut_off) == before
