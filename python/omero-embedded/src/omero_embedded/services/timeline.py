"""ITimeline: what was made and changed lately."""

# ruff: noqa: S608 - HQL from class names of the schema and fixed text; values go as parameters
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero
import omero.all
from omero.rtypes import rlong, rstring, rtime

from omero_embedded import errors
from omero_embedded.hql.run import objects, rows
from omero_embedded.model.schema import SCHEMA
from omero_embedded.services.options import Wanted, ownership, read_wanted, where
from omero_embedded.shares.comments import comment_links
from omero_embedded.shares.rows import shares_owned_by, shares_with_member

if TYPE_CHECKING:
    from omero_embedded.security.context import Call
    from omero_embedded.server import Server

_TYPES = ("RenderingDef", "Image", "Project", "Dataset", "Annotation")
_CHANGED = (
    "(o.details.creationEvent.time >= :start or o.details.updateEvent.time >= :start)",
    "(o.details.creationEvent.time <= :end or o.details.updateEvent.time <= :end)",
)
# The conditions on time, whose owner counts, what else to fetch, and the order.
_KINDS: dict[str, tuple[tuple[str, ...], str, str, str]] = {
    "Project": (_CHANGED, "o", "", "o.details.updateEvent.id desc"),
    "Dataset": (_CHANGED, "o", "", "o.details.updateEvent.id desc"),
    "RenderingDef": (
        _CHANGED,
        "i",
        " left outer join fetch o.pixels p left outer join fetch p.image i",
        "i.details.creationEvent.time desc",
    ),
    "Image": (
        ("o.acquisitionDate >= :start", "o.acquisitionDate <= :end"),
        "o",
        "",
        "o.acquisitionDate desc",
    ),
}
_MIN_MS, _MAX_MS = 0, 2**53


