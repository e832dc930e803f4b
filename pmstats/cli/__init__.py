"""The command line: the same verbs as the library, one line per file written on stdout.

Progress and problems go to stderr; neither ever holds a row of data.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import cast

from pmstats.cli.commands import print_problems
from pmstats.cli.parser import parser
from pmstats.errors import ExportError, PmstatsError

__all__ = ["main", "parser"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code.

    0 fine, 2 usage, 10 invalid export, 11 bad parameter or scheme, 12 disclosure refusal,
    13 a notebook failed (the others are done).
    """
    given = parser().parse_args(arguments)
    try:
        return cast(int, given.command(given))
    except ExportError as error:
        print_problems(error.problems)
        print("Nothing was written.", file=sys.stderr)
        return error.exit_code
    except PmstatsError as error:
        print(f"pmstats: {error}", file=sys.stderr)
        return error.exit_code
