"""Attaching files to images so that doing it again has no further effect."""

from __future__ import annotations

import hashlib
import io
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

import omero.model
from omero.rtypes import rlong, rstring, unwrap

from omeroweb_upload.services.attachments_find import attached_files, own_files

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from omeroweb_upload.services.attachments_find import AttachedFile

BLOCK_BYTES = 2 * 1024 * 1024
SHA1 = "SHA1-160"


@dataclass(frozen=True, slots=True)
class Content:
    """A file to attach: what it is called in OMERO, and how its bytes are read."""

    name: str
    mimetype: str
    size: int
    sha1: str
    open: Callable[[], BinaryIO]


@dataclass(frozen=True, slots=True)
class Place:
    """Where an attachment goes and how it is found again: one image, a namespace, a folder, a description."""

    image_id: int
    namespace: str
    folder: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Attached:
    """A file annotation on an image; `made` is False when it was there already."""

    annotation_id: int
    link_id: int
    made: bool


def content_of_bytes(name: str, mimetype: str, data: bytes) -> Content:
    """A file that is in memory."""
    digest = hashlib.sha1(data, usedforsecurity=False).hexdigest()
    return Content(name, mimetype, len(data), digest, lambda: io.BytesIO(data))


def content_of_path(path: Path, name: str, mimetype: str) -> Content:
    """A file on disk, read once for its checksum."""
    digest = hashlib.sha1(usedforsecurity=False)
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            digest.update(block)
    return Content(name, mimetype, path.stat().st_size, digest.hexdigest(), lambda: path.open("rb"))


def attach(
    conn: Any, content: Content, place: Place, *, check: Callable[[], None] = lambda: None
) -> Attached:
    """Attach a file to an image unless the same file is attached in that namespace; `check` is called between blocks.

    An upload that was interrupted is taken up again with the file it left, so retries leave nothing behind.
    """
    known = same_file(
        attached_files(conn, "Image", [place.image_id]), content.name, content.sha1, place.namespace
    )
    if known is not None:
        return Attached(known.annotation_id, known.link_id, made=False)
    left = own_files(conn, place.folder, content.name, conn.getUserId())
    file_id = left[0] if left else _new_file(conn, content, place.folder)
    _write(conn, file_id, content, check)
    return link_file(conn, file_id, place)


def same_file(
    files: list[AttachedFile], name: str, sha1: str, namespace: str | None = None
) -> AttachedFile | None:
    """The attachment with this name and content, if there is one."""
    for file in files:
        if file.name == name and file.sha1 == sha1 and namespace in (None, file.namespace):
            return file
    return None


def link_file(conn: Any, file_id: int, place: Place) -> Attached:
    """Make a file annotation of an uploaded file and link it to the image, both or nothing."""
    annotation = omero.model.FileAnnotationI()
    annotation.ns = rstring(place.namespace)
    if place.description:
        annotation.description = rstring(place.description)
    annotation.file = omero.model.OriginalFileI(file_id, False)
    return _save_link(conn, place.image_id, annotation)


def link_annotation(conn: Any, image_id: int, annotation_id: int) -> Attached:
    """Link an annotation that is in OMERO already to an image, unless it is."""
    for file in attached_files(conn, "Image", [image_id]):
        if file.annotation_id == annotation_id:
            return Attached(annotation_id, file.link_id, made=False)
    return _save_link(conn, image_id, omero.model.FileAnnotationI(annotation_id, False))


def _save_link(conn: Any, image_id: int, annotation: Any) -> Attached:
    link = omero.model.ImageAnnotationLinkI()
    link.parent = omero.model.ImageI(image_id, False)
    link.child = annotation
    saved = conn.getUpdateService().saveAndReturnObject(link, conn.SERVICE_OPTS)
    return Attached(unwrap(saved.child.id), unwrap(saved.id), made=True)


def _new_file(conn: Any, content: Content, folder: str) -> int:
    file = omero.model.OriginalFileI()
    file.name, file.path = rstring(content.name), rstring(folder)
    file.mimetype, file.size = rstring(content.mimetype), rlong(content.size)
    file.hasher = omero.model.ChecksumAlgorithmI()
    file.hasher.value = rstring(SHA1)
    number: int = unwrap(conn.getUpdateService().saveAndReturnObject(file, conn.SERVICE_OPTS).id)
    return number


def _write(conn: Any, file_id: int, content: Content, check: Callable[[], None]) -> None:
    """Write all bytes; OMERO computes size and checksum itself when the file is saved."""
    store = conn.createRawFileStore()
    # Other calls' group context goes with the call that opens the file.
    try:
        store.setFileId(file_id, conn.SERVICE_OPTS)
        with closing(content.open()) as source:
            position = 0
            while block := source.read(BLOCK_BYTES):
                check()
                store.write(block, position, len(block), conn.SERVICE_OPTS)
                position += len(block)
        store.truncate(position, conn.SERVICE_OPTS)
        saved = store.save(conn.SERVICE_OPTS)
    finally:
        store.close()
    arrived = unwrap(saved.hash) if saved is not None else ""
    if arrived != content.sha1:
        raise ChecksumError(
            f"{content.name} has the SHA-1 {content.sha1}, but OMERO received {arrived or 'nothing'}; try again"
        )


class ChecksumError(Exception):
    """What arrived in OMERO is not what was sent; nothing was linked."""


def read_file(conn: Any, file_id: int, limit: int, *, size: int | None = None) -> bytes:
    """Read a file of OMERO, at most `limit` bytes of it."""
    store = conn.createRawFileStore()
    try:
        store.setFileId(file_id, conn.SERVICE_OPTS)
        wanted = min(limit, store.size() if size is None else size)
        starts = range(0, wanted, BLOCK_BYTES)
        return b"".join([store.read(start, min(BLOCK_BYTES, wanted - start)) for start in starts])
    finally:
        store.close()
