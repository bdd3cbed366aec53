"""May a group take in more? Asked by every plugin that brings data into OMERO, before it starts.

A quota that can't be read never stops anybody: it is logged, and the file system still enforces its own.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from omero_plugin_common.config import quota_settings
from omero_plugin_common.quota.state import (
    QuotaState,
    QuotaStateError,
    locked,
    read_state,
    read_usage,
    write_usage,
)

if TYPE_CHECKING:
    from pathlib import Path

logger = logging.getLogger(__name__)


class QuotaLevel(StrEnum):
    """Where a group stands."""

    NONE = "none"
    OK = "ok"
    WARN = "warn"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class QuotaVerdict:
    """Whether more may come in; `message` is for the user, empty when there is nothing to say. Sizes in bytes."""

    allowed: bool
    level: QuotaLevel
    message: str = ""
    quota_bytes: int | None = None
    used_bytes: int = 0

    @property
    def free_bytes(self) -> int | None:
        return None if self.quota_bytes is None else max(0, self.quota_bytes - self.used_bytes)


def check(group: str, incoming_bytes: int = 0, *, path: Path | None = None) -> QuotaVerdict:
    """Return whether `incoming_bytes` more fit into the group's quota, and whether to warn.

    `path` is another state file than the configured one.
    """
    place = path or quota_settings().state_path
    try:
        return judge(read_state(place), group, read_usage(place).used_bytes.get(group, 0), incoming_bytes)
    except QuotaStateError as error:
        logger.warning("quota_unknown group=%s reason=%s", group, error)
        return QuotaVerdict(True, QuotaLevel.NONE)


def judge(state: QuotaState, group: str, used: int, incoming: int) -> QuotaVerdict:
    """Return the verdict for known figures."""
    quota = state.quota_bytes(group)
    if quota is None:
        return QuotaVerdict(True, QuotaLevel.NONE, used_bytes=used)
    if used >= quota or used + incoming > quota:
        return QuotaVerdict(False, QuotaLevel.FULL, _full(group, quota, used, incoming), quota, used)
    if (used + incoming) * 100 >= quota * state.warn_percent:
        message = (
            f"The group {group} would then use {(used + incoming) / quota:.0%} of its quota of {size(quota)}. "
            "Delete what is no longer needed, or ask an administrator for more."
        )
        return QuotaVerdict(True, QuotaLevel.WARN, message, quota, used)
    return QuotaVerdict(True, QuotaLevel.OK, "", quota, used)


def record_growth(group: str, grown_bytes: int, *, path: Path | None = None) -> None:
    """Count data that came in since the last measurement, so that the next upload sees it."""
    place = path or quota_settings().state_path
    try:
        with locked(place):
            usage = read_usage(place)
            used = max(0, usage.used_bytes.get(group, 0) + grown_bytes)
            write_usage(place, usage.model_copy(update={"used_bytes": {**usage.used_bytes, group: used}}))
    except QuotaStateError as error:
        logger.warning("quota_growth_not_counted group=%s reason=%s", group, error)


def size(count: int) -> str:
    """Return a number of bytes as people read it."""
    value = float(count)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if value < 1024:
            return f"{value:.1f} {unit}" if unit != "B" else f"{count} B"
        value /= 1024
    return f"{value:.1f} TiB"


def _full(group: str, quota: int, used: int, incoming: int) -> str:
    if used >= quota:
        return (
            f"The group {group} uses {size(used)} of its quota of {size(quota)}, so nothing can be added. "
            "Delete what is no longer needed, or ask an administrator for more."
        )
    return (
        f"{size(incoming)} do not fit: the group {group} has {size(quota - used)} of its quota of {size(quota)} left. "
        "Send less, delete what is no longer needed, or ask an administrator for more."
    )
