"""A whole stack with its monitoring: all targets up, every query answerable, faults that raise their alert, and a backup
that brings everything back."""

from __future__ import annotations

import hashlib
import html
import json
import logging
import os
import re
import shutil
import signal
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from omero_platform.instance import Instance
from omero_platform.maintenance.heartbeat import STATE, heartbeat_folder, read_heartbeats
from omero_platform.monitoring.files import dashboard_files, read_yaml, rule_files
from omero_platform.omero_session import root_session
from omero_platform.services.monitoring import PROMETHEUS_PAGES
from omero_platform.services.omeroweb import run_django
from omero_platform.services.registry import running_services
from omero_platform.supervisor import Supervisor

from ..conftest import ROOT, free_offset
from ..test_local_stack import PATIENCE_SECONDS, Stack, wait_for
from .promql import metrics_in

if TYPE_CHECKING:
    from collections.abc import Iterator

logger = logging.getLogger(__name__)

pytestmark = [pytest.mark.stack, pytest.mark.timeout(1800)]

ALL_UP_SECONDS = 60

# The alert of each service; nobody is left to fire one for Prometheus, so its watchdog falls silent instead.
ALERT_OF = {
    "database": "DatabaseDown",
    "database_plugin": "DatabaseDown",
    "redis": "RedisDown",
    "omeroserver": "OmeroServerDown",
    "omeroweb": "OmeroWebDown",
    "worker": "WorkerDown",
    "caretaker": "CaretakerDown",
}


WATCHDOG = ("Watchdog", "")
# Without these no page can be asked; the command line names them.
PAGE_NEEDS = {"database", "redis", "omeroserver", "omeroweb"}
# The scripts of the diagnostics and their check for each service; the others have `monitoring` and `http_…`.
SCRIPT_OF = {
    "database_plugin": "plugin_database",
    "worker": "worker",
    "database": "omero_database",
    "redis": "worker",
    "omeroserver": "omero_server_core",
    "omeroweb": "omero_server_core",
}
FAILING_CHECK = {"database_plugin": "plugin_database_tcp", "worker": "celery_ping"}


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """A stack with demo data and monitoring."""
    folder = Path(tempfile.mkdtemp(prefix="omero-platform-test-"))
    folder.chmod(0o777)
    stack = Stack(Instance(root=ROOT, data=folder / "data", port_offset=free_offset()))
    try:
        stack.first_output = stack.command("up", "--detach").stdout
        yield stack
    finally:
        stack.command("down", check=False)
        shutil.rmtree(folder, ignore_errors=True)


def prometheus(stack: Stack, path: str, **parameters: str) -> Any:
    """Ask Prometheus."""
    address = f"http://127.0.0.1:{stack.instance.port('prometheus', 'http')}/api/v1/{path}"
    return httpx.get(address, params=parameters, timeout=30).json()["data"]


def query(stack: Stack, expression: str) -> dict[str, float]:
    """Present values by the label `service` or `job`."""
    rows = prometheus(stack, "query", query=expression)["result"]
    return {
        row["metric"].get("service") or row["metric"].get("job", ""): float(row["value"][1]) for row in rows
    }


def test_all_targets_and_probes_are_up_within_a_minute(stack: Stack) -> None:
    began = time.monotonic()

    def all_up() -> bool:
        targets = prometheus(stack, "targets", state="active")["activeTargets"]
        probes = prometheus(stack, "query", query="probe_success")["result"]
        return (
            all(target["health"] == "up" for target in targets)
            and len(probes) == sum(len(service.probes) for service in stack.instance.stack.local().values())
            and all(row["value"][1] == "1" for row in probes)
        )

    wait_for(all_up, "all targets and probes up")
    assert time.monotonic() - began < ALL_UP_SECONDS
    jobs = {
        target["labels"]["job"] for target in prometheus(stack, "targets", state="active")["activeTargets"]
    }
    assert jobs >= {"omeroweb", "caretaker", "node_exporter", "postgres_exporter", "postgres_exporter_plugin"}


def test_nothing_alarms_on_a_healthy_stack(stack: Stack) -> None:
    firing = {
        alert["labels"]["alertname"]
        for alert in prometheus(stack, "alerts")["alerts"]
        if alert["state"] == "firing"
    }
    ours = {
        name for name in firing if not name.startswith(("Disk", "Memory", "Omero", "Processors", "Inodes"))
    }
    assert ours <= {"Watchdog"}, "the machine's own disks and memory aside, nothing is wrong"


