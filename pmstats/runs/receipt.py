"""What a finished job leaves beside its files to say that they are whole, and what made them.

The receipt is written last. Without one, or with one that does not fit, the files of a folder
are not trusted and the next run makes them again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from platform import python_version

import pmstats.errors
from pmstats.plain_file import read_plain, sha256_of
from pmstats.runs.plan import Job

#: How the name of every receipt ends.
RECEIPT = ".receipt.json"

#: Parameters that stand for themselves even where a file has their name.
BY_NAME = ("department", "record")

LIBRARIES = ("numpy", "scipy", "pandas", "plotly", "papermill")


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """One job done: its department, what identifies everything it was made from, its files.

    `files` maps names to SHA-256; `cells` maps the ids of the notebook's cells to seconds.
    """

    department: str
    notebook: str
    folder: str
    made_from: str
    files: dict[str, str]
    seconds: float
    cells: dict[str, float]

    @property
    def name(self) -> str:
        """The name of the receipt's own file."""
        return receipt_name(self.notebook)

    @property
    def text(self) -> str:
        """The receipt as JSON."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n"


def receipt_name(notebook: str) -> str:
    """The name of the receipt of a notebook's job."""
    return f"{Path(notebook).stem}{RECEIPT}"


def read_receipt(path: Path) -> Receipt | None:
    """The receipt in a file, or None when there is none that can be read."""
    try:
        receipt = Receipt(**json.loads(read_plain(path)))
        names = [receipt.folder, receipt.notebook, *receipt.files]
        return receipt if all(Path(name).name == name for name in names) else None
    except (OSError, ValueError, TypeError):
        return None


def still_good(job: Job, *, made_from: str) -> Receipt | None:
    """The receipt of a job whose files are all there, unchanged, and made from the same things."""
    receipt = read_receipt(job.folder / receipt_name(job.notebook.name))
    if receipt is None or receipt.made_from != made_from:
        return None
    try:
        good = all(
            sha256_of(job.folder / name) == expected for name, expected in receipt.files.items()
        )
    except OSError:
        return None
    return receipt if good else None


def identity(job: Job, *, facts: Mapping[str, object]) -> str:
    """What identifies everything a job is made from; another identity means another result.

    It covers the notebook, every parameter (a file by its bytes, not by where it is), the code
    of pmstats, the versions of the libraries and `facts`, which must identify the export.
    A record is known by where it is: every pack that is kept in it changes its bytes.
    """
    parameters = {
        name: value if name in BY_NAME else _content(value)
        for name, value in job.parameters
        if name != "export"
    }
    held = {
        "notebook": sha256_of(job.notebook),
        "parameters": parameters,
        "facts": dict(facts),
        "code": code_sha256(),
        "versions": versions(),
    }
    return hashlib.sha256(json.dumps(held, sort_keys=True).encode()).hexdigest()


@cache
def versions() -> dict[str, str]:
    """The versions of everything that could change a figure."""
    names = ("pmstats", *LIBRARIES)
    return {"python": python_version(), **{name: version(name) for name in names}}


@cache
def code_sha256() -> str:
    """The hash of the code of pmstats as it is on disk."""
    package = Path(pmstats.errors.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*")):
        if path.suffix in {".py", ".toml", ".j2", ".css", ".js", ".json"}:
            digest.update(path.relative_to(package).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _content(value: object) -> object:
    if isinstance(value, str) and Path(value).is_absolute() and Path(value).is_file():
        return sha256_of(Path(value))
    return value
