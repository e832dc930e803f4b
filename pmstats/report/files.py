"""The files of a pack: what they are called, readable by their owner alone, whole or not there."""

from __future__ import annotations

import os
import re
import unicodedata
from pathlib import Path

#: The facts an index needs.
FACTS = "pack.json"


def pack_file(words: str, suffix: str) -> str:
    """The name of a pack's page or workbook, from what its framework calls a pack (`notices.pack`).

    >>> pack_file("Consistency check pack", ".html")
    'consistency_check_pack.html'
    """
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    return (re.sub(r"[^a-z0-9]+", "_", plain).strip("_") or "pack") + suffix


def write_owner_only(path: Path, content: str | bytes) -> Path:
    """Write a file that appears whole or not at all, readable by its owner alone.

    Raises `OSError`, and leaves what was there, when it cannot be written.
    """
    partial = path.with_name(f".{path.name}.partial")
    partial.unlink(missing_ok=True)  # of a run that was stopped, or a link that leads elsewhere
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return path
