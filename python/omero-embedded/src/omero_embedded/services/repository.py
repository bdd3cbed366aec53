"""Repositories as clients see them: their folders and files, and imports into the managed one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero
import omero.all
import omero.cmd
import omero.grid
from omero.rtypes import rlong, rmap, rstring

from omero_embedded import errors
from omero_embedded.files import checksums, rows, tree
from omero_embedded.files.layout import path_of
from omero_embedded.files.load import original_file, original_files
from omero_embedded.files.naming import Parts, file_text, folder_text, parts_of
from omero_embedded.files.repositories import Repository, repositories_of
from omero_embedded.importer import filesets
from omero_embedded.importer.process import ImportProcess
from omero_embedded.importer.recovery import take_back_unfinished
from omero_embedded.importer.run import register_opener
from omero_embedded.services.importprocess import ImportProcessServant
from omero_embedded.services.rawfile import RawFileStore

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sqlalchemy import Connection

    from omero_embedded.files.rows import FileRow
    from omero_embedded.security.context import Call
    from omero_embedded.server import Server

# What file systems take.
_NAME_BYTES = 255


class RepositoryServant:
    """Any repository: scripts, or the data folder."""

    def __init__(self, server: Server, repository: Repository) -> None:
        self._server = server
        self._repository = repository

    def root(self, call: Call) -> Any:
        """The OriginalFile that describes the repository."""
        return original_file(call, self._repository.description)

    def mimetype(self, call: Call, path: str) -> str:
        """The best guess for a path."""
        with call.db.read() as connection:
            row = tree.find(connection, self._repository, parts_of(path))
        return (row.mimetype if row is not None else None) or tree.guess_mimetype(path)

    def list(self, call: Call, path: str) -> list[str]:
        """Paths of what is in a folder, below the repository's root."""
        return [row.folder.removeprefix("/") + row.name for row in self._listing(call, path)]

    def listFiles(self, call: Call, path: str) -> Any:
        """What is in a folder, as OriginalFiles."""
        return original_files(call, [row.id for row in self._listing(call, path)])

    def _listing(self, call: Call, path: str) -> Sequence[FileRow]:
        parts = parts_of(path)
        with call.db.read() as connection:
            if parts:
                self._visible(connection, call, parts)
            return tree.listing(connection, call, self._repository, parts)

    def treeList(self, call: Call, path: str) -> Any:
        """Everything below a path as nested maps: id, mimetype, size, and files for folders."""
        parts = parts_of(path)
        with call.db.read() as connection:
            inside = tree.below(connection, call, self._repository, parts)
            top = (
                [self._visible(connection, call, parts)]
                if parts
                else [row for row in inside if row.folder == "/"]
            )
        return rmap({f"/{file_text(_parts(row))}": _branch(row, inside) for row in top})

    def register(self, call: Call, path: str, mimetype: Any) -> Any:
        """The OriginalFile of a file that is on disk already, made if there is none."""
        parts = _named(path)
        target = self._repository.root.joinpath(*parts)
        if not target.exists():
            raise errors.resource(f"{path} does not exist in the repository")
        with call.db.write() as connection:
            known = tree.find(connection, self._repository, parts)
            if known is not None and not known.rights(call).see:
                raise errors.security(f"{call.caller.user_name} cannot read {path}")
            if known is not None:
                return original_file(call, known.id)
            self._check_may_add(connection, call, parts)
            kind = mimetype.getValue() if mimetype is not None else _kind_of(target)
            made = self._new_row(parts, kind)
            if target.is_file():
                digest = checksums.of_file(checksums.SHA1, target)
                made = self._new_row(parts, kind, target.stat().st_size, digest, connection)
            (file_id,) = rows.create(connection, call, [made])
        return original_file(call, file_id)

    def file(self, call: Call, path: str, mode: str) -> Any:
        """A RawFileStore for a path: `r` to read a registered file, `rw` to write one, made if it is new."""
        if mode not in ("r", "rw"):
            raise errors.api_usage(f"mode {mode!r}: r and rw are supported")
        parts = _named(path)
        with call.db.write() as connection:
            row = tree.find(connection, self._repository, parts)
            if row is None and mode == "r":
                raise errors.validation(f"{path} is not registered in the repository")
            if row is not None and mode == "rw" and not row.rights(call).edit:
                raise errors.security(f"{call.caller.user_name} cannot write to {path}")
            if row is None:
                self._check_may_add(connection, call, parts)
                self._check_unused(parts)
                (file_id,) = rows.create(connection, call, [self._new_row(parts, tree.guess_mimetype(path))])
            else:
                file_id = row.id
        store = RawFileStore(self._server, call.session)
        store.open(call, file_id, writable=mode == "rw")
        if row is None:
            store.touch(call)
        return self._server.serve(call, RawFileStore.interface, store)

    def fileById(self, call: Call, id: int) -> Any:  # noqa: A002 - Slice name
        """A RawFileStore for reading."""
        store = RawFileStore(self._server, call.session)
        store.open(call, id, writable=False)
        return self._server.serve(call, RawFileStore.interface, store)

    def fileExists(self, call: Call, path: str) -> bool:
        """Whether the path is registered and the caller can see it."""
        parts = parts_of(path)
        if not parts:
            return True
        with call.db.read() as connection:
            row = tree.find(connection, self._repository, parts)
            return row is not None and row.rights(call).see

    def makeDir(self, call: Call, path: str, parents: bool) -> None:
        """Make a folder, with `parents` those above it too."""
        parts = _named(path)
        with call.db.write() as connection:
            known = tree.find(connection, self._repository, parts)
            if known is not None:
                if not parents:
                    raise errors.validation(f"{path} exists already")
                return
            shared = self._shared_levels(connection, call, parts)
            self._check_may_add(connection, call, parts, nearest=parents, shared=shared)
            tree.ensure_folders(connection, call, self._repository, parts, shared)
        tree.make_on_disk(self._repository, parts)

    def deletePaths(self, call: Call, paths: Sequence[str], recursively: bool, force: bool) -> Any:
        """Delete files and folders; the handle tells how it went."""
        ids: list[int] = []
        with call.db.read() as connection:
            for path in paths:
                parts = _named(path)
                row = self._visible(connection, call, parts)
                inside = (
                    tree.below(connection, call, self._repository, parts)
                    if row.mimetype == rows.DIRECTORY
                    else []
                )
                if inside and not recursively:
                    raise errors.validation(f"{path} is not empty; delete recursively")
                ids += [found.id for found in sorted(inside, key=lambda found: -len(found.folder))] + [row.id]
        del force
        request = omero.cmd.Delete2(targetObjects={"OriginalFile": ids}, childOptions=[], dryRun=False)
        return self._server.service("omero.api.ServiceFactory").submit(call, request)

    def _check_unused(self, parts: Parts) -> None:
        """Raise UnregisteredFileException where a file is on disk that the repository does not know."""
        target = self._repository.root.joinpath(*parts)
        if target.exists():
            found = omero.model.OriginalFileI()
            found.path, found.name = rstring(folder_text(parts[:-1])), rstring(parts[-1])
            found.mimetype = rstring(_kind_of(target))
            found.size = rlong(target.stat().st_size) if target.is_file() else None
            raise omero.grid.UnregisteredFileException(
                None, "omero.grid.UnregisteredFileException", f"{file_text(parts)} is not registered", found
            )

    def _shared_levels(self, _connection: Connection, _call: Call, _parts: Parts) -> int:
        """How many levels of a path are those below which everybody makes folders of their own."""
        return 0

    def _visible(self, connection: Connection, call: Call, parts: Parts) -> FileRow:
        row = tree.find(connection, self._repository, parts)
        if row is None or not row.rights(call).see:
            raise errors.validation(f"{file_text(parts)} is not registered in the repository, or not visible")
        return row

    def _check_may_add(
        self, connection: Connection, call: Call, parts: Parts, *, nearest: bool = False, shared: int = 0
    ) -> None:
        """Things go below folders that the caller may change; at the top only administrators add.

        The first `shared` levels are open to the caller whoever they belong to.
        """
        for depth in range(len(parts) - 1, 0, -1):
            folder = tree.find(connection, self._repository, parts[:depth])
            if folder is None and nearest:
                continue
            if folder is None:
                raise errors.validation(
                    f"the folder {folder_text(parts[:depth])} does not exist in the repository"
                )
            if depth > shared and not folder.rights(call).edit:
                raise errors.security(f"{call.caller.user_name} cannot write to {folder_text(parts[:depth])}")
            return
        if not (call.caller.is_admin or shared):
            raise errors.security("only administrators may write at the top of a repository")

    def _new_row(
        self,
        parts: Parts,
        mimetype: str,
        size: int | None = None,
        digest: str | None = None,
        connection: Connection | None = None,
    ) -> rows.NewFile:
        hasher = None if connection is None else rows.hasher_id(connection, checksums.SHA1)
        return rows.NewFile(parts[:-1], parts[-1], self._repository.uuid, mimetype, size, digest, hasher)


