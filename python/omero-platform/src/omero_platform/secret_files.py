"""Generated passwords: one file each, made once, readable by the stack's account only."""

from __future__ import annotations

import secrets
import threading
from typing import TYPE_CHECKING

from omero_platform.instance import write_atomically

if TYPE_CHECKING:
    from pathlib import Path

    from omero_platform.instance import Instance

_making = threading.Lock()  # services prepare side by side, and two of them may ask for the same secret first

LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"  # none that look alike: people type some of them


def secret_file(instance: Instance, name: str) -> Path:
    """The file that holds a secret; it is made when it does not exist yet."""
    instance.secrets.mkdir(mode=0o700, exist_ok=True)
    path = instance.secrets / name
    with _making:
        if not path.exists():
            write_atomically(path, "".join(secrets.choice(LETTERS) for _ in range(20)) + "\n", mode=0o600)
    return path


def secret(instance: Instance, name: str) -> str:
    """A secret's value."""
    if name in instance.passwords:
        return instance.passwords[name]
    return secret_file(instance, name).read_text(encoding="utf-8").strip()
