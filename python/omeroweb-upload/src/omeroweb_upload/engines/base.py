"""What an engine takes and gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class SetFile:
    """One file of a set: what it is called, where it is, and its checksums as they were when it arrived."""

    path: str
    staged: Path
    size: int
    sha256: str
    sha1: str


@dataclass(frozen=True, slots=True)
class SetPlan:
    """One file set to import; `files` begin with the one to hand to a reader.

    `marker` is found again in OMERO with `find_filesets`; `target` is ("Dataset" or "Screen", id) or None.
    """

    id: int
    marker: str
    files: tuple[SetFile, ...]
    target: tuple[str, int] | None
    name: str | None = None
    in_place: bool = False

    @property
    def main(self) -> SetFile:
        return self.files[0]


@dataclass(frozen=True, slots=True)
class SetResult:
    """What became of one set; `reason` is short and for metrics, `message` for the user."""

    id: int
    image_ids: tuple[int, ...] = ()
    plate_ids: tuple[int, ...] = ()
    fileset_id: int | None = None
    message: str = ""
    reason: str = ""
    seconds: float = 0.0

    @property
    def imported(self) -> bool:
        return not self.message


class Watch(Protocol):
    """Lets an engine stop when its job is to stop."""

    def check(self) -> None:
        """Raise when the job must end now."""


class Engine(Protocol):
    """One way of importing."""

    name: str

    def run(self, conn: Any, plans: Sequence[SetPlan], watch: Watch) -> Iterator[SetResult]:
        """Import sets and yield one result for each as they end, in any order."""
