"""Dashboards, targets and settings: what the specification names is there, and every query is one Prometheus understands."""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from omero_platform.monitoring.files import dashboard_files, monitoring_folder, read_yaml
from omero_platform.monitoring.generated import generated_files
from omero_platform.monitoring.prometheus import container_config
from omero_platform.stack import load_stack

from ..conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = monitoring_folder(ROOT)
STACK = load_stack(ROOT / "stack.toml")
BOARDS = {board["uid"]: board for board in (json.loads(path.read_text()) for path in dashboard_files(ROOT))}
JOBS = {job["job_name"]: job for job in container_config(STACK)["scrape_configs"]}


def queries(board: dict[str, Any], kind: str = "prometheus") -> list[str]:
    """What a dashboard asks one kind of data source."""
    return [
        target["expr"]
        for panel in board["panels"]
        for target in panel.get("targets", [])
        if target["datasource"]["type"] == kind
    ]


def test_the_files_are_what_the_code_writes() -> None:
    for path, text in generated_files(STACK).items():
        assert (ROOT / path).read_text() == text, f"{path} is out of date: run `./omero-platform table`"


def test_the_dashboards_of_the_specification_have_their_fixed_ids() -> None:
    assert set(BOARDS) == {
        "omero-infrastructure", "database-metrics", "plugin-database-metrics", "redis-metrics", "omero-plugins",
    }  # fmt: skip


@pytest.mark.parametrize("uid", BOARDS)
def test_panels_have_a_place_of_their_own_and_a_name(uid: str) -> None:
    panels = BOARDS[uid]["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert all(panel["title"] for panel in panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        grid = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(grid["x"], grid["x"] + grid["w"])
            for y in range(grid["y"], grid["y"] + grid["h"])
        }
        assert not cells & taken, panel["title"]
        assert grid["x"] + grid["w"] <= 24
        taken |= cells


def test_prometheus_understands_every_query(tmp_path: Path) -> None:
    rules = [
        {"record": f"check:{index}".replace(":", "_"), "expr": expr}
        for index, expr in enumerate(expr for board in BOARDS.values() for expr in queries(board))
    ]
    path = tmp_path / "rules.yml"
    path.write_text(json.dumps({"groups": [{"name": "dashboards", "rules": rules}]}))
    checked = subprocess.run(
        ["promtool", "check", "rules", str(path)], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert len(rules) > 80


def test_logs_are_shown_from_loki() -> None:
    assert queries(BOARDS["omero-plugins"], "loki") == ['{level=~"error|fatal"}']
    sources = {
        source["uid"]: source["type"]
        for source in read_yaml(FOLDER / "grafana/datasources.yml")["datasources"]
    }
    assert sources == {"prometheus": "prometheus", "loki": "loki", "alertmanager": "alertmanager"}


def test_the_metric_sources_and_probes_of_the_specification_are_there() -> None:
    assert set(JOBS) >= {
        "prometheus", "node_exporter", "cadvisor", "loki", "alloy", "grafana", "postgres_exporter",
        "postgres_exporter_plugin", "redis_exporter", "blackbox_exporter", "omeroweb", "caretaker", "alertmanager",
    }  # fmt: skip
    probed = {
        name: [entry["targets"][0] for entry in JOBS[name]["static_configs"]]
        for name in JOBS
        if "blackbox_" in name
    }
    assert len(probed["blackbox_http"]) == 12
    assert set(probed["blackbox_tcp"]) == {
        "database:5432",
        "database-plugin:5433",
        "redis:6379",
        "omeroserver:4064",
    }
    assert probed["blackbox_tls"] == ["omeroserver:4064"]
    assert not any("omeroserver" in target for target in probed["blackbox_http"]), "it speaks Ice, not HTTP"


def test_a_probe_reaches_its_target_through_the_exporter() -> None:
    relabelled = JOBS["blackbox_http"]["relabel_configs"]
    assert relabelled[-1] == {"target_label": "__address__", "replacement": "blackbox-exporter:9115"}
    assert JOBS["blackbox_http"]["params"] == {"module": ["http_2xx"]}
    assert set(read_yaml(FOLDER / "blackbox.yml")["modules"]) == {"http_2xx", "tcp_connect", "tls_connect"}


def test_loki_deletes_old_logs_and_limits_queries() -> None:
    loki = read_yaml(FOLDER / "loki/loki.yml")
    assert loki["schema_config"]["configs"][0]["store"] == "tsdb"
    assert loki["limits_config"]["max_entries_limit_per_query"] == 5000
    assert loki["compactor"]["retention_enabled"]
    assert loki["limits_config"]["retention_period"] == "744h"
    assert loki["server"]["http_listen_port"] == STACK.services["loki"].ports["http"]


def test_alloy_joins_stack_traces_and_keeps_labels_few() -> None:
    alloy = (FOLDER / "alloy/config.alloy").read_text()
    outside_strings = re.sub(r'"(?:[^"\\]|\\.)*"', "", alloy)
    assert outside_strings.count("{") == outside_strings.count("}")
    assert "stage.multiline" in alloy
    assert 'values = ["service", "log_type", "level", "filename"]' in alloy
    assert f"loki:{STACK.services['loki'].ports['http']}/" not in alloy
    assert f'"http://loki:{STACK.services["loki"].ports["http"]}"' in alloy


def test_grafana_serves_viewers_from_a_sub_path_and_trusts_only_its_proxy() -> None:
    settings = json.loads((FOLDER / "grafana/settings.json").read_text())
    assert settings["server"]["serve_from_sub_path"]
    assert settings["server"]["root_url"].endswith("/omeroweb_admin_tools/resource-monitoring/grafana-proxy/")
    assert settings["users"]["auto_assign_org_role"] == "Viewer"
    assert settings["auth.proxy"]["whitelist"]
    assert not settings["auth.anonymous"]["enabled"]
    assert not read_yaml(FOLDER / "grafana/dashboards.yml")["providers"][0]["allowUiUpdates"]
