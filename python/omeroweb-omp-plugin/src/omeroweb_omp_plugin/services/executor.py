"""Carrying out operations on many objects with few requests, and saying for each object what happened.

What the server refuses for a batch is tried in halves, so that one bad object doesn't keep the others back.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import omero
import omero.model
from omero.rtypes import rstring, unwrap

from omero_plugin_common.omero_access.annotations import map_annotation
from omero_plugin_common.omero_access.deletion import DeletionError, delete
from omero_plugin_common.omero_access.images import chunks
from omeroweb_omp_plugin.merge.model import Annotation, Create, Delete, Link, Operation, Unlink, Update
from omeroweb_omp_plugin.merge.undo import Done, StaleError, check_current
from omeroweb_omp_plugin.services.existing import find_all

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

FETCH = "select ann from MapAnnotation ann left outer join fetch ann.mapValue where ann.id in (:ids)"


@dataclass(slots=True)
class Outcome:
    """What was carried out on one object, and what was not and why."""

    done: list[Done] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Task:
    """One operation on one object."""

    object_id: int
    operation: Operation


@dataclass(slots=True)
class Executor:
    """Acts on objects of one class in the connection's group context.

    present: the annotations the objects have now, which every change is checked against.
    """

    conn: Any
    object_type: str
    present: Mapping[int, Sequence[Annotation]]
    outcomes: dict[int, Outcome] = field(default_factory=lambda: defaultdict(Outcome))

    def run(self, work: Mapping[int, Sequence[Operation]]) -> dict[int, Outcome]:
        """Carry out each object's operations: what adds comes before what removes."""
        tasks: dict[type, list[Task]] = defaultdict(list)
        for object_id, operations in work.items():
            known = {annotation.id: annotation for annotation in self.present.get(object_id, ())}
            for operation in operations:
                checked = self._checked(object_id, operation, known)
                if checked is not None:
                    tasks[type(checked)].append(Task(object_id, checked))
        self._try(tasks[Update], self._update)
        for same_object in rounds(tasks[Create]):
            self._try(same_object, self._create)
        for kind, act in ((Link, self._link), (Unlink, self._unlink), (Delete, self._delete)):
            self._try(tasks[kind], act)
        return {object_id: self.outcomes[object_id] for object_id in work}

    def _checked(
        self, object_id: int, operation: Operation, known: Mapping[int, Annotation]
    ) -> Operation | None:
        """The operation if the annotation still is what it expects; a shared one is unlinked, not deleted."""
        number = number_of(operation)
        current = known.get(number) if number is not None else None
        try:
            check_current(current, operation)
        except StaleError as stale:
            self.outcomes[object_id].problems.append(f"{stale}.")
            return None
        if isinstance(operation, Delete) and current is not None:
            return Delete(current) if current.links == 1 else Unlink(current)
        return operation

    def _try(self, tasks: list[Task], act: Callable[[list[Task]], list[int]]) -> None:
        """Act on all at once; when the server refuses, on halves, down to the one it refuses."""
        if not tasks:
            return
        try:
            numbers = act(tasks)
        except omero.SessionException:
            raise
        except (omero.ServerError, DeletionError) as refusal:
            if len(tasks) == 1:
                self.outcomes[tasks[0].object_id].problems.append(refusal_text(refusal))
                return
            middle = len(tasks) // 2
            self._try(tasks[:middle], act)
            self._try(tasks[middle:], act)
            return
        for task, number in zip(tasks, numbers, strict=True):
            if number:
                self.outcomes[task.object_id].done.append(Done(task.operation, number))

    def _create(self, tasks: list[Task]) -> list[int]:
        links = []
        for task in tasks:
            assert isinstance(task.operation, Create)
            annotation = map_annotation(task.operation.pairs, task.operation.namespace)
            if task.operation.description:
                annotation.description = rstring(task.operation.description)
            links.append(self._new_link(task.object_id, annotation))
        saved = self.conn.getUpdateService().saveAndReturnArray(links, self.conn.SERVICE_OPTS)
        made = {unwrap(link.parent.id): unwrap(link.child.id) for link in saved}
        return [made[task.object_id] for task in tasks]

    def _update(self, tasks: list[Task]) -> list[int]:
        operations = {
            task.operation.id: task.operation for task in tasks if isinstance(task.operation, Update)
        }
        changed, fresh = [], set()
        for annotation in [ann for chunk in chunks(operations) for ann in find_all(self.conn, FETCH, chunk)]:
            operation = operations[unwrap(annotation.id)]
            if operation.id in fresh:
                continue
            now = tuple((pair.name or "", pair.value or "") for pair in annotation.getMapValue() or ())
            if now == operation.before:
                annotation.setMapValue([omero.model.NamedValue(*pair) for pair in operation.after])
                changed.append(annotation)
                fresh.add(operation.id)
        if changed:
            self.conn.getUpdateService().saveArray(changed, self.conn.SERVICE_OPTS)
        for task in tasks:
            number = number_of(task.operation)
            if number not in fresh:
                self.outcomes[task.object_id].problems.append(f"Annotation {number} was changed meanwhile.")
        return [number if (number := number_of(task.operation)) in fresh and number else 0 for task in tasks]

    def _delete(self, tasks: list[Task]) -> list[int]:
        numbers = [number_of(task.operation) or 0 for task in tasks]
        delete(self.conn, "MapAnnotation", numbers)
        return numbers

    def _unlink(self, tasks: list[Task]) -> list[int]:
        """Remove the links; an annotation may be on several of the objects, so links are found by both ends."""
        query = (
            f"select link from {self.object_type}AnnotationLink link "  # noqa: S608 - the class is code
            "where link.child.id in (:ids)"
        )
        numbers = [number_of(task.operation) or 0 for task in tasks]
        wanted = {(task.object_id, number): task for task, number in zip(tasks, numbers, strict=True)}
        links = [
            unwrap(link.id)
            for chunk in chunks(numbers)
            for link in find_all(self.conn, query, chunk)
            if (unwrap(link.parent.id), unwrap(link.child.id)) in wanted
        ]
        delete(self.conn, f"{self.object_type}AnnotationLink", links)
        return numbers

    def _link(self, tasks: list[Task]) -> list[int]:
        numbers = [number_of(task.operation) or 0 for task in tasks]
        links = [
            self._new_link(task.object_id, omero.model.MapAnnotationI(number, False))
            for task, number in zip(tasks, numbers, strict=True)
        ]
        self.conn.getUpdateService().saveArray(links, self.conn.SERVICE_OPTS)
        return numbers

    def _new_link(self, object_id: int, annotation: Any) -> Any:
        link = getattr(omero.model, f"{self.object_type}AnnotationLinkI")()
        link.parent = getattr(omero.model, f"{self.object_type}I")(object_id, False)
        link.child = annotation
        return link


def rounds(tasks: Sequence[Task]) -> list[list[Task]]:
    """The tasks in groups in which each object occurs once; one group in all usual cases."""
    found: list[list[Task]] = []
    count: dict[int, int] = defaultdict(int)
    for task in tasks:
        place = count[task.object_id]
        count[task.object_id] += 1
        if place == len(found):
            found.append([])
        found[place].append(task)
    return found


def number_of(operation: Operation) -> int | None:
    """The id of the annotation an operation is about; None when it makes one."""
    match operation:
        case Create():
            return None
        case Update(number, _, _):
            return number
        case Delete(annotation) | Unlink(annotation) | Link(annotation):
            return annotation.id


def refusal_text(refusal: Exception) -> str:
    """What the server said, as a sentence."""
    text = getattr(refusal, "message", "") or str(refusal)
    return f"OMERO refused: {text.strip().splitlines()[0][:300] if text.strip() else type(refusal).__name__}"
