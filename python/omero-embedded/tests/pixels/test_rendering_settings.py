"""IRenderingSettings and IProjection over live Ice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import omero
import omero.all
import pytest
from omero.rtypes import rstring

if TYPE_CHECKING:
    from conftest import Lab

ARRAY = np.random.default_rng(9).integers(0, 250, (2, 2, 3, 8, 9)).astype(np.uint8)


def dataset_with(client: Any, *image_ids: int) -> int:
    dataset = omero.model.DatasetI()
    dataset.setName(rstring("settings"))
    for image_id in image_ids:
        dataset.linkImage(omero.model.ImageI(image_id, False))
    return int(client.sf.getUpdateService().saveAndReturnObject(dataset).getId().val)


def changed(lab: Lab, client: Any, pixels_id: int, start: float, end: float) -> None:
    engine = lab.rendering(client, pixels_id)
    engine.setChannelWindow(1, start, end)
    engine.saveCurrentSettings()


def window(lab: Lab, client: Any, pixels_id: int) -> tuple[float, float]:
    engine = lab.rendering(client, pixels_id)
    return engine.getChannelWindowStart(1), engine.getChannelWindowEnd(1)


def test_settings_are_copied_to_all_images_of_a_dataset_that_they_fit(lab: Lab, alice: Any) -> None:
    source, source_pixels = lab.image(alice, ARRAY)
    fitting, fitting_pixels = lab.image(alice, ARRAY // 2)
    other_type, _ = lab.image(alice, ARRAY.astype(np.uint16))
    fewer, _ = lab.image(alice, ARRAY[:, :1])
    changed(lab, alice, source_pixels, 12, 34)
    dataset = dataset_with(alice, source, fitting, other_type, fewer)
    answer = alice.sf.getRenderingSettingsService().applySettingsToSet(source_pixels, "Dataset", [dataset])
    assert sorted(answer[True]) == sorted([source, fitting])
    assert sorted(answer[False]) == sorted([other_type, fewer])
    assert window(lab, alice, fitting_pixels) == (12, 34)


def test_pasting_to_one_image_says_whether_it_fits(lab: Lab, alice: Any) -> None:
    _, source = lab.image(alice, ARRAY)
    target, target_pixels = lab.image(alice, ARRAY)
    wrong, _ = lab.image(alice, ARRAY[:, :1])
    changed(lab, alice, source, 5, 6)
    service = alice.sf.getRenderingSettingsService()
    assert service.applySettingsToImage(source, target) is True
    assert service.applySettingsToPixels(source, target_pixels) is True
    assert service.applySettingsToImage(source, wrong) is False
    assert window(lab, alice, target_pixels) == (5, 6)


def test_defaults_come_back(lab: Lab, alice: Any) -> None:
    image_id, pixels_id = lab.image(alice, ARRAY)
    changed(lab, alice, pixels_id, 1, 2)
    service = alice.sf.getRenderingSettingsService()
    extremes = (float(ARRAY[:, 1].min()), float(ARRAY[:, 1].max()))
    assert list(service.resetDefaultsInSet("Image", [image_id])) == [image_id]
    assert window(lab, alice, pixels_id) == extremes
    changed(lab, alice, pixels_id, 1, 2)
    assert list(service.resetMinMaxInSet("Dataset", [dataset_with(alice, image_id)])) == [pixels_id]
    assert window(lab, alice, pixels_id) == extremes


def test_bob_takes_over_the_owners_settings(lab: Lab, alice: Any, bob: Any) -> None:
    image_id, pixels_id = lab.image(alice, ARRAY)
    changed(lab, alice, pixels_id, 3, 4)
    changed(lab, bob, pixels_id, 7, 8)
    service = bob.sf.getRenderingSettingsService()
    assert list(service.resetDefaultsByOwnerInSet("Image", [image_id])) == [image_id]
    assert window(lab, bob, pixels_id) == (3, 4)
    assert service.getRenderingSettings(pixels_id).getDetails().getOwner().getOmeName().val == "bob"


def test_new_settings_are_described_without_being_saved(lab: Lab, alice: Any) -> None:
    _, pixels_id = lab.image(alice, ARRAY)
    made = alice.sf.getRenderingSettingsService().createNewRenderingDef(omero.model.PixelsI(pixels_id, False))
    assert made.getId() is None
    assert made.getChannelBinding(1).getInputEnd().val == ARRAY[:, 1].max()
    assert alice.sf.getRenderingSettingsService().getRenderingSettings(pixels_id) is None


def test_containers_that_hold_no_images_are_refused(alice: Any) -> None:
    with pytest.raises(omero.ApiUsageException) as refused:
        alice.sf.getRenderingSettingsService().resetDefaultsInSet("TagAnnotation", [1])
    assert "rendering settings belong to Pixels, Image, Dataset" in refused.value.message


def test_a_stack_is_projected_as_bytes_and_as_a_new_image(lab: Lab, alice: Any) -> None:
    _, pixels_id = lab.image(alice, ARRAY, "stack")
    service = alice.sf.getProjectionService()
    maximum = omero.constants.projection.ProjectionType.MAXIMUMINTENSITY
    total = omero.constants.projection.ProjectionType.SUMINTENSITY
    wide = alice.sf.getTypesService().getEnumeration("PixelsType", "uint16")
    data = service.projectStack(pixels_id, wide, total, 1, 0, 1, 0, 2)
    expected = ARRAY[1, 0].sum(axis=0, dtype=np.uint16)
    np.testing.assert_array_equal(np.frombuffer(data, ">u2").reshape(8, 9), expected)
    image_id = service.projectPixels(pixels_id, None, maximum, 0, 1, [1], 1, 0, 2, "projected")
    projected = lab.pixels_of(image_id)
    store = alice.sf.createRawPixelsStore()
    store.setPixelsId(projected, True)
    for t in range(2):
        assert store.getPlane(0, 0, t) == ARRAY[t, 1].max(axis=0).tobytes()
    described = alice.sf.getPixelsService().retrievePixDescription(projected)
    assert described.getMethodology().val == "MAXIMUM_INTENSITY_PROJECTION"
    assert described.getChannel(0).getStatsInfo().getGlobalMax().val == ARRAY[:, 1].max(axis=1).max()
