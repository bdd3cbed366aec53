"""SharedResources: repositories, tables and processors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero
import omero.all
import omero.grid

from omero_embedded.files.load import original_files
from omero_embedded.files.repositories import repositories_of
from omero_embedded.services.repository import ManagedRepository, RepositoryServant

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

    def _proxy(self, call: Call, repository: Repository) -> Any:
        if repository.managed:
            return self._server.proxy(ManagedRepository.interface, call.session.uuid)
        return self._server.serve(call, "omero.grid.Repository", RepositoryServant(self._server, repository))
