"""Keeping a finished .ims file in OMERO: uploaded, checked by its hash, annotated to its image."""

from __future__ import annotations

import contextlib
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import Ice
import omero
import omero.all
from omero.rtypes import rlong, rstring
from omero.sys import ParametersI

from omero_plugin_common.omero_access import deletion
from omero_plugin_common.omero_access.deletion import DeletionError
from omero_plugin_common.omero_access.group_context import ALL_GROUPS, in_group
from omeroweb_imaris_connector.conversion.errors import ExportError, ExportStoppedError
from omeroweb_imaris_connector.conversion.reporting import STORING, JobReporter, Report, SilentReporter

if TYPE_CHECKING:
    from pathlib import Path

    from omeroweb_imaris_connector.conversion.description import DescribedImage

NAMESPACE = "omero.export.ims"
MIMETYPE = "application/x-imaris"
FOLDER = "/imaris-exports/"
PIECE_BYTES = 4 * 1024 * 1024

_OF_RUN = """
select annotation.id, file.id, file.name, file.size from FileAnnotation annotation join annotation.file file
where file.path = :path and annotation.ns = :ns order by annotation.id desc
"""
_UNFINISHED = """
select file.id from OriginalFile file where file.path = :path and not exists (
select annotation.id from FileAnnotation annotation where annotation.file.id = file.id)
"""


@dataclass(frozen=True, slots=True)
class Attached:
    """A .ims file in OMERO; `linked` says whether the image shows it."""

    annotation_id: int
    file_id: int
    name: str
    size_bytes: int
    linked: bool = True


def group_for(conn: Any, image: DescribedImage) -> int:
    """The group that gets the file: the image's, or the user's own when an administrator is no member of that one."""
    context = conn.getEventContext()
    return image.group_id if image.group_id in context.memberOfGroups else int(context.groupId)


def run_folder(job_id: int) -> str:
    """The path that the files of one script job have in OMERO."""
    return f"{FOLDER}{job_id}/"


def attach(
    conn: Any,
    image: DescribedImage,
    path: Path,
    name: str,
    job_id: int,
    reporter: JobReporter | SilentReporter,
) -> Attached:
    """Upload a file and annotate its image with it; after any failure OMERO is as before."""
    group_id = group_for(conn, image)
    context = {"omero.group": str(group_id)}
    file = _new_file(conn, name, run_folder(job_id), path.stat().st_size, context)
    try:
        _upload(conn, file, path, context, reporter)
        annotation = omero.model.FileAnnotationI()
        annotation.setNs(rstring(NAMESPACE))
        annotation.setDescription(rstring(f"Imaris file of image {image.image_id}, {image.name}"))
        annotation.setFile(omero.model.OriginalFileI(file.id.val, False))
        linked = _may_annotate(conn, image) and group_id == image.group_id
        saved = _save(conn, annotation, image if linked else None, context)
        _refuse_when_stopped(conn, saved, reporter)
    except BaseException:
        with contextlib.suppress(Ice.Exception, DeletionError):
            delete(conn, "OriginalFile", [file.id.val])
        raise
    return Attached(saved, int(file.id.val), name, path.stat().st_size, linked)


def _refuse_when_stopped(conn: Any, annotation_id: int, reporter: JobReporter | SilentReporter) -> None:
    """Take the file back when the export was cancelled while it was being saved.

    Whoever cancels marks the job first and looks for the file afterwards; this looks in the other order, so one of
    the two always sees what the other did.
    """
    if reporter.stopped(now=True):
        with contextlib.suppress(Ice.Exception, DeletionError):
            delete(conn, "Annotation", [annotation_id])
        raise ExportStoppedError("The export was cancelled.")


def _new_file(conn: Any, name: str, folder: str, size: int, context: dict[str, str]) -> Any:
    file = omero.model.OriginalFileI()
    file.setName(rstring(name))
    file.setPath(rstring(folder))
    file.setMimetype(rstring(MIMETYPE))
    file.setSize(rlong(size))
    algorithm = omero.model.ChecksumAlgorithmI()
    algorithm.setValue(rstring(omero.model.enums.ChecksumAlgorithmSHA1160))
    file.setHasher(algorithm)
    return conn.getUpdateService().saveAndReturnObject(file, context)


def _upload(
    conn: Any, file: Any, path: Path, context: dict[str, str], reporter: JobReporter | SilentReporter
) -> None:
    digest = hashlib.sha1(usedforsecurity=False)
    size = path.stat().st_size
    store = conn.c.sf.createRawFileStore()
    try:
        store.setFileId(file.id.val, context)
        done = 0
        with path.open("rb") as handle:
            while piece := handle.read(PIECE_BYTES):
                if reporter.stopped():
                    raise ExportStoppedError("The export was cancelled.")
                store.write(piece, done, len(piece), context)
                digest.update(piece)
                done += len(piece)
                reporter.tell(Report(STORING, done, size))
        stored = store.save(context)
    finally:
        with contextlib.suppress(Ice.Exception):
            store.close()
    if stored is not None and stored.hash is not None and stored.hash.val != digest.hexdigest():
        raise ExportError("OMERO stored the file with other contents than were sent. Try again.")


def _may_annotate(conn: Any, image: DescribedImage) -> bool:
    """Whether the image may get an annotation of this user; raises ExportError when it is gone."""
    query = "select image from Image image where image.id = :id"
    found = conn.getQueryService().findByQuery(
        query, ParametersI().addId(image.image_id), {"omero.group": "-1"}
    )
    if found is None:
        raise ExportError(f"Image {image.image_id} was deleted while it was exported.")
    return bool(found.details.permissions.canAnnotate())


def _save(conn: Any, annotation: Any, image: DescribedImage | None, context: dict[str, str]) -> int:
    update = conn.getUpdateService()
    if image is None:
        return int(update.saveAndReturnObject(annotation, context).id.val)
    link = omero.model.ImageAnnotationLinkI()
    link.setParent(omero.model.ImageI(image.image_id, False))
    link.setChild(annotation)
    return int(update.saveAndReturnObject(link, context).child.id.val)


def attached_by(conn: Any, job_id: int) -> Attached | None:
    """The file that a script job left in OMERO, None when it left none."""
    parameters = ParametersI().addString("path", run_folder(job_id)).addString("ns", NAMESPACE)
    rows = conn.getQueryService().projection(_OF_RUN, parameters, {"omero.group": "-1"})
    if not rows:
        return None
    annotation_id, file_id, name, size = (cell.getValue() for cell in rows[0])
    return Attached(int(annotation_id), int(file_id), str(name), int(size))


def remove_unfinished(conn: Any, job_id: int) -> int:
    """Delete what a script job that died had uploaded; returns how many files."""
    parameters = ParametersI().addString("path", run_folder(job_id))
    rows = conn.getQueryService().projection(_UNFINISHED, parameters, {"omero.group": "-1"})
    ids = [int(row[0].getValue()) for row in rows]
    if ids:
        delete(conn, "OriginalFile", ids)
    return len(ids)


def delete(conn: Any, kind: str, ids: list[int]) -> None:
    """Delete objects, in whichever groups they are; raises DeletionError."""
    with in_group(conn, ALL_GROUPS):
        deletion.delete(conn, kind, ids)
