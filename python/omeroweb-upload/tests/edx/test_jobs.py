"""Jobs of attaching, run by a real worker."""

from __future__ import annotations

import pytest

from omero_plugin_common.jobs import service
from omero_plugin_common.models import AuditEntry, Job
from omero_plugin_common.testing.servers import wait_until
from omeroweb_upload.config import upload_settings
from omeroweb_upload.models import Status, UploadSession
from omeroweb_upload.services.attachments_find import attached_files
from omeroweb_upload.services.edx_items import Item, JobParameters, Output
from omeroweb_upload.services.edx_metadata import metadata_of
from omeroweb_upload.services.files import prune_ended
from omeroweb_upload.services.follow_ups import start_follow_up
from omeroweb_upload.store.places import files_folder

OUTPUTS = [Output.ORIGINAL, Output.METADATA, Output.TABLE, Output.FIGURE]
EVERYTHING = {
    "site 1.txt",
    "site 1.h5",
    "site 1_edx.png",
    "site 2.txt",
    "site 2.h5",
    "site 2_edx.png",
}


def group_of(conn):
    return conn.getEventContext().groupId


def names_on(conn, *image_ids):
    return sorted(file.name for file in attached_files(conn, "Image", image_ids))


@pytest.fixture
def two_sites(alice, lab, upload):
    """Two images, and an upload with a spectrum for each; returns ids and items."""
    dataset_id, ids = lab.dataset(alice, "site 1.tif", "site 2.tif")
    data = {f"run/site {number}.txt": lab.spectrum(f"site {number}", seed=number) for number in (1, 2)}
    made = upload(lab.owner(alice), group_of(alice), files=data)
    items = [
        Item(
            image_id=image_id,
            source=made.token(path),
            name=path[4:],
            sha1=lab.sha1(data[path]),
            outputs=OUTPUTS,
        )
        for image_id, path in zip(ids, data, strict=True)
    ]
    return dataset_id, ids, items


def submit(conn, lab, items, kind="upload.spectra"):
    parameters = JobParameters(items=items).model_dump(mode="json")
    return service.submit(kind, lab.owner(conn), parameters, group_id=group_of(conn))


def test_spectra_of_an_upload_are_attached_to_their_images(worker, alice, lab, two_sites):
    _, ids, items = two_sites
    job = lab.finished(submit(alice, lab, items).id)
    assert (job.state, job.error, job.done, job.total) == ("done", "", 8, 8)
    assert job.result == {"linked": 8, "images": sorted(ids), "failures": []}
    assert set(names_on(alice, *ids)) == EVERYTHING
    assert names_on(alice, ids[0]) == ["site 1.h5", "site 1.txt", "site 1_edx.png"]


def test_a_worker_killed_in_the_middle_leaves_each_output_once(worker, alice, lab, two_sites):
    _, ids, items = two_sites
    job = submit(alice, lab, items)
    wait_until(lambda: Job.objects.get(pk=job.id).done >= 2, "two outputs", 60)
    worker.kill()
    worker.start()
    assert lab.finished(job.id).state == "done"
    assert names_on(alice, *ids) == sorted(EVERYTHING)
    assert sorted(len(rows) for rows in metadata_of(alice, ids).values()) == [1, 1]


def test_a_spectrum_that_cannot_be_read_does_not_keep_the_others_from_being_attached(
    worker, alice, lab, two_sites, upload
):
    _, ids, items = two_sites
    broken = (lab.fixtures / "error_word_in_data.msa").read_bytes()
    made = upload(lab.owner(alice), group_of(alice), files={"broken.txt": broken})
    bad = Item(
        image_id=ids[0],
        source=made.token("broken.txt"),
        name="broken.txt",
        sha1=lab.sha1(broken),
        outputs=OUTPUTS,
    )
    job = lab.finished(submit(alice, lab, [bad, *items]).id)
    assert job.state == "done"
    assert job.result["linked"] == 9
    assert {failure["output"] for failure in job.result["failures"]} == {"table", "figure", "metadata"}
    assert all("broken.txt, line" in failure["error"] for failure in job.result["failures"])
    assert set(names_on(alice, *ids)) == EVERYTHING | {"broken.txt"}


def test_a_job_of_which_nothing_works_says_why(worker, alice, lab, two_sites):
    _, _, items = two_sites
    gone = items[0].model_copy(update={"source": "staged:" + "0" * 32})
    job = lab.finished(submit(alice, lab, [gone]).id)
    assert job.state == "failed"
    assert "site 1.txt is not there any more" in job.error


def test_bob_cannot_attach_to_alices_images_nor_use_her_staged_files(worker, alice, bob, lab, two_sites):
    _, ids, items = two_sites
    job = lab.finished(submit(bob, lab, items).id)
    assert job.state == "failed"
    assert "not there any more" in job.error
    bobs = lab.attach_to_dataset(bob, lab.dataset(bob, "b.tif")[0], "site 1.txt", lab.spectrum())
    own = [item.model_copy(update={"source": f"annotation:{bobs}"}) for item in items]
    job = lab.finished(submit(bob, lab, own).id)
    assert job.state == "failed"
    assert names_on(alice, *ids) == []


