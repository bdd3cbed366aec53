"""From files to images: start, transfer, check, import, confirm, prune, cancel, retry."""

from __future__ import annotations

import hashlib
import io
import os
import uuid
from datetime import timedelta

import numpy as np
import pytest
import tifffile
from django.utils import timezone
from omero.rtypes import unwrap
from omero.sys import ParametersI

from omero_plugin_common.models import AuditEntry, Job
from omero_plugin_common.testing.servers import wait_until
from omeroweb_upload.models import UploadSession


def stored_hashes(people, image_ids):
    """SHA-1 of the original files that OMERO keeps of images, by client path."""
    with people.gateway("alice") as conn:
        rows = conn.getQueryService().projection(
            "select e.clientPath, f.hash from Image i join i.fileset fs join fs.usedFiles e join e.originalFile f "
            "where i.id in (:ids)",
            ParametersI().addIds(image_ids),
            conn.SERVICE_OPTS,
        )
    return dict(map(unwrap, row) for row in rows)


def images_of(found):
    return [number for one in found["sets"] for number in one["image_ids"]]


def staged(staging, job_id):
    # os.walk, unlike rglob, does not mind a folder that goes away meanwhile.
    return [name for _, _, names in os.walk(staging / job_id[:2] / job_id) for name in names]


def test_a_folder_becomes_images_in_datasets_named_after_folders(alice, people, files, staging):
    sent = {"run/a.tif": files(1), "run/deep/b.tif": files(2), "run/Thumbs.db": b"junk"}
    job_id = alice.upload(sent, title="run")
    done = alice.wait_for(job_id, "done")
    found = alice.sets(job_id)
    assert [one["main"] for one in found["sets"]] == ["run/a.tif", "run/deep/b.tif"]
    assert found["skipped"] == [
        {"path": "run/Thumbs.db", "reason": "Thumbs.db is a file of Windows, not data"}
    ]
    assert (
        done["imported_bytes"] == done["total_bytes"] == len(sent["run/a.tif"]) + len(sent["run/deep/b.tif"])
    )
    with people.gateway("alice") as conn:
        for one in found["sets"]:
            (image_id,) = one["image_ids"]
            image = conn.getObject("Image", image_id)
            assert image.getName() == one["main"].rpartition("/")[2]
            assert image.getParent().getName() == one["dataset"]
            pixels = image.getPrimaryPixels().getPlane(0, 0, 0)
            assert np.array_equal(pixels, tifffile.imread(io.BytesIO(sent[one["main"]])))
    assert {one["dataset"] for one in found["sets"]} == {"run", "run\\deep"}
    hashes = stored_hashes(people, images_of(found))
    assert hashes == {path: hashlib.sha1(sent[path]).hexdigest() for path in ("run/a.tif", "run/deep/b.tif")}
    wait_until(lambda: not staged(staging, job_id), "the staged files going away")
    assert AuditEntry.objects.filter(action="upload.import", outcome="done").count() == 1


def test_a_sender_who_missed_the_last_answer_still_learns_that_the_file_came(alice, files, staging):
    data = files(31)
    begun = alice.start({"late.tif": data}, auto_import=True)
    (file,) = begun["files"]
    alice.send(file["upload_id"], data)
    alice.wait_for(begun["job_id"], "done")
    wait_until(lambda: not staged(staging, begun["job_id"]), "the staged files going away")
    assert alice.offset(file["upload_id"]) == len(data)


def test_names_with_colons_and_blanks_keep_their_names_in_omero(alice, people, files):
    job_id = alice.upload({"2026-11-22T10:15/scan: 1?.tif": files(3)})
    alice.wait_for(job_id, "done")
    (image_id,) = images_of(alice.sets(job_id))
    with people.gateway("alice") as conn:
        image = conn.getObject("Image", image_id)
        assert image.getName() == "scan: 1?.tif"
        assert image.getParent().getName() == "2026-11-22T10:15"
    assert list(stored_hashes(people, [image_id])) == ["2026-11-22T10:15/scan: 1?.tif"]


def ome_set(folder):
    """Two TIFF files with OME-XML that name each other: one image of two time points."""
    names = ["cells_T0.ome.tif", "cells_T1.ome.tif"]
    uuids = [f"urn:uuid:{uuid.uuid4()}" for _ in names]
    blocks = "".join(
        f'<TiffData FirstT="{index}" IFD="0" PlaneCount="1"><UUID FileName="{name}">{one}</UUID></TiffData>'
        for index, (name, one) in enumerate(zip(names, uuids, strict=True))
    )
    for index, (name, one) in enumerate(zip(names, uuids, strict=True)):
        xml = (
            '<?xml version="1.0" encoding="UTF-8"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" '
            f'UUID="{one}"><Image ID="Image:0" Name="cells"><Pixels ID="Pixels:0" DimensionOrder="XYZCT" Type="uint16" '
            'SizeX="16" SizeY="16" SizeZ="1" SizeC="1" SizeT="2"><Channel ID="Channel:0:0" SamplesPerPixel="1"/>'
            f"{blocks}</Pixels></Image></OME>"
        )
        plane = np.full((16, 16), 100 * (index + 1), "uint16")
        tifffile.imwrite(folder / name, plane, description=xml, metadata=None)
    return {f"set/{name}": (folder / name).read_bytes() for name in names}


