"""Importing in place: who may, and no way out of the share."""

from __future__ import annotations

import pytest

from omero_plugin_common.database.owned import Owner
from omeroweb_upload.config import UploadSettings
from omeroweb_upload.models import FileState, UploadFile
from omeroweb_upload.services.errors import UploadError
from omeroweb_upload.services.requests import StartRequest
from omeroweb_upload.services.shares import add_in_place, listing, place_in, shares_of
from omeroweb_upload.services.start import start

ALICE = Owner(2, "alice")


@pytest.fixture
def share(tmp_path):
    root = tmp_path / "microscope"
    (root / "run").mkdir(parents=True)
    (root / "run" / "a.tif").write_bytes(b"pixels")
    (root / "run" / "Thumbs.db").write_bytes(b"junk")
    (tmp_path / "secret.tif").write_bytes(b"not shared")
    (root / "link.tif").symlink_to(tmp_path / "secret.tif")
    (root / "out").symlink_to(tmp_path)
    return root


@pytest.fixture
def settings(share, tmp_path):
    return UploadSettings(
        directory=tmp_path / "staging",
        allow_root_layer=True,
        keep_free_bytes=0,
        in_place_shares=(f"microscope1={share}",),
        in_place_users=("alice",),
    )


def test_only_named_users_see_the_share(settings):
    assert list(shares_of(settings, "alice")) == ["microscope1"]
    assert shares_of(settings, "bob") == {}
    with pytest.raises(UploadError, match="may not use it") as caught:
        listing(settings, "bob", "microscope1", "")
    assert caught.value.status == 404


def test_links_are_not_shown_and_lead_nowhere(settings):
    assert [row["name"] for row in listing(settings, "alice", "microscope1", "")] == ["run"]
    for way in ("../secret.tif", "/etc/passwd", "link.tif", "out/secret.tif", "run/../../secret.tif"):
        with pytest.raises(UploadError):
            place_in(settings, "alice", "microscope1", way)


def test_files_of_a_folder_join_the_upload_without_being_copied(settings, share, plugin_database):
    session, _ = start(settings, ALICE, 3, StartRequest(more_files=True))
    assert add_in_place(settings, ALICE, session, "microscope1", ["run"]) == 2
    rows = {row.path: row for row in UploadFile.objects.all()}
    assert rows["run/a.tif"].source == str(share / "run" / "a.tif")
    assert rows["run/a.tif"].state == FileState.UPLOADED
    assert rows["run/Thumbs.db"].state == FileState.SKIPPED
    assert not settings.directory.exists()