def test_prometheus_own_pages_come_complete_through_omero_web(stack: Stack) -> None:
    carol = stack.browser("carol")
    page = carol.get(PROMETHEUS_PAGES, follow_redirects=True)
    assert page.status_code == 200
    parts = re.findall(r'<(?:script|link)[^>]* (?:src|href)="([^"]+)"', page.text)
    assert parts
    for part in parts:
        answer = carol.get(str(page.url.join(html.unescape(part))))
        assert answer.status_code == 200, part
        assert answer.url.path.startswith(PROMETHEUS_PAGES)
    carol.close()


def library_metrics() -> set[str]:
    """What the plugins' library counts only once something happened, such as a job that ended."""
    from omero_plugin_common.jobs import metrics as jobs
    from omero_plugin_common.metrics import requests

    found = set()
    for counted in (jobs.ENDED, jobs.RETRIED, jobs.DURATION, requests.REQUESTS, requests.SECONDS):
        name = counted.describe()[0].name
        found |= {f"{name}_{end}" for end in ("total", "bucket", "count", "sum")}
    return found | {
        "omero_plugin_jobs_open",
        "omero_plugin_jobs_oldest_seconds",
    }  # announced, with or without jobs


def test_every_query_uses_metrics_that_the_stack_exports(stack: Stack) -> None:
    alice = stack.browser("alice")
    assert alice.get("/omero_plugin_common/jobs/").status_code == 200
    alice.close()
    rules = [
        rule for path in rule_files(ROOT) for group in read_yaml(path)["groups"] for rule in group["rules"]
    ]
    boards = [json.loads(path.read_text()) for path in dashboard_files(ROOT)]
    expressions = [rule["expr"] for rule in rules] + [
        target["expr"]
        for board in boards
        for panel in board["panels"]
        for target in panel.get("targets", [])
        if target["datasource"]["type"] == "prometheus"
    ]
    used = set().union(*(metrics_in(expression) for expression in expressions))
    recorded = {rule["record"] for rule in rules if "record" in rule}
    # Services that stack.toml does not run here: cAdvisor's metrics begin with container_.
    elsewhere = tuple(
        {"cadvisor": "container_", "loki": "loki_", "alloy": "alloy_", "grafana": "grafana_"}[name]
        for name, service in stack.instance.stack.services.items()
        if "local" not in service.runs and service.scrape
    )

    def missing() -> set[str]:
        exported = set(prometheus(stack, "label/__name__/values"))
        return {
            name
            for name in used - exported - recorded - library_metrics() - {"ALERTS"}
            if not name.startswith(elsewhere)
        }

    wait_for(lambda: not missing(), f"every metric exported (missing: {missing()})")
    wait_for(
        lambda: "omero_plugin_requests_total" in prometheus(stack, "label/__name__/values"),
        "alice's visit in the metrics of the plugins",
    )


def test_the_caretaker_makes_up_for_a_missed_date_and_prometheus_hears_of_it(stack: Stack) -> None:
    folder = heartbeat_folder(stack.instance)
    beats = json.loads((folder / STATE).read_text())
    beats["vacuum_analyze"]["last_success"] = time.time() - 9 * 86400
    owner = (folder / STATE).stat()
    (folder / STATE).write_text(json.dumps(beats))
    os.chown(folder / STATE, owner.st_uid, owner.st_gid)
    began = time.time()
    wait_for(lambda: read_heartbeats(folder)["vacuum_analyze"].last_success > began - 60, "the missed VACUUM")
    assert read_heartbeats(folder)["vacuum_analyze"].ok
    wait_for(
        lambda: query(
            stack, 'omero_care_last_run_timestamp_seconds{task="vacuum_analyze"} > 0'
        ), "the heartbeat in Prometheus",
    )  # fmt: skip
    assert "task=vacuum_analyze ended exit_code=0" in (stack.instance.log / "caretaker.log").read_text()


def test_maintenance_of_the_running_stack_says_what_it_did(stack: Stack) -> None:
    assert "needed nothing" in stack.command("maintain", "--dry-run").stdout
    outcomes = json.loads(stack.command("maintain", "reindex", "--json").stdout)
    assert {outcome["database"] for outcome in outcomes} == {"database", "database_plugin"}
    assert {outcome["state"] for outcome in outcomes} <= {"done", "skipped"}