def test_undoing_takes_away_what_the_job_made_and_is_in_the_audit_trail(worker, alice, lab, two_sites):
    _, ids, items = two_sites
    first = lab.finished(submit(alice, lab, items[:1]).id)
    assert first.state == "done"
    again = [items[0].model_copy(update={"existing": OUTPUTS}), items[1]]
    second = lab.finished(submit(alice, lab, again).id)
    undone = lab.finished(
        service.submit(
            "upload.attach_undo", lab.owner(alice), {"job_id": second.id}, group_id=group_of(alice)
        ).id
    )
    assert undone.result == {"removed": 4}
    assert names_on(alice, *ids) == ["site 1.h5", "site 1.txt", "site 1_edx.png"]
    assert list(AuditEntry.objects.filter(job_id=undone.id).values_list("outcome", flat=True)) == [
        "requested",
        "done",
    ]


def test_bob_cannot_undo_alices_job(worker, alice, bob, lab, two_sites):
    _, ids, items = two_sites
    job = lab.finished(submit(alice, lab, items).id)
    undone = lab.finished(service.submit("upload.attach_undo", lab.owner(bob), {"job_id": job.id}).id)
    assert (undone.state, undone.error) == (
        "failed",
        "There is no such job of attaching, or it belongs to somebody else.",
    )
    assert len(names_on(alice, *ids)) == 6


def test_files_that_are_no_spectra_are_attached_with_their_own_namespace(worker, alice, lab, upload):
    _, (image_id,) = lab.dataset(alice, "site 1.tif")
    made = upload(lab.owner(alice), group_of(alice), files={"protocol.pdf": b"%PDF-1.4 not really"})
    item = Item(
        image_id=image_id, source=made.token("protocol.pdf"), name="protocol.pdf",
        sha1=lab.sha1(b"%PDF-1.4 not really"), outputs=[Output.ORIGINAL],
    )  # fmt: skip
    assert lab.finished(submit(alice, lab, [item], "upload.attach").id).state == "done"
    (file,) = attached_files(alice, "Image", [image_id])
    assert (file.name, file.namespace) == ("protocol.pdf", "omeroweb_upload.attachment")


def test_an_import_with_the_special_method_is_followed_by_its_spectra(worker, alice, lab, upload):
    _, ids = lab.dataset(alice, "site 1.tif", "site 2.tif")
    made = upload(
        lab.owner(alice),
        group_of(alice),
        files={
            "run/site 1.txt": lab.spectrum("site 1"),
            "run/site 2.txt": lab.spectrum("site 2", seed=2),
            "run/readme.txt": b"no spectrum",
        },
        images={"run/site 1.tif": [ids[0]], "run/site 2.tif": [ids[1]]},
        special_upload="sem_edx_spectra",
        special_settings={"create_figures_images": False, "create_metadata": False},
    )
    job = lab.finished(start_follow_up(made.session))
    assert (job.state, job.error) == ("done", "")
    assert names_on(alice, *ids) == sorted(EVERYTHING)
    left = UploadSession.objects.get(pk=made.session.id).follow_up
    assert left["unmatched"] == ["run/readme.txt"]
    assert left["linked"] == 6
    undone = lab.finished(
        service.submit(
            "upload.attach_undo", lab.owner(alice), {"job_id": job.id}, group_id=group_of(alice)
        ).id
    )
    assert undone.result == {"removed": 6}
    assert names_on(alice, *ids) == []


def test_associations_chosen_before_the_upload_go_before_the_rules(worker, alice, lab, upload):
    _, ids = lab.dataset(alice, "site 1.tif", "site 2.tif")
    made = upload(
        lab.owner(alice),
        group_of(alice),
        files={"run/site 1.txt": lab.spectrum("site 1")},
        images={"run/site 1.tif": [ids[0]], "run/site 2.tif": [ids[1]]},
        special_upload="sem_edx_spectra",
        special_settings=dict.fromkeys(("create_figures_images", "create_tables", "create_metadata"), False),
        associations={"run/site 2.tif": ["run/site 1.txt"]},
    )
    assert lab.finished(start_follow_up(made.session)).state == "done"
    assert names_on(alice, ids[0]) == []
    assert names_on(alice, ids[1]) == ["site 1.txt", "site 1_edx.png"]


def test_spectra_that_found_no_image_stay_staged_until_one_is_chosen(worker, alice, lab, upload, staging):
    _, ids = lab.dataset(alice, "site 1.tif", "site 2.tif")
    made = upload(
        lab.owner(alice),
        group_of(alice),
        files={"run/somewhere.txt": lab.spectrum("somewhere"), "run/site 1.txt": lab.spectrum("site 1")},
        images={"run/site 1.tif": [ids[0]], "run/site 2.tif": [ids[1]]},
        special_upload="sem_edx_spectra",
    )
    assert lab.finished(start_follow_up(made.session)).state == "done"
    session = UploadSession.objects.get(pk=made.session.id)
    assert session.follow_up["unmatched"] == ["run/somewhere.txt"]
    session.status = Status.DONE
    session.save()
    prune_ended(upload_settings(), session)
    staged = files_folder(upload_settings(), session.id)
    assert (staged / "run" / "somewhere.txt").exists()
    UploadSession.objects.update(follow_up={"unmatched": []})
    prune_ended(upload_settings(), session)
    assert not staged.exists()