class TimelineService:
    """Lists and counts objects by time. Images count by their acquisition date, everything else by its events."""

    interface = "omero.api.ITimeline"

    def __init__(self, server: Server) -> None:
        self._server = server

    def countByPeriod(self, call: Call, types: list[str], start: Any, end: Any, p: Any) -> dict[str, int]:
        """Numbers of objects by type; -1 for types that have no timeline."""
        counts = {}
        for name in types or _TYPES:
            if name in _KINDS:
                _, alias, fetch, _ = _KINDS[name]
                conditions, parameters = _period(name, alias, start, end, read_wanted(p))
                query = f"select count(o.id) from {name} o{fetch.replace(' fetch', '')}{where(conditions)}"
                counts[name] = int(rows(call, query, parameters)[0][0])
            else:
                counts[name] = -1
        return counts

    def getByPeriod(
        self,
        call: Call,
        types: list[str],
        start: Any,
        end: Any,
        p: Any,
        merge: bool,
    ) -> dict[str, list[Any]]:
        """Objects by type; with `merge` the limit counts over all types, latest change first."""
        wanted = read_wanted(p)
        found = {name: _objects(call, name, start, end, wanted) for name in types or _TYPES if name in _KINDS}
        return _merged(found, wanted) if merge else found

    def getMostRecentObjects(
        self,
        call: Call,
        types: list[str],
        p: Any,
        merge: bool,
    ) -> dict[str, list[Any]]:
        """As getByPeriod, of all times."""
        return self.getByPeriod(call, types, None, None, p, merge)

    def getEventLogsByPeriod(self, call: Call, start: Any, end: Any, p: Any) -> list[Any]:
        """What happened to projects and datasets, and an entry for each image by its acquisition date."""
        wanted = read_wanted(p)
        parameters: dict[str, Any] = {"start": _ms(start, _MIN_MS), "end": _ms(end, _MAX_MS)}
        conditions = [
            "o.entityType in ('ome.model.containers.Dataset', 'ome.model.containers.Project')",
            "o.action in ('INSERT', 'UPDATE', 'REINDEX')",
            "ev.time >= :start",
            "ev.time <= :end",
        ]
        for value, path in ((wanted.owner, "experimenter"), (wanted.group, "experimenterGroup")):
            if value is not None:
                conditions.append(f"ev.{path}.id = :{path}")
                parameters[path] = value
        query = f"select o from EventLog o left outer join fetch o.event ev{where(conditions)} order by o.id"
        logs = objects(call, query, parameters, limit=wanted.limit, offset=wanted.offset)
        for image_id, moment in self._acquired(call, start, end, wanted):
            logs.append(_image_log(image_id, moment))
        return logs

    def _acquired(self, call: Call, start: Any, end: Any, wanted: Wanted) -> list[tuple[Any, ...]]:
        conditions, parameters = _period("Image", "o", start, end, wanted)
        query = f"select o.id, o.acquisitionDate from Image o{where(conditions)} order by o.id"
        return rows(call, query, parameters, limit=wanted.limit, offset=wanted.offset)

    def getMostRecentAnnotationLinks(
        self, call: Call, parents: list[str], children: list[str], namespaces: list[str], p: Any
    ) -> list[Any]:
        """The latest links to annotations, of one annotation type and some namespaces (`%` matches anything) at most."""
        if children and len(children) > 1:
            raise errors.api_usage("getMostRecentAnnotationLinks takes one annotation type at most")
        wanted = read_wanted(p)
        found: list[Any] = []
        for parent in parents or ("Project", "Dataset", "Image"):
            link = f"{SCHEMA.resolve(parent).name}AnnotationLink"
            conditions, parameters = ownership(wanted, "l")
            if children:
                conditions.append(f"child.class = {SCHEMA.resolve(children[0]).name}")
            if namespaces:
                names = {f"ns{number}": text for number, text in enumerate(namespaces)}
                conditions.append("(" + " or ".join(f"child.ns like :{name}" for name in names) + ")")
                parameters |= names
            query = (
                f"select l from {link} l join fetch l.parent parent join fetch l.child child"
                f"{where(conditions)} order by l.details.updateEvent.id desc"
            )
            found += objects(call, query, parameters, limit=wanted.limit, offset=wanted.offset)
        found.sort(key=_updated, reverse=True)
        return found[: wanted.limit]

    def getMostRecentShareCommentLinks(self, call: Call, p: Any) -> list[Any]:
        """The links to the latest comments of others on shares that the caller owns or is a member of."""
        limit = read_wanted(p).limit
        user = call.caller.user_id
        with call.db.read() as connection:
            shares = [*shares_owned_by(connection, user), *shares_with_member(connection, user)]
            return comment_links(connection, call, [share.id for share in shares], limit)


def _objects(call: Call, name: str, start: Any, end: Any, wanted: Wanted) -> list[Any]:
    _, alias, fetch, order = _KINDS[name]
    conditions, parameters = _period(name, alias, start, end, wanted)
    query = f"select o from {name} o{fetch}{where(conditions)} order by {order}"
    return objects(call, query, parameters, limit=wanted.limit, offset=wanted.offset)


def _period(name: str, alias: str, start: Any, end: Any, wanted: Wanted) -> tuple[list[str], dict[str, Any]]:
    conditions, parameters = ownership(wanted, alias)
    parameters |= {"start": _ms(start, _MIN_MS), "end": _ms(end, _MAX_MS)}
    return [*_KINDS[name][0], *conditions], parameters


def _ms(moment: Any, default: int) -> int:
    return default if moment is None else int(moment.getValue())


def _updated(obj: Any) -> int:
    event = obj.getDetails().getUpdateEvent()
    return 0 if event is None or event.getTime() is None else int(event.getTime().getValue())


def _merged(found: dict[str, list[Any]], wanted: Wanted) -> dict[str, list[Any]]:
    entries = [(name, obj) for name, members in found.items() for obj in members]
    entries.sort(key=lambda entry: _updated(entry[1]), reverse=True)
    merged: dict[str, list[Any]] = {name: [] for name in found}
    for name, obj in entries[: wanted.limit]:
        merged[name].append(obj)
    return merged


def _image_log(image_id: int, moment: int) -> Any:
    entry = omero.model.EventLogI()
    entry.entityId = rlong(image_id)
    entry.entityType = rstring(SCHEMA["Image"].java_name)
    entry.action = rstring("INSERT")
    entry.event = omero.model.EventI()
    entry.event.time = rtime(moment)
    return entry