def hasten(stack: Stack, folder: Path) -> None:
    """Let Prometheus and Alertmanager run with the very same rules, only with seconds in place of minutes."""
    rules = []
    for path in rule_files(ROOT):
        content = read_yaml(path)
        for group in content["groups"]:
            for rule in group["rules"]:
                rule["expr"] = re.sub(
                    r"\[(\d+)m\]", lambda found: f"[{max(10, int(found[1]))}s]", rule["expr"]
                )
                if "for" in rule:
                    rule["for"] = "1s"
        rules.append(folder / path.name)
        rules[-1].write_text(json.dumps(content))
        rules[-1].chmod(0o644)
    path = stack.instance.run / "prometheus.yml"
    config = json.loads(path.read_text())
    config["global"] = {"scrape_interval": "3s", "scrape_timeout": "3s", "evaluation_interval": "1s"}
    config["rule_files"] = [str(rule) for rule in rules]
    path.write_text(json.dumps(config))
    path = stack.instance.run / "alertmanager.yml"
    config = json.loads(path.read_text())
    config["route"] |= {"group_wait": "0s", "group_interval": "1s"}
    config["inhibit_rules"] = []
    path.write_text(json.dumps(config))
    for service in ("prometheus", "alertmanager"):
        os.kill(stack.pid(service), signal.SIGHUP)


Alerts = set[tuple[str, str]]
"""Names of alerts with the service, or the job, that they are about."""


def named(labels: dict[str, str]) -> tuple[str, str]:
    """An alert as the tests speak of it."""
    return labels["alertname"], labels.get("service", labels.get("job", ""))


def delivered(stack: Stack) -> Alerts:
    """Alerts that have reached Alertmanager; none while it is down."""
    port = stack.instance.port("alertmanager", "http")
    try:
        found = httpx.get(f"http://127.0.0.1:{port}/api/v2/alerts", timeout=10).json()
    except (httpx.HTTPError, ValueError):
        return set()
    return {named(alert["labels"]) for alert in found}


def firing(stack: Stack) -> Alerts:
    """Alerts that fire in Prometheus; none while it is down."""
    try:
        found = prometheus(stack, "alerts")["alerts"]
    except (httpx.HTTPError, ValueError):
        return set()
    return {named(alert["labels"]) for alert in found if alert["state"] == "firing"}


def about(service: str, alerts: Alerts) -> Alerts:
    """Those that are about a service."""
    return {alert for alert in alerts if alert[1] == service}


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_each_service_that_stops_raises_its_alert_is_named_and_clears_after_a_restart(
    stack: Stack, folder: Path
) -> None:
    hasten(stack, folder)
    wait_for(lambda: WATCHDOG in delivered(stack), "the watchdog")
    for service in running_services(stack.instance):
        began = time.monotonic()
        stop_and_start(stack, service, ALERT_OF.get(service, "MonitoringServiceDown"))
        logger.info("%s: %.0f s", service, time.monotonic() - began)


def stop_and_start(stack: Stack, service: str, alert: str) -> None:
    """Stop one service, see its alert and its name wherever people look; start it, see all clear."""
    supervisor, wanted = Supervisor(stack.instance), (alert, service)
    carol = stack.browser("carol")
    supervisor.stop(service)
    if service == "prometheus":
        wait_for(lambda: stack.states()["prometheus"] == "down", "prometheus down")
    else:
        wait_for(lambda: wanted in firing(stack), f"{wanted} in Prometheus")
        if service != "alertmanager":
            wait_for(lambda: wanted in delivered(stack), f"{wanted} in Alertmanager")
    assert stack.states()[service] == "down"
    title = stack.instance.service(service).title
    assert f"{title} does not answer" in " ".join(stack.command("doctor", check=False).stdout.split())
    if service not in PAGE_NEEDS:
        wait_for(lambda: down_on_the_health_page(carol) == [service], f"{service} alone on the health page")
        assert f"{service}: {FAILING_CHECK.get(service, f'http_{service}')}" in diagnosed(carol, service)
    supervisor.start(service)
    wait_for(lambda: set(stack.states().values()) == {"up"}, f"all up after {service}")
    carol.close()
    carol = stack.browser("carol")
    wait_for(lambda: down_on_the_health_page(carol) == [], f"a health page without {service}")
    assert diagnosed(carol, service) == []
    carol.close()
    all_clear(stack, service)


