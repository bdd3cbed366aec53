"""What may point to what: targets exist, are visible, live in the same group, and allow the link.

The rules are those of OMERO's permissions documentation: annotating needs the annotate right on what is
annotated, everything else that links needs the link right on both ends, looking (rendering settings, thumbnails)
needs to see.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import omero
from sqlalchemy import bindparam, select

from omero_embedded import errors
from omero_embedded.model.schema import SCHEMA
from omero_embedded.security.context import ALL_GROUPS
from omero_embedded.security.directory import SYSTEM_GROUP, USER_GROUP
from omero_embedded.security.permissions import (
    GROUP_READ,
    WORLD_READ,
    FileKind,
    Rights,
    file_kind,
    needed_right,
    rights_on,
)
from omero_embedded.store.tables import TABLES
from omero_embedded.updates.graph import named_group
from omero_embedded.updates.shape import shape_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection, Select, Table

    from omero_embedded.model.schema import Field
    from omero_embedded.security.context import Call
    from omero_embedded.updates.graph import Key, Node

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Target:
    """An object at the far end of a reference."""

    class_name: str
    id: int
    owner: int | None
    group: int | None
    is_new: bool = False
    kind: FileKind | None = None

    @property
    def name(self) -> str:
        """The object for messages, e.g. Image:5."""
        return f"{self.class_name}:{self.id}"

    @property
    def shared_by_all(self) -> bool:
        """Whether everybody may point to it: users, enumerations, the contents of the groups `system` and `user`."""
        return self.group is None or self.group in (SYSTEM_GROUP, USER_GROUP)


@dataclass(slots=True)
class Targets:
    """Targets of references by root class and id, read from the store in one query per class."""

    found: dict[Key, Target] = field(default_factory=dict)

    def add(self, node: Node) -> None:
        """Make an object of the graph itself a possible target."""
        cls = node.shape.cls
        self.found[cls.root, node.id] = Target(cls.name, node.id, node.owner, node.group, is_new=node.is_new)

    def load(self, connection: Connection, wanted: Iterable[Key]) -> None:
        """Read what is not known yet; ids that do not exist stay unknown."""
        missing: dict[str, list[int]] = {}
        for root, object_id in wanted:
            if (root, object_id) not in self.found:
                missing.setdefault(root, []).append(object_id)
        for root, ids in missing.items():
            for row in rows_by_id(
                connection,
                TABLES[root],
                ids,
                ("discriminator", "details_owner", "details_group", "mimetype", "repo"),
            ):
                class_name = row.get("discriminator", root)
                owner, group = row.get("details_owner"), row.get("details_group")
                kind = file_kind(root, row)
                self.found[root, row["id"]] = Target(class_name, row["id"], owner, group, kind=kind)

    def of(self, node: Node, reference: Field, object_id: int) -> Target:
        """The target of a field; raises ValidationException if it does not exist or is of another class."""
        target = self.found.get((SCHEMA[reference.type].root, object_id))
        if target is None:
            raise errors.validation(
                f"{node.name}.{reference.name}: {reference.type}:{object_id} does not exist"
            )
        if not SCHEMA[target.class_name].is_a(reference.type):
            raise errors.validation(
                f"{node.name}.{reference.name} takes a {reference.type}, not {target.name}"
            )
        return target


def rows_by_id(
    connection: Connection, table: Table, ids: Iterable[int], columns: Iterable[str] | None = None
) -> list[Mapping[str, Any]]:
    """Rows with these ids, whole or only some columns (those that the table has)."""
    statement = _by_id(table, None if columns is None else tuple(columns))
    wanted = sorted(set(ids))
    rows: list[Mapping[str, Any]] = []
    for start in range(0, len(wanted), _CHUNK):
        part = {"ids": wanted[start : start + _CHUNK]}
        rows.extend(dict(row) for row in connection.execute(statement, part).mappings())
    return rows


@cache
def _by_id(table: Table, columns: tuple[str, ...] | None) -> Select[Any]:
    """The statement, built once per table: building it takes longer than running it."""
    chosen = (
        [table] if columns is None else [table.c.id, *(table.c[name] for name in columns if name in table.c)]
    )
    return select(*chosen).where(table.c.id.in_(bindparam("ids", expanding=True)))


class LinkRules:
    """Checks the references that a call is about to write; remembers rights it has worked out."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._rights: dict[tuple[str, int | None, int | None, FileKind | None], Rights] = {}

    def rights(
        self, class_name: str, owner: int | None, group: int | None, kind: FileKind | None = None
    ) -> Rights:
        """What the caller may do with an object."""
        key = (class_name, owner, group, kind)
        if key not in self._rights:
            self._rights[key] = rights_on(self._call.caller, *key)
        return self._rights[key]

    def check(self, node: Node, target: Target) -> None:
        """Raise a SecurityViolation unless the object may point to the target."""
        if node.shape.is_system or node.group == SYSTEM_GROUP or shape_of(target.class_name).is_system:
            return
        if target.is_new and target.group == node.group:
            return
        granted = self.rights(target.class_name, target.owner, target.group, target.kind)
        if not granted.see:
            raise errors.security(f"Cannot read {target.name}")
        if target.shared_by_all and not (target.kind is not None and target.kind.is_folder):
            return
        if target.group != node.group:
            message = f"MIXED GROUP: {node.name} (group {node.group}) and {target.name} (group {target.group}) cannot be linked."
            raise omero.GroupSecurityViolation(None, "omero.GroupSecurityViolation", message)
        if self._would_hide_data(node, target):
            message = (
                f"Cannot link to {target.name}: its group {target.group} is private, and its owner would not see "
                f"what {self._call.caller.user_name} links to it"
            )
            raise omero.ReadOnlyGroupSecurityViolation(None, "omero.ReadOnlyGroupSecurityViolation", message)
        needed = needed_right(node.shape.cls.name, target.class_name)
        if not getattr(granted, needed) and not (granted.edit and node.owner == target.owner):
            raise errors.security(
                f"Cannot link {node.name} to {target.name}: group permissions do not allow to {needed}"
            )

    def _would_hide_data(self, node: Node, target: Target) -> bool:
        """Whether administrators and group owners link to other people's data in a private group."""
        caller = self._call.caller
        if target.group is None or caller.directory.permissions(target.group) & (GROUP_READ | WORLD_READ):
            return False
        return target.owner not in (caller.user_id, node.owner)


def choose_groups(call: Call, nodes: list[Node], references: dict[int, list[Target]]) -> None:
    """Give new objects their group: the call's, or in a call over all groups the one of what they point to.

    Where that says nothing the group stays None, and the object's own details must name one. `references` holds the
    targets by the identity of the node.
    """
    if call.group != ALL_GROUPS:
        for node in nodes:
            node.group = call.group
        return
    for node in nodes:
        node.group = next(
            (target.group for target in references.get(id(node), ()) if not target.shared_by_all), None
        )
    chosen = (node.group if node.group is not None else named_group(node) for node in nodes)
    common = next((group for group in chosen if group is not None), None)
    for node in nodes:
        if node.group is None and named_group(node) is None:
            node.group = common
