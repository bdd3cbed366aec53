"""What contains an object, and what it contains, as far as the caller can see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omero_embedded.commands.graph.rules import DISPLAY, LINKS, PARTS, SHARED
from omero_embedded.commands.graph.things import Edge, Through
from omero_embedded.updates.links import LinkRules

if TYPE_CHECKING:
    from collections.abc import Iterable

    from omero_embedded.commands.graph.things import Key, Pair, Step, Thing, Things
    from omero_embedded.security.context import Call

FILESET = Edge("Image", "fileset", to_holder=False)
_LINK_STEPS = tuple(Through(link) for link in LINKS if link not in ("GroupExperimenterMap", "ShareMember"))
STEPS: tuple[Step, ...] = tuple(
    dict.fromkeys((*PARTS, *DISPLAY, *(rule.step for rule in SHARED if rule.step != FILESET), *_LINK_STEPS))
)


def descend(
    call: Call,
    things: Things,
    targets: Iterable[Thing],
    *,
    stop: Iterable[str] = (),
    steps: Iterable[Step] = STEPS,
) -> list[Thing]:
    """Everything below the targets, link objects included; objects of the classes in `stop` are not entered."""
    return _walk(call, things, targets, tuple(stop), tuple(steps), down=True)


def ascend(call: Call, things: Things, targets: Iterable[Thing], *, stop: Iterable[str] = ()) -> list[Thing]:
    """Everything above the targets, link objects included; objects of the classes in `stop` are not entered."""
    return _walk(call, things, targets, tuple(stop), STEPS, down=False)


def _walk(
    call: Call,
    things: Things,
    targets: Iterable[Thing],
    stop: tuple[str, ...],
    steps: tuple[Step, ...],
    *,
    down: bool,
) -> list[Thing]:
    rules = LinkRules(call)
    start = list(targets)
    seen: dict[Key, Thing] = {thing.key: thing for thing in start}
    fresh = start
    while fresh:
        pairs: list[Pair] = []
        for step in steps:
            pairs += things.forward(step, fresh) if down else things.backward(step, fresh)
        keys = {
            key for pair in pairs for key in (pair.end if down else pair.source, pair.link) if key is not None
        }
        fresh = []
        for thing in things.load(sorted(keys - seen.keys())):
            stopped = any(thing.is_a(name) for name in stop)
            if not stopped and rules.rights(thing.class_name, thing.owner, thing.group, thing.kind).see:
                seen[thing.key] = thing
                fresh.append(thing)
    first = {thing.key for thing in start}
    return [thing for key, thing in seen.items() if key not in first]
