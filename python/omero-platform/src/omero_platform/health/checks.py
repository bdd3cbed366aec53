"""One check per kind of `stack.toml`'s `health`; each asks the service itself and answers within seconds."""

from __future__ import annotations

import http.client
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psycopg2

from omero_platform.health.ice import IceError, IceRouter
from omero_platform.secret_files import secret

if TYPE_CHECKING:
    from collections.abc import Callable

    from omero_platform.instance import Instance

PATIENCE_SECONDS = 5


@dataclass(frozen=True)
class Health:
    """A check's answer; the detail says what is wrong, or nothing."""

    ok: bool
    detail: str = ""


def check(instance: Instance, service: str, *, thorough: bool = False) -> Health:
    """Ask a service whether it is up; a thorough check also logs in where that costs something."""
    kind = instance.service(service).health.kind
    try:
        return CHECKS[kind](instance, service, thorough)
    except (OSError, http.client.HTTPException, psycopg2.Error, IceError) as error:
        return Health(False, " ".join(str(error).split()) or type(error).__name__)


def check_tcp(instance: Instance, service: str, _thorough: bool) -> Health:
    with socket.create_connection((instance.host(service), instance.health_port(service)), PATIENCE_SECONDS):
        return Health(True)


def check_http(instance: Instance, service: str, _thorough: bool) -> Health:
    connection = http.client.HTTPConnection(
        instance.host(service), instance.health_port(service), timeout=PATIENCE_SECONDS
    )
    try:
        connection.request("GET", instance.service(service).health.path)
        status = connection.getresponse().status
    finally:
        connection.close()
    return Health(200 <= status < 400, "" if status < 400 else f"answers with HTTP status {status}")


def check_postgresql(instance: Instance, service: str, _thorough: bool) -> Health:
    database = instance.service(service).database
    if database is None:
        return check_tcp(instance, service, _thorough)
    connection = psycopg2.connect(
        host=instance.host(service),
        port=instance.health_port(service),
        dbname=database.name,
        user=database.user,
        password=secret(instance, service),
        connect_timeout=PATIENCE_SECONDS,
    )
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        connection.close()
    return Health(True)


def check_redis(instance: Instance, service: str, _thorough: bool) -> Health:
    with socket.create_connection(
        (instance.host(service), instance.health_port(service)), PATIENCE_SECONDS
    ) as connection:
        connection.sendall(f"AUTH {secret(instance, service)}\r\nPING\r\n".encode())
        answer = b""
        while answer.count(b"\r\n") < 2 and (more := connection.recv(256)):
            answer += more
    return Health(b"+PONG" in answer, "" if b"+PONG" in answer else answer.decode(errors="replace").strip())


def check_omero(instance: Instance, service: str, thorough: bool) -> Health:
    with IceRouter(instance.host(service), instance.health_port(service), PATIENCE_SECONDS) as router:
        if thorough:
            router.log_in("root", secret(instance, "omero-root"))
        else:
            router.ping()
    return Health(True)


def check_celery(instance: Instance, service: str, _thorough: bool) -> Health:
    """The worker shakes hands with its queue: Celery's own ping over the broker."""
    import redis.exceptions  # noqa: PLC0415
    from celery import Celery  # noqa: PLC0415 - costs half a second, and most commands never ask
    from kombu.exceptions import OperationalError  # noqa: PLC0415

    from omero_platform.services.redis import redis_url  # noqa: PLC0415

    limits = instance.service("redis").redis
    app = Celery(broker=redis_url(instance, limits.celery_db if limits else 0))
    app.conf.broker_transport_options = {
        "socket_connect_timeout": PATIENCE_SECONDS,
        "socket_timeout": PATIENCE_SECONDS,
    }
    try:
        answers = app.control.ping(timeout=2, limit=1)
    except (OperationalError, redis.exceptions.RedisError) as error:
        return Health(False, f"its queue in Redis cannot be reached: {' '.join(str(error).split())}")
    queues = instance.service(service).celery
    return Health(
        bool(answers),
        "" if answers else f"no worker answers for {', '.join(queues.queues) if queues else 'any queue'}",
    )


CHECKS: dict[str, Callable[[Instance, str, bool], Health]] = {
    "tcp": check_tcp,
    "http": check_http,
    "postgresql": check_postgresql,
    "redis": check_redis,
    "omero": check_omero,
    "celery": check_celery,
}
