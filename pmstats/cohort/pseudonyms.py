"""Keyed hashes in place of person identifiers: the same person, no way back without the key."""

from __future__ import annotations

import hashlib
import os
import secrets
import stat
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from pmstats.errors import ParameterError

_KEY_BYTES = 32
_VARIABLE = "PMSTATS_KEY"
#: Names the file that holds the key: a path may stand where others can read it, a key may not.
KEY_FILE = "PMSTATS_KEY_FILE"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def fresh_key() -> bytes:
    """A random key: pseudonyms made with it cannot be linked to any other run's."""
    return secrets.token_bytes(_KEY_BYTES)


def kept_key() -> bytes | None:
    """The key that the environment names, by a file or by itself; None where it names none.

    Raises `ParameterError` as `load_key` does.
    """
    if named := os.environ.get(KEY_FILE):
        return load_key(named)
    return load_key() if os.environ.get(_VARIABLE) else None


def load_key(path: str | Path | None = None) -> bytes:
    """A kept key, so that a person has one pseudonym from year to year.

    From a file that only its owner can read, or from the environment variable `PMSTATS_KEY`
    when no path is given. Raises `ParameterError` for a file others can read, a key that is
    absent or one shorter than 32 characters; the key itself is never in the message.
    """
    if path is None:
        text = os.environ.get(_VARIABLE, "")
        source = f"the environment variable {_VARIABLE}"
    else:
        source = "the key file"  # not its name: a key may have been given in its place
        try:
            if Path(path).stat().st_mode & _OTHERS:
                raise ParameterError(f"Others can read {source}: run chmod 600 on it.")
            text = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise ParameterError(f"Cannot read {source}.") from None
    if len(text) < _KEY_BYTES:
        raise ParameterError(f"No key of at least {_KEY_BYTES} characters in {source}.")
    return hashlib.sha256(text.encode()).digest()


def record_id(pseudonym: int) -> str:
    """A pseudonym as reports write it: 16 hexadecimal digits."""
    return f"{pseudonym:016x}"


def pseudonyms(identifiers: Iterable[str], *, key: bytes) -> np.ndarray:
    """A 64-bit keyed hash of each identifier (BLAKE2b, RFC 7693, in keyed mode).

    Case and outer space are folded, so that one person typed two ways stays one person. Two
    people among two million share a hash once in ten million runs.
    """
    keyed = hashlib.blake2b
    hashes = b"".join(
        keyed(text.strip().upper().encode(), key=key, digest_size=8).digest()
        for text in identifiers
    )
    return np.frombuffer(hashes, dtype="<u8").astype(np.uint64)
