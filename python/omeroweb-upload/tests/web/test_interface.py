"""The description of the interface, the settings, metrics and the pages besides the upload page."""

from __future__ import annotations

import contextlib
import re

from openapi_spec_validator import validate

from ..helpers import BASE


def test_the_description_is_valid_and_names_every_route(alice):
    document = alice.http.get(f"{BASE}/openapi.json").json()
    validate(document)
    from omeroweb_upload.routes import urlpatterns

    routes = {f"{BASE}/" + re.sub(r"<\w+:(\w+)>", r"{\1}", str(route.pattern)) for route in urlpatterns}
    assert set(document["paths"]) == routes


def test_methods_that_are_not_described_are_refused(alice):
    document = alice.http.get(f"{BASE}/openapi.json").json()
    for path, methods in document["paths"].items():
        place = re.sub(r"{(project_id)}", "1", path)
        place = re.sub(r"{\w+}", "0" * 32, place)
        for method in {"get", "post", "put", "delete"} - set(methods):
            answer = alice.http.request(method.upper(), place, headers={"Tus-Resumable": "1.0.0"})
            assert answer.status_code == 405, (method, path, answer.status_code)


def test_choices_follow_the_user_to_another_browser(alice, web, bob):
    from omero_embedded.testing import PASSWORD

    chosen = {"uploadBatchFiles": 7, "duplicates": "skip", "folderRule": "one"}
    saved = alice.http.post(f"{BASE}/user-settings/save/", json={"settings": chosen}).json()
    assert saved["success"]
    with contextlib.closing(web.login("alice", PASSWORD)) as other:
        loaded = other.get(f"{BASE}/user-settings/load/").json()["settings"]
        assert {key: loaded[key] for key in chosen} == chosen
        assert "&quot;" not in other.get(f"{BASE}/").text.partition('id="omp-page-data"')[2][:2000]
    assert bob.http.get(f"{BASE}/user-settings/load/").json()["settings"]["uploadBatchFiles"] == 5
    wrong = alice.http.post(f"{BASE}/user-settings/save/", json={"settings": {"uploadBatchFiles": 11}})
    assert wrong.status_code == 400
    assert "uploadBatchFiles" in wrong.json()["error"]


def test_help_is_a_page_with_the_limits_of_this_server(alice):
    answer = alice.http.get(f"{BASE}/help/")
    assert answer.status_code == 200
    assert "200000 files" in answer.text
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


def test_metrics_count_bytes_and_refusals_by_reason(alice, files):
    data = files(500)
    job_id = alice.upload({"m.tif": data})
    alice.wait_for(job_id, "done")
    alice.http.post(f"{BASE}/start/", json={"files": [{"name": "../x", "size": 1}]})
    text = alice.http.get("/omero_plugin_common/metrics").text
    received = re.search(r"^omero_upload_received_bytes_total ([\d.e+]+)$", text, re.MULTILINE)
    assert float(received[1]) >= len(data)
    assert 'omero_upload_failures_total{reason="path",stage="start"}' in text
    assert re.search(r'omero_upload_sets_total\{engine="api",result="imported"\} [1-9]', text)
    assert "omero_upload_import_duration_seconds_bucket" in text
