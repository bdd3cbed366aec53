"""Redis: in memory only, with a limit, behind a password because every local user can reach the loopback interface."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omero_platform.instance import HOST, write_atomically
from omero_platform.secret_files import secret
from omero_platform.supervisor import Program

if TYPE_CHECKING:
    from omero_platform.instance import Instance


def prepare(instance: Instance, service: str) -> None:
    """Write the configuration."""
    redis = instance.service(service).redis
    if redis is None:
        raise ValueError(f"services.{service} needs a redis table")
    write_atomically(
        instance.run / "redis.conf",
        f"bind {HOST}\n"
        f"port {instance.port(service, 'redis')}\n"
        'save ""\n'
        "appendonly no\n"
        f"maxmemory {redis.maxmemory_bytes}\n"
        f"maxmemory-policy {redis.policy}\n"
        f"requirepass {secret(instance, service)}\n"
        f"dir {instance.run}\n"
        "daemonize no\n",
        mode=0o600,
    )


def program(instance: Instance, service: str) -> Program:
    """The server process."""
    return Program(service, ["redis-server", str(instance.run / "redis.conf")])


def redis_url(instance: Instance, database: int) -> str:
    """Where a client finds one of Redis' databases, with the password."""
    return f"redis://:{secret(instance, 'redis')}@{instance.host('redis')}:{instance.port('redis', 'redis')}/{database}"
