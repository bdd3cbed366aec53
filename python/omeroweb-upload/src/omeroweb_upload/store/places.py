"""Where staged files lie, and whether that place is fit for it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from omeroweb_upload.config import UploadSettings

CONTAINER_LAYERS = frozenset({"overlay", "overlayfs", "aufs", "fuse-overlayfs"})


def place_problems(settings: UploadSettings) -> tuple[str, ...]:
    """What is wrong with the staging folder and the shares, one message each; nothing is made or changed."""
    problems = []
    folder = settings.directory
    existing = nearest_existing(folder)
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        problems.append(
            f"OMERO_WEB_UPLOAD_DIR is {folder}, but {existing} is not a folder that OMERO.web can write to. "
            "Mount a volume there or name another folder."
        )
    elif not settings.allow_root_layer and in_container_layer(existing):
        problems.append(
            f"OMERO_WEB_UPLOAD_DIR is {folder}, which lies inside the container's own file system: uploads would fill "
            "it and be lost with it. Mount a volume there, or set OMERO_WEB_UPLOAD_ALLOW_ROOT_LAYER=true."
        )
    for entry in settings.in_place_shares:
        name, equals, path = entry.partition("=")
        if not equals or not name.strip() or not Path(path.strip()).is_absolute():
            problems.append(
                f"OMERO_WEB_UPLOAD_IN_PLACE_SHARES has {entry!r}; each entry must be name=/absolute/path."
            )
    return tuple(problems)


def nearest_existing(path: Path) -> Path:
    """The path itself or the closest folder above it that is there."""
    while not path.exists() and path != path.parent:
        path = path.parent
    return path


def in_container_layer(path: Path, mounts: str | None = None) -> bool:
    """Whether a path is on the layered root file system of a container."""
    if mounts is None:
        try:
            mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return False
    best, kind = "", ""
    real = str(path.resolve())
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = fields[1].replace("\\040", " ")
        inside = point in ("/", real) or real.startswith(point + "/")
        if inside and len(point) >= len(best):
            best, kind = point, fields[2]
    return best == "/" and kind in CONTAINER_LAYERS


def session_folder(settings: UploadSettings, session_id: str) -> Path:
    """The folder of one upload."""
    return settings.directory / session_id[:2] / session_id


def files_folder(settings: UploadSettings, session_id: str) -> Path:
    """Where the tree of an upload's files stands."""
    return session_folder(settings, session_id) / "files"


def fence_path(settings: UploadSettings, session_id: str, upload_id: str) -> Path:
    """The small file that says which request may write to a staged file."""
    return session_folder(settings, session_id) / "fences" / upload_id
