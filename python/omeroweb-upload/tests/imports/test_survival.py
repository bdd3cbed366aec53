"""Killed workers, servers that go away: every file is in OMERO once."""

from __future__ import annotations

import hashlib

from omero_plugin_common.models import UNFINISHED, Job, JobState
from omero_plugin_common.testing.servers import wait_until
from omeroweb_upload.models import SetState, UploadSession, UploadSet
from omeroweb_upload.services.sessions import IMPORT_KIND

from .test_lifecycle import images_of, stored_hashes

COUNT = 24


def names_in_omero(people, prefix):
    with people.gateway("alice") as conn:
        return sorted(
            image.getName() for image in conn.getObjects("Image") if image.getName().startswith(prefix)
        )


def test_a_worker_killed_in_the_middle_of_an_import_loses_and_doubles_nothing(
    alice, people, files, running_worker
):
    sent = {f"kill/kill{number:02}.tif": files(200 + number) for number in range(COUNT)}
    job_id = alice.upload(sent, batch_size=2)
    for done in (2, 10, 18):
        wait_until(
            lambda done=done: (
                UploadSet.objects.filter(state=SetState.IMPORTED).count() >= done
                or UploadSession.objects.get().status == "done"
            ),
            f"{done} sets being imported",
            120,
        )
        running_worker.kill()
        running_worker.start()
    alice.wait_for(job_id, "done", timeout=180)
    found = alice.sets(job_id)
    assert all(len(one["image_ids"]) == 1 for one in found["sets"])
    assert names_in_omero(people, "kill") == sorted(path.rpartition("/")[2] for path in sent)
    assert stored_hashes(people, images_of(found)) == {
        path: hashlib.sha1(data).hexdigest() for path, data in sent.items()
    }


def test_an_import_cancelled_in_the_middle_keeps_what_is_done_and_leaves_nothing_half(alice, people, files):
    sent = {f"stop/stop{number:02}.tif": files(300 + number) for number in range(COUNT)}
    job_id = alice.upload(sent, batch_size=2)
    wait_until(lambda: UploadSet.objects.filter(state=SetState.IMPORTED).exists(), "the first image", 120)
    assert alice.post("cancel", job_id).json()["status"] == "cancelled"

    def settled():
        session = UploadSession.objects.get(pk=job_id)
        return session.options.get("pruned") and not session.sets.filter(state=SetState.IMPORTING).exists()

    wait_until(settled, "the end of tidying up", 120)
    images = images_of(alice.sets(job_id))
    assert 0 < len(images) <= COUNT
    assert len(names_in_omero(people, "stop")) == len(images)


def test_an_import_is_cancelled_although_its_job_is_not_written_to_the_upload_yet(alice, people, files):
    sent = {f"early/early{number:02}.tif": files(1500 + number) for number in range(COUNT)}
    job_id = alice.upload(sent, batch_size=2)
    wait_until(lambda: UploadSet.objects.filter(state=SetState.IMPORTED).exists(), "the first image", 120)
    # Another worker may be that quick: the job is submitted first, and written down afterwards.
    UploadSession.objects.filter(pk=job_id).update(import_job="")
    assert alice.post("cancel", job_id).json()["status"] == "cancelled"
    wait_until(lambda: not Job.objects.filter(state__in=UNFINISHED).exists(), "the end of all jobs", 120)
    assert Job.objects.get(kind=IMPORT_KIND).state == JobState.CANCELLED
    assert len(names_in_omero(people, "early")) == len(images_of(alice.sets(job_id)))


def test_a_dead_web_process_after_the_last_byte_does_not_strand_an_upload(alice, files):
    data = files(400)
    begun = alice.start({"late.tif": data}, more_files=True)
    alice.send(begun["files"][0]["upload_id"], data)
    # What a process leaves that is killed between the last byte and the next stage.
    session = UploadSession.objects.get()
    session.options["open"] = False
    session.save(update_fields=["options"])
    wait_until(lambda: UploadSession.objects.get().status == "done", "the worker pushing it on", 120)
