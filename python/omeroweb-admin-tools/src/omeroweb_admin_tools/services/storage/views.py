"""The tables of the storage page, made once per measurement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from omeroweb_admin_tools.services.storage.figures import Figure

VIEWS = {
    "user": ("username", "full_name"),
    "group": ("group", "permissions"),
    "user-group": ("username", "group"),
    "project": ("project", "username", "group"),
}


def views(figures: Iterable[Figure], members: Mapping[str, list[str]]) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of each table, largest first; `members` are the users of each group."""
    groups_of: dict[str, list[str]] = {}
    for group, names in sorted(members.items()):
        for name in names:
            groups_of.setdefault(name, []).append(group)
    found: dict[str, list[dict[str, Any]]] = {f"by_{view.replace('-', '_')}": [] for view in VIEWS}
    for figure in figures:
        row = {**_names(figure), **_sizes(figure)}
        if figure.scope == "user":
            row["groups"] = groups_of.get(figure.user_name, [])
        elif figure.scope == "group":
            row["users"] = list(members.get(figure.group_name, []))
        elif figure.scope == "project":
            row["id"] = figure.project_id
        found[f"by_{figure.scope}"].append(row)
    for rows in found.values():
        rows.sort(key=lambda row: row["bytes"], reverse=True)
    return found


def _names(figure: Figure) -> dict[str, Any]:
    every = {
        "username": figure.user_name,
        "full_name": figure.full_name,
        "group": figure.group_name,
        "permissions": figure.permissions,
        "project": figure.project_name,
    }
    return {name: every[name] for name in VIEWS[figure.scope.replace("_", "-")]}


def _sizes(figure: Figure) -> dict[str, Any]:
    return {
        "images": figure.images,
        "bytes": figure.managed_bytes + figure.in_place_bytes + figure.other_bytes,
        "managed_bytes": figure.managed_bytes,
        "in_place_bytes": figure.in_place_bytes,
        "other_bytes": figure.other_bytes,
        "disk_bytes": figure.disk_bytes,
        "changed_at": figure.changed_at.isoformat(timespec="seconds") if figure.changed_at else None,
    }
