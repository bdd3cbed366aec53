"""Bytes on their way to the disk: whole, once, in order, whatever happens in between."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import os
import random

import pytest

from omero_plugin_common.database.owned import Owner
from omeroweb_upload.config import upload_settings
from omeroweb_upload.models import FileState, Status, UploadFile, UploadSession
from omeroweb_upload.services.errors import UploadError
from omeroweb_upload.services.files import staged_file
from omeroweb_upload.services.receive import Checksum, receive
from omeroweb_upload.services.requests import FileEntry, StartRequest
from omeroweb_upload.services.start import start

ALICE = Owner(2, "alice")
MIB = 1024 * 1024


@pytest.fixture
def settings(plugin_database, staging):
    return upload_settings()


def announced(settings, size, path="run/big.tif"):
    session, _ = start(settings, ALICE, 3, StartRequest(files=[FileEntry(relative_path=path, size=size)]))
    return session.files.select_related("session").get()


def fresh(row):
    return UploadFile.objects.select_related("session").get(pk=row.pk)


def test_a_file_in_many_pieces_of_any_size_has_the_checksums_of_the_whole(settings):
    data = random.Random(1).randbytes(5 * MIB + 17)
    row = announced(settings, len(data))
    sizes = random.Random(2)
    while (row := fresh(row)).state == FileState.PENDING:
        piece = data[row.offset : row.offset + sizes.randint(1, MIB + 5)]
        assert receive(settings, row, row.offset, io.BytesIO(piece).read) == row.offset
    assert staged_file(settings, row).read_bytes() == data
    assert row.sha256 == hashlib.sha256(data).hexdigest()
    assert row.sha1 == hashlib.sha1(data).hexdigest()


def test_a_piece_at_the_wrong_place_is_refused_with_the_right_one(settings):
    row = announced(settings, 100)
    receive(settings, row, 0, io.BytesIO(b"a" * 40).read)
    for wrong in (0, 39, 41, 100):
        with pytest.raises(UploadError, match="40 bytes of this file have arrived") as caught:
            receive(settings, fresh(row), wrong, io.BytesIO(b"b").read)
        assert caught.value.status == 409
    assert staged_file(settings, row).read_bytes() == b"a" * 40


def test_more_bytes_than_announced_are_refused_and_what_was_right_is_kept(settings):
    row = announced(settings, 10)
    with pytest.raises(UploadError, match="announced with 10 bytes") as caught:
        receive(settings, row, 0, io.BytesIO(b"x" * 11).read)
    assert caught.value.status == 413
    assert fresh(row).offset == 0
    with pytest.raises(UploadError):
        receive(settings, row, 0, io.BytesIO(b"x" * 11).read, length=11)
    assert receive(settings, fresh(row), 0, io.BytesIO(b"y" * 10).read) == 10


def test_a_piece_with_another_checksum_leaves_nothing(settings):
    row = announced(settings, 3 * MIB)
    receive(settings, row, 0, io.BytesIO(b"a" * MIB).read)
    wrong = Checksum("sha256", hashlib.sha256(b"something else").digest())
    with pytest.raises(UploadError, match="checksum") as caught:
        receive(settings, fresh(row), MIB, io.BytesIO(b"b" * MIB).read, checksum=wrong)
    assert caught.value.status == 460
    assert fresh(row).offset == MIB
    assert staged_file(settings, row).read_bytes() == b"a" * MIB


def test_what_came_before_the_network_went_away_is_kept(settings):
    row = announced(settings, 3 * MIB)
    stream = io.BytesIO(b"a" * (2 * MIB))

    def read(size):
        block = stream.read(size)
        if not block:
            raise ConnectionResetError("the network is gone")
        return block

    with pytest.raises(ConnectionResetError):
        receive(settings, row, 0, read)
    assert fresh(row).offset == 2 * MIB
    receive(settings, fresh(row), 2 * MIB, io.BytesIO(b"b" * MIB).read)
    assert fresh(row).sha256 == hashlib.sha256(b"a" * (2 * MIB) + b"b" * MIB).hexdigest()


def test_bytes_beyond_the_row_are_cut_off_before_the_next_piece(settings):
    row = announced(settings, 20)
    receive(settings, row, 0, io.BytesIO(b"a" * 5).read)
    with staged_file(settings, row).open("ab") as stream:
        stream.write(b"written by a process that was killed before it could say so")
    receive(settings, fresh(row), 5, io.BytesIO(b"b" * 15).read)
    assert staged_file(settings, row).read_bytes() == b"a" * 5 + b"b" * 15


def test_a_forgotten_request_that_wakes_up_writes_nothing(settings):
    row = announced(settings, 4 * MIB)
    later = iter([b"new" * 1000])

    def read(size):
        # While this request waits for the network, another one takes over and goes further.
        if (block := next(later, None)) is not None:
            assert receive(settings, fresh(row), 0, io.BytesIO(block).read) == len(block)
            return b"old" * 1000
        return b""

    with pytest.raises(UploadError, match="Another request") as caught:
        receive(settings, fresh(row), 0, read)
    assert caught.value.status == 409
    assert staged_file(settings, row).read_bytes() == b"new" * 1000
    assert fresh(row).offset == 3000


def test_a_file_whose_bytes_were_lost_begins_again(settings):
    row = announced(settings, 10)
    receive(settings, row, 0, io.BytesIO(b"a" * 5).read)
    staged_file(settings, row).unlink()
    with pytest.raises(UploadError, match="gone from the server"):
        receive(settings, fresh(row), 5, io.BytesIO(b"b" * 5).read)
    assert fresh(row).offset == 0
    receive(settings, fresh(row), 0, io.BytesIO(b"c" * 10).read)
    assert fresh(row).sha256 == hashlib.sha256(b"c" * 10).hexdigest()


def test_a_link_in_the_place_of_a_file_is_not_followed(settings, tmp_path):
    row = announced(settings, 10)
    victim = tmp_path / "victim"
    victim.write_text("precious")
    place = staged_file(settings, row)
    place.parent.mkdir(parents=True)
    place.symlink_to(victim)
    with pytest.raises(OSError):  # noqa: PT011 - ELOOP has no class of its own
        receive(settings, row, 0, io.BytesIO(b"x" * 10).read)
    assert victim.read_text() == "precious"


def test_a_quota_that_is_reached_in_mid_file_stops_it_and_keeps_what_arrived(settings):
    row = announced(settings, 200 * MIB)
    tight = dataclasses.replace(settings, user_quota_bytes=66 * MIB)
    blocks = iter([b"x" * MIB] * 200)
    with pytest.raises(UploadError, match="What arrived is kept") as caught:
        receive(tight, row, 0, lambda _size: next(blocks, b""))
    assert caught.value.status == 413
    assert 0 < fresh(row).offset <= 200 * MIB
    assert fresh(row).state == FileState.PENDING
    left = fresh(row).offset
    assert receive(settings, fresh(row), left, io.BytesIO(b"y").read) == left + 1


def test_a_full_disk_is_noticed_before_it_is_full(settings):
    row = announced(settings, 10)
    state = os.statvfs(settings.directory)
    full = dataclasses.replace(settings, keep_free_bytes=state.f_blocks * state.f_frsize * 2)
    with pytest.raises(UploadError, match="no room") as caught:
        receive(full, row, 0, io.BytesIO(b"x" * 10).read)
    assert caught.value.status == 507


def test_a_cancelled_upload_takes_no_more_bytes(settings):
    row = announced(settings, 10)
    UploadSession.objects.update(status=Status.CANCELLED)
    with pytest.raises(UploadError, match="no more bytes") as caught:
        receive(settings, row, 0, io.BytesIO(b"x").read)
    assert caught.value.status == 410


def test_declared_sizes_that_do_not_fit_are_refused_before_any_byte(settings):
    for size, says in ((settings.largest_session_bytes + 1, "one upload takes"), (2**62, "one upload takes")):
        with pytest.raises(UploadError, match=says):
            announced(settings, size)
    with pytest.raises(UploadError, match="there is room for"):
        announced(settings, settings.largest_session_bytes)
    small = dataclasses.replace(settings, user_quota_bytes=1000)
    announced(small, 900)
    with pytest.raises(UploadError, match="would come"):
        announced(small, 101)
    assert UploadFile.objects.count() == 1
