"""How long exports are kept, and exporting in the user's own session."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import omero
import pytest
from django.utils import timezone

from omero_embedded.testing import PASSWORD
from omero_plugin_common.jobs import omero_sessions, service
from omero_plugin_common.testing.web import WebProcess
from omero_plugin_common.testing.worker import WorkerProcess
from omeroweb_imaris_connector.models import ImarisExport
from omeroweb_imaris_connector.services import cache
from omeroweb_imaris_connector.services.cache import GIGABYTE
from omeroweb_imaris_connector.services.exports import internal_id
from omeroweb_imaris_connector.tasks import KIND

from .helpers import row, volume, wait_for_end


def export(lab, name, image_id):
    ended = wait_for_end(service.submit(KIND, lab.owner(name), {"image_id": image_id}).id)
    assert (ended.state, ended.error) == ("done", "")
    return ended.result["annotation_id"]


def in_omero(lab, annotation_id):
    with lab.site.gateway("root") as conn:
        conn.SERVICE_OPTS.setOmeroGroup("-1")
        return conn.getObject("FileAnnotation", annotation_id) is not None


def test_exports_that_nobody_downloads_are_deleted_from_omero_by_the_next_export(lab, exporter):
    old = export(lab, "alice", lab.image("alice", volume((1, 1, 1, 8, 8), np.uint8)))
    fresh = export(lab, "bob", lab.image("alice", volume((1, 1, 1, 9, 9), np.uint8)))
    ImarisExport.objects.filter(annotation_id=old).update(used_at=timezone.now() - timedelta(days=15))
    newest = export(lab, "alice", lab.image("alice", volume((1, 1, 1, 7, 7), np.uint8)))
    assert [in_omero(lab, number) for number in (old, fresh, newest)] == [False, True, True]
    assert set(ImarisExport.objects.values_list("annotation_id", flat=True)) == {fresh, newest}


def test_an_old_export_that_is_asked_for_again_stays_for_its_download(lab, exporter):
    image_id = lab.image("alice", volume((1, 1, 1, 8, 8), np.uint8))
    old = export(lab, "alice", image_id)
    ImarisExport.objects.filter(annotation_id=old).update(used_at=timezone.now() - timedelta(days=15))
    assert export(lab, "alice", image_id) == old
    export(lab, "bob", lab.image("bob", volume((1, 1, 1, 9, 9), np.uint8)))
    assert in_omero(lab, old)


def test_the_ones_unused_for_longest_go_when_there_are_too_many_bytes(plugin_database):
    for number, gigabytes in enumerate((200, 200, 200), start=1):
        ImarisExport.objects.create(
            key="k", image_id=number, group_id=1, owner_id=1, username="alice", annotation_id=number,
            file_id=number, file_name="x.ims", size_bytes=gigabytes * GIGABYTE,
            used_at=timezone.now() - timedelta(hours=10 - number),
        )  # fmt: skip
    assert [(row.annotation_id, reason) for row, reason in cache.surplus()] == [(1, "size")]
    cache.touch(1)
    assert [(row.annotation_id, reason) for row, reason in cache.surplus()] == [(2, "size")]


class RefusingSessions:
    """An OMERO server that lets nobody act for this owner, as for one who is left without a group."""

    def user_session(self, owner, group_id):
        raise omero.ApiUsageException(None, None, f"{owner.username} has no default group")


def test_an_old_export_that_omero_will_not_delete_does_not_fail_the_new_one(plugin_database, monkeypatch):
    monkeypatch.setattr(omero_sessions, "_sources", [RefusingSessions()])
    ImarisExport.objects.create(
        key="k", image_id=1, group_id=1, owner_id=1, username="alice", annotation_id=1, file_id=1,
        file_name="x.ims", size_bytes=1, used_at=timezone.now() - timedelta(days=15),
    )  # fmt: skip
    assert cache.prune() == 0
    assert ImarisExport.objects.count() == 1, "it is tried again after the next export"


class SessionsDuringWhich:
    """An OMERO server on which something happens while the first export is being deleted, which it refuses."""

    def __init__(self, happening):
        self.happening, self.asked = happening, []

    def user_session(self, owner, group_id):
        self.asked.append(owner.username)
        self.happening()
        raise omero.ApiUsageException(None, None, "not now")


def test_an_export_that_is_asked_for_while_another_is_deleted_stays(plugin_database, monkeypatch):
    sessions = SessionsDuringWhich(lambda: [cache.touch(number) for number in (1, 2)])
    monkeypatch.setattr(omero_sessions, "_sources", [sessions])
    for number, name in enumerate(("alice", "bob"), start=1):
        ImarisExport.objects.create(
            key="k", image_id=1, group_id=1, owner_id=number, username=name, annotation_id=number, file_id=number,
            file_name="x.ims", size_bytes=1, used_at=timezone.now() - timedelta(days=15),
        )  # fmt: skip
    cache.prune()
    assert len(sessions.asked) == 1


@pytest.fixture
def own_sessions(lab, exporter, postgres, tmp_path):
    """OMERO.web and a worker that use the users' own sessions."""
    exporter.stop()
    useless = tmp_path / "job-service"
    useless.write_text("not the password")
    setting = {"OMERO_IMS_USE_JOB_SERVICE_SESSION": "false", "OMERO_JOB_SERVICE_PASS_FILE": str(useless)}
    worker = WorkerProcess(tmp_path / "own.log", extra_environ=setting)
    web = WebProcess(postgres, "127.0.0.1", lab.site.server.ports()["ssl"], extra_environ=setting)
    worker.start()
    web.start()
    yield web
    web.stop()
    worker.stop()


def test_an_export_runs_in_the_users_own_session_when_so_configured(lab, own_sessions):
    image_id = lab.image("alice", volume((1, 1, 1, 8, 8), np.uint8))
    alice = own_sessions.login("alice", PASSWORD)
    started = alice.get(
        "/omeroweb_imaris_connector/imaris-export/", params={"image": image_id, "async": "1"}
    ).json()
    ended = wait_for_end(internal_id(started["job_id"]))
    assert (ended.state, ended.error) == ("done", "")
    assert row(ended.id).parameters["session"].startswith("omp1:")
    assert alice.get(started["status_url"]).json()["finished"]
