"""Planning transfers: moving objects to another group (Chgrp2) or giving them to another user (Chown2)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from omero_embedded.commands.base import GraphError
from omero_embedded.commands.graph.border import check_filesets, links_of, references_into
from omero_embedded.commands.graph.deletion import Deletion, plan_deletion
from omero_embedded.commands.graph.options import Options
from omero_embedded.commands.graph.plan import Plan
from omero_embedded.commands.graph.rules import FILE_ANNOTATION, OWN, Shared, part
from omero_embedded.commands.graph.things import Through
from omero_embedded.model.schema import SCHEMA
from omero_embedded.security.directory import USER_GROUP
from omero_embedded.security.permissions import GROUP_ANNOTATE, GROUP_READ, GROUP_WRITE
from omero_embedded.store.statements import chunks
from omero_embedded.store.tables import table_of
from omero_embedded.updates.links import LinkRules

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from omero_embedded.commands.graph.border import Crossing, Joined
    from omero_embedded.commands.graph.things import Edge, Key, Thing, Things
    from omero_embedded.security.context import Call

_ROIS = part("Roi.image")
_SETTINGS = (part("RenderingDef.pixels"), part("Thumbnail.pixels"))
# Containers take along what others have put there, too.
_HELD = tuple(
    Through(f"{link}Link")
    for link in ("ProjectDataset", "DatasetImage", "FolderImage", "FolderRoi", "ScreenPlate")
)
# References that a transfer may cut; all others hold the two ends together.
_LOOSE = {("Folder", "parentFolder"), ("Mask", "pixels"), ("Pixels", "relatedTo")}


@dataclass(slots=True)
class Transfer:
    """What a transfer changes, deletes and empties."""

    changed: list[Thing]
    deletion: Deletion = field(default_factory=lambda: Deletion([], []))
    emptied: list[Crossing] = field(default_factory=list)


class MovePolicy:
    """What moves to another group: to a private one only what has the same owner."""

    verb = "move"

    def __init__(self, call: Call, *, to_private: bool) -> None:
        self._rules = LinkRules(call)
        self._moves_all = "Chgrp" in call.caller.privileges
        self._to_private = to_private

    def able(self, thing: Thing) -> bool:
        """Whether the caller may move the object: its owner may, and administrators with the privilege."""
        return self._rules.rights(thing.class_name, thing.owner, thing.group, thing.kind).chgrp

    def follows(self, above: Thing, below: Thing, shared: Shared) -> bool:
        """Whether the object moves with what used it."""
        same = above.owner == below.owner
        if below.root != "Annotation" and shared.need not in ("able", "own"):
            return True
        if shared.step == _ROIS:
            return same or not self._to_private
        if shared.need == OWN and not same:
            return False
        moves = self._moves_all and below.root != "Annotation"
        held = shared.step in _HELD and self.able(above)
        return same or (not self._to_private and (moves or held or self._may_delete(below)))

    def strands(self, thing: Thing) -> bool:
        """What others have put into a container cannot do without it, and moves only if the caller might delete it."""
        return thing.root in ("Dataset", "Image", "Plate") and not (
            self.able(thing) or self._may_delete(thing)
        )

    def takes_part(self, whole: Thing, piece: Thing, edge: Edge) -> bool:
        """Other people's settings do not go to a private group."""
        if edge == FILE_ANNOTATION:
            return False
        return edge not in _SETTINGS or not self._to_private or whole.owner == piece.owner

    def takes_link(self, joined: Joined) -> bool:
        """A link between two objects that move goes with them."""
        return not self._to_private or joined.parent.owner == joined.child.owner

    def drops_link(self, _joined: Joined) -> bool:
        """A link across groups cannot be."""
        return True

    def holds(self, data: Thing, tag: Thing) -> bool:
        """Whether the data that stays keeps its tag from moving: it does where the caller may not delete it."""
        return tag.is_a("TagAnnotation") and not self._may_delete(data)

    def keeps_together(self, _group: int | None) -> bool:
        """A reference across groups cannot be."""
        return True

    def drops(self, whole: Thing, piece: Thing) -> bool:
        """Whether the object that does not move with its whole is deleted: it would be of no use where it stays."""
        if piece.root in ("RenderingDef", "Thumbnail", "Roi"):
            return self._to_private and whole.owner != piece.owner
        simple = piece.is_a("BasicAnnotation") or piece.is_a("CommentAnnotation")
        personal = piece.is_a("TagAnnotation") or piece.is_a("FileAnnotation")
        return piece.root == "Annotation" and (simple or (not personal and self._may_delete(piece)))

    def _may_delete(self, thing: Thing) -> bool:
        return self._rules.rights(thing.class_name, thing.owner, thing.group, thing.kind).delete


