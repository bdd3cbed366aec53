"""Rows to graphs of omero.model objects: one SQL statement per class and step, never one per row.

What arrives at a client follows OMERO.server: a reference that was not fetched is an unloaded object with its id, a
collection that was not fetched is unloaded. Enumerations and the owner, group and events of details come loaded
always, because the server's own cache makes that so and clients rely on it. One `Graph` is one response: an object is
in it once, whichever ways lead to it.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from omero.rtypes import rstring
from sqlalchemy import bindparam, func, select

from omero_embedded.graphs.load_rows import HIDDEN_KEY, Loaded, builder_of, sees_session_keys
from omero_embedded.hql.prepared import Prepared
from omero_embedded.model.objects import set_collection
from omero_embedded.model.schema import SCHEMA, Collection
from omero_embedded.security.binary_access import POLICED, RESTRICTIONS, Candidate, kept_back
from omero_embedded.security.event_context import event_context
from omero_embedded.security.filters import visible
from omero_embedded.security.movable import targets, told
from omero_embedded.security.permissions import Rights, permissions_of, rights
from omero_embedded.store.tables import MAP_TABLES, TABLES, index_column

if TYPE_CHECKING:
    from sqlalchemy import Connection, Dialect, Select

    from omero_embedded.security.context import Call

FetchTree = Mapping[str, "FetchTree"]

MAP_FIELDS: dict[str, list[tuple[str, str]]] = {}
for _cls, _name in MAP_TABLES:
    MAP_FIELDS.setdefault(SCHEMA[_cls].root, []).append((_cls, _name))

_CHUNK = 10_000
_IDS = "the_ids"


def fetch_tree(*paths: str) -> FetchTree:
    """A tree of dotted paths: fetch_tree("pixels.channels.logicalChannel", "pixels.pixelsType")."""
    tree: dict[str, Any] = {}
    for path in paths:
        node = tree
        for name in path.split("."):
            node = node.setdefault(name, {})
    return tree


def load_objects(
    connection: Connection, call: Call, class_name: str, ids: Iterable[int], fetch: FetchTree | None = None
) -> dict[int, Any]:
    """The objects with these ids that the caller can see, in the order of the ids, with what the tree names loaded.

    A tree may name fields of subclasses (`file` of an Annotation) and `externalInfo` of the details.
    """
    graph = Graph(connection, call)
    wanted = list(dict.fromkeys(ids))
    graph.load(class_name, wanted, check=True)
    graph.fetch(class_name, wanted, fetch or {})
    graph.finish()
    found = ((object_id, graph.get(class_name, object_id)) for object_id in wanted)
    return {object_id: instance for object_id, instance in found if instance is not None}


class Graph:
    """The objects of one response."""

    def __init__(self, connection: Connection, call: Call) -> None:
        self._connection = connection
        self._call = call
        self._loaded: dict[str, dict[int, Loaded]] = {}
        self._proxies: dict[tuple[str, int], Any] = {}
        self._permissions: dict[tuple[int, int, bool, tuple[bool, bool]], Any] = {}
        self._kept_back: set[tuple[str, int]] = set()
        self._context = event_context(call, hide_key=True)
        self._unfinished: list[Loaded] = []

    def get(self, class_name: str, object_id: int) -> Any | None:
        """The loaded object, None if it was not loaded."""
        found = self._loaded.get(SCHEMA[class_name].root, {}).get(object_id)
        return None if found is None else found.instance

    def loaded(self, class_name: str) -> list[Loaded]:
        """The loaded objects of the class and of those below and above it."""
        return list(self._loaded.get(SCHEMA[class_name].root, {}).values())

    def load(self, class_name: str, ids: Iterable[int | None], *, check: bool = False) -> None:
        """Load the objects with these ids that are not here yet; with `check` only those that the caller can see."""
        root = SCHEMA[class_name].root
        memo = self._loaded.setdefault(root, {})
        missing = [
            object_id for object_id in dict.fromkeys(ids) if object_id is not None and object_id not in memo
        ]
        if not missing:
            return
        condition = visible(self._call, TABLES[root]) if check else None
        fresh: list[Loaded] = []
        for chunk in _chunks(missing):
            if condition is None:
                found = _by_id(root, self._connection.dialect).rows(self._connection, {_IDS: chunk})
            else:
                found = self._connection.execute(_select_by_id(root).where(condition), {_IDS: chunk}).all()
            for row in found:
                loaded = builder_of(row[1] if SCHEMA[root].subclasses else root).build(row)
                memo[row[0]] = loaded
                if loaded.instance.isLoaded():
                    fresh.append(loaded)
        self._load_maps(root, fresh)
        self._unfinished += fresh

    def set_collection(self, owner: str, owner_id: int, name: str, ids: Iterable[int]) -> None:
        """Make a collection of a loaded object loaded, with those of the ids that are loaded, in the list's order."""
        holder = self._loaded.get(SCHEMA[owner].root, {}).get(owner_id)
        collection = collection_of(owner, name)
        if holder is None or collection is None or not holder.instance.isLoaded():
            return
        memo = self._loaded.get(SCHEMA[collection.element].root, {})
        members = [memo[object_id] for object_id in dict.fromkeys(ids) if object_id in memo]
        members.sort(key=_place(collection))
        set_collection(holder.instance, collection, [member.instance for member in members])

    def fetch(self, class_name: str, ids: Iterable[int], tree: FetchTree) -> None:
        """Load what the tree names, of the loaded objects with these ids."""
        memo = self._loaded.get(SCHEMA[class_name].root, {})
        present = [memo[object_id] for object_id in dict.fromkeys(ids) if object_id in memo]
        for name, subtree in tree.items():
            collection = collection_of(class_name, name)
            if collection is not None:
                target, found = collection.element, self._fetch_collection(present, collection)
            else:
                target, found = self._fetch_references(class_name, present, name)
            if subtree:
                self.fetch(target, found, subtree)

    def _fetch_references(self, class_name: str, present: list[Loaded], name: str) -> tuple[str, list[int]]:
        target = ""
        ids: list[int] = []
        for loaded in present:
            reference = loaded.builder.reference(name)
            if reference is None:
                continue
            target = reference.target
            object_id = loaded.row[reference.position]
            if object_id is not None:
                ids.append(object_id)
        if not target:
            if present:
                _check_reference(class_name, name)
            return class_name, []
        self.load(target, ids, check=True)
        return target, ids

    def _fetch_collection(self, present: list[Loaded], collection: Collection) -> list[int]:
        table = TABLES[SCHEMA[collection.element].root]
        back = table.c[SCHEMA[collection.element].fields[collection.inverse].column]
        statement = select(back, table.c.id).where(back.in_(bindparam(_IDS, expanding=True)))
        condition = visible(self._call, table)
        if condition is not None:
            statement = statement.where(condition)
        owners = [loaded for loaded in present if collection.name in loaded.builder.collections]
        members: dict[int, list[int]] = {loaded.id: [] for loaded in owners}
        for chunk in _chunks(list(members)):
            for owner_id, object_id in self._connection.execute(statement, {_IDS: chunk}):
                members[owner_id].append(object_id)
        found = [object_id for ids in members.values() for object_id in ids]
        self.load(collection.element, found)
        for loaded in owners:
            self.set_collection(loaded.builder.class_name, loaded.id, collection.name, members[loaded.id])
        return found

    def count(self, class_name: str, name: str) -> None:
        """Tell every loaded object of the class how many elements of a collection each owner has."""
        collection = collection_of(class_name, name)
        assert collection is not None
        table = TABLES[SCHEMA[collection.element].root]
        back = table.c[SCHEMA[collection.element].fields[collection.inverse].column]
        query = select(back, table.c.details_owner, func.count()).group_by(back, table.c.details_owner)
        condition = visible(self._call, table)
        memo = self._loaded.get(SCHEMA[class_name].root, {})
        holders = [loaded for loaded in memo.values() if name in loaded.builder.collections]
        counts: dict[int, dict[int, int]] = {loaded.id: {} for loaded in holders}
        for chunk in _chunks(list(counts)):
            chosen = query.where(back.in_(chunk))
            for holder, owner, count in self._connection.execute(
                chosen if condition is None else chosen.where(condition)
            ):
                counts[holder][owner] = count
        for loaded in holders:
            setattr(loaded.instance, f"_{name}CountPerOwner", counts[loaded.id])

    def finish(self) -> None:
        """Load enumerations and details, then connect all objects."""
        done: list[Loaded] = []
        while self._unfinished:
            fresh, self._unfinished = self._unfinished, []
            done += fresh
            for class_name, ids in _always_loaded(fresh).items():
                self.load(class_name, ids, check=self._call.caller.share is not None)
        policed = (loaded for loaded in done if loaded.builder.class_name in POLICED)
        candidates = ((loaded.builder.class_name, _candidate(loaded)) for loaded in policed)
        self._kept_back = kept_back(self._connection, self._call, candidates)
        for loaded in done:
            self._connect(loaded)

    def _connect(self, loaded: Loaded) -> None:
        values = loaded.instance.__dict__
        row = loaded.row
        for reference in loaded.builder.references:
            object_id = row[reference.position]
            if object_id is not None:
                values[reference.attribute] = self._object(reference.root, reference.target, object_id)
        details = values["_details"].__dict__
        for reference in loaded.builder.details:
            object_id = row[reference.position]
            if object_id is not None:
                details[reference.attribute] = self._object(reference.root, reference.target, object_id)
        details["_permissions"] = self._permissions_of(loaded)
        details["_event"] = self._context
        if loaded.builder.hides_key and self._hides_key_of(loaded):
            values["_uuid"] = rstring(HIDDEN_KEY)

    def _hides_key_of(self, loaded: Loaded) -> bool:
        owner = loaded.row[loaded.builder.positions["owner"]]
        return owner != self._call.caller.user_id and not sees_session_keys(self._call)

    def _object(self, root: str, target: str, object_id: int) -> Any:
        memo = self._loaded.get(root)
        found = None if memo is None else memo.get(object_id)
        if found is not None:
            return found.instance
        key = (target, object_id)
        instance = self._proxies.get(key)
        if instance is None:
            instance = self._proxies[key] = builder_of(target).proxy(object_id)
        return instance

    def _permissions_of(self, loaded: Loaded) -> Any:
        builder = loaded.builder
        if builder.is_global:
            return self._system_permissions(loaded)
        owner, group = loaded.row[builder.owner], loaded.row[builder.group]
        is_kept_back = (builder.class_name, loaded.id) in self._kept_back
        key = (owner, group, is_kept_back, targets(builder.class_name))
        found = self._permissions.get(key)
        if found is None:
            caller = self._call.caller
            granted = told(rights(caller, owner, group), builder.class_name)
            restrictions = RESTRICTIONS if is_kept_back else ()
            found = permissions_of(caller.directory.permissions(group), granted, restrictions)
            self._permissions[key] = found
        return found

    def _system_permissions(self, loaded: Loaded) -> Any:
        """Groups carry their own permissions, other system objects those of the group all users are in."""
        caller = self._call.caller
        group = loaded.id if loaded.builder.class_name == "ExperimenterGroup" else caller.directory.user_group
        return permissions_of(caller.directory.permissions(group), system_rights(self._call, group))

    def _load_maps(self, root: str, fresh: list[Loaded]) -> None:
        for cls, name in MAP_FIELDS.get(root, ()):
            holders = {loaded.id: loaded for loaded in fresh if name in loaded.builder.maps}
            pairs: dict[int, list[tuple[str, str]]] = {}
            statement = _map_by_owner(cls, name, self._connection.dialect)
            for chunk in _chunks(list(holders)):
                for owner_id, key, value in statement.rows(self._connection, {_IDS: chunk}):
                    pairs.setdefault(owner_id, []).append((key, value))
            for owner_id, found in pairs.items():
                holders[owner_id].set_map(name, found)


