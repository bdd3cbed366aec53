"""Which bytes a Range header asks for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omeroweb_imaris_connector.services.ranges import ByteRange, UnsatisfiableRangeError, parse_range


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("bytes=0-0", ByteRange(0, 1)),
        ("bytes=5-", ByteRange(5, 10)),
        ("bytes=-3", ByteRange(7, 10)),
        ("bytes=-30", ByteRange(0, 10)),
        ("bytes=2-99", ByteRange(2, 10)),
        ("bytes=5-4", None),
        ("bytes=-", None),
        ("bytes=0-1,3-4", None),
        ("lines=0-1", None),
        ("nonsense", None),
    ],
)
def test_a_header_becomes_a_range_or_the_whole_file(header, wanted):
    assert parse_range(header, 10) == wanted


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=10-20", "bytes=-0"])
def test_bytes_beyond_the_end_cannot_be_had(header):
    with pytest.raises(UnsatisfiableRangeError):
        parse_range(header, 10)


@given(st.integers(1, 10**15), st.data())
def test_every_range_lies_inside_the_file(size, data):
    start = data.draw(st.integers(0, size - 1))
    stop = data.draw(st.integers(start, 2 * size))
    found = parse_range(f"bytes={start}-{stop}", size)
    assert found is not None
    assert 0 <= found.start < found.stop <= size
    assert found.header(size) == f"bytes {start}-{min(stop, size - 1)}/{size}"
