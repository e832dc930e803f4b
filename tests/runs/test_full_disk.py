"""A disk that is full, for real: whole packs only, what was there stays, and the next run mends."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pmstats.plain_file import sha256_of

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="small disks of Linux")

#: Enough for the packs of a run and what is written beside them on the way.
SIZE = 4 * 2**20


class SmallDisk:
    """A disk in memory, in a world of its own that ends with one process."""

    def __init__(self, process: subprocess.Popen, place: Path) -> None:
        self._process = process
        self.place = place

    @classmethod
    @contextmanager
    def mounted(cls, place: Path) -> Iterator["SmallDisk"]:
        """The disk at an empty folder, which other processes see empty. Skips where it cannot be.

        An ordinary user may mount one in a namespace of its own, unless the system forbids it.
        """
        own = ["unshare", "--user", "--map-root-user", "--mount"]
        mount = 'mount -t tmpfs -o size="$1",mode=700 none "$2" && echo mounted && cat'
        if not all(map(shutil.which, ("unshare", "nsenter", "mount"))):
            pytest.skip("No unshare, nsenter and mount (util-linux): no disk is filled.")
        with subprocess.Popen(
            [*own, "sh", "-c", mount, "sh", str(SIZE), str(place)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            said = process.stdout.readline().strip()
            if said != "mounted":
                pytest.skip(f"No disk can be mounted here, none is filled: {said}")
            yield cls(process, place)
            process.stdin.close()

    @property
    def seen(self) -> Path:
        """The disk as it is seen from outside; only for looking, for its names lead elsewhere."""
        return Path(f"/proc/{self._process.pid}/root{self.place}")

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """A command of Python where the disk is seen at its place."""
        enter = ["nsenter", "--target", str(self._process.pid), "--user", "--mount"]
        return subprocess.run(
            [*enter, "--preserve-credentials", sys.executable, *command],
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
            cwd=Path.cwd(),
        )

    def fill(self, *, leaving: int) -> None:
        """Take all room but so many bytes."""
        held = os.statvfs(self.seen)
        (self.seen / "ballast").write_bytes(bytes(held.f_bavail * held.f_frsize - leaving))

    def empty(self) -> None:
        """Give the room back."""
        (self.seen / "ballast").unlink()


@pytest.fixture
def disk(tmp_path):
    """A small disk, and nothing on it."""
    place = tmp_path / "disk"
    place.mkdir()
    with SmallDisk.mounted(place) as mounted:
        yield mounted


def packs(reports: Path) -> dict[str, str]:
    """What each department's receipt says it was made from; each must fit its files."""
    made = {}
    for path in sorted(reports.glob("*/*/*.receipt.json")):
        receipt = json.loads(path.read_text())
        assert {n: sha256_of(path.with_name(n)) for n in receipt["files"]} == receipt["files"]
        made[receipt["department"]] = receipt["made_from"]
    return made


@pytest.mark.parametrize("left", [0, 12_000, 60_000, 150_000])
def test_a_run_on_a_disk_that_becomes_full(disk, tmp_path, write_notebook, write_export, left):
    """Exit code 13 and the reason; old packs or new, whole; with room again the rest is made."""
    names = ["Clouds", "Rivers", "Tides"]
    export = write_export(tmp_path, dict.fromkeys(names, 3))
    notebook = write_notebook(tmp_path, "open('made.txt', 'w').write('old ' * 5_000)")
    reports = disk.place / "reports"
    command = ["-m", "pmstats", "run", str(notebook), "--export", str(export), "--out"]
    done = disk.run(*command, str(reports))
    assert done.returncode == 0, done.stderr
    seen = disk.seen / "reports"
    (cycle,) = (path for path in seen.iterdir() if path.is_dir())
    old, index = packs(seen), (cycle / "index.html").read_bytes()
    write_notebook(tmp_path, *(f"open('{n}.txt', 'w').write('new ' * 10_000)" for n in range(2)))
    disk.fill(leaving=left)
    ended = disk.run(*command, str(reports))
    assert ended.returncode == 13, ended.stderr
    assert "No space left on device" in ended.stderr
    assert "Traceback" not in ended.stderr
    between = packs(seen)
    new = {name for name in names if between[name] != old[name]}
    assert len(new) < len(names)
    json.loads((cycle / "manifest.json").read_text())
    page = (cycle / "index.html").read_bytes()
    assert page == index or page.endswith(b"</html>")
    disk.empty()
    resumed = disk.run(*command, str(reports), "--resume")
    assert resumed.returncode == 0, resumed.stderr
    manifest = json.loads((cycle / "manifest.json").read_text())
    kept = {d["department"] for d in manifest["departments"] if d["status"] == "kept"}
    assert kept == new
    assert not set(packs(seen).values()) & set(old.values())
    left_over = [path.name for path in seen.rglob("*") if path.name.startswith(".")]
    assert left_over == [".lock"]
    for name in names:
        files = sorted(path.name for path in (cycle / name.lower()).iterdir())
        assert files == ["0.txt", "1.txt", "notebook.ipynb", "notebook.receipt.json"]


@pytest.mark.parametrize("what", ["manifest", "index", "record", "ledger"])
def test_a_file_that_cannot_be_written_again_stays_as_it_was(disk, what):
    """With no room, a page of room, two, and so on until there is enough; and no litter."""
    program = Path(__file__).with_name("on_a_full_disk.py")
    ended = disk.run(str(program), what, str(disk.place))
    assert ended.returncode == 0, ended.stderr
    *refused, (words, state, beside) = json.loads(ended.stdout)
    assert (words, state) == ("", "new")
    assert len(refused) > 4  # the file is several pages long, and so many ways to be cut off
    for why, found, files in refused:
        assert "No space left" in why or "full" in why or "I/O error" in why, why
        assert found == "old"
        assert files == beside


def test_any_command_on_a_full_disk_ends_with_a_sentence(disk):
    """Exit code 13 and the file that could not be written, no traceback."""
    disk.fill(leaving=8_000)
    ended = disk.run("-m", "pmstats", "synthesise", str(disk.place / "made"))
    assert ended.returncode == 13, ended.stderr
    assert "No space left on device; what was finished before is whole." in ended.stderr
    assert "Traceback" not in ended.stderr
