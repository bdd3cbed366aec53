"""Checksums against published values."""

from __future__ import annotations

import hashlib
import random

import omero
import pytest

from omero_embedded.files import checksums

# Murmur3 of these: test vectors of the reference implementation; sums: RFC 1950, ITU-T V.42.
VECTORS = {
    "SHA1-160": ("da39a3ee5e6b4b0d3255bfef95601890afd80709", "a9993e364706816aba3e25717850c26c9cd0d89d"),
    "MD5-128": ("d41d8cd98f00b204e9800998ecf8427e", "900150983cd24fb0d6963f7d28e17f72"),
    "Murmur3-128": ("0" * 32, "6778ad3f3f3f96b4522dca264174a23b"),
    "Murmur3-32": ("00000000", "fa93ddb3"),
    "CRC-32": ("00000000", "c2412435"),
    "Adler-32": ("01000000", "27014d02"),
    "File-Size-64": ("0000000000000000", "0300000000000000"),
}


@pytest.mark.parametrize("algorithm", checksums.PREFERENCE)
def test_every_algorithm_gives_omeros_value_of_nothing_and_of_abc(algorithm):
    empty, abc = VECTORS[algorithm]
    assert checksums.of_bytes(algorithm, b"") == empty
    assert checksums.of_bytes(algorithm, b"abc") == abc


@pytest.mark.parametrize("algorithm", checksums.PREFERENCE)
def test_the_way_data_is_cut_into_blocks_does_not_matter(algorithm, tmp_path):
    source = random.Random(1)
    for length in (1, 3, 4, 7, 8, 9, 15, 16, 17, 31, 33, 1000, 100_003):
        data = source.randbytes(length)
        cuts = sorted(source.randrange(length + 1) for _ in range(5))
        blocks = [data[start:stop] for start, stop in zip([0, *cuts], [*cuts, length], strict=True)]
        path = tmp_path / "data"
        path.write_bytes(data)
        assert checksums.of_blocks(algorithm, blocks) == checksums.of_bytes(algorithm, data)
        assert checksums.of_file(algorithm, path) == checksums.of_bytes(algorithm, data)


def test_murmur_32_verification_value_of_the_reference_implementation():
    """SMHasher hashes keys {}, {0}, {0, 1} … and then those hashes; with seed 0 alone, the known values are these."""
    assert checksums.of_bytes("Murmur3-32", b"\xff\xff\xff\xff") == (0x76293B50).to_bytes(4, "little").hex()
    assert checksums.of_bytes("Murmur3-32", b"\x21\x43\x65\x87") == (0xF55B516B).to_bytes(4, "little").hex()
    assert checksums.of_bytes("Murmur3-32", b"\x21\x43\x65") == (0x7E4A8634).to_bytes(4, "little").hex()
    assert checksums.of_bytes("Murmur3-32", b"\x21\x43") == (0xA0F7B07A).to_bytes(4, "little").hex()
    assert checksums.of_bytes("Murmur3-32", b"\x21") == (0x72661CF4).to_bytes(4, "little").hex()


def test_murmur_128_of_a_longer_text():
    data = b"The quick brown fox jumps over the lazy dog"
    low, high = 0xE34BBC7BBC071B6C, 0x7A433CA9C49A9347
    assert (
        checksums.of_bytes("Murmur3-128", data)
        == (low.to_bytes(8, "little") + high.to_bytes(8, "little")).hex()
    )


def test_unknown_algorithms_are_refused_by_name():
    with pytest.raises(omero.ApiUsageException, match="SHA-3"):
        checksums.start("SHA-3")
    with pytest.raises(omero.ApiUsageException, match="Whirlpool"):
        checksums.supported("SHA1-160, Whirlpool")


def test_the_administrators_order_of_preference_is_kept():
    assert checksums.supported("CRC-32,SHA1-160") == ("CRC-32", "SHA1-160")
    assert checksums.supported(None)[0] == "SHA1-160"


def test_sha1_is_the_real_one():
    assert checksums.of_bytes("SHA1-160", b"x" * 5000) == hashlib.sha1(b"x" * 5000).hexdigest()
