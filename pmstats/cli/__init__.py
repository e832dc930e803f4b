"""The command line: the same verbs as the library, one line per file written on stdout.

Progress and problems go to stderr; neither ever holds a row of data.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from pmstats.cli.commands import print_problems
from pmstats.cli.parser import parser
from pmstats.errors import ExportError, NotebookFailed, PmstatsError
from pmstats.one_thread import ONE_THREAD

__all__ = ["main", "parser"]

#: What a shell expects of a program that a person stopped.
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code.

    0 fine, 2 usage, 10 invalid export, 11 bad parameter or scheme, 12 disclosure refusal,
    13 a notebook failed (the others are done), or a disk.
    """
    if arguments is None:
        _as_program()
    given = parser().parse_args(arguments)
    try:
        with _under_key(getattr(given, "key", "")):
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
    except OSError as error:
        where = f"{Path(str(error.filename)).name}: " if error.filename else ""
        print(
            f"pmstats: {where}{error.strerror or 'cannot be written'}; "
            "what was finished before is whole.",
            file=sys.stderr,
        )
        return NotebookFailed.exit_code


def _as_program() -> None:
    """Settings of a whole process: one thread, and no search for garbage among its libraries.

    Each took about a fifth of the CPU of a short command; the second above all on its way out.
    """
    os.environ |= ONE_THREAD
    gc.set_threshold(100_000)
    atexit.register(gc.freeze)


@contextmanager
def _under_key(path: str) -> Iterator[None]:
    """Every reading of this command under the key in a file, notebooks in other processes too.

    They are told where the file is; the key itself is on no command line and in no variable.
    """
    if not path:
        yield
        return
    from pmstats.cohort.pseudonyms import KEY_FILE, load_key

    load_key(path)  # what is wrong with it is said before anything runs
    before = os.environ.get(KEY_FILE)
    os.environ[KEY_FILE] = os.fspath(Path(path).resolve())
    try:
        yield
    finally:
        os.environ.pop(KEY_FILE)
        if before is not None:
            os.environ[KEY_FILE] = before
