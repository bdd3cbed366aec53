"""Reading and writing one file."""

from __future__ import annotations

import hashlib

import omero
import pytest

from omero_embedded.files.handle import FileHandle


@pytest.fixture
def handle(tmp_path):
    made = FileHandle(tmp_path / "folder" / "file", "OriginalFile:1")
    yield made
    made.close()


def sha1(data: bytes) -> str:
    return hashlib.sha1(data).hexdigest()


def test_what_is_written_in_blocks_comes_back(handle):
    handle.write(b"hello ", 0)
    handle.write(b"world", 6)
    assert handle.read(0, 100) == b"hello world"
    assert handle.checksum() == sha1(b"hello world")


@pytest.mark.parametrize(
    "writes",
    [
        [(3, b"def"), (0, b"abc")],
        [(0, b"abc"), (0, b"xyz")],
        [(0, b"abc"), (3, b"def"), (1, b"BC"), (6, b"g")],
    ],
)
def test_the_checksum_is_right_in_whatever_order_blocks_come(handle, writes):
    for position, data in writes:
        handle.write(data, position)
    assert handle.checksum() == sha1(handle.read(0, 100))


@pytest.mark.parametrize("read_soon", [True, False])
def test_large_blocks_come_back_although_the_cache_gives_them_up(tmp_path, read_soon):
    handle = FileHandle(tmp_path / "file", "OriginalFile:1", read_soon=read_soon)
    blocks = [bytes([number]) * (2 << 20) for number in range(6)]
    for number, block in enumerate(blocks):
        handle.write(block, number * len(block))
    handle.write(b"end", 12 << 20)
    assert handle.read(0, 1 << 26) == b"".join(blocks) + b"end"
    assert handle.checksum() == sha1(b"".join(blocks) + b"end")
    handle.close()


def test_a_gap_is_filled_with_zeros(handle):
    handle.write(b"x", 3)
    assert handle.read(0, 10) == b"\0\0\0x"


def test_truncate_only_shortens(handle):
    handle.write(b"abcdef", 0)
    assert handle.truncate(10) is False
    assert handle.truncate(3) is True
    assert handle.read(0, 10) == b"abc"
    assert handle.checksum() == sha1(b"abc")


def test_a_file_that_was_never_written_says_so(handle):
    assert not handle.exists()
    with pytest.raises(omero.ResourceError, match="OriginalFile:1"):
        handle.size()
    with pytest.raises(omero.ResourceError, match="OriginalFile:1"):
        handle.read(0, 1)


def test_negative_positions_are_refused(handle):
    with pytest.raises(omero.ApiUsageException):
        handle.write(b"x", -1)
    with pytest.raises(omero.ApiUsageException):
        handle.read(-1, 1)