class ManagedRepository(RepositoryServant):
    """The repository that files are imported into."""

    interface = "omero.grid.ManagedRepository"

    def __init__(self, server: Server) -> None:
        super().__init__(server, repositories_of(server).managed)
        register_opener(server, self._repository)
        take_back_unfinished(server, self._repository)

    def _algorithms(self) -> tuple[str, ...]:
        return checksums.supported(self._server.config.get("omero.checksum.supported") or None)

    def importFileset(self, call: Call, fs: Any, settings: Any) -> Any:
        """Begin an import: choose a folder, make the rows; the process takes the files."""
        if fs is None or settings is None:
            raise errors.api_usage("importFileset takes a Fileset and ImportSettings")
        algorithm = self._algorithm(settings)
        if call.group < 0:
            raise errors.api_usage("an import needs one group; omero.group is -1")
        prepared = filesets.prepare(call, self._repository, fs, algorithm)
        process = ImportProcess(call, self._repository, prepared, settings, algorithm)
        servant = ImportProcessServant(self._server, process)
        servant.proxy = self._server.serve(call, "omero.grid.ImportProcess", servant)
        return servant.proxy

    def importPaths(self, call: Call, filePaths: Sequence[str]) -> Any:
        """Begin an import of these files with default settings."""
        fileset = omero.model.FilesetI()
        for path in filePaths or ():
            entry = omero.model.FilesetEntryI()
            entry.setClientPath(rstring(path))
            fileset.addFilesetEntry(entry)
        return self.importFileset(call, fileset, omero.grid.ImportSettings())

    def _shared_levels(self, connection: Connection, call: Call, parts: Parts) -> int:
        """People make the folder that their imports go into, and folders in it, before the first import does."""
        own = filesets.root_owned_folder(connection, call, self._repository)
        depth = min(len(own), len(parts))
        return depth if parts[:depth] == own[:depth] else 0

    def _algorithm(self, settings: Any) -> str:
        wanted = settings.checksumAlgorithm
        if wanted is None:
            return self._algorithms()[0]
        if wanted.getValue() is None:
            raise errors.api_usage("ImportSettings.checksumAlgorithm needs its value, e.g. SHA1-160")
        name = str(wanted.getValue().getValue())
        if name not in self._algorithms():
            raise errors.api_usage(
                f"checksum algorithm {name!r} is not among {', '.join(self._algorithms())}"
            )
        return name

    def listImports(self, call: Call) -> list[Any]:
        """The session's imports that are not closed."""
        held = (servant.implementation for servant in call.session.servants.values())
        return [found.proxy for found in held if isinstance(found, ImportProcessServant)]

    def listChecksumAlgorithms(self, call: Call) -> list[Any]:
        """All algorithms, the preferred one first."""
        return [_algorithm_object(call, name) for name in self._algorithms()]

    def suggestChecksumAlgorithm(self, call: Call, supported: Sequence[Any]) -> Any:
        """The preferred one of those that the client has, None if there is none; what has no name is passed over."""
        named = (one for one in supported or () if one is not None and one.isLoaded() and one.getValue())
        offered = {str(one.getValue().getValue()) for one in named}
        name = next((name for name in self._algorithms() if name in offered), None)
        return None if name is None else _algorithm_object(call, name)

    def verifyChecksums(self, call: Call, ids: Sequence[int]) -> list[int]:
        """The files whose bytes do not have the checksum that is stored."""
        return [file_id for file_id in ids if not self._intact(call, file_id)]

    def _intact(self, call: Call, file_id: int) -> bool:
        row, algorithm = self._own(call, file_id)
        if algorithm is None or row.hash is None:
            return True
        path = path_of(self._server.data, repositories_of(self._server), row)
        return path.is_file() and checksums.of_file(algorithm, path) == row.hash

    def _own(self, call: Call, file_id: int) -> tuple[FileRow, str | None]:
        with call.db.read() as connection:
            row = rows.find(connection, call, file_id)
            algorithm = rows.hasher_name(connection, row.hasher)
        if row.repo != self._repository.uuid:
            raise errors.api_usage(f"OriginalFile:{file_id} is not in the managed repository")
        return row, algorithm

    def setChecksumAlgorithm(self, call: Call, hasher: Any, ids: Sequence[int]) -> list[int]:
        """Give files a checksum of another algorithm; the ids of those that had not got it yet."""
        if hasher is None or not hasher.isLoaded() or hasher.getValue() is None:
            raise errors.api_usage("the name of a checksum algorithm is missing")
        wanted = str(hasher.getValue().getValue())
        changed = []
        for file_id in ids:
            row, algorithm = self._own(call, file_id)
            if algorithm == wanted:
                continue
            if not row.rights(call).edit:
                raise errors.security(f"{call.caller.user_name} cannot change OriginalFile:{file_id}")
            if not self._intact(call, file_id):
                raise errors.validation(
                    f"OriginalFile:{file_id} does not have the {algorithm} checksum {row.hash}"
                )
            path = path_of(self._server.data, repositories_of(self._server), row)
            with call.db.write() as connection:
                values = {
                    "hash": checksums.of_file(wanted, path),
                    "hasher": rows.hasher_id(connection, wanted),
                }
                rows.change(connection, call, file_id, values)
            changed.append(file_id)
        return changed


