"""Prometheus' configuration: fixed settings, the shared rules, and the targets derived from `stack.toml`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omero_platform.monitoring.targets import container_address, scrape_configs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from omero_platform.monitoring.targets import Address
    from omero_platform.stack import Stack

INTERVAL = "15s"


def prometheus_config(stack: Stack, address: Address, rules: Iterable[str]) -> dict[str, Any]:
    """The whole configuration for services at the given addresses."""
    alertmanager = address("alertmanager", "http")
    return {
        "global": {"scrape_interval": INTERVAL, "evaluation_interval": INTERVAL},
        "rule_files": list(rules),
        "alerting": {
            "alertmanagers": [{"static_configs": [{"targets": [alertmanager]}]}] if alertmanager else []
        },
        "scrape_configs": scrape_configs(stack, address),
    }


def container_config(stack: Stack) -> dict[str, Any]:
    """The configuration where every service is a container; kept as `monitoring/prometheus.json`."""
    return prometheus_config(stack, container_address(stack), ["/etc/prometheus/rules/*.yml"])
