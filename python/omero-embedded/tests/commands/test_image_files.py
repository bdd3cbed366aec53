"""The files behind imported images: what they say, what they are, what deleting and copying does to them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np
import omero
import omero.all
import omero.cmd
import omero.grid
import pytest
import tifffile
from omero.callbacks import CmdCallbackI
from omero.rtypes import rbool, rstring

if TYPE_CHECKING:
    from pathlib import Path


def import_file(client: Any, path: Path) -> int:
    """Import one file; the id of its image."""
    fileset = omero.model.FilesetI()
    entry = omero.model.FilesetEntryI()
    entry.clientPath = rstring(str(path))
    fileset.addFilesetEntry(entry)
    fileset.linkJob(omero.model.UploadJobI())
    settings = omero.grid.ImportSettings()
    settings.doThumbnails, settings.noStatsInfo = rbool(False), rbool(False)
    settings.checksumAlgorithm = omero.model.ChecksumAlgorithmI()
    settings.checksumAlgorithm.value = rstring("SHA1-160")
    process = client.getManagedRepository().importFileset(fileset, settings)
    store = process.getUploader(0)
    data = path.read_bytes()
    store.write(data, 0, len(data))
    store.close()
    callback = CmdCallbackI(client, process.verifyUpload([hashlib.sha1(data).hexdigest()]))
    callback.loop(200, 100)
    response = callback.getResponse()
    callback.close(True)
    image_id: int = response.pixels[0].image.id.val
    return image_id


@pytest.fixture
def imported(world: Any, tmp_path: Path) -> int:
    path = tmp_path / "cells.tif"
    tifffile.imwrite(
        path, np.arange(48, dtype="uint8").reshape(6, 8), description="taken at noon", metadata=None
    )
    return import_file(world.sessions["alice"], path)


def test_an_imported_file_says_in_its_own_words_what_it_is(world: Any, imported: int) -> None:
    response = world.run("alice", omero.cmd.OriginalMetadataRequest(imageId=imported))

    assert response.filesetId.val > 0
    values = {
        value.val for part in (response.globalMetadata, response.seriesMetadata) for value in part.values()
    }
    assert any("taken at noon" in str(value) for value in values)


def test_the_used_file_is_the_imported_one(world: Any, imported: int) -> None:
    response = world.run("alice", omero.cmd.UsedFilesRequest(imageId=imported))

    [file_id] = response.binaryFilesThisSeries
    file = world.sessions["alice"].sf.getQueryService().find("OriginalFile", file_id)
    assert file.name.val == "cells.tif"


def test_deleting_an_imported_image_takes_its_fileset_and_files(world: Any, imported: int) -> None:
    managed = world.site.server.data / "ManagedRepository"
    before = set(managed.rglob("cells.tif"))

    response = world.delete("alice", Image=imported)

    assert {"ome.model.fs.Fileset", "ome.model.core.OriginalFile"} <= response.deletedObjects.keys()
    assert len(before - set(managed.rglob("cells.tif"))) == 1


def test_a_copy_outlives_the_imported_original(world: Any, imported: int) -> None:
    request = omero.cmd.Duplicate(targetObjects={"Image": [imported]})
    copy = world.run("alice", request).duplicates["ome.model.core.Image"][0]

    world.delete("alice", Image=imported)

    with world.site.gateway("alice", group="lab") as conn:
        plane = conn.getObject("Image", copy).getPrimaryPixels().getPlane()
    assert np.array_equal(plane, np.arange(48, dtype="uint8").reshape(6, 8))


def test_sizes_of_what_is_stored_are_reported(world: Any) -> None:
    with world.site.gateway("alice", group="lab") as conn:
        image = conn.createImageFromNumpySeq(iter([np.zeros((10, 20), dtype="uint16")]), "measured")

    response = world.run("alice", omero.cmd.ManageImageBinaries(imageId=image.id))

    assert (response.pixelsPresent, response.pixelSize) == (True, 400)
    assert response.pyramidPresent is False


def test_bob_cannot_ask_about_an_image_he_cannot_see(world: Any) -> None:
    image = world.image(group=world.private)

    for request in (
        omero.cmd.UsedFilesRequest,
        omero.cmd.OriginalMetadataRequest,
        omero.cmd.ManageImageBinaries,
    ):
        assert world.run("bob", request(imageId=image)).name == "bad-image"
