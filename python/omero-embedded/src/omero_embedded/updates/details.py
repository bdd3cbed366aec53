"""The details that go on saved objects: owner, group, events and what the caller may do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omero.model import DetailsI

from omero_embedded.model.objects import new, proxy, set_field
from omero_embedded.model.schema import SCHEMA
from omero_embedded.security.binary_access import POLICED, RESTRICTIONS, Candidate, kept_back
from omero_embedded.security.event_context import event_context
from omero_embedded.security.movable import targets, told
from omero_embedded.security.permissions import FileKind, file_kind, permissions_of, rights_on
from omero_embedded.store.tables import TABLES
from omero_embedded.updates.links import rows_by_id
from omero_embedded.updates.shape import shape_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sqlalchemy import Connection

    from omero_embedded.security.context import Call
    from omero_embedded.updates.graph import Node


def set_details(
    connection: Connection, call: Call, nodes: Iterable[Node], rows: Mapping[int, Mapping[str, Any]]
) -> None:
    """Put complete details on objects whose current rows are given by the identity of the node."""
    members = [(node, rows[id(node)]) for node in nodes]
    made = _Details(connection, call, kept_back(connection, call, _candidates(members)))
    made.load(
        people={row["details_owner"] for _, row in members if "details_owner" in row},
        groups={row["details_group"] for _, row in members if "details_group" in row},
        events={
            row[name] for _, row in members for name in ("details_creation", "details_update") if name in row
        },
    )
    for node, row in members:
        old = node.instance.getDetails()
        details = made.of(node, row)
        details.setExternalInfo(_external_info(old, row))
        node.instance._details = details  # noqa: SLF001 - omero-py offers no setter


def _candidates(members: Iterable[tuple[Node, Mapping[str, Any]]]) -> Iterator[tuple[str, Candidate]]:
    """What somebody may want to download, with its class."""
    for node, row in members:
        name = node.shape.cls.name
        if name in POLICED:
            owner, group = row["details_owner"], row["details_group"]
            yield name, Candidate(row["id"], owner, group, row.get("name") or "")


def _external_info(sent: Any, row: Mapping[str, Any]) -> Any:
    """What the client sent, else a reference to what the object has."""
    if sent is not None and sent.getExternalInfo() is not None:
        return sent.getExternalInfo()
    kept = row.get("details_external")
    return None if kept is None else proxy("ExternalInfo", kept)


def _id(instance: Any) -> int | None:
    return None if instance is None else int(instance.getId().getValue())


class _Details:
    """Makes details; owners, groups and events are shared by the objects of one answer."""

    def __init__(self, connection: Connection, call: Call, not_for_download: set[tuple[str, int]]) -> None:
        self._connection = connection
        self._call = call
        self._kept_back = not_for_download
        self._loaded: dict[tuple[str, int], Any] = {}
        self._permissions: dict[tuple[Any, ...], Any] = {}
        self._context = event_context(call, hide_key=True)

    def load(self, people: set[int], groups: set[int], events: set[int]) -> None:
        for name, ids in (("Experimenter", people), ("ExperimenterGroup", groups), ("Event", events)):
            for row in rows_by_id(self._connection, TABLES[name], ids):
                self._loaded[name, row["id"]] = self._object(name, row)
        self._connect_session()

    def _connect_session(self) -> None:
        """Events of the caller's session come with it, as in OMERO."""
        caller = self._call.caller
        events = [made for (name, _), made in self._loaded.items() if name == "Event"]
        own = [event for event in events if _id(event.getSession()) == caller.session_id]
        if own:
            (row,) = rows_by_id(self._connection, TABLES["Session"], [caller.session_id])
            session = self._object("Session", row)
            for event in own:
                event.setSession(session)

    def of(self, node: Node, row: Mapping[str, Any]) -> Any:
        details = DetailsI()
        owner, group = row.get("details_owner"), row.get("details_group")
        kind = file_kind(node.shape.cls.name, row)
        if owner is not None:
            details.setOwner(self._loaded.get(("Experimenter", owner)))
            details.setGroup(self._loaded.get(("ExperimenterGroup", row["details_group"])))
            details.setCreationEvent(self._loaded.get(("Event", row["details_creation"])))
            details.setUpdateEvent(self._loaded.get(("Event", row["details_update"])))
        details.setPermissions(self._permissions_of(node.shape.cls.name, row, owner, group, kind))
        details._event = self._context  # noqa: SLF001 - omero-py offers no setter
        return details

    def _permissions_of(
        self,
        class_name: str,
        row: Mapping[str, Any],
        owner: int | None,
        group: int | None,
        kind: FileKind | None,
    ) -> Any:
        own = row["permissions"] if class_name == "ExperimenterGroup" else None
        system = class_name if owner is None else class_name == "OriginalFile"
        restrictions = RESTRICTIONS if (class_name, row["id"]) in self._kept_back else ()
        key = (owner, group, kind, own, system, targets(class_name), restrictions)
        if key not in self._permissions:
            perm = (
                own
                if own is not None
                else self._call.caller.directory.permissions(group if group is not None else 0)
            )
            granted = rights_on(self._call.caller, class_name, owner, group, kind)
            self._permissions[key] = permissions_of(perm, told(granted, class_name), restrictions)
        return self._permissions[key]

    def _object(self, name: str, row: Mapping[str, Any]) -> Any:
        """A loaded object of a class without details; its own references stay unloaded."""
        made = new(name, row["id"])
        made.unloadCollections()
        shape = shape_of(name)
        for field in shape.plain:
            set_field(made, field, row[field.column])
        for field in shape.entities:
            target = row[field.column]
            set_field(made, field, None if target is None else proxy(field.type, target))
        if name == "ExperimenterGroup":
            self._group_permissions(made, row)
        return made

    def _group_permissions(self, group: Any, row: Mapping[str, Any]) -> None:
        rights = rights_on(self._call.caller, "ExperimenterGroup", None, None)
        details = DetailsI()
        details.setPermissions(permissions_of(row["permissions"], rights))
        group._details = details  # noqa: SLF001


def enumeration_of(connection: Connection, class_name: str, value: str) -> int | None:
    """The id of the enumeration entry with this value."""
    table = TABLES[SCHEMA[class_name].root]
    found = connection.execute(table.select().where(table.c.value == value)).first()
    return None if found is None else int(found.id)
