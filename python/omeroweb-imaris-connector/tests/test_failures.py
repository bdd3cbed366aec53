"""What goes wrong around an export: each time the right state, a message that helps, and nothing left behind."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest

from omero_plugin_common.jobs import progress, service
from omero_plugin_common.jobs.leases import claim
from omero_plugin_common.jobs.runner import run_turn
from omero_plugin_common.jobs.watcher import HARD_STOP_SECONDS
from omero_plugin_common.models import Job
from omero_plugin_common.testing.servers import wait_until
from omero_plugin_common.testing.worker import WorkerProcess
from omeroweb_imaris_connector.conversion.workplace import MARKER
from omeroweb_imaris_connector.models import ImarisExport
from omeroweb_imaris_connector.services import scripts
from omeroweb_imaris_connector.tasks import KIND

from .helpers import fill, row, volume, wait_for_end

if TYPE_CHECKING:
    from pathlib import Path

LARGE = (1, 2, 24, 1024, 1024)


def submit(lab, name, image_id, **parameters):
    return service.submit(KIND, lab.owner(name), {"image_id": image_id, **parameters})


@pytest.fixture(scope="module")
def large_image(lab):
    """A hundred megabytes that compress badly: an export of it takes some seconds."""
    return lab.image("alice", volume(LARGE, np.uint16), "large.tif")


@pytest.fixture(scope="module")
def small_image(lab):
    return lab.image("alice", volume((1, 1, 2, 20, 20), np.uint8), "small.tif")


def wait_until_converting(job):
    """The script is at work; returns its job in OMERO."""
    wait_until(
        lambda: (progress.read(job.id) or progress.progress_of(job)).message.startswith(
            ("Converting", "Storing")
        ),
        "the script being at work",
    )
    wait_until(lambda: row(job.id).checkpoint.get("script_job"), "the job remembering its script")
    return row(job.id).checkpoint["script_job"]


def nothing_is_left_of(lab, image_id):
    """Neither annotations, nor files in OMERO, nor files in the work folder, nor rows."""
    with lab.site.gateway("alice") as conn:
        query = conn.getQueryService()
        assert (
            query.projection(
                "select f.id from OriginalFile f where f.mimetype = 'application/x-imaris'", None
            )
            == []
        )
        image = conn.getObject("Image", image_id)
        assert image is None or list(image.listAnnotations(ns="omero.export.ims")) == []
    wait_until(
        lambda: not [path for path in lab.work.rglob("*") if path.suffix in (".ims", ".ims-part")], "clean-up"
    )
    return not ImarisExport.objects.filter(image_id=image_id).exists()


def forget_exports(lab):
    """Remove what earlier tests exported."""
    with lab.site.gateway("root") as conn:
        conn.SERVICE_OPTS.setOmeroGroup("-1")
        rows = conn.getQueryService().projection(
            "select a.id from FileAnnotation a where a.ns = 'omero.export.ims'", None, {"omero.group": "-1"}
        )
        if rows:
            conn.deleteObjects("Annotation", [cell[0].val for cell in rows], wait=True)


@pytest.fixture(autouse=True)
def clean(lab):
    forget_exports(lab)


def test_an_export_waits_for_a_busy_processor_and_says_so(lab, exporter, small_image):
    taken = lab.take_processors(2)
    try:
        job = submit(lab, "alice", small_image)
        wait_until(
            lambda: progress.read(job.id).message.startswith("Waiting for a free script processor"),
            "the message",
        )
        assert row(job.id).state in ("running", "queued")
    finally:
        lab.free(taken)
    assert wait_for_end(job.id).state == "done"


def test_a_processor_that_stays_busy_ends_the_export_with_a_reason_and_retry_starts_afresh(
    lab, exporter, small_image
):
    exporter.stop()
    impatient = WorkerProcess(
        exporter.log.with_name("impatient.log"), extra_environ={"OMERO_IMS_SCRIPT_START_TIMEOUT": "1"}
    )
    impatient.start()
    taken = lab.take_processors(2)
    try:
        job = submit(lab, "alice", small_image)
        ended = wait_for_end(job.id)
        assert ended.state == "failed"
        assert "All script processors of the OMERO server were busy" in ended.error
        lab.free(taken)
        taken = []
        service.retry(ended, lab.owner("alice"))
        assert wait_for_end(job.id).state == "done"
    finally:
        if taken:
            lab.free(taken)
        impatient.stop()


def test_processors_that_are_switched_off_fail_the_export_at_once(lab, exporter, tmp_path):
    from omero_embedded.testing import Site

    exporter.stop()
    site = Site(tmp_path / "omero", ssl=True)
    fill(site)  # what is uploaded as an official script is run once, to ask for its parameters
    site.stop()
    site = Site(tmp_path / "omero", ssl=True, config={"omero.scripts.processors": "0"})
    worker = WorkerProcess(
        tmp_path / "worker.log", extra_environ={"OMERO_PORT": str(site.server.ports()["ssl"])}
    )
    try:
        image_id = type(lab)(site, tmp_path).image("alice", volume((1, 1, 1, 8, 8), np.uint8))
        worker.start()
        job = service.submit(KIND, type(lab)(site, tmp_path).owner("alice"), {"image_id": image_id})
        ended = wait_for_end(job.id, timeout=30)
        assert ended.state == "failed"
        assert "Script processors are switched off" in ended.error
    finally:
        worker.stop()
        site.stop()


def test_a_job_whose_turn_ended_just_before_it_failed_still_fails(lab, exporter, small_image):
    job = Job.objects.create(
        kind=KIND,
        queue="imaris_export",
        owner_id=lab.owner("alice").user_id,
        username="alice",
        parameters={"image_id": small_image},
        checkpoint={"failed": "It went wrong."},
        active_seconds=1.0,
    )
    ended = wait_for_end(job.id)
    assert (ended.state, ended.error) == ("failed", "It went wrong.")
    service.retry(ended, lab.owner("alice"))
    assert wait_for_end(job.id).state == "done"


def test_a_script_that_is_killed_fails_the_export_and_frees_its_processor(lab, exporter, large_image):
    job = submit(lab, "alice", large_image)
    wait_until_converting(job)
    (script,) = lab.running_scripts()
    script.kill()
    ended = wait_for_end(job.id)
    assert ended.state == "failed"
    assert "died on the OMERO server" in ended.error or "stopped on the OMERO server" in ended.error
    lab.wait_until_idle()
    assert nothing_is_left_of(lab, large_image)


def test_a_killed_worker_leaves_the_script_running_and_the_next_one_follows_it(lab, exporter, large_image):
    job = submit(lab, "alice", large_image)
    script_job = wait_until_converting(job)
    exporter.kill()
    exporter.start()
    ended = wait_for_end(job.id)
    assert (ended.state, ended.error) == ("done", "")
    assert ended.checkpoint["script_job"] == script_job
    with lab.site.gateway("alice") as conn:
        assert len(list(conn.getObject("Image", large_image).listAnnotations(ns="omero.export.ims"))) == 1


def test_two_people_export_at_the_same_time_with_one_worker(lab, exporter, large_image, small_image):
    alices = submit(lab, "alice", large_image)
    script_job = wait_until_converting(alices)
    bobs = submit(lab, "bob", small_image)
    assert wait_for_end(bobs.id).state == "done"
    ended = wait_for_end(alices.id)
    assert (ended.state, ended.checkpoint["script_job"]) == ("done", script_job)


def test_an_export_outlives_a_restart_of_redis(lab, exporter, redis_server, large_image):
    job = submit(lab, "alice", large_image)
    wait_until_converting(job)
    redis_server.redis.kill()
    redis_server.redis.start()
    ended = wait_for_end(job.id)
    assert (ended.state, ended.error) == ("done", "")


def test_cancelling_stops_the_script_and_frees_its_processor(lab, exporter, large_image):
    job = submit(lab, "alice", large_image)
    wait_until_converting(job)
    began = time.monotonic()
    service.cancel(row(job.id), lab.owner("alice"))
    assert wait_for_end(job.id).state == "cancelled"
    lab.wait_until_idle()
    assert time.monotonic() - began < 20
    assert nothing_is_left_of(lab, large_image)


def test_cancelling_while_no_worker_runs_stops_the_script_when_one_does(lab, exporter, large_image):
    job = submit(lab, "alice", large_image)
    wait_until_converting(job)
    exporter.kill()
    service.cancel(row(job.id), lab.owner("alice"))
    exporter.start()
    assert wait_for_end(job.id).state == "cancelled"
    lab.wait_until_idle()
    assert nothing_is_left_of(lab, large_image)


def test_cancelling_an_export_whose_script_was_done_before_a_worker_looked_removes_its_file(
    lab, exporter, large_image
):
    job = submit(lab, "alice", large_image)
    wait_until_converting(job)
    exporter.kill()
    lab.wait_until_idle()
    service.cancel(row(job.id), lab.owner("alice"))
    exporter.start()
    assert wait_for_end(job.id).state == "cancelled"
    assert nothing_is_left_of(lab, large_image)


def test_cancelling_while_the_server_takes_its_time_to_start_the_script_stops_it_too(
    lab, exporter, large_image, monkeypatch
):
    exporter.stop()
    job = submit(lab, "alice", large_image)
    start = scripts.start_script

    def start_slowly(*arguments):
        started = start(*arguments)
        service.cancel(row(job.id), lab.owner("alice"))
        time.sleep(2 * HARD_STOP_SECONDS)
        return started

    monkeypatch.setattr(scripts, "start_script", start_slowly)
    claimed, lease = claim("imaris_export")
    run_turn(claimed, lease, stop=lambda: False)
    assert row(job.id).state == "cancelled"
    lab.wait_until_idle()
    assert nothing_is_left_of(lab, large_image)


def test_an_image_deleted_while_it_is_exported_is_named_as_the_reason(lab, exporter):
    image_id = lab.image("alice", volume(LARGE, np.uint16), "doomed.tif")
    job = submit(lab, "alice", image_id)
    wait_until_converting(job)
    with lab.site.gateway("alice") as conn:
        conn.deleteObjects("Image", [image_id], deleteAnns=True, wait=True)
    ended = wait_for_end(job.id)
    assert ended.state == "failed"
    assert ended.error == f"Image {image_id} was deleted while it was exported."
    assert nothing_is_left_of(lab, image_id)


def test_a_job_for_an_image_that_is_gone_before_it_starts_says_so(lab, exporter):
    ended = wait_for_end(submit(lab, "alice", 10**9).id)
    assert (ended.state, "There is no image 1000000000" in ended.error) == ("failed", True)


@contextlib.contextmanager
def small_disk(folder: Path, megabytes: int):
    """A file system of a few megabytes on the folder."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root can mount a small file system")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_named_as_the_reason_and_left_empty(lab, exporter, large_image):
    with small_disk(lab.work / "small", 20) as folder:
        (folder / MARKER).touch()
        exporter.stop()
        worker = WorkerProcess(
            exporter.log.with_name("small-disk.log"), extra_environ={"OMERO_IMS_EXPORT_DIR": str(folder)}
        )
        worker.start()
        try:
            ended = wait_for_end(submit(lab, "alice", large_image).id)
        finally:
            worker.stop()
        assert ended.state == "failed"
        assert "There is no space left on the OMERO server" in ended.error
        lab.wait_until_idle()
        assert [path.name for path in folder.iterdir()] == [MARKER]
        assert nothing_is_left_of(lab, large_image)


