"""The caretaker of units and containers: health metrics only, because timers or pg-maintenance do what is scheduled."""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from omero_platform.errors import PlatformError
from omero_platform.hosted.environment import required, secret
from omero_platform.instance import Instance, source_root
from omero_platform.maintenance.caretaker import start_pages
from omero_platform.maintenance.databases import address_of
from omero_platform.monitoring.health_metrics import database_rows, disk_use, queue_lengths, service_health

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from omero_platform.monitoring.exposition import Family

log = logging.getLogger(__name__)

SECRETS = {"database": "OMERO_DB_PASS", "database_plugin": "PLUGIN_DB_PASS", "redis": "REDIS_PASSWORD"}


def run(environ: dict[str, str], _words: Sequence[str]) -> None:
    """Serve the figures until the process is told to end."""
    listen, watched = required(environ, "OMERO_CARETAKER_LISTEN", "OMERO_CARETAKER_WATCHES")
    there = site(environ)
    names = watched.split()
    unknown = sorted(set(names) - set(there.stack.services))
    if unknown:
        raise PlatformError(f"OMERO_CARETAKER_WATCHES: stack.toml has no service {', '.join(unknown)}.")
    folders = {kind: Path(path) for kind, path in pairs(environ, "OMERO_CARETAKER_FOLDERS").items()}
    host, _, port = listen.rpartition(":")
    start_pages((host, int(port)), lambda: measure(there, names, folders))
    log.info("listen=%s watches=%d", listen, len(names))
    threading.Event().wait()


def site(environ: Mapping[str, str]) -> Instance:
    """The stack as this process reaches it: hosts and passwords from variables, nothing from a data folder."""
    given = {
        service: secret(environ, name)
        for service, name in SECRETS.items()
        if environ.get(name) or environ.get(f"{name}_FILE")
    }
    return Instance(
        root=source_root(),
        data=Path(environ.get("HOME", "/")),
        hosts=pairs(environ, "OMERO_CARETAKER_HOSTS"),
        passwords={name: given.get(name, "") for name in SECRETS},
    )


def measure(there: Instance, names: Sequence[str], folders: Mapping[str, Path]) -> list[Family]:
    """What can be known from here; log files are Alloy's business."""
    databases = [name for name in there.stack.maintenance.databases if name in names]
    return [
        *service_health(there, names),
        *(queue_lengths(there) if "redis" in names else []),
        *database_rows([address_of(there, name) for name in databases]),
        *disk_use(folders),
    ]


def pairs(environ: Mapping[str, str], name: str) -> dict[str, str]:
    """A variable of the form `a=1 b=2`; raises PlatformError with the word that has no value."""
    found = {}
    for word in environ.get(name, "").split():
        key, is_pair, value = word.partition("=")
        if not (key and is_pair and value):
            raise PlatformError(f"{name}: {word!r} is not of the form name=value.")
        found[key] = value
    return found
