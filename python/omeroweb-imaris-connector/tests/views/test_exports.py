"""The address that programs use, seen by the owner of an image, by a colleague, by a stranger."""

from __future__ import annotations

import httpx
import numpy as np
import pytest

from omero_embedded.testing import PASSWORD
from omero_plugin_common.testing.web import WebProcess
from omeroweb_imaris_connector.services.exports import internal_id

from ..helpers import row, volume, wait_for_end

URL = "/omeroweb_imaris_connector/imaris-export/"


@pytest.fixture(scope="module")
def clients(web):
    return {name: web.login(name, PASSWORD) for name in ("alice", "bob", "carol", "dora")}


@pytest.fixture(scope="module")
def image_id(lab):
    return lab.image("alice", volume((1, 2, 4, 30, 40), np.uint16), "ärger/cells.tif")


def ended(answer):
    return wait_for_end(internal_id(answer.json()["job_id"]))


def test_alice_starts_polls_and_downloads(clients, exporter, image_id):
    alice = clients["alice"]
    started = alice.get(URL, params={"image": image_id, "async": "1"})
    assert started.status_code == 200
    assert started.json()["job_id"].startswith("celery-")
    assert started.json()["state"] == "RUNNING"
    ended(started)
    polled = alice.get(started.json()["status_url"]).json()
    assert (polled["state"], polled["finished"], polled["failed"], polled["percent"]) == (
        "FINISHED",
        True,
        False,
        100,
    )
    file = alice.get(polled["download_url"])
    assert file.status_code == 200
    assert file.content.startswith(b"\x89HDF\r\n")
    assert file.headers["Content-Disposition"] == 'attachment; filename="rger_cells.tif.ims"'
    assert int(file.headers["Content-Length"]) == len(file.content) == polled["size_bytes"]


def test_without_async_the_answer_is_the_file(clients, exporter, image_id):
    file = clients["alice"].get(URL, params={"image_id": image_id}, timeout=120)
    assert file.status_code == 200
    assert file.content.startswith(b"\x89HDF\r\n")


def test_the_same_image_again_is_there_at_once_for_everybody_who_may_read_it(clients, exporter, image_id):
    first = clients["alice"].get(URL, params={"image": image_id, "async": "yes"})
    made = ended(first).result
    again = clients["bob"].get(URL, params={"image": image_id, "wait": "0"}).json()
    assert (again["state"], again["cached"]) == ("FINISHED", True)
    assert row(internal_id(again["job_id"])).result["annotation_id"] == made["annotation_id"]
    assert clients["bob"].get(again["download_url"]).status_code == 200
    other = clients["alice"].get(URL, params={"image": image_id, "async": "1", "compression": "0"}).json()
    assert other["state"] == "RUNNING"
    assert wait_for_end(internal_id(other["job_id"])).result["annotation_id"] != made["annotation_id"]


def test_a_second_click_joins_the_export_that_runs(clients, exporter, lab):
    image_id = lab.image("alice", volume((1, 1, 2, 20, 20), np.uint8))
    taken = lab.take_processors(2)
    try:
        first = clients["alice"].get(URL, params={"image": image_id, "async": "1"}).json()
        second = clients["alice"].post(URL, json={"image": image_id, "async": True}).json()
        assert first["job_id"] == second["job_id"]
    finally:
        lab.free(taken)
    wait_for_end(internal_id(first["job_id"]))


def test_a_file_is_sent_in_the_parts_that_were_asked_for(clients, exporter, image_id):
    alice = clients["alice"]
    started = alice.get(URL, params={"image": image_id, "async": "1"})
    ended(started)
    address = alice.get(started.json()["status_url"]).json()["download_url"]
    whole = alice.get(address)
    middle = alice.get(address, headers={"Range": "bytes=100-299"})
    assert middle.status_code == 206
    assert middle.content == whole.content[100:300]
    assert middle.headers["Content-Range"] == f"bytes 100-299/{len(whole.content)}"
    rest = alice.get(address, headers={"Range": "bytes=1000-", "If-Range": whole.headers["ETag"]})
    assert rest.content == whole.content[1000:]
    assert alice.get(address, headers={"Range": "bytes=-7"}).content == whole.content[-7:]
    assert alice.get(address, headers={"Range": "bytes=1000-", "If-Range": '"other"'}).status_code == 200
    beyond = alice.get(address, headers={"Range": "bytes=99999999-"})
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, f"bytes */{len(whole.content)}")


