"""Where uploads may be staged."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from omeroweb_upload.config import UploadSettings
from omeroweb_upload.store.places import in_container_layer, nearest_existing, place_problems

CONTAINER = "overlay / overlay rw 0 0\n/dev/sdb1 /opt/tmp ext4 rw 0 0\ntmpfs /dev/shm tmpfs rw 0 0\n"
HOST = "/dev/sda1 / ext4 rw 0 0\n"


def test_a_folder_inside_the_containers_own_layer_is_noticed():
    assert in_container_layer(Path("/srv/uploads"), CONTAINER)
    assert not in_container_layer(Path("/opt/tmp/uploads"), CONTAINER)
    assert in_container_layer(Path("/opt/tmpfiles"), CONTAINER)
    assert not in_container_layer(Path("/srv/uploads"), HOST)


def test_a_folder_that_can_not_be_made_is_named_with_its_variable(tmp_path):
    blocker = tmp_path / "file"
    blocker.write_text("not a folder")
    settings = UploadSettings(directory=blocker / "uploads", allow_root_layer=True)
    (problem,) = place_problems(settings)
    assert "OMERO_WEB_UPLOAD_DIR" in problem
    assert str(blocker) in problem
    assert place_problems(dataclasses.replace(settings, directory=tmp_path / "new")) == ()
    assert not (tmp_path / "new").exists()
    assert nearest_existing(tmp_path / "a" / "b") == tmp_path


def test_shares_must_be_named_and_absolute(tmp_path):
    wrong = ("/no/name", "relative=data", "=x")
    settings = UploadSettings(directory=tmp_path, allow_root_layer=True, in_place_shares=wrong)
    problems = place_problems(settings)
    assert len(problems) == 3
    assert all("OMERO_WEB_UPLOAD_IN_PLACE_SHARES" in problem for problem in problems)
