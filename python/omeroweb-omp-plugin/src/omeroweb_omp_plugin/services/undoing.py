"""Taking a job back, from its rows."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from omeroweb_omp_plugin.merge.model import Annotation, Create, Delete, Link, Operation, Unlink, Update
from omeroweb_omp_plugin.merge.record import from_json
from omeroweb_omp_plugin.merge.undo import Done
from omeroweb_omp_plugin.merge.undo import undo as inverse_operations
from omeroweb_omp_plugin.services.resume import settle
from omeroweb_omp_plugin.services.runs import Item
from omeroweb_omp_plugin.store.runs import ObjectState, RestoredAnnotation, WrittenObject

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from django.db.models import QuerySet


@dataclass(slots=True)
class UndoPlan:
    """The rows of one job of one user, and what takes them back."""

    job_id: str
    owner_id: int
    username: str
    rows: dict[int, WrittenObject] = field(default_factory=dict)
    restored: dict[int, int] = field(default_factory=dict)
    done: dict[int, list[Done]] = field(default_factory=dict)

    def listed(self) -> list[tuple[str, Item]]:
        """Every object the job may have changed, last one first; the same list each time."""
        rows = (
            self._mine()
            .exclude(state__in=[ObjectState.SAME, ObjectState.SKIPPED])
            .order_by("-id")
            .values_list("object_type", "object_id", "name")
        )
        return [(object_type, Item(number, name)) for object_type, number, name in rows]

    def load(self, object_type: str, items: Sequence[Item]) -> None:
        """Read the rows of one batch, and under which ids annotations have come back since."""
        numbers = [item.id for item in items]
        found = self._mine().filter(object_type=object_type, object_id__in=numbers)
        self.rows = {row.object_id: row for row in found}
        self.done = {}
        mentioned = {
            number
            for row in self.rows.values()
            for entry in row.operations
            for number in numbers_in(from_json(entry))
        }
        self.restored = newest_ids(mentioned)

    def plan(self, item: Item, now: Sequence[Annotation]) -> Sequence[Operation]:
        """The operations that take the job back on one object."""
        row = self.rows.get(item.id)
        if row is None or row.state == ObjectState.UNDONE:
            return ()
        done = [renumbered(from_json(entry), self.restored) for entry in row.operations]
        if row.state == ObjectState.PLANNED:
            done, _ = settle([entry.operation for entry in done], now, set(row.known_ids), self.owner_id)
        present = {annotation.id: annotation for annotation in now}
        return inverse_operations([entry for entry in done if not is_back(entry, present)])

    def note(self, undo_job_id: str, object_type: str, items: Sequence[Item]) -> None:
        """Mark what was taken back, and remember the new ids of annotations that came back."""
        ends = WrittenObject.objects.filter(
            job_id=undo_job_id, object_type=object_type, object_id__in=[item.id for item in items]
        )
        clean = []
        back: list[RestoredAnnotation] = []
        for end in ends:
            row = self.rows.get(end.object_id)
            if row is None:
                continue
            if end.state not in {ObjectState.FAILED, ObjectState.PLANNED}:
                clean.append(row.id)
            gone = [renumbered(from_json(entry), self.restored) for entry in row.operations]
            back += [
                RestoredAnnotation(old_id=old, new_id=new, owner_id=self.owner_id, username=self.username)
                for old, new in returned(gone, [from_json(entry) for entry in end.operations])
            ]
        WrittenObject.objects.filter(pk__in=clean).update(state=ObjectState.UNDONE)
        RestoredAnnotation.objects.bulk_create(
            back, update_conflicts=True, unique_fields=["old_id"], update_fields=["new_id"]
        )

    def _mine(self) -> QuerySet[WrittenObject]:
        return WrittenObject.objects.filter(job_id=self.job_id, owner_id=self.owner_id)


def numbers_in(done: Done) -> list[int]:
    """The annotations that a record mentions."""
    return [done.id] if done.id else []


def newest_ids(numbers: Iterable[int]) -> dict[int, int]:
    """Under which id each annotation is there now, following it through several returns."""
    newest: dict[int, int] = {}
    asked = set(numbers)
    while asked:
        step = dict(RestoredAnnotation.objects.filter(old_id__in=asked).values_list("old_id", "new_id"))
        newest.update(step)
        asked = set(step.values()) - newest.keys()
    return {number: follow(number, newest) for number in newest}


def follow(number: int, moves: dict[int, int]) -> int:
    """The end of a chain of moves."""
    while number in moves:
        number = moves[number]
    return number


def renumbered(done: Done, ids: dict[int, int]) -> Done:
    """The record with today's id of its annotation."""
    number = ids.get(done.id, done.id)
    match done.operation:
        case Update(_, before, after):
            return Done(Update(number, before, after), number)
        case Delete(annotation):
            return Done(Delete(replace(annotation, id=number)), number)
        case Unlink(annotation):
            return Done(Unlink(replace(annotation, id=number)), number)
        case Link(annotation):
            return Done(Link(replace(annotation, id=number)), number)
        case Create():
            return Done(done.operation, number)


def is_back(done: Done, present: Mapping[int, Annotation]) -> bool:
    """Whether an undo before, which failed elsewhere on the object, has taken this operation back already.

    Without this check each further try would make a deleted annotation once more.
    """
    match done.operation:
        case Delete(annotation) | Unlink(annotation):
            return annotation.id in present
        case Update(number, before, _):
            return number in present and present[number].pairs == before
        case _:
            return False


def returned(gone: Sequence[Done], made: Sequence[Done]) -> list[tuple[int, int]]:
    """Old and new ids of annotations that were deleted and made again with the same content."""
    waiting: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for entry in gone:
        if isinstance(entry.operation, Delete):
            annotation = entry.operation.annotation
            waiting[annotation.pairs, annotation.namespace, annotation.description].append(annotation.id)
    moves = []
    for entry in made:
        if isinstance(entry.operation, Create):
            content = (entry.operation.pairs, entry.operation.namespace, entry.operation.description)
            if waiting[content]:
                moves.append((waiting[content].pop(), entry.id))
    return moves
