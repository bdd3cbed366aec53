"""Asking the privileged service that sets quotas on the file system."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

TIMEOUT_SECONDS = 20.0
LONGEST_ANSWER = 4 * 1024 * 1024


class EnforcerError(Exception):
    """The service can't be asked, or refuses; the message says why."""


def enforce(path: Path, limits: Mapping[str, int], *, dry_run: bool) -> dict[str, Any]:
    """Have these limits (bytes by group) and no others set; returns what was or would be done."""
    request = {
        "version": 1,
        "dry_run": dry_run,
        "limits": [{"group": group, "bytes": count} for group, count in sorted(limits.items())],
    }
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(TIMEOUT_SECONDS)
            connection.connect(str(path))
            connection.sendall(json.dumps(request).encode() + b"\n")
            connection.shutdown(socket.SHUT_WR)
            answer = b""
            while len(answer) < LONGEST_ANSWER and (more := connection.recv(65536)):
                answer += more
    except OSError as error:
        raise EnforcerError(
            f"The quota service at {path} doesn't answer: {error.strerror or error}."
        ) from error
    try:
        found = json.loads(answer)
    except ValueError as error:
        raise EnforcerError(f"What answers at {path} is not the quota service.") from error
    if not isinstance(found, dict) or not found.get("ok"):
        raise EnforcerError(str(found.get("error", "The quota service refuses without a reason.")))
    return found
