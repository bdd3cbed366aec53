"""Gives every name of a query its meaning: aliases, properties, implicit joins, class names.

Semantics as Hibernate's: a path through a to-one field joins it (inner join) unless only its id is asked for; in the
from clause the steps of a path take the kind of the join that is written there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

from omero_embedded.hql import syntax as s
from omero_embedded.hql.errors import HqlError, nearest
from omero_embedded.hql.sources import (
    DETAIL_CLASSES,
    DETAILS,
    Attribute,
    ClassName,
    ClassOf,
    DetailsOf,
    Entity,
    ManyOf,
    Measure,
    Permissions,
    Reference,
    Scope,
    Source,
    ToMany,
    ToMap,
    ToOne,
)
from omero_embedded.model.schema import SCHEMA, Field, ModelClass, UnknownClassError
from omero_embedded.store.tables import TABLES

PERMISSIONS_SUFFIX = "_details_permissions"


@dataclass(frozen=True, slots=True, eq=False)
class Resolved(s.Node):
    """A query whose names are sources and their columns; as a node it is a subquery."""

    sources: tuple[Source, ...]
    items: tuple[s.Item, ...]
    distinct: bool
    form: str
    where: s.Node | None
    group_by: tuple[s.Node, ...]
    having: s.Node | None
    order_by: tuple[s.Order, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ExistsResolved(s.Node):
    """`exists` of a resolved query."""

    query: Resolved


def resolve(query: s.Query) -> Resolved:
    """The query with its names resolved; raises HqlError for names that mean nothing."""
    return _Resolver(Scope()).query(query, top=True)


# What OMERO's model calls the counts of a collection's elements by their owner.
_COUNTS = "CountPerOwner"


class _Resolver:
    """Resolves one level of a query."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    def query(self, query: s.Query, *, top: bool = False) -> Resolved:
        for source in query.sources:
            self._add_from(source)
        select = query.select or self._default_select()
        items = tuple(self._item(item, top=top) for item in select.items)
        names = {item.alias: item.value for item in items if item.alias}
        where = self._optional(query.where)
        group_by = tuple(self._or_name(key, names) for key in query.group_by)
        having = self._optional(query.having)
        order_by = tuple(s.Order(self._or_name(key.value, names), key.descending) for key in query.order_by)
        sources = tuple(self.scope.sources)
        return Resolved(sources, items, select.distinct, select.form, where, group_by, having, order_by)

    # -- from --------------------------------------------------------------------------------------------------

    def _add_from(self, item: s.From) -> None:
        head = item.path.names[0]
        source = Source(item.alias or item.path.names[-1], None, self.scope)
        if len(item.path.names) > 1 and any(head in level.aliases for level in self.scope.levels()):
            self._root_through_alias(source, item.path)
        else:
            source.cls = _class(str(item.path), item.path.position)
        self.scope.add(source)
        self._name(
            item.alias or (None if source.parent else item.path.names[-1]), Entity(source), item.path.position
        )
        for join in item.joins:
            self._add_join(join)

    def _root_through_alias(self, source: Source, path: s.Path) -> None:
        """`from outer.collection alias` in a subquery."""
        end = self._walk(path, "inner")
        if isinstance(end, ManyOf):
            source.parent, source.link = end.source, end.link
            end.source.id_used = True
            source.cls = SCHEMA[end.link.target] if isinstance(end.link, ToMany) else None
        elif isinstance(end, Reference):
            source.parent, source.link, source.cls = end.source, end.link, SCHEMA[end.link.target]
            end.source.used = True
        else:
            raise HqlError(f"{path} is not a collection to select from", path.position)

    def _add_join(self, join: s.Join) -> None:
        if join.kind in ("right", "full"):
            raise HqlError(
                f"{join.kind} joins are not supported; use inner or left joins", join.path.position
            )
        if len(join.path.names) == 1 and join.path.names[0] not in self.scope.aliases:
            raise HqlError(
                f"{join.path} is not the path of a field to join; write join alias.field", join.path.position
            )
        if join.fetch and join.path.names[-1].endswith(_COUNTS):
            self._add_counts(join)
            return
        end = self._walk(join.path, join.kind, fetch=join.fetch)
        if isinstance(end, (DetailsOf, Measure)):
            self._name(join.alias, end, join.path.position)
            return
        if not isinstance(end, (Reference, ManyOf)):
            raise HqlError(f"{join.path} cannot be joined: it is a plain value", join.path.position)
        source = self._join(end.source, end.link, join.kind, join.alias or join.path.names[-1])
        source.fetch = join.fetch and source.cls is not None
        self._name(join.alias, Entity(source), join.path.position)
        source.condition = self._optional(join.condition)

    def _add_counts(self, join: s.Join) -> None:
        """`join fetch image.annotationLinksCountPerOwner`: an inner join asks for at least one element."""
        *names, last = join.path.names
        path = s.Path((*names, last.removesuffix(_COUNTS)), join.path.position)
        end = self._walk(path, join.kind, fetch=True)
        if not isinstance(end, ManyOf) or not isinstance(end.link, ToMany):
            raise HqlError(f"{path} is no collection to count", path.position)
        if join.alias is not None or join.condition is not None:
            raise HqlError(f"{join.path} takes neither an alias nor a condition", path.position)
        end.source.counts.append(end.link.collection.name)
        if join.kind != "left":
            self._join(end.source, end.link, join.kind, last)

    def _name(self, alias: str | None, meaning: s.Node, position: int) -> None:
        if alias is None:
            return
        if alias in self.scope.aliases:
            raise HqlError(f"the alias {alias} is used twice", position)
        self.scope.aliases[alias] = meaning

    def _join(self, parent: Source, link: ToOne | ToMany | ToMap, kind: str, name: str) -> Source:
        cls = None if isinstance(link, ToMap) else SCHEMA[link.target]
        nullable = kind == "left" or (parent.nullable and parent.scope is self.scope)
        if isinstance(link, ToOne):
            parent.used |= parent.scope is not self.scope
        else:
            parent.id_used = True
        return self.scope.add(Source(name, cls, self.scope, kind, parent, link, nullable=nullable))

    def _implied(self, parent: Source, link: ToOne, kind: str, name: str) -> Source:
        """The join that a path makes; one per field, and an inner join written in the from clause serves as well."""
        key = (id(parent), link.columns, kind)
        if key not in self.scope.implied:
            written = next(
                (
                    source
                    for source in self.scope.sources
                    if source.parent is parent
                    and source.link == link
                    and source.kind == kind
                    and source.condition is None
                ),
                None,
            )
            self.scope.implied[key] = written or self._join(parent, link, kind, name)
        return self.scope.implied[key]

    # -- select ------------------------------------------------------------------------------------------------

    def _default_select(self) -> s.Select:
        """Without a select clause: every root and every join that is not fetched."""
        names = [
            name
            for name, meaning in self.scope.aliases.items()
            if isinstance(meaning, Entity) and not meaning.source.fetch and meaning.source.cls is not None
        ]
        return s.Select(
            tuple(s.Item(s.Path((name,), 0), None) for name in names), distinct=False, form="rows"
        )

    def _item(self, item: s.Item, *, top: bool) -> s.Item:
        value = self.expression(item.value)
        if top and isinstance(value, Reference):
            value = Entity(self._implied(value.source, value.link, "inner", "selected"))
            value.source.id_used = True
        if top and isinstance(value, ManyOf):
            raise HqlError(
                "a collection cannot be selected; join it and select the alias", _position(item.value)
            )
        if item.alias and item.alias.endswith(PERMISSIONS_SUFFIX) and isinstance(value, Entity):
            value.source.used = True
            value = Permissions(value.source)
        return s.Item(value, item.alias)

    def _or_name(self, node: s.Node, names: dict[str, s.Node]) -> s.Node:
        """A key of order by or group by: an expression, or the name of a selected one."""
        if isinstance(node, s.Path) and len(node.names) == 1 and node.names[0] not in self.scope.aliases:
            chosen = names.get(node.names[0])
            if chosen is not None:
                return chosen
        return self.expression(node)

    # -- expressions -------------------------------------------------------------------------------------------

    def _optional(self, node: s.Node | None) -> s.Node | None:
        return None if node is None else self.expression(node)

    def expression(self, node: s.Node) -> s.Node:
        """The node with paths and subqueries resolved."""
        if isinstance(node, s.Path):
            return self._value(self._walk(node, "inner"), node)
        if isinstance(node, s.Subquery):
            return _Resolver(Scope(self.scope)).query(node.query)
        if isinstance(node, s.Exists):
            return ExistsResolved(_Resolver(Scope(self.scope)).query(node.query))
        return s.map_children(node, self.expression)

    def _value(self, end: s.Node, path: s.Path) -> s.Node:
        if isinstance(end, DetailsOf):
            raise HqlError(
                f"{path} is not a value; use its owner, group, creationEvent or permissions", path.position
            )
        if isinstance(end, Attribute) and end.columns == ("id",):
            end.source.id_used = True
        elif isinstance(end, (Attribute, Measure, Reference)):
            end.source.used = True
        elif isinstance(end, (Entity, ManyOf)):
            end.source.id_used = True
        elif isinstance(end, ClassOf):
            end.source.used |= end.source.model.polymorphic
        elif isinstance(end, Permissions):
            end.source.used = True
        return end

    # -- paths -------------------------------------------------------------------------------------------------

    def _walk(self, path: s.Path, kind: str, *, fetch: bool = False) -> s.Node:
        """Follow a path to what its last name means; steps over to-one fields become joins of `kind`."""
        state, rest = self._start(path)
        for name in rest:
            if isinstance(state, Reference):
                if name == "id":
                    state = Attribute(state.source, state.link.columns, "long")
                    continue
                joined = self._implied(state.source, state.link, kind, path.names[0])
                joined.fetch |= fetch
                state = Entity(joined)
            state = self._step(state, name, path)
        return state

    def _start(self, path: s.Path) -> tuple[s.Node, tuple[str, ...]]:
        """Aliases of all levels come before properties without an alias, as in Hibernate."""
        head = path.names[0]
        for level in self.scope.levels():
            if head in level.aliases:
                return level.aliases[head], path.names[1:]
        for level in self.scope.levels():
            named = [meaning.source for meaning in level.aliases.values() if isinstance(meaning, Entity)]
            owners = [source for source in named if _owns(source, head)]
            if len(owners) > 1:
                names = " and ".join(source.model.name for source in owners)
                raise HqlError(f"{head} is ambiguous: {names} have it; write alias.{head}", path.position)
            if owners:
                return Entity(owners[0]), path.names
        try:
            return ClassName(SCHEMA.resolve(str(path)).name), ()
        except UnknownClassError:
            self._unknown(path)

    def _unknown(self, path: s.Path) -> NoReturn:
        names = [alias for level in self.scope.levels() for alias in level.aliases]
        properties = [name for source in self.scope.sources if source.cls for name in _members(source.cls)]
        hint = nearest(path.names[0], [*names, *properties, *SCHEMA])
        raise HqlError(f"{path.names[0]} is neither an alias, a property nor a class{hint}", path.position)

    def _step(self, state: s.Node, name: str, path: s.Path) -> s.Node:
        if isinstance(state, Entity):
            return (
                _pair(state.source, name, path)
                if state.source.cls is None
                else _member(state.source, name, path)
            )
        if isinstance(state, DetailsOf):
            return _detail(state.source, name, path)
        if isinstance(state, Measure) and name in ("value", "unit"):
            columns = (
                state.columns if name == "value" else tuple(f"{column}_unit" for column in state.columns)
            )
            return Attribute(state.source, columns, "double" if name == "value" else "string")
        if isinstance(state, ManyOf) and name == "size":
            return s.Call("size", (state,), False, path.position)
        what = "a collection: join it" if isinstance(state, ManyOf) else "a plain value"
        raise HqlError(f"{path}: {name} cannot be reached, what comes before it is {what}", path.position)


