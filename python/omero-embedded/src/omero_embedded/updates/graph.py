"""Finding the objects that a save reaches: new ones, known ones that came loaded, and mere references."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from omero_embedded import errors
from omero_embedded.model.objects import get_collection
from omero_embedded.model.schema import SCHEMA
from omero_embedded.store.tables import index_column
from omero_embedded.updates.shape import Shape, shape_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Key = tuple[str, int]


@dataclass(slots=True, eq=False)
class Node:
    """One loaded object of the graph.

    `id` is 0 until a new object gets its own. `positions` holds the places in ordered collections by index column,
    `row` what the store has of a known object. `owner` and `group` are None for classes without owners.
    """

    instance: Any
    shape: Shape
    is_target: bool
    is_new: bool
    id: int
    positions: dict[str, int] = field(default_factory=dict)
    row: Mapping[str, Any] = field(default_factory=dict)
    owner: int | None = None
    group: int | None = None

    @property
    def name(self) -> str:
        """The object for messages, e.g. Image:5 or new Image."""
        return f"new {self.shape.cls.name}" if self.is_new else f"{self.shape.cls.name}:{self.id}"


@dataclass(slots=True)
class Graph:
    """Everything loaded that a save reaches."""

    new: list[Node]
    known: list[Node]

    def known_keys(self) -> dict[str, list[int]]:
        """Ids of the known objects by root class."""
        keys: dict[str, list[int]] = {}
        for node in self.known:
            keys.setdefault(node.shape.cls.root, []).append(node.id)
        return keys


def id_of(instance: Any) -> int | None:
    """The id of an omero.model object, None for a new one."""
    value = instance.getId()
    return None if value is None else int(value.getValue())


def named_group(node: Node) -> int | None:
    """The group that the object's details name, None if they do not."""
    details = node.instance.getDetails()
    return None if details is None or details.getGroup() is None else id_of(details.getGroup())


def required_id(instance: Any, what: str) -> int:
    """The id of an object that must have one, `what` saying which; ApiUsageException for null and for new objects."""
    found = None if instance is None else id_of(instance)
    if found is None:
        raise errors.api_usage(f"{what} is missing" if instance is None else f"{what} has no id")
    return found


def discover(targets: Iterable[Any]) -> Graph:
    """All loaded objects that the targets reach through fields and loaded collections.

    Elements of a collection get the back-reference that the client left out, and their place where it is ordered.
    """
    graph = Graph([], [])
    nodes: dict[int, Node] = {}
    pending: list[tuple[Any, bool]] = [(target, True) for target in targets]
    pending.reverse()
    while pending:
        instance, is_target = pending.pop()
        if instance is None or id(instance) in nodes or not _takes_part(instance, is_target=is_target):
            continue
        object_id = id_of(instance)
        shape = shape_of(SCHEMA.of(instance).name)
        node = Node(instance, shape, is_target, is_new=object_id is None, id=object_id or 0)
        nodes[id(instance)] = node
        (graph.new if node.is_new else graph.known).append(node)
        reached = _reach(node)
        pending.extend((other, False) for other in reversed(reached))
    _place(nodes)
    return graph


def _takes_part(instance: Any, *, is_target: bool) -> bool:
    """Unloaded objects are references; so are users, groups, events and enumeration values met on the way."""
    if id_of(instance) is None:
        if not instance.isLoaded():
            raise errors.validation(f"{SCHEMA.of(instance).name} is neither loaded nor does it have an id")
        return True
    return bool(instance.isLoaded()) and (is_target or not shape_of(SCHEMA.of(instance).name).is_system)


def _reach(node: Node) -> list[Any]:
    instance = node.instance
    reached = [getattr(instance, f"_{field.name}") for field in node.shape.entities]
    details = instance.getDetails()
    if details is not None and details.getExternalInfo() is not None:
        reached.append(details.getExternalInfo())
    for collection in node.shape.collections:
        for element in get_collection(instance, collection) or ():
            attribute = f"_{collection.inverse}"
            if element.isLoaded() and getattr(element, attribute) is None:
                setattr(element, attribute, instance)
            reached.append(element)
    return reached


def _place(nodes: dict[int, Node]) -> None:
    for node in nodes.values():
        for collection in node.shape.collections:
            if collection.ordered:
                column = index_column(collection.inverse)
                for position, element in enumerate(get_collection(node.instance, collection) or ()):
                    if id(element) in nodes:
                        nodes[id(element)].positions[column] = position
