"""Objects as rows: the columns of a new one, the changed columns of a known one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from omero_embedded import errors
from omero_embedded.model.objects import get_field
from omero_embedded.model.schema import SCHEMA
from omero_embedded.updates.graph import Node, id_of

if TYPE_CHECKING:
    from omero_embedded.model.schema import Field

# The server decides where a file lives; what clients send is ignored, as OMERO.server does.
_SERVER_SIDE = {("OriginalFile", "repo")}
# Changes of these are ignored, as OMERO.server does; an object gets another external info instead.
_UNCHANGING = {"ExternalInfo"}


def new_row(node: Node) -> dict[str, Any]:
    """All columns of a new object except its details; raises ValidationException for what must not be null."""
    shape = node.shape
    row: dict[str, Any] = {"id": node.id}
    if shape.polymorphic:
        row["discriminator"] = shape.cls.name
    if shape.versioned:
        row["version"] = 0
    for field in shape.plain:
        row |= columns_of(field, get_field(node.instance, field))
    for field in shape.entities:
        row[field.column] = _target_id(node, field)
    for column, _ in shape.places:
        row[column] = node.positions.get(column)
    for field in shape.required:
        if row[field.column] is None:
            raise _missing(node, field)
    row["details_external"] = external_id(node)
    return row


def changed_columns(node: Node) -> dict[str, Any]:
    """The columns in which a known object differs from its row; what nobody may change differs in none."""
    if node.shape.cls.name in _UNCHANGING:
        return {}
    wanted: dict[str, Any] = {}
    for field in node.shape.plain:
        if (node.shape.cls.name, field.name) not in _SERVER_SIDE:
            wanted |= columns_of(field, get_field(node.instance, field))
    for field in node.shape.entities:
        wanted[field.column] = _target_id(node, field)
    wanted |= {column: place for column, place in node.positions.items() if column in node.shape.table.c}
    external = external_id(node)
    if external is not None or _has_details_of_the_server(node):
        wanted["details_external"] = external
    changes = {column: value for column, value in wanted.items() if node.row[column] != value}
    for field in node.shape.required:
        if field.column in changes and changes[field.column] is None:
            raise _missing(node, field)
    return changes


def check_complete(*holders: Any) -> None:
    """Raise ValidationException for an owner or group that came loaded but lacks what must not be null."""
    for holder in holders:
        if holder is None or not holder.isLoaded():
            continue
        cls = SCHEMA.of(holder)
        for field in cls.fields.values():
            if not field.nullable and get_field(holder, field) is None:
                raise errors.validation(
                    f"{cls.java_name}.{field.name} must not be null (in the details); send it unloaded"
                )


def columns_of(field: Field, value: Any) -> dict[str, Any]:
    """A plain value as the column or columns that store it."""
    if field.kind == "unit":
        number, unit = value if value is not None else (None, None)
        return {field.column: number, f"{field.column}_unit": unit}
    if field.kind == "strings" and value is not None:
        return {field.column: json.dumps(value)}
    return {field.column: value}


def external_id(node: Node) -> int | None:
    """The id of the object's external info, if the client sent one."""
    details = node.instance.getDetails()
    external = details.getExternalInfo() if details is not None else None
    return None if external is None else id_of(external)


def _has_details_of_the_server(node: Node) -> bool:
    """Whether a missing external info was taken away, and not just left out by a client that made the object up."""
    details = node.instance.getDetails()
    return details is not None and details.getOwner() is not None and "details_external" in node.row


def _target_id(node: Node, field: Field) -> int | None:
    target = getattr(node.instance, f"_{field.name}")
    return None if target is None else id_of(target)


def _missing(node: Node, field: Field) -> Any:
    return errors.validation(f"{node.shape.cls.java_name}.{field.name} must not be null (in {node.name})")
