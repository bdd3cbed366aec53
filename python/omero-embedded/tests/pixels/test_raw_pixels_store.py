"""RawPixelsStore, IPixels and BlitzGateway's pixel access over live Ice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import omero
import omero.all
import pytest
from omero.rtypes import rint, rstring

if TYPE_CHECKING:
    from omero.gateway import BlitzGateway

    from conftest import Lab

TYPES = ["int8", "uint8", "int16", "uint16", "int32", "uint32", "float32", "float64"]


def values(dtype: str = "uint16", seed: int = 0, shape: tuple[int, ...] = (2, 3, 4, 10, 12)) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (rng.random(shape) * 120).astype(dtype)


def opened(client: Any, pixels_id: int) -> Any:
    store = client.sf.createRawPixelsStore()
    store.setPixelsId(pixels_id, True)
    return store


@pytest.mark.parametrize("dtype", TYPES)
def test_numpy_planes_of_every_type_come_back_through_the_gateway(
    alice_conn: BlitzGateway, dtype: str
) -> None:
    array = values(dtype, shape=(2, 2, 3, 6, 8))
    planes = (array[t, c, z] for z in range(3) for c in range(2) for t in range(2))
    made = alice_conn.createImageFromNumpySeq(planes, f"numpy {dtype}", sizeZ=3, sizeC=2, sizeT=2)
    image = alice_conn.getObject("Image", made.getId())
    assert (image.getSizeX(), image.getSizeY(), image.getSizeZ()) == (8, 6, 3)
    assert (image.getSizeC(), image.getSizeT()) == (2, 2)
    pixels = image.getPrimaryPixels()
    wanted = [(z, c, t) for z in range(3) for c in range(2) for t in range(2)]
    for (z, c, t), plane in zip(wanted, pixels.getPlanes(wanted), strict=True):
        np.testing.assert_array_equal(plane, array[t, c, z])
    tile = pixels.getTile(1, 1, 1, (2, 3, 4, 2))
    np.testing.assert_array_equal(tile, array[1, 1, 1, 3:5, 2:6])
    for c, channel in enumerate(image.getChannels()):
        assert channel.getWindowMin() == pytest.approx(float(array[:, c].min()))
        assert channel.getWindowMax() == pytest.approx(float(array[:, c].max()))


def test_data_can_be_read_in_every_shape(lab: Lab, alice: Any) -> None:
    array = values()
    _, pixels_id = lab.image(alice, array)
    store = opened(alice, pixels_id)
    big = array.astype(">u2")
    assert store.getPlane(2, 1, 1) == big[1, 1, 2].tobytes()
    assert store.getRow(3, 2, 1, 1) == big[1, 1, 2, 3].tobytes()
    assert store.getCol(5, 2, 1, 1) == big[1, 1, 2, :, 5].tobytes()
    assert store.getStack(1, 1) == big[1, 1].tobytes()
    assert store.getTimepoint(1) == big[1].tobytes()
    assert store.getPlaneRegion(2, 1, 1, 20, 7) == big[1, 1, 2].ravel()[7:27].tobytes()
    assert store.getRegion(1000, 333) == big.tobytes()[333:1333]
    cube = store.getHypercube([1, 2, 0, 1, 0], [9, 6, 4, 2, 2], [2, 3, 1, 1, 1])
    assert cube == big[0:2, 1:3, 0:4, 2:8:3, 1:10:2].tobytes()
    assert store.getTotalSize() == big.nbytes
    assert store.getTimepointOffset(1) + store.getPlaneSize() == store.getPlaneOffset(1, 0, 1)
    assert store.calculateMessageDigest().hex() == store_sha1(alice, pixels_id)
    store.close()


def store_sha1(client: Any, pixels_id: int) -> str:
    return str(client.sf.getPixelsService().retrievePixDescription(pixels_id).getSha1().val)


def test_data_can_be_written_in_every_shape(lab: Lab, alice: Any) -> None:
    array = np.zeros((2, 3, 4, 10, 12), ">u2")
    _, pixels_id = lab.image(alice, array.astype(np.uint16))
    store = opened(alice, pixels_id)
    wanted = values().astype(">u2")
    store.setTimepoint(wanted[0].tobytes(), 0)
    store.setStack(wanted[1, 0].tobytes(), 0, 0, 1)
    for z in range(4):
        store.setPlane(wanted[1, 1, z].tobytes(), z, 1, 1)
    for z in range(3):
        store.setTile(wanted[1, 2, z].tobytes(), z, 2, 1, 0, 0, 12, 10)
    for y in range(9):
        store.setRow(wanted[1, 2, 3, y].tobytes(), y, 3, 2, 1)
    offset = store.getRowOffset(9, 3, 2, 1)
    store.setRegion(24, offset, wanted[1, 2, 3, 9].tobytes())
    saved = store.save()
    assert saved.getSha1().val == store.calculateMessageDigest().hex()
    assert store.getRegion(wanted.nbytes, 0) == wanted.tobytes()
    statistics = saved.getChannel(2).getStatsInfo()
    assert statistics.getGlobalMin().val == wanted[:, 2].min()
    assert statistics.getGlobalMax().val == wanted[:, 2].max()
    store.close()


@pytest.mark.parametrize(
    ("method", "arguments", "message"),
    [
        ("getPlane", (4, 0, 0), "Z 4 is out of bounds: the image has Z 0 to 3"),
        ("getPlane", (0, 3, 0), "C 3 is out of bounds"),
        ("getPlane", (0, 0, -1), "T -1 is out of bounds"),
        ("getTile", (0, 0, 0, 8, 0, 5, 1), "out of bounds: the plane is 12 x 10 pixels"),
        ("getTile", (0, 0, 0, 0, 0, 0, 1), "is empty"),
        ("getRow", (10, 0, 0, 0), "out of bounds"),
        ("getRegion", (10, 5760), "10 bytes at 5760 are out of bounds"),
        ("getHypercube", ([0], [1], [1]), "needs 5 numbers"),
        ("getHypercube", ([0] * 5, [1, 1, 1, 1, 3], [1] * 5), "T 0 to 3 step 1 is out of bounds"),
        ("setPlane", (b"abc", 0, 0, 0), "3 bytes do not fill 12 x 10 pixels of uint16: 240 are needed"),
        ("setRegion", (4, 0, b"12345"), "5 bytes were sent where 4 are needed"),
        ("setResolutionLevel", (1,), "resolution level 1 is out of bounds"),
    ],
)
def test_what_does_not_exist_is_refused_with_the_reason(
    lab: Lab, alice: Any, method: str, arguments: tuple[Any, ...], message: str
) -> None:
    array = values()
    _, pixels_id = lab.image(alice, array)
    store = opened(alice, pixels_id)
    with pytest.raises(omero.ApiUsageException) as refused:
        getattr(store, method)(*arguments)
    assert message in refused.value.message
    assert store.getPlane(0, 0, 0) == array[0, 0, 0].astype(">u2").tobytes()


def test_a_store_without_pixels_says_what_to_call(alice: Any) -> None:
    with pytest.raises(omero.ApiUsageException) as refused:
        alice.sf.createRawPixelsStore().getPlane(0, 0, 0)
    assert "call setPixelsId first" in refused.value.message


def test_pixels_that_do_not_exist_are_refused(alice: Any) -> None:
    with pytest.raises(omero.ValidationException) as refused:
        opened(alice, 10**9)
    assert "no Pixels:1000000000 that alice can see" in refused.value.message


def test_bob_reads_but_does_not_overwrite_alices_pixels(lab: Lab, alice: Any, bob: Any) -> None:
    array = values(seed=3)
    _, pixels_id = lab.image(alice, array)
    store = opened(bob, pixels_id)
    assert store.getPlane(1, 1, 1) == array[1, 1, 1].astype(">u2").tobytes()
    with pytest.raises(omero.SecurityViolation) as refused:
        store.setPlane(b"\0" * 240, 1, 1, 1)
    assert f"bob may not change Pixels:{pixels_id}" in refused.value.message
    with pytest.raises(omero.SecurityViolation):
        bob.sf.getPixelsService().setChannelGlobalMinMax(pixels_id, 0, 0.0, 1.0)


def test_a_stranger_sees_no_pixels(lab: Lab, alice: Any) -> None:
    _, pixels_id = lab.image(alice, values())
    lab.site.group("elsewhere", "rwra--", "eve")
    with lab.site.client("eve") as client, pytest.raises(omero.ValidationException):
        opened(client, pixels_id)


def test_histograms_are_numpys(lab: Lab, alice: Any) -> None:
    array = values(seed=4)
    _, pixels_id = lab.image(alice, array)
    store = opened(alice, pixels_id)
    plane = omero.romio.PlaneDef(0, 0, 0, 2, 1, None, -1)
    found = store.getHistogram([0, 2], 32, False, plane)
    assert set(found) == {0, 2}
    for c, counts in found.items():
        part = array[1, c, 2]
        assert list(counts) == np.histogram(part, 32, (part.min(), part.max()))[0].tolist()
    plane.region = omero.romio.RegionDef(1, 2, 5, 6)
    part = array[1, 0, 2, 2:8, 1:6]
    span = (array[:, 0].min(), array[:, 0].max())
    assert list(store.getHistogram([0], 16, True, plane)[0]) == np.histogram(part, 16, span)[0].tolist()
    middle = array[0, 1, 1]
    assert store.findMinMax([1]) == {1: [middle.min(), middle.max()]}


def test_an_image_without_data_says_so(alice: Any, lab: Lab) -> None:
    kind = alice.sf.getTypesService().getEnumeration("PixelsType", "uint8")
    image_id = alice.sf.getPixelsService().createImage(4, 4, 1, 1, [0], kind, "empty", "").val
    with pytest.raises(omero.ApiUsageException) as refused:
        opened(alice, lab.pixels_of(image_id)).getPlane(0, 0, 0)
    assert "no data was stored" in refused.value.message


@pytest.mark.parametrize(
    ("sizes", "channels", "kind", "message"),
    [
        ((0, 4, 1, 1), [0], "uint8", "sizeX must be at least 1, not 0"),
        ((4, 4, 1, 1), [], "uint8", "sizeC must be at least 1, not 0"),
        ((4, 4, 1, 1), [0], "complex", "pixel type complex cannot be stored"),
    ],
)
def test_images_that_cannot_be_are_refused(
    alice: Any, sizes: tuple[int, ...], channels: list[int], kind: str, message: str
) -> None:
    pixels_type = alice.sf.getTypesService().getEnumeration("PixelsType", kind)
    with pytest.raises(omero.ServerError) as refused:
        alice.sf.getPixelsService().createImage(*sizes, channels, pixels_type, "no", "")
    assert message in refused.value.message


def test_a_copy_with_other_sizes_keeps_channels_and_metadata(lab: Lab, alice: Any) -> None:
    image_id, pixels_id = lab.image(alice, values(), name="original")
    original = alice.sf.getQueryService().get("Image", image_id)
    original.description = rstring("cells at noon")
    alice.sf.getUpdateService().saveObject(original)
    service = alice.sf.getPixelsService()
    copy_id = service.copyAndResizeImage(image_id, rint(5), None, rint(1), None, [2, 0], "smaller", True).val
    image = alice.sf.getQueryService().get("Image", copy_id)
    assert (image.name.val, image.description.val) == ("smaller", "cells at noon")
    copied = service.retrievePixDescription(lab.pixels_of(copy_id))
    assert (copied.getSizeX().val, copied.getSizeY().val, copied.getSizeZ().val) == (5, 10, 1)
    assert (copied.getSizeC().val, copied.getSizeT().val) == (2, 2)
    original = service.retrievePixDescription(pixels_id)
    assert (
        copied.getChannel(0).getLogicalChannel().getId() == original.getChannel(2).getLogicalChannel().getId()
    )
    kept = original.getChannel(0).getStatsInfo().getGlobalMax()
    assert copied.getChannel(1).getStatsInfo().getGlobalMax() == kept
    assert copied.getRelatedTo().getId().val == pixels_id
    with pytest.raises(omero.ValidationException) as refused:
        service.copyAndResizeImage(image_id, None, None, None, None, [3], "wrong", False)
    assert "channel 3 is out of bounds" in refused.value.message


def test_deleting_an_image_removes_its_data(lab: Lab, alice: Any) -> None:
    image_id, pixels_id = lab.image(alice, values())
    folder = lab.site.server.data / "Pixels"
    path = next(folder.rglob(f"{pixels_id}.raw"))
    request = omero.cmd.Delete2(targetObjects={"Image": [image_id]})
    alice.submit(request).close(True)
    assert not path.exists()


def test_enumerations_and_bit_depths_are_answered(alice: Any) -> None:
    service = alice.sf.getPixelsService()
    found = service.getEnumeration("omero.model.DimensionOrder", "XYZCT")
    assert found.getValue().val == "XYZCT"
    assert service.getEnumeration("Family", "cubic") is None
    depths = {
        kind.getValue().val: service.getBitDepth(kind) for kind in service.getAllEnumerations("PixelsType")
    }
    assert (depths["uint16"], depths["float"], depths["double"], depths["complex"]) == (16, 32, 64, 64)
    for name in ("Nonsense", "Image"):
        with pytest.raises(omero.ApiUsageException):
            service.getEnumeration(name, "x")
