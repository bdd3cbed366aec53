"""What a loaded collection has lost: links and the parts of ordered lists are deleted then, as OMERO's merge does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from omero_embedded import errors
from omero_embedded.model.objects import get_collection
from omero_embedded.model.schema import SCHEMA
from omero_embedded.security.filters import visible
from omero_embedded.security.permissions import file_kind
from omero_embedded.store.statements import chunks
from omero_embedded.store.tables import TABLES, table_of
from omero_embedded.updates.graph import id_of
from omero_embedded.updates.links import rows_by_id
from omero_embedded.updates.remove import delete_rows
from omero_embedded.updates.shape import references_to, shape_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

    from omero_embedded.model.schema import Collection
    from omero_embedded.security.context import Call
    from omero_embedded.updates.graph import Graph, Key
    from omero_embedded.updates.links import LinkRules


@dataclass(frozen=True, slots=True)
class Orphan:
    """An object that is deleted because the collection that held it came without it."""

    class_name: str
    id: int
    group: int | None


def owns(collection: Collection) -> bool:
    """Whether elements are deleted when they leave the collection."""
    return collection.ordered or SCHEMA[collection.element].is_link


def find_orphans(connection: Connection, call: Call, graph: Graph, rules: LinkRules) -> list[Orphan]:
    """Everything to delete, contents first; raises SecurityViolation and, for what is in use, ValidationException.

    Collections that are not loaded lose nothing, nor does any what the caller cannot see.
    """
    reached = {(node.shape.cls.root, node.id) for node in graph.known}
    found: dict[Key, Orphan] = {}
    for collection, kept in _loaded_collections(graph).items():
        lost = _elements(connection, call, collection, kept)
        ids = {element for owner, element in lost if element not in kept[owner]}
        root = SCHEMA[collection.element].root
        _add(
            connection,
            rules,
            root,
            {object_id for object_id in ids if (root, object_id) not in reached},
            found,
        )
    orphans = list(reversed(found.values()))
    _refuse_used(connection, orphans)
    return orphans


def delete_orphans(connection: Connection, orphans: Iterable[Orphan]) -> None:
    """Delete the rows; checks nothing."""
    for orphan in orphans:
        delete_rows(connection, orphan.class_name, [orphan.id])


def _loaded_collections(graph: Graph) -> dict[Collection, dict[int, set[int]]]:
    """For each collection that came loaded: what it still has, by the id of its owner."""
    found: dict[Collection, dict[int, set[int]]] = {}
    for node in graph.known:
        for collection in node.shape.collections:
            elements = get_collection(node.instance, collection) if owns(collection) else None
            if elements is not None:
                ids = {id_of(element) for element in elements if element is not None}
                found.setdefault(collection, {})[node.id] = {number for number in ids if number is not None}
    return found


def _elements(
    connection: Connection, call: Call | None, collection: Collection, owners: Iterable[int]
) -> list[tuple[int, int]]:
    """Pairs of owner and element that the store has, of those that the caller can see."""
    table: Any = TABLES[SCHEMA[collection.element].root]
    back = table.c[SCHEMA[collection.element].fields[collection.inverse].column]
    condition = None if call is None else visible(call, table)
    pairs: list[tuple[int, int]] = []
    for part in chunks(owners):
        query = select(back, table.c.id).where(back.in_(part))
        rows = connection.execute(query if condition is None else query.where(condition))
        pairs += [(row[0], row[1]) for row in rows]
    return pairs


def _add(
    connection: Connection, rules: LinkRules, root: str, ids: set[int], found: dict[Key, Orphan]
) -> None:
    """Note objects that go, and then what they hold themselves."""
    fresh = [object_id for object_id in ids if (root, object_id) not in found]
    for row in rows_by_id(connection, TABLES[root], fresh):
        class_name = row.get("discriminator", root)
        _check_delete(rules, class_name, row)
        found[root, row["id"]] = Orphan(class_name, row["id"], row.get("details_group"))
        for collection in filter(owns, shape_of(class_name).collections):
            held = {element for _, element in _elements(connection, None, collection, [row["id"]])}
            if held:
                _add(connection, rules, SCHEMA[collection.element].root, held, found)


def _check_delete(rules: LinkRules, class_name: str, row: Mapping[str, Any]) -> None:
    granted = rules.rights(
        class_name, row.get("details_owner"), row.get("details_group"), file_kind(class_name, row)
    )
    if not granted.delete:
        raise errors.security(f"Deleting {class_name}:{row['id']} not allowed")


def _refuse_used(connection: Connection, orphans: Iterable[Orphan]) -> None:
    by_class: dict[str, set[int]] = {}
    for orphan in orphans:
        by_class.setdefault(orphan.class_name, set()).add(orphan.id)
    going = {(SCHEMA[name].root, number) for name, ids in by_class.items() for number in ids}
    for class_name, ids in by_class.items():
        for reference in references_to(class_name):
            table: Any = table_of(reference.holder)
            column = table.c[reference.field.column]
            for part in chunks(ids):
                for holder, target in connection.execute(select(table.c.id, column).where(column.in_(part))):
                    if (SCHEMA[reference.holder].root, holder) not in going:
                        raise errors.validation(
                            f"{class_name}:{target} left its collection, but {reference.holder}:{holder} still refers to it"
                        )
