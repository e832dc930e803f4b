"""Cells run in this very process by the shell a kernel uses, their messages kept, not sent.

A kernel spends most of its time starting and talking. Its shell, displayhook and publisher do
the work, and they need no kernel: here they are given a session that keeps what they publish.
"""

from __future__ import annotations

import builtins
import gc
import io
import json
import os
import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pmstats.errors import PmstatsError

if TYPE_CHECKING:
    from types import TracebackType

#: What an error output says instead of its words.
WITHHELD = "its words are withheld, they may hold personal data"


@dataclass(frozen=True, slots=True, kw_only=True)
class CellRun:
    """What one cell gave: messages as a kernel would publish them, and whether it succeeded."""

    messages: tuple[dict[str, Any], ...]
    succeeded: bool
    count: int


class Shell:
    """A notebook's namespace and the machinery that runs its cells; one in a process.

    Libraries imported after it find a notebook frontend, as they would in a kernel.
    """

    def __init__(self) -> None:
        from ipykernel.zmqshell import ZMQInteractiveShell
        from IPython.core.profiledir import ProfileDir
        from jupyter_client.session import Session
        from traitlets.config import Config

        recorder = self

        class KeptSession(Session):
            def send(  # type: ignore[override]  # only what the shell calls
                self,
                _stream: object,
                message: dict[str, Any] | str,
                content: object = None,
                *_: object,
                **__: object,
            ) -> None:
                if isinstance(message, str):
                    recorder._keep(message, json.loads(self.pack(content)))
                else:
                    recorder._keep(message["msg_type"], json.loads(self.pack(message["content"])))

        os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
        self._messages: list[dict[str, Any]] = []
        # No history file, no profile folder: nothing of a run stays in the home directory.
        self._shell = ZMQInteractiveShell.instance(
            config=Config({"HistoryManager": {"enabled": False}}),
            profile_dir=ProfileDir(),
            ipython_dir=sys.prefix,
        )
        session = KeptSession()
        self._shell.displayhook.session = session
        self._shell.display_pub.session = session
        self._shell.set_parent({"header": {}})
        sys.path[:] = [place for place in sys.path if place]

    @property
    def count(self) -> int:
        """The number of the next cell."""
        return int(self._shell.execution_count)

    def run(self, source: str) -> CellRun:
        """Run one cell. An error is kept as a message, without words unless they are ours."""
        self._messages = []
        count = self.count
        with _Output(self):
            result = self._shell.run_cell(source, store_history=True)
        error = result.error_before_exec or result.error_in_exec
        return CellRun(
            messages=tuple(_without_words(message, error) for message in self._messages),
            succeeded=bool(result.success) and not self._shell._last_traceback_during_displayhook,
            count=count,
        )

    def rewind(self) -> None:
        """Forget the cells run so far: the next one is the first."""
        self._shell.reset(new_session=True, aggressive=False)
        self._shell.execution_count = 1

    def close(self) -> None:
        """Let go of what the cells made, so that files left open are written to their end."""
        self._shell.reset(new_session=False)
        gc.collect()

    def _keep(self, kind: str, content: dict[str, Any]) -> None:
        self._messages.append({"msg_type": kind, "content": content})


class _Output:
    """Python's output streams and input while a cell runs."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell

    def __enter__(self) -> None:
        self._before = sys.stdout, sys.stderr, builtins.input
        sys.stdout = _Stream("stdout", self._shell)
        sys.stderr = _Stream("stderr", self._shell)
        builtins.input = _no_input

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        sys.stdout, sys.stderr, builtins.input = self._before


class _Stream(io.TextIOBase):
    """Text gathered until it is flushed, then kept as one message."""

    encoding = "utf-8"
    errors = "strict"

    def __init__(self, name: str, shell: Shell) -> None:
        self.name = name
        self._shell = shell
        self._parts: list[str] = []

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text)}")
        self._parts.append(text)
        return len(text)

    def writable(self) -> bool:
        return True

    def flush(self) -> None:
        text = "".join(self._parts)
        self._parts.clear()
        if text:
            self._shell._keep("stream", {"name": self.name, "text": text})


def _no_input(_prompt: object = "") -> str:
    from IPython.core.error import StdinNotImplementedError

    raise StdinNotImplementedError(
        "raw_input was called, but this frontend does not support input requests."
    )


def _without_words(message: dict[str, Any], error: BaseException | None) -> dict[str, Any]:
    if message["msg_type"] != "error":
        return message
    name, words = message["content"]["ename"], message["content"]["evalue"]
    ours = isinstance(error, PmstatsError) and type(error).__name__ == name
    return {"msg_type": "error", "content": error_output(name, words, ours=ours)}


def error_output(name: str, words: str, *, ours: bool) -> dict[str, Any]:
    """What an error output holds: its type, its words only when they are ours, no traceback.

    An exit code stays: papermill takes an exit with 0 for the end of the notebook. What the
    system says of an error by its number stays, without the file.

    >>> error_output("ValueError", "bad row: Ann, 41", ours=False)["evalue"]
    'its words are withheld, they may hold personal data'
    >>> error_output("OSError", "[Errno 28] No space left on device: 'Ann'", ours=False)["evalue"]
    'No space left on device'
    """
    exit_code = name == "SystemExit" and (not words or words.isdigit())
    number = re.match(r"\[Errno (\d{1,4})\] ", words)
    said = words if ours or exit_code else os.strerror(int(number[1])) if number else WITHHELD
    return {"ename": name, "evalue": said, "traceback": [f"{name}: {said}"]}