def _candidate(loaded: Loaded) -> Candidate:
    builder, row = loaded.builder, loaded.row
    name = row[builder.positions["name"]] if builder.class_name == "OriginalFile" else ""
    return Candidate(loaded.id, row[builder.owner], row[builder.group], name or "")


def system_rights(call: Call, group_id: int) -> Rights:
    """What the caller may do with a system object; leaders manage their group."""
    may = call.caller.is_admin or group_id in call.caller.leader_of
    admin = call.caller.is_admin
    return Rights(see=True, annotate=may, link=may, edit=may, delete=admin, chgrp=False, chown=False)


def _always_loaded(fresh: list[Loaded]) -> dict[str, set[int]]:
    wanted: dict[str, set[int]] = {}
    for loaded in fresh:
        for reference in loaded.builder.eager:
            object_id = loaded.row[reference.position]
            if object_id is not None:
                wanted.setdefault(reference.target, set()).add(object_id)
    return wanted


def collection_of(class_name: str, name: str) -> Collection | None:
    for cls in (class_name, *SCHEMA[class_name].subclasses):
        if name in SCHEMA[cls].collections:
            return SCHEMA[cls].collections[name]
    return None


def _check_reference(class_name: str, name: str) -> None:
    cls = SCHEMA[class_name]
    if name not in cls.fields and not cls.subclass_fields(name):
        raise ValueError(f"{class_name} has no field {name} to fetch")


