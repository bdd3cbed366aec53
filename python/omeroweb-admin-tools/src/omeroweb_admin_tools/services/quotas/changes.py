"""Changing quotas: checked as a whole, written as a whole, with what was changed in the log."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from omero_plugin_common.quota.state import (
    DECIMALS,
    LogLine,
    QuotaState,
    locked,
    log_line,
    read_state,
    write_state,
)
from omeroweb_admin_tools.services.quotas.csv_file import QuotaInputError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

LARGEST_GB = 10_000_000.0
# OMERO's own groups; their data is the server's.
SYSTEM_GROUPS = frozenset({"system", "user", "guest"})


class QuotaConflictError(Exception):
    """Somebody else changed the quotas meanwhile."""


@dataclass(frozen=True, slots=True)
class Change:
    """One group's quota before and after, in GB; None for none."""

    group: str
    before: float | None
    after: float | None

    def words(self) -> str:
        before, after = ("none" if quota is None else f"{quota:g} GB" for quota in (self.before, self.after))
        return f"{self.group}: {before} → {after}"


def wanted_quotas(
    updates: Mapping[str, float | None], groups: Collection[str], minimum_gb: float
) -> dict[str, float | None]:
    """Return the updates rounded as they are kept; raises QuotaInputError naming every group that is wrong."""
    faults = []
    found: dict[str, float | None] = {}
    for group, quota in updates.items():
        if group not in groups:
            faults.append(f"There is no group {group!r} in OMERO.")
        elif quota is not None and not (
            math.isfinite(quota) and round(quota, DECIMALS) >= minimum_gb and quota <= LARGEST_GB
        ):
            faults.append(f"{group}: {quota:g} GB is not from {minimum_gb:g} to {LARGEST_GB:g} GB.")
        else:
            found[group] = None if quota is None else round(quota, DECIMALS)
    if faults:
        raise QuotaInputError("\n".join(faults[:20]))
    return found


def changes_of(state: QuotaState, updates: Mapping[str, float | None]) -> list[Change]:
    """Return what would really change."""
    return [
        Change(group, state.quotas_gb.get(group), quota)
        for group, quota in sorted(updates.items())
        if state.quotas_gb.get(group) != quota
    ]


def apply(
    path: Path,
    updates: Mapping[str, float | None],
    *,
    actor: str,
    dry_run: bool = False,
    revision: int | None = None,
) -> tuple[QuotaState, list[Change]]:
    """Write the updates and return the new state with what changed.

    With `revision`, raises QuotaConflictError when the state is another one by now. Raises QuotaStateError.
    """
    with locked(path):
        state = read_state(path)
        if revision is not None and revision != state.revision:
            raise QuotaConflictError(
                "Somebody else changed the quotas meanwhile. Look at them again, then repeat your change."
            )
        changes = changes_of(state, updates)
        if dry_run or not changes:
            return state, changes
        quotas = dict(state.quotas_gb)
        for change in changes:
            if change.after is None:
                quotas.pop(change.group, None)
            else:
                quotas[change.group] = change.after
        lines = [log_line(f"{change.words()} (by {actor})") for change in changes]
        after = state.model_copy(
            update={"quotas_gb": dict(sorted(quotas.items())), "revision": state.revision + 1}
        ).with_logs(*lines)
        write_state(path, after)
        return after, changes


def note(path: Path, *lines: LogLine) -> None:
    """Add to the log what was enforced, leaving out what its last line about the same thing says already."""
    with locked(path):
        state = read_state(path)
        known = {line.message for line in state.logs[-50:]}
        fresh = [line for line in lines if line.message not in known]
        if fresh:
            write_state(path, state.with_logs(*fresh))
