"""Monitoring is the same on NixOS as in containers: targets, probes and Loki's settings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import yaml

from .conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

JOBS = {"http_2xx": "blackbox_http", "tcp_connect": "blackbox_tcp", "tls_connect": "blackbox_tls"}


def prometheus() -> dict[str, list[str]]:
    """Targets by job, from the configuration that containers get."""
    jobs = json.loads((ROOT / "monitoring/prometheus.json").read_text())["scrape_configs"]
    return {
        job["job_name"]: sorted(target for entry in job["static_configs"] for target in entry["targets"])
        for job in jobs
    }


def test_nix_scrapes_what_containers_scrape(evaluate: Callable[..., Any]) -> None:
    scrapes = evaluate("(import ./nix/lib/stack.nix { }).scrapes")
    by_nix = {scrape["job"]: [scrape["target"]] for scrape in scrapes}
    assert by_nix == {job: targets for job, targets in prometheus().items() if job not in JOBS.values()}


def test_nix_probes_what_containers_probe(evaluate: Callable[..., Any]) -> None:
    probes = evaluate("(import ./nix/lib/stack.nix { }).probes")
    for module, job in JOBS.items():
        assert sorted(probe["target"] for probe in probes if probe["module"] == module) == prometheus()[job]


def test_loki_on_nixos_has_the_settings_of_the_container(evaluate: Callable[..., Any]) -> None:
    by_nix = evaluate(
        'import ./nix/lib/loki.nix { port = (import ./nix/lib/stack.nix { }).portOf "loki" "http"; }'
    )
    assert by_nix == yaml.safe_load((ROOT / "monitoring/loki/loki.yml").read_text())