class GivePolicy:
    """What goes to another owner: what the old owner had in and below the targets."""

    verb = "give"

    def __init__(self, call: Call) -> None:
        self._rules = LinkRules(call)
        self._directory = call.caller.directory

    def _perm(self, group: int | None) -> int:
        return self._directory.permissions(group) if group is not None else 0

    def able(self, thing: Thing) -> bool:
        """Whether the caller may give the object away: group owners may, and administrators with the privilege."""
        return self._rules.rights(thing.class_name, thing.owner, thing.group, thing.kind).chown

    def follows(self, above: Thing, below: Thing, _shared: Shared) -> bool:
        """Whether the object goes with what used it; annotations stay where others can annotate."""
        if below.root == "Annotation" and self._perm(below.group) & (GROUP_ANNOTATE | GROUP_WRITE):
            return False
        return above.owner == below.owner

    def takes_part(self, _whole: Thing, piece: Thing, edge: Edge) -> bool:
        """Settings are personal; they go only where nobody else could see them."""
        if edge == FILE_ANNOTATION:
            return False
        return edge not in _SETTINGS or self.keeps_together(piece.group)

    def takes_link(self, joined: Joined) -> bool:
        """The link goes too unless it is somebody else's."""
        return joined.link.owner in (joined.parent.owner, joined.child.owner)

    def drops_link(self, joined: Joined) -> bool:
        """A link between people's data stays only where the group allows such links."""
        perm = self._perm(joined.link.group)
        if joined.child.root == "Annotation":
            return not perm & GROUP_READ
        return not perm & GROUP_WRITE

    def strands(self, _thing: Thing) -> bool:
        """What may not be given stays where it is."""
        return False

    def holds(self, _data: Thing, _tag: Thing) -> bool:
        """Whatever uses an object, it may be given."""
        return False

    def keeps_together(self, group: int | None) -> bool:
        """In a private group one's data cannot refer to another's."""
        return not self._perm(group) & GROUP_READ

    def drops(self, _whole: Thing, _piece: Thing) -> bool:
        """Nothing is deleted but links."""
        return False


def plan_transfer(
    call: Call, things: Things, policy: MovePolicy | GivePolicy, targets: Iterable[Thing], options: Options
) -> Transfer:
    """Everything that moves or goes with the targets; raises GraphError where that may not be."""
    plan = Plan(things, policy, options)
    plan.run(targets)
    if plan.stranded:
        names = ", ".join(map(str, plan.stranded))
        raise GraphError(f"may not {policy.verb} {names}, which would be left without what holds it")
    dropped = _dropped(things, plan, policy)
    for joined in links_of(things, plan.all_taken()):
        if (
            joined.child.key in plan.taken
            and joined.parent.key not in plan.taken
            and policy.holds(joined.parent, joined.child)
        ):
            raise GraphError(f"may not {policy.verb} {joined.child} while used by {joined.parent}")
        if joined.link.key in plan.taken:
            continue
        both = joined.parent.key in plan.taken and _goes_or_is_everywhere(plan, joined.child)
        if both and policy.takes_link(joined):
            plan.taken[joined.link.key] = True
        elif not both and policy.drops_link(joined):
            dropped.append(joined.link)
    going = plan.all_taken()
    check_filesets(things, going, plan.taken, policy.verb)
    gone = {thing.key for thing in dropped}
    emptied = _check_border(things, going, plan.taken.keys() | gone, policy)
    deletion = plan_deletion(call, things, dropped, Options(), forced=True) if dropped else Deletion([], [])
    deleted = {thing.key for thing in deletion.deleted}
    return Transfer([thing for thing in going if thing.key not in deleted], deletion, emptied)


def _goes_or_is_everywhere(plan: Plan, thing: Thing) -> bool:
    return thing.key in plan.taken or thing.group in (None, USER_GROUP)


def _dropped(things: Things, plan: Plan, policy: MovePolicy | GivePolicy) -> list[Thing]:
    """What was left behind by its whole and is to be deleted."""
    going = plan.all_taken()
    pairs = [(pair.source, pair.end) for step in (*_SETTINGS, _ROIS) for pair in things.forward(step, going)]
    annotated = [joined for joined in links_of(things, going) if joined.child.root == "Annotation"]
    left = [
        joined
        for joined in annotated
        if joined.child.key not in plan.taken and joined.parent.key in plan.taken
    ]
    held = {
        joined.child.key
        for joined in links_of(things, {joined.child.key: joined.child for joined in left}.values())
        if joined.parent.key not in plan.taken and joined.child.root == "Annotation"
    }
    pairs += [(joined.parent.key, joined.child.key) for joined in left if joined.child.key not in held]
    things.load({key for pair in pairs for key in pair})
    found = {
        end: things[end]
        for source, end in pairs
        if end not in plan.taken and policy.drops(things[source], things[end])
    }
    return list(found.values())


def _check_border(
    things: Things, going: list[Thing], taken: set[Key], policy: MovePolicy | GivePolicy
) -> list[Crossing]:
    """References that the transfer would stretch: some are emptied, others forbid it."""
    emptied = []
    for crossing in references_into(things, going, taken):
        if crossing.holder.group is None or not policy.keeps_together(crossing.holder.group):
            continue
        if (crossing.reference.holder, crossing.reference.field.name) in _LOOSE:
            emptied.append(crossing)
        else:
            raise GraphError(f"may not {policy.verb} {crossing.target} while {crossing.holder} remains")
    for holder, target in _references_out(things, going, taken):
        if target.group not in (None, USER_GROUP) and policy.keeps_together(target.group):
            raise GraphError(f"may not {policy.verb} {holder} while {target} remains")
    return emptied


def _references_out(things: Things, going: list[Thing], taken: set[Key]) -> Iterator[tuple[Thing, Thing]]:
    by_class: dict[str, list[Thing]] = {}
    for thing in going:
        by_class.setdefault(thing.class_name, []).append(thing)
    for class_name, members in by_class.items():
        cls = SCHEMA[class_name]
        for reference in cls.fields.values():
            loose = (reference.declared_in, reference.name) in _LOOSE
            if reference.kind != "entity" or cls.is_link or loose or SCHEMA[reference.type].is_global:
                continue
            table: Any = table_of(class_name)
            column = table.c[reference.column]
            holders = {thing.id: thing for thing in members}
            root = SCHEMA[reference.type].root
            for ids in chunks(holders):
                found = things.connection.execute(
                    select(table.c.id, column).where(table.c.id.in_(ids), column.is_not(None))
                )
                outside = [
                    (holder, (root, target)) for holder, target in found if (root, target) not in taken
                ]
                things.load(key for _, key in outside)
                yield from ((holders[holder], things[key]) for holder, key in outside if key in things)