def _class(name: str, position: int) -> ModelClass:
    try:
        return SCHEMA.resolve(name)
    except UnknownClassError as error:
        raise HqlError(str(error), position) from None


def _position(node: s.Node) -> int | None:
    return getattr(node, "position", None)


def _members(cls: ModelClass) -> list[str]:
    below = [field.name for other in cls.subclasses for field in SCHEMA[other].fields.values()]
    return ["id", "details", "class", "version", *cls.fields, *cls.collections, *below]


def _owns(source: Source, name: str) -> bool:
    if source.cls is None:
        return name in ("name", "value")
    return name in _members(source.cls) or _special(source, name) is not None


def _pair(source: Source, name: str, path: s.Path) -> s.Node:
    if name not in ("name", "value"):
        raise HqlError(f"{path}: a name-value pair has name and value, not {name}", path.position)
    return Attribute(source, (name,), "string")


def _detail(source: Source, name: str, path: s.Path) -> s.Node:
    if name == "permissions":
        return Permissions(source)
    if name not in DETAILS:
        raise HqlError(
            f"{path}: details have no {name}{nearest(name, [*DETAILS, 'permissions'])}", path.position
        )
    if DETAILS[name] not in TABLES[source.model.root].c:
        raise HqlError(f"{path}: {source.model.name} is a system object and has no {name}", path.position)
    return Reference(source, ToOne((DETAILS[name],), DETAIL_CLASSES[name]))


