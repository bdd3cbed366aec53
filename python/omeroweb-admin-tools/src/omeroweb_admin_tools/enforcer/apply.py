"""Setting limits: groups' folders get a project, projects get a limit; folders are only reached from the root down."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from omeroweb_admin_tools.enforcer.kernel import BLOCK_BYTES
from omeroweb_admin_tools.enforcer.mounts import Mount, mount_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from omeroweb_admin_tools.enforcer.kernel import Kernel
    from omeroweb_admin_tools.enforcer.projects import Projects
    from omeroweb_admin_tools.enforcer.requests import Request

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class EnforceError(Exception):
    """Nothing was done; the message says why."""


@dataclass(frozen=True, slots=True)
class Result:
    """What was, or would be, done for one group: set, cleared, unchanged, missing or failed."""

    group: str
    action: str
    detail: str
    project: int | None = None

    def as_json(self) -> dict[str, object]:
        return {"group": self.group, "action": self.action, "detail": self.detail, "project": self.project}


def whole_blocks(size: int) -> int:
    """Return a size in bytes as the kernel counts it, in whole blocks; never 0, which would be no limit."""
    return max(1, size // BLOCK_BYTES) * BLOCK_BYTES


def usable_mount(root: Path) -> Mount:
    """Return the file system of the groups' folders; raises EnforceError when it has no project quotas."""
    mount = mount_of(root)
    if mount is None or not root.is_dir():
        raise EnforceError(f"{root} can't be seen by the quota service.")
    if mount.type not in ("ext4", "xfs"):
        raise EnforceError(f"{root} is on {mount.type}; quotas are set on ext4 and XFS only.")
    if not mount.has_project_quotas:
        raise EnforceError(
            f"{mount.point} is mounted without project quotas. Mount it with the option prjquota"
            + (" (after tune2fs -O project,quota)." if mount.type == "ext4" else ".")
        )
    return mount


def apply(
    request: Request,
    root: Path,
    device: str,
    projects: Projects,
    kernel: Kernel,
    save: Callable[[Projects], None],
) -> list[Result]:
    """Set what is asked, and take away what is no longer asked; one group's fault leaves the others alone.

    New numbers are saved before the file system meets them, so that none is unknown or given twice after a crash.
    """
    if not request.dry_run:
        new = [limit.group for limit in request.limits if limit.group not in projects.numbers]
        present = [group for group in new if (root / group).is_dir() and not (root / group).is_symlink()]
        for group in present:
            projects.number_of(group)
        if present:
            save(projects)
    limits = {limit.group: limit.bytes for limit in request.limits}
    results = [
        _attempt(group, partial(_set, request, root, device, projects, kernel, group, size))
        for group, size in limits.items()
    ]
    gone = [group for group in projects.numbers if group not in limits]
    return results + [
        _attempt(group, partial(_clear, request, device, projects, kernel, group)) for group in gone
    ]


def _attempt(group: str, work: Callable[[], Result]) -> Result:
    try:
        return work()
    except OSError as error:
        return Result(group, "failed", error.strerror or str(error))


def _set(
    request: Request, root: Path, device: str, projects: Projects, kernel: Kernel, group: str, size: int
) -> Result:
    top = os.open(root, FOLDER)
    try:
        try:
            folder = os.open(group, FOLDER, dir_fd=top)
        except FileNotFoundError:
            return Result(group, "missing", "has no folder yet, because it has no data")
        try:
            known = projects.numbers.get(group)
            tagged = known is not None and kernel.project_of(folder) == known
            if tagged and known is not None and kernel.limit_of(device, known) == whole_blocks(size):
                return Result(group, "unchanged", f"{size} bytes", known)
            if request.dry_run:
                return Result(group, "set", f"would be limited to {size} bytes", known)
            if known is None:
                return Result(group, "missing", "its folder has only just come; it is limited the next time")
            if not tagged:
                tag(folder, known, kernel)
            kernel.set_limit(device, known, whole_blocks(size))
            return Result(group, "set", f"limited to {size} bytes", known)
        finally:
            os.close(folder)
    finally:
        os.close(top)


def _clear(request: Request, device: str, projects: Projects, kernel: Kernel, group: str) -> Result:
    number = projects.numbers[group]
    if kernel.limit_of(device, number) == 0:
        return Result(group, "unchanged", "no limit", number)
    if request.dry_run:
        return Result(group, "cleared", "would have no limit", number)
    kernel.set_limit(device, number, 0)
    return Result(group, "cleared", "has no limit any more", number)


def tag(folder: int, number: int, kernel: Kernel) -> None:
    """Put a folder and all below it into a project; links are never followed."""
    kernel.set_project(folder, number, inherit=True)
    with os.scandir(folder) as entries:
        names = [entry.name for entry in entries]
    for name in names:
        try:
            mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
        except FileNotFoundError:
            continue  # deleted meanwhile
        if not (stat.S_ISDIR(mode) or stat.S_ISREG(mode)):
            continue
        try:
            descriptor = os.open(name, FOLDER if stat.S_ISDIR(mode) else FILE, dir_fd=folder)
        except FileNotFoundError:
            continue  # deleted meanwhile
        try:
            if stat.S_ISDIR(mode):
                tag(descriptor, number, kernel)
            else:
                kernel.set_project(descriptor, number, inherit=False)
        finally:
            os.close(descriptor)
