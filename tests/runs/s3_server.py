"""A real S3 server for tests, on a free port of this machine; it ends when its stdin closes.

    python s3_server.py FOLDER

The first line it prints is its port. What is to go wrong is told by files in the folder: `fail`
or `hold` has the number of changes that are still made, those of locks not counted. With `fail`
the next ones are refused; with `hold` the next one waits for `hold` to go, and `held` is there
until it is made.
"""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

CHANGES = ("PUT", "POST", "DELETE")

Answer = Callable[..., Iterable[bytes]]


class Silent(WSGIRequestHandler):
    """Handles requests and does not list them."""

    def log_request(self, *_: object) -> None:
        """Nothing."""


class Faulty:
    """S3, with the faults that the files of a folder ask for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._works = DomainDispatcherApplication(create_backend_app)
        self._turn = threading.Lock()

    def __call__(self, asked: dict[str, Any], answer: Answer) -> Iterable[bytes]:
        """What S3 answers, unless it is the turn of a fault."""
        if asked["REQUEST_METHOD"] in CHANGES and not asked["PATH_INFO"].endswith(".lock"):
            if self._used_up("fail"):
                answer("403 Forbidden", [("Content-Type", "application/xml")])
                return [b"<Error><Code>AccessDenied</Code></Error>"]
            if self._used_up("hold"):
                (self._folder / "held").touch()
                while (self._folder / "hold").exists():
                    time.sleep(0.02)
                answered = self._works(asked, answer)
                (self._folder / "held").unlink(missing_ok=True)
                return answered
        return self._works(asked, answer)

    def _used_up(self, fault: str) -> bool:
        """Whether a fault is asked for and no more changes are made before it."""
        with self._turn, suppress(FileNotFoundError):
            left = int((self._folder / fault).read_text())
            if left == 0:
                return True
            (self._folder / fault).write_text(str(left - 1))
        return False


def main() -> None:
    """Serve until stdin closes."""
    faulty = Faulty(Path(sys.argv[1]))
    server = make_server("127.0.0.1", 0, faulty, threaded=True, request_handler=Silent)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_port, flush=True)
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
