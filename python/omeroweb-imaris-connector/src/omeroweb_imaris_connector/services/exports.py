"""Starting exports, and finding a person's own; every image is checked against who asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils import timezone

from omero_plugin_common.jobs import service
from omero_plugin_common.jobs.errors import JobNotFoundError
from omero_plugin_common.jobs.progress import progress_of, publish
from omero_plugin_common.models import UNFINISHED, Job, JobState
from omero_plugin_common.omero_access.group_context import ALL_GROUPS, in_group
from omero_plugin_common.omero_access.images import images_of
from omeroweb_imaris_connector import metrics
from omeroweb_imaris_connector.conversion.description import describe
from omeroweb_imaris_connector.conversion.pixels import note_on
from omeroweb_imaris_connector.services import cache
from omeroweb_imaris_connector.services.sessions import sealed_session
from omeroweb_imaris_connector.tasks import KIND, QUEUE, result_of

if TYPE_CHECKING:
    from omero_plugin_common.web.caller import Caller
    from omeroweb_imaris_connector.conversion.description import DescribedImage
    from omeroweb_imaris_connector.conversion.options import ExportOptions
    from omeroweb_imaris_connector.models import ImarisExport

PREFIX = "celery-"


@dataclass(frozen=True, slots=True)
class Wanted:
    """An image that somebody may export, and the job that does it already or has done it."""

    image: DescribedImage
    key: str
    job: Job | None


def public_id(job: Job) -> str:
    """The id that programs know a job by."""
    return f"{PREFIX}{UUID(hex=job.id)}"


def internal_id(text: str) -> str:
    """The id of the job's row; raises ValueError for anything that is no such id."""
    if not text.startswith(PREFIX):
        raise ValueError(f"{text!r} is not the id of an export; it begins with {PREFIX!r}.")
    try:
        return UUID(text.removeprefix(PREFIX)).hex
    except ValueError:
        raise ValueError(f"{text!r} is not the id of an export: {PREFIX}<uuid>.") from None


def find_export(job_id: str, caller: Caller) -> Job:
    """An export that the caller may see; raises JobNotFoundError alike for others' and for none."""
    job = service.find_job(job_id, caller.owner.user_id, is_admin=caller.is_admin)
    if job.kind != KIND:
        raise JobNotFoundError("There is no such export, or it belongs to somebody else.")
    return job


def look_up(caller: Caller, image_id: int, options: ExportOptions, *, refresh: bool) -> Wanted:
    """Look at an image; raises ExportError when it isn't there for the caller."""
    image = describe(caller.conn, image_id)
    key = image.key(options)
    job = _running(caller, image_id, options)
    if job is None and not refresh:
        known = cache.find(caller.conn, key)
        job = None if known is None else _done(caller, known, options, note_on(image, options))
    return Wanted(image, key, job)


def start(caller: Caller, wanted: Wanted, options: ExportOptions, *, refresh: bool) -> Job:
    """Return the job of an export, queued now unless there is one."""
    if wanted.job is not None:
        return wanted.job
    parameters = {
        "image_id": wanted.image.image_id,
        "image_name": wanted.image.name,
        **options.as_dict(),
        "refresh": refresh,
        "session": sealed_session(caller.conn),
    }
    return service.submit(KIND, caller.owner, parameters, group_id=caller.group_id, total=100)


def images_in(caller: Caller, dataset_id: int) -> list[int]:
    """The images of a dataset that the caller sees, by name."""
    with in_group(caller.conn, ALL_GROUPS):
        return [row.id for row in images_of(caller.conn, "Dataset", [dataset_id])]


def exports_of(caller: Caller, length: int) -> list[Job]:
    """The caller's latest exports."""
    return list(Job.objects.filter(owner_id=caller.owner.user_id, kind=KIND).order_by("-created_at")[:length])


def _running(caller: Caller, image_id: int, options: ExportOptions) -> Job | None:
    """The caller's unfinished job for the same file."""
    same = {f"parameters__{name}": value for name, value in options.as_dict().items()}
    return Job.objects.filter(
        owner_id=caller.owner.user_id,
        kind=KIND,
        state__in=UNFINISHED,
        cancel_requested=False,
        parameters__image_id=image_id,
        **same,
    ).first()


def _done(caller: Caller, known: ImarisExport, options: ExportOptions, note: str) -> Job:
    """A finished job that tells of an export made earlier, perhaps by somebody else."""
    metrics.EXPORTS.labels("cache").inc()
    mine = Job.objects.filter(
        owner_id=caller.owner.user_id,
        kind=KIND,
        state=JobState.DONE,
        result__annotation_id=known.annotation_id,
    )
    found = mine.order_by("-created_at").first()
    if found is not None:
        return found
    now = timezone.now()
    parameters: dict[str, Any] = {
        "image_id": known.image_id,
        "image_name": known.image_name,
        **options.as_dict(),
    }
    job = Job.objects.create(
        kind=KIND,
        queue=QUEUE,
        owner_id=caller.owner.user_id,
        username=caller.owner.username,
        group_id=caller.group_id,
        state=JobState.DONE,
        parameters=parameters,
        done=100,
        total=100,
        result=result_of(known, cached=True, note=note),
        started_at=now,
        finished_at=now,
    )
    publish(progress_of(job))
    return job
