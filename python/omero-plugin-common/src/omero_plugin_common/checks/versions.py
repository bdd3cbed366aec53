"""Comparing what runs with what is supported."""

from __future__ import annotations

import re

from omero_plugin_common.checks.findings import Finding, passed, warned

NUMBERS = re.compile(r"\d+(?:\.\d+)*")


def compare(what: str, found: str, wanted: str, *, parts: int = 1) -> Finding:
    """Warn unless the first `parts` numbers of two versions are the same."""
    if _numbers(found)[:parts] == _numbers(wanted)[:parts]:
        return passed(f"{what} {found}", f"tested with {wanted}")
    return warned(
        f"{what} {found} is not the version this platform is tested with ({wanted})",
        f"Use {what} {wanted} in production.",
    )


def _numbers(text: str) -> list[int]:
    found = NUMBERS.search(text)
    return [int(part) for part in found[0].split(".")] if found else []
