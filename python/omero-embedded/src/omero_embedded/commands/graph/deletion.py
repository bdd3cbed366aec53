"""Planning deletions, for Delete2 and for what other commands must delete on the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from omero_embedded.commands.base import GraphError
from omero_embedded.commands.graph.border import (
    check_filesets,
    check_rights,
    links_of,
    references_into,
)
from omero_embedded.commands.graph.plan import Plan
from omero_embedded.commands.graph.rules import ABLE, DISPLAY, OWN
from omero_embedded.updates.links import LinkRules

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from omero_embedded.commands.graph.border import Crossing, Joined
    from omero_embedded.commands.graph.options import Options
    from omero_embedded.commands.graph.rules import Shared
    from omero_embedded.commands.graph.things import Edge, Key, Thing, Things
    from omero_embedded.security.context import Call
    from omero_embedded.security.permissions import Rights


@dataclass(frozen=True, slots=True)
class Deletion:
    """What a deletion deletes, and the references it empties."""

    deleted: list[Thing]
    emptied: list[Crossing]


class DeletePolicy:
    """Contents follow when the caller may delete them and nothing else uses them."""

    def __init__(self, rules: LinkRules) -> None:
        self._rules = rules

    def rights(self, thing: Thing) -> Rights:
        """What the caller may do with an object."""
        return self._rules.rights(thing.class_name, thing.owner, thing.group, thing.kind)

    def able(self, thing: Thing) -> bool:
        """Whether the caller may delete the object."""
        return self.rights(thing).delete

    def strands(self, _thing: Thing) -> bool:
        """What may not be deleted stays."""
        return False

    def follows(self, above: Thing, below: Thing, shared: Shared) -> bool:
        """Whether the object may be deleted with what used it."""
        if shared.need not in (ABLE, OWN):
            return True
        return self.able(below) and (shared.need == ABLE or above.owner == below.owner)

    def takes_part(self, _whole: Thing, _part: Thing, _edge: Edge) -> bool:
        """All parts go with their whole."""
        return True


def plan_deletion(
    call: Call,
    things: Things,
    targets: Iterable[Thing],
    options: Options,
    *,
    forced: bool = False,
    unasked: Collection[Key] = (),
) -> Deletion:
    """Everything that is deleted with the targets; raises GraphError where that may not be.

    With `forced` the caller's rights do not matter, nor do they for the targets in `unasked`.
    """
    policy = DeletePolicy(LinkRules(call))
    plan = Plan(things, policy, options)
    heads = list(targets)
    asked = [thing for thing in heads if thing.key not in unasked]
    if not forced:
        check_rights((thing for thing in asked if not policy.able(thing)), "delete")
    plan.run(asked, forced=forced)
    plan.run((thing for thing in heads if thing.key in unasked), forced=True)
    for joined in links_of(things, plan.all_taken()):
        if not options.ignores(joined.link):
            if not forced:
                _check_tag(plan, policy, joined)
            plan.taken.setdefault(joined.link.key, True)
    going = plan.all_taken()
    check_rights((thing for thing in going if not plan.taken[thing.key] and not policy.able(thing)), "delete")
    check_filesets(things, going, plan.taken, "delete")
    emptied = []
    for crossing in references_into(things, going, plan.taken):
        if crossing.reference.required:
            raise GraphError(f"may not delete {crossing.target} while {crossing.holder} remains")
        emptied.append(crossing)
    if not forced:
        check_rights(
            (crossing.holder for crossing in emptied if not policy.rights(crossing.holder).edit), "update"
        )
    return Deletion(going, emptied)


def display_of_own(call: Call, things: Things, targets: Iterable[Thing]) -> set[Key]:
    """Those of the targets that go with data of the caller's, like other people's settings of an image."""
    policy = DeletePolicy(LinkRules(call))
    members = list(targets)
    found: set[Key] = set()
    for edge in DISPLAY:
        pairs = things.backward(edge, members)
        wholes = {thing.key: thing for thing in things.load({pair.source for pair in pairs})}
        found |= {pair.end for pair in pairs if pair.source in wholes and policy.able(wholes[pair.source])}
    return found


def _check_tag(plan: Plan, policy: DeletePolicy, joined: Joined) -> None:
    """A tag stays as long as it is on data that the caller may not delete."""
    tag, data = joined.child, joined.parent
    if (
        tag.is_a("TagAnnotation")
        and tag.key in plan.taken
        and data.key not in plan.taken
        and not policy.able(data)
    ):
        raise GraphError(f"may not delete {tag} while {data} remains")
