"""The kind of job that exports an image: it has the OMERO script do the work, and follows it."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn

from django.db import DatabaseError
from pydantic import BaseModel, Field

from omero_plugin_common.jobs.errors import (
    JobCancelledError,
    JobError,
    JobFailedError,
    JobInterruptedError,
    JobOverdueError,
)
from omero_plugin_common.jobs.kinds import Step, Steps, job_kind
from omero_plugin_common.models import Job
from omeroweb_imaris_connector import metrics
from omeroweb_imaris_connector.config import imaris_settings
from omeroweb_imaris_connector.conversion.attach import (
    Attached,
    attached_by,
    delete,
    group_for,
    remove_unfinished,
)
from omeroweb_imaris_connector.conversion.description import DescribedImage, describe
from omeroweb_imaris_connector.conversion.errors import ExportError
from omeroweb_imaris_connector.conversion.options import (
    AUTOMATIC,
    BUILT_IN,
    DEFAULT_COMPRESSION,
    ExportOptions,
)
from omeroweb_imaris_connector.conversion.pixels import note_on
from omeroweb_imaris_connector.conversion.reporting import STORING, Report, parse
from omeroweb_imaris_connector.services import cache, scripts
from omeroweb_imaris_connector.services.sessions import export_session

if TYPE_CHECKING:
    from collections.abc import Generator

    from omero_plugin_common.jobs.context import JobContext
    from omeroweb_imaris_connector.models import ImarisExport

logger = logging.getLogger(__name__)

KIND = "imaris.export"
QUEUE = "imaris_export"
PERCENT = 100
SLICE_SECONDS = 1.0
# A script that another worker started, in a server that was restarted since, still counts as running.
SILENT_SECONDS = 300.0


class ExportParameters(BaseModel):
    """Which image, how, and in whose session when it is not the job-service account's (encrypted)."""

    image_id: int = Field(gt=0)
    image_name: str = ""
    compression: int = Field(default=DEFAULT_COMPRESSION, ge=0, le=9)
    pixel_type: str = AUTOMATIC
    converter: str = BUILT_IN
    refresh: bool = False
    session: str = ""

    def options(self) -> ExportOptions:
        """The options of the export."""
        return ExportOptions(self.compression, self.pixel_type, self.converter)


def result_of(export: ImarisExport, *, cached: bool, note: str) -> dict[str, Any]:
    """What a finished job tells."""
    return {
        "annotation_id": export.annotation_id,
        "file_id": export.file_id,
        "name": export.file_name,
        "size_bytes": export.size_bytes,
        "image_id": export.image_id,
        "image_name": export.image_name,
        "cached": cached,
        "note": note,
    }


@job_kind(KIND, title="Export to Imaris", queue=QUEUE, parameters=ExportParameters, settles_cancel=True)
def run(context: JobContext) -> Steps:
    """Export one image; a job that is taken up again goes on following the script it started."""
    following = _Following(context)
    try:
        with export_session(context) as conn:
            following.conn = conn
            try:
                return (yield from following.steps())
            except (GeneratorExit, JobInterruptedError) as error:
                following.interrupted(error)
                raise
            finally:
                following.let_go()
    except (JobCancelledError, JobOverdueError):
        # Cancelled while the session was being opened: open one for ending the script.
        if following.script_job and not following.ended:
            with export_session(context) as conn:
                following.conn = conn
                following.end()
        raise


