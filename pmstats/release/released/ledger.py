"""The ledger of everything released of a department and year: appended to, never changed.

JSON lines, one for each released file: its name and hash, its scheme, everything its release
says (see `facts.Register`), and the hash of the line before. A ledger whose chain does not hold
is refused, and so is one that is not there when it should be: without it nobody knows what a
reader already has. Restricted packs are never in it.

A line is added whole or not at all: while one is written, a file beside the ledger holds how long
the ledger was before.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from io import FileIO
from pathlib import Path

from pmstats.errors import DisclosureRefusal
from pmstats.release.released.facts import Register
from pmstats.scheme.strict import StrictFaults, structured

#: What stands for the line before the first.
START = "0" * 64
LEDGER = "disclosure_ledger.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One released file: its hash, its scheme, and everything it says."""

    file: str
    sha256: str
    scheme: str
    scheme_sha256: str
    register: Register
    previous: str

    @property
    def line(self) -> str:
        """The entry as it stands in the ledger."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @property
    def own_hash(self) -> str:
        """The hash that the next entry carries."""
        return hashlib.sha256(self.line.encode()).hexdigest()


def start_ledger(path: Path) -> Path:
    """Make an empty ledger. Raises `DisclosureRefusal` where there is one."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise DisclosureRefusal(
            f"{path.name}: there is a ledger already; leave out --new-ledger to go on with it."
        ) from None
    os.close(descriptor)
    return path


def read_ledger(path: Path) -> tuple[Entry, ...]:
    """Every entry, first to last. Raises `DisclosureRefusal` unless the whole chain holds."""
    with _opened(path, "rb") as file:
        return _entries(_whole(file, path), path.name)


def earlier_registers(
    entries: Sequence[Entry], *, department: str, year: str
) -> tuple[Register, ...]:
    """What was released of a department and year, each release once, in the order it was.

    A release written as several files has an entry for each and says the same in all.
    """
    return tuple(
        dict.fromkeys(
            entry.register
            for entry in entries
            if (entry.register.department, entry.register.year) == (department, year)
        )
    )


@contextmanager
def held_ledger(path: Path) -> Iterator[HeldLedger]:
    """A ledger that nobody else can write to until the block ends.

    Audit, write the files and append inside one block: then no two writers can each release
    what is safe alone. Raises `DisclosureRefusal` as `read_ledger` does.
    """
    with _opened(path, "rb+") as file:
        yield HeldLedger(file, path)


class HeldLedger:
    """An open and locked ledger; `entries` are those read, with those appended since."""

    def __init__(self, file: FileIO, path: Path) -> None:
        self._file, self._path = file, path
        held = _whole(file, path)
        self.entries = _entries(held, path.name)
        if len(held) < file.tell():
            file.truncate(len(held))

    def append(self, *, file: str, content: bytes, scheme: str, scheme_sha256: str,
               register: Register) -> Entry:  # fmt: skip
        """Add one released file. The line is on the disk when this returns.

        Raises `DisclosureRefusal`, the ledger as it was, when it cannot be written.
        """
        previous = self.entries[-1].own_hash if self.entries else START
        entry = Entry(
            file=file,
            sha256=hashlib.sha256(content).hexdigest(),
            scheme=scheme,
            scheme_sha256=scheme_sha256,
            register=register,
            previous=previous,
        )
        before = self._file.seek(0, os.SEEK_END)
        mark = _mark(self._path)
        try:
            mark.unlink(missing_ok=True)
            new = os.open(mark, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            _write_through(new, str(before).encode())
            _write_through(os.dup(self._file.fileno()), entry.line.encode() + b"\n")
        except OSError as error:
            self._file.truncate(before)
            raise DisclosureRefusal(
                f"{self._path.name}: {error.strerror}. What the ledger cannot hold is not released."
            ) from None
        finally:
            mark.unlink(missing_ok=True)
        self.entries = (*self.entries, entry)
        return entry


@contextmanager
def _opened(path: Path, mode: str) -> Iterator[FileIO]:
    import fcntl

    try:
        file = FileIO(path, mode)
    except OSError as error:
        raise DisclosureRefusal(
            f"{path.name}: {error.strerror}. Nothing is released without the ledger of what was "
            "released before; for the first release of all, start one with `start_ledger`."
        ) from None
    with file:
        # one writer alone, any number of readers; the lock goes with the file
        fcntl.flock(file, fcntl.LOCK_SH if mode == "rb" else fcntl.LOCK_EX)
        yield file


def _mark(path: Path) -> Path:
    """Where it is said how long a ledger was before the line that is being written."""
    return path.with_name(f".{path.name}.before")


def _write_through(descriptor: int, content: bytes) -> None:
    with os.fdopen(descriptor, "wb", buffering=0) as file:
        while content:
            content = content[file.write(content) :]
        os.fsync(file.fileno())


def _whole(file: FileIO, path: Path) -> bytes:
    """The ledger without a line that was being written by a run that was stopped: it is not out."""
    content = file.readall()
    if not content or content.endswith(b"\n"):
        return content
    with suppress(OSError, ValueError):
        before = content[: int(_mark(path).read_bytes())]
        if b"\n" not in content[len(before) :] and (before.endswith(b"\n") or not before):
            return before
    return content


def _entries(content: bytes, name: str) -> tuple[Entry, ...]:
    if content and not content.endswith(b"\n"):
        raise DisclosureRefusal(f"{name}: the last line is cut short. Restore the ledger.")
    entries: list[Entry] = []
    for number, line in enumerate(content.splitlines(), start=1):
        try:
            entry = structured(json.loads(line), Entry)
        except (ValueError, StrictFaults):
            raise DisclosureRefusal(f"{name}, line {number}: cannot be read.") from None
        if entry.line.encode() != line:
            raise DisclosureRefusal(f"{name}, line {number}: not as it was written.")
        if entry.previous != (entries[-1].own_hash if entries else START):
            raise DisclosureRefusal(
                f"{name}, line {number}: does not follow from the line before. The ledger was "
                "changed; restore it before anything is released."
            )
        entries.append(entry)
    return tuple(entries)
