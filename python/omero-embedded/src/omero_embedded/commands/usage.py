"""DiskUsage2 and DiskUsage: bytes and files by user, group and what they belong to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import omero
import omero.all
import omero.cmd
from sqlalchemy import select

from omero_embedded.commands.base import parse_targets
from omero_embedded.commands.delete import find_targets
from omero_embedded.commands.find import class_names
from omero_embedded.commands.graph.things import Things
from omero_embedded.commands.graph.walk import FILESET, STEPS, descend
from omero_embedded.model.schema import SCHEMA
from omero_embedded.pixels.shared import pixel_store, thumbnail_cache
from omero_embedded.security.filters import visible
from omero_embedded.store.statements import chunks
from omero_embedded.store.tables import TABLES, table_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from sqlalchemy import Connection

    from omero_embedded.commands.graph.things import Key, Thing
    from omero_embedded.security.context import Call
    from omero_embedded.server import Server

_TARGETS = (
    "Experimenter",
    "ExperimenterGroup",
    *(name for name, cls in SCHEMA.items() if cls.parent is None and not cls.is_global),
)
# What holds files, through which field, and what the file is counted for.
_HOLDERS = (
    ("FileAnnotation", "file", "FileAnnotation"),
    ("FilesetEntry", "originalFile", "FilesetEntry"),
    ("JobOriginalFileLink", "child", "Job"),
    ("PixelsOriginalFileMap", "parent", "Pixels"),
    ("Roi", "source", "Roi"),
)


@dataclass(slots=True)
class Usage:
    """Sums by (user, group)."""

    files: dict[Any, dict[str, int]] = field(default_factory=dict)
    sizes: dict[Any, dict[str, int]] = field(default_factory=dict)
    all_files: dict[Any, int] = field(default_factory=dict)
    all_sizes: dict[Any, int] = field(default_factory=dict)

    def add(self, who: tuple[int, int], kinds: Iterable[str], size: int) -> None:
        """Count one file of this size for each kind of thing that uses it, and once in total."""
        pair = omero.api.LongPair(*who)
        for kind in kinds:
            files, sizes = self.files.setdefault(pair, {}), self.sizes.setdefault(pair, {})
            files[kind] = files.get(kind, 0) + 1
            sizes[kind] = sizes.get(kind, 0) + size
        self.all_files[pair] = self.all_files.get(pair, 0) + 1
        self.all_sizes[pair] = self.all_sizes.get(pair, 0) + size


class DiskUsage2Command:
    """Adds up the files below the targets."""

    request = "omero.cmd.DiskUsage2"
    targets = _TARGETS

    def __init__(self, server: Server) -> None:
        self._server = server

    def run(self, call: Call, request: Any, progress: Callable[[int, int], None]) -> Any:
        """Files and bytes by user and group, in total and by what uses them."""
        usage = self.measure(call, request.targetObjects, request.targetClasses)
        progress(1, 1)
        return omero.cmd.DiskUsage2Response(usage.files, usage.sizes, usage.all_files, usage.all_sizes)

    def measure(self, call: Call, objects: Any, classes: Iterable[str] | None) -> Usage:
        """The sums for these objects and for all visible objects of these classes."""
        targets = parse_targets(objects, self.targets)
        with call.db.read() as connection:
            things = Things(connection)
            found = find_targets(call, things, targets)
            for name in class_names(classes):
                found += _all_of(call, things, name)
            found += _owned(call, things, found)
            everything = [*found, *descend(call, things, found, steps=(*STEPS, FILESET))]
            return self._add_up(connection, {thing.key: thing for thing in everything})

    def _add_up(self, connection: Connection, members: dict[Key, Thing]) -> Usage:
        usage = Usage()
        pixels = pixel_store(self._server)
        thumbnails = thumbnail_cache(self._server).folder
        for thing in members.values():
            if thing.root == "Pixels" and (size := _size(pixels.raw_path(thing.id))) is not None:
                usage.add(_who(thing), ("Pixels",), size)
            elif thing.root == "Pixels":
                for path in (thumbnails / f"{thing.id // 1000:03d}" / str(thing.id)).glob("*"):
                    usage.add(_who(thing), ("Thumbnail",), _size(path) or 0)
        files = [thing for thing in members.values() if thing.root == "OriginalFile"]
        kinds = _kinds(connection, members)
        sizes = _file_sizes(connection, [thing.id for thing in files])
        for thing in files:
            if sizes.get(thing.id) is not None:
                usage.add(_who(thing), sorted(kinds.get(thing.id, {"OriginalFile"})), sizes[thing.id])
        return usage


class DiskUsageCommand(DiskUsage2Command):
    """The older form of DiskUsage2."""

    request = "omero.cmd.DiskUsage"

    def run(self, call: Call, request: Any, progress: Callable[[int, int], None]) -> Any:
        """Files and bytes by user and group, in total and by what uses them."""
        usage = self.measure(call, request.objects, request.classes)
        progress(1, 1)
        return omero.cmd.DiskUsageResponse(usage.files, usage.sizes, usage.all_files, usage.all_sizes)


def _who(thing: Thing) -> tuple[int, int]:
    return (thing.owner or 0, thing.group or 0)


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return None


def _all_of(call: Call, things: Things, name: str) -> list[Thing]:
    table: Any = table_of(name)
    query = select(table.c.id)
    condition = visible(call, table)
    if condition is not None:
        query = query.where(condition)
    root = SCHEMA[name].root
    loaded = things.load((root, found) for found in things.connection.scalars(query))
    return [thing for thing in loaded if thing.is_a(name)]


def _owned(call: Call, things: Things, found: list[Thing]) -> list[Thing]:
    """All data of the users and groups among the targets."""
    users = [thing.id for thing in found if thing.root == "Experimenter"]
    groups = [thing.id for thing in found if thing.root == "ExperimenterGroup"]
    keys: list[Key] = []
    for root in (
        "OriginalFile",
        "Pixels",
        "FilesetEntry",
        "Annotation",
        "JobOriginalFileLink",
        "PixelsOriginalFileMap",
        "Roi",
    ):
        table: Any = TABLES[root]
        condition = visible(call, table)
        for column, ids in ((table.c.details_owner, users), (table.c.details_group, groups)):
            if ids:
                query = select(table.c.id).where(column.in_(ids))
                query = query if condition is None else query.where(condition)
                keys += [(root, row) for row in things.connection.scalars(query)]
    return things.load(dict.fromkeys(keys))


def _kinds(connection: Connection, members: dict[Key, Thing]) -> dict[int, set[str]]:
    """What uses each file."""
    kinds: dict[int, set[str]] = {}
    for holder, name, kind in _HOLDERS:
        table: Any = table_of(holder)
        column = table.c[SCHEMA[holder].fields[name].column]
        root = SCHEMA[holder].root
        for part in chunks(key[1] for key in members if key[0] == root):
            for file_id in connection.scalars(
                select(column).where(table.c.id.in_(part), column.is_not(None))
            ):
                kinds.setdefault(file_id, set()).add(kind)
    return kinds


def _file_sizes(connection: Connection, ids: list[int]) -> dict[int, int]:
    table = TABLES["OriginalFile"]
    sizes: dict[int, int] = {}
    for part in chunks(ids):
        sizes |= {
            row.id: row.size
            for row in connection.execute(select(table.c.id, table.c.size).where(table.c.id.in_(part)))
        }
    return sizes
