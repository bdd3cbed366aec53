"""What really lies on disk, where this machine sees OMERO's data folder."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

PARTS = ("ManagedRepository", "Files", "Pixels", "Thumbnails", "BioFormatsCache", "FullText")
BLOCK_BYTES = 512


def folder_bytes(folder: str, on_folder: Callable[[], None] = lambda: None) -> int:
    """Return the disk space of all regular files below a folder; links lead elsewhere and count nothing.

    `on_folder` is called for each folder, so that a long walk can be interrupted. What vanishes meanwhile is skipped.
    """
    total = 0
    waiting = [folder]
    while waiting:
        on_folder()
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    elif entry.is_file(follow_symlinks=False):
                        total += entry.stat(follow_symlinks=False).st_blocks * BLOCK_BYTES
        except OSError:
            continue
    return total


def fileset_bytes(
    repository: Path, folders: Iterable[tuple[int, str]], on_folder: Callable[[], None] = lambda: None
) -> dict[int, int] | None:
    """Return the disk space of each import by its id, None when the repository can't be seen from here.

    A folder that would lead out of the repository counts nothing.
    """
    if not os.access(repository, os.R_OK | os.X_OK):
        return None
    found: dict[int, int] = {}
    for number, folder in folders:
        parts = [part for part in folder.split("/") if part]
        found[number] = (
            0 if ".." in parts or not parts else folder_bytes(str(repository.joinpath(*parts)), on_folder)
        )
    return found


def disks(data_dir: Path, on_folder: Callable[[], None] = lambda: None) -> dict[str, int]:
    """Return the file system's size and the space of each part of the data folder, nothing when it is not here."""
    try:
        usage = shutil.disk_usage(data_dir)
    except OSError:
        return {}
    found = {"total": usage.total, "used": usage.used, "free": usage.free}
    for part in PARTS:
        if (data_dir / part).is_dir():
            found[part] = folder_bytes(str(data_dir / part), on_folder)
    return found
