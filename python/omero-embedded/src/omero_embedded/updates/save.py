"""Saving a graph of objects in one transaction, with OMERO's merge semantics.

New objects are inserted, known loaded ones updated where they differ, unloaded ones are references. Collections that
are not loaded stay as they are; links and ordered parts that a loaded collection no longer has are deleted. Nothing is
written unless everything may be.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omero.rtypes import rint, rlong

from omero_embedded import errors
from omero_embedded.model.schema import SCHEMA
from omero_embedded.security.context import ALL_GROUPS
from omero_embedded.security.directory import GUEST_USER, USER_GROUP
from omero_embedded.security.permissions import PRIVATE, file_kind, may_create, perm_long
from omero_embedded.store.tables import TABLES
from omero_embedded.updates.complete import load_references
from omero_embedded.updates.details import enumeration_of, set_details
from omero_embedded.updates.doubles import refuse_doubles
from omero_embedded.updates.events import log, new_event
from omero_embedded.updates.graph import Graph, Node, discover, id_of, named_group
from omero_embedded.updates.links import LinkRules, Targets, choose_groups, rows_by_id
from omero_embedded.updates.orphans import delete_orphans, find_orphans
from omero_embedded.updates.rows import changed_columns, check_complete, new_row
from omero_embedded.updates.write import changed_maps, give_ids, insert_rows, replace_map, update_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from omero_embedded.model.schema import Field
    from omero_embedded.security.context import Call
    from omero_embedded.security.permissions import Rights
    from omero_embedded.updates.links import Target
    from omero_embedded.updates.orphans import Orphan

# Classes that the server's directory of users and groups is made of.
_DIRECTORY = {"Experimenter", "ExperimenterGroup", "GroupExperimenterMap"}
_SHARING = {"Share", "ShareMember"}


def save(call: Call, objects: Sequence[Any]) -> list[Any]:
    """Save objects and everything loaded that they reach; returns the same objects with ids, versions and details.

    Raises ValidationException (missing or wrong values), SecurityViolation, OptimisticLockException.
    """
    with call.db.write() as connection:
        graph = _save(connection, call, objects)
    _tell(call, graph)
    return list(objects)


def save_whole(call: Call, objects: Sequence[Any]) -> list[Any]:
    """Like `save`, for answers: what new objects refer to comes loaded with them."""
    with call.db.write() as connection:
        graph = _save(connection, call, objects)
        load_references(connection, call, [node for node in graph.new if not node.shape.is_system])
    _tell(call, graph)
    return list(objects)


def _tell(call: Call, graph: Graph) -> None:
    if any(node.shape.cls.name in _DIRECTORY for node in (*graph.new, *graph.known)):
        call.server.forget_directory()


def save_in(connection: Connection, call: Call, objects: Sequence[Any]) -> list[Any]:
    """Like `save`, within a transaction of the caller's."""
    _save(connection, call, objects)
    return list(objects)


def save_as_part(connection: Connection, call: Call, objects: Sequence[Any], event: int) -> None:
    """Save as part of an event that is under way; the objects get ids but no details, no client is to see them."""
    _save(connection, call, objects, event)


def _save(connection: Connection, call: Call, objects: Sequence[Any], event: int | None = None) -> Graph:
    if any(target is None for target in objects):
        raise errors.validation("null cannot be saved")
    graph = discover(objects)
    _use_existing_enumerations(connection, graph)
    _read_known(connection, graph)
    give_ids(connection, graph.new)
    for node in graph.new:
        node.instance.setId(rlong(node.id))
    _Save(connection, call, graph, event).run()
    return graph


def _use_existing_enumerations(connection: Connection, graph: Graph) -> None:
    """An enumeration value sent without its id stands for the entry of that value."""
    remaining = []
    for node in graph.new:
        found = None
        if node.shape.cls.is_enum and not node.is_target and node.instance.getValue() is not None:
            found = enumeration_of(connection, node.shape.cls.name, node.instance.getValue().getValue())
        if found is None:
            remaining.append(node)
        else:
            node.instance.setId(rlong(found))
    graph.new = remaining


def _read_known(connection: Connection, graph: Graph) -> None:
    rows = {
        (root, row["id"]): row
        for root, ids in graph.known_keys().items()
        for row in rows_by_id(connection, TABLES[root], ids)
    }
    for node in graph.known:
        cls = node.shape.cls
        row = rows.get((cls.root, node.id))
        if row is None:
            raise errors.validation(f"{cls.name}:{node.id} no longer exists in the database")
        if row.get("discriminator", cls.name) != cls.name:
            raise errors.validation(f"{cls.name}:{node.id} is a {row['discriminator']}")
        node.row = row
        node.owner, node.group = row.get("details_owner"), row.get("details_group")


