"""ITypes: enumerations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from omero_embedded.errors import api_usage, security, validation
from omero_embedded.model.objects import new, set_field
from omero_embedded.model.schema import SCHEMA, UnknownClassError
from omero_embedded.security.directory import GUEST_USER
from omero_embedded.store.bootstrap import enumerations
from omero_embedded.store.tables import TABLES
from omero_embedded.updates.enumerations import enumeration_class, put, reset
from omero_embedded.updates.graph import id_of
from omero_embedded.updates.remove import delete_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from omero_embedded.security.context import Call
    from omero_embedded.server import Server


class TypesService:
    """Serves omero.api.ITypes. As with OMERO.server everybody adds entries, administrators change and delete them."""

    interface = "omero.api.ITypes"

    def __init__(self, server: Server) -> None:
        self._server = server

    def allEnumerations(self, call: Call, type_name: str) -> list[Any]:
        """All values of one enumeration."""
        name = _enumeration(type_name)
        with call.db.read() as connection:
            rows = connection.execute(select(TABLES[name]).order_by(TABLES[name].c.id)).mappings().all()
        return [enumeration(name, row) for row in rows]

    def getEnumeration(self, call: Call, type_name: str, value: str) -> Any:
        """One value of an enumeration."""
        for found in self.allEnumerations(call, type_name):
            if found.value.val == value:
                return found
        raise api_usage(f"{type_name} has no value {value!r}")

    def getEnumerationTypes(self, call: Call) -> list[str]:
        """Names of all enumerations."""
        return sorted(cls.name for cls in SCHEMA.values() if cls.is_enum)

    def getEnumerationsWithEntries(self, call: Call) -> dict[str, list[Any]]:
        """All enumerations with their values."""
        return {name: self.allEnumerations(call, name) for name in self.getEnumerationTypes(call)}

    def getAnnotationTypes(self, call: Call) -> list[str]:
        """Names of all kinds of annotation."""
        return [SCHEMA[name].java_name for name in SCHEMA["Annotation"].concrete]

    def getOriginalEnumerations(self, call: Call) -> list[Any]:
        """The values that a server starts with."""
        return [found for name in enumerations() for found in self.allEnumerations(call, name)]

    def createEnumeration(self, call: Call, new_entry: Any) -> Any:
        """Add an entry; the entry of that value where there is one already."""
        if call.caller.user_id == GUEST_USER:
            raise security("guests do not add to enumerations")
        if id_of_entry(new_entry) is not None:
            raise validation("a new entry has no id; updateEnumeration changes one")
        return self._put(call, [new_entry])[0]

    def updateEnumeration(self, call: Call, entry: Any) -> Any:
        """Change an entry, or add one that has no id."""
        _administrators(call)
        return self._put(call, [entry])[0]

    def updateEnumerations(self, call: Call, entries: list[Any]) -> None:
        """Change or add entries."""
        _administrators(call)
        self._put(call, entries)

    def deleteEnumeration(self, call: Call, entry: Any) -> None:
        """Delete an entry that nothing uses."""
        _administrators(call)
        class_name, entry_id = enumeration_class(entry), id_of_entry(entry)
        if entry_id is None:
            raise api_usage(f"a {class_name} with an id is needed to delete it")
        delete_object(call, class_name, entry_id)

    def resetEnumerations(self, call: Call, type_name: str) -> None:
        """Make one enumeration what it is on a new server."""
        _administrators(call)
        name = _enumeration(type_name)
        with call.db.write() as connection:
            reset(connection, call, name)

    def _put(self, call: Call, entries: list[Any]) -> list[Any]:
        with call.db.write() as connection:
            put_ids = [(enumeration_class(entry), put(connection, call, entry)) for entry in entries]
            return [_read(connection, name, entry_id) for name, entry_id in put_ids]


def id_of_entry(entry: Any) -> int | None:
    """The id of an enumeration entry, None for a new one."""
    enumeration_class(entry)
    return id_of(entry)


def _administrators(call: Call) -> None:
    if not call.caller.is_admin:
        raise security("enumerations are changed by administrators")


def _read(connection: Connection, name: str, entry_id: int) -> Any:
    table = TABLES[name]
    return enumeration(name, connection.execute(select(table).where(table.c.id == entry_id)).mappings().one())


def enumeration(name: str, row: Mapping[Any, Any]) -> Any:
    """The enumeration object of a row."""
    made = new(name, row["id"])
    for field in SCHEMA[name].fields.values():
        set_field(made, field, row[field.column])
    return made


def _enumeration(type_name: str) -> str:
    try:
        cls = SCHEMA.resolve(type_name)
    except UnknownClassError as error:
        raise api_usage(str(error)) from None
    if not cls.is_enum:
        raise api_usage(f"{type_name} is not an enumeration")
    return cls.name
