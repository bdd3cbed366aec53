"""The stack's description, as those who look at services from outside read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from omero_plugin_common.stackfile import read_place, read_services

STACK = Path(__file__).parents[3] / "stack.toml"


def test_every_service_has_a_title_and_a_way_to_know_its_health():
    services = read_services(STACK)
    assert {"database", "redis", "omeroserver", "omeroweb", "worker"} <= set(services)
    assert all(service.title and service.health_kind for service in services.values())


def test_services_of_one_host_are_told_apart_by_shifted_ports():
    place = read_place(STACK, "local", "127.0.0.1", 10_000)
    assert place.address("database_plugin") == ("127.0.0.1", 15_433)
    assert "grafana" not in place.services


def test_services_with_hosts_of_their_own_are_named_after_themselves():
    place = read_place(STACK, "image")
    assert place.address("database_plugin") == ("database-plugin", 5433)
    assert place.address("omeroserver", "tcp") == ("omeroserver", 4063)
    with pytest.raises(KeyError):
        place.address("nothing")
