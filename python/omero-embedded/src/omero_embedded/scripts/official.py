"""Official scripts: files below <data>/scripts, and those that packages bring, known to all users."""

from __future__ import annotations

import importlib.metadata
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import update

from omero_embedded.files import checksums, rows
from omero_embedded.files.rows import SCRIPT_REPOSITORY, TABLE, NewFile
from omero_embedded.pixels.luts import shipped
from omero_embedded.security.directory import ROOT_USER, USER_GROUP

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from omero_embedded.files.naming import Parts
    from omero_embedded.files.repositories import Repository
    from omero_embedded.store.database import Database

PYTHON = "text/x-python"
MIMETYPES = {".py": PYTHON, ".jy": "text/x-jython", ".m": "text/x-matlab", ".lut": "text/x-lut"}
PACKAGE = "omero-scripts"


def mimetype_of(name: str) -> str | None:
    """The kind of script, None for other files."""
    return MIMETYPES.get(Path(name).suffix.lower())


def packaged() -> Iterator[tuple[Parts, bytes]]:
    """The official OME scripts, where their package is installed, and the server's lookup tables."""
    try:
        files = importlib.metadata.files(PACKAGE) or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    for file in files:
        if file.suffix == ".py" and file.name != "__init__.py" and file.parts[0] == "omero":
            path = Path(str(file.locate()))
            if path.is_file():
                yield file.parts, path.read_bytes()
    for name, data in shipped().items():
        yield ("luts", *name.split("/")), data


class OfficialScripts:
    """Keeps the rows of official scripts in step with the folder that administrators put files into."""

    def __init__(self, db: Database, repository: Repository) -> None:
        self._db = db
        self._repository = repository
        self._seen: dict[Parts, tuple[int, int]] = {}
        self._lock = threading.Lock()

    def install(self) -> None:
        """Put packaged scripts into the folder; ones that were edited there stay as they are."""
        for parts, data in packaged():
            path = self._repository.root.joinpath(*parts)
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
        self.refresh()

    def refresh(self) -> None:
        """Register new and changed files; cheap when nothing changed."""
        with self._lock:
            found = dict(self._on_disk())
            changed = [parts for parts, state in found.items() if self._seen.get(parts) != state]
            if changed:
                with self._db.write() as connection:
                    self._register(connection, changed)
            self._seen = found

    def _on_disk(self) -> Iterator[tuple[Parts, tuple[int, int]]]:
        root = self._repository.root
        for path in root.rglob("*"):
            if mimetype_of(path.name) and not path.name.startswith((".", "_")) and path.is_file():
                state = path.stat()
                yield path.relative_to(root).parts, (state.st_mtime_ns, state.st_size)

    def _register(self, connection: Connection, changed: list[Parts]) -> None:
        known = {
            (*(part for part in row.folder.split("/") if part), row.name): row
            for row in rows.select_rows(connection, TABLE.c.repo == SCRIPT_REPOSITORY)
        }
        hasher = rows.hasher_id(connection, checksums.SHA1)
        fresh: list[NewFile] = []
        for parts in changed:
            data = self._repository.root.joinpath(*parts).read_bytes()
            digest = checksums.of_bytes(checksums.SHA1, data)
            row = known.get(parts)
            if row is None:
                kind = mimetype_of(parts[-1])
                fresh.append(
                    NewFile(parts[:-1], parts[-1], SCRIPT_REPOSITORY, kind, len(data), digest, hasher)
                )
            elif row.hash != digest:
                kind = mimetype_of(parts[-1])
                values = {"hash": digest, "size": len(data), "hasher": hasher, "mimetype": kind}
                connection.execute(update(TABLE).where(TABLE.c.id == row.id).values(**values))
        if fresh:
            rows.insert_rows(connection, rows.first_event(connection), fresh, ROOT_USER, USER_GROUP)
