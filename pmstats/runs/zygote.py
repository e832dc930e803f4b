"""The process that has everything loaded already and forks another for every notebook.

It has one thread, whatever was imported: threads do not survive a fork, their locks do. It is
told what to do over a socket of its parent and ends when that closes; nothing it starts
outlives it. Run as `python -m pmstats.runs.zygote DESCRIPTOR`.

An order is one letter and a number. `J` (with a socket: the notebook's own) starts a job, `K`
kills it, `P` (with a socket) reads an export to be held ready; the zygote itself says `R` once,
with its number of threads. What a job says on its own socket is one JSON object a line; the
last line, `ended`, comes from the zygote when the process is gone, however it went.
"""

from __future__ import annotations

import atexit
import ctypes
import gc
import importlib
import json
import os
import pickle
import random
import resource
import selectors
import signal
import socket
import sys
import time
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from pmstats.errors import ExportError, PmstatsError
from pmstats.looks import looks_since
from pmstats.runs.fork import kill_group
from pmstats.runs.rehearsal import rehearse
from pmstats.runs.shell import Shell
from pmstats.runs.wire import ORDER, tell

if TYPE_CHECKING:
    from pmstats.cohort.preloaded import Held

#: What reading an export takes.
READING = (
    "pandas",
    "pandas.core.reshape.reshape",
    "pyarrow.pandas_compat",
    "pmstats.cohort",
    "pmstats.cohort.preloaded",
)

#: What the notebooks of pmstats would import one by one, loaded before the first fork; the
#: libraries of extras that are not installed are left out.
PRELOADED = (
    *READING,
    "scipy.special",
    "jinja2",
    "xlsxwriter",
    "gptables",
    "pmstats.counts",
    "pmstats.findings",
    "pmstats.release",
    "pmstats.report",
    "pmstats.report.pack",
    "pmstats.report.page",
    "pmstats.report.record_store",
)

#: pandas chooses this at import by looking for a kernel, and may be imported before the shell.
LIKE_A_KERNEL = "import pandas; pandas.options.display.max_columns = 20"

#: The machinery that shows what a cell ends with is made when it is first needed.
FIRST_SHOWN = "from IPython.display import HTML; HTML('')"

_KILL_WITH_PARENT = 1  # PR_SET_PDEATHSIG
_ADOPT = 36  # PR_SET_CHILD_SUBREAPER

#: Options of glibc's malloc and bytes for each: a job keeps the memory it frees until it ends,
#: for to be given every page of it anew costs more than what is calculated in it.
_KEEP_MEMORY = {-1: 1 << 28, -2: 8 << 20, -3: 1 << 25}  # trim threshold, top pad, mmap threshold

#: When so many more objects are alive, a job looks for rings among them: a workbook alone has tens
#: of thousands, and to look through them as they come took a fiftieth of a pack.
_MANY_OBJECTS = 100_000


def main() -> None:
    """Serve on the socket whose descriptor is the only argument, until it is closed."""
    gc.disable()  # there is little to collect, and looking for it takes a tenth of the start
    control = socket.socket(fileno=int(sys.argv[1]))
    silent = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):  # nothing that a cell prints reaches the person's terminal
        os.dup2(silent, standard)
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core dump would hold people's rows
    shell = Shell()
    zygote = Zygote(control, shell)
    for name in PRELOADED:
        if _alone(control):
            return
        with suppress(ImportError):
            importlib.import_module(name)
        if name == READING[-1]:
            zygote.look_ahead()
    for source in (LIKE_A_KERNEL, FIRST_SHOWN):
        shell.run(source)
    shell.rewind()
    zygote.serve()
    os._exit(0)  # there is nothing to save, and libraries take seconds to say goodbye


def _alone(control: socket.socket) -> bool:
    """Whether the parent is gone already: on a busy machine loading takes a while."""
    try:
        return not control.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except OSError:
        return True


class _Asked(NamedTuple):
    """An export that is being read: who asked, under what scheme, where it comes from, by whom."""

    asker: socket.socket
    scheme: str
    reading: int
    reader: int


