"""What is generated from the stack's description for each service."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from omero_platform.services import monitoring, omeroweb, redis
from omero_platform.services.omeroweb_settings import THIRD_PARTY_APPS, installed_apps, web_settings
from omero_platform.services.registry import RUNNERS, absent_services, running_services

if TYPE_CHECKING:
    from omero_platform.instance import Instance


def test_every_local_service_can_be_run(instance: Instance) -> None:
    assert set(instance.stack.local()) == set(RUNNERS)


def test_without_monitoring_the_rest_stays(instance: Instance) -> None:
    plain = replace(instance, monitoring=False)
    assert {"database", "database_plugin", "redis", "omeroserver", "omeroweb"} <= set(running_services(plain))
    assert set(monitoring.PROGRAMS).isdisjoint(running_services(plain))
    assert absent_services(plain)["prometheus"] == "switched off by --no-monitoring"


def test_redis_keeps_nothing_on_disk_and_asks_for_a_password(prepared: Instance) -> None:
    redis.prepare(prepared, "redis")
    lines = (prepared.run / "redis.conf").read_text().splitlines()
    assert {
        'save ""',
        "appendonly no",
        "maxmemory 536870912",
        "maxmemory-policy allkeys-lru",
        "bind 127.0.0.1",
    } <= set(lines)
    assert any(line.startswith("requirepass ") for line in lines)
    assert (prepared.run / "redis.conf").stat().st_mode & 0o077 == 0


def test_prometheus_scrapes_and_probes_what_runs_here(prepared: Instance) -> None:
    config = monitoring.prometheus_config(prepared)
    jobs = {job["job_name"]: job for job in config["scrape_configs"]}
    assert {"node_exporter", "redis_exporter", "postgres_exporter", "postgres_exporter_plugin"} <= set(jobs)
    assert {"loki", "grafana", "cadvisor"}.isdisjoint(jobs)
    probed = [target for entry in jobs["blackbox_tcp"]["static_configs"] for target in entry["targets"]]
    assert f"127.0.0.1:{prepared.port('omeroserver', 'ssl')}" in probed
    assert f"127.0.0.1:{prepared.port('database', 'postgresql')}" in probed
    pages = [target for entry in jobs["blackbox_http"]["static_configs"] for target in entry["targets"]]
    assert f"http://127.0.0.1:{prepared.port('omeroweb', 'http')}/webgateway/" in pages


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed (package prometheus)")
def test_promtool_accepts_the_configuration(prepared: Instance) -> None:
    for name in ("prometheus", "alertmanager", "blackbox-exporter"):
        monitoring.prepare(prepared, name)
    checked = subprocess.run(
        ["promtool", "check", "config", str(prepared.run / "prometheus.yml")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_omero_web_gets_all_nine_plugins_and_the_links_of_the_specification() -> None:
    settings = web_settings(4064, "redis://localhost/1", "Europe/Zurich", installed_apps())
    names = {
        "gallery",
        "figure",
        "fpbioimage",
        "iviewer",
        "mapr",
        "parade",
        "web_zarr",
        "autotag",
        "tagsearch",
    }
    assert {f"omero_{name}" for name in names} <= set(settings["omero.web.apps"])
    assert len(THIRD_PARTY_APPS) == len(names)
    titles = [link[0] for link in settings["omero.web.ui.top_links"]]
    assert titles[:7] == ["Data", "Figure", "Mapr", "Gallery", "Tag Search", "History", "Help"]
    assert [tab[0] for tab in settings["omero.web.ui.right_plugins"]] == [
        "Acquisition",
        "Preview",
        "File names",
        "Imaris",
    ]
    assert settings["omero.web.debug"] == "false"
    assert settings["omero.web.session_engine"].endswith("backends.cache")


def test_omeros_configuration_file_holds_strings_and_json(tmp_path: object) -> None:
    xml = ET.fromstring(omeroweb.config_xml({"omero.web.debug": "false", "omero.web.apps": ["a", "b"]}))
    for profile in xml.findall("properties"):
        values = {entry.get("name"): entry.get("value") for entry in profile}
        assert values["omero.web.debug"] == "false"
        assert json.loads(str(values["omero.web.apps"])) == ["a", "b"]


def test_omero_py_reads_the_configuration_file(prepared: Instance) -> None:
    from omero.config import ConfigXml

    path = prepared.data / "config.xml"
    path.write_text(omeroweb.config_xml({"omero.web.apps": ["omero_figure"], "omero.web.secure": "true"}))
    config = ConfigXml(str(path), read_only=True)
    assert config.as_map()["omero.web.apps"] == '["omero_figure"]'
    config.close()
