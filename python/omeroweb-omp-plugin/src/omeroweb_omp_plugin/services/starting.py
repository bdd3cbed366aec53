"""Starting jobs: what was approved is stored as it is, so that the job writes exactly that."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from omero_plugin_common.config import job_settings
from omero_plugin_common.jobs import service
from omero_plugin_common.models import UNFINISHED, Job, JobState
from omeroweb_omp_plugin.services.recipes import read_names
from omeroweb_omp_plugin.store.runs import JobInput, WrittenObject

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from omero_plugin_common.database.owned import Owner
    from omeroweb_omp_plugin.merge.model import Policy
    from omeroweb_omp_plugin.ownership import Pairs
    from omeroweb_omp_plugin.services.recipes import ReadingModel
    from omeroweb_omp_plugin.services.sources import Source

UNDO = "omp.undo"
Entry = tuple[str, int, str, "Pairs", str]


def entries_of(reading: ReadingModel, sources: Sequence[Source], terms: tuple[str, ...] = ()) -> list[Entry]:
    """The images with their pairs, as jobs take them."""
    return [
        ("Image", row.id, row.name, row.pairs, "; ".join(row.problems))
        for row in read_names(reading, sources, terms)
    ]


def start_write(
    owner: Owner,
    entries: Sequence[Entry],
    policy: Policy,
    *,
    key: str | None = None,
    batch: int | None = None,
) -> Job:
    """Queue the writing of these pairs; the same key again gives the first job."""
    parameters = {"input_id": store(owner, entries).id, "policy": policy, "batch": batch}
    return service.submit("omp.write", owner, parameters, total=len(entries), idempotency_key=key)


def start_removal(
    owner: Owner, sources: Iterable[Source], *, everybodys: bool, batch: int | None = None
) -> Job:
    """Queue the removal of own annotations, or everybody's, from these images."""
    entries: list[Entry] = [("Image", source.id, source.name, (), "") for source in sources]
    parameters = {"input_id": store(owner, entries).id, "everybodys": everybodys, "batch": batch}
    return service.submit("omp.remove", owner, parameters, total=len(entries))


def start_acquisition(owner: Owner, sources: Iterable[Source], *, batch: int | None = None) -> Job:
    """Queue the copying of acquisition metadata into pairs of these images."""
    entries: list[Entry] = [("Image", source.id, source.name, (), "") for source in sources]
    parameters = {"input_id": store(owner, entries).id, "batch": batch}
    return service.submit("omp.acquisition", owner, parameters, total=len(entries))


def start_undo(owner: Owner, job: Job) -> Job:
    """The job that takes this one back: one that is on its way, one that was stopped half-way, or a new one.

    Only a stopped one's own rows tell what it had brought back when it was stopped; a new one would bring it back
    once more. It looks at all objects again, since those that it has ended are left alone.
    """
    undoing = Job.objects.filter(owner_id=owner.user_id, kind=UNDO, parameters__job_id=job.id)
    newest = undoing.order_by("-created_at").first()
    if newest is None or newest.state == JobState.DONE:
        return service.submit(UNDO, owner, {"job_id": job.id}, total=job.total)
    if newest.state in UNFINISHED:
        return newest
    undoing.filter(pk=newest.pk, state=newest.state).update(done=0, checkpoint={})
    return service.retry(newest, owner)


def store(owner: Owner, entries: Sequence[Entry]) -> JobInput:
    """Keep what a job shall do; what jobs did before the time of keeping is forgotten."""
    forget_old(owner)
    payload: dict[str, Any] = {"objects": entries}
    return JobInput.objects.create(username=owner.username, owner_id=owner.user_id, payload=payload)


def forget_old(owner: Owner) -> None:
    """Delete inputs and records of jobs that are older than jobs are kept."""
    limit = timezone.now() - timedelta(days=job_settings().keep_days)
    JobInput.objects.filter(owner_id=owner.user_id, created_at__lt=limit).delete()
    WrittenObject.objects.filter(owner_id=owner.user_id, changed_at__lt=limit).delete()
