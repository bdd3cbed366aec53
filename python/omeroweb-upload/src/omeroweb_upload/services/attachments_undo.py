"""Taking attachments away again: the annotation where it was made here, else only its link."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omero_plugin_common.omero_access.deletion import delete
from omero_plugin_common.omero_access.images import chunks, project

if TYPE_CHECKING:
    from collections.abc import Iterable

LINKS = ("ImageAnnotationLink", "DatasetAnnotationLink", "ProjectAnnotationLink")


def delete_annotations(conn: Any, annotation_class: str, ids: Iterable[int], *, links: Iterable[int]) -> int:
    """Delete annotations with their files; those that other objects carry besides `links` only lose these links.

    Returns how many objects lost an attachment.
    """
    wanted, own_links = set(ids), set(links)
    shared = _carried_elsewhere(conn, wanted, own_links)
    delete(conn, annotation_class, wanted - shared)
    left = _links_of(conn, shared) & own_links if shared else set()
    delete(conn, "ImageAnnotationLink", left)
    return len(own_links)


def delete_links(conn: Any, link_ids: Iterable[int]) -> None:
    """Take annotations off images; the annotations stay."""
    delete(conn, "ImageAnnotationLink", link_ids)


def _carried_elsewhere(conn: Any, annotation_ids: set[int], own_links: set[int]) -> set[int]:
    query = "select link.child.id, link.id from ImageAnnotationLink link where link.child.id in (:ids)"
    return {
        row[0]
        for chunk in chunks(annotation_ids)
        for row in project(conn, query, chunk)
        if row[1] not in own_links
    }


def _links_of(conn: Any, annotation_ids: set[int]) -> set[int]:
    query = "select link.id from ImageAnnotationLink link where link.child.id in (:ids)"
    return {row[0] for chunk in chunks(annotation_ids) for row in project(conn, query, chunk)}
