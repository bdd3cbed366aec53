"""What strangers and hostile names can't do."""

from __future__ import annotations

import contextlib
import re

import pytest

from omeroweb_upload.models import UploadFile, UploadSession

from ..helpers import BASE, BYTES, TUS

JSON_ROUTES = [
    ("POST", "announce", {"files": [{"name": "x.tif", "size": 1}]}),
    ("POST", "upload", {}),
    ("GET", "files", None),
    ("GET", "sets", None),
    ("GET", "status", None),
    ("POST", "status", {}),
    ("POST", "import", {}),
    ("POST", "confirm", {}),
    ("POST", "prune", {"keep_paths": []}),
    ("POST", "cancel", {}),
    ("POST", "retry", {}),
]
TUS_ROUTES = [("HEAD", b""), ("PATCH", b"stolen"), ("DELETE", b"")]


@pytest.mark.parametrize("path", ["../../etc/passwd", "/etc/passwd", "C:\\Windows\\x.tif", "\\\\host\\share\\x", "a/../../b",
                                  "x" * 1000 + ".tif", "a\0b.tif", "./a.tif", "a//b.tif", ""])  # fmt: skip
def test_paths_that_lead_elsewhere_or_can_not_be_stored_are_refused_and_nothing_is_kept(alice, path):
    files = [{"relative_path": "good.tif", "size": 1}, {"relative_path": path, "size": 1}]
    answer = alice.http.post(f"{BASE}/start/", json={"files": files})
    assert answer.status_code == 400
    assert "can't be accepted" in answer.json()["error"]
    assert not UploadSession.objects.exists()


def test_a_hostile_name_of_a_tus_client_is_refused(alice):
    import base64

    name = base64.b64encode(b"../../../etc/cron.d/x").decode()
    headers = {**TUS, "Upload-Length": "5", "Upload-Metadata": f"filename {name}"}
    assert alice.http.post(f"{BASE}/tus/", headers=headers).status_code == 400


def test_names_that_only_windows_dislikes_are_staged_below_the_upload(alice, staging):
    names = ["12:30.tif", "NUL.tif", "what?.tif", "trail. ", "100%.tif", "-rf", "$(touch x).tif", "a\nb.tif"]
    begun = alice.start(dict.fromkeys(names, b"x"))
    for file in begun["files"]:
        assert alice.send(file["upload_id"], b"x").status_code == 204
    assert {row.path for row in UploadFile.objects.all()} == set(names)
    folder = staging / begun["job_id"][:2] / begun["job_id"] / "files"
    assert len([path for path in folder.rglob("*") if path.is_file()]) <= len(names)


def test_bob_finds_none_of_alices_uploads_on_any_route(alice, bob):
    begun = alice.start({"a.tif": b"x" * 10})
    alice.send(begun["files"][0]["upload_id"], b"xxxxx")
    for method, action, body in JSON_ROUTES:
        answer = bob.http.request(method, f"{BASE}/{action}/{begun['job_id']}/", json=body)
        assert answer.status_code == 404, (method, action, answer.text)
        assert "belongs to somebody else" in answer.json()["error"]
        unknown = bob.http.request(method, f"{BASE}/{action}/{'0' * 32}/", json=body)
        assert unknown.json() == answer.json(), "a stranger's upload must look like none at all"
    for method, content in TUS_ROUTES:
        headers = {**BYTES, "Upload-Offset": "5"}
        answer = bob.http.request(
            method, f"{BASE}/tus/{begun['files'][0]['upload_id']}", content=content, headers=headers
        )
        assert answer.status_code == 404
    assert bob.http.get(f"{BASE}/uploads/").json()["uploads"] == []
    assert alice.offset(begun["files"][0]["upload_id"]) == 5
    assert alice.status(begun["job_id"])["status"] == "uploading"


def test_bob_tries_every_route_that_names_an_upload():
    from omeroweb_upload.routes import urlpatterns

    named = {str(route.pattern) for route in urlpatterns if "_id>" in str(route.pattern)}
    tried = {f"{action}/<str:job_id>/" for _, action, _ in JSON_ROUTES} | {"tus/<str:upload_id>"}
    assert named - tried == {"projects/<int:project_id>/datasets/"}, "what is new must be tried by a stranger"


