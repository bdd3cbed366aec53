"""Taking a written plan back, and what a plan leads to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from omeroweb_omp_plugin.merge.model import Annotation, Create, Delete, Link, Operation, Unlink, Update

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


class StaleError(RuntimeError):
    """Somebody changed the annotation meanwhile, so the operation is not carried out."""


@dataclass(frozen=True, slots=True)
class Done:
    """An operation that was carried out; `id` is the annotation's, new for one that was made."""

    operation: Operation
    id: int


def undo(done: Sequence[Done]) -> tuple[Operation, ...]:
    """The operations that restore what was there, last one first.

    Each expects what the job left and so fails with StaleError where somebody has edited since. Annotations that
    were deleted come back with a new id and belong to whoever undoes.
    """
    return tuple(inverse(entry) for entry in reversed(done))


def inverse(entry: Done) -> Operation:
    """The operation that takes one back."""
    match entry.operation:
        case Create(pairs, namespace, description, owner):
            return Delete(Annotation(entry.id, pairs, namespace, owner, description))
        case Update(number, before, after):
            return Update(number, after, before)
        case Delete(annotation):
            return Create(annotation.pairs, annotation.namespace, annotation.description, annotation.owner)
        case Unlink(annotation):
            return Link(annotation)
        case Link(annotation):
            return Unlink(annotation)


def check_current(current: Annotation | None, operation: Operation) -> None:
    """Raise StaleError unless the annotation still is what the operation expects; None means it is gone."""
    match operation:
        case Update(number, before, _):
            expected = before
        case Delete(annotation) | Unlink(annotation):
            number, expected = annotation.id, annotation.pairs
        case _:
            return
    if current is None:
        raise StaleError(f"Annotation {number} is no longer there")
    if current.pairs != expected:
        raise StaleError(f"Annotation {number} was changed since; it is left as it is")


def carry_out(
    existing: Iterable[Annotation],
    operations: Iterable[Operation],
    new_id: Callable[[], int],
    writer: int | None = None,
) -> tuple[tuple[Annotation, ...], tuple[Done, ...]]:
    """The annotations an object has after some operations, and what was done: a dry run.

    Raises: StaleError.
    """
    state = {annotation.id: annotation for annotation in existing}
    done = []
    for operation in operations:
        match operation:
            case Create(pairs, namespace, description, owner):
                made = Annotation(new_id(), pairs, namespace, writer if owner is None else owner, description)
                state[made.id] = made
                done.append(Done(operation, made.id))
            case Update(number, _, after):
                check_current(state.get(number), operation)
                state[number] = replace(state[number], pairs=after)
                done.append(Done(operation, number))
            case Delete(annotation) | Unlink(annotation):
                check_current(state.get(annotation.id), operation)
                del state[annotation.id]
                done.append(Done(operation, annotation.id))
            case Link(annotation):
                state[annotation.id] = annotation
                done.append(Done(operation, annotation.id))
    return tuple(state.values()), tuple(done)
