"""Files and key-value pairs that objects in OMERO carry, in few queries however many there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omero_plugin_common.omero_access.images import chunks, project

if TYPE_CHECKING:
    from collections.abc import Iterable

# Whose attachments may be asked for; part of the queries' text.
CARRIERS = ("Image", "Dataset", "Project")


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """One file annotation on one object; `size` in bytes, `sha1` empty where OMERO has none."""

    annotation_id: int
    link_id: int
    object_id: int
    namespace: str
    description: str
    file_id: int
    name: str
    size: int
    sha1: str
    owner_id: int


def attached_files(conn: Any, carrier: str, ids: Iterable[int]) -> list[AttachedFile]:
    """Return the file annotations of Images, Datasets or Projects in order of object and annotation."""
    if carrier not in CARRIERS:
        raise ValueError(f"{carrier!r} is not one of {', '.join(CARRIERS)}")
    query = (
        "select link.id, link.parent.id, ann.id, ann.details.owner.id "  # noqa: S608 - the class is one of three
        f"from {carrier}AnnotationLink link join link.child ann "
        "where link.parent.id in (:ids) and ann.class = FileAnnotation order by link.parent.id, ann.id"
    )
    links = [row for chunk in chunks(ids) for row in project(conn, query, chunk)]
    files = file_annotations(conn, {row[2] for row in links})
    return [
        AttachedFile(ann_id, link_id, parent_id, *files[ann_id], owner_id)
        for link_id, parent_id, ann_id, owner_id in links
        if ann_id in files
    ]


def file_annotations(conn: Any, ids: Iterable[int]) -> dict[int, tuple[str, str, int, str, int, str]]:
    """Return namespace, description, and the file's id, name, size and SHA-1 of file annotations by id."""
    query = (
        "select ann.id, ann.ns, ann.description, file.id, file.name, file.size, file.hash "
        "from FileAnnotation ann join ann.file file where ann.id in (:ids)"
    )
    return {
        row[0]: (row[1] or "", row[2] or "", row[3], row[4] or "", row[5] or 0, row[6] or "")
        for chunk in chunks(ids)
        for row in project(conn, query, chunk)
    }


def own_files(conn: Any, folder: str, name: str, owner_id: int) -> list[int]:
    """Return the ids of the owner's files of this folder and name that no annotation carries, oldest first.

    That is what an attachment leaves when the worker dies before the file is linked.
    """
    query = (
        "select file.id from OriginalFile file where file.path = :folder and file.name = :name "
        "and file.details.owner.id in (:ids) order by file.id"
    )
    found = [row[0] for row in project(conn, query, [owner_id], folder=folder, name=name)]
    carried = "select ann.file.id from FileAnnotation ann where ann.file.id in (:ids)"
    taken = {row[0] for chunk in chunks(found) for row in project(conn, carried, chunk)}
    return [number for number in found if number not in taken]
