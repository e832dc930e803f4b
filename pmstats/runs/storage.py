"""Exports and reports on any storage fsspec knows, such as s3://, abfs:// or sftp://.

A run works on files of its own machine. What is elsewhere is fetched into a private folder, and
each pack is sent from there when it is whole: its files in one transaction of fsspec, which
gives them their names at the end, the receipt last. A pack without a receipt is made again.
"""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import astuple, replace
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from pmstats.errors import NotebookFailed, ParameterError
from pmstats.looks import look_of
from pmstats.runs.lock import LOCK
from pmstats.runs.private import private_folder
from pmstats.runs.receipt import RECEIPT, read_receipt

if TYPE_CHECKING:
    from pmstats.runs.packs import Request

#: Seconds between two signs of life; a lock that rests for three of them is nobody's.
PULSE = 10.0


def path_of(place: str) -> Path | None:
    """The path of a place on this machine, file:// or not; None for an address elsewhere."""
    plain = place.removeprefix("file://")
    return None if "://" in plain else Path(plain)


@contextmanager
def fetched(address: str, *, mapping: str, scheme: str) -> Iterator[Path]:
    """The export at an address in a private folder, with the files its mapping wants beside it.

    Raises `ParameterError` when one cannot be fetched.
    """
    where, _, name = address.rpartition("/")
    with private_folder() as private:
        for each in (name, *_beside(mapping, scheme)):
            _fetch(f"{where}/{each}", private / each)
        yield private / name


@contextmanager
def run_at(address: str, request: Request, *, root: Path) -> Iterator[Request]:
    """A request for files below a root, with them fetched and its reports sent to the address.

    Raises what `fetched` and `reports_at` raise.
    """

    def there(path: Path) -> str:
        return f"{address}/{path.resolve().relative_to(root).as_posix()}"

    scheme = Path(request.scheme) if request.scheme.endswith(".toml") else None
    for path in (request.notebook, request.export, request.mapping, scheme):
        if path:
            _fetch(there(path), path)
    for name in _beside(str(request.mapping or ""), request.scheme):
        _fetch(there(request.export.with_name(name)), request.export.with_name(name))
    with reports_at(there(request.out), request) as here:
        yield here


def _beside(mapping: str, scheme: str) -> Iterator[str]:
    if mapping:
        from pmstats.cohort import load_mapping
        from pmstats.scheme import load_scheme

        files = load_mapping(mapping, scheme=load_scheme(scheme)).files
        yield from filter(None, astuple(files))


def _fetch(address: str, path: Path) -> None:
    storage, there = _storage(address)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        storage.get_file(there, str(path))
    except Exception as error:  # each storage has errors of its own
        raise ParameterError(f"{address} cannot be read: {type(error).__name__}.") from None


@contextmanager
def reports_at(address: str, request: Request) -> Iterator[Request]:
    """The request with a working copy of the reports folder at an address, sent as it grows.

    Raises `ParameterError` when it cannot be used or another run has it, `NotebookFailed` when
    not everything could be sent.
    """
    with private_folder() as private:
        reports = Reports(address, private)
        try:
            reports.open(whole=request.resume)
            yield replace(request, out=private, address=address)
            reports.finish()
        finally:
            reports.close()


