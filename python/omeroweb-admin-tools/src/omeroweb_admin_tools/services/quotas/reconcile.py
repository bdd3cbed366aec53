"""What is wanted against what is enforced: the report of the pages, and the chore that brings both together."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from omero_plugin_common.config import quota_settings
from omero_plugin_common.quota.check import judge
from omero_plugin_common.quota.state import (
    QuotaState,
    QuotaStateError,
    log_line,
    read_state,
    read_usage,
)
from omeroweb_admin_tools.config import admin_settings
from omeroweb_admin_tools.enforcer.mounts import mount_of
from omeroweb_admin_tools.enforcer.requests import GROUP_NAME
from omeroweb_admin_tools.services.quotas import changes
from omeroweb_admin_tools.services.quotas.enforcer_client import EnforcerError, enforce

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

EXPECTED_TEMPLATE = "%group%/%user%/"


def quota_report(groups: Sequence[str]) -> dict[str, Any]:
    """Return quotas, usage, log and what enforces them; faults of the state stand in `error`."""
    wanted = admin_settings()
    path = quota_settings().state_path
    error = ""
    state, used = QuotaState(), {}
    try:
        state = read_state(path)
        used = dict(read_usage(path).used_bytes)
    except QuotaStateError as fault:
        error = str(fault)
    root = wanted.group_root
    mount = mount_of(root)
    available = [group for group in groups if group not in changes.SYSTEM_GROUPS]
    applied = [group for group in state.quotas_gb if (root / group).is_dir()]
    return {
        "quotas_gb": state.quotas_gb,
        "revision": state.revision,
        "warn_percent": state.warn_percent,
        "logs": [line.model_dump(mode="json") for line in reversed(state.logs)],
        "levels": {
            group: judge(state, group, used.get(group, 0), 0).level.value for group in state.quotas_gb
        },
        "used_bytes": {group: used.get(group, 0) for group in available},
        "error": error,
        "filesystem": {
            "type": mount.type if mount else "",
            "mount_point": mount.point if mount else "",
            "source": mount.source if mount else "",
        },
        "managed_group_root": str(root),
        "managed_group_root_reason": "" if root.is_dir() else "This folder can't be seen from here.",
        "managed_group_root_access": root.is_dir(),
        "available_groups": available,
        "applied_groups": applied,
        "pending_groups": [group for group in state.quotas_gb if group not in applied],
        "min_quota_gb": wanted.min_quota_gb,
        "quota_enforcement_available": wanted.quota_socket.exists(),
        "quota_enforcer_marker_path": str(wanted.quota_socket),
    }


def reconcile(*, dry_run: bool = False) -> dict[str, Any]:
    """Have the file system enforce what is wanted; returns what was done, and logs what changed.

    Without the privileged service nothing is done: quotas then only warn and stop uploads. Raises QuotaStateError.
    """
    wanted = admin_settings()
    path = quota_settings().state_path
    if not wanted.quota_socket.exists():
        return {"available": False, "results": [], "error": ""}
    state = read_state(path)
    limits = {group: state.quota_bytes(group) or 0 for group in state.quotas_gb}
    limits, refused = settable(limits)
    try:
        found = enforce(wanted.quota_socket, limits, dry_run=dry_run)
    except EnforcerError as error:
        if not dry_run:
            changes.note(path, log_line(f"Quotas were not enforced: {error}", "error"))
        return {"available": True, "results": [], "error": str(error)}
    results = [*found["results"], *refused]
    done = [entry for entry in results if entry["action"] not in ("unchanged", "missing")]
    if done and not dry_run:
        changes.note(
            path, *(log_line(f"{entry['group']}: {entry['action']}, {entry['detail']}") for entry in done)
        )
    return {"available": True, "results": results, "error": ""}


def settable(limits: Mapping[str, int]) -> tuple[dict[str, int], list[dict[str, str]]]:
    """Return the limits whose names the service takes, and results for the rest: it refuses requests as a whole."""
    taken = {group: size for group, size in limits.items() if re.fullmatch(GROUP_NAME, group)}
    detail = "the file system's limit is only set for names of letters, digits, '.', '_' and '-'"
    return taken, [
        {"group": group, "action": "failed", "detail": detail} for group in limits if group not in taken
    ]


def give_defaults(path: Path, groups: Collection[str]) -> list[changes.Change]:
    """Give groups without a quota the default one, when that is switched on."""
    wanted = admin_settings()
    if not wanted.auto_default_quota:
        return []
    state = read_state(path)
    default = max(wanted.default_quota_gb, wanted.min_quota_gb)
    missing: dict[str, float | None] = {
        group: default
        for group in groups
        if group not in changes.SYSTEM_GROUPS and group not in state.quotas_gb
    }
    return changes.apply(path, missing, actor="default")[1] if missing else []
