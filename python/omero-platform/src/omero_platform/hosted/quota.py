"""Limits per group as project quotas of the file system: planned from two files, then applied by its own tools."""

from __future__ import annotations

import json
import logging
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from omero_platform.errors import PlatformError
from omero_platform.hosted.environment import required
from omero_platform.instance import write_atomically

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

log = logging.getLogger(__name__)

GROUP_NAME = re.compile(r"[A-Za-z0-9._-]+")
KIBIBYTES_PER_GB = 1024 * 1024
SCHEMA = 1


@dataclass(frozen=True)
class Limit:
    """One group's folder, its project and how many kibibytes it may hold; 0 is no limit."""

    group: str
    folder: Path
    project: int
    kibibytes: int
    is_new: bool


def run(environ: dict[str, str], _words: Sequence[str]) -> None:
    """Apply what the admin pages wrote."""
    data, state, first, known = required(
        environ,
        "OMERO_DATA_DIR",
        "OMERO_QUOTA_STATE",
        "OMERO_QUOTA_FIRST_PROJECT",
        "OMERO_QUOTA_PROJECTS",
    )
    projects_file = Path(known)
    projects = json.loads(projects_file.read_text(encoding="utf-8")) if projects_file.exists() else {}
    root = Path(data, "ManagedRepository")
    folders = {path.name: path for path in root.iterdir() if path.is_dir()} if root.is_dir() else {}
    limits = plan(wanted(Path(state)), folders, projects, int(first))
    write_atomically(
        projects_file,
        json.dumps({**projects, **{limit.group: limit.project for limit in limits}}, indent=2) + "\n",
    )
    for limit in limits:
        apply(limit, data)


def wanted(state: Path) -> dict[str, float]:
    """Gigabytes by group; raises PlatformError for a file of another version, so that no limit is lost silently."""
    if not state.exists():
        return {}
    try:
        found = json.loads(state.read_text(encoding="utf-8"))
        version, quotas = found["state_schema_version"], found["quotas_gb"]
    except (ValueError, KeyError, TypeError) as error:
        raise PlatformError(f"{state} is damaged; no limit was changed.", "Save the limits again.") from error
    if version != SCHEMA:
        raise PlatformError(f"{state} has version {version}; this program knows {SCHEMA}.")
    return {str(group): float(gigabytes) for group, gigabytes in quotas.items()}


def plan(
    quotas: Mapping[str, float], folders: Mapping[str, Path], projects: Mapping[str, int], first: int
) -> list[Limit]:
    """What to set: a project per group that has a folder; groups whose limit is gone get none."""
    free = max([first - 1, *projects.values()]) + 1
    limits = []
    for group, folder in sorted(folders.items()):
        if not GROUP_NAME.fullmatch(group) or (group not in quotas and group not in projects):
            continue
        is_new = group not in projects
        project = free if is_new else projects[group]
        free += is_new
        kibibytes = round(quotas.get(group, 0) * KIBIBYTES_PER_GB)
        limits.append(Limit(group, folder, project, kibibytes, is_new))
    return limits


def apply(limit: Limit, mount: str) -> None:
    """Put the folder into its project once, and set the limit."""
    if limit.is_new:
        call(["chattr", "-R", "-p", str(limit.project), "+P", str(limit.folder)])
    blocks = str(limit.kibibytes)
    call(["setquota", "-P", str(limit.project), blocks, blocks, "0", "0", mount])
    log.info("group=%s project=%d kibibytes=%d", limit.group, limit.project, limit.kibibytes)


def call(command: Sequence[str]) -> None:
    """Run a tool; raises PlatformError with its complaint and what the file system needs."""
    result = subprocess.run(list(command), capture_output=True, text=True, check=False)  # noqa: S603
    if result.returncode:
        raise PlatformError(
            f"{command[0]} failed: {result.stderr.strip()}",
            "The file system of OMERO's data needs project quotas: ext4 or XFS mounted with prjquota.",
        )