class Zygote:
    """Forks jobs, tells each job's socket how it ended, and holds cohorts ready."""

    def __init__(self, control: socket.socket, shell: Shell) -> None:
        self._control = control
        self._shell = shell
        self._jobs: dict[int, tuple[int, socket.socket]] = {}
        self._libc = ctypes.CDLL(None)
        self._libc.prctl(_ADOPT, 1)
        self._wakeup, self._woken = socket.socketpair()
        self._asked: _Asked | None = None

    def look_ahead(self) -> None:
        """Begin to read an export that is asked for already, while the rest is loaded."""
        with suppress(BlockingIOError, ConnectionError):
            waiting = self._control.recv(ORDER.size, socket.MSG_PEEK | socket.MSG_DONTWAIT)
            if waiting[:1] == b"P" and threads() == 1:
                gc.freeze()
                _, descriptors, _, _ = socket.recv_fds(self._control, ORDER.size, 1)
                self._asked = self._ask_reader(socket.socket(fileno=descriptors[0]))

    def serve(self) -> None:
        """Do what the parent says until it is gone; then kill what is still running."""
        self._wakeup.setblocking(False)
        self._woken.setblocking(False)
        signal.set_wakeup_fd(self._woken.fileno())
        signal.signal(signal.SIGCHLD, lambda *_: None)
        gc.freeze()
        with suppress(ConnectionError), selectors.DefaultSelector() as selector:
            self._control.sendall(ORDER.pack(b"R", threads()))
            selector.register(self._control, selectors.EVENT_READ)
            selector.register(self._wakeup, selectors.EVENT_READ)
            if self._asked:
                self._preload(self._asked)
            while True:
                ready = [key.fileobj for key, _ in selector.select()]
                if self._wakeup in ready:
                    self._wakeup.recv(4096)
                    self._reap()
                if self._control in ready and not self._obey():
                    break
        for pid, _ in self._jobs.values():
            kill_group(pid)
        self._jobs.clear()
        while self._kill_strays():
            os.waitpid(-1, 0)

    def _obey(self) -> bool:
        message, descriptors, _, _ = socket.recv_fds(self._control, ORDER.size, 1)
        if len(message) < ORDER.size:
            return False
        letter, number = ORDER.unpack(message)
        if letter == b"K":
            if number in self._jobs:
                kill_group(self._jobs[number][0])
            return True
        own = socket.socket(fileno=descriptors[0])
        if letter == b"P":
            self._preload(self._ask_reader(own))
        else:
            self._start(number, own)
        return True

    def _fork(self) -> int:
        """A child in a process group of its own, which dies with the zygote."""
        zygote = os.getpid()
        pid = os.fork()
        if pid:
            with suppress(OSError):  # the child does the same, whoever comes first
                os.setpgid(pid, pid)
            return pid
        self._libc.prctl(_KILL_WITH_PARENT, signal.SIGKILL)
        os.setpgid(0, 0)
        if os.getppid() != zygote:
            os._exit(1)
        gc.enable()
        gc.set_threshold(_MANY_OBJECTS)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for end in (self._control, self._wakeup, self._woken):
            end.close()
        return 0

    def _start(self, number: int, own: socket.socket) -> None:
        pid = self._fork()
        if pid:
            self._jobs[number] = (pid, own)
            return
        status = 1
        try:
            for _, other in self._jobs.values():
                other.close()
            self._libc.prctl(_ADOPT, 1)  # what it leaves is then left to the zygote
            with suppress(AttributeError):  # another C library than glibc
                for option, size in _KEEP_MEMORY.items():
                    self._libc.mallopt(option, size)
            status = run_cells(own, self._shell)
        finally:
            os._exit(status)

    def _reap(self) -> None:
        ended = {}
        with suppress(ChildProcessError):
            while (found := os.waitpid(-1, os.WNOHANG))[0]:
                ended[found[0]] = found[1]
        for number, (pid, own) in list(self._jobs.items()):
            if pid in ended:
                kill_group(pid)
                del self._jobs[number]
                self._kill_strays()
                with own, suppress(OSError):
                    own.sendall(b"\n")  # the job may have stopped in the middle of a line
                    tell(own, {"ended": os.waitstatus_to_exitcode(ended[pid])})
        self._kill_strays()

    def _kill_strays(self) -> int:
        """Kill every child that is no job; how many there were.

        A job adopts what its processes leave behind, whatever their session, and we what the job
        leaves. What these leave in turn is ours when they have ended.
        """
        jobs, strays = {pid for pid, _ in self._jobs.values()}, 0
        with suppress(OSError), open(f"/proc/self/task/{os.getpid()}/children") as children:  # noqa: PTH123
            for pid in {int(child) for child in children.read().split()} - jobs:
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
                    strays += 1
        return strays

    def _ask_reader(self, asker: socket.socket) -> _Asked:
        """Have an export read by a process of its own: readers of files start threads.

        One that was read already, by the client of a cluster, is there for the taking.
        """
        request = json.loads(asker.makefile("rb").readline())
        if "pickled" in request:
            return _Asked(asker, request["scheme"], os.open(request["pickled"], os.O_RDONLY), 0)
        reading, writing = os.pipe()
        pid = self._fork()
        if not pid:
            os.close(reading)
            with suppress(BaseException), os.fdopen(writing, "wb") as pipe:
                pickle.dump(read(request), pipe, protocol=5)
            os._exit(0)
        os.close(writing)
        return _Asked(asker, request["scheme"], reading, pid)

    def _preload(self, asked: _Asked) -> None:
        """Hold an export ready when it has been read, and tell who asked."""
        with os.fdopen(asked.reading, "rb") as pipe:
            pickled = pipe.read()
        if asked.reader:
            os.waitpid(asked.reader, 0)
        with asked.asker:
            tell(asked.asker, {**_held(pickled, asked.scheme), "threads": threads()})
        gc.freeze()


