"""Keyed hashes in place of person identifiers: the same person, no way back without the key."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable

import numpy as np

_KEY_BYTES = 32


def fresh_key() -> bytes:
    """A random key: pseudonyms made with it cannot be linked to any other run's."""
    return secrets.token_bytes(_KEY_BYTES)


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
