"""Kinds of jobs that follow an import: attachments and SEM-EDX spectra."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero

from omero_plugin_common.jobs.errors import JobFailedError
from omero_plugin_common.jobs.kinds import Step, Steps, job_kind
from omeroweb_upload.emsa.errors import EmsaError
from omeroweb_upload.plot.figure import FigureError
from omeroweb_upload.services.attachments import ChecksumError
from omeroweb_upload.services.edx_figure import FigureImportError
from omeroweb_upload.services.edx_items import Item, JobParameters, Output, UndoParameters
from omeroweb_upload.services.edx_make import Maker
from omeroweb_upload.services.edx_sources import SourceGoneError
from omeroweb_upload.services.edx_table import TablesUnavailableError
from omeroweb_upload.services.edx_undo import job_to_undo, undo_items
from omeroweb_upload.services.edx_uploads import follow_up_items, save_follow_up
from omeroweb_upload.services.follow_ups import FollowUpParameters
from omeroweb_upload.spectra import names
from omeroweb_upload.spectra.analyse import UnknownElementError

if TYPE_CHECKING:
    from omero_plugin_common.jobs.context import JobContext

SPECTRA_KIND = "upload.spectra"
ATTACH_KIND = "upload.attach"
FOLLOW_UP_KIND = "upload.edx"
UNDO_KIND = "upload.attach_undo"

MAX_FAILURES = 500
UNDO_BATCH = 50
# What goes wrong with one file and says nothing about the others; OMERO's own faults have their text in `message`.
OMERO_REFUSALS = (omero.SecurityViolation, omero.ValidationException, omero.ApiUsageException)
REFUSALS = (
    EmsaError,
    FigureError,
    UnknownElementError,
    SourceGoneError,
    TablesUnavailableError,
    FigureImportError,
    ChecksumError,
    *OMERO_REFUSALS,
)
OUTPUT_NAMES = {
    Output.ORIGINAL: "file",
    Output.TABLE: "table",
    Output.METADATA: "key-value pairs",
    Output.FIGURE: "figure",
    Output.FIGURE_PDF: "figure for print",
    Output.FIGURE_IMAGE: "figure as image",
}


@job_kind(SPECTRA_KIND, title="SEM-EDX spectra", parameters=JobParameters)
def spectra(context: JobContext) -> Steps:
    """Attach spectra to their images and make tables, figures and key-value pairs of them."""
    return (yield from _work(context, context.parameters.items, names.SPECTRA_NAMESPACE))


@job_kind(ATTACH_KIND, title="Attach files", parameters=JobParameters)
def attach_files(context: JobContext) -> Steps:
    """Attach files to images."""
    return (yield from _work(context, context.parameters.items, names.ATTACHMENT_NAMESPACE))


@job_kind(FOLLOW_UP_KIND, title="SEM-EDX spectra of an upload", parameters=FollowUpParameters)
def follow_up(context: JobContext) -> Steps:
    """Do with the spectra of an upload, after its import, what its settings say."""
    session_id: str = context.parameters.session_id
    with context.gateway() as conn:
        plan = follow_up_items(conn, context.owner, session_id)
    # Undoing works on the items that this job worked on, whatever becomes of the upload.
    kept = {"items": [item.model_dump(mode="json") for item in plan.items]}
    result = yield from _work(context, plan.items, names.SPECTRA_NAMESPACE, kept)
    result = {**(result or {}), "unmatched": list(plan.unmatched), **kept}
    save_follow_up(session_id, context.job_id, result)
    return result


def _work(
    context: JobContext, items: list[Item], namespace: str, kept: dict[str, Any] | None = None
) -> Steps:
    steps = [(item, output) for item in items for output in item.outputs]
    failures: list[dict[str, Any]] = list(context.checkpoint.get("failures", []))
    if context.done < len(steps):
        with context.gateway() as conn:
            maker = Maker(conn, context.owner, namespace, context.check, context.wait)
            for index in range(context.done, len(steps)):
                context.check()
                item, output = steps[index]
                failure = _make(maker, item, output)
                failures += [failure] if failure else []
                yield Step(
                    index + 1,
                    total=len(steps),
                    message=f"{item.name}: {OUTPUT_NAMES[output]}",
                    checkpoint={"failures": failures[:MAX_FAILURES], **(kept or {})},
                )
    if failures and len(failures) >= len(steps):
        raise JobFailedError(f"Nothing could be attached. {failures[0]['name']}: {failures[0]['error']}")
    return {
        "linked": len(steps) - len(failures),
        "images": sorted({item.image_id for item in items}),
        "failures": failures[:MAX_FAILURES],
    }


def _make(maker: Maker, item: Item, output: Output) -> dict[str, Any] | None:
    try:
        maker.make(item, output)
    except REFUSALS as error:
        told = error.message if isinstance(error, OMERO_REFUSALS) else str(error)
        return {"image_id": item.image_id, "name": item.name, "output": str(output), "error": told}
    return None


@job_kind(UNDO_KIND, title="Undo attaching", parameters=UndoParameters, destructive=True)
def undo(context: JobContext) -> Steps:
    """Take away what a job attached; what was there before it stays."""
    job = job_to_undo(context.parameters.job_id, context.owner)
    removed = int(context.checkpoint.get("removed", 0))
    total = len(job.items)
    with context.gateway() as conn:
        for start in range(context.done, total, UNDO_BATCH):
            context.check()
            removed += undo_items(conn, job.items[start : start + UNDO_BATCH], job.namespace)
            done = min(total, start + UNDO_BATCH)
            yield Step(done, total=total, message=f"{removed} taken away", checkpoint={"removed": removed})
    return {"removed": removed}
