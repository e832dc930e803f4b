"""The command line: the same verbs as the library, one line per file written on stdout.

Progress and problems go to stderr; neither ever holds a row of data.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import cast

from pmstats.cli.commands import print_problems
from pmstats.cli.parser import parser
from pmstats.errors import ExportError, PmstatsError

__all__ = ["main", "parser"]

#: What a shell expects of a program that a person stopped.
INTERRUPTED = 130


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
    except KeyboardInterrupt:
        print("pmstats: stopped; what was finished before is whole.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # whoever read the lines has read enough; Python would complain once more on its way out
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
