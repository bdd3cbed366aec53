"""Importing an upload's sets batch by batch, so that each is in OMERO once whatever is killed meanwhile."""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import omero
from django.utils import timezone

from omero_plugin_common.jobs.kinds import Step
from omeroweb_upload.engines.base import SetFile, SetPlan
from omeroweb_upload.engines.choose import CLI, engine_for
from omeroweb_upload.engines.marking import find_by_paths, find_filesets, remove_fileset
from omeroweb_upload.filesets.model import Kind
from omeroweb_upload.models import FileState, SetState, UploadFile, UploadSession, UploadSet
from omeroweb_upload.paths import name_of
from omeroweb_upload.services import metrics
from omeroweb_upload.services.files import staged_file
from omeroweb_upload.services.room import record_import
from omeroweb_upload.services.targets import dataset_for
from omeroweb_upload.staged_names import staged_name
from omeroweb_upload.store.places import fence_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omero_plugin_common.jobs.context import JobContext
    from omero_plugin_common.jobs.kinds import Steps
    from omeroweb_upload.config import UploadSettings
    from omeroweb_upload.engines.base import SetResult
    from omeroweb_upload.engines.marking import Found

logger = logging.getLogger(__name__)

RECOVERY_PAUSE_SECONDS: Final = 0.5
WAITING: Final = "Waiting for OMERO to read files that have arrived"


def reconcile(context: JobContext, conn: Any, settings: UploadSettings, session: UploadSession) -> Steps:
    """Find out what became of sets whose import was interrupted.

    With images, a set is done. OMERO goes on by itself with files that had arrived, so those are waited for as long as
    an import may take; steps in between let the jobs of others have their turns. What only arrived in part is removed,
    and the set waits for its import again. If OMERO refuses that, its images may just have come, so it is looked at
    once more.
    """
    waiting = context.checkpoint
    since = float(waiting.get("since", time.time()))
    refused = set(waiting.get("refused", []))
    rows = list(session.sets.filter(state=SetState.IMPORTING))
    while rows:
        found = _traces(conn, settings, rows)
        still_reading = []
        for row in rows:
            filesets = found[row.pk]
            if _kept(session, row, filesets):
                continue
            if any(one.reading for one in filesets) and time.time() < since + settings.import_timeout_seconds:
                still_reading.append(row)
            elif _removed(conn, filesets) or row.pk in refused:
                UploadSet.objects.filter(pk=row.pk).update(state=SetState.PENDING)
            else:
                refused.add(row.pk)
                still_reading.append(row)
        rows = still_reading
        if rows:
            waiting = {"since": since, "refused": sorted(refused)}
            yield Step(context.done, message=WAITING, checkpoint=waiting)
            context.wait(RECOVERY_PAUSE_SECONDS)
    if waiting:
        yield Step(context.done, checkpoint={})
    return None


def keep_late_images(conn: Any, settings: UploadSettings, session: UploadSession) -> None:
    """Keep what OMERO made of sets after their import was given up as one that takes too long."""
    rows = list(session.sets.filter(state=SetState.PENDING, attempts__gt=0))
    found = _traces(conn, settings, rows)
    for row in rows:
        _kept(session, row, found[row.pk])


def _kept(session: UploadSession, row: UploadSet, filesets: Sequence[Found]) -> bool:
    """Take images that are there already as the set's; returns whether there are any."""
    made = next((one for one in filesets if one.image_ids), None)
    if made is None:
        return False
    _save_imported(row, made.image_ids, made.plate_ids, made.fileset_id)
    _count(session, [row])
    return True


def _traces(conn: Any, settings: UploadSettings, rows: Sequence[UploadSet]) -> dict[int, list[Found]]:
    """Filesets that interrupted imports left: by marker, or by staged path for the command line, which sets none."""
    by_marker = find_filesets(conn, [row.marker for row in rows if row.engine != CLI])
    places = {
        row.pk: str(staged_file(settings, file))
        for row in rows
        if row.engine == CLI and (file := row.files.filter(path=row.main).first()) is not None
    }
    by_path = find_by_paths(conn, places.values())
    return {row.pk: by_marker.get(row.marker, []) + by_path.get(places.get(row.pk, ""), []) for row in rows}


def _removed(conn: Any, filesets: Sequence[Found]) -> bool:
    """Remove filesets without images; nobody sees one, so a refusal in the end only costs disk space."""
    for one in filesets:
        try:
            remove_fileset(conn, one.fileset_id)
        except omero.ServerError as error:
            logger.warning("fileset_left fileset=%s reason=%s", one.fileset_id, error)
            return False
    return True


