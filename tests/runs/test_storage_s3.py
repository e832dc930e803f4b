"""Exports, packs and plans on a real S3 server over the network: whole packs, no secret told."""

import json
import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from pmstats import cli
from pmstats.runs import storage

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="signals and /proc of Linux")
s3fs = pytest.importorskip("s3fs", reason="the extra `test` is not installed")

#: What nobody may ever see. S3 asks every client to sign with them.
SECRETS = {
    "AWS_ACCESS_KEY_ID": "AKIAMADEUPFORTESTS00",
    "AWS_SECRET_ACCESS_KEY": "made+up/secret/of/the/tests+0123456789ab",
    "AWS_SESSION_TOKEN": "made-up-token-of-the-tests",
}
#: What a worker of a cluster has instead: no way to any storage.
NO_WAY = dict.fromkeys(SECRETS, "none") | {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
ROOT = Path(__file__).parents[2]
PACK = ROOT / "notebooks" / "90_consistency_check_pack.ipynb"
SAMPLE = ROOT / "data" / "synthetic" / "scs_2024_25.csv"
AT = "s3://bucket/reports"
RECEIPTS = "bucket/reports/**/*.receipt.json"


class Bucket:
    """The one bucket of a server, and the faults the server is told to have."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def fs(self) -> "s3fs.S3FileSystem":
        """The storage as it is now."""
        storage = s3fs.S3FileSystem()
        storage.invalidate_cache()
        return storage

    @property
    def names(self) -> list[str]:
        """Every file of the bucket."""
        return [name.removeprefix("bucket/") for name in self.fs.find("bucket")]

    def bytes_of(self, *, below: str = "reports") -> dict[str, bytes]:
        """Every file of a folder but those that tell of times."""
        timed = ("manifest.json", ".receipt.json")
        names = [name for name in self.fs.find(f"bucket/{below}") if not name.endswith(timed)]
        return {name.removeprefix(f"bucket/{below}/"): self.fs.cat_file(name) for name in names}

    def whole(self) -> list[str]:
        """The folders with a receipt, each of which must fit its files."""
        for name in self.fs.glob(RECEIPTS):
            for file, expected in json.loads(self.fs.cat_file(name))["files"].items():
                held = self.fs.cat_file(f"{name.rpartition('/')[0]}/{file}")
                assert sha256(held).hexdigest() == expected, name
        return sorted(name.split("/")[-2] for name in self.fs.glob(RECEIPTS))

    def fault(self, kind: str, *, after: int) -> None:
        """Have the server make so many changes more, then fail or hold."""
        (self.folder / "held").unlink(missing_ok=True)
        (self.folder / kind).write_text(str(after))

    def mend(self) -> None:
        """Have the server do all it is asked for."""
        for kind in ("fail", "hold"):
            (self.folder / kind).unlink(missing_ok=True)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server in a process of its own, and this process told where it is."""
    folder = tmp_path_factory.mktemp("s3")
    program = [sys.executable, str(Path(__file__).with_name("s3_server.py")), str(folder)]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
        )
    port = process.stdout.readline().strip()
    assert port, (folder / "log").read_text()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        for name, value in SECRETS.items():
            patch.setenv(name, value)
        yield Bucket(folder)
    s3fs.S3FileSystem.clear_instance_cache()
    process.communicate()


@pytest.fixture
def bucket(server):
    """The bucket, empty, on a server without faults."""
    server.mend()
    if server.fs.exists("bucket"):
        server.fs.rm("bucket", recursive=True)
    server.fs.mkdir("bucket")
    return server


@pytest.fixture
def run(tmp_path, write_notebook, write_export):
    """`pmstats run` of a small notebook into a place, in this process."""
    export = write_export(tmp_path, {"Clouds": 3, "Tides": 3})

    def run(out: str, *options: str, cell: str = "open('made.txt', 'w').write(department)"):
        notebook = write_notebook(tmp_path, cell)
        return cli.main(["run", str(notebook), "--export", str(export), "--out", out, *options])

    return run


def test_packs_are_made_from_and_on_s3_as_they_are_here(
    tmp_path, bucket, write_export, write_notebook, reports, capsys
):
    """Export, mapping's files and reports there: the same bytes, and the names that are printed."""
    export = write_export(tmp_path, {"Clouds": 3, "Tides": 3})
    awards, mapping = tmp_path / "awards.csv", tmp_path / "mapping.toml"
    awards.write_text("person_id,type,amount\nP00001,in_year,100\n")
    mapping.write_text('[files]\nawards = "awards.csv"\n')
    notebook = write_notebook(tmp_path, "open('made.txt', 'w').write(department)")
    for path in (export, awards):
        bucket.fs.put_file(str(path), f"bucket/exports/{path.name}")
    options = ("--quiet", "--mapping", str(mapping))
    assert reports.run(notebook, export, *options) == 0
    capsys.readouterr()
    given = ["--export", f"s3://bucket/exports/{export.name}", "--out", AT, *options]
    assert cli.main(["run", str(notebook), *given]) == 0
    printed = capsys.readouterr().out.split()
    assert all(bucket.fs.exists(line) for line in printed)
    here = {n: (reports.out / n).read_bytes() for n in reports.files if not n.endswith(".lock")}
    there = bucket.bytes_of()
    assert there == {name: here[name] for name in there}
    assert [n for n in bucket.names if n.startswith("reports")] == [f"reports/{n}" for n in here]
    assert bucket.whole() == ["clouds", "tides"]


