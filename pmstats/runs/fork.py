"""Notebooks run in forks of a process that has everything loaded: the caller's side of it.

Linux alone: elsewhere a fork of a process that has loaded numerical libraries is not safe, and
an ordinary kernel runs the notebook (see `kernel`).
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pmstats.errors
from pmstats.errors import ExportError, ParameterError, Problem, Severity
from pmstats.one_thread import ONE_THREAD
from pmstats.runs.wire import ORDER, Lines, tell

#: How often a zygote that died is replaced before a run gives up on forking.
REPLACEMENTS = 3


#: More seconds than a clock is asked to count.
_AGES = 1e9


class CannotFork(Exception):
    """Raised when no process can be forked here; a kernel can run the notebook instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a notebook may take: seconds for one cell, megabytes beyond the loaded libraries.

    No megabytes are no limit. Raises `ParameterError` for what cannot be a limit.
    """

    cell_seconds: float = 600
    memory_mb: int = 0

    def __post_init__(self) -> None:
        if not 0 < self.cell_seconds < _AGES or self.memory_mb < 0:
            raise ParameterError(
                "The time for a cell is more than 0 seconds, its memory 0 MB (no limit) or more."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportFacts:
    """What a run must know of an export that it has not read itself.

    `files` are those read beside it, each with its SHA-256.
    """

    departments: tuple[str, ...]
    name: str
    sha256: str
    cut_off: str
    files: tuple[tuple[str, str], ...] = ()


class Forks:
    """A zygote and the jobs it forks; any number of threads may run jobs at once."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._numbers = count(1)
        self._replacements = REPLACEMENTS
        self._held: Mapping[str, str] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._answers = False

    def begin(self) -> None:
        """Start the zygote and come back at once; it loads what it needs meanwhile.

        Raises `CannotFork` where forking is not safe.
        """
        if sys.platform != "linux":
            raise CannotFork(f"forking is not safe on {sys.platform}")
        self._control, theirs = socket.socketpair()
        self._answers = False
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "pmstats.runs.zygote", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=os.environ | ONE_THREAD,
                cwd="/",
                start_new_session=True,
            )

    def hold(self, request: Mapping[str, str]) -> ExportFacts:
        """Have an export read once, for every job to come.

        `request` holds export, scheme, mapping, stage and cut_off. Raises `ExportError` with
        every problem, or what else stops the export being read; `CannotFork` when nobody reads.
        """
        with self._lock:
            facts = self._ask(request)
            self._held = dict(request)
            return facts

    def events(
        self, cells: Sequence[tuple[int, str, bool]], *, folder: Path, limits: Limits
    ) -> Iterator[dict[str, Any]]:
        """Run cells (place, source, whether they may fail) in a fork; what happens as it does.

        `started` and `finished` hold a cell's place. The last event is `ended` with an exit
        code (negative: killed by that signal; None: nobody knows) and `timed_out`.
        Raises `CannotFork` when the zygote cannot be started or keeps dying.
        """
        ours, theirs = socket.socketpair()
        number = next(self._numbers)
        with ours:
            with theirs:
                self._order(b"J", number, theirs)
            lines, pid, timed_out = Lines(ours), 0, False
            deadline: float | None = time.monotonic() + limits.cell_seconds
            try:
                # the zygote stands in another folder: a relative path would lead nowhere
                where = str(folder.resolve())
                tell(ours, {"cells": cells, "folder": where, "memory_mb": limits.memory_mb})
                while (told := self._next(lines, deadline, number)) and "ended" not in told:
                    if "timed_out" in told:
                        timed_out, deadline = True, None
                        continue
                    pid = told.get("pid", pid)
                    deadline = deadline and time.monotonic() + limits.cell_seconds
                    yield told
            except OSError:
                told = None
            except GeneratorExit:
                self._order(b"K", number)
                raise
        if told:
            yield {"ended": told["ended"], "timed_out": timed_out}
        elif pid:
            kill_group(pid)
            yield {"ended": None, "timed_out": timed_out}
        else:  # the zygote died before it took the job: another one will take it
            yield from self.events(cells, folder=folder, limits=limits)

    def close(self) -> None:
        """End the zygote and every job of it."""
        with self._lock:
            self._end()
            self._replacements = 0

    def _next(self, lines: Lines, deadline: float | None, number: int) -> dict[str, Any] | None:
        try:
            return lines.next(deadline=deadline)
        except TimeoutError:
            self._order(b"K", number)
            return {"timed_out": True}

    def _order(
        self, letter: bytes, number: int, own: socket.socket | None = None, *, early: bool = False
    ) -> None:
        order = ORDER.pack(letter, number)
        with self._lock:
            if own is None:  # a zygote that is gone has killed its jobs already
                with suppress(OSError):
                    self._living().sendall(order)
                return
            while True:
                with suppress(OSError):
                    control = self._begun() if early else self._living()
                    socket.send_fds(control, [order], [own.fileno()])
                    return
                self._end()

    def _begun(self) -> socket.socket:
        """The control socket of a zygote that may still be loading; one that died is replaced."""
        if self._control is None:
            if not self._replacements:
                raise CannotFork("the process that forks keeps stopping")
            self._replacements -= 1
            self.begin()
            if self._held:
                self._ask(self._held)
        assert self._control is not None
        return self._control

    def _living(self) -> socket.socket:
        """The control socket of a zygote that answers; one that died is replaced."""
        control = self._begun()
        if not self._answers:
            answer = control.recv(ORDER.size, socket.MSG_WAITALL)
            if len(answer) < ORDER.size:
                self._end()
                raise CannotFork("the process that forks did not start")
            _check_threads(ORDER.unpack(answer)[1])
            self._answers = True
        return control

    def _ask(self, request: Mapping[str, str]) -> ExportFacts:
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:  # a zygote that is still loading reads the export beside that
                self._order(b"P", 0, theirs, early=True)
            tell(ours, dict(request))
            self._living()
            told = Lines(ours).next()
        if told is None:
            raise CannotFork("the process that forks stopped while it read the export")
        _check_threads(told["threads"])
        return facts_of(told)

    def _end(self) -> None:
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=5)
            self._process.kill()
            self._process.wait()
            self._process = None


def facts_of(told: Mapping[str, Any]) -> ExportFacts:
    """The facts of an export as told by who read it. Raises what reading it raised."""
    if "problems" in told:
        raise ExportError(
            Problem(**{**each, "severity": Severity(each["severity"]), "rows": tuple(each["rows"])})
            for each in told["problems"]
        )
    if "error" in told:
        kind: type[Exception] = getattr(pmstats.errors, told["error"])
        raise kind(told["words"])
    return ExportFacts(
        departments=tuple(told["departments"]),
        name=told["export"],
        sha256=told["export_sha256"],
        cut_off=told["cut_off"],
        files=tuple((name, sha256) for name, sha256 in told["files"]),
    )


def kill_group(pid: int) -> None:
    """Kill a job and what it started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _check_threads(number: int) -> None:
    if number != 1:
        raise CannotFork(f"a library started {number - 1} threads, forking would not be safe")
