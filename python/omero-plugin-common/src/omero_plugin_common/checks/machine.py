"""Checks of the machine: disk space and clock."""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING

from omero_plugin_common.checks.findings import Finding, failed, passed, warned

if TYPE_CHECKING:
    from pathlib import Path

DISK_WARN = 0.85
DISK_FAIL = 0.95
CLOCK_WARN_SECONDS = 2.0
CLOCK_FAIL_SECONDS = 60.0


def disk(folder: Path) -> Finding:
    """Whether the file system of a folder has room."""
    try:
        usage = shutil.disk_usage(folder)
    except OSError as error:
        return failed(
            f"{folder} can't be read: {error.strerror}", "Check that it is mounted, and its permissions."
        )
    # What root keeps in reserve counts as neither used nor free, as in df.
    share = usage.used / (usage.used + usage.free)
    words = f"{folder} is {share:.0%} full, {usage.free / 2**30:.1f} GiB free"
    advice = "Free space or enlarge the file system; the storage page shows what is large and cold."
    if share >= DISK_FAIL:
        return failed(words, advice)
    return warned(words, advice) if share >= DISK_WARN else passed(words)


def clock_difference(theirs: float, whose: str, ours: float | None = None) -> Finding:
    """Whether another clock (seconds since 1970) agrees with this machine's."""
    difference = abs(theirs - (time.time() if ours is None else ours))
    words = f"the clock of {whose} differs by {difference:.1f} s"
    advice = "Set up time synchronisation (chrony or systemd-timesyncd) on both machines."
    if difference >= CLOCK_FAIL_SECONDS:
        return failed(words, advice)
    return warned(words, advice) if difference >= CLOCK_WARN_SECONDS else passed(words)
