"""Folders and files of a repository: what is registered, making and listing it."""

from __future__ import annotations

import mimetypes
from typing import TYPE_CHECKING

from omero_embedded import errors
from omero_embedded.files import rows
from omero_embedded.files.naming import Parts, file_text
from omero_embedded.files.rows import DIRECTORY, TABLE, FileRow, NewFile
from omero_embedded.security.directory import ROOT_USER, USER_GROUP

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from omero_embedded.files.repositories import Repository
    from omero_embedded.security.context import Call

_CHUNK = 200
OCTETS = "application/octet-stream"
LOG_MIMETYPE = "application/omero-log-file"
_MORE_TYPES = {
    ".tif": "image/tiff",
    ".py": "text/x-python",
    ".csv": "text/csv",
    ".log": "text/plain",
    ".h5": OCTETS,
}


def guess_mimetype(name: str) -> str:
    """The best guess for a file name, `application/octet-stream` if there is none."""
    suffix = "." + name.rpartition(".")[2].lower()
    return _MORE_TYPES.get(suffix) or mimetypes.guess_type(name)[0] or OCTETS


def find(connection: Connection, repository: Repository, parts: Parts) -> FileRow | None:
    """The row of a path."""
    return rows.at_path(connection, repository.uuid, parts[:-1], parts[-1]) if parts else None


def ensure_folders(
    connection: Connection, call: Call, repository: Repository, parts: Parts, root_owned: int = 0
) -> None:
    """Register the folder and those above it; the first `root_owned` levels belong to root.

    They are made on disk by `make_on_disk` once that is committed: a folder that the store knows nothing of would be
    left behind when the server is killed in between.

    Raises omero.SecurityViolation where a folder belongs to somebody else whose things the caller cannot change.
    """
    rows.create(connection, call, missing_folders(connection, call, repository, [parts], root_owned))


def missing_folders(
    connection: Connection, call: Call, repository: Repository, folders: Iterable[Parts], root_owned: int = 0
) -> list[NewFile]:
    """Those of the folders, and of the ones above them, that are not registered, parents first.

    The first `root_owned` levels belong to root. Raises omero.SecurityViolation where a folder belongs to somebody else
    whose things the caller cannot change.
    """
    paths = sorted({parts[:depth] for parts in folders for depth in range(1, len(parts) + 1)}, key=len)
    known = _known(connection, repository, paths)
    missing: list[NewFile] = []
    for path in paths:
        depth = len(path)
        row = known.get(path)
        if row is not None:
            _check_folder(call, row, path, is_shared=depth <= root_owned)
            continue
        owner, group = (ROOT_USER, USER_GROUP) if depth <= root_owned else (None, None)
        missing.append(NewFile(path[:-1], path[-1], repository.uuid, DIRECTORY, owner=owner, group=group))
    return missing


def _known(connection: Connection, repository: Repository, paths: Sequence[Parts]) -> dict[Parts, FileRow]:
    """Rows by path, of these paths and perhaps some near them."""
    found: dict[Parts, FileRow] = {}
    for start in range(0, len(paths), _CHUNK):
        part = paths[start : start + _CHUNK]
        folders = {rows.stored_folder(repository.uuid, path[:-1]) for path in part}
        near = rows.named(connection, repository.uuid, folders, {path[-1] for path in part})
        found |= {(*_folder_parts(row), row.name): row for row in near}
    return found


def make_on_disk(repository: Repository, parts: Parts) -> None:
    """Make a registered folder and those above it."""
    repository.root.joinpath(*parts).mkdir(parents=True, exist_ok=True)


def _folder_parts(row: FileRow) -> Parts:
    return tuple(part for part in row.folder.split("/") if part)


def _check_folder(call: Call, row: FileRow, path: Parts, *, is_shared: bool) -> None:
    if row.mimetype != DIRECTORY:
        raise errors.validation(f"{file_text(path)} is a file, not a folder")
    if not is_shared and not row.rights(call).edit and row.owner != ROOT_USER:
        raise errors.security(f"{call.caller.user_name} cannot write to the folder {file_text(path)}")


def listing(connection: Connection, call: Call, repository: Repository, parts: Parts) -> list[FileRow]:
    """What is registered in a folder and the caller can see."""
    return rows.visible_rows(
        connection,
        call,
        TABLE.c.repo == repository.uuid,
        TABLE.c.path == rows.stored_folder(repository.uuid, parts),
        TABLE.c.id != repository.description,
    )


def below(connection: Connection, call: Call, repository: Repository, parts: Parts) -> list[FileRow]:
    """What is registered anywhere below a folder and the caller can see."""
    prefix = rows.stored_folder(repository.uuid, parts) if parts else ""
    return rows.visible_rows(
        connection,
        call,
        TABLE.c.repo == repository.uuid,
        TABLE.c.path.startswith(prefix, autoescape=True),
        TABLE.c.id != repository.description,
    )


def names_in(repository: Repository, parts: Parts) -> list[str]:
    """Names on disk in a folder of the repository; none if it does not exist."""
    folder = repository.root.joinpath(*parts)
    return [entry.name for entry in folder.iterdir()] if folder.is_dir() else []
