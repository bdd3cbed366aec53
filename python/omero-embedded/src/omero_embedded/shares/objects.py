"""Shares and what is in them as omero.model objects."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import omero
import omero.all
from omero.rtypes import rbool, rint, rlong, rstring, rtime

from omero_embedded.graphs.load import Graph
from omero_embedded.graphs.load_rows import HIDDEN_KEY, builder_of
from omero_embedded.model.objects import proxy
from omero_embedded.security.permissions import LOOK, permissions_of
from omero_embedded.shares import rules
from omero_embedded.shares.comments import comment_objects, comments_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from omero_embedded.security.context import Call
    from omero_embedded.shares.contents import Item
    from omero_embedded.shares.rows import Share


def share_objects(connection: Connection, call: Call, shares: Iterable[Share]) -> list[Any]:
    """Shares with owner and group loaded."""
    graph = Graph(connection, call)
    found = list(shares)
    graph.load("Experimenter", [share.owner_id for share in found])
    graph.load("ExperimenterGroup", [share.group_id for share in found])
    graph.finish()
    return [_share_object(call, graph, share) for share in found]


def share_with_comments(connection: Connection, call: Call, share: Share) -> Any:
    """A share with its comments, too."""
    [made] = share_objects(connection, call, [share])
    made._annotationLinksSeq, made._annotationLinksLoaded = [], True  # noqa: SLF001 - omero-py offers no setter
    for comment in comment_objects(connection, call, comments_of(connection, share.id)):
        made.linkAnnotation(comment)
    return made


def _share_object(call: Call, graph: Graph, share: Share) -> Any:
    made = omero.model.ShareI(share.id, True)
    made.unloadCollections()
    made.version = rint(0)
    made.uuid = rstring(share.key if rules.sees_key(call.caller, share) else HIDDEN_KEY)
    made.owner = graph.get("Experimenter", share.owner_id) or proxy("Experimenter", share.owner_id)
    made.group = graph.get("ExperimenterGroup", share.group_id) or proxy("ExperimenterGroup", share.group_id)
    made.node = proxy("Node", 0)
    made.message = rstring(share.description)
    made.started = rtime(share.started_ms)
    made.closed = None if share.closed_ms is None else rtime(share.closed_ms)
    made.timeToLive = rlong(share.time_to_live_ms)
    made.timeToIdle = rlong(0)
    made.defaultEventType = rstring("Sharing")
    made.active = rbool(share.active)
    made.itemCount = rlong(share.item_count)
    made.data = b""
    details = made.details
    details.owner, details.group = made.owner, made.group
    granted = replace(LOOK, edit=rules.changes(call.caller, share), annotate=rules.has_a_say(call.caller))
    details.permissions = permissions_of(call.caller.directory.permissions(share.group_id), granted)
    return made


def item_objects(items: Iterable[Item]) -> list[Any]:
    """What is in a share, unloaded: some of it may be deleted by now."""
    return [builder_of(item.class_name).proxy(item.id) for item in items]