def all_clear(stack: Stack, service: str) -> None:
    """Wait until nothing is about a service any more, and the watchdog gets through."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while left := about(service, firing(stack) | delivered(stack)) | ({WATCHDOG} - delivered(stack)):
        assert time.monotonic() < deadline, f"after a restart of {service}: {left}"
        time.sleep(0.3)


def down_on_the_health_page(carol: httpx.Client) -> list[str]:
    """What the health page calls down."""
    return list(carol.get("/omeroweb_admin_tools/resource-monitoring/health/").json()["down"])


def diagnosed(carol: httpx.Client, service: str) -> list[str]:
    """The checks of the diagnostics that fail and are about a service."""
    answer = carol.post(
        "/omeroweb_admin_tools/server-database-testing/run/",
        json={"scripts": [SCRIPT_OF.get(service, "monitoring")]},
        headers={"X-CSRFToken": carol.cookies["csrftoken"], "Referer": str(carol.base_url)},
    )
    assert answer.status_code == 200, answer.text[:500]
    return [
        f"{service}: {check['check_id']}"
        for result in answer.json()["results"]
        for check in result["checks"]
        if check["status"] == "fail"
    ]


CREDENTIAL = """
from omeroweb_omp_plugin.store.credentials import AiCredential
row, _made = AiCredential.objects.using('plugins').get_or_create(
    username='alice', provider='openai', defaults={'owner_id': 2, 'api_key': 'sk-alices-own'})
print('key:', AiCredential.objects.using('plugins').get(pk=row.pk).api_key)
"""


def everything(stack: Stack) -> dict[str, Any]:
    """People, images with their pixels, annotations and their links, and a plugin's encrypted setting."""
    with root_session(stack.instance) as gateway:
        gateway.SERVICE_OPTS.setOmeroGroup(-1)
        rows = gateway.getQueryService().projection
        options = gateway.SERVICE_OPTS

        def table(hql: str) -> list[list[Any]]:
            return sorted(
                [[str(cell.val) if cell else None for cell in row] for row in rows(hql, None, options)],
                key=str,
            )

        pixels = {}
        for image in list(gateway.getObjects("Image"))[:40]:
            plane = image.getPrimaryPixels().getPlane(0, 0, 0)
            pixels[image.getId()] = (
                image.getName(),
                plane.shape,
                hashlib.sha256(plane.tobytes()).hexdigest(),
            )
        return {
            "people": table("select e.id, e.omeName, e.firstName, e.lastName, e.email from Experimenter e"),
            "groups": table("select g.id, g.name from ExperimenterGroup g"),
            "images": table(
                "select i.id, i.name, i.description, i.details.owner.id, i.details.group.id from Image i"
            ),
            "annotations": table("select a.id, a.ns, a.description, a.class from Annotation a"),
            "pairs": table("select a.id, m.name, m.value from MapAnnotation a join a.mapValue m"),
            "links": table("select l.id, l.parent.id, l.child.id from ImageAnnotationLink l"),
            "files": table(
                "select f.id, f.path, f.name, f.size, f.hash from OriginalFile f where f.hasher is not null"
            ),
            "pixels": pixels,
            "setting": run_django(stack.instance, "shell", "-c", CREDENTIAL).strip().splitlines()[-1],
        }


def test_a_destroyed_stack_comes_back_object_by_object(stack: Stack, folder: Path) -> None:
    data = stack.instance.data
    before = everything(stack)
    assert before["setting"] == "key: sk-alices-own"
    assert len(before["pixels"]) == 40
    assert min(len(part) for part in before.values()) > 0
    folder.chmod(0o777)
    place = ["--to", str(folder / "backups")]
    assert "2 databases" in stack.command("backup", *place).stdout
    assert "are as they were backed up" in stack.command("verify", *place).stdout

    refused = stack.command("restore", *place, check=False)
    assert refused.returncode == 1
    assert "is running" in refused.stdout
    stack.command("down")
    refused = stack.command("restore", *place, check=False)
    assert refused.returncode == 1
    assert "holds a stack already" in refused.stdout
    assert set(before["people"][0]), "nothing was changed"

    shutil.rmtree(data)
    stack.command("restore", *place)
    stack.command("up", "--detach")
    after = everything(stack)
    for part, expected in before.items():
        assert after[part] == expected, part

    stack.command("down")
    assert "What was there before is in" in stack.command("restore", "--yes", *place).stdout
    assert (next(data.glob("before-restore-*")) / "omeroserver").is_dir()


def test_a_damaged_backup_is_refused_and_named(stack: Stack, folder: Path) -> None:
    stack.command("up", "--detach")
    folder.chmod(0o777)
    place = ["--to", str(folder / "backups")]
    stack.command("backup", *place)
    victim = max((folder / "backups/objects").glob("*/*"), key=lambda path: path.stat().st_size)
    content = bytearray(victim.read_bytes())
    content[len(content) // 2] ^= 1
    victim.chmod(0o600)
    victim.write_bytes(content)
    damaged = stack.command("verify", *place, check=False)
    assert damaged.returncode == 1
    assert "its contents are damaged" in " ".join(damaged.stdout.split())
    assert not read_heartbeats(heartbeat_folder(stack.instance))["verify"].ok