class Reports:
    """A reports folder on a storage, and its working copy here."""

    def __init__(self, address: str, here: Path) -> None:
        self._address = address
        self._here = here
        self._storage, self._root = _storage(address)
        self._lock = f"{self._root}/{LOCK}"
        self._mark = f"{uuid4().hex} {socket.gethostname()}"
        self._sent: dict[Path, tuple[int, ...]] = {}
        self._earlier: dict[Path, set[str]] = {}
        self._end = Event()
        self._pulse = Thread(target=self._beat, daemon=True)

    def open(self, *, whole: bool) -> None:
        """Lock the folder and fetch it: the whole of it, or what tells of the packs."""
        try:
            self._make_root()
            self._take_lock()
            self._pulse.start()
            self._clear_uploads()
            for found, path in self._found():
                if whole or path.suffix == ".json":
                    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                    self._storage.get_file(found, str(path))
                    self._sent[path] = look_of(path)
                    receipt = read_receipt(path) if path.name.endswith(RECEIPT) else None
                    self._earlier[path] = set(receipt.files) if receipt else set()
        except ParameterError:
            raise
        except Exception as error:
            raise ParameterError(
                f"{self._address} cannot be used: {type(error).__name__}."
            ) from None

    def finish(self) -> None:
        """Send all that is not there yet. Raises `NotebookFailed` when that fails."""
        self._stop_pulse()
        try:
            self._send_packs()
            paths = [path for path in sorted(self._here.rglob("*")) if self._belongs(path)]
            self._send([path for path in paths if self._sent.get(path) != look_of(path)])
        except Exception as error:
            raise NotebookFailed(
                f"{self._address}: not everything could be written: {type(error).__name__}."
            ) from None

    def close(self) -> None:
        """Let go of the lock, if it is still ours."""
        self._stop_pulse()
        with suppress(Exception):
            if self._mark in self._held():
                self._storage.rm_file(self._lock)

    def _beat(self) -> None:
        while not self._end.wait(PULSE):
            with suppress(Exception):  # the next beat tries again, and the end tells
                self._send_packs()

    def _stop_pulse(self) -> None:
        self._end.set()
        if self._pulse.ident:
            self._pulse.join()

    def _send_packs(self) -> None:
        """Send every pack that is new since the last time, and signs of life meanwhile."""
        self._sign_of_life()
        signed = time.monotonic()
        for path in sorted(self._here.glob(f"[!.]*/[!.]*/*{RECEIPT}")):
            receipt = read_receipt(path)
            if receipt and self._sent.get(path) != look_of(path):
                if time.monotonic() - signed > PULSE:
                    self._sign_of_life()
                    signed = time.monotonic()
                gone = self._earlier.get(path, set()) - set(receipt.files)
                gone |= {f"failed-{receipt.notebook}"}
                self._send(
                    [*(path.with_name(name) for name in receipt.files), path],
                    instead_of=[path, *(path.with_name(name) for name in sorted(gone))],
                )

    def _send(self, paths: Sequence[Path], *, instead_of: Sequence[Path] = ()) -> None:
        looks = {path: look_of(path) for path in paths}
        with self._storage.transaction:
            for folder in dict.fromkeys(path.parent for path in paths):
                self._storage.makedirs(self._there(folder), exist_ok=True)
            for path in paths:
                with self._storage.open(self._there(path), "wb") as file:
                    file.write(path.read_bytes())
            for path in instead_of:
                if self._storage.exists(self._there(path)):
                    self._storage.rm_file(self._there(path))
        self._sent |= looks

    def _make_root(self) -> None:
        """Make the folder, in a bucket that is there: a mistyped one is not to be made."""
        bucket = self._root.partition("/")[0]
        if bucket and not self._storage.exists(bucket):
            raise ParameterError(f"{self._address} cannot be used: there is no {bucket!r}.")
        self._storage.makedirs(self._root, exist_ok=True)

    def _clear_uploads(self) -> None:
        """Give up what a run that was killed had begun to send: S3 keeps it, out of sight."""
        if not hasattr(self._storage, "list_multipart_uploads"):
            return
        bucket, _, folder = self._root.partition("/")
        below = f"{folder}/" if folder else ""
        with suppress(Exception):  # not everybody who may write there may do this
            for begun in self._storage.list_multipart_uploads(bucket):
                if begun["Key"].startswith(below):
                    self._storage.abort_mpu(bucket, begun["Key"], begun["UploadId"])

    def _found(self) -> Iterator[tuple[str, Path]]:
        """Every file there that a run may have written, and its place here.

        On a storage without folders a name may hold anything, `..` too, and an empty file whose
        name ends in `/` stands for a folder.
        """
        for found in self._storage.find(self._root):
            names = found.removeprefix(self._root).lstrip("/").split("/")
            path = self._here.joinpath(*names)
            inside = path.is_relative_to(self._here) and ".." not in path.parts
            if inside and not any(name.startswith(".") or not name for name in names):
                yield found, path

    def _belongs(self, path: Path) -> bool:
        names = path.relative_to(self._here).parts
        return path.is_file() and not any(name.startswith(".") for name in names)

    def _there(self, path: Path) -> str:
        return f"{self._root}/{path.relative_to(self._here).as_posix()}"

    def _take_lock(self) -> None:
        """Write our lock where there is none, or one whose run gives no sign of life."""
        for _ in range(2):
            with suppress(FileExistsError):
                self._write_lock(mode="create")
                return
            held, end = self._held(), time.monotonic() + 3 * PULSE
            while held and self._held() == held and time.monotonic() < end:
                time.sleep(PULSE / 10)
            if held and self._held() == held:
                self._storage.rm_file(self._lock)
        raise ParameterError(f"{self._address}: another run is writing there. Wait for it.")

    def _sign_of_life(self) -> None:
        if self._mark not in self._held():
            raise PermissionError("another run has taken over")
        self._write_lock()

    def _write_lock(self, mode: str = "overwrite") -> None:
        self._storage.pipe_file(self._lock, f"{time.time_ns()} {self._mark}".encode(), mode=mode)

    def _held(self) -> str:
        with suppress(FileNotFoundError):
            return str(self._storage.cat_file(self._lock).decode())
        return ""


def _storage(address: str) -> tuple[Any, str]:
    """What speaks to an address, and the path there. Raises `ParameterError` when nothing does."""
    if re.search(r"://[^/]*:[^/]*@|\?", address):
        raise ParameterError(
            "An address holds no password and no signature, which would show in the list of "
            "processes: give it by fsspec's configuration or the environment."
        )
    try:
        from fsspec.core import url_to_fs  # type: ignore[import-untyped]
    except ImportError:
        raise ParameterError(f"{address} needs fsspec: pip install 'pmstats[cluster]'.") from None
    try:
        storage, root = url_to_fs(address)
        storage.invalidate_cache()  # what was there for an earlier run of this process
    except ImportError as error:
        raise ParameterError(f"{address}: {error}.") from None
    except ValueError as error:
        raise ParameterError(f"{address}: {error}.") from None
    return storage, root.rstrip("/")
