"""Health checks against a real OMERO API and against things that are none."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

import pytest

from omero_embedded.testing import PASSWORD, Site
from omero_platform.health.checks import check
from omero_platform.health.ice import IceError, IceRouter
from omero_platform.instance import HOST

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omero_platform.instance import Instance


@pytest.fixture(scope="module")
def ssl_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The SSL port of an embedded OMERO."""
    site = Site(tmp_path_factory.mktemp("omero"), ssl=True)
    yield site.server.ports()["ssl"]
    site.stop()


def test_the_router_answers_a_ping(ssl_port: int) -> None:
    with IceRouter(HOST, ssl_port, 5) as router:
        router.ping()


def test_root_can_log_in(ssl_port: int) -> None:
    with IceRouter(HOST, ssl_port, 5) as router:
        router.log_in("root", PASSWORD)


def test_a_wrong_password_is_refused(ssl_port: int) -> None:
    with (
        IceRouter(HOST, ssl_port, 5) as router,
        pytest.raises(IceError, match="createSession was answered with"),
    ):
        router.log_in("root", "wrong")


def test_a_port_that_speaks_something_else_is_not_omero() -> None:
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]

        def greet() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(b"220 mail.example.org ESMTP\r\n")

        greeter = threading.Thread(target=greet)
        greeter.start()
        with pytest.raises((OSError, IceError)):
            IceRouter(HOST, port, 5)
        greeter.join()


@pytest.mark.parametrize("service", ["database", "redis", "worker", "omeroserver", "omeroweb", "prometheus"])
def test_a_service_that_is_down_is_not_healthy(prepared: Instance, service: str) -> None:
    health = check(prepared, service)
    assert not health.ok
    assert "refused" in health.detail.lower()