def test_bob_can_not_put_a_dataset_into_alices_project(alice, bob):
    made = alice.http.post(f"{BASE}/containers/", json={"kind": "project", "name": "Private plans"}).json()
    alice.http.post(
        f"{BASE}/containers/", json={"kind": "dataset", "name": "Secret", "project_id": made["id"]}
    )
    refused = bob.http.post(
        f"{BASE}/containers/", json={"kind": "dataset", "name": "Mine now", "project_id": made["id"]}
    )
    assert refused.status_code in (400, 403, 404)
    assert "may not" in refused.json()["error"] or "no project" in refused.json()["error"].lower()
    names = alice.http.get(f"{BASE}/projects/{made['id']}/datasets/").json()["datasets"]
    assert [row["name"] for row in names] == ["Secret"]


def described(alice):
    """Every method of every route, with ids that nothing has."""
    document = alice.http.get(f"{BASE}/openapi.json").json()
    for path, methods in document["paths"].items():
        place = re.sub(r"{\w+}", "0" * 32, path.replace("{project_id}", "1"))
        for method in methods:
            yield method.upper(), place


def test_no_route_answers_without_a_login(alice, web):
    import httpx

    with httpx.Client(base_url=web.url, follow_redirects=False) as stranger:
        for method, place in described(alice):
            if method == "OPTIONS" or place.endswith("/openapi.json"):
                continue
            answer = stranger.request(method, place, headers=TUS)
            login = answer.status_code == 302 and "/webclient/login/" in answer.headers["Location"]
            assert login or answer.status_code in (401, 403), (method, place, answer.status_code)


def test_no_route_changes_anything_without_the_csrf_token(alice):
    for method, place in described(alice):
        if method in ("POST", "PUT", "PATCH", "DELETE"):
            answer = alice.http.request(method, place, headers={**TUS, "X-CSRFToken": ""})
            assert answer.status_code == 403, (method, place, answer.status_code)


def test_bob_can_not_add_a_tus_file_to_alices_upload(alice, bob):
    import base64

    begun = alice.start({"a.tif": b"x"})
    job = base64.b64encode(begun["job_id"].encode()).decode()
    headers = {**TUS, "Upload-Length": "5", "Upload-Metadata": f"job_id {job}"}
    assert bob.http.post(f"{BASE}/tus/", headers=headers).status_code == 404


def test_nobody_gets_in_without_a_login(alice, web):
    import httpx

    begun = alice.start({"a.tif": b"x"})
    with httpx.Client(base_url=web.url, follow_redirects=False) as stranger:
        for method, action, body in JSON_ROUTES:
            answer = stranger.request(method, f"{BASE}/{action}/{begun['job_id']}/", json=body)
            assert answer.status_code in (401, 403), (action, answer.status_code)
        assert stranger.head(f"{BASE}/tus/{begun['files'][0]['upload_id']}", headers=TUS).status_code == 401


def test_changes_need_the_csrf_token(alice):
    begun = alice.start({"a.tif": b"x"})
    for method, action, body in JSON_ROUTES:
        if method != "GET":
            answer = alice.http.request(
                method, f"{BASE}/{action}/{begun['job_id']}/", json=body, headers={"X-CSRFToken": ""}
            )
            assert answer.status_code == 403, action
    headers = {**BYTES, "Upload-Offset": "0", "X-CSRFToken": ""}
    path = f"{BASE}/tus/{begun['files'][0]['upload_id']}"
    assert alice.http.patch(path, content=b"x", headers=headers).status_code == 403
    assert alice.http.delete(path, headers=headers).status_code == 403
    assert alice.offset(begun["files"][0]["upload_id"]) == 0


def test_root_is_sent_away(alice, web):
    from omero_embedded.testing import PASSWORD

    with contextlib.closing(web.login("root", PASSWORD)) as root:
        assert root.get(f"{BASE}/root-status/").json() == {"is_root_user": True}
        assert root.post(f"{BASE}/start/", json={"files": []}).status_code == 403
        assert "regular user" in root.get(f"{BASE}/").text


def test_a_size_bomb_is_refused_without_using_memory_or_disk(alice):
    huge = [{"relative_path": f"{number}.tif", "size": 2**61} for number in range(5)]
    answer = alice.http.post(f"{BASE}/start/", json={"files": huge})
    assert answer.status_code == 413
    assert "one upload takes" in answer.json()["error"]
    assert not UploadSession.objects.exists()


def test_somebody_elses_project_is_no_target(alice, people):
    with people.gateway("root") as conn:
        import omero.model
        from omero.rtypes import rstring

        project = omero.model.ProjectI()
        project.name = rstring("secret")
        number = conn.getUpdateService().saveAndReturnObject(project).id.val
    answer = alice.http.post(f"{BASE}/start/", json={"files": [], "project_id": number})
    assert answer.status_code == 400
    assert "may not add to it" in answer.json()["error"]
