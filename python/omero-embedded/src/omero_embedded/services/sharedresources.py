"""SharedResources: repositories, tables and processors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero
import omero.all
import omero.grid

from omero_embedded import errors
from omero_embedded.files import rows
from omero_embedded.files.layout import path_of
from omero_embedded.files.load import original_files
from omero_embedded.files.naming import parts_of
from omero_embedded.files.repositories import repositories_of
from omero_embedded.scripts import jobs
from omero_embedded.scripts.shared import processor_of
from omero_embedded.services.processes import InteractiveProcessor, Process
from omero_embedded.services.repository import ManagedRepository, RepositoryServant
from omero_embedded.services.tables import Table
from omero_embedded.tables.storage import MIMETYPE, register_columns

if TYPE_CHECKING:
    from omero_embedded.files.repositories import Repository
    from omero_embedded.security.context import Call
    from omero_embedded.server import Server


class SharedResources:
    """One for all sessions."""

    interface = "omero.grid.SharedResources"

    def __init__(self, server: Server) -> None:
        self._server = server

    def repositories(self, call: Call) -> Any:
        """Descriptions and proxies of all repositories."""
        found = repositories_of(self._server).all()
        descriptions = original_files(call, [repository.description for repository in found])
        return omero.grid.RepositoryMap(descriptions, [self._proxy(call, repository) for repository in found])

    def getScriptRepository(self, call: Call) -> Any:
        """The repository of the official scripts."""
        return self._proxy(call, repositories_of(self._server).scripts)

    def areTablesEnabled(self, call: Call) -> bool:
        """Tables are part of this server."""
        return True

    def newTable(self, call: Call, repo_id: int, path: str) -> Any:
        """A new table in a file of this name; the repository makes no difference, as with OMERO.server."""
        parts = parts_of(path)
        if not parts:
            raise errors.api_usage("newTable takes a name for the table's file")
        file = rows.NewFile(parts[:-1], parts[-1], None, MIMETYPE, 0)
        with call.db.write() as connection:
            (file_id,) = rows.create(connection, call, [file])
        return self._table(call, file_id)

    def openTable(self, call: Call, file: Any) -> Any:
        """The table in a file."""
        if file is None or file.getId() is None:
            raise errors.api_usage("openTable takes an OriginalFile with an id")
        return self._table(call, int(file.getId().getValue()))

    def _table(self, call: Call, file_id: int) -> Any:
        with call.db.read() as connection:
            row = rows.find(connection, call, file_id)
        path = path_of(self._server.data, repositories_of(self._server), row)
        if row.size and not path.exists():
            raise errors.resource(f"OriginalFile:{file_id} has no file on disk")
        current: Any = call.connection
        register_columns(current.adapter.getCommunicator())
        return self._server.serve(call, "omero.grid.Table", Table(self._server, call, row, path))

    def acquireProcessor(self, call: Call, job: Any, seconds: int) -> Any:
        """A processor for a job with one script linked; a job without id is submitted."""
        del seconds
        if job is None:
            raise errors.api_usage("acquireProcessor takes a job")
        submitted = job if job.getId() is not None else jobs.submit_job(call, job)
        service: Any = self._server.service("omero.api.IScript")
        script = service.script(call, jobs.script_of(call, int(submitted.getId().getValue())))
        processor = processor_of(self._server)
        acquired = InteractiveProcessor(processor, script, submitted, self._serve_process)
        return self._server.serve(call, "omero.grid.InteractiveProcessor", acquired)

    def _serve_process(self, call: Call, process: Process) -> Any:
        return self._server.serve(call, "omero.grid.Process", process, keep=True)

    def addProcessor(self, call: Call, proc: Any) -> None:
        """Clients may offer themselves as processors; this server runs all scripts itself."""

    def removeProcessor(self, call: Call, proc: Any) -> None:
        """See addProcessor."""

    def _proxy(self, call: Call, repository: Repository) -> Any:
        if repository.managed:
            return self._server.proxy(ManagedRepository.interface, call.session.uuid)
        return self._server.serve(call, "omero.grid.Repository", RepositoryServant(self._server, repository))
