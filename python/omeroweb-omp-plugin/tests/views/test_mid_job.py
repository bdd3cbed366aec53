"""What goes wrong while a job runs: the rest is written, and the rows say what was not."""

from __future__ import annotations

import contextlib

import omero
import omero.model
import pytest

from omero_plugin_common.models import Job
from omero_plugin_common.omero_access.deletion import delete
from omero_plugin_common.testing.servers import wait_until

from ..helpers import BASE, dataset_with_images, ended, pairs_on

COUNT = 120


@pytest.fixture
def running(alice, clients, worker):
    """A function that starts a job of single images as somebody and returns it in the middle of its work."""
    for name in ("alice", "bob"):
        saved = clients[name].post(BASE + "user-settings/save/", json={"settings": {"jobBatchSize": 1}})
        assert saved.status_code == 200

    def start(who="alice"):
        dataset, ids = dataset_with_images(alice, [f"P1_HeLa_{number}.tif" for number in range(COUNT)])
        answer = clients[who].post(BASE + "write/", json={"targets": [{"type": "Dataset", "id": dataset}]})
        job_id = answer.json()["job_id"]
        wait_until(lambda: Job.objects.get(pk=job_id).done >= 3, "the job being at work")
        job = Job.objects.get(pk=job_id)
        assert job.done < COUNT - 20, "too fast to be caught in the middle"
        return job_id, ids

    return start


def rows_of(client, job_id):
    return {row["id"]: row for row in client.get(f"{BASE}results/{job_id}/").json()["rows"]}


def test_an_image_deleted_in_mid_job_is_named_and_the_rest_is_written(alice, client, running):
    job_id, ids = running()
    delete(alice, "Image", [ids[-1]])
    job = ended(job_id)
    assert (job.state, job.result["counts"]) == ("done", {"written": COUNT - 1, "failed": 1})
    row = rows_of(client, job_id)[ids[-1]]
    assert (row["state"], row["message"]) == ("failed", "It was deleted, or you may no longer see it.")
    assert pairs_on(alice, ids[-2]) != []


def test_permission_lost_in_mid_job_fails_the_rest_clearly(people, alice, clients, running):
    job_id, ids = running("bob")
    with people.client("root") as root:
        admin = root.sf.getAdminService()
        group = admin.lookupGroup("lab")
        admin.changePermissions(group, omero.model.PermissionsI("rwr---"))
    try:
        job = ended(job_id)
    finally:
        with people.client("root") as root:
            admin = root.sf.getAdminService()
            admin.changePermissions(admin.lookupGroup("lab"), omero.model.PermissionsI("rwra--"))
    counts = job.result["counts"]
    assert job.state == "done"
    assert counts["written"] >= 3
    assert counts["written"] + counts["failed"] == COUNT
    last = rows_of(clients["bob"], job_id)[ids[-1]]
    assert last["message"] in ("You may no longer annotate it.", "OMERO refused")
    assert pairs_on(alice, ids[-1]) == []


def test_a_session_that_ends_in_mid_job_is_opened_again_and_everything_is_written(
    people, alice, client, running
):
    with people.client("root") as root:
        before = open_sessions(root)
        job_id, ids = running()
        for key in open_sessions(root) - before:
            close_session(root, key)
    job = ended(job_id)
    assert (job.state, job.error) == ("done", "")
    assert job.result["counts"]["written"] == COUNT
    for number in (ids[0], ids[-1]):
        with people.gateway("alice") as conn:
            assert len(pairs_on(conn, number)) == 1


def open_sessions(root):
    """The keys of all sessions that are open on the server."""
    found = root.sf.getQueryService().findAllByQuery("select s from Session s where s.closed is null", None)
    return {session.uuid.val for session in found}


def close_session(root, key):
    """End a session as an administrator does."""
    session = omero.model.SessionI()
    session.uuid = omero.rtypes.rstring(key)
    with contextlib.suppress(omero.ServerError):  # it may have ended by itself
        root.sf.getSessionService().closeSession(session)


def test_a_cancelled_job_stops_and_what_it_wrote_can_be_taken_back(alice, client, running):
    job_id, ids = running()
    assert client.post(f"/omero_plugin_common/jobs/{job_id}/cancel/").status_code == 200
    job = ended(job_id)
    assert job.state == "cancelled"
    assert pairs_on(alice, ids[-1]) == []
    undone = client.post(f"{BASE}undo/{job_id}/")
    assert ended(undone.json()["job_id"]).state == "done"
    assert all(pairs_on(alice, number) == [] for number in ids[:10])
