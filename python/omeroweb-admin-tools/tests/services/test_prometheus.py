"""Charts and figures from a real Prometheus that watches itself."""

from __future__ import annotations

import shutil
import subprocess
import time

import pytest

from omero_plugin_common.testing.servers import answers, free_port, wait_until
from omeroweb_admin_tools.services import panels, resources
from omeroweb_admin_tools.services.prometheus import Prometheus, PrometheusError


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory):
    if shutil.which("prometheus") is None:
        pytest.skip("Debian's package prometheus is not installed")
    folder, port = tmp_path_factory.mktemp("prometheus"), free_port()
    (folder / "p.yml").write_text(
        "{global: {scrape_interval: 1s}, scrape_configs: [{job_name: prometheus, static_configs: "
        f"[{{targets: ['127.0.0.1:{port}', '127.0.0.1:1']}}]}}]}}"
    )
    process = subprocess.Popen(
        [
            "prometheus",
            f"--config.file={folder}/p.yml",
            f"--storage.tsdb.path={folder}/d",
            f"--web.listen-address=127.0.0.1:{port}",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder,
    )
    found = Prometheus(f"http://127.0.0.1:{port}")
    try:
        wait_until(lambda: answers(port), "Prometheus")
        wait_until(lambda: resources.probe(found.url, "/-/ready").ok, "Prometheus being ready")
        wait_until(lambda: found.value("sum(up)") == 1 and found.value("count(up)") == 2, "the first scrapes")
        yield found
    finally:
        process.kill()
        process.wait()


def test_a_value_is_read_and_several_are_not_one(prometheus):
    assert prometheus.value("1 + 1") == 2
    assert prometheus.value("up") is None


def test_targets_are_counted_with_their_faults(prometheus):
    found = resources.targets_overview(prometheus)
    assert (found["active"], found["up"], found["down"]) == (2, 1, 1)
    assert any("refused" in entry["healthcheck"] for entry in found["services"])


def test_a_chart_has_common_times_and_a_series_per_label(prometheus):
    panel = panels.Panel("up", "Up", "count", (panels.Line("up", "{instance}"),))
    wait_until(
        lambda: len(resources.chart(prometheus, panel, 3600)["series"]) == 2, "a whole step of the chart"
    )
    found = resources.chart(prometheus, panel, 3600)
    assert len(found["times"]) == 241
    assert all(len(series["values"]) == 241 for series in found["series"])
    assert next(series["title"] for series in found["series"]).startswith("127.0.0.1:1")
    assert abs(found["times"][-1] - time.time()) < 60


def test_every_charts_expression_is_accepted(prometheus):
    found = resources.charts(prometheus, 3600)
    assert [entry["key"] for entry in found] == [panel.key for panel in panels.PANELS]
    assert [entry.get("error") for entry in found] == [None] * len(found)
    assert set(resources.system_metrics(prometheus)) == set(panels.INSTANT)


def test_faults_are_told(prometheus):
    with pytest.raises(PrometheusError, match="refuses the question"):
        prometheus.value("sum(")
    with pytest.raises(PrometheusError, match="doesn't answer"):
        Prometheus("http://127.0.0.1:9", timeout_seconds=1).value("1")