def test_a_script_killed_in_a_shared_work_folder_is_cleaned_up_after_by_the_next(
    lab, exporter, large_image, small_image
):
    folder = lab.work / "shared"
    folder.mkdir()
    (folder / MARKER).touch()
    exporter.stop()
    worker = WorkerProcess(
        exporter.log.with_name("shared.log"), extra_environ={"OMERO_IMS_EXPORT_DIR": str(folder)}
    )
    worker.start()
    try:
        job = submit(lab, "alice", large_image)
        wait_until_converting(job)
        (script,) = lab.running_scripts()
        os.killpg(script._run._process.pid, signal.SIGKILL)
        assert wait_for_end(job.id).state == "failed"
        assert wait_for_end(submit(lab, "alice", small_image).id).state == "done"
    finally:
        worker.stop()
    lab.wait_until_idle()
    assert [path.name for path in folder.iterdir()] == [MARKER]


def test_a_work_folder_that_nobody_prepared_is_refused(lab, exporter, small_image, tmp_path):
    exporter.stop()
    worker = WorkerProcess(tmp_path / "worker.log", extra_environ={"OMERO_IMS_EXPORT_DIR": str(tmp_path)})
    worker.start()
    try:
        ended = wait_for_end(submit(lab, "alice", small_image).id)
    finally:
        worker.stop()
    assert (ended.state, "is not prepared for exports" in ended.error) == ("failed", True)


def test_without_its_script_the_export_says_what_to_do(lab, exporter, small_image, tmp_path):
    exporter.stop()
    worker = WorkerProcess(tmp_path / "worker.log", extra_environ={"OMERO_IMS_SCRIPT_NAME": "Missing.py"})
    worker.start()
    try:
        ended = wait_for_end(submit(lab, "alice", small_image).id)
    finally:
        worker.stop()
    assert "no script Missing.py" in ended.error
