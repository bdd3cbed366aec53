"""Which group has which project number: given once, never to another group, kept in a file of the service's own."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field

from omeroweb_admin_tools.enforcer.requests import GROUP_NAME

if TYPE_CHECKING:
    from pathlib import Path

FIRST_PROJECT = 200_000


class Projects(BaseModel):
    """Numbers by group name."""

    model_config = ConfigDict(extra="forbid", strict=True)

    version: int = 1
    numbers: dict[
        Annotated[str, Field(pattern=GROUP_NAME)], Annotated[int, Field(ge=FIRST_PROJECT, lt=2**31)]
    ] = {}

    def number_of(self, group: str) -> int:
        """Return the group's number, a new one the first time."""
        if group not in self.numbers:
            self.numbers[group] = max(self.numbers.values(), default=FIRST_PROJECT - 1) + 1
        return self.numbers[group]


def read(path: Path) -> Projects:
    """Return the known numbers; raises ValueError for a damaged file, which must be looked at by a person."""
    try:
        return Projects.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return Projects()


def write(path: Path, projects: Projects) -> None:
    """Replace the file as a whole; it is on disk when this returns."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(path.name + ".new")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(json.dumps(projects.model_dump(), indent=2) + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