def test_resume_keeps_what_is_there_and_whole(bucket, run, capsys):
    """A pack whose file was touched is made again; the others are fetched, checked and kept."""
    assert run(AT, "--quiet") == 0
    bucket.fs.pipe_file("bucket/reports/2024-25-mid-year/tides/made.txt", b"touched")
    capsys.readouterr()
    assert run(AT, "--resume") == 0
    assert "1 of 2 packs made, 1 kept from an earlier run" in capsys.readouterr().err
    assert bucket.bytes_of()["2024-25-mid-year/tides/made.txt"] == b"Tides"


def test_a_plan_runs_from_and_to_s3(tmp_path, bucket, write_export, write_notebook):
    """`--root s3://…`: the same plan file, called twice, does its work once."""
    plan = tmp_path / "plan.toml"
    plan.write_text('[[run]]\nnotebook = "notebook.ipynb"\nexport = "export.csv"\n')
    export = write_export(tmp_path, {"Tides": 3})
    for path in (export, write_notebook(tmp_path, "open('made.txt', 'w')")):
        bucket.fs.put_file(str(path), f"bucket/plans/{path.name}")
    for expected in ("done", "kept"):
        assert cli.main(["schedule", str(plan), "--root", "s3://bucket/plans"]) == 0
        (manifest,) = bucket.fs.glob("bucket/plans/reports/*/manifest.json")
        held = json.loads(bucket.fs.cat_file(manifest))
        assert [line["status"] for line in held["departments"]] == [expected]


def test_a_cluster_makes_them_and_needs_no_way_there(
    tmp_path, bucket, reports, dask_in, until, capsys
):
    """The client alone goes to S3: the packs of a run here, to the byte; resumed, it keeps them."""
    pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
    bucket.fs.put_file(str(SAMPLE), f"bucket/exports/{SAMPLE.name}")
    chosen = ("--department", "Office of Tides", "--department", "Sundial Office", "--quiet")
    assert reports.run(PACK, SAMPLE, *chosen) == 0
    given = ["--export", f"s3://bucket/exports/{SAMPLE.name}", "--out", AT, *chosen]
    with dask_in(tmp_path, NO_WAY).running() as dask:
        dask.worker()
        dask.worker()
        for expected in ("done", "kept"):
            asked = ["run", str(PACK), *given, "--resume", "--cluster", dask.address]
            assert cli.main(asked) == 0, capsys.readouterr().err
            (manifest,) = bucket.fs.glob("bucket/reports/*/manifest.json")
            held = json.loads(bucket.fs.cat_file(manifest))
            assert [line["status"] for line in held["departments"]] == [expected] * 2
        until(lambda: not dask.left)
        for secret in SECRETS.values():
            assert secret not in dask.log
    here = {n: (reports.out / n).read_bytes() for n in reports.files if not n.endswith(".lock")}
    there = bucket.bytes_of()
    assert there == {name: here[name] for name in there}
    assert [n for n in bucket.names if n.startswith("reports")] == [f"reports/{n}" for n in here]
    assert bucket.whole() == ["office-of-tides", "sundial-office"]


#: The changes to S3 that replace one pack of three files: each is begun and sent, the receipt of
#: before removed, then each gets its name, the receipt last.
SENT, REPLACED = 6, 10

#: Cut off after so many changes: the departments whose receipt is there.
CUTS = {
    0: ["clouds", "tides"],
    SENT: ["clouds", "tides"],
    REPLACED - 2: ["tides"],
    REPLACED: ["clouds", "tides"],
    2 * REPLACED - 1: ["clouds"],
}


#: A run that sends its packs when all are made, and so in their order, however slow the machine.
AT_THE_END = """
import sys
from pmstats import cli
from pmstats.runs import storage
storage.PULSE = 600.0
sys.exit(cli.main(sys.argv[1:]))
"""


@pytest.mark.parametrize("made", CUTS)
def test_a_run_killed_while_it_sends_leaves_no_pack_that_looks_whole_and_is_not(
    bucket, run, reports, tmp_path, monkeypatch, until, made
):
    """kill -9 with a change on its way: receipts fit their files; the next run makes the rest."""
    assert run(AT, "--quiet", cell="open('made.txt', 'w').write('old')") == 0
    assert run(str(reports.out), "--quiet") == 0
    bucket.fault("hold", after=made)
    command = [sys.executable, "-c", AT_THE_END, "run", str(tmp_path / "notebook.ipynb"), "--quiet"]
    command += ["--export", str(tmp_path / "export.csv"), "--out", AT]
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    killed = subprocess.Popen(command, env=os.environ | reports.mark, stdout=subprocess.DEVNULL)
    try:
        until((bucket.folder / "held").exists)
        assert bucket.whole() == CUTS[made]
    finally:
        killed.kill()
        killed.wait()
    until(lambda: not reports.processes)
    bucket.mend()
    until(lambda: not (bucket.folder / "held").exists())  # what was on its way has arrived
    monkeypatch.setattr(storage, "PULSE", 0.1)  # the lock of the dead need not rest for long
    assert run(AT, "--quiet", "--resume") == 0
    assert bucket.whole() == ["clouds", "tides"]
    here = {n: (reports.out / n).read_bytes() for n in reports.files}
    there = bucket.bytes_of()
    assert there == {name: here[name] for name in there}
    assert not [name for name in bucket.names if name.endswith(".lock")]
    assert not bucket.fs.list_multipart_uploads("bucket")
    assert not list(temporary.iterdir())


