"""Making and changing users and groups: the rows, without asking who may."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, not_, select, update
from sqlalchemy.exc import IntegrityError

from omero_embedded.errors import api_usage, validation
from omero_embedded.model.objects import get_field
from omero_embedded.model.schema import SCHEMA
from omero_embedded.security.directory import GUEST_GROUP, GUEST_USER, ROOT_USER, SYSTEM_GROUP, USER_GROUP
from omero_embedded.security.permissions import PRIVATE, perm_long
from omero_embedded.security.privileges import CONFIG_PREFIX
from omero_embedded.store.tables import MAP_TABLES, PASSWORD, TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

_USERS, _GROUPS, _MAPS = TABLES["Experimenter"], TABLES["ExperimenterGroup"], TABLES["GroupExperimenterMap"]
_SHARES = TABLES["ShareMember"]
_REQUIRED = {"Experimenter": ("omename", "firstname", "lastname"), "ExperimenterGroup": ("name",)}
_NAME = {"Experimenter": "omename", "ExperimenterGroup": "name"}
_BUILT_IN = {
    _USERS.name: (ROOT_USER, GUEST_USER),
    _GROUPS.name: (SYSTEM_GROUP, USER_GROUP, GUEST_GROUP),
}


def create_user(connection: Connection, user: Any, groups: list[int]) -> int:
    """Insert a user who is a member of these groups, the default group first."""
    values = _values("Experimenter", user)
    _check(connection, "Experimenter", values)
    values["ldap"] = bool(values.get("ldap"))
    user_id = _insert(connection, _USERS, values)
    _write_config(connection, "Experimenter", user_id, user)
    for place, group in enumerate(dict.fromkeys(groups)):
        connection.execute(insert(_MAPS).values(parent=group, child=user_id, owner=False, child_index=place))
    return user_id


def create_group(connection: Connection, group: Any) -> int:
    """Insert a group; private unless its details say otherwise."""
    values = _values("ExperimenterGroup", group)
    _check(connection, "ExperimenterGroup", values)
    permissions = group.details.permissions if group.details is not None else None
    values |= {
        "ldap": bool(values.get("ldap")),
        "permissions": perm_long(PRIVATE) if permissions is None else permissions.getPerm1(),
    }
    group_id = _insert(connection, _GROUPS, values)
    _write_config(connection, "ExperimenterGroup", group_id, group)
    return group_id


def update_row(
    connection: Connection, class_name: str, instance: Any, *, without: Iterable[str] = ()
) -> None:
    """Store what the loaded user or group object says, but for some columns and the privileges of administrators."""
    object_id = instance.id.val
    values = {
        name: value for name, value in _values(class_name, instance).items() if name not in set(without)
    }
    _check(connection, class_name, values, object_id)
    table = TABLES[class_name]
    _keep_built_in_name(connection, table, _NAME[class_name], object_id, values)
    changed = connection.execute(
        update(table).where(table.c.id == object_id).values(values | {"version": table.c.version + 1})
    )
    if changed.rowcount == 0:
        raise validation(f"there is no {class_name} {object_id}")
    if getattr(instance, "_config", None) is not None:
        _write_config(connection, class_name, object_id, instance)


def _keep_built_in_name(
    connection: Connection, table: Any, column: str, object_id: int, values: dict[str, Any]
) -> None:
    if column in values and object_id in _BUILT_IN[table.name]:
        name = connection.scalar(select(table.c[column]).where(table.c.id == object_id))
        if name != values[column]:
            raise validation(f"{name!r} is built in and keeps its name")


def group_permissions(connection: Connection, group_id: int) -> int:
    """The permission level of a group."""
    return int(connection.scalar(select(_GROUPS.c.permissions).where(_GROUPS.c.id == group_id)) or 0)


def set_group_permissions(connection: Connection, group_id: int, permissions: int) -> None:
    """Change the permission level of a group."""
    connection.execute(update(_GROUPS).where(_GROUPS.c.id == group_id).values(permissions=permissions))


def set_privileges(connection: Connection, user_id: int, granted: set[str], known: Iterable[str]) -> None:
    """Store which privileges an administrator has."""
    table = MAP_TABLES["Experimenter", "config"]
    connection.execute(
        delete(table).where(table.c.owner_id == user_id, table.c.name.like(f"{CONFIG_PREFIX}%"))
    )
    start = (
        connection.scalar(
            select(func.coalesce(func.max(table.c.position) + 1, 0)).where(table.c.owner_id == user_id)
        )
        or 0
    )
    rows = [
        {
            "owner_id": user_id,
            "position": start + place,
            "name": CONFIG_PREFIX + name,
            "value": str(name in granted).lower(),
        }
        for place, name in enumerate(sorted(known))
    ]
    connection.execute(insert(table), rows)


def add_to_groups(connection: Connection, user_id: int, groups: Iterable[int]) -> None:
    """Make the user a member of more groups."""
    mine = memberships(connection, user_id)
    for place, group in enumerate(
        (group for group in dict.fromkeys(groups) if group not in mine), start=len(mine)
    ):
        if connection.scalar(select(_GROUPS.c.id).where(_GROUPS.c.id == group)) is None:
            raise validation(f"there is no group {group}")
        connection.execute(insert(_MAPS).values(parent=group, child=user_id, owner=False, child_index=place))


def remove_from_groups(connection: Connection, user_id: int, groups: Iterable[int]) -> None:
    """End memberships; everybody keeps at least one group besides `user`."""
    leaving = set(groups)
    staying = [group for group in memberships(connection, user_id) if group not in leaving]
    if not [group for group in staying if group != USER_GROUP]:
        raise validation("a user must stay a member of at least one group; add another one first")
    connection.execute(delete(_MAPS).where(_MAPS.c.child == user_id, _MAPS.c.parent.in_(sorted(leaving))))
    _number(connection, user_id, staying)


def set_default_group(connection: Connection, user_id: int, group_id: int) -> None:
    """Put a membership first."""
    mine = memberships(connection, user_id)
    if group_id not in mine:
        raise api_usage(f"user {user_id} is not a member of group {group_id}")
    _number(connection, user_id, [group_id, *(group for group in mine if group != group_id)])


def set_owner(connection: Connection, user_id: int, group_id: int, *, owner: bool) -> None:
    """Make the user an owner of the group, a member if need be, or a mere member."""
    if owner:
        add_to_groups(connection, user_id, [group_id])
    connection.execute(
        update(_MAPS).where(_MAPS.c.child == user_id, _MAPS.c.parent == group_id).values(owner=owner)
    )


def delete_user(connection: Connection, user_id: int) -> None:
    """Remove a user who owns nothing."""
    _refuse_while_used(connection, "details_owner", user_id, "user")
    connection.execute(delete(_MAPS).where(_MAPS.c.child == user_id))
    connection.execute(delete(_SHARES).where(_SHARES.c.child == user_id))
    connection.execute(delete(PASSWORD).where(PASSWORD.c.experimenter_id == user_id))
    connection.execute(delete(_USERS).where(_USERS.c.id == user_id))


def delete_group(connection: Connection, group_id: int) -> None:
    """Remove a group that holds nothing."""
    _refuse_while_used(connection, "details_group", group_id, "group")
    connection.execute(delete(_MAPS).where(_MAPS.c.parent == group_id))
    connection.execute(delete(_GROUPS).where(_GROUPS.c.id == group_id))


def memberships(connection: Connection, user_id: int) -> list[int]:
    """The user's groups, the default group first."""
    ordered = select(_MAPS.c.parent).where(_MAPS.c.child == user_id).order_by(_MAPS.c.child_index, _MAPS.c.id)
    return list(connection.scalars(ordered))


