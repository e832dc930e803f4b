"""How a run and the process that forks for it talk: short orders, and lines of JSON."""

from __future__ import annotations

import json
import socket
import struct
import time
from collections.abc import Iterator
from typing import Any

#: An order: one letter and the number of the job.
ORDER = struct.Struct("!cI")


def tell(to: socket.socket, said: dict[str, Any]) -> None:
    """Send one line of JSON."""
    to.sendall(json.dumps(said, ensure_ascii=False).encode() + b"\n")


class Lines:
    """What the other side tells, line by line; a line it did not finish is left out."""

    def __init__(self, said_on: socket.socket) -> None:
        self._socket = said_on
        self._rest = b""

    def next(self, *, deadline: float | None = None) -> dict[str, Any] | None:
        """The next line, or None when the other side is gone.

        Raises `TimeoutError` when it says nothing until the deadline (of `time.monotonic`).
        """
        while True:
            line, found, rest = self._rest.partition(b"\n")
            if found:
                self._rest = rest
                told = _read(line)
                if told is not None:
                    return told
                continue
            left = None if deadline is None else max(deadline - time.monotonic(), 0.001)
            self._socket.settimeout(left)
            part = self._socket.recv(1 << 16)
            if not part:
                return None
            self._rest += part

    def __iter__(self) -> Iterator[dict[str, Any]]:
        while (told := self.next()) is not None:
            yield told


def _read(line: bytes) -> dict[str, Any] | None:
    try:
        told = json.loads(line)
    except ValueError:
        return None
    return told if isinstance(told, dict) else None