@pytest.mark.parametrize("made", [0, SENT, REPLACED + 1])
def test_a_bucket_that_refuses_is_told_and_holds_no_half_pack(
    bucket, run, capsys, monkeypatch, made
):
    """Exit code 13, packs of before are whole, and so is everything after the next run."""
    monkeypatch.setattr(storage, "PULSE", 600.0)  # all is sent at the end, and so in this order
    bucket.fault("fail", after=made)
    assert run(AT, "--quiet") == 13
    assert "not everything could be written: PermissionError" in capsys.readouterr().err
    assert bucket.whole() == ["clouds", "tides"][: made // REPLACED]
    bucket.mend()
    monkeypatch.setattr(storage, "PULSE", 0.1)
    assert run(AT, "--quiet", "--resume") == 0
    assert bucket.whole() == ["clouds", "tides"]


def test_a_bucket_that_is_not_there_is_refused_and_not_made(bucket, run, capsys):
    """A mistyped name must not become a bucket without the department's safeguards."""
    assert run("s3://buckte/reports") == 11
    assert "there is no 'buckte'" in capsys.readouterr().err
    assert not bucket.fs.exists("buckte")


def test_names_that_lead_out_or_stand_for_folders_are_left_alone(
    bucket, run, tmp_path, monkeypatch
):
    """S3 keeps any name: `..` in one reaches no file here, and consoles mark empty folders."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    strange = ("reports/../x.json", "reports/a/../../../x.json", "reports/2024-25-mid-year/")
    for name in strange:
        bucket.fs.pipe_file(f"bucket/{name}", b"{}" if name.endswith("json") else b"")
    assert run(AT, "--quiet") == 0
    assert run(AT, "--quiet", "--resume") == 0
    assert not list(tmp_path.parent.rglob("x.json"))
    assert set(strange) <= set(bucket.names)
    assert bucket.whole() == ["clouds", "tides"]


def test_one_run_at_a_time_takes_the_lock(bucket, tmp_path, monkeypatch):
    """S3 makes the lock for one of two; the other waits for a sign of life, and gives way."""
    monkeypatch.setattr(storage, "PULSE", 5.0)  # a sign of life is waited for three times as long
    first, second = (storage.Reports(AT, tmp_path / name) for name in ("first", "second"))
    try:
        first.open(whole=False)
        with pytest.raises(storage.ParameterError, match="another run is writing there"):
            second.open(whole=False)
        assert bucket.names == ["reports/.lock"]
    finally:
        first.close()
    second.open(whole=False)
    second.close()
    assert bucket.names == []


LOOKS_AROUND = """
import glob, os
for process in glob.glob("/proc/[0-9]*/cmdline"):
    try:
        shown = open(process).read()
    except OSError:
        continue
    if any(os.environ[name] in shown for name in SECRET_NAMES):
        raise SystemExit("seen")
open("made.txt", "w").write(department)
if department == "Tides":
    raise KeyError(os.environ["AWS_SECRET_ACCESS_KEY"])
"""


@pytest.mark.parametrize(
    ("engine", "changes"), [("fork", None), ("fork", SENT + 1), ("kernel", None)]
)
def test_no_credential_is_anywhere(bucket, tmp_path, write_export, write_notebook, engine, changes):
    """Not in a file that is made, a message, a failed notebook or the list of processes."""
    looks = LOOKS_AROUND.replace("SECRET_NAMES", repr(tuple(SECRETS)))
    notebook = write_notebook(tmp_path, looks)
    export = write_export(tmp_path, {"Clouds": 3, "Tides": 3})
    bucket.fs.put_file(str(export), "bucket/export.csv")
    if changes is not None:
        bucket.fault("fail", after=changes)
    command = [sys.executable, "-m", "pmstats", "run", str(notebook), "--engine", engine]
    command += ["--export", "s3://bucket/export.csv", "--out", AT]
    ended = subprocess.run(command, capture_output=True, check=False, text=True, timeout=600)
    said = ended.stdout + ended.stderr
    assert ended.returncode == 13, said
    assert "Clouds:" not in said  # it saw no secret in the list of processes
    assert "KeyError: its words are withheld" in said
    assert ("not everything could be written" in said) == (changes is not None)
    made = [bucket.fs.cat_file(name).decode() for name in bucket.fs.find("bucket/reports")]
    assert len(made) == (6 if changes is None else 1)
    for secret in SECRETS.values():
        assert not [text for text in (said, *made) if secret in text]