@dataclass(slots=True)
class _Following:
    """One worker's turn on an export; `checkpoint` is what the next one goes on from."""

    context: JobContext
    conn: Any = None
    checkpoint: dict[str, Any] = field(default_factory=dict)
    process: Any = None
    ended: bool = False

    def __post_init__(self) -> None:
        saved = self.context.checkpoint
        self.checkpoint = {} if saved.get("failed") else dict(saved)

    @property
    def script_job(self) -> int:
        """The script's job in OMERO, 0 before it was started."""
        return int(self.checkpoint.get("script_job") or 0)

    def steps(self) -> Steps:
        """Everything, from looking at the image to the file."""
        self._refuse_when_cancelled()
        self._refuse_what_failed()
        image = self._described()
        options = self.context.parameters.options()
        key = image.key(options)
        if self.script_job and not scripts.state_of(self.conn, self.script_job).running:
            attached = attached_by(self.conn, self.script_job)
            if attached is not None:
                return self._finished(key, image, attached)
            remove_unfinished(self.conn, self.script_job)
            self.checkpoint = {}
        if not self.script_job:
            known = None if self.context.parameters.refresh else cache.find(self.conn, key)
            if known is not None:
                metrics.EXPORTS.labels("cache").inc()
                return result_of(known, cached=True, note=note_on(image, options))
            yield from self._start(image, options)
        yield from self._follow()
        attached = attached_by(self.conn, self.script_job)
        if attached is None:
            return (yield from self._fail(self._reason()))
        return self._finished(key, image, attached)

    def _refuse_when_cancelled(self) -> None:
        if Job.objects.filter(pk=self.context.job_id, cancel_requested=True).exists():
            raise JobCancelledError("The job was cancelled.")

    def _described(self) -> DescribedImage:
        try:
            return describe(self.conn, self.context.parameters.image_id)
        except ExportError as error:
            raise JobFailedError(str(error)) from error

    def _start(self, image: DescribedImage, options: ExportOptions) -> Generator[Step, None, None]:
        """Get a processor for the script, asking again with growing pauses while all are busy."""
        settings = imaris_settings()
        script_id = scripts.find_script(self.conn, settings.script_name)
        inputs = {
            "Image_ID": image.image_id,
            "Compression": options.compression,
            "Pixel_Type": options.pixel_type,
            "Converter": options.converter,
            **({"Work_Folder": settings.work_folder} if settings.work_folder else {}),
        }
        waiting = self.checkpoint or {"waiting_since": time.time(), "attempt": 0, "next_try": 0.0}
        while True:
            yield from self._pause_until(waiting)
            try:
                # Interrupted before its id is known to the engine, the script would run on with nobody to end it.
                with self.context.uninterrupted():
                    job_id, self.process = scripts.start_script(
                        self.conn, script_id, inputs, group_for(self.conn, image)
                    )
                    metrics.PROCESSOR_WAIT.observe(time.time() - waiting["waiting_since"])
                    self.checkpoint = {"script_job": job_id, "began": time.time()}
                    yield Step(0, PERCENT, "Starting the export", self.checkpoint)
            except scripts.NoProcessorError:
                waited = time.time() - waiting["waiting_since"]
                if waited > settings.start_timeout_seconds:
                    yield from self._fail(
                        f"All script processors of the OMERO server were busy for {waited:.0f} seconds. Try again later."
                    )
                attempt = waiting["attempt"] + 1
                pause = scripts.pause_seconds(settings.retry_seconds, attempt)
                waiting = {**waiting, "attempt": attempt, "next_try": time.time() + pause}
            else:
                return

    def _pause_until(self, waiting: dict[str, Any]) -> Generator[Step, None, None]:
        while (left := waiting["next_try"] - time.time()) > 0:
            message = f"Waiting for a free script processor (asked {waiting['attempt']} times)"
            yield Step(0, PERCENT, message, waiting)
            self.context.wait(min(SLICE_SECONDS, left))

    def _follow(self) -> Generator[Step, None, None]:
        """Show how far the script is until it has ended."""
        settings = imaris_settings()
        percent, heard, last = self.context.done, time.monotonic(), None
        while True:
            state = scripts.state_of(self.conn, self.script_job)
            if not state.running:
                return
            if state.message != last:
                heard, last = time.monotonic(), state.message
            report = parse(state.message)
            if report is not None:
                percent = max(percent, min(PERCENT - 1, int(report.percent())))
            yield Step(percent, PERCENT, _text(report), self.checkpoint)
            if time.time() - self.checkpoint["began"] > settings.export_timeout_seconds:
                self.end()
                yield from self._fail(
                    f"The export took longer than the {settings.export_timeout_seconds} seconds that are allowed."
                )
            if self.process is None and time.monotonic() - heard > SILENT_SECONDS:
                self.end()
                yield from self._fail("The export script stopped answering. Try again.")
            self.context.wait(settings.poll_seconds)

    def _reason(self) -> str:
        said = scripts.said_by(self.conn, self.script_job)
        remove_unfinished(self.conn, self.script_job)
        if said:
            return said
        if scripts.state_of(self.conn, self.script_job).status == "Cancelled":
            return "The export was stopped on the OMERO server. Start it again if that was not you."
        return "The export script died on the OMERO server before it was done; it may have run out of memory. Try again."

    def _fail(self, reason: str) -> Generator[Step, None, NoReturn]:
        """End the job as failed, so that trying again begins from the start."""
        self.checkpoint = {}
        yield Step(0, PERCENT, "", {"failed": reason})
        raise JobFailedError(reason)

    def _refuse_what_failed(self) -> None:
        """Another user's turn may come between the last step of a job that fails and its end."""
        reason = self.context.checkpoint.get("failed")
        # Trying again sets the time used back to nothing.
        if reason and Job.objects.filter(pk=self.context.job_id, active_seconds__gt=0).exists():
            raise JobFailedError(reason)

    def _finished(self, key: str, image: DescribedImage, attached: Attached) -> dict[str, Any]:
        export = cache.remember(key, image, attached, self.context.owner)
        metrics.EXPORTS.labels("new").inc()
        metrics.BYTES.inc(attached.size_bytes)
        try:
            cache.prune(keep=attached.annotation_id)
        except (JobError, DatabaseError) as error:
            logger.warning("exports_not_pruned reason=%s", error)
        return result_of(export, cached=False, note=note_on(image, self.context.parameters.options()))

    def interrupted(self, error: BaseException) -> None:
        """End the script when the job is over; leave it running when another turn follows."""
        over = isinstance(error, (JobCancelledError, JobOverdueError))
        if isinstance(error, GeneratorExit):
            over = Job.objects.filter(pk=self.context.job_id, cancel_requested=True).exists()
        if over and self.script_job:
            self.end()

    def end(self) -> None:
        """Make the script stop, and remove what it had done before it could be stopped."""
        scripts.end_script(self.conn, self.script_job, self.process)
        attached = attached_by(self.conn, self.script_job)
        if attached is not None:
            delete(self.conn, "Annotation", [attached.annotation_id])
        self.ended = True

    def let_go(self) -> None:
        """Give up the handle on the script's process."""
        if self.process is not None:
            scripts.release(self.process)


def _text(report: Report | None) -> str:
    if report is None:
        return "Reading the image"
    size = f"{report.total / 1e6:,.1f} MB"
    return f"Storing {size} in OMERO" if report.phase == STORING else f"Converting {size} of pixels"
