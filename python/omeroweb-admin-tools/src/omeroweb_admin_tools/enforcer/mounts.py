"""Which file system a folder is on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ESCAPE = re.compile(r"\\([0-7]{3})")
MOUNTS = Path("/proc/self/mountinfo")


@dataclass(frozen=True, slots=True)
class Mount:
    """One mounted file system and its options."""

    point: str
    type: str
    source: str
    options: frozenset[str]

    @property
    def has_project_quotas(self) -> bool:
        return self.type in ("ext4", "xfs") and bool(self.options & {"prjquota", "pquota"})


def parse(text: str) -> list[Mount]:
    """Return the mounts of a mountinfo text (proc(5))."""
    found = []
    for line in text.splitlines():
        left, separator, right = line.partition(" - ")
        if not separator:
            continue
        fields, rest = left.split(" "), right.split(" ")
        options = {*fields[5].split(","), *rest[2].split(",")}
        found.append(Mount(_plain(fields[4]), rest[0], _plain(rest[1]), frozenset(options)))
    return found


def mount_of(folder: Path, mounts: list[Mount] | None = None) -> Mount | None:
    """Return the file system of a folder, None when mounts can't be read."""
    try:
        known = parse(MOUNTS.read_text()) if mounts is None else mounts
    except OSError:
        return None
    path = folder.resolve()
    inside = [mount for mount in known if path.is_relative_to(mount.point)]
    # Of several mounts on one point the last one counts.
    return max(enumerate(inside), key=lambda entry: (len(entry[1].point), entry[0]))[1] if inside else None


def _plain(text: str) -> str:
    return ESCAPE.sub(lambda found: chr(int(found[1], 8)), text)
