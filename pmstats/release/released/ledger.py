"""The ledger of everything released of a department and year: appended to, never changed.

JSON lines, one for each released file: its name and hash, its scheme, everything its release
says (see `facts.Register`), and the hash of the line before. A ledger whose chain does not hold
is refused, and so is one that is not there when it should be: without it nobody knows what a
reader already has. Restricted packs are never in it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

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
        return _entries(file, path.name)


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
        yield HeldLedger(file, path.name)


class HeldLedger:
    """An open and locked ledger; `entries` are those read, with those appended since."""

    def __init__(self, file: IO[bytes], name: str) -> None:
        self._file, self._name = file, name
        self.entries = _entries(file, name)

    def append(self, *, file: str, content: bytes, scheme: str, scheme_sha256: str,
               register: Register) -> Entry:  # fmt: skip
        """Add one released file. The line is on the disk when this returns."""
        previous = self.entries[-1].own_hash if self.entries else START
        entry = Entry(
            file=file,
            sha256=hashlib.sha256(content).hexdigest(),
            scheme=scheme,
            scheme_sha256=scheme_sha256,
            register=register,
            previous=previous,
        )
        self._file.seek(0, os.SEEK_END)
        self._file.write(entry.line.encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())
        self.entries = (*self.entries, entry)
        return entry


@contextmanager
def _opened(path: Path, mode: str) -> Iterator[IO[bytes]]:
    import fcntl

    try:
        file = path.open(mode)
    except OSError as error:
        raise DisclosureRefusal(
            f"{path.name}: {error.strerror}. Nothing is released without the ledger of what was "
            "released before; for the first release of all, start one with `start_ledger`."
        ) from None
    with file:
        # one writer alone, any number of readers; the lock goes with the file
        fcntl.flock(file, fcntl.LOCK_SH if mode == "rb" else fcntl.LOCK_EX)
        yield file


def _entries(file: IO[bytes], name: str) -> tuple[Entry, ...]:
    content = file.read()
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
