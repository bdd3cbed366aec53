"""Annotations of many objects: read in one query, written with their links in batches, deleted together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import omero.model
from omero.rtypes import rstring, unwrap

from omero_plugin_common.omero_access.images import chunks, project

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

SAVE_BATCH = 250


@dataclass(frozen=True, slots=True)
class MapAnnotationRow:
    """One map annotation on one object, with its pairs in their order."""

    id: int
    link_id: int
    object_id: int
    namespace: str
    owner_id: int
    pairs: tuple[tuple[str, str], ...]


def map_annotations_of(
    conn: Any, object_type: str, ids: Iterable[int], *, namespace: str | None = None
) -> dict[int, list[MapAnnotationRow]]:
    """Return the map annotations per object id, in order of their ids; objects without any are left out.

    Two queries per 2000 objects (which annotations, then their pairs), however many annotations there are.
    """
    link_class = _link_class(object_type).__name__.removesuffix("I")
    where = "" if namespace is None else " and ann.ns = :ns"
    texts = {} if namespace is None else {"ns": namespace}
    # The class is one of OMERO's own; nothing else in the text comes from outside.
    query = (
        "select link.id, link.parent.id, ann.id, ann.ns, ann.details.owner.id "  # noqa: S608
        f"from {link_class} link join link.child ann "
        f"where link.parent.id in (:ids) and ann.class = MapAnnotation{where} order by ann.id"
    )
    found: dict[int, list[MapAnnotationRow]] = {}
    for chunk in chunks(ids):
        links = project(conn, query, chunk, **texts)
        pairs = pairs_of(conn, {link[2] for link in links})
        for link_id, object_id, annotation_id, ns, owner_id in links:
            row = MapAnnotationRow(
                annotation_id, link_id, object_id, ns or "", owner_id, pairs.get(annotation_id, ())
            )
            found.setdefault(object_id, []).append(row)
    return found


def pairs_of(conn: Any, annotation_ids: Iterable[int]) -> dict[int, tuple[tuple[str, str], ...]]:
    """Return the key-value pairs of map annotations, one query per 2000."""
    query = (
        "select ann.id, pair.name, pair.value from MapAnnotation ann join ann.mapValue pair "
        "where ann.id in (:ids) order by ann.id, index(pair)"
    )
    found: dict[int, list[tuple[str, str]]] = {}
    for chunk in chunks(annotation_ids):
        for annotation_id, name, value in project(conn, query, chunk):
            found.setdefault(annotation_id, []).append((name or "", value or ""))
    return {annotation_id: tuple(pairs) for annotation_id, pairs in found.items()}


def annotate(
    conn: Any, object_type: str, pairs_by_id: Mapping[int, Sequence[tuple[str, str]]], namespace: str
) -> dict[int, int]:
    """Give each object one new map annotation; returns annotation ids by object id.

    Annotations and links are saved together, 250 objects per call, each call whole or not at all. Acts in the
    group of the connection's context, so call it inside `in_group`.
    """
    made: dict[int, int] = {}
    update = conn.getUpdateService()
    items = list(pairs_by_id.items())
    for start in range(0, len(items), SAVE_BATCH):
        batch = [
            _link(object_type, object_id, pairs, namespace)
            for object_id, pairs in items[start : start + SAVE_BATCH]
        ]
        for link in update.saveAndReturnArray(batch, conn.SERVICE_OPTS):
            made[unwrap(link.parent.id)] = unwrap(link.child.id)
    return made


def map_annotation(pairs: Sequence[tuple[str, str]], namespace: str) -> omero.model.MapAnnotationI:
    """Return a new, unsaved map annotation."""
    annotation = omero.model.MapAnnotationI()
    annotation.ns = rstring(namespace)
    annotation.mapValue = [omero.model.NamedValue(str(name), str(value)) for name, value in pairs]
    return annotation


def _link(object_type: str, object_id: int, pairs: Sequence[tuple[str, str]], namespace: str) -> Any:
    link = _link_class(object_type)()
    link.parent = getattr(omero.model, f"{object_type}I")(object_id, False)
    link.child = map_annotation(pairs, namespace)
    return link


def _link_class(object_type: str) -> Any:
    found = getattr(omero.model, f"{object_type}AnnotationLinkI", None)
    if found is None:
        raise ValueError(f"{object_type!r} is no class of OMERO that takes annotations")
    return found
