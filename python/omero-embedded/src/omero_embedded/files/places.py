"""Where files of repositories lie on disk, remembered beyond the deletion of their rows.

A deletion is told by id after it is committed, when the path is gone from the row. Places outlive rows, so bytes are
removed even if the server was killed in between: `sweep` does at the next start what was left undone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, Boolean, Column, MetaData, Table, Text, delete, select

from omero_embedded.files.layout import by_id
from omero_embedded.files.naming import parts_of
from omero_embedded.store.statements import insert_into
from omero_embedded.store.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from sqlalchemy import Connection, Row

    from omero_embedded.store.database import Database

PLACE = Table(
    "fileplace",
    MetaData(),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("repo", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("folder", Boolean, nullable=False),
)
_CHUNK = 500


def prepare(connection: Connection) -> None:
    """Make the table if it is not there."""
    PLACE.create(connection, checkfirst=True)


def remember(connection: Connection, places: Sequence[tuple[int, str, str, bool]]) -> None:
    """Keep (file id, repository, path, is a folder)."""
    if places:
        rows = [dict(zip(("id", "repo", "path", "folder"), place, strict=True)) for place in places]
        connection.execute(insert_into(PLACE), rows)


class Places:
    """Removes the bytes of deleted files; `roots` are the repositories' folders by uuid."""

    def __init__(self, db: Database, data: Path, roots: Mapping[str, Path]) -> None:
        self._db = db
        self._data = data
        self._roots = roots

    def deleted(self, class_name: str, ids: list[int]) -> None:
        """These objects were deleted, and the deletion is committed."""
        if class_name == "OriginalFile":
            self.remove(ids)

    def remove(self, ids: Sequence[int]) -> None:
        """Remove the bytes of these files; folders only if they are empty."""
        with self._db.read() as connection:
            chosen = (select(PLACE).where(PLACE.c.id.in_(chunk)) for chunk in _chunks(ids))
            places = [row for statement in chosen for row in connection.execute(statement)]
        known = {row.id for row in places}
        for file_id in ids:
            if file_id not in known:
                by_id(self._data, file_id).unlink(missing_ok=True)
        self._remove(places)

    def sweep(self) -> None:
        """Remove the bytes of files whose rows are gone."""
        files = TABLES["OriginalFile"]
        with self._db.read() as connection:
            gone = select(PLACE).where(~select(files.c.id).where(files.c.id == PLACE.c.id).exists())
            places = list(connection.execute(gone))
        self._remove(places)

    def _remove(self, places: Sequence[Row[tuple[int, str, str, bool]]]) -> None:
        for row in sorted(places, key=lambda row: str(row.path).count("/"), reverse=True):
            root = self._roots.get(row.repo)
            if root is not None:
                _remove_path(root.joinpath(*parts_of(row.path)), is_folder=row.folder)
        if places:
            with self._db.write() as connection:
                for chunk in _chunks([row.id for row in places]):
                    connection.execute(delete(PLACE).where(PLACE.c.id.in_(chunk)))


def _remove_path(path: Path, *, is_folder: bool) -> None:
    """What is gone already is no error; a folder with other content stays, as with OMERO.server."""
    try:
        path.rmdir() if is_folder else path.unlink(missing_ok=True)
    except OSError:
        return


def _chunks(ids: Sequence[int]) -> Iterable[list[int]]:
    return (list(ids[start : start + _CHUNK]) for start in range(0, len(ids), _CHUNK))
