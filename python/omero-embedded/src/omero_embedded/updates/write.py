"""Writing the rows of a save: many at a time, one statement per class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, select, update

from omero_embedded.model.objects import get_field
from omero_embedded.store.statements import insert_into
from omero_embedded.store.tables import map_table
from omero_embedded.updates.ids import allocate_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection, Table

    from omero_embedded.updates.graph import Node


def give_ids(connection: Connection, nodes: Iterable[Node]) -> None:
    """Give every new object the id it will have."""
    by_table: dict[Table, list[Node]] = {}
    for node in nodes:
        by_table.setdefault(node.shape.table, []).append(node)
    if not by_table:
        return
    fresh = allocate_in(connection, {table: len(members) for table, members in by_table.items()})
    for table, members in by_table.items():
        for node, new_id in zip(members, fresh[table], strict=True):
            node.id = new_id


def insert_rows(connection: Connection, rows: Iterable[tuple[Node, dict[str, Any]]]) -> None:
    """Insert new objects."""
    by_class: dict[str, list[tuple[Node, dict[str, Any]]]] = {}
    for node, row in rows:
        by_class.setdefault(node.shape.cls.name, []).append((node, row))
    # Classes that share a table and its columns, as the jobs of an import do, go in one statement.
    by_columns: dict[tuple[Table, frozenset[str]], list[dict[str, Any]]] = {}
    for members in by_class.values():
        shape = members[0][0].shape
        _fill_places(connection, members)
        by_columns.setdefault((shape.table, frozenset(members[0][1])), []).extend(row for _, row in members)
    for (table, _), values in by_columns.items():
        connection.execute(insert_into(table), values)
    for members in by_class.values():
        shape = members[0][0].shape
        for field in shape.maps:
            pairs = [
                {"owner_id": node.id, "position": position, "name": name, "value": value}
                for node, _ in members
                for position, (name, value) in enumerate(get_field(node.instance, field) or ())
            ]
            if pairs:
                connection.execute(insert_into(map_table(shape.cls.name, field.name)), pairs)


def _fill_places(connection: Connection, members: list[tuple[Node, dict[str, Any]]]) -> None:
    """Append elements that came with their owner's id only to the end of the owner's list."""
    table = members[0][0].shape.table
    for column, field in members[0][0].shape.places:
        waiting = [row for _, row in members if row[column] is None and row[field.column] is not None]
        if not waiting:
            continue
        owners = {row[field.column] for row in waiting}
        last = select(table.c[field.column], func.max(table.c[column])).where(
            table.c[field.column].in_(owners)
        )
        ends = {
            owner: end
            for owner, end in connection.execute(last.group_by(table.c[field.column]))
            if end is not None
        }
        for _, row in members:
            if row[column] is not None:
                ends[row[field.column]] = max(ends.get(row[field.column], -1), row[column])
        for row in waiting:
            row[column] = ends[row[field.column]] = ends.get(row[field.column], -1) + 1


def update_rows(connection: Connection, changes: Iterable[tuple[Node, dict[str, Any]]]) -> None:
    """Change known objects; those that change the same columns go in one statement."""
    by_columns: dict[tuple[str, ...], list[tuple[Node, dict[str, Any]]]] = {}
    for node, values in changes:
        if values:
            by_columns.setdefault((node.shape.table.name, *sorted(values)), []).append((node, values))
    for (_, *columns), members in by_columns.items():
        table = members[0][0].shape.table
        values = {column: bindparam(f"new_{column}") for column in columns}
        rows = [
            {"row_id": node.id} | {f"new_{name}": value for name, value in new.items()}
            for node, new in members
        ]
        connection.execute(update(table).where(table.c.id == bindparam("row_id")).values(values), rows)


def changed_maps(connection: Connection, nodes: Iterable[Node]) -> list[tuple[Node, str]]:
    """The map fields of known objects that differ from what is stored; a null map was not sent."""
    changed = []
    for node in nodes:
        for field in node.shape.maps:
            wanted = get_field(node.instance, field)
            if wanted is not None and wanted != stored_map(connection, node, field.name):
                changed.append((node, field.name))
    return changed


def stored_map(connection: Connection, node: Node, field: str) -> list[tuple[str, str]]:
    """The pairs of a map field in the store."""
    table = map_table(node.shape.cls.name, field)
    pairs = select(table.c.name, table.c.value).where(table.c.owner_id == node.id).order_by(table.c.position)
    return [(name, value) for name, value in connection.execute(pairs)]


def replace_map(connection: Connection, node: Node, field: str) -> None:
    """Write a map field anew."""
    table = map_table(node.shape.cls.name, field)
    connection.execute(delete(table).where(table.c.owner_id == node.id))
    pairs = get_field(node.instance, node.shape.cls.fields[field])
    if pairs:
        rows: list[Mapping[str, Any]] = [
            {"owner_id": node.id, "position": position, "name": name, "value": value}
            for position, (name, value) in enumerate(pairs)
        ]
        connection.execute(insert_into(table), rows)
