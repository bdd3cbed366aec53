"""What has to happen on one object so that it carries the wanted pairs, under a policy."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from omeroweb_omp_plugin.merge.model import (
    Annotation,
    Cell,
    CellState,
    Create,
    Delete,
    Operation,
    Plan,
    Policy,
    Unlink,
    Update,
)
from omeroweb_omp_plugin.ownership import CLIENT_NAMESPACE, Pairs, Signer, check_unique, without_mark

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(slots=True)
class Situation:
    """An object's annotations in the namespace, told apart.

    own: made by this plugin for this writer, unedited since, and the writer's to change. foreign: all others.
    """

    signer: Signer
    namespace: str
    own: list[Annotation] = field(default_factory=list)
    foreign: list[Annotation] = field(default_factory=list)

    def sort(self, existing: Iterable[Annotation], writer: int | None) -> Situation:
        """Put each annotation of the namespace where it belongs; others are left out of everything."""
        for annotation in sorted(existing, key=lambda entry: entry.id):
            if annotation.namespace == self.namespace:
                own = is_own(annotation, self.signer, writer)
                (self.own if own else self.foreign).append(annotation)
        return self

    @property
    def editable(self) -> list[Annotation]:
        """Own annotations that no other object shares."""
        return [annotation for annotation in self.own if annotation.links == 1 and annotation.changeable]

    def write(self, annotation: Annotation | None, pairs: Pairs) -> list[Operation]:
        """Give an own annotation these pairs, or make a new one."""
        signed = self.signer.signed(pairs)
        if annotation is None:
            return [Create(signed, self.namespace)]
        return [] if annotation.pairs == signed else [Update(annotation.id, annotation.pairs, signed)]


def is_own(annotation: Annotation, signer: Signer, writer: int | None = None) -> bool:
    """Whether the plugin made this annotation for the writer (anybody when None) and nobody edited it since."""
    mine = writer is None or annotation.owner is None or annotation.owner == writer
    return mine and annotation.removable and signer.owns(annotation.pairs)


def plan_write(
    existing: Iterable[Annotation],
    wanted: Pairs,
    policy: Policy,
    signer: Signer,
    *,
    writer: int | None = None,
    namespace: str = CLIENT_NAMESPACE,
) -> Plan:
    """Plan the writing of `wanted` pairs on one object; no pairs mean no change, whatever the policy.

    Raises: ValueError when a wanted key occurs twice or is the mark's own.
    """
    check_unique([key for key, _ in wanted])
    if not wanted:
        return Plan()
    situation = Situation(signer, namespace).sort(existing, writer)
    if policy in {Policy.KEEP, Policy.MERGE}:
        return plan_merge(situation, wanted, update=policy is Policy.MERGE)
    going = situation.own if policy is Policy.REPLACE_OWN else removable(situation)
    return plan_replacement(situation, wanted, going)


def plan_removal(
    existing: Iterable[Annotation],
    signer: Signer,
    *,
    everybodys: bool = False,
    writer: int | None = None,
    namespace: str = CLIENT_NAMESPACE,
) -> Plan:
    """Plan the removal of own annotations, or of everybody's that the writer may remove."""
    situation = Situation(signer, namespace).sort(existing, writer)
    going = removable(situation) if everybodys else situation.own
    cells = tuple(
        Cell(key, CellState.DELETE, value, None)
        for entry in going
        for key, value in without_mark(entry.pairs)
    )
    return Plan(tuple(map(take_off, going)), cells)


def plan_merge(situation: Situation, wanted: Pairs, *, update: bool) -> Plan:
    """Add what is missing; with `update` also bring own values up to date."""
    editable = situation.editable
    holder = {key: entry for entry in reversed(editable) for key, _ in entry.pairs}
    others = [entry for entry in (*situation.foreign, *situation.own) if entry not in editable]
    fixed = values_by_key(others)
    changed: dict[int, dict[str, str]] = defaultdict(dict)
    added: list[tuple[str, str]] = []
    cells = []
    for key, value in wanted:
        if not update and value in fixed.get(key, ()):
            cells.append(merged_cell(key, value, value, CellState.SAME))
        elif key in holder:
            old = dict(holder[key].pairs)[key]
            cells.append(merged_cell(key, old, value, CellState.CHANGE if update else CellState.CONFLICT))
            if update and old != value:
                changed[holder[key].id][key] = value
        elif key in fixed:
            old = value if value in fixed[key] else fixed[key][0]
            cells.append(merged_cell(key, old, value, CellState.CONFLICT))
        else:
            added.append((key, value))
            cells.append(Cell(key, CellState.ADD, None, value))
    target = editable[0] if editable else None
    operations: list[Operation] = []
    for entry in editable:
        pairs = tuple((key, changed[entry.id].get(key, old)) for key, old in without_mark(entry.pairs))
        more = tuple(added) if entry is target else ()
        operations += situation.write(entry, pairs + more) if more or changed[entry.id] else []
    if added and target is None:
        operations += situation.write(None, tuple(added))
    return Plan(tuple(operations), tuple(cells))


def merged_cell(key: str, old: str, new: str, otherwise: CellState) -> Cell:
    """The cell of a key that is already there: same, or what it is otherwise."""
    if old == new:
        return Cell(key, CellState.SAME, old, new, written=False)
    return Cell(key, otherwise, old, new, written=otherwise is CellState.CHANGE)


def plan_replacement(situation: Situation, wanted: Pairs, going: Sequence[Annotation]) -> Plan:
    """Put the wanted pairs in the place of some annotations; the first own one is reused."""
    target = next(iter(situation.editable), None)
    operations = [take_off(entry) for entry in going if entry is not target]
    operations += situation.write(target, wanted)
    stay = [entry for entry in situation.foreign if entry not in going]
    return Plan(
        tuple(operations), tuple(replacement_cells(wanted, values_by_key(going), values_by_key(stay)))
    )


def replacement_cells(
    wanted: Pairs, going: dict[str, list[str]], staying: dict[str, list[str]]
) -> Iterable[Cell]:
    """What happens to each key, the wanted ones first."""
    for key, value in wanted:
        elsewhere = [old for old in staying.get(key, ()) if old != value]
        if elsewhere:
            yield Cell(key, CellState.CONFLICT, elsewhere[0], value)
        elif key in going:
            same = going[key] == [value]
            yield Cell(key, CellState.SAME if same else CellState.CHANGE, going[key][0], value)
        elif key in staying:
            yield Cell(key, CellState.SAME, value, value)
        else:
            yield Cell(key, CellState.ADD, None, value)
    kept = {key for key, _ in wanted}
    for key, values in going.items():
        if key not in kept:
            for value in values:
                yield Cell(key, CellState.DELETE, value, None)


def values_by_key(annotations: Iterable[Annotation]) -> dict[str, list[str]]:
    """All values of each key, in order, without marks."""
    found: dict[str, list[str]] = defaultdict(list)
    for annotation in annotations:
        for key, value in without_mark(annotation.pairs):
            found[key].append(value)
    return found


def removable(situation: Situation) -> list[Annotation]:
    """Every annotation the writer may remove."""
    return [entry for entry in (*situation.own, *situation.foreign) if entry.removable]


def take_off(annotation: Annotation) -> Operation:
    """Remove an annotation from the object: delete it unless other objects have it too."""
    return Delete(annotation) if annotation.links == 1 else Unlink(annotation)
