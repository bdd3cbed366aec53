"""The tables of the store, derived from the model.

Classes that share a root ancestor (annotations, shapes, jobs, light sources …) share one table with a `discriminator`
column: clients query them through the base class all the time, and one table makes that one scan. Sub-class columns
carry the class name so that fields of the same name and different types do not meet.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Alias,
    BigInteger,
    Boolean,
    Column,
    Float,
    FromClause,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)

from omero_embedded.model.schema import SCHEMA, Field, ModelClass

METADATA = MetaData()
ID = BigInteger().with_variant(Integer, "sqlite")
DOUBLE = Float(53)

_TYPES: dict[str, Any] = {
    "int": Integer,
    "long": BigInteger,
    "float": DOUBLE,
    "double": DOUBLE,
    "bool": Boolean,
    "string": Text,
    "time": BigInteger,
    "bytes": LargeBinary,
    "strings": Text,
    "entity": BigInteger,
}
DETAIL_COLUMNS = ("details_owner", "details_group", "details_creation", "details_update")


def table_of(class_name: str) -> Table:
    """The table that holds rows of the class (shared by all classes below one root)."""
    return TABLES[SCHEMA[class_name].root]


def map_table(class_name: str, field: str) -> Table:
    """The table of a map field: owner_id, position, name, value."""
    return MAP_TABLES[SCHEMA[class_name].fields[field].declared_in, field]


def index_column(inverse: str) -> str:
    """The column of an element that holds its place in the ordered collection behind its field `inverse`."""
    return f"{inverse}_index".lower()


def _family(root: ModelClass) -> list[ModelClass]:
    return [root, *(SCHEMA[name] for name in root.subclasses)]


def _table(root: ModelClass) -> Table:
    columns: dict[str, Column[Any]] = {"id": Column("id", ID, primary_key=True, autoincrement=True)}
    if root.subclasses:
        columns["discriminator"] = Column("discriminator", Text, nullable=False)
    if any(cls.is_mutable for cls in _family(root)):
        columns["version"] = Column("version", Integer, nullable=False, default=0, server_default="0")
    if not root.is_global:
        columns |= {name: Column(name, BigInteger, nullable=False) for name in DETAIL_COLUMNS}
    columns["details_external"] = Column("details_external", BigInteger)
    for cls in _family(root):
        for field in cls.fields.values():
            if field.declared_in == cls.name:
                columns |= {column.name: column for column in _columns(field)}
    columns |= {name: Column(name, Integer) for name in _index_columns(root)}
    if root.name == "ExperimenterGroup":
        columns["permissions"] = Column("permissions", BigInteger, nullable=False)
    return Table(
        root.name.lower(), METADATA, *columns.values(), *_indexes(root, columns), sqlite_autoincrement=True
    )


def _columns(field: Field) -> list[Column[Any]]:
    if field.kind == "map":
        return []
    if field.kind == "unit":
        return [Column(field.column, DOUBLE), Column(f"{field.column}_unit", Text)]
    return [Column(field.column, _TYPES[field.kind])]


def _index_columns(root: ModelClass) -> set[str]:
    members = {cls.name for cls in _family(root)}
    return {
        index_column(collection.inverse)
        for cls in SCHEMA.values()
        for collection in cls.collections.values()
        if collection.ordered and collection.element in members
    }


def _indexes(root: ModelClass, columns: dict[str, Column[Any]]) -> list[Index]:
    """An index per reference, and the two that trees and sums need: by group and owner, by name."""
    references = {
        field.column for cls in _family(root) for field in cls.fields.values() if field.kind == "entity"
    }
    indexed = [[name] for name in sorted(references)]
    if root.is_link:
        indexed += [["parent", "child"]]
    if not root.is_global:
        indexed += [["details_group", "details_owner"], ["details_update"], ["details_creation"]]
    indexed += [[name] for name in ("uuid", "hash", "omename", "ns") if name in columns]
    if "name" in columns:
        indexed += (
            [["name"]]
            if root.name in ("Image", "Dataset", "Project", "OriginalFile", "ExperimenterGroup")
            else []
        )
    return [
        Index(f"ix_{root.name.lower()}_{'_'.join(names)}", *(columns[name] for name in names))
        for names in indexed
    ]


TABLES: dict[str, Table] = {cls.name: _table(cls) for cls in SCHEMA.values() if cls.parent is None}

_ROOTS = {id(table): root for root, table in TABLES.items()}


def root_of(table: FromClause) -> str:
    """The class that a table of TABLES, or an alias of it, holds the rows of."""
    return _ROOTS[id(table.element if isinstance(table, Alias) else table)]


MAP_TABLES: dict[tuple[str, str], Table] = {
    (cls.name, field.name): Table(
        f"{cls.name}_{field.name}".lower(),
        METADATA,
        Column("owner_id", BigInteger, primary_key=True, autoincrement=False),
        Column("position", Integer, primary_key=True, autoincrement=False),
        Column("name", Text),
        Column("value", Text),
        Index(f"ix_{cls.name}_{field.name}_name".lower(), "name"),
    )
    for cls in SCHEMA.values()
    for field in cls.fields.values()
    if field.kind == "map" and field.declared_in == cls.name
}

# Salted hashes (security/passwords.py); an experimenter without a row cannot log in with a password.
PASSWORD = Table(
    "password",
    METADATA,
    Column("experimenter_id", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", Text, nullable=False),
)

# What a share shows, in the order it was added; `root` is the class that the object's table is named after.
SHARE_ITEM = Table(
    "share_item",
    METADATA,
    Column("share_id", BigInteger, primary_key=True, autoincrement=False),
    Column("root", Text, primary_key=True),
    Column("object_id", BigInteger, primary_key=True, autoincrement=False),
    Column("class_name", Text, nullable=False),
    Column("position", Integer, nullable=False),
)

# People without an account whom the owner of a share has written down.
SHARE_GUEST = Table(
    "share_guest",
    METADATA,
    Column("share_id", BigInteger, primary_key=True, autoincrement=False),
    Column("email", Text, primary_key=True),
)

# Who has activated a share.
SHARE_USE = Table(
    "share_use",
    METADATA,
    Column("share_id", BigInteger, primary_key=True, autoincrement=False),
    Column("experimenter_id", BigInteger, primary_key=True, autoincrement=False),
)

# Tables that stores made by earlier versions of this layout do not have yet.
ADDED_TABLES = (SHARE_ITEM, SHARE_GUEST, SHARE_USE)

# What made this store: the layout's version and what later starts must agree on.
STORE = Table("store", METADATA, Column("key", Text, primary_key=True), Column("value", Text, nullable=False))
