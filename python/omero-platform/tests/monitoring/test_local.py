"""What runs on plain Linux: services elsewhere, the operator's receiver, errors in logs."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest

from omero_platform.errors import PlatformError
from omero_platform.monitoring import elsewhere
from omero_platform.monitoring.exposition import Family, exposition
from omero_platform.monitoring.log_errors import LogErrors
from omero_platform.services import monitoring

if TYPE_CHECKING:
    from collections.abc import Iterator

    from omero_platform.instance import Instance


@pytest.fixture
def loki() -> Iterator[str]:
    """A server that answers as Loki does when it is ready."""

    class Ready(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/ready" else 404)
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Ready)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()


def test_a_service_that_runs_elsewhere_is_scraped_and_probed(prepared: Instance, loki: str) -> None:
    elsewhere.remember(prepared, [f"loki={loki}"])
    jobs = {job["job_name"]: job for job in monitoring.prometheus_config(prepared)["scrape_configs"]}
    assert jobs["loki"]["static_configs"] == [{"targets": [loki.removeprefix("http://")]}]
    probed = {
        entry["labels"]["service"]: entry["targets"] for entry in jobs["blackbox_http"]["static_configs"]
    }
    assert probed["loki"] == [f"{loki}/ready"]
    assert "grafana" not in probed
    assert f"Loki runs elsewhere, at {loki}, and answers." in elsewhere.describe(prepared)


def test_what_runs_nowhere_is_said_to_and_is_no_error(prepared: Instance) -> None:
    (said,) = elsewhere.describe(prepared)
    assert said.startswith("Not running here: cAdvisor, Loki, Alloy, Grafana, Portainer")


def test_an_address_can_be_forgotten(prepared: Instance, loki: str) -> None:
    elsewhere.remember(prepared, [f"loki={loki}", "grafana=http://127.0.0.1:9"])
    elsewhere.remember(prepared, ["loki="])
    assert elsewhere.addresses(prepared) == {"grafana": "http://127.0.0.1:9"}
    assert "does not answer" in elsewhere.describe(prepared)[0]


@pytest.mark.parametrize(
    "entry",
    [
        "loki",
        "loki=nonsense",
        "loki=ftp://host:1",
        "loki=http://host",
        "redis=http://h:1",
        "loki=http://h:1/path",
    ],
)
def test_a_wrong_address_is_refused(prepared: Instance, entry: str) -> None:
    with pytest.raises(PlatformError, match="--elsewhere"):
        elsewhere.remember(prepared, [entry])
    assert not elsewhere.addresses(prepared)


def test_the_operators_receiver_is_used(prepared: Instance) -> None:
    monitoring.receiver_file(prepared).write_text("webhook_configs: [{url: 'http://127.0.0.1:9/hook'}]\n")
    monitoring.prepare(prepared, "alertmanager")
    receivers = {
        receiver["name"]: receiver for receiver in monitoring.alertmanager_config(prepared)["receivers"]
    }
    assert receivers["operators"]["webhook_configs"] == [{"url": "http://127.0.0.1:9/hook"}]
    assert set(receivers) == {"operators", "watchdog"}


@pytest.mark.parametrize("text", ["webhook_configs: [{address: x}]\n", "just text\n"])
def test_a_receiver_that_alertmanager_would_refuse_is_refused_at_once(prepared: Instance, text: str) -> None:
    monitoring.receiver_file(prepared).write_text(text)
    with pytest.raises(PlatformError, match="alert-receiver"):
        monitoring.prepare(prepared, "alertmanager")


def test_errors_in_logs_are_counted_once_and_only_new_ones(prepared: Instance) -> None:
    log = prepared.log / "omeroweb.log"
    log.write_text("2026-11-22 12:00:00,000 ERROR old\n")
    logs = LogErrors(prepared)

    def count() -> float:
        return logs.look()[0].samples[("omeroweb",)]

    assert count() == 0
    with log.open("a") as file:
        file.write("2026-11-22 12:00:01,000 ERROR [omeroweb] it failed\n  File x.py\n")
        file.write(
            "2026-11-22 12:00:02,000 INFO no ERRORS here\n[2026] [CRITICAL] bad\nts=1 level=error x\nhalf a line ERROR"
        )
    assert count() == 3
    assert count() == 3
    with log.open("a") as file:
        file.write(" now whole\n")
    assert count() == 4
    log.rename(log.with_suffix(".1"))
    log.write_text("ERROR after rotation\n")
    assert count() == 5


def test_label_values_are_escaped() -> None:
    family = Family("a_metric", "Text.", labels=("path",), samples={('a"b\\c\nd',): 1.5})
    assert exposition([family]).splitlines()[2] == 'a_metric{path="a\\"b\\\\c\\nd"} 1.5'
