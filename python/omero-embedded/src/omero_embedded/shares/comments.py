"""What members of a share write to each other.

A comment is a CommentAnnotation of its author, linked to the share. It lies in the group of administrators, so that it is
read through its share alone, whichever groups author and readers are in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select

from omero_embedded.graphs.load import Graph
from omero_embedded.model.schema import SCHEMA
from omero_embedded.security.directory import SYSTEM_GROUP
from omero_embedded.store.tables import TABLES
from omero_embedded.updates.events import log, new_event
from omero_embedded.updates.ids import allocate
from omero_embedded.updates.remove import delete_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from omero_embedded.security.context import Call

NAMESPACE = "openmicroscopy.org/omero/share/comments"
_LINKS, _REPLIES = TABLES["SessionAnnotationLink"], TABLES["AnnotationAnnotationLink"]
_ANNOTATIONS, _EVENTS = TABLES["Annotation"], TABLES["Event"]
_TEXT = SCHEMA["CommentAnnotation"].fields["textValue"].column


def add_comment(
    connection: Connection, call: Call, share_id: int, text: str, reply_to: int | None = None
) -> int:
    """Write a comment of the caller, in answer to another one or not; its id."""
    event = new_event(connection, call)
    comment = {"discriminator": "CommentAnnotation", "ns": NAMESPACE, _TEXT: text}
    comment_id = _insert(connection, call, event, "CommentAnnotation", comment)
    _insert(connection, call, event, "SessionAnnotationLink", {"parent": share_id, "child": comment_id})
    if reply_to is not None:
        link = {"parent": reply_to, "child": comment_id}
        _insert(connection, call, event, "AnnotationAnnotationLink", link)
    return comment_id


def _insert(connection: Connection, call: Call, event: int, class_name: str, values: dict[str, Any]) -> int:
    table = TABLES[SCHEMA[class_name].root]
    row_id = allocate(connection, table, 1)[0]
    details = {
        "id": row_id,
        "version": 0,
        "details_owner": call.caller.user_id,
        "details_group": SYSTEM_GROUP,
        "details_creation": event,
        "details_update": event,
    }
    connection.execute(table.insert().values(details | values))
    log(connection, event, [("INSERT", class_name, row_id)])
    return row_id


# Links that anybody made by other ways are in groups of theirs.
_OF_COMMENTS = _LINKS.c.details_group == SYSTEM_GROUP


def comments_of(connection: Connection, share_id: int) -> list[int]:
    """The ids of a share's comments, the oldest first."""
    ordered = select(_LINKS.c.child).where(_LINKS.c.parent == share_id, _OF_COMMENTS).order_by(_LINKS.c.id)
    return list(connection.scalars(ordered))


def count_comments(connection: Connection, share_ids: Sequence[int]) -> dict[int, int]:
    """Numbers of comments by share."""
    counted = select(_LINKS.c.parent, func.count()).where(_LINKS.c.parent.in_(list(share_ids)), _OF_COMMENTS)
    rows = connection.execute(counted.group_by(_LINKS.c.parent))
    found: dict[int, int] = {row[0]: row[1] for row in rows}
    return {share_id: found.get(share_id, 0) for share_id in share_ids}


def share_and_author(connection: Connection, comment_id: int) -> tuple[int, int] | None:
    """The share that a comment belongs to and who wrote it; None if this is no comment of a share."""
    statement = select(_LINKS.c.parent, _LINKS.c.details_owner).where(
        _LINKS.c.child == comment_id, _OF_COMMENTS
    )
    row = connection.execute(statement).first()
    return None if row is None else (row[0], row[1])


def delete_comment(connection: Connection, call: Call, comment_id: int) -> None:
    """Take a comment back; the answers to it stay."""
    event = new_event(connection, call)
    connection.execute(delete(_LINKS).where(_LINKS.c.child == comment_id))
    connection.execute(
        delete(_REPLIES).where((_REPLIES.c.child == comment_id) | (_REPLIES.c.parent == comment_id))
    )
    delete_rows(connection, "CommentAnnotation", [comment_id])
    log(connection, event, [("DELETE", "CommentAnnotation", comment_id)])


def comment_objects(connection: Connection, call: Call, ids: Iterable[int]) -> list[Any]:
    """Comments as objects, with their owners and dates."""
    return _objects(connection, call, "Annotation", ids)


def comment_links(
    connection: Connection, call: Call, share_ids: Iterable[int], limit: int | None
) -> list[Any]:
    """The links to the latest comments that others wrote in the shares, the latest first."""
    statement = select(_LINKS.c.id, _LINKS.c.child).where(
        _LINKS.c.parent.in_(list(share_ids)), _LINKS.c.details_owner != call.caller.user_id, _OF_COMMENTS
    )
    rows = connection.execute(statement.order_by(_LINKS.c.id.desc()).limit(limit)).all()
    graph = Graph(connection, call)
    graph.load("Annotation", [row.child for row in rows])
    graph.load("SessionAnnotationLink", [row.id for row in rows])
    graph.finish()
    return [graph.get("SessionAnnotationLink", row.id) for row in rows]


def comment_events(
    connection: Connection, call: Call, share_id: int, user_id: int, start_ms: int, end_ms: int
) -> list[Any]:
    """The events in which a user wrote comments in a period, the earliest first."""
    wrote = select(_LINKS.c.details_creation).where(_LINKS.c.parent == share_id, _OF_COMMENTS)
    statement = select(_EVENTS.c.id).where(
        _EVENTS.c.id.in_(wrote.where(_LINKS.c.details_owner == user_id)),
        _EVENTS.c.time.between(start_ms, end_ms),
    )
    return _objects(connection, call, "Event", connection.scalars(statement.order_by(_EVENTS.c.id)))


def _objects(connection: Connection, call: Call, class_name: str, ids: Iterable[int]) -> list[Any]:
    graph = Graph(connection, call)
    wanted = list(ids)
    graph.load(class_name, wanted)
    graph.finish()
    return [graph.get(class_name, object_id) for object_id in wanted]
