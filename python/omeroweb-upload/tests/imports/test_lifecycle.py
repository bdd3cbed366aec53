"""From files to images: start, transfer, check, import, confirm, prune, cancel, retry."""

from __future__ import annotations

from omero.rtypes import unwrap
from omero.sys import ParametersI


def stored_hashes(people, image_ids):
    """SHA-1 of the original files that OMERO keeps of images."""
    with people.gateway("alice") as conn:
        rows = conn.getQueryService().projection(
            "select e.clientPath, f.hash from Image i join i.fileset fs join fs.usedFiles e join e.originalFile f "
            "where i.id in (:ids)",
            ParametersI().addIds(image_ids),
            conn.SERVICE_OPTS,
        )
    return dict(map(unwrap, rows))


def test_a_folder_becomes_images_in_datasets_named_after_folders(alice, people, files):
    sent = {"run/a.tif": files(1), "run/deep/b.tif": files(2), "run/Thumbs.db": b"junk"}
    job_id = alice.upload(sent, title="run")
    done = alice.wait_for(job_id, "done")
    sets = alice.sets(job_id)
    assert [one["main"] for one in sets["sets"]] == ["run/a.tif", "run/deep/b.tif"]
    assert sets["skipped"] == [
        {"path": "run/Thumbs.db", "reason": "Thumbs.db is a file of Windows, not data"}
    ]
    assert (
        done["imported_bytes"] == done["total_bytes"] == len(sent["run/a.tif"]) + len(sent["run/deep/b.tif"])
    )
    with people.gateway("alice") as conn:
        for one in sets["sets"]:
            (image_id,) = one["image_ids"]
            image = conn.getObject("Image", image_id)
            assert image.getName() == one["main"].rpartition("/")[2]
            assert image.getParent().getName() == one["dataset"]
    assert {one["dataset"] for one in sets["sets"]} == {"run", "run\\deep"}
