"""IUpdate: saving and deleting objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omero_embedded import errors
from omero_embedded.model.schema import SCHEMA
from omero_embedded.updates.graph import id_of
from omero_embedded.updates.remove import delete_object
from omero_embedded.updates.save import save, save_whole

if TYPE_CHECKING:
    from omero_embedded.security.context import Call
    from omero_embedded.server import Server


class UpdateService:
    """Saves graphs of objects; see omero_embedded.updates.save for what that means."""

    interface = "omero.api.IUpdate"

    def __init__(self, server: Server) -> None:
        self._server = server

    def saveObject(self, call: Call, obj: Any) -> None:
        """Save one object and all loaded objects that it reaches."""
        self._save(call, [obj])

    def saveAndReturnObject(self, call: Call, obj: Any) -> Any:
        """Save one object; returns it with ids and details."""
        return save_whole(call, [obj])[0]

    def saveCollection(self, call: Call, objs: list[Any]) -> None:
        """Save objects in one transaction."""
        self._save(call, objs)

    def saveArray(self, call: Call, graph: list[Any]) -> None:
        """Save objects in one transaction."""
        self._save(call, graph)

    def saveAndReturnArray(self, call: Call, graph: list[Any]) -> list[Any]:
        """Save objects in one transaction; returns them in the same order."""
        return save_whole(call, graph)

    def saveAndReturnIds(self, call: Call, graph: list[Any]) -> list[int]:
        """Save objects in one transaction; returns their ids in the same order."""
        return [found for saved in self._save(call, graph) if (found := id_of(saved)) is not None]

    def deleteObject(self, call: Call, row: Any) -> None:
        """Delete one object that nothing refers to."""
        if row is None:
            return
        object_id = id_of(row)
        if object_id is None:
            raise errors.api_usage("an object without an id cannot be deleted")
        class_name = SCHEMA.of(row).name
        delete_object(call, class_name, object_id)
        self._server.forget_directory()
        for forget in self._server.after_delete:
            forget(SCHEMA[class_name].root, [object_id])

    def indexObject(self, call: Call, row: Any) -> None:
        """Administrators ask for an object to be indexed anew; the search here always reads the store."""
        if not call.caller.is_admin:
            raise errors.security("indexObject is for administrators")
        if row is None or id_of(row) is None:
            raise errors.validation("an object without an id cannot be indexed")

    def _save(self, call: Call, objects: list[Any]) -> list[Any]:
        return save(call, objects)
