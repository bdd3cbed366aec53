"""What several tests need: images, a client's requests, waiting for jobs."""

from __future__ import annotations

import omero.model
from omero.rtypes import rstring
from redis import Redis

from omero_plugin_common.models import FINISHED, Job
from omero_plugin_common.omero_access.group_context import in_group
from omero_plugin_common.testing.servers import wait_until
from omeroweb_omp_plugin.merge.record import from_json
from omeroweb_omp_plugin.ownership import CLIENT_NAMESPACE, without_mark
from omeroweb_omp_plugin.services.executor import Executor
from omeroweb_omp_plugin.store.runs import WrittenObject

BASE = "/omeroweb_omp_plugin/"


def forget_actions(redis_server):
    """Nobody has used up major actions, or is blocked."""
    client = Redis.from_url(redis_server.redis.url(1))
    for name in client.scan_iter("omp_rate_limit:*"):
        client.delete(name)
    client.close()


def dataset_with_images(conn, names, dataset="plates"):
    """Make a dataset of images with these names; returns its id and theirs."""
    box = omero.model.DatasetI()
    box.name = rstring(dataset)
    links = []
    for name in names:
        image = omero.model.ImageI()
        image.name = rstring(name)
        link = omero.model.DatasetImageLinkI()
        link.parent, link.child = box, image
        links.append(link)
    saved = conn.getUpdateService().saveAndReturnArray(links)
    return saved[0].parent.id.val, [link.child.id.val for link in saved]


def pairs_on(conn, image_id, *, marks=False):
    """The pairs of each map annotation on an image, as lists in order of ids."""
    from omeroweb_omp_plugin.services.existing import annotations_of

    with in_group(conn, -1):
        found = annotations_of(conn, "Image", [image_id], conn.getUserId())
    return [list(entry.pairs if marks else without_mark(entry.pairs)) for entry in found.get(image_id, [])]


def annotate(conn, image_id, pairs, namespace=CLIENT_NAMESPACE, description=""):
    """Put a map annotation on an image as people do by hand; returns its id."""
    from omero_plugin_common.omero_access.annotations import map_annotation

    annotation = map_annotation(pairs, namespace)
    if description:
        annotation.description = rstring(description)
    link = omero.model.ImageAnnotationLinkI()
    link.parent = omero.model.ImageI(image_id, False)
    link.child = annotation
    return conn.getUpdateService().saveAndReturnObject(link).child.id.val


class LateSave:
    """What OMERO still saves of a job's plan for a worker that is gone; it shows when somebody waits, or at last."""

    def __init__(self, conn, job_id):
        rows = WrittenObject.objects.filter(job_id=job_id)
        self.planned = {
            row.object_id: [from_json(entry).operation for entry in row.operations] for row in rows
        }
        self.executor = Executor(conn, "Image", {})

    def wait(self, _seconds=0.0):
        self.executor.run(self.planned)
        self.planned = {}


def ended(job_id):
    """The job's row once it has ended."""
    wait_until(lambda: Job.objects.get(pk=job_id).state in FINISHED, f"the end of job {job_id}", timeout=120)
    return Job.objects.get(pk=job_id)


def done(answer):
    """The job that an answer started, after it has ended well."""
    assert answer.status_code == 200, answer.text
    job = ended(answer.json()["job_id"])
    assert job.state == "done", (job.error, job.reference)
    return job