def _algorithm_object(call: Call, name: str) -> Any:
    with call.db.read() as connection:
        made = omero.model.ChecksumAlgorithmI(rows.hasher_id(connection, name), True)
    made.setValue(rstring(name))
    return made


def _kind_of(path: Path) -> str:
    return rows.DIRECTORY if path.is_dir() else tree.guess_mimetype(path.name)


def _named(path: str) -> Parts:
    parts = parts_of(path)
    if not parts:
        raise errors.validation("the root of the repository cannot be used here; name a path below it")
    too_long = next((part for part in parts if len(part.encode()) > _NAME_BYTES), None)
    if too_long is not None:
        raise errors.validation(f"the name {too_long[:20]}… has more than {_NAME_BYTES} bytes")
    return parts


def _parts(row: FileRow) -> Parts:
    return (*(part for part in row.folder.split("/") if part), row.name)


def _branch(row: FileRow, inside: Sequence[FileRow]) -> Any:
    values = {"id": rlong(row.id), "mimetype": rstring(row.mimetype or "")}
    if row.size is not None:
        values["size"] = rlong(row.size)
    if row.mimetype == rows.DIRECTORY:
        folder = folder_text(_parts(row))
        children = {
            f"/{file_text(_parts(found))}": _branch(found, inside)
            for found in inside
            if found.folder == folder
        }
        values["files"] = rmap(children)
    return rmap(values)
