"""What a client wants to share: which objects, and whether they are the client's to share."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from omero_embedded import errors
from omero_embedded.model.objects import get_collection
from omero_embedded.model.schema import SCHEMA
from omero_embedded.security.context import ALL_GROUPS
from omero_embedded.security.filters import visible
from omero_embedded.security.permissions import rights_on
from omero_embedded.shares.contents import Item
from omero_embedded.store.statements import chunks
from omero_embedded.store.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Connection

    from omero_embedded.security.context import Call


def named_items(objects: Iterable[Any] | None) -> list[Item]:
    """The objects themselves; raises ValidationException for one without an id."""
    found = []
    for instance in objects or ():
        if instance is None or instance.getId() is None:
            raise errors.validation("only stored objects can be in a share; this one has no id")
        cls = SCHEMA.of(instance)
        found.append(Item(cls.name, cls.root, int(instance.getId().getValue())))
    return found


def items_with_graph(objects: Iterable[Any] | None) -> list[Item]:
    """The objects and all that came loaded with them: what they point to and what is in their collections."""
    found: dict[Item, None] = dict.fromkeys(named_items(objects))
    waiting = list(objects or ())
    while waiting:
        for near in _neighbours(waiting.pop()):
            [item] = named_items([near])
            if item not in found:
                found[item] = None
                waiting.append(near)
    return list(found)


def _neighbours(instance: Any) -> Iterator[Any]:
    """Loaded, stored objects that have an owner, next to a loaded object."""
    if not instance.isLoaded():
        return
    cls = SCHEMA.of(instance)
    fields = (field for field in cls.fields.values() if field.kind == "entity")
    near = [getattr(instance, f"_{field.name}") for field in fields]
    for collection in cls.collections.values():
        near += get_collection(instance, collection) or ()
    for one in near:
        if one is not None and one.isLoaded() and one.getId() is not None:
            known = SCHEMA.of(one)
            if not (known.is_global or known.is_enum):
                yield one


def shareable(connection: Connection, call: Call, items: Iterable[Item]) -> list[Item]:
    """The items, with the class that each really is.

    Raises ValidationException for what does not exist, SecurityViolation for what the caller may not share: that takes the
    right to link the object, as OMERO.web asks for it, or an administrator who may write what is others'.
    """
    wanted = list(items)
    kinds: dict[tuple[str, int], str] = {}
    for root in dict.fromkeys(item.root for item in wanted):
        ids = [item.id for item in wanted if item.root == root]
        for object_id, kind in _checked(connection, call, root, ids).items():
            kinds[root, object_id] = kind
    return [replace(item, class_name=kinds[item.root, item.id]) for item in wanted]


def _checked(connection: Connection, call: Call, root: str, ids: list[int]) -> dict[int, str]:
    table = TABLES[root]
    condition = visible(replace(call, group=ALL_GROUPS), table)
    found: dict[int, str] = {}
    for part in chunks(ids):
        known = set(connection.scalars(select(table.c.id).where(table.c.id.in_(part))))
        statement = select(table).where(table.c.id.in_(part))
        if condition is not None:
            statement = statement.where(condition)
        for row in connection.execute(statement).mappings():
            kind = row.get("discriminator", root)
            if _may_share(call, kind, row.get("details_owner"), row.get("details_group")):
                found[row["id"]] = kind
        for object_id in part:
            if object_id not in known:
                raise errors.validation(f"{root}:{object_id} does not exist")
            if object_id not in found:
                raise errors.security(f"{call.caller.user_name} may not share {root}:{object_id}")
    return found


def _may_share(call: Call, class_name: str, owner: int | None, group: int | None) -> bool:
    if owner is None or SCHEMA[class_name].is_enum:
        return True
    return "WriteOwned" in call.caller.privileges or rights_on(call.caller, class_name, owner, group).link
