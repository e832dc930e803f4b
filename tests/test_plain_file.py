"""A pipe or a device in place of a file is refused at once: nothing waits, or reads for ever."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pmstats.plain_file import read_plain

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pipes and devices of Unix")

EXPORT = str(Path(__file__).parents[1] / "data" / "synthetic" / "scs_2024_25.csv")


@pytest.fixture
def pipe(tmp_path):
    """A named pipe that nobody writes to; every kind of file could be meant by its name."""
    path = tmp_path / "pipe.toml"
    os.mkfifo(path)
    return path


def test_a_file_is_read_and_nothing_else(tmp_path, pipe):
    """Bytes of a file, also through a link; the reason for anything else."""
    (tmp_path / "link").symlink_to(EXPORT)
    assert read_plain(tmp_path / "link") == Path(EXPORT).read_bytes()
    for path in (pipe, "/dev/zero"):
        with pytest.raises(OSError, match="a pipe or a device, not a file"):
            read_plain(path)
    with pytest.raises(IsADirectoryError):
        read_plain(tmp_path)


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (["check", "PIPE"], 10),
        (["check", "/dev/zero"], 10),
        (["check", EXPORT, "--mapping", "PIPE"], 11),
        (["check", EXPORT, "--scheme", "PIPE"], 11),
        (["run", "PIPE", "--export", EXPORT], 11),
        (["schedule", "PIPE"], 11),
    ],
    ids=lambda value: " ".join(map(os.path.basename, value)) if isinstance(value, list) else "",
)
def test_no_command_waits_for_a_pipe(pipe, command, code):
    """Whatever is meant to be read, the program says what is wrong and ends."""
    given = [str(pipe) if word == "PIPE" else word for word in command]
    ended = subprocess.run(
        [sys.executable, "-m", "pmstats", *given],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert ended.returncode == code, ended.stderr
    assert "a pipe or a device, not a file" in ended.stderr
