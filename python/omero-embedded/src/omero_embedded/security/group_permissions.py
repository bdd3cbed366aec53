"""Changing the permissions of a group without taking anything apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero
from sqlalchemy import func, select

from omero_embedded.errors import security
from omero_embedded.model.schema import SCHEMA
from omero_embedded.security import accounts
from omero_embedded.security.permissions import GROUP_READ, USER_READ, perm_text
from omero_embedded.store.tables import table_of
from omero_embedded.updates.events import log, new_event

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from omero_embedded.model.schema import Field
    from omero_embedded.security.context import Call


def change_permissions(connection: Connection, call: Call, group_id: int, perm: int) -> None:
    """Set a group's permissions; raises SecurityViolation if it would become private over data used by others."""
    before = accounts.group_permissions(connection, group_id)
    if not perm & USER_READ:
        message = f"users of group {group_id} must be able to read what they own: {perm_text(perm)}"
        raise omero.GroupSecurityViolation(None, "omero.GroupSecurityViolation", message)
    if perm_text(perm) == perm_text(before):
        return
    if before & GROUP_READ and not perm & GROUP_READ:
        _refuse_shared(connection, group_id, perm)
    accounts.set_group_permissions(connection, group_id, perm)
    changes = [(f"CHMOD({perm_text(perm)})", "ExperimenterGroup", group_id)]
    log(connection, new_event(connection, call), changes)


def _refuse_shared(connection: Connection, group_id: int, perm: int) -> None:
    """Nobody's data may refer to what others could no longer see."""
    locks = {}
    for holder, field in _references():
        count = _across_owners(connection, holder, field, group_id)
        if count:
            locks[f"{holder}.{field.name}"] = count
    if locks:
        found = ", ".join(f"{count} of {name}" for name, count in sorted(locks.items()))
        raise security(
            f"Cannot change permissions on ExperimenterGroup:{group_id} to {perm_text(perm)} due to locks: {found}"
        )


def _references() -> Iterator[tuple[str, Field]]:
    """The fields through which objects that have owners point to each other, each in the class that declares it."""
    for cls in SCHEMA.values():
        if cls.is_global:
            continue
        for field in cls.fields.values():
            if (
                field.kind == "entity"
                and field.declared_in == cls.name
                and not SCHEMA[field.type].is_global
                and "details_owner" in table_of(field.type).c
            ):
                yield cls.name, field


def _across_owners(connection: Connection, holder: str, field: Field, group_id: int) -> int:
    source: Any = table_of(holder)
    target: Any = table_of(field.type).alias()
    query = select(func.count()).select_from(source.join(target, source.c[field.column] == target.c.id))
    query = query.where(source.c.details_group == group_id, target.c.details_group == group_id)
    return connection.scalar(query.where(source.c.details_owner != target.c.details_owner)) or 0
