"""The tus endpoint, against a public client and the words of the protocol."""

from __future__ import annotations

import hashlib
import io

import pytest
from tusclient.client import TusClient

from ..helpers import BASE, BYTES, TUS, sha256_header


def tus_client(browser):
    http = browser.http
    cookies = "; ".join(f"{name}={value}" for name, value in http.cookies.items())
    headers = {"Cookie": cookies, "X-CSRFToken": http.headers["X-CSRFToken"], "Referer": str(http.base_url)}
    return TusClient(f"{http.base_url}{BASE}/tus/", headers=headers)


def made(alice, size=10, name="a.tif", **headers):
    import base64

    encoded = base64.b64encode(name.encode()).decode()
    sent = {**TUS, "Upload-Length": str(size), "Upload-Metadata": f"filename {encoded}", **headers}
    return alice.http.post(f"{BASE}/tus/", headers=sent)


def test_tuspy_uploads_in_chunks_with_checksums_and_the_file_is_whole(alice, files):
    data = files(1, 300)
    uploader = tus_client(alice).uploader(
        file_stream=io.BytesIO(data),
        chunk_size=50_000,
        metadata={"filename": "cells.tif"},
        upload_checksum=True,
    )
    uploader.upload()
    assert uploader.offset == len(data)
    upload = alice.http.get(f"{BASE}/uploads/").json()["uploads"][0]
    (file,) = alice.http.get(f"{BASE}/files/{upload['job_id']}/").json()["files"]
    assert (file["relative_path"], file["offset"]) == ("cells.tif", len(data))
    from omeroweb_upload.models import UploadFile

    assert UploadFile.objects.get().sha256 == hashlib.sha256(data).hexdigest()


def test_tuspy_goes_on_where_another_client_stopped(alice):
    data = bytes(range(256)) * 1000
    first = tus_client(alice).uploader(
        file_stream=io.BytesIO(data), chunk_size=64_000, metadata={"filename": "x"}
    )
    first.upload_chunk()
    second = tus_client(alice).uploader(file_stream=io.BytesIO(data), chunk_size=64_000, url=first.url)
    assert second.offset == 64_000
    second.upload()
    assert second.offset == len(data)
    from omeroweb_upload.models import UploadFile

    assert UploadFile.objects.get().sha256 == hashlib.sha256(data).hexdigest()


def test_options_tell_version_and_extensions_without_a_version_header(alice):
    answer = alice.http.options(f"{BASE}/tus/")
    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == answer.headers["Tus-Resumable"] == "1.0.0"
    assert set(answer.headers["Tus-Extension"].split(",")) == {
        "creation",
        "creation-with-upload",
        "checksum",
        "termination",
        "expiration",
    }
    assert "sha256" in answer.headers["Tus-Checksum-Algorithm"]
    assert int(answer.headers["Tus-Max-Size"]) > 0


def test_creation_with_upload_takes_the_first_bytes(alice):
    data = b"0123456789"
    answer = alice.http.post(f"{BASE}/tus/", content=data[:4], headers={**BYTES, "Upload-Length": "10"})
    assert answer.status_code == 201
    assert answer.headers["Upload-Offset"] == "4"
    assert answer.headers["Upload-Expires"].endswith("GMT")
    path = answer.headers["Location"].partition(str(alice.http.base_url))[2]
    head = alice.http.head(path, headers=TUS)
    assert (head.headers["Upload-Offset"], head.headers["Upload-Length"]) == ("4", "10")
    assert head.headers["Cache-Control"] == "no-store"
    rest = alice.http.patch(path, content=data[4:], headers={**BYTES, "Upload-Offset": "4"})
    assert (rest.status_code, rest.headers["Upload-Offset"]) == (204, "10")


def test_a_terminated_file_is_gone(alice):
    path = made(alice).headers["Location"].partition(str(alice.http.base_url))[2]
    assert alice.http.delete(path, headers=TUS).status_code == 204
    assert alice.http.head(path, headers=TUS).status_code == 404
    assert alice.http.patch(path, content=b"x", headers={**BYTES, "Upload-Offset": "0"}).status_code == 404


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 412),
        ({"Tus-Resumable": "0.2.2"}, 412),
        ({**TUS, "Content-Type": "text/plain", "Upload-Offset": "0"}, 415),
        ({**BYTES}, 400),
        ({**BYTES, "Upload-Offset": "-1"}, 400),
        ({**BYTES, "Upload-Offset": "5"}, 409),
        ({**BYTES, "Upload-Offset": "0", "Upload-Checksum": "crc32 AAAA"}, 400),
        ({**BYTES, "Upload-Offset": "0", "Upload-Checksum": "sha256 AAAA"}, 400),
        ({**BYTES, "Upload-Offset": "0", "Upload-Checksum": sha256_header(b"other")}, 460),
        ({**BYTES, "Upload-Offset": "0", "Upload-Checksum": sha256_header(b"x")}, 204),
    ],
)
def test_patch_answers_as_the_protocol_says(alice, headers, status):
    path = made(alice).headers["Location"].partition(str(alice.http.base_url))[2]
    answer = alice.http.patch(path, content=b"x", headers=headers)
    assert answer.status_code == status
    assert answer.headers["Tus-Resumable"] == "1.0.0"
    if status == 412:
        assert answer.headers["Tus-Version"] == "1.0.0"


@pytest.mark.parametrize("length", ["", "x", "-5", "1e3", "9" * 30])
def test_creation_needs_a_length(alice, length):
    assert alice.http.post(f"{BASE}/tus/", headers={**TUS, "Upload-Length": length}).status_code == 400


def test_creation_beyond_the_limit_is_refused(alice):
    assert made(alice, size=2**50).status_code == 413


def test_clients_behind_narrow_proxies_may_override_the_method(alice):
    path = made(alice).headers["Location"].partition(str(alice.http.base_url))[2]
    headers = {**BYTES, "Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"}
    assert alice.http.post(path, content=b"0123456789", headers=headers).status_code == 204


def test_an_unknown_method_is_answered_with_those_that_work(alice):
    answer = alice.http.put(f"{BASE}/tus/", headers=TUS)
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "OPTIONS, POST"
