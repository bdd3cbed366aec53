"""OriginalFile rows: finding them as a caller may, making and updating them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, func, insert, select, update

from omero_embedded import errors
from omero_embedded.files import places
from omero_embedded.files.naming import Parts, file_text, folder_text
from omero_embedded.security.filters import visible
from omero_embedded.security.permissions import FileKind, rights_on
from omero_embedded.store.statements import id_by_value, insert_into
from omero_embedded.store.tables import TABLES
from omero_embedded.updates.events import log, new_event
from omero_embedded.updates.ids import allocate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection, Select

    from omero_embedded.security.context import Call
    from omero_embedded.security.permissions import Rights

TABLE = TABLES["OriginalFile"]
DIRECTORY = "Directory"
SCRIPT_REPOSITORY = "ScriptRepo"


@dataclass(frozen=True, slots=True)
class FileRow:
    """What the store knows of one original file; `folder` ends in a slash, `repo` is None outside repositories."""

    id: int
    folder: str
    name: str
    repo: str | None
    size: int | None
    hash: str | None
    hasher: int | None
    mimetype: str | None
    owner: int
    group: int

    def rights(self, call: Call) -> Rights:
        """What the caller may do with it."""
        kind = FileKind(self.mimetype == DIRECTORY, self.repo)
        return rights_on(call.caller, "OriginalFile", self.owner, self.group, kind)


_COLUMNS = (
    TABLE.c.id,
    TABLE.c.path,
    TABLE.c.name,
    TABLE.c.repo,
    TABLE.c.size,
    TABLE.c.hash,
    TABLE.c.hasher,
    TABLE.c.mimetype,
    TABLE.c.details_owner,
    TABLE.c.details_group,
)


@dataclass(frozen=True, slots=True)
class NewFile:
    """A row to be made."""

    folder: Parts
    name: str
    repo: str | None
    mimetype: str | None
    size: int | None = None
    hash: str | None = None
    hasher: int | None = None
    owner: int | None = None
    group: int | None = None


def stored_folder(repo: str | None, folder: Parts) -> str:
    """A folder as rows have it; official scripts are the ones whose folders begin with a slash."""
    return f"/{folder_text(folder).removeprefix('/')}" if repo == SCRIPT_REPOSITORY else folder_text(folder)


def select_rows(connection: Connection, *conditions: ColumnElement[bool]) -> list[FileRow]:
    """Rows that meet all conditions, by id."""
    query = select(*_COLUMNS).where(and_(True, *conditions)).order_by(TABLE.c.id)
    return [FileRow(*tuple(row)) for row in connection.execute(query)]


def visible_rows(connection: Connection, call: Call, *conditions: ColumnElement[bool]) -> list[FileRow]:
    """Rows that meet all conditions and that the caller can see."""
    seen = visible(call, TABLE)
    return select_rows(connection, *conditions, *([] if seen is None else [seen]))


def find(connection: Connection, call: Call, file_id: int) -> FileRow:
    """The row of a file, whatever group the caller works in.

    Raises omero.ValidationException if there is none, omero.SecurityViolation if the caller cannot see it.
    """
    found = select_rows(connection, TABLE.c.id == file_id)
    if not found:
        raise errors.validation(f"OriginalFile:{file_id} does not exist")
    if not found[0].rights(call).see:
        raise errors.security(f"{call.caller.user_name} cannot read OriginalFile:{file_id}")
    return found[0]


def at_path(connection: Connection, repo: str, folder: Parts, name: str) -> FileRow | None:
    """The row of a path in a repository."""
    found = named(connection, repo, [stored_folder(repo, folder)], [name])
    return found[0] if found else None


def named(connection: Connection, repo: str, folders: Iterable[str], names: Iterable[str]) -> list[FileRow]:
    """Rows in any of the folders of a repository that have any of the names, by id."""
    wanted = {"repo": repo, "folders": list(folders), "names": list(names)}
    return [FileRow(*tuple(row)) for row in connection.execute(_named(), wanted)]


@cache
def _named() -> Select[Any]:
    """The statement, built once: building it takes longer than running it."""
    return (
        select(*_COLUMNS)
        .where(
            TABLE.c.repo == bindparam("repo"),
            TABLE.c.path.in_(bindparam("folders", expanding=True)),
            TABLE.c.name.in_(bindparam("names", expanding=True)),
        )
        .order_by(TABLE.c.id)
    )


def create(
    connection: Connection, call: Call, files: Sequence[NewFile], event: int | None = None
) -> list[int]:
    """Make rows in one event; returns their ids. The owner is the caller and the group the current one unless given."""
    if not files:
        return []
    event = new_event(connection, call) if event is None else event
    ids = insert_rows(connection, event, files, call.caller.user_id, call.write_group)
    log(connection, event, [("INSERT", "OriginalFile", file_id) for file_id in ids])
    return ids


def insert_rows(
    connection: Connection, event: int, files: Sequence[NewFile], owner: int, group: int
) -> list[int]:
    """Make rows; `owner` and `group` are for the files that name none."""
    ids = allocate(connection, TABLE, len(files))
    now = time.time_ns() // 1_000_000
    rows = [
        {
            "id": file_id,
            "path": stored_folder(file.repo, file.folder),
            "name": file.name,
            "repo": file.repo,
            "mimetype": file.mimetype,
            "size": file.size,
            "hash": file.hash,
            "hasher": file.hasher,
            "mtime": now,
            "version": 0,
            "details_owner": owner if file.owner is None else file.owner,
            "details_group": group if file.group is None else file.group,
            "details_creation": event,
            "details_update": event,
        }
        for file_id, file in zip(ids, files, strict=True)
    ]
    connection.execute(insert_into(TABLE), rows)
    places.remember(
        connection,
        [
            (file_id, file.repo, file_text((*file.folder, file.name)), file.mimetype == DIRECTORY)
            for file_id, file in zip(ids, files, strict=True)
            if file.repo is not None
        ],
    )
    return ids


def first_event(connection: Connection) -> int:
    """The event of the store's own creation, for rows that nobody asked for."""
    return int(connection.scalar(select(func.min(TABLES["Event"].c.id))) or 0)


def change(connection: Connection, call: Call, file_id: int, values: Mapping[str, Any]) -> None:
    """Update columns of a row, as an event of the caller."""
    event = new_event(connection, call)
    statement = update(TABLE).where(TABLE.c.id == file_id)
    connection.execute(statement.values(**values, details_update=event, version=TABLE.c.version + 1))
    log(connection, event, [("UPDATE", "OriginalFile", file_id)])


def hasher_id(connection: Connection, algorithm: str) -> int:
    """The id of a checksum algorithm's enumeration value."""
    return enum_id(connection, "ChecksumAlgorithm", algorithm)


def hasher_name(connection: Connection, hasher: int | None) -> str | None:
    """The checksum algorithm of an id."""
    table = TABLES["ChecksumAlgorithm"]
    return None if hasher is None else connection.scalar(select(table.c.value).where(table.c.id == hasher))


def enum_id(connection: Connection, class_name: str, value: str) -> int:
    """The id of an enumeration value; made if the store lacks it, so that imports can bring new values."""
    table = TABLES[class_name]
    found = connection.scalar(id_by_value(table), {"wanted": value})
    if found is not None:
        return int(found)
    made = allocate(connection, table, 1)[0]
    connection.execute(insert(table).values(id=made, value=value))
    return made
