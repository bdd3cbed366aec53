"""Undoing a job of attaching: what it made is deleted, what it linked is unlinked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omero_plugin_common.jobs.errors import JobFailedError
from omero_plugin_common.models import FINISHED, Job
from omero_plugin_common.omero_access.deletion import delete
from omeroweb_upload.services.attachments_undo import delete_annotations, delete_links
from omeroweb_upload.services.edx_items import Item, JobParameters, Output
from omeroweb_upload.services.edx_present import present_outputs
from omeroweb_upload.spectra import names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omero_plugin_common.database.owned import Owner

# Kinds that can be undone, with the namespace of what they attach.
UNDOABLE = {
    "upload.spectra": names.SPECTRA_NAMESPACE,
    "upload.edx": names.SPECTRA_NAMESPACE,
    "upload.attach": names.ATTACHMENT_NAMESPACE,
}


@dataclass(frozen=True, slots=True)
class Undoable:
    """A finished job of the caller's, with what it worked on."""

    job: Job
    items: list[Item]
    namespace: str


def job_to_undo(job_id: str, owner: Owner) -> Undoable:
    """Find a job that can be undone; raises JobFailedError in words for one that can't, alike for strangers' jobs."""
    job = Job.objects.filter(pk=job_id, owner_id=owner.user_id).first()
    if job is None or job.kind not in UNDOABLE:
        raise JobFailedError("There is no such job of attaching, or it belongs to somebody else.")
    if job.state not in FINISHED:
        raise JobFailedError("The job is still at work. Cancel it or wait for its end, then undo it.")
    if job.kind == "upload.edx":
        kept = (job.result or {}).get("items") or job.checkpoint.get("items") or []
        items = [Item.model_validate(item) for item in kept]
    else:
        items = JobParameters.model_validate(job.parameters).items
    return Undoable(job, items, UNDOABLE[job.kind])


def undo_items(conn: Any, items: Sequence[Item], namespace: str) -> int:
    """Take away the outputs that weren't there before; only the caller's own. Returns how many."""
    user_id = conn.getUserId()
    files: dict[int, int] = {}
    pairs: dict[int, int] = {}
    links: set[int] = set()
    images: set[int] = set()
    for item, found in zip(items, present_outputs(conn, items, namespace), strict=True):
        for output, present in found.items():
            if output in item.existing:
                continue
            if output is Output.ORIGINAL and item.source.startswith("annotation:"):
                links.add(present.link_id or 0)
            elif present.owner_id != user_id:
                continue
            elif output is Output.FIGURE_IMAGE:
                images.add(present.number)
            elif output is Output.METADATA:
                pairs[present.number] = present.link_id or 0
            else:
                files[present.number] = present.link_id or 0
    if files:
        delete_annotations(conn, "FileAnnotation", files, links=files.values())
    if pairs:
        delete_annotations(conn, "MapAnnotation", pairs, links=pairs.values())
    if links:
        delete_links(conn, links)
    if images:
        delete(conn, "Image", images)
    return len(files) + len(pairs) + len(links) + len(images)
