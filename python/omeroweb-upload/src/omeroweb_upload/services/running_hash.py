"""SHA-256 and SHA-1 of a file that arrives in pieces, at different processes, with restarts in between.

hashlib cannot save a digest half-way. OpenSSL's own functions can: their state is a plain structure (SHA256_CTX and
SHA_CTX in <openssl/sha.h>), which is kept beside the offset it belongs to. Where the library in use does not have them,
nothing is saved and the digests are made from the staged file later.
"""

from __future__ import annotations

import _hashlib
import ctypes
import hashlib
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

SHA256_CONTEXT_BYTES: Final = 112
SHA1_CONTEXT_BYTES: Final = 96
VERSION: Final = b"\x01"
BLOCK: Final = 1024 * 1024


class RunningHash:
    """Both digests so far; `known` is False when what came before is not."""

    def __init__(self, state: bytes | None, offset: int) -> None:
        self._library = _library()
        self.known = self._library is not None and (offset == 0 or _is_state(state))
        self._sha256 = ctypes.create_string_buffer(SHA256_CONTEXT_BYTES)
        self._sha1 = ctypes.create_string_buffer(SHA1_CONTEXT_BYTES)
        if not self.known or self._library is None:
            return
        if offset and state:
            self._sha256.raw = state[1 : 1 + SHA256_CONTEXT_BYTES]
            self._sha1.raw = state[1 + SHA256_CONTEXT_BYTES :]
        else:
            self._library.SHA256_Init(self._sha256)
            self._library.SHA1_Init(self._sha1)

    def update(self, block: bytes | memoryview) -> None:
        """Go on with the next bytes."""
        self.update_sha256(block)
        self.update_sha1(block)

    def update_sha256(self, block: bytes | memoryview) -> None:
        """One half of `update`; the halves may run at the same time, and other threads run meanwhile."""
        if self.known and self._library is not None:
            self._library.SHA256_Update(self._sha256, _address(block), len(block))

    def update_sha1(self, block: bytes | memoryview) -> None:
        """The other half."""
        if self.known and self._library is not None:
            self._library.SHA1_Update(self._sha1, _address(block), len(block))

    def state(self) -> bytes | None:
        """What to keep for going on later."""
        return VERSION + self._sha256.raw + self._sha1.raw if self.known else None

    def digests(self) -> tuple[str, str]:
        """SHA-256 and SHA-1 in hexadecimal, empty when not known; the running state is not disturbed."""
        if not self.known or self._library is None:
            return "", ""
        sha256, sha1 = ctypes.create_string_buffer(32), ctypes.create_string_buffer(20)
        self._library.SHA256_Final(
            sha256, ctypes.create_string_buffer(self._sha256.raw, SHA256_CONTEXT_BYTES)
        )
        self._library.SHA1_Final(sha1, ctypes.create_string_buffer(self._sha1.raw, SHA1_CONTEXT_BYTES))
        return sha256.raw.hex(), sha1.raw.hex()


def digests_of(path: Path) -> tuple[str, str]:
    """SHA-256 and SHA-1 of a file on disk."""
    sha256, sha1 = hashlib.sha256(), hashlib.sha1()  # noqa: S324 - the checksum OMERO compares files by
    with path.open("rb") as stream:
        while block := stream.read(BLOCK):
            sha256.update(block)
            sha1.update(block)
    return sha256.hexdigest(), sha1.hexdigest()


def _address(block: bytes | memoryview) -> bytes | int:
    """What ctypes takes for a pointer, without a copy; memory views must be writable ones."""
    return block if isinstance(block, bytes) else ctypes.addressof(ctypes.c_char.from_buffer(block))


def _is_state(state: bytes | None) -> bool:
    return (
        state is not None
        and state[:1] == VERSION
        and len(state) == 1 + SHA256_CONTEXT_BYTES + SHA1_CONTEXT_BYTES
    )


@cache
def _library() -> ctypes.CDLL | None:
    """The OpenSSL that Python itself uses, if it has these functions and its structures fit."""
    library = ctypes.CDLL(_hashlib.__file__)
    try:
        for name in ("SHA256_Update", "SHA1_Update"):
            getattr(library, name).argtypes = [ctypes.c_char_p, ctypes.c_void_p, ctypes.c_size_t]
        for name in ("SHA256_Init", "SHA1_Init", "SHA256_Final", "SHA1_Final"):
            getattr(library, name)
    except AttributeError:
        return None
    return library if _works(library) else None


def _works(library: ctypes.CDLL) -> bool:
    """Whether a saved state gives the digest that hashlib gives."""
    context = ctypes.create_string_buffer(SHA256_CONTEXT_BYTES)
    library.SHA256_Init(context)
    library.SHA256_Update(context, b"a" * 100, 100)
    saved = ctypes.create_string_buffer(context.raw, SHA256_CONTEXT_BYTES)
    library.SHA256_Update(saved, b"b" * 100, 100)
    digest = ctypes.create_string_buffer(32)
    library.SHA256_Final(digest, saved)
    return digest.raw == hashlib.sha256(b"a" * 100 + b"b" * 100).digest()
