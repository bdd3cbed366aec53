"""From facts to figures: sums by user, group, both and project, and the largest and the coldest imports."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from omeroweb_admin_tools.services.storage.facts import Facts, Files

LISTED = 100
MOST_PROJECTS = 5000


@dataclass(frozen=True, slots=True)
class Figure:
    """What one user, group, user in a group, or project uses, in bytes; `disk_bytes` None when it can't be seen."""

    scope: str
    images: int
    managed_bytes: int
    in_place_bytes: int
    other_bytes: int
    disk_bytes: int | None
    changed_at: datetime | None
    user_name: str = ""
    full_name: str = ""
    group_name: str = ""
    permissions: str = ""
    project_id: int | None = None
    project_name: str = ""


@dataclass(slots=True)
class Sum:
    """What is added up, in bytes."""

    images: int = 0
    managed: int = 0
    in_place: int = 0
    other: int = 0
    disk: int = 0
    changed: datetime | None = None

    def add_files(self, files: Files, disk: int, changed: datetime | None) -> None:
        """Count one import."""
        if files.in_place:
            self.in_place += files.bytes
        else:
            self.managed += files.bytes
        self.disk += disk
        if changed is not None and (self.changed is None or changed > self.changed):
            self.changed = changed

    def add(self, more: Sum) -> None:
        self.images += more.images
        self.managed += more.managed
        self.in_place += more.in_place
        self.other += more.other
        self.disk += more.disk
        if more.changed is not None and (self.changed is None or more.changed > self.changed):
            self.changed = more.changed


def by_owner(facts: Facts, disk: Mapping[int, int] | None) -> dict[tuple[int, int], Sum]:
    """Return the sums by (user id, group id)."""
    sums: dict[tuple[int, int], Sum] = defaultdict(Sum)
    from_files: dict[tuple[int, int], int] = defaultdict(int)
    for number, files in facts.filesets.items():
        place = sums[files.user_id, files.group_id]
        place.add_files(files, (disk or {}).get(number, 0), facts.changed.get(number))
        if number > 0:
            from_files[files.user_id, files.group_id] += files.bytes
    for key, total in facts.totals.items():
        known = sums[key]
        known.other = max(0, total - from_files[key])
    for key, count in facts.image_counts.items():
        sums[key].images = count
    return dict(sums)


def figures(facts: Facts, disk: Mapping[int, int] | None) -> list[Figure]:
    """Return the figures of all scopes; users and groups that use nothing have rows too."""
    owners = by_owner(facts, disk)
    users: dict[int, Sum] = {number: Sum() for number in facts.users}
    groups: dict[int, Sum] = {number: Sum() for number in facts.groups}
    for (user_id, group_id), found in owners.items():
        users.setdefault(user_id, Sum()).add(found)
        groups.setdefault(group_id, Sum()).add(found)
    seen = disk is not None
    rows = [_row("user", found, seen, **_user(facts, number)) for number, found in users.items()]
    rows += [_row("group", found, seen, **_group(facts, number)) for number, found in groups.items()]
    rows += [
        _row("user_group", found, seen, **_user(facts, user_id), **_group(facts, group_id))
        for (user_id, group_id), found in owners.items()
    ]
    rows += _projects(facts, disk)
    return rows


def _projects(facts: Facts, disk: Mapping[int, int] | None) -> list[Figure]:
    sums: list[tuple[int, Sum]] = []
    for number in facts.projects:
        found = Sum()
        for fileset_id in facts.project_filesets.get(number, ()):
            files = facts.filesets.get(fileset_id)
            if files is not None:
                found.add_files(files, (disk or {}).get(fileset_id, 0), facts.changed.get(fileset_id))
                found.images += facts.images.get(fileset_id, 0)
        sums.append((number, found))
    sums.sort(key=lambda entry: entry[1].managed + entry[1].in_place, reverse=True)
    rows = []
    for number, found in sums[:MOST_PROJECTS]:
        name, user_id, group_id = facts.projects[number]
        rows.append(
            _row(
                "project",
                found,
                disk is not None,
                **_user(facts, user_id),
                **_group(facts, group_id),
                project_id=number,
                project_name=name,
            )
        )
    return rows


def largest(facts: Facts) -> list[dict[str, Any]]:
    """Return the largest imports, largest first."""
    ordered = sorted(facts.filesets, key=lambda number: facts.filesets[number].bytes, reverse=True)
    return _listed(facts, ordered[:LISTED])


def coldest(facts: Facts, now: datetime) -> list[dict[str, Any]]:
    """Return the imports where age times size is greatest: what to archive first."""

    def weight(number: int) -> float:
        changed = facts.changed.get(number)
        return facts.filesets[number].bytes * (now - changed).total_seconds() if changed else 0.0

    return _listed(facts, sorted(facts.filesets, key=weight, reverse=True)[:LISTED])


def _listed(facts: Facts, numbers: Iterable[int]) -> list[dict[str, Any]]:
    found = []
    for number in numbers:
        files = facts.filesets[number]
        image_id, name = facts.first_image.get(number, (None, files.folder.rstrip("/").rpartition("/")[2]))
        changed = facts.changed.get(number)
        found.append(
            {
                "fileset": number if number > 0 else None,
                "image": image_id,
                "name": name,
                "images": facts.images.get(number, 0),
                "username": _user(facts, files.user_id)["user_name"],
                "group": _group(facts, files.group_id)["group_name"],
                "bytes": files.bytes,
                "in_place": files.in_place,
                "changed_at": changed.isoformat(timespec="seconds") if changed else None,
            }
        )
    return found


def _user(facts: Facts, number: int) -> dict[str, str]:
    user = facts.users.get(number)
    return {"user_name": user.name if user else f"user {number}", "full_name": user.full_name if user else ""}


def _group(facts: Facts, number: int) -> dict[str, str]:
    group = facts.groups.get(number)
    return {
        "group_name": group.name if group else f"group {number}",
        "permissions": group.permissions if group else "",
    }


def _row(scope: str, found: Sum, seen: bool, **names: Any) -> Figure:
    return Figure(
        scope=scope,
        images=found.images,
        managed_bytes=found.managed,
        in_place_bytes=found.in_place,
        other_bytes=found.other,
        disk_bytes=found.disk if seen else None,
        changed_at=found.changed,
        **names,
    )