def next_batch(session: UploadSession) -> list[UploadSet]:
    """The next sets to import together, with their files."""
    size = int(session.options.get("batch_size", 1))
    waiting = session.sets.filter(state=SetState.PENDING).order_by("position")
    return list(waiting.prefetch_related("files")[:size])


def import_batch(
    context: JobContext, conn: Any, settings: UploadSettings, session: UploadSession
) -> list[SetResult]:
    """Import the next sets and save what became of each as soon as it is known."""
    batch = next_batch(session)
    plans: dict[str, list[SetPlan]] = {}
    for row in batch:
        plan = _plan(conn, settings, session, row)
        plans.setdefault(engine_for(settings, row), []).append(plan)
    by_id = {row.pk: row for row in batch}
    results: list[SetResult] = []
    for name, group in plans.items():
        engine = make_engine(settings, name)
        ids = [plan.id for plan in group]
        UploadSet.objects.filter(pk__in=ids).update(state=SetState.IMPORTING, engine=name)
        for result in engine.run(conn, group, context):
            save_result(settings, session, by_id[result.id], result, name)
            results.append(result)
    _count(session, [by_id[result.id] for result in results if result.imported])
    UploadSession.objects.filter(pk=session.pk).update(touched_at=timezone.now())
    return results


def _count(session: UploadSession, imported: Sequence[UploadSet]) -> None:
    """Count imported sets in the group's quota, unless their files stay on a share."""
    if imported and not session.files.exclude(source="").exists():
        record_import(session, sum(row.size for row in imported))


def make_engine(settings: UploadSettings, name: str) -> Any:
    """The engine of that name."""
    if name == "cli":
        from omeroweb_upload.engines.cli import CliEngine  # noqa: PLC0415 - loads Ice, only where it is used

        return CliEngine(settings)
    from omeroweb_upload.engines.api import ApiEngine  # noqa: PLC0415 - the same

    return ApiEngine(threads=settings.import_threads, timeout_seconds=settings.import_timeout_seconds)


def _plan(conn: Any, settings: UploadSettings, session: UploadSession, row: UploadSet) -> SetPlan:
    files = sorted(row.files.all(), key=lambda file: (file.path != row.main, file.position))
    screen = session.target.get("screen_id")
    if row.kind == Kind.PLATE:
        target = ("Screen", int(screen)) if screen else None
    else:
        target = ("Dataset", dataset_for(conn, session, row.dataset_name))
    name = name_of(row.main)
    in_place = bool(files and files[0].source)
    return SetPlan(
        id=row.pk,
        marker=row.marker,
        files=tuple(_set_file(settings, file) for file in files),
        target=target,
        name=name if staged_name(name) != name else None,
        in_place=in_place,
    )


def _set_file(settings: UploadSettings, row: UploadFile) -> SetFile:
    # The share's own path is what OMERO links to.
    place = Path(row.source) if row.source else staged_file(settings, row)
    return SetFile(row.path, place, row.size, row.sha256, row.sha1)


def save_result(
    settings: UploadSettings, session: UploadSession, row: UploadSet, result: SetResult, engine: str
) -> None:
    """Write down how a set's import ended."""
    metrics.SETS.labels(engine, "imported" if result.imported else "failed").inc()
    metrics.IMPORT_SECONDS.labels(engine).observe(result.seconds)
    tried = {"attempts": row.attempts + 1, "seconds": result.seconds}
    if result.imported:
        _save_imported(row, result.image_ids, result.plate_ids, result.fileset_id, **tried)
        if not session.special_upload:
            _remove_files(settings, row)
        return
    metrics.FAILURES.labels("import", result.reason).inc()
    UploadSet.objects.filter(pk=row.pk).update(state=SetState.FAILED, failure=result.message, **tried)
    UploadFile.objects.filter(file_set=row).update(state=FileState.ERROR, reason=result.message)


def _save_imported(
    row: UploadSet,
    image_ids: Sequence[int],
    plate_ids: Sequence[int],
    fileset_id: int | None,
    **tried: float,
) -> None:
    UploadSet.objects.filter(pk=row.pk).update(
        state=SetState.IMPORTED,
        image_ids=list(image_ids),
        plate_ids=list(plate_ids),
        fileset_id=fileset_id,
        failure="",
        **tried,
    )
    UploadFile.objects.filter(file_set=row).update(state=FileState.IMPORTED, reason="")


def _remove_files(settings: UploadSettings, row: UploadSet) -> None:
    for file in row.files.all():
        if file.source:
            continue
        staged_file(settings, file).unlink(missing_ok=True)
        fence_path(settings, row.session_id, file.pk).unlink(missing_ok=True)
