"""Annotations as they are, and the operations that change them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from omeroweb_omp_plugin.ownership import CLIENT_NAMESPACE, Pairs


class Policy(StrEnum):
    """What happens to pairs that are already there.

    keep: existing keys stay as they are; only missing keys are added. merge: missing keys are added and own values
    updated; other people's stay. replace_own: own annotations make room, others stay. replace_all: every annotation
    in the namespace makes room, whoever made it.
    """

    KEEP = "keep"
    MERGE = "merge"
    REPLACE_OWN = "replace_own"
    REPLACE_ALL = "replace_all"


@dataclass(frozen=True, slots=True)
class Annotation:
    """A map annotation linked to one object.

    links: how many objects it is linked to in all; a shared one is unlinked, never changed or deleted.
    changeable, removable: whether the writer may edit it, and delete or unlink it.
    """

    id: int
    pairs: Pairs
    namespace: str = CLIENT_NAMESPACE
    owner: int | None = None
    description: str = ""
    links: int = 1
    changeable: bool = True
    removable: bool = True


@dataclass(frozen=True, slots=True)
class Create:
    """Make an annotation and link it. `owner` is whose it was, for the record; the writer will own it."""

    pairs: Pairs
    namespace: str = CLIENT_NAMESPACE
    description: str = ""
    owner: int | None = None


@dataclass(frozen=True, slots=True)
class Update:
    """Replace the pairs of an annotation that has the pairs `before`."""

    id: int
    before: Pairs
    after: Pairs


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete an annotation that still is like this."""

    annotation: Annotation


@dataclass(frozen=True, slots=True)
class Unlink:
    """Take an annotation off this object; other objects keep it."""

    annotation: Annotation


@dataclass(frozen=True, slots=True)
class Link:
    """Put an annotation that other objects have back on this one."""

    annotation: Annotation


Operation = Create | Update | Delete | Unlink | Link


class CellState(StrEnum):
    """What happens to one key of an image."""

    ADD = "add"
    CHANGE = "change"
    SAME = "same"
    CONFLICT = "conflict"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Cell:
    """One key: its value before and after; None where there is none.

    A conflict is a different value that stays because it isn't ours to change; `written` tells whether ours comes
    beside it.
    """

    key: str
    state: CellState
    old: str | None
    new: str | None
    written: bool = True


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that happens to one object."""

    operations: tuple[Operation, ...] = ()
    cells: tuple[Cell, ...] = ()

    @property
    def changes(self) -> bool:
        return bool(self.operations)

    def count(self, state: CellState) -> int:
        """How many keys are in this state."""
        return sum(cell.state is state for cell in self.cells)
