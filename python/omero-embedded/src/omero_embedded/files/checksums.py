"""The checksum algorithms that OMERO lists, spelled as OMERO spells them.

32-bit sums and the file size come as OMERO.server writes them since 5.1: the bytes of the number, lowest first.
Murmur3: https://github.com/aappleby/smhasher/wiki/MurmurHash3, seed 0, in the byte order of Guava's `HashCode`.
"""

from __future__ import annotations

import hashlib
import zlib
from typing import TYPE_CHECKING, Protocol

import numpy as np

from omero_embedded import errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

BLOCK_BYTES = 1 << 20
_MASK32 = 0xFFFFFFFF
_MASK64 = 0xFFFFFFFFFFFFFFFF


class Checksum(Protocol):
    """A running checksum."""

    def update(self, data: bytes, /) -> None:
        """Add bytes."""

    def hexdigest(self) -> str:
        """The checksum of all bytes so far, in lower-case hexadecimal."""


class _Sum32:
    def __init__(self, function: Callable[[bytes, int], int], start: int) -> None:
        self._function = function
        self._value = start

    def update(self, data: bytes) -> None:
        self._value = self._function(data, self._value)

    def hexdigest(self) -> str:
        return self._value.to_bytes(4, "little").hex()


class _FileSize:
    def __init__(self) -> None:
        self._size = 0

    def update(self, data: bytes) -> None:
        self._size += len(data)

    def hexdigest(self) -> str:
        return self._size.to_bytes(8, "little").hex()


class _Blocks:
    """Hands whole blocks of `width` bytes to `_mix` and keeps the rest for later."""

    width: int

    def __init__(self) -> None:
        self._rest = b""
        self._size = 0

    def update(self, data: bytes) -> None:
        self._size += len(data)
        data = self._rest + bytes(data)
        whole = len(data) // self.width * self.width
        self._rest = data[whole:]
        if whole:
            self._mix(data[:whole])

    def _mix(self, data: bytes) -> None:
        raise NotImplementedError


def _rotate32(value: int, bits: int) -> int:
    return ((value << bits) | (value >> (32 - bits))) & _MASK32


def _rotate64(value: int, bits: int) -> int:
    return ((value << bits) | (value >> (64 - bits))) & _MASK64


def _scramble(values: np.ndarray, first: int, bits: int, second: int) -> np.ndarray:
    """Murmur's mixing of the input words, which does not depend on the sum so far and so runs on arrays."""
    kind = values.dtype.type
    width = values.dtype.itemsize * 8
    values = values * kind(first)
    values = (values << kind(bits)) | (values >> kind(width - bits))
    return np.asarray(values * kind(second))


class _Murmur32(_Blocks):
    width = 4
    _FIRST, _SECOND = 0xCC9E2D51, 0x1B873593

    def __init__(self) -> None:
        super().__init__()
        self._hash = 0

    def _mix(self, data: bytes) -> None:
        value = self._hash
        words = _scramble(np.frombuffer(data, "<u4"), self._FIRST, 15, self._SECOND)
        for word in words.tolist():
            value ^= word
            value = ((value << 13) | (value >> 19)) & _MASK32
            value = (value * 5 + 0xE6546B64) & _MASK32
        self._hash = value

    def hexdigest(self) -> str:
        value = self._hash
        if self._rest:
            word = int.from_bytes(self._rest, "little") * self._FIRST & _MASK32
            value ^= _rotate32(word, 15) * self._SECOND & _MASK32
        value ^= self._size & _MASK32
        value = (value ^ (value >> 16)) * 0x85EBCA6B & _MASK32
        value = (value ^ (value >> 13)) * 0xC2B2AE35 & _MASK32
        return (value ^ (value >> 16)).to_bytes(4, "little").hex()