def test_a_set_of_two_files_becomes_one_image(alice, people, tmp_path):
    job_id = alice.upload(ome_set(tmp_path))
    alice.wait_for(job_id, "done")
    (one,) = alice.sets(job_id)["sets"]
    assert (one["kind"], one["files"], one["images"], one["planes"]) == ("ome", 2, 1, 2)
    (image_id,) = one["image_ids"]
    with people.gateway("alice") as conn:
        pixels = conn.getObject("Image", image_id).getPrimaryPixels()
        assert pixels.getSizeT() == 2
        assert [int(pixels.getPlane(0, 0, time)[0, 0]) for time in (0, 1)] == [100, 200]


def test_a_set_with_a_missing_file_is_not_imported_before_its_owner_agrees(alice, tmp_path, files):
    sent = {**dict(list(ome_set(tmp_path).items())[:1]), "set/other.tif": files(4)}
    job_id = alice.upload(sent)
    waiting = alice.wait_for(job_id, "awaiting_confirmation")
    assert waiting["confirmation_required"]
    assert waiting["incompatible_files"] == ["set/cells_T0.ome.tif"]
    assert "cells_T1.ome.tif missing" in alice.sets(job_id)["sets"][0]["reason"]
    assert alice.post("confirm", job_id).json() == {"ok": True, "status": "importing"}
    alice.wait_for(job_id, "done")
    assert [len(one["image_ids"]) for one in alice.sets(job_id)["sets"]] == [0, 1]


def test_files_that_are_in_omero_already_are_found_by_checksum(alice, files):
    data = files(5)
    alice.wait_for(alice.upload({"first.tif": data}), "done")
    job_id = alice.upload({"copy under another name.tif": data, "new.tif": files(6)})
    alice.wait_for(job_id, "awaiting_confirmation")
    duplicates = {one["main"]: one["duplicates"] for one in alice.sets(job_id)["sets"]}
    assert len(duplicates["copy under another name.tif"]) == 1
    assert duplicates["new.tif"] == []
    alice.http.post(f"/omeroweb_upload/confirm/{job_id}/?duplicates=skip", json={})
    alice.wait_for(job_id, "done")
    assert [len(one["image_ids"]) for one in alice.sets(job_id)["sets"]] == [0, 1]
    again = alice.upload({"third.tif": data}, duplicates="import")
    alice.wait_for(again, "done")
    assert len(images_of(alice.sets(again))) == 1


def test_prune_keeps_only_the_files_listed(alice, files, staging):
    sent = {"a.tif": files(7), "unknown.qqq": b"what is this", "b.tif": files(8)}
    job_id = alice.upload(sent)
    alice.wait_for(job_id, "awaiting_confirmation")
    answer = alice.post("prune", job_id, {"keep_paths": ["a.tif"]}).json()
    assert answer["removed"] == 2
    alice.wait_for(job_id, "done")
    assert [one["main"] for one in alice.sets(job_id)["sets"]] == ["a.tif"]


def test_only_what_failed_is_tried_again(alice, files):
    job_id = alice.upload({"good.tif": files(9), "broken.tif": b"this is no TIFF"})
    failed = alice.wait_for(job_id, "error")
    assert failed["retryable"]
    assert "broken.tif" in failed["errors"][0]
    before = {one["main"]: one["image_ids"] for one in alice.sets(job_id)["sets"]}
    assert alice.post("retry", job_id).json()["status"] == "importing"
    alice.wait_for(job_id, "error")
    after = {one["main"]: one["image_ids"] for one in alice.sets(job_id)["sets"]}
    assert after == before
    assert len(after["good.tif"]) == 1
    from omeroweb_upload.models import UploadSet

    assert dict(UploadSet.objects.values_list("main", "attempts")) == {"good.tif": 1, "broken.tif": 2}


def test_files_are_not_removed_under_a_job_that_attaches_them(alice, staging):
    job_id = alice.upload({"broken.tif": b"this is no TIFF"})
    alice.wait_for(job_id, "error")
    session = UploadSession.objects.get(pk=job_id)
    job = Job.objects.create(
        kind="upload.edx", owner_id=session.owner_id, username="alice", parameters={"session_id": job_id},
        run_after=timezone.now() + timedelta(hours=1),
    )  # fmt: skip
    answer = alice.post("prune", job_id, {"keep_paths": []})
    assert answer.status_code == 409
    assert "still being worked on" in answer.json()["error"]
    assert staged(staging, job_id)
    job.delete()
    assert alice.post("prune", job_id, {"keep_paths": []}).status_code == 200
    assert not staged(staging, job_id)


