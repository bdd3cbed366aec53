"""Digests that go on where another process stopped."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from omeroweb_upload.services import running_hash
from omeroweb_upload.services.running_hash import RunningHash, digests_of


def plain(data):
    return hashlib.sha256(data).hexdigest(), hashlib.sha1(data).hexdigest()


@given(st.lists(st.binary(max_size=300), max_size=12))
def test_a_state_saved_after_every_piece_gives_the_digests_of_the_whole(pieces):
    state, offset = None, 0
    for piece in pieces:
        running = RunningHash(state, offset)
        running.update(piece)
        state, offset = running.state(), offset + len(piece)
    assert RunningHash(state, offset).digests() == plain(b"".join(pieces))


def test_asking_for_digests_does_not_disturb_what_comes_after():
    running = RunningHash(None, 0)
    running.update(b"one")
    assert running.digests() == plain(b"one")
    running.update(b"two")
    assert running.digests() == plain(b"onetwo")


def test_a_state_of_another_version_is_not_used_and_nothing_wrong_is_claimed():
    for state in (None, b"", b"\x02" + bytes(208), b"\x01short"):
        running = RunningHash(state, 10)
        running.update(b"x")
        assert running.digests() == ("", "")
        assert running.state() is None


def test_without_openssls_functions_digests_are_made_from_the_file(monkeypatch, tmp_path):
    monkeypatch.setattr(running_hash, "_library", lambda: None)
    running = RunningHash(None, 0)
    running.update(b"bytes")
    assert running.digests() == ("", "")
    (tmp_path / "file").write_bytes(b"bytes")
    assert digests_of(tmp_path / "file") == plain(b"bytes")


def test_blocks_of_a_buffer_are_hashed_without_a_copy_and_from_their_place():
    buffer = bytearray(b"before the bytes after")
    running = RunningHash(None, 0)
    running.update(memoryview(buffer)[7:16])
    assert running.digests() == plain(b"the bytes")