class _Murmur128(_Blocks):
    width = 16
    _FIRST, _SECOND = 0x87C37B91114253D5, 0x4CF5AD432745937F

    def __init__(self) -> None:
        super().__init__()
        self._hash = (0, 0)

    def _mix(self, data: bytes) -> None:
        low, high = self._hash
        words = np.frombuffer(data, "<u8")
        first = _scramble(words[0::2], self._FIRST, 31, self._SECOND)
        second = _scramble(words[1::2], self._SECOND, 33, self._FIRST)
        for one, two in zip(first.tolist(), second.tolist(), strict=True):
            low ^= one
            low = (((low << 27) | (low >> 37)) & _MASK64) + high
            low = (low * 5 + 0x52DCE729) & _MASK64
            high ^= two
            high = (((high << 31) | (high >> 33)) & _MASK64) + low
            high = (high * 5 + 0x38495AB5) & _MASK64
        self._hash = (low, high)

    def hexdigest(self) -> str:
        low, high = self._hash
        if len(self._rest) > 8:
            word = int.from_bytes(self._rest[8:], "little") * self._SECOND & _MASK64
            high ^= _rotate64(word, 33) * self._FIRST & _MASK64
        if self._rest:
            word = int.from_bytes(self._rest[:8], "little") * self._FIRST & _MASK64
            low ^= _rotate64(word, 31) * self._SECOND & _MASK64
        low, high = low ^ self._size, high ^ self._size
        low = (low + high) & _MASK64
        high = (high + low) & _MASK64
        low, high = _finish64(low), _finish64(high)
        low = (low + high) & _MASK64
        high = (high + low) & _MASK64
        return (low.to_bytes(8, "little") + high.to_bytes(8, "little")).hex()


def _finish64(value: int) -> int:
    value = (value ^ (value >> 33)) * 0xFF51AFD7ED558CCD & _MASK64
    value = (value ^ (value >> 33)) * 0xC4CEB9FE1A85EC53 & _MASK64
    return value ^ (value >> 33)


_ALGORITHMS: dict[str, Callable[[], Checksum]] = {
    "SHA1-160": lambda: hashlib.sha1(usedforsecurity=False),
    "MD5-128": lambda: hashlib.md5(usedforsecurity=False),
    "Murmur3-128": _Murmur128,
    "Murmur3-32": _Murmur32,
    "CRC-32": lambda: _Sum32(zlib.crc32, 0),
    "Adler-32": lambda: _Sum32(zlib.adler32, 1),
    "File-Size-64": _FileSize,
}
SHA1 = "SHA1-160"
PREFERENCE = tuple(_ALGORITHMS)


def supported(configured: str | None) -> tuple[str, ...]:
    """The algorithms in order of preference, from a value of `omero.checksum.supported`.

    Raises omero.ApiUsageException for a name that OMERO does not list.
    """
    names = tuple(name.strip() for name in (configured or "").split(",") if name.strip()) or PREFERENCE
    for name in names:
        start(name)
    return names


def start(algorithm: str) -> Checksum:
    """A new checksum. Raises omero.ApiUsageException for an algorithm that OMERO does not list."""
    if algorithm not in _ALGORITHMS:
        raise errors.api_usage(f"unknown checksum algorithm {algorithm!r}; known are {', '.join(PREFERENCE)}")
    return _ALGORITHMS[algorithm]()


def of_bytes(algorithm: str, data: bytes) -> str:
    """The checksum of bytes."""
    return of_blocks(algorithm, [data])


def of_blocks(algorithm: str, blocks: Iterable[bytes]) -> str:
    """The checksum of consecutive blocks of bytes."""
    checksum = start(algorithm)
    for block in blocks:
        checksum.update(block)
    return checksum.hexdigest()


def of_file(algorithm: str, path: Path) -> str:
    """The checksum of a file's content."""
    if algorithm == "File-Size-64":
        return path.stat().st_size.to_bytes(8, "little").hex()
    if algorithm in ("SHA1-160", "MD5-128"):
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, _ALGORITHMS[algorithm]).hexdigest()  # type: ignore[arg-type]
    with path.open("rb") as stream:
        return of_blocks(algorithm, iter(lambda: stream.read(BLOCK_BYTES), b""))