def test_dora_gets_404_for_image_dataset_job_and_file(clients, exporter, image_id):
    started = clients["alice"].get(URL, params={"image": image_id, "async": "1"})
    ended(started)
    job = started.json()["job_id"]
    dora = clients["dora"]
    for parameters in (
        {"image": image_id, "async": "1"},
        {"image": image_id},
        {"image": 10**9, "async": "1"},
        {"dataset": 1, "async": "1"},
        {"job": job},
        {"job_id": job, "download": "1"},
        {"job": "celery-00000000-0000-0000-0000-000000000000"},
    ):
        refused = dora.get(URL, params=parameters)
        assert refused.status_code == 404, parameters
        assert refused.json()["error"]
    assert dora.get("/omeroweb_imaris_connector/panel/", params={"image": image_id}).status_code == 404


def test_bob_may_read_the_image_but_not_alices_job(clients, exporter, image_id):
    started = clients["alice"].get(URL, params={"image": image_id, "async": "1"})
    ended(started)
    assert clients["bob"].get(URL, params={"job": started.json()["job_id"]}).status_code == 404
    assert clients["bob"].get(URL, params={"job": started.json()["job_id"], "download": 1}).status_code == 404
    assert clients["carol"].get(URL, params={"job": started.json()["job_id"]}).status_code == 200


def test_bob_exports_an_image_that_he_may_only_read(clients, exporter, lab):
    image_id = lab.image("alice", volume((1, 1, 2, 20, 20), np.uint8))
    started = clients["bob"].get(URL, params={"image": image_id, "async": "1"})
    job = ended(started)
    assert (job.state, job.error) == ("done", "")
    assert clients["bob"].get(started.json()["status_url"]).json()["finished"]
    with lab.site.gateway("alice") as conn:
        assert list(conn.getObject("Image", image_id).listAnnotations()) == []


def test_a_file_that_is_deleted_in_omero_is_gone_and_made_again(clients, exporter, lab):
    image_id = lab.image("alice", volume((1, 1, 2, 20, 20), np.uint8))
    alice = clients["alice"]
    first = alice.get(URL, params={"image": image_id, "async": "1"})
    annotation_id = ended(first).result["annotation_id"]
    with lab.site.gateway("alice") as conn:
        conn.deleteObjects("Annotation", [annotation_id], wait=True)
    gone = alice.get(URL, params={"job": first.json()["job_id"], "download": "1"})
    assert (gone.status_code, "deleted" in gone.json()["error"]) == (404, True)
    second = alice.get(URL, params={"image": image_id, "async": "1"})
    assert second.json()["job_id"] != first.json()["job_id"]
    assert ended(second).state == "done"


def test_a_dataset_becomes_one_export_per_image(clients, exporter, lab):
    ids = [lab.image("alice", volume((1, 1, 1, 8, 8), np.uint8, seed), f"{seed}.tif") for seed in (1, 2)]
    with lab.site.gateway("alice") as conn:
        import omero.model
        from omero.rtypes import rstring

        dataset = omero.model.DatasetI()
        dataset.setName(rstring("two"))
        for image_id in ids:
            dataset.linkImage(omero.model.ImageI(image_id, False))
        dataset_id = conn.getUpdateService().saveAndReturnObject(dataset).id.val
    started = clients["alice"].get(URL, params={"dataset": dataset_id, "async": "1"}).json()
    assert [entry["image"] for entry in started["jobs"]] == ids
    for entry in started["jobs"]:
        assert wait_for_end(internal_id(entry["job_id"])).state == "done"
    listed = clients["alice"].get("/omeroweb_imaris_connector/my-exports/").json()["exports"]
    assert {entry["image_name"] for entry in listed} == {"1.tif", "2.tif"}
    assert clients["bob"].get("/omeroweb_imaris_connector/my-exports/").json() == {"exports": []}


