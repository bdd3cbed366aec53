"""What the commands share: their errors, their targets and their answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import omero
import omero.cmd

from omero_embedded.model.schema import SCHEMA, UnknownClassError
from omero_embedded.wire.handles import CommandError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from omero_embedded.commands.graph.things import Thing


class GraphError(CommandError):
    """A command on a graph of objects that the model's rules or the caller's rights do not allow."""

    def __init__(self, message: str, name: str = "graph-fail") -> None:
        super().__init__(name, message)
        self.response = omero.cmd.GraphException("omero.cmd", name, {"message": message}, message)


def parse_targets(wanted: Mapping[str, Iterable[int]] | None, legal: Iterable[str]) -> dict[str, list[int]]:
    """The target ids by class name; raises GraphError for a class that the command does not take."""
    allowed = tuple(legal)
    targets: dict[str, list[int]] = {}
    for spelling, ids in (wanted or {}).items():
        try:
            cls = SCHEMA.resolve(spelling.rpartition("/")[2])
        except UnknownClassError as error:
            raise CommandError("bad-class", str(error)) from None
        if not any(cls.is_a(name) for name in allowed):
            raise CommandError(
                "bad-target", f"cannot target {cls.name}; legal targets are {', '.join(sorted(allowed))}"
            )
        targets.setdefault(cls.name, []).extend(ids)
    return targets


def by_java_name(things: Iterable[Thing]) -> dict[str, list[int]]:
    """Ids by full class name, as OMERO's answers list objects."""
    found: dict[str, list[int]] = {}
    for thing in things:
        found.setdefault(SCHEMA[thing.class_name].java_name, []).append(thing.id)
    return {name: sorted(ids) for name, ids in sorted(found.items())}
