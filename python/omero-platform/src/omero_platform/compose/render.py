"""The compose file and everything that belongs beside it, as texts by path."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import yaml

from omero_platform.compose import observers, omero, watchers
from omero_platform.compose.env_files import env_files
from omero_platform.compose.parts import SECRETS, common
from omero_platform.compose.paths import FILE, paths_file
from omero_platform.monitoring.prometheus import container_config

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from omero_platform.stack import Stack

COMPOSE_FILE = "compose.yaml"
OWN: dict[str, Callable[[Stack, str], dict[str, Any]]] = {
    "database": omero.database,
    "database_plugin": omero.database,
    "redis": omero.redis,
    "omeroserver": omero.omeroserver,
    "omeroweb": omero.omeroweb,
    "worker": omero.worker,
    "caretaker": watchers.caretaker,
}
HEADER = f"""\
# Written from stack.toml by `omero-platform compose`; what is changed here is lost when it is written again.
# Start: docker compose --env-file {FILE} up --detach   (or podman compose …). See docs/images-compose.md.
"""


def compose(stack: Stack) -> dict[str, Any]:
    """The compose file as data."""
    services = {}
    for name in stack.services:
        services[name] = service(stack, name)
    services["pg-maintenance"] = omero.pg_maintenance(stack)
    services["quota"] = watchers.quota()
    services["redis-sysctl-init"] = omero.sysctl_init()
    return {
        "name": "omero-platform",
        "services": services,
        "networks": {"omero": {}},
        "volumes": {watchers.QUOTA_SOCKET: {}, watchers.QUOTA_NUMBERS: {}},
        "secrets": {name: {"file": f"./secrets/{name}"} for name in SECRETS},
    }


def service(stack: Stack, name: str) -> dict[str, Any]:
    """One service: what all have, then its own; raises ValueError for one that nobody described."""
    if name in OWN:
        own = OWN[name](stack, name)
    elif name in observers.MAKERS:
        own = {"image": observers.IMAGES[name](stack, name), **observers.MAKERS[name](stack, name)}
    else:
        raise ValueError(f"services.{name} of stack.toml has no entry for the compose file")
    shared = common(stack, name)
    for key in ("environment", "depends_on"):
        merged = {**shared.get(key, {}), **own.get(key, {})}
        if merged:
            shared[key] = merged
    return {
        "image": own["image"],
        **shared,
        **{key: value for key, value in own.items() if key not in shared},
    }


class Writer(yaml.SafeDumper):
    """YAML as people write it: lists are indented, and nothing refers to anything else."""

    def ignore_aliases(self, _data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, False)


def as_yaml(data: Any) -> str:
    """A text in YAML with keys in the order they were written."""
    return yaml.dump(data, Dumper=Writer, sort_keys=False, width=110, allow_unicode=True)


def files(stack: Stack, root: Path) -> dict[str, str]:
    """Every file by its path: the compose file, host paths, env files, and the configuration of monitoring."""
    found = {
        COMPOSE_FILE: HEADER + as_yaml(compose(stack)),
        FILE: paths_file(),
        "monitoring/prometheus.yml": json.dumps(container_config(stack), indent=2) + "\n",
        **env_files(),
    }
    folder = root / "monitoring"
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if path.is_file() and inside.parts[0] != "tests":
            found.setdefault(f"monitoring/{inside}", path.read_text(encoding="utf-8"))
    return found