def _member(source: Source, name: str, path: s.Path) -> s.Node:
    cls = source.model
    special = _special(source, name)
    if special is not None:
        return special
    for other in (cls.name, *cls.subclasses):
        if name in SCHEMA[other].collections:
            return ManyOf(source, ToMany(SCHEMA[other].collections[name]))
    fields = [cls.fields[name]] if name in cls.fields else cls.subclass_fields(name)
    if fields:
        return _field(source, fields)
    raise HqlError(f"{path}: {cls.name} has no property {name}{nearest(name, _members(cls))}", path.position)


def _special(source: Source, name: str) -> s.Node | None:
    """What every object has, and the index columns that some clients name as in SQL."""
    if name == "id":
        return Attribute(source, ("id",), "long")
    if name == "class":
        return ClassOf(source)
    if name == "details":
        return DetailsOf(source)
    if name == "version" and source.model.is_mutable:
        return Attribute(source, ("version",), "int")
    if name.endswith("_index") and name in TABLES[source.model.root].c:
        return Attribute(source, (name,), "int")
    return None


def _field(source: Source, fields: list[Field]) -> s.Node:
    first = fields[0]
    columns = tuple(field.column for field in fields if field.kind == first.kind)
    if first.kind == "entity":
        return Reference(source, ToOne(columns, first.type))
    if first.kind == "unit":
        return Measure(source, columns, first.type)
    if first.kind == "map":
        return ManyOf(source, ToMap(first.declared_in, first))
    return Attribute(source, columns, first.kind)
