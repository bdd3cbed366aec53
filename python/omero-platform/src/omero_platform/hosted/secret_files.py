"""Making secrets that do not exist yet: random, one file each, readable by root only."""

from __future__ import annotations

import logging
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.fernet import Fernet

from omero_platform.instance import write_atomically

if TYPE_CHECKING:
    from collections.abc import Sequence

log = logging.getLogger(__name__)

PREFIX = "SECRET_"
BYTES = 24
FERNET_KEYS = "SECRET_PLUGIN_KEYS"


def run(environ: dict[str, str], _words: Sequence[str]) -> None:
    """Make every file that a SECRET_… variable names and that is not there."""
    for name, path in sorted(environ.items()):
        if name.startswith(PREFIX):
            make(name, Path(path))


def make(name: str, path: Path) -> None:
    """Make one secret; one that is there stays as it is."""
    if path.exists():
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    text = Fernet.generate_key().decode() if name == FERNET_KEYS else secrets.token_urlsafe(BYTES)
    write_atomically(path, text + "\n", mode=0o600)
    log.info("secret=%s made=%s", name.removeprefix(PREFIX).lower(), path)
