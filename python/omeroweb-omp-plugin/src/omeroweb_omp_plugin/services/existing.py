"""The map annotations that objects carry now, as the plans need them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omero.rtypes import unwrap
from omero.sys import ParametersI

from omero_plugin_common.omero_access.annotations import pairs_of
from omero_plugin_common.omero_access.group_context import ALL_GROUPS, in_group
from omero_plugin_common.omero_access.images import chunks, project
from omeroweb_omp_plugin.merge.model import Annotation

if TYPE_CHECKING:
    from collections.abc import Iterable

# Everything a map annotation can be linked to in OMERO's clients.
LINKED = ("Image", "Dataset", "Project", "Screen", "Plate", "PlateAcquisition", "Well", "Roi")


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether an object is still there for the user, may be annotated, and in which group it lies."""

    group_id: int
    annotatable: bool


@dataclass(frozen=True, slots=True)
class Head:
    """A map annotation without its pairs."""

    namespace: str
    owner: int
    description: str


def standings(conn: Any, object_type: str, ids: Iterable[int]) -> dict[int, Standing]:
    """What the user may do with each object that is there for the user; one query per 2000."""
    query = f"select obj from {object_type} obj where obj.id in (:ids)"  # noqa: S608 - the class is code
    found: dict[int, Standing] = {}
    with in_group(conn, ALL_GROUPS):
        for chunk in chunks(ids):
            for obj in find_all(conn, query, chunk):
                permissions = obj.details.permissions
                found[unwrap(obj.id)] = Standing(unwrap(obj.details.group.id), permissions.canAnnotate())
    return found


def annotations_of(
    conn: Any, object_type: str, ids: Iterable[int], writer: int, *, namespace: str | None = None
) -> dict[int, list[Annotation]]:
    """The map annotations of each object that has some, in the connection's group context.

    A constant number of queries per 2000 objects or annotations: links, annotations, pairs, one per class that can
    share an annotation, and one for the permissions of other people's.
    """
    links = links_of(conn, object_type, ids)
    heads = heads_of(conn, {number for _, number in links}, namespace)
    if not heads:
        return {}
    pairs = pairs_of(conn, heads)
    shared = link_counts(conn, heads)
    rights = rights_of(conn, (number for number, head in heads.items() if head.owner != writer))
    found: dict[int, list[Annotation]] = {}
    for object_id, number in links:
        head = heads.get(number)
        if head is None:
            continue
        changeable, removable = (True, True) if head.owner == writer else rights.get(number, (False, False))
        found.setdefault(object_id, []).append(
            Annotation(
                number,
                pairs.get(number, ()),
                head.namespace,
                head.owner,
                head.description,
                shared.get(number, 1),
                changeable,
                removable,
            )
        )
    return found


def links_of(conn: Any, object_type: str, ids: Iterable[int]) -> list[tuple[int, int]]:
    """Objects with the ids of their annotations of all kinds, each once, in order of the annotations.

    Annotations are not joined here: databases that know little of their data begin with all annotations of the
    namespace then, and look for each of the objects beside each of them.
    """
    query = (
        "select link.parent.id, link.child.id "  # noqa: S608 - the class is code
        f"from {object_type}AnnotationLink link where link.parent.id in (:ids)"
    )
    links = {(row[0], row[1]) for chunk in chunks(ids) for row in project(conn, query, chunk)}
    return sorted(links, key=lambda link: (link[1], link[0]))


def heads_of(conn: Any, numbers: Iterable[int], namespace: str | None) -> dict[int, Head]:
    """What map annotations are apart from their pairs; those of other kinds and namespaces are left out."""
    query = (
        "select ann.id, ann.ns, ann.details.owner.id, ann.description from MapAnnotation ann "
        "where ann.id in (:ids)"
    )
    return {
        number: Head(ns or "", owner, description or "")
        for chunk in chunks(numbers)
        for number, ns, owner, description in project(conn, query, chunk)
        if namespace is None or ns == namespace
    }


def link_counts(conn: Any, numbers: Iterable[int]) -> dict[int, int]:
    """To how many objects of any class each annotation is linked."""
    counts: dict[int, int] = {}
    for chunk in chunks(numbers):
        for linked in LINKED:
            query = (
                f"select link.child.id, count(link.id) from {linked}AnnotationLink link "  # noqa: S608
                "where link.child.id in (:ids) group by link.child.id"
            )
            for number, count in project(conn, query, chunk):
                counts[number] = counts.get(number, 0) + count
    return counts


def rights_of(conn: Any, numbers: Iterable[int]) -> dict[int, tuple[bool, bool]]:
    """Whether the user may change, and remove, each annotation."""
    query = "select ann from MapAnnotation ann where ann.id in (:ids)"
    return {
        unwrap(ann.id): (ann.details.permissions.canEdit(), ann.details.permissions.canDelete())
        for chunk in chunks(numbers)
        for ann in find_all(conn, query, chunk)
    }


def find_all(conn: Any, query: str, ids: list[int]) -> list[Any]:
    """Objects by HQL with `:ids`, in the connection's group context."""
    parameters = ParametersI()
    parameters.addIds(ids)
    found: list[Any] = conn.getQueryService().findAllByQuery(query, parameters, conn.SERVICE_OPTS)
    return found
