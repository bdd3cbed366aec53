"""Images too big for one plane: tiles, resolutions, pyramids, thumbnails, export."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
import omero
import omero.all
import pytest
from omero.rtypes import rint
from PIL import Image

from omero_embedded.pixels.pyramid import halve
from omero_embedded.testing import Site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Lab

Y, X = 700, 1100
VALUES = np.random.default_rng(11).integers(0, 250, (1, 1, 1, Y, X)).astype(np.uint8)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server on which planes above 500 pixels are big."""
    limits = {"omero.pixeldata.max_plane_width": "500", "omero.pixeldata.max_plane_height": "500"}
    made = Site(tmp_path_factory.mktemp("big"), config=limits)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def ids(lab: Lab) -> tuple[int, int]:
    with lab.site.client("alice") as client:
        return lab.image(client, VALUES, "slide")


def test_tiles_of_every_resolution_are_crops_of_the_halved_plane(alice: Any, ids: tuple[int, int]) -> None:
    store = alice.sf.createRawPixelsStore()
    store.setPixelsId(ids[1], True)
    assert store.requiresPixelsPyramid() is True
    assert [(one.sizeX, one.sizeY) for one in store.getResolutionDescriptions()] == [
        (1100, 700), (550, 350), (275, 175), (138, 88),
    ]  # fmt: skip
    assert (store.getResolutionLevels(), store.getResolutionLevel()) == (4, 3)
    plane = VALUES[0, 0, 0]
    for level in (3, 2, 1, 0):
        store.setResolutionLevel(level)
        assert store.getTile(0, 0, 0, 20, 30, 50, 40) == plane[30:70, 20:70].tobytes()
        plane = halve(plane)


def test_a_histogram_counts_the_largest_resolution_that_fits_a_plane(
    alice: Any, ids: tuple[int, int]
) -> None:
    store = alice.sf.createRawPixelsStore()
    store.setPixelsId(ids[1], True)
    counts = store.getHistogram([0], 256, False, omero.romio.PlaneDef(0, 0, 0, 0, 0, None, -1))[0]
    assert sum(counts) == 275 * 175


def test_regions_are_rendered_and_whole_planes_refused(lab: Lab, alice: Any, ids: tuple[int, int]) -> None:
    engine = lab.rendering(alice, ids[1])
    plane = omero.romio.PlaneDef(0, 0, 0, 0, 0, None, -1)
    with pytest.raises(omero.ApiUsageException) as refused:
        engine.renderCompressed(plane)
    assert "1100 x 700 pixels are too many for one picture (at most 500 x 500)" in refused.value.message
    plane.region = omero.romio.RegionDef(100, 50, 256, 128)
    with Image.open(io.BytesIO(engine.renderCompressed(plane))) as tile:
        assert tile.size == (256, 128)
    engine.setResolutionLevel(1)
    plane.region = None
    with Image.open(io.BytesIO(engine.renderCompressed(plane))) as whole:
        assert whole.size == (275, 175)


def test_the_gateway_sees_zoom_levels_and_tiles(lab: Lab, ids: tuple[int, int]) -> None:
    with lab.site.gateway("alice") as conn:
        image = conn.getObject("Image", ids[0])
        assert image.requiresPixelsPyramid()
        assert image.getZoomLevelScaling() == pytest.approx({0: 1.0, 1: 0.5, 2: 0.25, 3: 138 / 1100})
        with Image.open(io.BytesIO(image.renderJpegRegion(0, 0, 0, 0, 64, 32, level=2))) as tile:
            assert tile.size == (64, 32)


def test_thumbnails_are_made_of_a_small_resolution(alice: Any, ids: tuple[int, int]) -> None:
    found = alice.sf.createThumbnailStore().getThumbnailByLongestSideSet(rint(96), [ids[1]])
    with Image.open(io.BytesIO(found[ids[1]])) as thumbnail:
        assert thumbnail.size == (96, 61)


def test_a_big_image_is_too_large_for_the_exporter(alice: Any, ids: tuple[int, int]) -> None:
    exporter = alice.sf.createExporter()
    exporter.addImage(ids[0])
    with pytest.raises(omero.ApiUsageException, match="too large for export: 1100 x 700 pixels"):
        exporter.generateTiff()
    exporter.close()


def test_who_writes_a_new_image_is_told_the_size_of_tiles_first(alice: Any) -> None:
    kind = alice.sf.getTypesService().getEnumeration("PixelsType", "uint8")
    image_id = alice.sf.getPixelsService().createImage(X, Y, 1, 1, [0], kind, "new slide", "").val
    image = alice.sf.getContainerService().getImages("Image", [image_id], None)[0]
    store = alice.sf.createRawPixelsStore()
    store.setPixelsId(image.getPrimaryPixels().id.val, True)

    assert store.getTileSize() == [256, 256]
    store.setTile(b"\7" * 256, 0, 0, 0, 0, 0, 16, 16)
    assert store.getTile(0, 0, 0, 0, 0, 16, 16) == b"\7" * 256
    store.close()


def test_writing_renews_the_smaller_resolutions(lab: Lab, alice: Any) -> None:
    _, pixels_id = lab.image(alice, VALUES, "rewritten")
    store = alice.sf.createRawPixelsStore()
    store.setPixelsId(pixels_id, True)
    store.setResolutionLevel(2)
    assert store.getTile(0, 0, 0, 0, 0, 8, 8) == halve(VALUES[0, 0, 0])[:8, :8].tobytes()
    store.setResolutionLevel(3)
    store.setTile(b"\7" * 256, 0, 0, 0, 0, 0, 16, 16)
    store.close()
    store = alice.sf.createRawPixelsStore()
    store.setPixelsId(pixels_id, True)
    store.setResolutionLevel(2)
    assert store.getTile(0, 0, 0, 0, 0, 8, 8) == b"\7" * 64
