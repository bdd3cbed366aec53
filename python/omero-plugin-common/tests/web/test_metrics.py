"""The metrics of web processes and workers, added up."""

from __future__ import annotations

import re

import httpx
import pytest

from omero_plugin_common.jobs import service
from omero_plugin_common.metrics.collect import exposition
from omero_plugin_common.testing.servers import wait_until

from ..jobs.helpers import ALICE, wait_for_end

URL = "/omero_plugin_common/metrics"


@pytest.fixture
def metrics(web):
    def read():
        return httpx.get(web.url + URL, timeout=30).text

    return read


def value(text, name, **labels):
    for line in text.splitlines():
        if line.startswith(name) and all(f'{key}="{wanted}"' in line for key, wanted in labels.items()):
            return float(line.rsplit(" ", 1)[1])
    return 0.0


def test_what_a_worker_did_is_read_at_the_web(metrics, worker):
    before = value(metrics(), "omero_plugin_jobs_total", kind="example.count", result="done")
    job = service.submit("example.count", ALICE, {"steps": 3})
    wait_for_end(job.id)
    wait_until(
        lambda: (
            value(metrics(), "omero_plugin_jobs_total", kind="example.count", result="done") == before + 1
        ),
        "the worker's count",
    )


def test_waiting_jobs_are_counted_with_their_age(plugin_database, redis_server):
    service.submit("example.aside", ALICE, {"steps": 1})
    text = exposition().decode()
    assert value(text, "omero_plugin_jobs_open", kind="example.aside", state="queued") == 1
    assert value(text, "omero_plugin_jobs_oldest_seconds", kind="example.aside", state="queued") >= 0
    assert value(text, "omero_plugin_database_up") == 1


def test_a_kind_without_jobs_counts_as_none(plugin_database):
    text = exposition().decode()
    for state in ("queued", "running"):
        assert f'omero_plugin_jobs_open{{kind="example.count",state="{state}"}} 0.0' in text


def test_names_and_labels_keep_to_the_rules(metrics, plugin_database):
    text = metrics()
    names = re.findall(r"^# TYPE (\S+) ", text, flags=re.MULTILINE)
    assert names
    assert all(name.startswith("omero_") for name in names)
    assert not re.search(r'\b(user|username|owner)\w*="', text)


def test_what_came_through_a_proxy_is_refused(web):
    answer = httpx.get(web.url + URL, headers={"X-Forwarded-For": "203.0.113.9"}, timeout=30)
    assert answer.status_code == 403