def threads() -> int:
    """How many threads this process has."""
    return len(os.listdir("/proc/self/task"))  # noqa: PTH208


def read(request: dict[str, str]) -> tuple[dict[str, Any], Held | None]:
    """The facts of an export and what to hold of it; or what is wrong with it and nothing."""
    from pmstats.cohort import read_export
    from pmstats.cohort.mapping import Mapping, load_mapping
    from pmstats.cohort.preloaded import Held, Reading
    from pmstats.scheme import load_scheme

    begun = time.time_ns()
    try:
        scheme = load_scheme(request["scheme"])
        named = request["mapping"]
        mapping = load_mapping(named, scheme=scheme) if named else Mapping()
        stage = request["stage"]
        cohort = read_export(
            request["export"],
            scheme=scheme,
            mapping=mapping,
            stage=stage,
            cut_off=request["cut_off"],
        )
    except ExportError as error:
        return {"problems": [asdict(problem) for problem in error.problems]}, None
    except PmstatsError as error:
        return {"error": type(error).__name__, "words": str(error)}, None
    facts = {
        "departments": cohort.departments,
        "export": cohort.export_name,
        "export_sha256": cohort.export_sha256,
        "files": cohort.files,
        "cut_off": str(cohort.cut_off or ""),
    }
    reading = Reading(scheme=scheme, mapping=mapping, stage=stage, cut_off=cohort.cut_off)
    names = [cohort.export_name, *dict(cohort.files)]
    looks = looks_since(begun, Path(request["export"]), names)
    return facts, Held(cohort=cohort, reading=reading, looks=looks)


def _held(pickled: bytes, scheme: str) -> dict[str, Any]:
    from pmstats.cohort import preloaded
    from pmstats.scheme import load_scheme

    if not pickled:
        return {"error": "ParameterError", "words": "The process that reads the export stopped."}
    facts, kept = pickle.loads(pickled)
    if kept:
        cohort, reading = kept.cohort, kept.reading
        loaded = load_scheme(scheme)  # it is kept: no notebook reads the file again
        if loaded == reading.scheme:  # to tell whether two are equal is to walk through both
            cohort = replace(cohort, scheme=loaded)
            reading = replace(reading, scheme=loaded)
        preloaded.hold(cohort, reading=reading, looks=kept.looks)
        rehearse(cohort, reading=reading)
    answer: dict[str, Any] = facts
    return answer


def run_cells(own: socket.socket, shell: Shell) -> int:
    """Run the cells asked for on a job's socket, telling each one's start and messages.

    Gives the exit code: 0 when every cell ran, 1 when one failed.
    """
    request = json.loads(own.makefile("rb").readline())
    tell(own, {"pid": os.getpid()})
    _settle(request["folder"], request["memory_mb"])
    status = 0
    for place, source, may_fail in request["cells"]:
        tell(own, {"started": place, "count": shell.count})
        begun = time.monotonic()
        run = shell.run(source)
        tell(own, {"finished": place, "seconds": time.monotonic() - begun, **asdict(run)})
        if not run.succeeded and not may_fail:
            status = 1
            break
    with suppress(Exception):
        shell.close()
        atexit._run_exitfuncs()
    return status


def _settle(folder: str, memory_mb: int) -> None:
    """What a fresh interpreter has: its folder, random numbers, exits and memory of its own."""
    os.chdir(folder)
    sys.path.insert(0, "")
    atexit._clear()
    random.seed()
    if "numpy.random" in sys.modules:
        sys.modules["numpy.random"].seed()
    if memory_mb:
        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123
            shared = int(file.read().split()[0]) * resource.getpagesize()
        most = shared + memory_mb * 2**20
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


if __name__ == "__main__":
    # What is pickled here must belong to the module others import, not to a second copy of it.
    importlib.import_module("pmstats.runs.zygote").main()
