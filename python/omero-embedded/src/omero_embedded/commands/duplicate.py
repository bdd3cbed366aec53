"""Duplicate: copies of objects with their contents, owned by the caller."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import omero
import omero.cmd
from sqlalchemy import insert, select

from omero_embedded.commands.base import GraphError, parse_targets
from omero_embedded.commands.delete import find_targets
from omero_embedded.commands.find import class_names
from omero_embedded.commands.graph.border import check_filesets
from omero_embedded.commands.graph.copies import copy_files
from omero_embedded.commands.graph.options import read_options
from omero_embedded.commands.graph.rules import LINKS
from omero_embedded.commands.graph.things import Things
from omero_embedded.commands.graph.walk import FILESET, STEPS, descend
from omero_embedded.model.schema import SCHEMA
from omero_embedded.security.movable import MOVE_TARGETS
from omero_embedded.store.statements import chunks
from omero_embedded.store.tables import TABLES, map_table
from omero_embedded.updates.events import log, new_event
from omero_embedded.updates.ids import allocate
from omero_embedded.updates.links import LinkRules, rows_by_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sqlalchemy import Connection

    from omero_embedded.commands.graph.things import Key, Thing
    from omero_embedded.security.context import Call
    from omero_embedded.server import Server

# Work records of an import say nothing of a copy.
_NEVER = ("Job", "JobOriginalFileLink", "FilesetJobLink")


@dataclass(frozen=True, slots=True)
class Choice:
    """Which classes to copy, to point to, and to leave out; the most specific class named decides."""

    copy: tuple[str, ...]
    refer: tuple[str, ...]
    ignore: tuple[str, ...]

    def of(self, thing: Thing) -> str:
        """`copy`, `refer` or `ignore`."""
        line = (thing.class_name, *SCHEMA[thing.class_name].ancestors)
        for name in line:
            for verdict in ("copy", "refer", "ignore"):
                if name in getattr(self, verdict):
                    return verdict
        special = {
            "IAnnotationLink": thing.class_name.endswith("AnnotationLink"),
            "ILink": thing.class_name in LINKS,
        }
        for name, fits in special.items():
            for verdict in ("copy", "refer", "ignore"):
                if fits and name in getattr(self, verdict):
                    return verdict
        return "ignore" if any(thing.is_a(name) for name in _NEVER) else "copy"


class DuplicateCommand:
    """Copies the targets and what they contain within their group."""

    request = "omero.cmd.Duplicate"
    targets = (
        *MOVE_TARGETS,
        "Channel",
        "LogicalChannel",
        "Pixels",
        "PlaneInfo",
        "Reagent",
        "Shape",
        "Well",
        "WellSample",
    )

    def __init__(self, server: Server) -> None:
        self._server = server

    def run(self, call: Call, request: Any, progress: Callable[[int, int], None]) -> Any:
        """The ids of the copies by class; of the originals for a dry run."""
        choice = Choice(
            _names(request.typesToDuplicate), _names(request.typesToReference), _names(request.typesToIgnore)
        )
        options = read_options(request.childOptions)
        targets = parse_targets(request.targetObjects, self.targets)
        with call.db.read() if request.dryRun else call.db.write() as connection:
            things = Things(connection)
            heads = find_targets(call, things, targets)
            stop = [*choice.ignore, *choice.refer, *_NEVER]
            below = descend(call, things, heads, stop=_known(stop), steps=(*STEPS, FILESET))
            chosen = [
                thing
                for thing in (*heads, *below)
                if choice.of(thing) == "copy" and not options.excludes(thing)
            ]
            check_filesets(things, chosen, {thing.key for thing in chosen}, "duplicate")
            progress(1, 2)
            if request.dryRun:
                return omero.cmd.DuplicateResponse(_by_name((thing, thing.id) for thing in chosen))
            copies = _Copies(connection, call, things, choice, chosen)
            copies.write()
            copy_files(self._server, connection, call, copies.ids)
        return omero.cmd.DuplicateResponse(
            _by_name((thing, copies.ids[thing.key]) for thing in copies.copied)
        )


def _names(spellings: Iterable[str] | None) -> tuple[str, ...]:
    """Classes of the model, and the two interfaces that clients name beside them."""
    short = [spelling.rpartition(".")[2] for spelling in spellings or ()]
    special = tuple(name for name in short if name in ("IAnnotationLink", "ILink"))
    return special + class_names(name for name in short if name not in special)


def _known(names: Iterable[str]) -> list[str]:
    found = []
    for name in names:
        if name == "IAnnotationLink":
            found += [link for link in LINKS if link.endswith("AnnotationLink")]
        elif name == "ILink":
            found += LINKS
        else:
            found.append(name)
    return found


def _by_name(pairs: Iterable[tuple[Thing, int]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for thing, object_id in pairs:
        found.setdefault(SCHEMA[thing.class_name].java_name, []).append(object_id)
    return {name: sorted(ids) for name, ids in sorted(found.items())}


class _Copies:
    """Writes the copies of objects."""

    def __init__(
        self, connection: Connection, call: Call, things: Things, choice: Choice, chosen: list[Thing]
    ) -> None:
        self._connection = connection
        self._call = call
        self._things = things
        self._choice = choice
        self._rules = LinkRules(call)
        self.copied = chosen
        self.ids: dict[Key, int] = {}

    def write(self) -> None:
        """Insert all copies; raises GraphError where one would lack something it needs."""
        by_root: dict[str, list[Thing]] = {}
        for thing in self.copied:
            by_root.setdefault(thing.root, []).append(thing)
        rows = {
            root: {
                row["id"]: row
                for row in rows_by_id(self._connection, TABLES[root], [thing.id for thing in members])
            }
            for root, members in by_root.items()
        }
        self._leave_out_loose_links(by_root, rows)
        for root, members in by_root.items():
            fresh = allocate(self._connection, TABLES[root], len(members))
            self.ids |= {thing.key: copy for thing, copy in zip(members, fresh, strict=True)}
        self._load_outside(by_root, rows)
        group = next((thing.group for thing in self.copied if thing.group is not None), None)
        event = new_event(self._connection, self._call, group)
        for root, members in by_root.items():
            if members:
                copies = [self._copy(thing, rows[root][thing.id], event) for thing in members]
                self._connection.execute(insert(TABLES[root]), copies)
        self._copy_maps()
        log(
            self._connection,
            event,
            [("INSERT", thing.class_name, self.ids[thing.key]) for thing in self.copied],
        )

    def _leave_out_loose_links(
        self, by_root: dict[str, list[Thing]], rows: dict[str, dict[int, Mapping[str, Any]]]
    ) -> None:
        """Links go along only if both ends are copied, or one is and the other may be pointed to."""
        copied = {thing.key for thing in self.copied}
        for root in [name for name in by_root if SCHEMA[name].is_link]:
            parent, child = (SCHEMA[SCHEMA[root].fields[end].type].root for end in ("parent", "child"))
            keys = {
                (kind, row[end])
                for row in rows[root].values()
                for kind, end in ((parent, "parent"), (child, "child"))
            }
            self._things.load(sorted(keys))
            kept = []
            for thing in by_root[root]:
                ends = [
                    (kind, rows[root][thing.id][end]) for kind, end in ((parent, "parent"), (child, "child"))
                ]
                if ends[0] in copied and (ends[1] in copied or self._refers(ends[1])):
                    kept.append(thing)
            by_root[root] = kept
        self.copied = [thing for members in by_root.values() for thing in members]

    def _refers(self, key: Key) -> bool:
        return key in self._things and self._choice.of(self._things[key]) == "refer"

    def _load_outside(
        self, by_root: dict[str, list[Thing]], rows: dict[str, dict[int, Mapping[str, Any]]]
    ) -> None:
        wanted = set()
        for members in by_root.values():
            for thing in members:
                for field in SCHEMA[thing.class_name].fields.values():
                    target = rows[thing.root][thing.id].get(field.column) if field.kind == "entity" else None
                    if target is not None:
                        wanted.add((SCHEMA[field.type].root, target))
        self._things.load(sorted(wanted - self.ids.keys()))

    def _copy(self, thing: Thing, row: Mapping[str, Any], event: int) -> dict[str, Any]:
        copy = dict(row) | {"id": self.ids[thing.key]}
        if "version" in copy:
            copy["version"] = 0
        if "details_owner" in copy:
            owner = self._call.caller.user_id
            copy |= {"details_owner": owner, "details_creation": event, "details_update": event}
        if copy["details_external"] is not None:
            copy["details_external"] = self.ids.get(("ExternalInfo", copy["details_external"]))
        for field in SCHEMA[thing.class_name].fields.values():
            if field.kind == "entity" and copy[field.column] is not None:
                key = (SCHEMA[field.type].root, copy[field.column])
                copy[field.column] = self.ids.get(key) or self._kept(thing, key)
                if copy[field.column] is None and not field.nullable:
                    raise GraphError(f"cannot duplicate {thing} without its {field.name} {key[0]}[{key[1]}]")
        return copy

    def _kept(self, thing: Thing, key: Key) -> int | None:
        """The original at the far end, if the copy may point to it."""
        target = self._things.get(key)
        if target is None or self._choice.of(target) == "ignore":
            return None
        if target.group is None or self._choice.of(target) == "refer":
            return key[1]
        if not self._rules.rights(target.class_name, target.owner, target.group, target.kind).link:
            raise GraphError(f"not permitted to link the duplicate of {thing} to {target}")
        return key[1]

    def _copy_maps(self) -> None:
        by_class: dict[str, list[Thing]] = {}
        for thing in self.copied:
            by_class.setdefault(thing.class_name, []).append(thing)
        for class_name, members in by_class.items():
            for field in SCHEMA[class_name].fields.values():
                if field.kind != "map":
                    continue
                table: Any = map_table(class_name, field.name)
                copies = {thing.id: self.ids[thing.key] for thing in members}
                for part in chunks(copies):
                    found = self._connection.execute(
                        select(table).where(table.c.owner_id.in_(part))
                    ).mappings()
                    pairs = [dict(row) | {"owner_id": copies[row["owner_id"]]} for row in found]
                    if pairs:
                        self._connection.execute(insert(table), pairs)
