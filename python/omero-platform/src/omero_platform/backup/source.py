"""What is backed up: databases, folders and single files, of a stack on this machine or named one by one."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from omero_platform.errors import PlatformError
from omero_platform.instance import MARKER
from omero_platform.maintenance.databases import databases_from, databases_of
from omero_platform.milestones import DEMO_LOADED, JOB_SERVICE_READY
from omero_platform.services.postgresql import programs_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from omero_platform.instance import Instance
    from omero_platform.maintenance.databases import DatabaseAddress

FOLDERS = ("omeroserver", "secrets")
SINGLE_FILES = (MARKER, DEMO_LOADED, JOB_SERVICE_READY, "elsewhere.json", "alert-receiver.yml")


@dataclass(frozen=True)
class Source:
    """`parts` are top-level names of the backup and where their files are; `programs` holds pg_dump."""

    databases: list[DatabaseAddress]
    parts: dict[str, Path] = field(default_factory=dict)
    programs: Path = Path()


def source_of(instance: Instance) -> Source:
    """Everything of a stack that cannot be made anew."""
    return Source(
        databases_of(instance),
        {name: instance.data / name for name in (*FOLDERS, *SINGLE_FILES)},
        programs_for(instance, "database"),
    )


def source_from_environment(includes: Iterable[str], *, must_exist: bool = True) -> Source:
    """Databases from environment variables and folders from `NAME=PATH`; raises PlatformError for a wrong one."""
    parts = {}
    for include in includes:
        name, _equals, path = include.partition("=")
        if not name or not path or "/" in name or (must_exist and not Path(path).exists()):
            raise PlatformError(
                f"--include {include}: that is not a name and the folder or file it stands for.",
                "Write NAME=PATH, for example omeroserver=/OMERO.",
            )
        parts[name] = Path(path)
    program = shutil.which("pg_dump")
    if not program:
        raise PlatformError("pg_dump is not installed.", "Install PostgreSQL's client programs.")
    return Source(databases_from(), parts, Path(program).parent)


def files_below(part: str, place: Path) -> Iterator[tuple[str, Path]]:
    """Every file of a part, with the path it has in the backup; sockets and the like are left out."""
    if place.is_file() or place.is_symlink():
        yield part, place
        return
    for folder, _folders, names in os.walk(place):
        for name in sorted([*names, *(sub for sub in _folders if (Path(folder) / sub).is_symlink())]):
            path = Path(folder) / name
            if path.is_symlink() or path.is_file():
                yield f"{part}/{path.relative_to(place)}", path
