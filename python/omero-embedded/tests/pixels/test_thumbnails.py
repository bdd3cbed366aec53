"""ThumbnailStore over live Ice."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
import omero
import omero.all
import pytest
from omero.rtypes import rint
from PIL import Image
from sqlalchemy import select

from omero_embedded.store.tables import TABLES

if TYPE_CHECKING:
    from conftest import Lab

WIDE = (1, 1, 1, 60, 120)


def bright(level: int, shape: tuple[int, ...] = WIDE) -> np.ndarray:
    """An image whose left half is black and right half as bright as said."""
    values = np.zeros(shape, np.uint8)
    values[..., shape[-1] // 2 :] = level
    values[..., -1, -1] = 255
    return values


def opened(jpeg: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(jpeg)) as image:
        assert image.format == "JPEG"
        return np.asarray(image.convert("L")).astype(int)


def store_for(client: Any, pixels_id: int) -> Any:
    store = client.sf.createThumbnailStore()
    if not store.setPixelsId(pixels_id):
        store.resetDefaults()
        store.setPixelsId(pixels_id)
    return store


def versions(lab: Lab, pixels_id: int) -> dict[tuple[int, int], int]:
    table = TABLES["Thumbnail"]
    with lab.site.server.db.read() as connection:
        rows = connection.execute(select(table).where(table.c.pixels == pixels_id)).mappings()
        return {(row["sizex"], row["sizey"]): row["version"] for row in rows}


def test_a_thumbnail_shows_the_image_in_its_proportions(lab: Lab, alice: Any) -> None:
    _, pixels_id = lab.image(alice, bright(200))
    store = store_for(alice, pixels_id)
    picture = opened(store.getThumbnailByLongestSide(rint(48)))
    assert picture.shape == (24, 48)
    assert picture[:, :20].mean() < 10
    assert abs(picture[:, 28:].mean() - 200) < 10
    assert opened(store.getThumbnail(rint(30), rint(40))).shape == (40, 30)
    assert opened(store.getThumbnailDirect(rint(20), rint(20))).shape == (20, 20)


def test_pixels_without_settings_say_so_and_get_them_with_reset(lab: Lab, alice: Any) -> None:
    _, pixels_id = lab.image(alice, bright(100))
    store = alice.sf.createThumbnailStore()
    assert store.setPixelsId(pixels_id) is False
    with pytest.raises(omero.ApiUsageException):
        store.getRenderingDefId()
    store.resetDefaults()
    settings = store.getRenderingDefId()
    assert store.setPixelsId(pixels_id) is True
    assert store.getRenderingDefId() == settings
    assert store.isInProgress() is False


def test_changed_settings_and_changed_pixels_change_the_thumbnail_and_its_version(
    lab: Lab, alice: Any
) -> None:
    _, pixels_id = lab.image(alice, bright(200))
    first = opened(store_for(alice, pixels_id).getThumbnailByLongestSide(rint(48)))
    assert versions(lab, pixels_id) == {(48, 24): 0}
    engine = lab.rendering(alice, pixels_id)
    engine.setChannelWindow(0, 0, 100)
    engine.saveCurrentSettings()
    store = store_for(alice, pixels_id)
    assert store.thumbnailExists(rint(48), rint(24)) is False
    second = opened(store.getThumbnailByLongestSide(rint(48)))
    assert second.mean() > first.mean() + 10
    assert versions(lab, pixels_id) == {(48, 24): 1}
    assert store.thumbnailExists(rint(48), rint(24)) is True
    raw = alice.sf.createRawPixelsStore()
    raw.setPixelsId(pixels_id, True)
    raw.setPlane(bytes(60 * 120), 0, 0, 0)
    raw.close()
    assert opened(store_for(alice, pixels_id).getThumbnailByLongestSide(rint(48))).mean() < 5


def test_a_page_of_thumbnails_comes_in_one_call_without_the_images_that_have_none(
    lab: Lab, alice: Any, bob: Any
) -> None:
    levels = {lab.image(alice, bright(level))[1]: level for level in (40, 120, 220)}
    kind = alice.sf.getTypesService().getEnumeration("PixelsType", "uint8")
    empty = lab.pixels_of(alice.sf.getPixelsService().createImage(4, 4, 1, 1, [0], kind, "empty", "").val)
    for client in (alice, bob):
        found = client.sf.createThumbnailStore().getThumbnailByLongestSideSet(
            rint(64), [*levels, empty, 10**9]
        )
        assert set(found) == set(levels)
        for pixels_id, level in levels.items():
            picture = opened(found[pixels_id])
            assert picture.shape == (32, 64)
            assert abs(picture[:, 36:].mean() - level) < 12


def test_a_thumbnail_of_another_plane(lab: Lab, alice: Any) -> None:
    values = np.concatenate([bright(50, (1, 1, 1, 60, 60)), bright(250, (1, 1, 1, 60, 60))], axis=2)
    _, pixels_id = lab.image(alice, values)
    store = store_for(alice, pixels_id)
    dark = opened(store.getThumbnailForSectionByLongestSideDirect(0, 0, rint(32)))
    light = opened(store.getThumbnailForSectionDirect(1, 0, rint(32), rint(32)))
    assert light.mean() > dark.mean() + 50


def test_settings_of_another_image_are_refused(lab: Lab, alice: Any) -> None:
    _, first = lab.image(alice, bright(10))
    _, second = lab.image(alice, bright(20))
    settings = store_for(alice, first).getRenderingDefId()
    store = store_for(alice, second)
    with pytest.raises(omero.ValidationException) as refused:
        store.setRenderingDefId(settings)
    assert f"belongs to Pixels:{first}" in refused.value.message


@pytest.mark.parametrize("size", [0, -3, 5000])
def test_impossible_sizes_are_refused(lab: Lab, alice: Any, size: int) -> None:
    _, pixels_id = lab.image(alice, bright(10))
    with pytest.raises(omero.ApiUsageException) as refused:
        store_for(alice, pixels_id).getThumbnail(rint(size), rint(10))
    assert "each side is 1 to" in refused.value.message


def test_in_a_private_group_the_owner_of_the_group_sees_thumbnails_but_leaves_no_rows(lab: Lab) -> None:
    lab.site.group("private", "rw----", "dave", owners=("erin",))
    with lab.site.client("dave") as dave:
        _, pixels_id = lab.image(dave, bright(90))
    with lab.site.client("erin") as erin:
        found = erin.sf.createThumbnailStore().getThumbnailByLongestSideSet(rint(32), [pixels_id])
        assert opened(found[pixels_id]).shape == (16, 32)
        assert erin.sf.getPixelsService().retrieveAllRndSettings(pixels_id, -1) == []
    assert versions(lab, pixels_id) == {}


def test_one_image_of_a_type_that_cannot_be_shown_does_not_spoil_the_page(lab: Lab, alice: Any) -> None:
    _, good = lab.image(alice, bright(80))
    kind = alice.sf.getTypesService().getEnumeration("PixelsType", "complex")
    pixels = alice.sf.getPixelsService().retrievePixDescription(lab.image(alice, bright(70))[1])
    pixels.setPixelsType(kind)
    alice.sf.getUpdateService().saveObject(pixels)
    bad = pixels.getId().val
    store = alice.sf.createThumbnailStore()
    assert set(store.getThumbnailByLongestSideSet(rint(32), [good, bad])) == {good}
    with pytest.raises(omero.ApiUsageException) as refused:
        store.setPixelsId(bad)
    assert "pixel type complex cannot be stored or rendered here" in refused.value.message


def test_settings_with_more_channels_than_the_image_still_show_it(lab: Lab, alice: Any) -> None:
    _, pixels_id = lab.image(alice, bright(150))
    store_for(alice, pixels_id)
    settings = alice.sf.getPixelsService().retrieveRndSettings(pixels_id)
    extra = omero.model.ChannelBindingI()
    first = settings.getChannelBinding(0)
    for name in ("Family", "Coefficient", "InputStart", "InputEnd", "Active", "NoiseReduction"):
        getattr(extra, f"set{name}")(getattr(first, f"get{name}")())
    for name in ("Red", "Green", "Blue", "Alpha"):
        getattr(extra, f"set{name}")(getattr(first, f"get{name}")())
    settings.addChannelBinding(extra)
    alice.sf.getUpdateService().saveObject(settings)
    found = alice.sf.createThumbnailStore().getThumbnailByLongestSideSet(rint(32), [pixels_id])
    assert opened(found[pixels_id]).shape == (16, 32)