def _place(collection: Collection) -> Any:
    """The sort key of a collection's elements: their place in a list, else their id."""
    if not collection.ordered:
        return lambda loaded: loaded.id
    column = index_column(collection.inverse)

    def place(loaded: Loaded) -> tuple[bool, int, int]:
        index = loaded.row[loaded.builder.positions[column]]
        return (index is None, index or 0, loaded.id)

    return place


def _chunks(ids: list[int]) -> Iterable[list[int]]:
    return (ids[start : start + _CHUNK] for start in range(0, len(ids), _CHUNK))


def _select_by_id(root: str) -> Select[Any]:
    table = TABLES[root]
    return select(table).where(table.c.id.in_(bindparam(_IDS, expanding=True)))


@functools.lru_cache(maxsize=1024)
def _by_id(root: str, dialect: Dialect) -> Prepared:
    return Prepared(_select_by_id(root), dialect)


@functools.lru_cache(maxsize=1024)
def _map_by_owner(cls: str, name: str, dialect: Dialect) -> Prepared:
    table = MAP_TABLES[cls, name]
    statement = select(table.c.owner_id, table.c.name, table.c.value)
    statement = statement.where(table.c.owner_id.in_(bindparam(_IDS, expanding=True)))
    return Prepared(statement.order_by(table.c.owner_id, table.c.position), dialect)
