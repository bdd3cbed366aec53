"""IRepositoryInfo: how full the data folder's disk is."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from omero_embedded.security.context import Call
    from omero_embedded.server import Server


class RepositoryInfoService:
    """Serves omero.api.IRepositoryInfo; spaces are in KiB of the file system that holds the data folder."""

    interface = "omero.api.IRepositoryInfo"

    def __init__(self, server: Server) -> None:
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
