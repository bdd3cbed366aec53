"""Finding out what a batch did before its worker died: the plan was saved before, OMERO tells the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omeroweb_omp_plugin.merge.model import Annotation, Create, Delete, Link, Operation, Unlink, Update
from omeroweb_omp_plugin.merge.undo import Done

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence


def settle(
    planned: Sequence[Operation], present: Sequence[Annotation], known_ids: Collection[int], writer: int
) -> tuple[list[Done], list[Operation]]:
    """Part a plan in what took effect and what still has to be done.

    present: the object's annotations now; known_ids: those it had before the plan; writer: who carried it out.
    """
    now = {annotation.id: annotation for annotation in present}
    new = {
        number: annotation
        for number, annotation in now.items()
        if number not in known_ids and annotation.owner == writer
    }
    done: list[Done] = []
    left: list[Operation] = []
    for operation in planned:
        number = effect(operation, now, new)
        if number is None:
            left.append(operation)
        else:
            new.pop(number, None)
            done.append(Done(operation, number))
    return done, left


def effect(operation: Operation, now: dict[int, Annotation], new: dict[int, Annotation]) -> int | None:
    """The id of the annotation on which the operation shows; None when it doesn't."""
    match operation:
        case Create(pairs, namespace, _, _):
            made = (
                entry.id for entry in new.values() if (entry.pairs, entry.namespace) == (pairs, namespace)
            )
            return next(made, None)
        case Update(number, before, after):
            # A plan never updates to what is there, so `after` can only be its own work.
            return number if number in now and before != after and now[number].pairs == after else None
        case Delete(annotation) | Unlink(annotation):
            return annotation.id if annotation.id not in now else None
        case Link(annotation):
            return annotation.id if annotation.id in now else None
