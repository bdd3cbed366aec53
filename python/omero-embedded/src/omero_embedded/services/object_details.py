"""IAdmin's old ways to give single objects to somebody else or to another group; Chown2 and Chgrp2 take graphs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero
import omero.cmd
from omero.model import ExperimenterI
from sqlalchemy import select, update

from omero_embedded.errors import api_usage, security, validation
from omero_embedded.graphs.load import load_objects
from omero_embedded.model.schema import SCHEMA
from omero_embedded.security.directory import USER_GROUP
from omero_embedded.store.tables import table_of
from omero_embedded.updates.events import log, new_event
from omero_embedded.updates.graph import required_id
from omero_embedded.updates.save import save
from omero_embedded.updates.shape import references_to
from omero_embedded.wire.handles import CommandError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from omero_embedded.security.context import Call
    from omero_embedded.security.directory import Group, User


def give_to(call: Call, instance: Any, user: User) -> None:
    """Change the owner of one object and of nothing that belongs to it; takes the privilege Chown."""
    class_name, object_id = _owned(instance)
    with call.db.read() as connection:
        found = _seen(connection, call, class_name, object_id)
    found.details.owner = ExperimenterI(user.id, False)
    save(call, [found])


def move_to(call: Call, instance: Any, group: Group) -> None:
    """Move an object of one's own, with its parts, to another group of one's own.

    SecurityViolation while anything points to the object that would stay behind: a link, an annotation, a ROI.
    """
    class_name, object_id = _owned(instance)
    if group.id == USER_GROUP:
        raise security("moveToCommonSpace moves objects to the group user")
    if group.id not in call.caller.member_of:
        raise security(f"{call.caller.user_name} is not a member of {group.name}")
    with call.db.read() as connection:
        found = _seen(connection, call, class_name, object_id)
        if found.details.owner.id.val != call.caller.user_id and not call.caller.is_admin:
            raise security(f"{class_name}:{object_id} belongs to somebody else")
        locks = _locks(connection, class_name, object_id, group.id)
    if locks:
        counted = ", ".join(f"{count} {name}" for name, count in locks.items())
        raise security(f"{class_name}:{object_id} cannot be moved while others refer to it: {counted}")
    request = omero.cmd.Chgrp2(
        targetObjects={class_name: [object_id]}, childOptions=[], dryRun=False, groupId=group.id
    )
    command: Any = call.server.command(request)
    try:
        command.run(call, request, lambda _done, _total: None)
    except CommandError as error:
        raise security(str(error)) from None


def move_to_common_space(call: Call, instances: list[Any]) -> None:
    """Put single objects into the group that everybody is in; takes ModifyGroup or to lead their present group."""
    with call.db.write() as connection:
        for class_name, object_id in [_owned(instance) for instance in instances if instance is not None]:
            group = _seen(connection, call, class_name, object_id).details.group.id.val
            if group == USER_GROUP:
                continue
            if "ModifyGroup" not in call.caller.privileges and group not in call.caller.leader_of:
                raise security(f"{call.caller.user_name} neither owns group {group} nor may change groups")
            event = new_event(connection, call, USER_GROUP)
            table: Any = table_of(class_name)
            values = {"details_group": USER_GROUP, "details_update": event}
            connection.execute(update(table).where(table.c.id == object_id).values(values))
            log(connection, event, [("UPDATE", class_name, object_id)])


def _owned(instance: Any) -> tuple[str, int]:
    object_id = required_id(instance, "the object")
    cls = SCHEMA.of(instance)
    if cls.is_global:
        raise api_usage(f"{cls.name} has neither owner nor group")
    return cls.name, object_id


def _seen(connection: Connection, call: Call, class_name: str, object_id: int) -> Any:
    found = load_objects(connection, call, class_name, [object_id]).get(object_id)
    if found is None:
        raise validation(
            f"no {class_name}:{object_id} that {call.caller.user_name} can see in group {call.group}"
        )
    return found


def _locks(connection: Connection, class_name: str, object_id: int, group: int) -> dict[str, int]:
    """How many objects of other groups point to this one, by class; the pixels of an image move with it."""
    locks: dict[str, int] = {}
    for reference in references_to(class_name):
        table: Any = table_of(reference.holder)
        if "details_group" not in table.c or (class_name, reference.holder) == ("Image", "Pixels"):
            continue
        query = select(table.c.id).where(table.c[reference.field.column] == object_id)
        count = len(connection.execute(query.where(table.c.details_group != group)).all())
        if count:
            locks[reference.holder] = locks.get(reference.holder, 0) + count
    return locks
