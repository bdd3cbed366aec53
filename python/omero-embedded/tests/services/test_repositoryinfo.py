"""How full the disk is, as OMERO.web's pages ask."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from omero_embedded.files.layout import by_id
from omero_embedded.pixels.shared import pixel_store

if TYPE_CHECKING:
    from omero_embedded.testing import Site


def test_space_is_that_of_the_disk_with_the_data(site: Site) -> None:
    usage = shutil.disk_usage(site.server.data)
    with site.client("root") as client:
        info = client.sf.getRepositoryInfoService()
        assert info.getFreeSpaceInKilobytes() == pytest.approx(usage.free // 1024, rel=0.05)
        assert info.getUsedSpaceInKilobytes() == pytest.approx(usage.used // 1024, rel=0.05)
        assert 0 < info.getUsageFraction() < 1
        info.sanityCheckRepository()


def test_what_is_left_of_deleted_files_and_pixels_is_removed(site: Site) -> None:
    site.group("lab", "rw----", "alice")
    kept, gone = site.image("alice", "kept.tif"), site.image("alice", "gone.tif")
    with site.gateway("alice") as conn:
        pixels = {image: conn.getObject("Image", image).getPixelsId() for image in (kept, gone)}
        attached = conn.createFileAnnfromLocalFile(__file__)
        file_id = attached.getFile().getId()
        conn.deleteObjects("Annotation", [attached.getId()], wait=True)
        conn.deleteObjects("Image", [gone], wait=True)
    store = pixel_store(site.server)
    left = [store.raw_path(pixels[gone]), by_id(site.server.data, file_id)]
    for path in left:
        assert not path.exists()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"left behind")

    with site.client("alice") as client:
        client.sf.getRepositoryInfoService().removeUnusedFiles()

    assert [path.exists() for path in left] == [False, False]
    assert store.raw_path(pixels[kept]).exists()
