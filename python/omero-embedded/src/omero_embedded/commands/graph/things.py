"""Objects as the graph commands see them, read in batches along the references of the model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from omero_embedded.model.schema import SCHEMA
from omero_embedded.security.permissions import FileKind, file_kind
from omero_embedded.store.statements import chunks
from omero_embedded.store.tables import TABLES, table_of
from omero_embedded.updates.links import rows_by_id

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import ColumnElement, Connection

Key = tuple[str, int]
_COLUMNS = ("discriminator", "details_owner", "details_group", "details_external", "ns", "mimetype", "repo")


@dataclass(frozen=True, slots=True)
class Thing:
    """One stored object: its exact class, owner and group (None for classes without), namespace, media type."""

    class_name: str
    root: str
    id: int
    owner: int | None
    group: int | None
    external: int | None = None
    ns: str | None = None
    kind: FileKind | None = None

    @property
    def key(self) -> Key:
        """Root class and id."""
        return (self.root, self.id)

    def is_a(self, class_name: str) -> bool:
        """Whether the object is of this class or one below it."""
        return SCHEMA[self.class_name].is_a(class_name)

    def __str__(self) -> str:
        return f"{self.class_name}[{self.id}]"


@dataclass(frozen=True, slots=True)
class Edge:
    """A step along one field of the model, from a whole to its parts or from a user to what it uses.

    With `to_holder` the step goes from the target of `holder.field` to the holders, else from the holder to the target.
    """

    holder: str
    field: str
    to_holder: bool

    @property
    def source(self) -> str:
        """The class that the step starts from."""
        return SCHEMA[self.holder].fields[self.field].type if self.to_holder else self.holder

    @property
    def end(self) -> str:
        """The class that the step leads to."""
        return self.holder if self.to_holder else SCHEMA[self.holder].fields[self.field].type


@dataclass(frozen=True, slots=True)
class Through:
    """A step through a link class, from its parents to its children (or back)."""

    link: str
    parent: str = "parent"
    child: str = "child"

    @property
    def source(self) -> str:
        """The class of the parents."""
        return SCHEMA[self.link].fields[self.parent].type

    @property
    def end(self) -> str:
        """The class of the children."""
        return SCHEMA[self.link].fields[self.child].type


Step = Edge | Through


@dataclass(frozen=True, slots=True)
class Pair:
    """Two objects that a step connects; `link` is the link object between them, if there is one."""

    source: Key
    end: Key
    link: Key | None = None


class Things:
    """Reads objects and their connections; each object once."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._known: dict[Key, Thing] = {}

    def __getitem__(self, key: Key) -> Thing:
        return self._known[key]

    def get(self, key: Key) -> Thing | None:
        """The object if it was loaded."""
        return self._known.get(key)

    def __contains__(self, key: Key) -> bool:
        return key in self._known

    def load(self, keys: Iterable[Key]) -> list[Thing]:
        """The objects of these keys that exist."""
        wanted = list(keys)
        missing: dict[str, list[int]] = {}
        for key in wanted:
            if key not in self._known:
                missing.setdefault(key[0], []).append(key[1])
        for root, ids in missing.items():
            for row in rows_by_id(self.connection, TABLES[root], ids, _COLUMNS):
                thing = _thing(root, row)
                self._known[thing.key] = thing
        return [self._known[key] for key in wanted if key in self._known]

    def forward(self, step: Step, sources: Iterable[Thing]) -> list[Pair]:
        """What the step leads to from these objects; objects of other classes are passed over."""
        ids = [thing.id for thing in sources if thing.is_a(step.source)]
        return self._pairs(step, ids, from_source=True) if ids else []

    def backward(self, step: Step, ends: Iterable[Thing]) -> list[Pair]:
        """Where the step comes from that leads to these objects."""
        ids = [thing.id for thing in ends if thing.is_a(step.end)]
        return self._pairs(step, ids, from_source=False) if ids else []

    def _pairs(self, step: Step, ids: list[int], *, from_source: bool) -> list[Pair]:
        if isinstance(step, Through):
            return self._through(step, ids, from_source=from_source)
        table: Any = table_of(step.holder)
        column = table.c[SCHEMA[step.holder].fields[step.field].column]
        by_holder = from_source != step.to_holder
        known = table.c.id if by_holder else column
        pairs = []
        for holder, target in self._rows([table.c.id, column], known, ids, column.is_not(None)):
            ends = (
                (SCHEMA[step.holder].root, holder),
                (SCHEMA[SCHEMA[step.holder].fields[step.field].type].root, target),
            )
            source, end = reversed(ends) if step.to_holder else ends
            pairs.append(Pair(source, end))
        return pairs

    def of_links(self, step: Step, link_ids: list[int]) -> list[Pair]:
        """What these link objects connect."""
        if not isinstance(step, Through):
            return []
        table: Any = table_of(step.link)
        columns = [table.c.id, table.c[step.parent], table.c[step.child]]
        return self._link_pairs(step, self._rows(columns, table.c.id, link_ids))

    def _through(self, step: Through, ids: list[int], *, from_source: bool) -> list[Pair]:
        table: Any = table_of(step.link)
        parent, child = table.c[step.parent], table.c[step.child]
        return self._link_pairs(
            step, self._rows([table.c.id, parent, child], parent if from_source else child, ids)
        )

    def _link_pairs(self, step: Through, rows: list[tuple[Any, ...]]) -> list[Pair]:
        roots = (SCHEMA[step.source].root, SCHEMA[step.end].root)
        link_root = SCHEMA[step.link].root
        return [Pair((roots[0], above), (roots[1], below), (link_root, link)) for link, above, below in rows]

    def _rows(
        self, columns: list[Any], known: Any, ids: list[int], condition: ColumnElement[bool] | None = None
    ) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = []
        for part in chunks(ids):
            query = select(*columns).where(known.in_(part))
            found.extend(
                tuple(row)
                for row in self.connection.execute(query if condition is None else query.where(condition))
            )
        return found


def _thing(root: str, row: Any) -> Thing:
    return Thing(
        class_name=row.get("discriminator", root),
        root=root,
        id=row["id"],
        owner=row.get("details_owner"),
        group=row.get("details_group"),
        external=row.get("details_external"),
        ns=row.get("ns"),
        kind=file_kind(root, row),
    )
