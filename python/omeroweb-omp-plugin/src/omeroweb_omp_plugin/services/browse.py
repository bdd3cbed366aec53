"""What people can choose from: their own containers and those that others share with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omero.rtypes import unwrap

from omero_plugin_common.omero_access.group_context import ALL_GROUPS, in_group
from omero_plugin_common.omero_access.images import chunks, project
from omeroweb_omp_plugin.parsing.natural import natural_key
from omeroweb_omp_plugin.services.existing import find_all
from omeroweb_omp_plugin.services.sources import FURTHER

if TYPE_CHECKING:
    from collections.abc import Iterable

    from omero_plugin_common.web.caller import Caller

# How each class of container leads to the next one down, and how many of those it has.
CHILDREN = {
    "Project": ("Dataset", "ProjectDatasetLink", "link.parent.id", "link.child"),
    "Screen": ("Plate", "ScreenPlateLink", "link.parent.id", "link.child"),
}
COUNTED = {
    "Project": "select link.parent.id, count(link.id) from ProjectDatasetLink link {where} group by link.parent.id",
    "Screen": "select link.parent.id, count(link.id) from ScreenPlateLink link {where} group by link.parent.id",
    "Dataset": "select link.parent.id, count(link.id) from DatasetImageLink link {where} group by link.parent.id",
    "Plate": "select well.plate.id, count(sample.id) from WellSample sample join sample.well well "
    "where well.plate.id in (:ids) group by well.plate.id",
}
ROOTS = {
    "Project": "",
    "Screen": "",
    "Dataset": "and not exists (select up.id from ProjectDatasetLink up where up.child.id = box.id)",
    "Plate": "and not exists (select up.id from ScreenPlateLink up where up.child.id = box.id)",
}
READ_WRITE, READ_ANNOTATE = "read_write", "read_annotate"


def groups_of(caller: Caller) -> dict[int, str]:
    """The caller's groups in which members may write or annotate others' data, with which of the two."""
    context = caller.conn.getEventContext()
    query = "select g from ExperimenterGroup g where g.id in (:ids)"
    with in_group(caller.conn, ALL_GROUPS):
        groups = [g for chunk in chunks(context.memberOfGroups) for g in find_all(caller.conn, query, chunk)]
    access = {}
    for group in groups:
        permissions = group.details.permissions
        if permissions.isGroupWrite():
            access[int(unwrap(group.id))] = READ_WRITE
        elif permissions.isGroupAnnotate():
            access[int(unwrap(group.id))] = READ_ANNOTATE
    return access


def containers(caller: Caller, kind: str) -> dict[str, list[dict[str, Any]]]:
    """Containers of a class that are in no other: the caller's own, and those of others that may be annotated."""
    shared = groups_of(caller)
    query = (
        "select box.id, box.name, box.details.owner.id, box.details.owner.omeName, box.details.group.id "  # noqa: S608
        f"from {kind} box where {{where}} in (:ids) {ROOTS[kind]}"
    )
    me = caller.owner.user_id
    with in_group(caller.conn, ALL_GROUPS):
        own = project(caller.conn, query.format(where="box.details.owner.id"), [me])
        rows = [
            row
            for chunk in chunks(shared)
            for row in project(caller.conn, query.format(where="box.details.group.id"), chunk)
        ]
        others = [row for row in rows if row[2] != me]
        counts = child_counts(caller.conn, kind, [row[0] for row in (*own, *others)])
    return {
        "owned": sorted_by_name(
            {"id": row[0], "name": row[1] or "", "count": counts.get(row[0], 0)} for row in own
        ),
        "others": sorted_by_name(
            {
                "id": row[0],
                "name": row[1] or "",
                "owner": row[3],
                "access": shared[row[4]],
                "count": counts.get(row[0], 0),
            }
            for row in others
        ),
    }


def children(caller: Caller, kind: str, number: int) -> list[dict[str, Any]]:
    """The datasets of a project or the plates of a screen, with how many images each has."""
    child, link_class, parent, path = CHILDREN[kind]
    query = (
        f"select child.id, child.name, child.details.owner.id from {link_class} link join {path} child "  # noqa: S608
        f"where {parent} in (:ids)"
    )
    with in_group(caller.conn, ALL_GROUPS):
        rows = project(caller.conn, query, [number])
        counts = child_counts(caller.conn, child, [row[0] for row in rows])
    unique = {
        row[0]: {
            "id": row[0],
            "name": row[1] or "",
            "count": counts.get(row[0], 0),
            "mine": row[2] == caller.owner.user_id,
        }
        for row in rows
    }
    return sorted_by_name(unique.values())


def wells_of(caller: Caller, plate_id: int) -> list[dict[str, Any]]:
    """The wells of a plate by row and column, with how many images each has."""
    query = (
        "select well.id, well.row, well.column, count(sample.id) from WellSample sample join sample.well well "
        "where well.plate.id in (:ids) group by well.id, well.row, well.column"
    )
    with in_group(caller.conn, ALL_GROUPS):
        rows = project(caller.conn, query, [plate_id])
    rows.sort(key=lambda row: (row[1], row[2]))
    return [{"id": row[0], "name": f"{letters(row[1])}{row[2] + 1}", "count": row[3]} for row in rows]


def letters(row: int) -> str:
    """The letters of a plate's row: 0 is A, 26 is AA."""
    text = ""
    row += 1
    while row:
        row, rest = divmod(row - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def orphan_count(caller: Caller) -> int:
    """How many of the caller's images are in no container."""
    _, path = FURTHER["Orphans"]
    query = f"select count(picture.id) from Image picture {path}"  # noqa: S608 - from code
    with in_group(caller.conn, ALL_GROUPS):
        rows = project(caller.conn, query, [caller.owner.user_id])
    return int(rows[0][0]) if rows else 0


def child_counts(conn: Any, kind: str, ids: Iterable[int]) -> dict[int, int]:
    """How many children, or images, each container has."""
    query = COUNTED[kind].format(where="where link.parent.id in (:ids)")
    return {row[0]: row[1] for chunk in chunks(ids) for row in project(conn, query, chunk)}


def sorted_by_name(boxes: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The containers as people sort names: 2 before 10."""
    return sorted(boxes, key=lambda box: (natural_key(box["name"]), box["id"]))
