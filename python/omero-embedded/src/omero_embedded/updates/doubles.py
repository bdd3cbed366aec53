"""No two links of one owner between the same two objects, as OMERO's store demands."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from omero_embedded import errors
from omero_embedded.model.schema import SCHEMA
from omero_embedded.store.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import omero
    from sqlalchemy import Connection, Select, Table

    from omero_embedded.updates.graph import Key, Node

_CHUNK = 500


def refuse_doubles(connection: Connection, links: Iterable[tuple[Node, int, int]], new: set[Key]) -> None:
    """Raise a ValidationException if somebody links the same two objects twice; `links` are (node, parent, child).

    `new` are the objects of this save, which no stored link can know.
    """
    seen: dict[str, set[tuple[int, int, int | None]]] = {}
    stored: dict[str, set[tuple[int, int]]] = {}
    for node, parent, child in links:
        cls = node.shape.cls
        key = (parent, child, node.owner)
        if key in seen.setdefault(cls.name, set()):
            raise _double(cls.name, *key)
        seen[cls.name].add(key)
        ends = (
            (SCHEMA[cls.fields["parent"].type].root, parent),
            (SCHEMA[cls.fields["child"].type].root, child),
        )
        if new.isdisjoint(ends):
            stored.setdefault(cls.name, set()).add((parent, child))
    for class_name, pairs in stored.items():
        for key in _links_between(connection, TABLES[SCHEMA[class_name].root], pairs):
            if key in seen[class_name]:
                raise _double(class_name, *key)


def _links_between(
    connection: Connection, table: Table, pairs: set[tuple[int, int]]
) -> Iterator[tuple[int, int, int | None]]:
    ordered = sorted(pairs)
    statement = _by_ends(table)
    for start in range(0, len(ordered), _CHUNK):
        part = ordered[start : start + _CHUNK]
        ends = {"parents": sorted({pair[0] for pair in part}), "children": sorted({pair[1] for pair in part})}
        for row in connection.execute(statement, ends):
            yield row.parent, row.child, row.details_owner


@cache
def _by_ends(table: Table) -> Select[Any]:
    return select(table.c.parent, table.c.child, table.c.details_owner).where(
        table.c.parent.in_(bindparam("parents", expanding=True)),
        table.c.child.in_(bindparam("children", expanding=True)),
    )


def _double(class_name: str, parent: int, child: int, owner: int | None) -> omero.ValidationException:
    return errors.validation(
        f"ConstraintViolationException: Experimenter:{owner} has a {class_name} from {parent} to {child} already"
    )
