"""Alert rules: accepted by Prometheus, each one tested to fire and not to, each one explained in a runbook."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from omero_platform.monitoring.files import monitoring_folder, read_yaml, rule_files
from omero_platform.monitoring.generated import alerts

from ..conftest import ROOT
from .promql import metrics_in

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = monitoring_folder(ROOT)
RULES = rule_files(ROOT)
ALERTS = {rule["alert"]: rule for rule in alerts(ROOT)}


def run(*command: str | Path, cwd: Path = FOLDER) -> str:
    """What a program says about our files; it must be content."""
    result = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, check=False, cwd=cwd
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_prometheus_accepts_all_rules() -> None:
    assert run("promtool", "check", "rules", *RULES).count("SUCCESS") == len(RULES)


@pytest.mark.parametrize("name", [path.name for path in RULES])
def test_the_alerts_fire_when_they_should_and_only_then(name: str) -> None:
    assert "SUCCESS" in run("promtool", "test", "rules", name, cwd=FOLDER / "tests")


def test_every_alert_is_tested_to_fire_and_to_be_quiet() -> None:
    fires, quiet = set(), set()
    for path in (FOLDER / "tests").glob("*.yml"):
        for test in read_yaml(path)["tests"]:
            fires |= {
                found
                for check in test["promql_expr_test"]
                if check["exp_samples"]
                for found in re.findall(r'alertname="(\w+)"', check["expr"])
            }
            quiet |= {
                check["alertname"] for check in test.get("alert_rule_test", []) if not check["exp_alerts"]
            }
    assert fires == set(ALERTS)
    assert quiet == set(ALERTS) - {"Watchdog"}  # which always fires


@pytest.mark.parametrize("name", ALERTS)
def test_every_alert_says_what_is_wrong_and_where_to_read_on(name: str) -> None:
    rule = ALERTS[name]
    assert rule["labels"]["severity"] in {"critical", "warning", "none"}
    assert rule["annotations"]["summary"].endswith(".")
    page, _hash, anchor = rule["annotations"]["runbook_url"].partition("#")
    assert anchor == name.lower()
    section = (ROOT / page).read_text().split(f"## {name}\n")[1].split("\n## ")[0]
    assert all(part in section for part in ("**Means:**", "**Look:**", "**Do:**"))


def test_every_runbook_belongs_to_an_alert() -> None:
    headings = {
        heading
        for path in (ROOT / "docs/runbooks").glob("*.md")
        for heading in re.findall(r"^## (\w+)$", path.read_text(), re.MULTILINE)
    }
    assert headings == set(ALERTS)


def test_alertmanager_accepts_its_configuration() -> None:
    assert "SUCCESS" in run("amtool", "check-config", "alertmanager.yml")


def test_alerts_of_what_depends_on_a_dead_database_are_not_sent_too() -> None:
    def receivers(*labels: str) -> str:
        return run("amtool", "config", "routes", "test", "--config.file", "alertmanager.yml", *labels).strip()

    assert receivers("alertname=OmeroServerDown", "severity=critical") == "operators"
    assert receivers("alertname=Watchdog", "severity=none") == "watchdog"
    inhibited = " ".join(str(rule) for rule in read_yaml(FOLDER / "alertmanager.yml")["inhibit_rules"])
    named = set(re.findall(r"[A-Z]\w+", inhibited))
    assert named
    assert named <= set(ALERTS)


def test_the_blackbox_exporter_accepts_its_modules() -> None:
    run("prometheus-blackbox-exporter", "--config.check", "--config.file", FOLDER / "blackbox.yml")


@pytest.mark.parametrize(
    ("expression", "metrics"),
    [
        (
            'min by (service) (probe_success{service="x"} or omero_service_up) == 0',
            {"probe_success", "omero_service_up"},
        ),
        ("histogram_quantile(0.95, sum by (le) (rate(a_bucket[5m])))", {"a_bucket"}),
        ("omero:slo:objective > on (slo) group_left () (14.4 * (1 - b))", {"omero:slo:objective", "b"}),
        ('1 - avg(rate(x{mode="idle"}[5m])) < bool 1', {"x"}),
        ("predict_linear(y[6h], 4 * 86400) < 0 and on() z", {"y", "z"}),
    ],
)
def test_expressions_are_understood(expression: str, metrics: set[str]) -> None:
    assert metrics_in(expression) == metrics
