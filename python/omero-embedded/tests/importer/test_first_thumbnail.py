"""What an image is shown with right after its import."""

from __future__ import annotations

import io

import numpy as np
import omero
import pytest
import tifffile
from omero.rtypes import rbool, rint, unwrap
from PIL import Image


@pytest.fixture
def path(tmp_path):
    values = np.linspace(0, 4000, 5000).reshape(50, 100).astype("uint16")
    tifffile.imwrite(tmp_path / "ramp.tif", values)
    return tmp_path / "ramp.tif"


def pixels_of(alice, path, **wishes) -> int:
    return alice.run([path], **wishes).pixels[0].id.val


def rows(alice, query: str, pixels_id: int) -> list:
    found = alice.client.sf.getQueryService().projection(query, omero.sys.ParametersI().addId(pixels_id))
    return unwrap(found)


SETTINGS = "select r.version, r.details.owner.omeName from RenderingDef r where r.pixels.id = :id"
THUMBNAILS = "select t.sizeX, t.sizeY, t.details.owner.omeName from Thumbnail t where t.pixels.id = :id"


def test_an_imported_image_has_settings_and_a_thumbnail(alice, path):
    pixels_id = pixels_of(alice, path)
    assert rows(alice, SETTINGS, pixels_id) == [[0, "alice"]]
    assert rows(alice, THUMBNAILS, pixels_id) == [[96, 48, "alice"]]
    store = alice.client.sf.createThumbnailStore()
    assert store.setPixelsId(pixels_id)
    assert store.thumbnailExists(rint(96), rint(48))
    shown = np.asarray(Image.open(io.BytesIO(store.getThumbnail(rint(96), rint(48)))).convert("L"))
    store.close()
    assert shown.shape == (48, 96)
    assert shown[0].mean() < 10
    assert shown[-1].mean() > 245


def test_the_settings_show_all_values_of_the_image(alice, path):
    pixels_id = pixels_of(alice, path)
    windows = (
        "select c.inputStart, c.inputEnd from RenderingDef r join r.waveRendering c where r.pixels.id = :id"
    )
    assert rows(alice, windows, pixels_id) == [[0.0, 4000.0]]


def test_who_wants_no_thumbnails_gets_none(alice, path):
    pixels_id = pixels_of(alice, path, doThumbnails=rbool(False))
    assert rows(alice, SETTINGS, pixels_id) == []
    assert rows(alice, THUMBNAILS, pixels_id) == []


def test_all_images_of_a_file_get_a_thumbnail(alice, tmp_path):
    path = tmp_path / "three&series=3&sizeX=40&sizeY=40.fake"
    path.touch()
    found = [pixels.id.val for pixels in alice.run([path]).pixels]
    assert len(found) == 3
    assert [len(rows(alice, THUMBNAILS, pixels_id)) for pixels_id in found] == [1, 1, 1]
