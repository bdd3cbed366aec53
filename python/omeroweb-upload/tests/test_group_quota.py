"""What a group may still take in: heeded before and during an upload, and counted after the import."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from omero_plugin_common.config import quota_settings
from omero_plugin_common.database.owned import Owner
from omero_plugin_common.quota.state import (
    BYTES_PER_GB,
    QuotaState,
    locked,
    read_usage,
    usage_path,
    write_state,
)
from omeroweb_upload.config import upload_settings
from omeroweb_upload.models import Status, UploadFile, UploadSession
from omeroweb_upload.services.errors import UploadError
from omeroweb_upload.services.receive import receive
from omeroweb_upload.services.requests import FileEntry, StartRequest
from omeroweb_upload.services.room import record_import
from omeroweb_upload.services.start import start

if TYPE_CHECKING:
    from pathlib import Path

ALICE, BOB = Owner(2, "alice"), Owner(3, "bob")
LAB = 3


@pytest.fixture
def settings(plugin_database, staging):
    return upload_settings()


@pytest.fixture
def lab_quota():
    """Gives the lab a quota in bytes; every file of quotas is gone afterwards."""
    place = quota_settings().state_path

    def give(size: int) -> Path:
        with locked(place):
            write_state(place, QuotaState(quotas_gb={"lab": size / BYTES_PER_GB}))
        return place

    yield give
    place.unlink(missing_ok=True)
    usage_path(place).unlink(missing_ok=True)


def upload(settings, size, owner=ALICE):
    wanted = StartRequest(files=[FileEntry(name="a.tif", size=size)])
    session, _ = start(settings, owner, LAB, wanted, group_name="lab")
    return session


def test_what_does_not_fit_the_groups_quota_is_refused_before_it_is_sent(settings, lab_quota):
    lab_quota(1000)
    with pytest.raises(UploadError, match="the group lab has") as caught:
        upload(settings, 1001)
    assert caught.value.status == 413
    assert not UploadSession.objects.exists()
    upload(settings, 1000)


def test_what_others_of_the_group_are_sending_counts(settings, lab_quota):
    lab_quota(1000)
    upload(settings, 600, BOB)
    with pytest.raises(UploadError, match="the group lab has"):
        upload(settings, 600)
    UploadSession.objects.update(status=Status.CANCELLED)
    upload(settings, 600)


def test_a_group_that_gets_full_meanwhile_stops_an_upload_and_what_arrived_is_kept(settings, lab_quota):
    lab_quota(1000)
    session = upload(settings, 100)
    row = session.files.select_related("session").get()
    receive(settings, row, 0, io.BytesIO(b"x" * 60).read)
    record_import(session, 950)
    with pytest.raises(UploadError, match="What arrived is kept") as caught:
        receive(settings, row, 60, io.BytesIO(b"x" * 40).read)
    assert caught.value.status == 413
    assert UploadFile.objects.get().offset == 60
    lab_quota(2000)
    assert receive(settings, row, 60, io.BytesIO(b"x" * 40).read) == 100


def test_imports_into_a_group_without_a_quota_write_nothing(settings, lab_quota):
    place = lab_quota(1000)
    session, _ = start(settings, ALICE, 4, StartRequest(), group_name="others")
    record_import(session, 10)
    assert read_usage(place).used_bytes == {}


def test_an_import_counts_in_the_quota_of_its_group(alice, files, lab_quota):
    place = lab_quota(1_000_000)
    data = files(901)
    job_id = alice.upload({"counted.tif": data})
    alice.wait_for(job_id, "done")
    assert read_usage(place).used_bytes == {"lab": len(data)}
    entries = [{"relative_path": "big.tif", "size": 1_000_000}]
    refused = alice.http.post("/omeroweb_upload/start/", json={"files": entries})
    assert refused.status_code == 413
    assert "the group lab" in refused.json()["error"]
