"""IQuery: objects by id, example, text and HQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from omero_embedded import errors
from omero_embedded.graphs.load import Graph
from omero_embedded.hql.params import from_ice
from omero_embedded.hql.run import find, objects, project
from omero_embedded.model.objects import get_field, proxy
from omero_embedded.model.schema import SCHEMA, Field, ModelClass, UnknownClassError
from omero_embedded.search.find import Limits, class_named, find_ids, load, parsed
from omero_embedded.security.directory import SYSTEM_GROUP
from omero_embedded.shares.comments import share_and_author
from omero_embedded.store.tables import table_of

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from omero_embedded.security.context import Call
    from omero_embedded.server import Server

_COMPARABLE = ("int", "long", "float", "double", "bool", "string", "time", "entity", "unit")


class QueryService:
    """Serves omero.api.IQuery."""

    interface = "omero.api.IQuery"

    def __init__(self, server: Server) -> None:
        self._server = server

    def get(self, call: Call, klass: str, id: int) -> Any:  # noqa: A002 - the Slice name
        """The object; raises ValidationException where there is none."""
        found = self.find(call, klass, id)
        if found is None:
            raise errors.validation(f"The requested object ({klass},{id}) is not available.")
        return found

    def find(self, call: Call, klass: str, id: int) -> Any:  # noqa: A002 - the Slice name
        """The object, None where there is none; raises SecurityViolation for one that the caller may not see.

        Of a share only IShare tells more than that it exists.
        """
        cls = _class(klass)
        if cls.name == "Share" and call.caller.share is None:
            return proxy("Share", id) if _exists(call, cls, id) else None
        found = objects(call, _query(cls, "o.id = :id"), {"id": id})
        if found:
            return found[0]
        if not _exists(call, cls, id):
            return None
        in_system = table_of(cls.name).c.details_group == SYSTEM_GROUP
        hidden = call.caller.share is not None or _is_comment(call, cls, id)
        if hidden or not _exists(call, cls, id, in_system):
            raise errors.security(f"Cannot read {cls.java_name}:Id_{id} in the current group")
        # Everybody may load an object of this group by its id, though no search shows it.
        return _whatever_group(call, cls, id)

    def findAll(self, call: Call, klass: str, filter: Any) -> list[Any]:  # noqa: A002 - the Slice name
        """All objects of a class."""
        limit, offset = _page(filter)
        return objects(call, _query(_class(klass)), limit=limit, offset=offset)

    def findByString(self, call: Call, klass: str, field: str, value: str) -> Any:
        """The one object whose field has this value, None where there is none."""
        cls, name = _text_field(klass, field)
        return _unique(objects(call, _query(cls, f"o.{name} = :value"), {"value": value}), klass)

    def findAllByString(
        self,
        call: Call,
        klass: str,
        field: str,
        value: str,
        caseSensitive: bool,
        filter: Any,  # noqa: A002 - the Slice name
    ) -> list[Any]:
        """The objects whose field contains this text; % and _ are wildcards."""
        cls, name = _text_field(klass, field)
        limit, offset = _page(filter)
        left, right = (f"o.{name}", ":value") if caseSensitive else (f"lower(o.{name})", "lower(:value)")
        text = _query(cls, f"{left} like {right}")
        return objects(call, text, {"value": f"%{value}%"}, limit=limit, offset=offset)

    def findByExample(self, call: Call, example: Any) -> Any:
        """The one object that has every value set in the example."""
        return _unique(self._like(call, example, None), type(example).__name__)

    def findAllByExample(self, call: Call, example: Any, filter: Any) -> list[Any]:  # noqa: A002 - the Slice name
        """The objects that have every value set in the example."""
        return self._like(call, example, filter)

    def findByQuery(self, call: Call, query: str, params: Any) -> Any:
        """The one object that the query selects, None where there is none."""
        return _unique(find(call, query, from_ice(params)), query)

    def findAllByQuery(self, call: Call, query: str, params: Any) -> list[Any]:
        """The objects that the query selects, each once."""
        return find(call, query, from_ice(params))

    def findAllByFullText(self, call: Call, klass: str, query: str, params: Any) -> list[Any]:
        """Objects of the class that a full-text query finds."""
        name = class_named(klass)
        ids = find_ids(call, name, parsed(query), Limits(), leading_wildcard=False)
        limit, offset = _page(None if params is None else params.theFilter)
        start = offset or 0
        return load(call, name, ids[start:] if limit is None else ids[start : start + limit])

    def projection(self, call: Call, query: str, params: Any) -> list[list[Any]]:
        """The values that the query selects, a list of Ice values per row."""
        return project(call, query, from_ice(params))

    def refresh(self, call: Call, iObject: Any) -> Any:
        """The object as it is stored now."""
        if iObject is None or iObject.getId() is None:
            raise errors.validation("refresh takes an object with an id")
        return self.get(call, SCHEMA.of(iObject).name, iObject.getId().getValue())

    def _like(self, call: Call, example: Any, filter_: Any) -> list[Any]:
        if example is None or not example.isLoaded():
            raise errors.validation("an example must be a loaded object")
        cls = SCHEMA.of(example)
        conditions: list[str] = []
        values: dict[str, Any] = {}
        for field in cls.fields.values():
            value = get_field(example, field) if field.kind in _COMPARABLE else None
            if value is not None:
                conditions += _equal(field, value, values)
        limit, offset = _page(filter_)
        return objects(call, _query(cls, *conditions), values, limit=limit, offset=offset)


def _query(cls: ModelClass, *conditions: str) -> str:
    where = f"where {' and '.join(conditions)}" if conditions else ""
    return f"select o from {cls.name} o {where} order by o.id"  # noqa: S608 - HQL; names of the model only


def _exists(call: Call, cls: ModelClass, object_id: int, *conditions: ColumnElement[bool]) -> bool:
    """Whether there is such an object, seen by the caller or not."""
    table = table_of(cls.name)
    statement = select(table.c.id).where(table.c.id == object_id, *conditions)
    if cls.polymorphic:
        statement = statement.where(table.c.discriminator.in_(cls.concrete))
    with call.db.read() as connection:
        return connection.scalar(statement) is not None


def _is_comment(call: Call, cls: ModelClass, object_id: int) -> bool:
    """Comments of shares and their links lie in the group of administrators, and are for who is in the share."""
    if cls.root != "Annotation":
        return cls.root == "SessionAnnotationLink"
    with call.db.read() as connection:
        return share_and_author(connection, object_id) is not None


def _whatever_group(call: Call, cls: ModelClass, object_id: int) -> Any:
    """The object, seen by the caller or not."""
    with call.db.read() as connection:
        graph = Graph(connection, call)
        graph.load(cls.name, [object_id])
        graph.finish()
    return graph.get(cls.name, object_id)


def _equal(field: Field, value: Any, values: dict[str, Any]) -> list[str]:
    if field.kind == "unit":
        values[field.name], values[f"{field.name}_unit"] = value
        return [f"o.{field.name}.value = :{field.name}", f"o.{field.name}.unit = :{field.name}_unit"]
    if field.kind == "entity" and value.getId() is None:
        raise errors.validation(f"the {field.name} of an example must be a stored object")
    values[field.name] = value
    return [f"o.{field.name} = :{field.name}"]


def _class(name: str) -> ModelClass:
    try:
        return SCHEMA.resolve(name)
    except UnknownClassError as error:
        raise errors.api_usage(str(error)) from None


def _text_field(klass: str, name: str) -> tuple[ModelClass, str]:
    cls = _class(klass)
    field = cls.fields.get(name)
    if field is None or field.kind != "string":
        texts = sorted(field.name for field in cls.fields.values() if field.kind == "string")
        raise errors.api_usage(f"{cls.name} has no text field {name}; it has {', '.join(texts) or 'none'}")
    return cls, name


def _page(filter_: Any) -> tuple[int | None, int | None]:
    if filter_ is None:
        return None, None
    limit = None if filter_.limit is None else filter_.limit.getValue()
    return limit, None if filter_.offset is None else filter_.offset.getValue()


def _unique(found: list[Any], what: str) -> Any:
    if len(found) > 1:
        raise errors.api_usage(
            f"{what} has returned more than one object ({len(found)}); findAllBy… returns them all"
        )
    return found[0] if found else None
