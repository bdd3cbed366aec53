"""From an image id to an annotated .ims file: what the OMERO script does."""

from __future__ import annotations

import contextlib
import errno
import re
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import Ice
import omero
import omero.all
from omero.sys import ParametersI

from ims_writer.errors import ImsError, WriteCancelledError, WriteFailedError
from ims_writer.options import Progress, WriteOptions
from ims_writer.write import write_ims
from omeroweb_imaris_connector.conversion import bioformats
from omeroweb_imaris_connector.conversion.attach import Attached, attach
from omeroweb_imaris_connector.conversion.description import DescribedImage, describe
from omeroweb_imaris_connector.conversion.errors import ExportError, ExportStoppedError
from omeroweb_imaris_connector.conversion.options import BIOFORMATS, ExportOptions
from omeroweb_imaris_connector.conversion.pixels import OmeroSource, note_on, stored_type
from omeroweb_imaris_connector.conversion.reporting import WRITING, JobReporter, Report, SilentReporter
from omeroweb_imaris_connector.conversion.workplace import workplace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

READ_BYTES = 32 * 1024 * 1024
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Exported:
    """The file in OMERO, and what the person should know about it."""

    attached: Attached
    message: str


def export_image(
    conn: Any, image_id: int, options: ExportOptions, *, job_id: int | None = None, work_folder: str = ""
) -> Exported:
    """Export one image; raises ExportError or ExportStoppedError, and then leaves nothing behind.

    `job_id` is the script's own job, which carries progress and cancelling.
    """
    image = describe(conn, image_id)
    reporter = SilentReporter() if job_id is None else JobReporter(conn.c.sf, job_id)
    try:
        with _ends_kindly(reporter), workplace(work_folder) as folder:
            name = file_name(image)
            target = folder / name
            try:
                notes = _convert(conn, image, target, options, reporter)
                attached = attach(conn, image, target, name, job_id or 0, reporter)
            except (Ice.Exception, OSError) as error:
                raise _explained(conn, image_id, error) from error
    finally:
        with contextlib.suppress(Ice.Exception):
            reporter.close()
    if not attached.linked:
        notes.append("You may not annotate the image, so the file is not shown beside it.")
    return Exported(attached, " ".join([f"Exported {image.name or image_id} as {name}.", *notes]))


def file_name(image: DescribedImage) -> str:
    """A name that every system takes, at most 200 characters long, ending in .ims."""
    stem = re.sub(r"[^A-Za-z0-9._ -]+", "_", image.name).strip(" ._") or f"image_{image.image_id}"
    return f"{stem[: LONGEST_NAME - 4].rstrip(' ._')}.ims"


def _convert(
    conn: Any,
    image: DescribedImage,
    target: Path,
    options: ExportOptions,
    reporter: JobReporter | SilentReporter,
) -> list[str]:
    if options.converter == BIOFORMATS:
        bioformats.convert(conn, image, target, options, reporter)
        return []
    pixel_type = stored_type(image, options)

    def tell(progress: Progress) -> None:
        reporter.tell(Report(WRITING, progress.done_bytes, progress.total_bytes))

    try:
        with OmeroSource(conn, image) as source:
            write_ims(
                target,
                source,
                image.metadata,
                WriteOptions(gzip_level=options.compression, pixel_type=pixel_type, read_bytes=READ_BYTES),
                progress=tell,
                cancelled=reporter.stopped,
            )
    except WriteCancelledError as error:
        raise ExportStoppedError(str(error)) from error
    except WriteFailedError as error:
        raise ExportError(_disk_text(error.__cause__)) from error
    except ImsError as error:
        raise ExportError(str(error)) from error
    note = note_on(image, options)
    return [note] if note else []


def _disk_text(cause: BaseException | None) -> str:
    if isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return (
            "There is no space left on the OMERO server for the .ims file. Ask an administrator to make room, "
            "then try again."
        )
    return f"The .ims file can't be written on the OMERO server: {cause}"


def _explained(conn: Any, image_id: int, error: Exception) -> ExportError:
    """What to tell about an error of the server or the disk: most often the image is gone."""
    if isinstance(error, OSError):
        return ExportError(_disk_text(error))
    try:
        query = "select image.id from Image image where image.id = :id"
        rows = conn.getQueryService().projection(query, ParametersI().addId(image_id), {"omero.group": "-1"})
    except Ice.Exception:
        return ExportError(f"The OMERO server stopped answering ({type(error).__name__}). Try again later.")
    if not rows:
        return ExportError(f"Image {image_id} was deleted while it was exported.")
    if isinstance(error, omero.ServerError):
        said = str(error.message or type(error).__name__).strip().splitlines()[0][:300]
        return ExportError(f"OMERO could not read or store image {image_id}: {said}")
    return ExportError(f"The connection to the OMERO server broke ({type(error).__name__}). Try again.")


@contextlib.contextmanager
def _ends_kindly(reporter: JobReporter | SilentReporter) -> Iterator[None]:
    """When the processor ends the script, stop in order and leave nothing behind."""
    before = signal.signal(signal.SIGTERM, lambda _number, _frame: reporter.stop())
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
