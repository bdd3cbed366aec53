"""The container socket: what goes through, byte for byte, and what the answers of Docker and Podman mean."""

from __future__ import annotations

import pytest

from omeroweb_admin_tools.services.containers import (
    ContainerEngine,
    ContainerError,
    NotAllowedError,
    stats_of,
)
from omeroweb_admin_tools.services.resources import containers_with_stats, socket_diagnostics

from ..edges import serve

ID = "ab" * 32
DOCKER = {
    "cpu_stats": {"cpu_usage": {"total_usage": 3_000}, "system_cpu_usage": 20_000, "online_cpus": 4},
    "precpu_stats": {"cpu_usage": {"total_usage": 1_000}, "system_cpu_usage": 10_000},
    "memory_stats": {"usage": 5_000, "limit": 10_000, "stats": {"inactive_file": 1_000}},
    "networks": {"eth0": {"rx_bytes": 10, "tx_bytes": 20}, "eth1": {"rx_bytes": 1, "tx_bytes": 2}},
    "blkio_stats": {"io_service_bytes_recursive": [{"op": "read", "value": 7}, {"op": "Write", "value": 8}]},
    "pids_stats": {"current": 3},
}


@pytest.fixture
def edge(tmp_path):
    with serve(tmp_path / "docker.sock") as found:
        found.json(
            "/containers/json",
            [
                {
                    "Id": ID,
                    "Names": ["/omero_redis_1"],
                    "Image": "redis",
                    "State": "running",
                    "Status": "Up 2 hours (healthy)",
                    "Labels": {"com.docker.compose.service": "redis"},
                },
                {
                    "Id": "cd" * 32,
                    "Names": ["old"],
                    "Image": "x",
                    "State": "exited",
                    "Status": "Exited (1)",
                    "Labels": None,
                },
            ],
        )
        found.json(f"/containers/{ID}/stats", DOCKER)
        yield found


def engine(edge) -> ContainerEngine:
    from pathlib import Path

    return ContainerEngine(Path(edge.url))


def test_listing_asks_three_things_with_get_and_nothing_else(edge):
    found = containers_with_stats(engine(edge))
    assert sorted(edge.lines) == [
        f"GET /containers/{ID}/stats?stream=false&one-shot=false HTTP/1.1",
        "GET /containers/json?all=1 HTTP/1.1",
    ]
    assert all(raw.endswith(b"\r\n\r\n") for raw in edge.requests), "a body was sent"
    running, old = found
    assert (running["service"], running["health"], running["stats"]["cpu_percent"]) == (
        "redis",
        "healthy",
        80.0,
    )
    assert (old["service"], old["stats"]) == ("old", None)


@pytest.mark.parametrize(
    "path",
    [
        "/containers/create",
        f"/containers/{ID}/kill",
        f"/containers/{ID}/exec",
        f"/containers/{ID}/json/../../../images/json",
        "/containers/json?all=1&x=/containers/json",
        f"/containers/{ID}/archive",
        "/images/json",
        "/containers/ABC/json",
        "/v1.41/containers/json",
        f"/containers/{ID}/stats\r\nPOST /containers/{ID}/kill",
    ],
)
def test_everything_else_is_refused_before_a_byte_is_sent(edge, path):
    with pytest.raises(NotAllowedError):
        engine(edge).get(path)
    assert edge.requests == []


def test_the_figures_of_docker_are_read():
    found = stats_of(DOCKER)
    assert found.cpu_percent == 80.0
    assert (found.memory_bytes, found.memory_limit_bytes) == (4_000, 10_000)
    assert (found.received_bytes, found.sent_bytes) == (11, 22)
    assert (found.read_bytes, found.written_bytes, found.processes) == (7, 8, 3)


def test_the_figures_of_podman_and_of_a_container_that_just_started_are_read():
    podman = {
        **DOCKER,
        "networks": None,
        "blkio_stats": {"io_service_bytes_recursive": None},
        "precpu_stats": {},
    }
    podman["memory_stats"] = {"usage": 5_000, "limit": 10_000}
    found = stats_of(podman)
    assert (found.memory_bytes, found.received_bytes, found.read_bytes) == (5_000, 0, 0)
    assert found.cpu_percent == 60.0
    assert stats_of({}).cpu_percent == 0.0


def test_an_engine_that_fails_is_told_and_diagnosed(edge, tmp_path):
    edge.json("/containers/json", {"message": "no"}, status=500)
    with pytest.raises(ContainerError, match="500"):
        engine(edge).containers()
    found = socket_diagnostics(engine(edge))
    assert (found["socket_exists"], found["api_reachable"]) == (True, False)
    missing = socket_diagnostics(ContainerEngine(tmp_path / "none.sock"))
    assert (missing["socket_exists"], missing["api_error"]) == (False, "There is no container socket here.")
