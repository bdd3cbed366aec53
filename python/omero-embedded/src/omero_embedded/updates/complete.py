"""What a saved object brings along: OMERO.server loads what a new object refers to, for it checks each reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omero_embedded.graphs.load import load_objects
from omero_embedded.updates.graph import id_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Connection

    from omero_embedded.security.context import Call
    from omero_embedded.updates.graph import Node


def load_references(connection: Connection, call: Call, nodes: Iterable[Node]) -> None:
    """Put loaded objects, without their collections, in place of the references that the caller can see."""
    wanted: dict[str, list[tuple[Any, str, int]]] = {}
    for node in nodes:
        for class_name, attribute, object_id in _references(node):
            wanted.setdefault(class_name, []).append((node.instance, attribute, object_id))
    for class_name, places in wanted.items():
        found = load_objects(connection, call, class_name, [object_id for _, _, object_id in places])
        for instance, attribute, object_id in places:
            if object_id in found:
                setattr(instance, attribute, found[object_id])


def _references(node: Node) -> Iterator[tuple[str, str, int]]:
    """Class, attribute and id of what a node holds unloaded."""
    for field in node.shape.entities:
        attribute = f"_{field.name}"
        held = getattr(node.instance, attribute)
        if held is not None and not held.isLoaded():
            object_id = id_of(held)
            if object_id is not None:
                yield field.type, attribute, object_id