def test_the_file_of_a_running_export_is_not_there_yet(clients, exporter, lab):
    image_id = lab.image("alice", volume((1, 1, 1, 8, 8), np.uint8))
    taken = lab.take_processors(2)
    try:
        started = clients["alice"].get(URL, params={"image": image_id, "async": "1"}).json()
        early = clients["alice"].get(URL, params={"job": started["job_id"], "download": "1"})
        assert (early.status_code, "no file yet" in early.json()["error"]) == (409, True)
    finally:
        lab.free(taken)
    wait_for_end(internal_id(started["job_id"]))


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({}, "image: give the id"),
        ({"image": "abc"}, "image: 'abc' is not an id"),
        ({"image": "-1"}, "image: '-1' is not an id"),
        ({"image": "1", "base_url": "https://omero.example.org/path"}, "base_url"),
        ({"image": "1", "base_url": "omero.example.org"}, "base_url"),
        ({"image": "1", "base_url": "https://omero.example.org:port"}, "base_url"),
        ({"image": "1", "omero_host": "elsewhere.example.org"}, "omero_host: the OMERO server is chosen"),
        ({"image": "1", "omero_port": "4064"}, "omero_port"),
        ({"image": "1", "compression": "10"}, "compression: '10'"),
        ({"image": "1", "converter": "/bin/sh"}, "converter: '/bin/sh' is not one of"),
        ({"image": "1", "pixel_type": "int128"}, "pixel_type"),
        ({"image": "1,2"}, "add async=1"),
        ({"job": "0123"}, "celery-"),
        ({"job": "celery-0123"}, "celery-<uuid>"),
    ],
)
def test_bad_input_says_what_would_be_right(clients, plugin_database, parameters, said):
    refused = clients["alice"].get(URL, params=parameters)
    assert refused.status_code == 400
    assert said in refused.json()["error"]


def test_links_begin_where_the_program_reached_the_platform(clients, exporter, image_id):
    started = clients["alice"].get(
        URL, params={"image": image_id, "async": "1", "base_url": "https://omero.example.org"}
    )
    assert started.json()["status_url"].startswith(f"https://omero.example.org{URL}?job=celery-")
    ended(started)


def test_a_page_of_another_site_cannot_start_an_export(clients, plugin_database, image_id):
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Referer": "https://evil.example.org/"}):
        refused = clients["alice"].get(URL, params={"image": image_id, "async": "1"}, headers=headers)
        assert refused.status_code == 403
    unsigned = clients["alice"].post(
        URL, json={"image": image_id, "async": True}, headers={"X-CSRFToken": ""}
    )
    assert unsigned.status_code == 403


def test_strangers_get_nothing(web, plugin_database, image_id):
    for path in (f"imaris-export/?image={image_id}", "my-exports/"):
        answer = httpx.get(f"{web.url}/omeroweb_imaris_connector/{path}", timeout=30)
        assert answer.status_code == 401


def test_an_administrator_exports_an_image_of_a_private_group(clients, exporter, lab):
    image_id = lab.image("dora", volume((1, 1, 1, 8, 8), np.uint8), "private.tif")
    started = clients["carol"].get(URL, params={"image": image_id, "async": "1"})
    job = ended(started)
    assert (job.state, job.error) == ("done", "")
    assert clients["carol"].get(started.json()["status_url"]).json()["name"] == "private.tif.ims"
    assert clients["dora"].get(started.json()["status_url"]).status_code == 404


@pytest.fixture
def strict(exporter, lab, postgres, redis_server):
    """An OMERO.web that allows one start a minute, counted apart from those of other tests, and waits one second."""
    web = WebProcess(
        postgres,
        "127.0.0.1",
        lab.site.server.ports()["ssl"],
        extra_environ={
            "OMERO_PLUGIN_RATE_ACTIONS": "1",
            "OMERO_PLUGIN_RATE_REDIS_URL": redis_server.redis.url(7),
            "OMERO_IMS_SYNC_TIMEOUT": "1",
        },
    )
    web.start()
    yield web
    web.stop()


def test_waiting_and_starting_have_their_limits(strict, lab):
    first, second = (lab.image("alice", volume((1, 1, 1, size, 8), np.uint8)) for size in (5, 6))
    bob = strict.login("bob", PASSWORD)
    taken = lab.take_processors(2)
    try:
        waited = bob.get(URL, params={"image": first})
        assert waited.status_code == 504
        assert "poll status_url" in waited.json()["error"]
        refused = bob.get(URL, params={"image": second, "async": "1"})
        assert refused.status_code == 429
        assert int(refused.headers["Retry-After"]) > 0
    finally:
        lab.free(taken)
    ended(waited)
    assert bob.get(waited.json()["status_url"]).json()["finished"]


def test_a_program_is_told_when_values_were_rounded(clients, exporter, lab):
    image_id = lab.image("alice", volume((1, 1, 1, 8, 8), np.float64))
    started = clients["alice"].get(URL, params={"image": image_id, "async": "1"})
    ended(started)
    assert "rounded to 32-bit numbers" in clients["alice"].get(started.json()["status_url"]).json()["note"]