@pytest.mark.parametrize("stage", ["uploading", "awaiting_confirmation"])
def test_cancelling_removes_what_is_staged(alice, files, staging, stage):
    sent = {"a.tif": files(10), "unknown.qqq": b"?"}
    begun = alice.start(sent)
    job_id = begun["job_id"]
    for file in begun["files"][: 1 if stage == "uploading" else 2]:
        alice.send(file["upload_id"], sent[file["relative_path"]])
    alice.wait_for(job_id, stage)
    assert staged(staging, job_id)
    assert alice.post("cancel", job_id).json()["status"] == "cancelled"
    wait_until(lambda: not staged(staging, job_id), "the staged files going away")
    assert alice.post("cancel", job_id).status_code == 409
    late = alice.send(begun["files"][1]["upload_id"], b"?")
    assert late.status_code == 410


def test_the_same_folder_chosen_again_continues_by_offset(alice):
    data = b"x" * 100
    first = alice.start({"a.tif": data}, fingerprint="1-abc")
    alice.send(first["files"][0]["upload_id"], data[:40])
    again = alice.start({"a.tif": data}, fingerprint="1-abc")
    assert (again["job_id"], again["resumed"]) == (first["job_id"], True)
    assert again["files"][0]["offset"] == 40
    other = alice.start({"a.tif": data}, fingerprint="1-other")
    assert other["job_id"] != first["job_id"]


def test_files_may_be_announced_in_parts(alice, files):
    sent = {"a.tif": files(11), "b.tif": files(12)}
    begun = alice.start({"a.tif": sent["a.tif"]}, more_files=True)
    assert alice.send(begun["files"][0]["upload_id"], sent["a.tif"]).status_code == 204
    assert alice.status(begun["job_id"])["status"] == "uploading"
    body = {"files": [{"relative_path": "b.tif", "size": len(sent["b.tif"])}]}
    more = alice.post("announce", begun["job_id"], body).json()
    assert alice.post("announce", begun["job_id"], body).status_code == 400
    assert alice.send(more["files"][0]["upload_id"], sent["b.tif"]).status_code == 204
    alice.wait_for(begun["job_id"], "done")
    assert len(images_of(alice.sets(begun["job_id"]))) == 2


def test_older_clients_send_forms(alice, files):
    sent = {"run/a.tif": files(13), "run/b.tif": files(14)}
    begun = alice.start(sent)
    answer = alice.http.post(
        begun["upload_url"],
        files=[("files", (path.rpartition("/")[2], data)) for path, data in sent.items()],
        data={"relative_paths": list(sent)},
    ).json()
    assert answer["ok"]
    assert answer["saved"] == list(sent)
    assert answer["uploaded_bytes"] == answer["total_bytes"] == sum(map(len, sent.values()))
    alice.http.post(begun["import_step_url"])
    alice.wait_for(begun["job_id"], "done")
    step = alice.http.post(begun["import_step_url"]).json()
    assert step["done"]
    assert step["messages"] == ["Import success: run/a.tif", "Import success: run/b.tif"]


def test_a_dataset_of_the_users_choice_takes_everything(alice, people, files):
    made = alice.http.post(
        "/omeroweb_upload/containers/", json={"kind": "project", "name": "My project"}
    ).json()
    dataset = alice.http.post(
        "/omeroweb_upload/containers/", json={"kind": "dataset", "name": "All", "project_id": made["id"]}
    ).json()
    listed = alice.http.get(f"/omeroweb_upload/projects/{made['id']}/datasets/").json()["datasets"]
    assert listed == [dataset]
    assert made in alice.http.get("/omeroweb_upload/projects/").json()["owned"]
    target = {"dataset_id": dataset["id"], "rule": "one"}
    job_id = alice.upload({"x/a.tif": files(15), "b.tif": files(16)}, target=target)
    alice.wait_for(job_id, "done")
    with people.gateway("alice") as conn:
        children = {image.getName() for image in conn.getObject("Dataset", dataset["id"]).listChildren()}
    assert children == {"a.tif", "b.tif"}
    in_project = alice.upload({"x/c.tif": files(17)}, project_id=str(made["id"]))
    alice.wait_for(in_project, "done")
    names = [
        row["name"]
        for row in alice.http.get(f"/omeroweb_upload/projects/{made['id']}/datasets/").json()["datasets"]
    ]
    assert names == ["All", "x"]