def _number(connection: Connection, user_id: int, groups: list[int]) -> None:
    for place, group in enumerate(groups):
        connection.execute(
            update(_MAPS).where(_MAPS.c.child == user_id, _MAPS.c.parent == group).values(child_index=place)
        )


def _refuse_while_used(connection: Connection, column: str, value: int, what: str) -> None:
    for name, table in TABLES.items():
        if (
            column in table.c
            and connection.scalar(select(table.c.id).where(table.c[column] == value).limit(1)) is not None
        ):
            raise validation(f"{what} {value} still has data (e.g. {name}); move or delete them first")


def _values(class_name: str, instance: Any) -> dict[str, Any]:
    if instance is None or not instance.isLoaded():
        raise api_usage(f"a loaded {class_name} is needed")
    fields = SCHEMA[class_name].fields.values()
    return {
        field.column: get_field(instance, field) for field in fields if field.kind not in ("map", "entity")
    }


def _check(
    connection: Connection, class_name: str, values: dict[str, Any], object_id: int | None = None
) -> None:
    for column in _REQUIRED[class_name]:
        if column in values and values[column] is None:
            raise validation(f"{class_name}.{column} must not be null")
    name = values.get(_NAME[class_name])
    if name is not None and not name.strip():
        raise validation(f"{class_name}.{_NAME[class_name]} must not be empty")
    table = TABLES[class_name]
    taken = connection.scalar(select(table.c.id).where(table.c[_NAME[class_name]] == name)) if name else None
    if taken is not None and taken != object_id:
        raise validation(f"there is already a {class_name} called {name!r}")


def _write_config(connection: Connection, class_name: str, object_id: int, instance: Any) -> None:
    """Store the configuration; what it says of privileges is kept, they are changed by `set_privileges` only."""
    table = MAP_TABLES[class_name, "config"]
    kept = table.c.name.like(f"{CONFIG_PREFIX}%")
    mine = table.c.owner_id == object_id
    connection.execute(delete(table).where(mine, not_(kept)))
    places = connection.execute(select(table.c.position).where(mine)).scalars().all()
    pairs = [
        pair
        for pair in (instance.config or [])
        if pair is not None and not pair.name.startswith(CONFIG_PREFIX)
    ]
    if pairs:
        start = max(places, default=-1) + 1
        rows = [
            {"owner_id": object_id, "position": n, "name": pair.name, "value": pair.value}
            for n, pair in enumerate(pairs, start)
        ]
        connection.execute(insert(table), rows)


def _insert(connection: Connection, table: Any, values: dict[str, Any]) -> int:
    try:
        key = connection.execute(insert(table).values(values)).inserted_primary_key
    except IntegrityError as error:
        raise validation(f"{table.name} is refused: {error.orig}") from None
    assert key is not None
    return int(key[0])
