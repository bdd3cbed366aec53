"""What connects the objects that go with those that stay: links, and references that must be emptied or forbid it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from omero_embedded.commands.base import GraphError
from omero_embedded.commands.graph.rules import LINKS, uses
from omero_embedded.commands.graph.things import Through
from omero_embedded.model.schema import SCHEMA
from omero_embedded.store.statements import chunks
from omero_embedded.store.tables import table_of
from omero_embedded.updates.shape import Reference, references_to

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    from omero_embedded.commands.graph.things import Key, Thing, Things

_LINK_STEPS = tuple(Through(link) for link in LINKS)
FILESET = uses("Image.fileset")


@dataclass(frozen=True, slots=True)
class Joined:
    """A link object and its two ends."""

    link: Thing
    parent: Thing
    child: Thing


@dataclass(frozen=True, slots=True)
class Crossing:
    """An object that stays and points to one that goes."""

    holder: Thing
    reference: Reference
    target: Thing


def links_of(things: Things, going: Iterable[Thing]) -> list[Joined]:
    """Every link object with at least one end among the objects."""
    members = list(going)
    classes = {thing.class_name for thing in members}
    found: dict[Key, Any] = {}
    for step in _LINK_STEPS:
        above = any(SCHEMA[name].is_a(step.source) for name in classes)
        below = any(SCHEMA[name].is_a(step.end) for name in classes)
        pairs = [
            *(things.forward(step, members) if above else ()),
            *(things.backward(step, members) if below else ()),
        ]
        found |= {pair.link: pair for pair in pairs if pair.link is not None}
    things.load({key for link, pair in found.items() for key in (link, pair.source, pair.end)})
    return [
        Joined(things[link], things[pair.source], things[pair.end])
        for link, pair in sorted(found.items())
        if pair.source in things and pair.end in things
    ]


def references_into(things: Things, going: Iterable[Thing], taken: Container[Key]) -> Iterator[Crossing]:
    """References, other than of links, from objects that stay to objects that go."""
    by_class: dict[str, list[Thing]] = {}
    for thing in going:
        by_class.setdefault(thing.class_name, []).append(thing)
    for class_name, members in by_class.items():
        for reference in references_to(class_name):
            if SCHEMA[reference.holder].is_link or reference.holder in ("Event", "EventLog"):
                continue
            yield from _crossings(things, reference, members, taken)


def _crossings(
    things: Things, reference: Reference, members: list[Thing], taken: Container[Key]
) -> Iterator[Crossing]:
    table: Any = table_of(reference.holder)
    column = table.c[reference.field.column]
    root = SCHEMA[reference.holder].root
    targets = {thing.id: thing for thing in members}
    rows: list[tuple[int, int]] = []
    for part in chunks(targets):
        rows += [
            (row[0], row[1])
            for row in things.connection.execute(select(table.c.id, column).where(column.in_(part)))
        ]
    outside = [(holder, target) for holder, target in rows if (root, holder) not in taken]
    things.load((root, holder) for holder, _ in outside)
    for holder, target in outside:
        yield Crossing(things[root, holder], reference, targets[target])


def check_filesets(things: Things, going: Iterable[Thing], taken: Container[Key], verb: str) -> None:
    """Images of one fileset go together or not at all; raises GraphError."""
    images = [thing for thing in going if thing.root == "Image"]
    filesets = {pair.end: pair.source for pair in things.forward(FILESET, images) if pair.end not in taken}
    if not filesets:
        return
    for pair in things.backward(FILESET, things.load(filesets)):
        if pair.source not in taken:
            fileset, image, other = pair.end, filesets[pair.end], pair.source
            raise GraphError(
                f"within Fileset[{fileset[1]}] may not {verb} Image[{image[1]}] while Image[{other[1]}] remains"
            )


def check_rights(violations: Iterable[Thing], verb: str) -> None:
    """Raise GraphError if there are objects that the caller may not process."""
    names = [str(thing) for thing in violations]
    if names:
        shown = ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")
        raise GraphError(f"not permitted to {verb} {shown}")
