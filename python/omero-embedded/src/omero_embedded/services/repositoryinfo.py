"""IRepositoryInfo: how full the data folder's disk is."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from sqlalchemy import select

from omero_embedded.model.schema import SCHEMA
from omero_embedded.store.tables import TABLES

if TYPE_CHECKING:
    from omero_embedded.security.context import Call
    from omero_embedded.server import Server


class RepositoryInfoService:
    """Serves omero.api.IRepositoryInfo; spaces are in KiB of the file system that holds the data folder."""

    interface = "omero.api.IRepositoryInfo"

    def __init__(self, server: Server) -> None:
        self._server = server
        self._data = server.data

    def getUsedSpaceInKilobytes(self, call: Call) -> int:
        """Space in use, by OMERO and by anything else."""
        return shutil.disk_usage(self._data).used // 1024

    def getFreeSpaceInKilobytes(self, call: Call) -> int:
        """Space left."""
        return shutil.disk_usage(self._data).free // 1024

    def getUsageFraction(self, call: Call) -> float:
        """Used space as part of all space, 0 to 1."""
        usage = shutil.disk_usage(self._data)
        return usage.used / (usage.used + usage.free)

    def sanityCheckRepository(self, call: Call) -> None:
        """The data folder can be written to, or this raises."""
        probe = self._data / ".writable"
        probe.touch()
        probe.unlink()

    def removeUnusedFiles(self, call: Call) -> None:
        """Remove what is left on disk of files and pixels that were deleted; normally that is done when they are."""
        for class_name in ("OriginalFile", "Pixels"):
            gone = self._deleted(call, class_name)
            for forget in self._server.after_delete:
                forget(class_name, gone)

    def _deleted(self, call: Call, class_name: str) -> list[int]:
        logs, table = TABLES["EventLog"].c, TABLES[class_name]
        query = select(logs.entityid).distinct()
        query = query.where(logs.action == "DELETE", logs.entitytype == SCHEMA[class_name].java_name)
        there = select(table.c.id).where(table.c.id == logs.entityid).exists()
        with call.db.read() as connection:
            return list(connection.scalars(query.where(~there)))
