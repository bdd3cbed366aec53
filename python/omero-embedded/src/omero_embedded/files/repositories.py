"""The repositories of this server: imported files, official scripts, and the data folder as a whole."""

from __future__ import annotations

import threading
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from sqlalchemy import insert, update

from omero_embedded.files import places
from omero_embedded.files.rows import SCRIPT_REPOSITORY, TABLE, FileRow, first_event, select_rows
from omero_embedded.security.directory import ROOT_USER, USER_GROUP
from omero_embedded.updates.ids import allocate

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

    from omero_embedded.server import Server

REPOSITORY = "Repository"


@dataclass(frozen=True, slots=True)
class Repository:
    """One repository: `uuid` is what OriginalFile.repo holds, `description` the id of the row that describes it."""

    uuid: str
    root: Path
    description: int
    managed: bool = False


@dataclass(frozen=True, slots=True)
class Repositories:
    """The three repositories that OMERO.server lists."""

    scripts: Repository
    managed: Repository
    public: Repository

    def all(self) -> tuple[Repository, ...]:
        """In the order of their descriptions."""
        return (self.scripts, self.managed, self.public)

    def by_uuid(self, wanted: str) -> Repository | None:
        """The repository with this uuid."""
        return next((repository for repository in self.all() if repository.uuid == wanted), None)


_open: WeakKeyDictionary[Server, Repositories] = WeakKeyDictionary()
_lock = threading.Lock()


def repositories_of(server: Server) -> Repositories:
    """The server's repositories; their folders and descriptions are made on first use."""
    with _lock:
        found = _open.get(server)
        if found is None:
            found = _open[server] = _prepare(server)
        return found


def _prepare(server: Server) -> Repositories:
    data = server.data.resolve()
    roots = {
        "scripts": data / "scripts",
        "managed": data.joinpath(server.config.get("omero.managed.dir", "ManagedRepository")),
        "public": data,
    }
    for root in roots.values():
        root.mkdir(parents=True, exist_ok=True)
    with server.db.write() as connection:
        places.prepare(connection)
        known = select_rows(connection, TABLE.c.mimetype == REPOSITORY)
        repositories = Repositories(
            scripts=_describe(connection, known, roots["scripts"], SCRIPT_REPOSITORY),
            managed=_describe(connection, known, roots["managed"], str(uuid.uuid4()), managed=True),
            public=_describe(connection, known, roots["public"], str(uuid.uuid4())),
        )
    server.forget_directory()
    keeper = places.Places(server.db, server.data, {found.uuid: found.root for found in repositories.all()})
    keeper.sweep()
    server.after_delete.append(keeper.deleted)
    return repositories


def _describe(
    connection: Connection, known: list[FileRow], root: Path, key: str, *, managed: bool = False
) -> Repository:
    """The repository at `root`; its row follows the data folder when that was moved."""
    kind = "scripts" if key == SCRIPT_REPOSITORY else "managed" if managed else "public"
    row = next((row for row in known if _kind(row) == kind), None)
    folder = f"{root.parent}/".replace("//", "/")
    if row is not None:
        if (row.folder, row.name) != (folder, root.name):
            connection.execute(update(TABLE).where(TABLE.c.id == row.id).values(path=folder, name=root.name))
        return Repository(str(row.hash), root, row.id, managed)
    event = first_event(connection)
    made = allocate(connection, TABLE, 1)[0]
    values = {
        "id": made,
        "path": folder,
        "name": root.name,
        "repo": None if kind == "public" else key,
        "hash": key,
        "mimetype": REPOSITORY,
        "version": 0,
        "details_owner": ROOT_USER,
        "details_group": USER_GROUP,
        "details_creation": event,
        "details_update": event,
    }
    connection.execute(insert(TABLE).values(values))
    return Repository(key, root, made, managed)


def _kind(row: FileRow) -> str:
    if row.hash == SCRIPT_REPOSITORY:
        return "scripts"
    return "managed" if row.repo == row.hash else "public"
