"""Errors in a notebook are words and no traceback."""

from __future__ import annotations

from pmstats.errors import ExportError, ParameterError, Problem, Severity


def test_a_notebook_shows_the_message_alone() -> None:
    """IPython is handed the sentence in place of the frames that led to it."""
    assert ParameterError("There is no such stage.")._render_traceback_() == [
        "There is no such stage."
    ]


def test_every_problem_of_an_export_has_its_line() -> None:
    """An error that carries several problems shows each on a line of its own."""
    problem = Problem(rule="DQ1", severity=Severity.ERROR, message="A date is missing.", fix="Add.")
    assert len(ExportError([problem, problem])._render_traceback_()) == 2
