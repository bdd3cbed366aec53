"""ITypes: enumerations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from omero_embedded.errors import api_usage
from omero_embedded.model.objects import new, set_field
from omero_embedded.model.schema import SCHEMA, UnknownClassError
from omero_embedded.store.bootstrap import enumerations
from omero_embedded.store.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from omero_embedded.security.context import Call
    from omero_embedded.server import Server


class TypesService:
    """Serves omero.api.ITypes; enumerations are fixed, so what changes them is not supported."""

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