class _Save:
    """The checks and writes of one save, in an event of its own unless one is given."""

    def __init__(self, connection: Connection, call: Call, graph: Graph, event: int | None = None) -> None:
        self._connection = connection
        self._call = call
        self._graph = graph
        self._event = event
        self._rules = LinkRules(call)
        self._new: dict[int, dict[str, Any]] = {id(node): new_row(node) for node in graph.new}
        self._changes: dict[int, dict[str, Any]] = {id(node): changed_columns(node) for node in graph.known}
        self._maps = changed_maps(connection, graph.known)

    def run(self) -> None:
        self._check_links(self._references())
        for node in self._graph.new:
            self._check_creation(node)
        touched = {id(node) for node, _ in self._maps}
        changed = [node for node in self._graph.known if self._changes[id(node)] or id(node) in touched]
        for node in self._graph.known:
            self._check_reading(node)
            self._check_details(node)
            if self._changes[id(node)] and node not in changed:
                changed.append(node)
        for node in changed:
            self._check_change(node)
        orphans = find_orphans(self._connection, self._call, self._graph, self._rules)
        self._write(changed, orphans)

    def _references(self) -> list[tuple[Node, Field, Target]]:
        """Every reference that is about to be written, once the groups of the new objects are known."""
        fresh = [
            (node, field, self._new[id(node)][field.column])
            for node in self._graph.new
            for field in node.shape.entities
        ]
        moved = [
            (node, field, self._changes[id(node)].get(field.column))
            for node in self._graph.known
            if self._changes[id(node)]
            for field in node.shape.entities
        ]
        references = [entry for entry in (*fresh, *moved) if entry[2] is not None]
        new_keys = {(node.shape.cls.root, node.id) for node in self._graph.new}
        targets = Targets()
        for node in self._graph.known:
            targets.add(node)
        wanted = {(SCHEMA[field.type].root, int(object_id)) for _, field, object_id in references}
        targets.load(self._connection, wanted - new_keys)
        outside: dict[int, list[Target]] = {}
        for node, field, object_id in references:
            if (SCHEMA[field.type].root, object_id) not in new_keys:
                outside.setdefault(id(node), []).append(targets.of(node, field, object_id))
        owned = [node for node in self._graph.new if not node.shape.cls.is_global]
        choose_groups(self._call, owned, outside)
        for node in owned:
            self._choose_owner(node)
        self._refuse_doubles(new_keys)
        for node in self._graph.new:
            targets.add(node)
        return [(node, field, targets.of(node, field, object_id)) for node, field, object_id in references]

    def _refuse_doubles(self, new_keys: set[tuple[str, int]]) -> None:
        """Two links of one owner between the same objects are one too many."""
        ends = [(node, self._new[id(node)]) for node in self._graph.new if node.shape.cls.is_link]
        links = [(node, row["parent"], row["child"]) for node, row in ends if not node.shape.cls.is_global]
        refuse_doubles(self._connection, links, new_keys)

    def _choose_owner(self, node: Node) -> None:
        """The caller owns what it makes; administrators may make things for others, and in the group `user`."""
        caller = self._call.caller
        node.owner = caller.user_id
        details = node.instance.getDetails()
        named = named_group(node)
        if node.group is None and named is None:
            raise errors.api_usage(
                f"{node.name} has no group: a call over all groups (omero.group=-1) must name one in its details"
            )
        place = named if node.group is None else node.group
        privileged = caller.is_admin and self._rules.rights(node.shape.cls.name, -1, place).edit
        if details is None:
            return
        if details.getOwner() is not None and id_of(details.getOwner()) not in (None, caller.user_id):
            if not privileged:
                raise errors.security(
                    f"You are not authorized to make {node.name} for Experimenter:{id_of(details.getOwner())}"
                )
            node.owner = id_of(details.getOwner())
        if named is not None and named != node.group:
            self._set_group(node, named, privileged=privileged)

    def _set_group(self, node: Node, group: int, *, privileged: bool) -> None:
        everywhere = self._call.group == ALL_GROUPS and (privileged or group in self._call.caller.member_of)
        if not everywhere and not (privileged and group == USER_GROUP):
            raise errors.security(
                f"You are not authorized to set ExperimenterGroup:{group} for {node.name}; the call's group is {node.group}"
            )
        node.group = group

    def _check_links(self, references: Iterable[tuple[Node, Field, Target]]) -> None:
        for node, _, target in references:
            self._rules.check(node, target)

    def _check_creation(self, node: Node) -> None:
        caller = self._call.caller
        if node.shape.is_system:
            if not self._rules.rights(node.shape.cls.name, None, None).edit:
                raise errors.security(
                    f"{node.name}: only administrators with the privilege for it may create this"
                )
            _check_class(node)
            return
        may_write = caller.is_admin and self._rules.rights(node.shape.cls.name, -1, node.group).edit
        is_open = node.group is not None and may_create(caller, node.shape.cls.name, node.group)
        if caller.user_id == GUEST_USER or not (node.group in caller.member_of or may_write or is_open):
            raise errors.security(f"You are not authorized to create {node.name} in group {node.group}")

    def _check_details(self, node: Node) -> None:
        """Owner and group change only by the hand of administrators, events by nobody's."""
        details = node.instance.getDetails()
        if details is None or node.group is None:
            return
        check_complete(details.getOwner(), details.getGroup())
        for part, now, privilege in (("owner", node.owner, "Chown"), ("group", node.group, "Chgrp")):
            sent = getattr(details, f"_{part}")
            wanted = None if sent is None else id_of(sent)
            if wanted is None or wanted == now:
                continue
            if privilege not in self._call.caller.privileges:
                raise errors.security(
                    f"You are not authorized to change the {part} of {node.name} from {now} to {wanted}"
                )
            self._changes[id(node)][f"details_{part}"] = wanted

    def _check_reading(self, node: Node) -> None:
        """Saving reads every loaded object first, changed or not: it has to be visible in the group of the call."""
        elsewhere = self._call.group not in (ALL_GROUPS, node.group) and node.group not in (None, USER_GROUP)
        if elsewhere or not self._granted(node).see:
            raise errors.security(f"Cannot read {node.shape.cls.java_name}:Id_{node.id}")

    def _granted(self, node: Node) -> Rights:
        name = node.shape.cls.name
        return self._rules.rights(name, node.owner, node.group, file_kind(name, node.row))

    def _check_change(self, node: Node) -> None:
        if not self._granted(node).edit:
            raise errors.security(f"Updating {node.name} not allowed")
        _check_class(node)
        self._check_version(node)

    def _check_version(self, node: Node) -> None:
        if not node.shape.versioned or node.instance.getVersion() is None:
            return
        sent = node.instance.getVersion().getValue()
        if sent != node.row["version"]:
            raise errors.optimistic_lock(
                f"{node.name} was changed by somebody else (version {node.row['version']}, yours is {sent}); "
                "reload it before saving"
            )

    def _write(self, changed: list[Node], orphans: list[Orphan]) -> None:
        rows: dict[int, Mapping[str, Any]] = {id(node): node.row for node in self._graph.known}
        if self._graph.new or changed or orphans:
            self._write_rows(changed, orphans, rows)
        if self._event is None:
            set_details(self._connection, self._call, [*self._graph.new, *self._graph.known], rows)

    def _write_rows(
        self, changed: list[Node], orphans: list[Orphan], rows: dict[int, Mapping[str, Any]]
    ) -> None:
        touched = [*self._graph.new, *changed]
        groups = [*(node.group for node in touched), *(orphan.group for orphan in orphans)]
        group = next((found for found in groups if found is not None), None)
        event = new_event(self._connection, self._call, group) if self._event is None else self._event
        for node in self._graph.new:
            rows[id(node)] = self._complete(node, event)
        insert_rows(self._connection, [(node, self._new[id(node)]) for node in self._graph.new])
        for node in changed:
            rows[id(node)] = self._advance(node, event)
        update_rows(self._connection, [(node, self._changes[id(node)]) for node in changed])
        for node, field in self._maps:
            replace_map(self._connection, node, field)
        delete_orphans(self._connection, orphans)
        log(
            self._connection,
            event,
            [
                *(("INSERT", node.shape.cls.name, node.id) for node in self._graph.new),
                *(("UPDATE", node.shape.cls.name, node.id) for node in changed),
                *(("DELETE", orphan.class_name, orphan.id) for orphan in orphans),
            ],
        )

    def _complete(self, node: Node, event: int) -> Mapping[str, Any]:
        row = self._new[id(node)]
        if not node.shape.cls.is_global:
            row |= {
                "details_owner": node.owner,
                "details_group": node.group,
                "details_creation": event,
                "details_update": event,
            }
        if node.shape.cls.name == "ExperimenterGroup":
            permissions = (
                node.instance.getDetails().getPermissions()
                if node.instance.getDetails() is not None
                else None
            )
            row["permissions"] = perm_long(PRIVATE) if permissions is None else permissions.getPerm1()
        if node.shape.versioned:
            node.instance.setVersion(rint(0))
        return row

    def _advance(self, node: Node, event: int) -> Mapping[str, Any]:
        changes = self._changes[id(node)]
        if not node.shape.cls.is_global:
            changes["details_update"] = event
        if node.shape.versioned:
            changes["version"] = node.row["version"] + 1
            node.instance.setVersion(rint(changes["version"]))
        return {**node.row, **changes}


def _check_class(node: Node) -> None:
    """What is in a share, and who may see it, is not told by its row alone."""
    if node.shape.cls.name in _SHARING:
        raise errors.api_usage(f"{node.name}: shares are made and changed through IShare")
