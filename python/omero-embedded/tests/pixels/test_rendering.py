"""RenderingEngine over live Ice, against pictures computed with numpy."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
import omero
import omero.all
import pytest
from omero.rtypes import rint, rstring
from PIL import Image

from omero_embedded.pixels.luts import parse_lut, shipped

if TYPE_CHECKING:
    from omero.gateway import BlitzGateway

    from conftest import Lab

T, C, Z, Y, X = 2, 3, 4, 20, 30
ARRAY = np.random.default_rng(8).integers(0, 4000, (T, C, Z, Y, X)).astype(np.uint16)
MAXIMUM = omero.constants.projection.ProjectionType.MAXIMUMINTENSITY
MEAN = omero.constants.projection.ProjectionType.MEANINTENSITY


def plane(z: int = 0, t: int = 0) -> Any:
    return omero.romio.PlaneDef(omero.romio.XY, 0, 0, z, t, None, -1)


def rendered(engine: Any, definition: Any) -> np.ndarray:
    """The picture [y, x, 3]."""
    buffer = engine.render(definition)
    shape = (buffer.sizeX2, buffer.sizeX1)
    return np.stack([np.frombuffer(band, np.uint8).reshape(shape) for band in buffer.bands], axis=-1)


def linear(values: np.ndarray, start: float, end: float) -> np.ndarray:
    return np.clip(np.floor((values.astype(float) - start) * 255 / (end - start) + 0.5), 0, 255)


@pytest.fixture(scope="module")
def pixels_id(lab: Lab) -> int:
    with lab.site.client("alice") as client:
        return lab.image(client, ARRAY, "rendered")[1]


@pytest.fixture
def engine(lab: Lab, alice: Any, pixels_id: int) -> Any:
    engine = lab.rendering(alice, pixels_id)
    engine.resetDefaultSettings(False)
    return engine


def test_defaults_stretch_each_channel_to_its_extremes_in_red_green_and_blue(engine: Any) -> None:
    expected = np.stack(
        [linear(ARRAY[1, c, 2], ARRAY[:, c].min(), ARRAY[:, c].max()) for c in range(3)], axis=-1
    )
    np.testing.assert_array_equal(rendered(engine, plane(2, 1)), expected)
    assert engine.getModel().getValue().val == "rgb"
    assert (engine.getDefaultZ(), engine.getDefaultT()) == (2, 0)
    assert [list(engine.getRGBA(c)) for c in range(3)] == [
        [255, 0, 0, 255],
        [0, 255, 0, 255],
        [0, 0, 255, 255],
    ]


def test_packed_integers_and_jpeg_show_the_same_picture(engine: Any) -> None:
    picture = rendered(engine, plane(1))
    packed = np.array(engine.renderAsPackedInt(plane(1)), np.int64).reshape(Y, X) & 0xFFFFFFFF
    unpacked = np.stack([packed >> 16 & 255, packed >> 8 & 255, packed & 255], axis=-1)
    np.testing.assert_array_equal(unpacked, picture)
    assert (packed >> 24 == 255).all()
    engine.setCompressionLevel(1.0)
    best = engine.renderCompressed(plane(1))
    engine.setCompressionLevel(0.2)
    worst = engine.renderCompressed(plane(1))
    assert len(worst) < len(best)
    with Image.open(io.BytesIO(best)) as jpeg:
        assert (jpeg.format, jpeg.size, jpeg.mode) == ("JPEG", (X, Y), "RGB")
        assert abs(np.asarray(jpeg).astype(int).mean() - picture.mean()) < 3


def test_cuts_along_other_axes(engine: Any) -> None:
    engine.setModel(model("greyscale"))
    low, high = ARRAY[:, 0].min(), ARRAY[:, 0].max()
    xz = omero.romio.PlaneDef(omero.romio.XZ, 0, 7, 0, 1, None, -1)
    np.testing.assert_array_equal(rendered(engine, xz)[..., 0], linear(ARRAY[1, 0, :, 7, :], low, high))
    zy = omero.romio.PlaneDef(omero.romio.ZY, 11, 0, 0, 1, None, -1)
    np.testing.assert_array_equal(rendered(engine, zy)[..., 0], linear(ARRAY[1, 0, :, :, 11].T, low, high))


def model(name: str) -> Any:
    made = omero.model.RenderingModelI()
    made.setValue(rstring(name))
    return made


def test_a_region_is_a_crop_of_the_picture(engine: Any) -> None:
    definition = plane(3)
    whole = rendered(engine, definition)
    definition.region = omero.romio.RegionDef(4, 5, 10, 8)
    np.testing.assert_array_equal(rendered(engine, definition), whole[5:13, 4:14])


def test_a_region_ends_where_the_picture_ends(engine: Any) -> None:
    definition = plane(3)
    whole = rendered(engine, definition)
    definition.region = omero.romio.RegionDef(4, 5, 10_000, 10_000)
    np.testing.assert_array_equal(rendered(engine, definition), whole[5:, 4:])
    definition.region = omero.romio.RegionDef(10_000, 0, 10, 10)
    with pytest.raises(omero.ApiUsageException, match="region"):
        engine.renderCompressed(definition)


def test_greyscale_shows_the_first_active_channel_only(engine: Any) -> None:
    engine.setModel(model("greyscale"))
    engine.setActive(0, False)
    engine.setChannelWindow(1, 100, 3000)
    picture = rendered(engine, plane())
    for band in range(3):
        np.testing.assert_array_equal(picture[..., band], linear(ARRAY[0, 1, 0], 100, 3000))


def test_without_active_channels_the_picture_is_black(engine: Any) -> None:
    for c in range(3):
        engine.setActive(c, False)
    assert not rendered(engine, plane()).any()


def test_colours_lookup_tables_and_reversal_add_up(engine: Any) -> None:
    engine.setActive(2, False)
    engine.setRGBA(0, 255, 128, 0, 255)
    engine.setChannelLookupTable(1, "viridis.lut")
    engine.addCodomainMapToChannel(omero.romio.ReverseIntensityMapContext(), 1)
    engine.setChannelWindow(0, 0, 4000)
    engine.setChannelWindow(1, 0, 4000)
    first, second = (linear(ARRAY[0, c, 0], 0, 4000).astype(int) for c in range(2))
    colored = np.stack([first, np.floor(first * 128 / 255).astype(int), 0 * first], axis=-1)
    table = parse_lut(shipped()["matplotlib/viridis.lut"]).astype(int)
    np.testing.assert_array_equal(rendered(engine, plane()), np.minimum(colored + table[255 - second], 255))
    assert engine.getChannelLookupTable(1) == "viridis.lut"
    assert isinstance(engine.getCodomainMapContext(1)[0], omero.model.ReverseIntensityContext)
    engine.removeCodomainMapFromChannel(omero.romio.ReverseIntensityMapContext(), 1)
    assert engine.getCodomainMapContext(1) == []


def test_an_image_of_one_resolution_stays_at_it(engine: Any) -> None:
    engine.setResolutionLevel(3)
    assert (engine.getResolutionLevels(), engine.getResolutionLevel()) == (1, 0)


def test_curves_and_codomain_change_what_is_shown(engine: Any) -> None:
    families = {family.getValue().val: family for family in engine.getAvailableFamilies()}
    assert set(families) == {"linear", "polynomial", "exponential", "logarithmic"}
    engine.setModel(model("greyscale"))
    engine.setChannelWindow(0, 0, 4000)
    before = rendered(engine, plane())[..., 0].astype(float)
    engine.setQuantizationMap(0, families["polynomial"], 0.5, False)
    np.testing.assert_allclose(rendered(engine, plane())[..., 0], 255 * (before / 255) ** 0.5, atol=9)
    assert engine.getChannelFamily(0).getValue().val == "polynomial"
    assert engine.getChannelCurveCoefficient(0) == 0.5
    engine.setQuantizationMap(1, families["linear"], 0.5, False)
    assert engine.getChannelCurveCoefficient(1) == 1
    engine.setCodomainInterval(50, 60)
    engine.setQuantumStrategy(7)
    assert set(np.unique(rendered(engine, plane()))) <= set(range(50, 61))
    quantum = engine.getQuantumDef()
    assert [value.val for value in (quantum.bitResolution, quantum.cdStart, quantum.cdEnd)] == [7, 50, 60]


def test_projections_are_rendered_like_planes(engine: Any) -> None:
    engine.setModel(model("greyscale"))
    engine.setChannelWindow(0, 0, 4000)
    for algorithm, projected in (
        (MAXIMUM, ARRAY[1, 0, 1:4].max(0)),
        (MEAN, np.trunc(ARRAY[1, 0, 1:4].mean(0))),
    ):
        packed = np.array(engine.renderProjectedAsPackedInt(algorithm, 1, 1, 1, 3)).reshape(Y, X) & 255
        np.testing.assert_array_equal(packed, linear(projected, 0, 4000))
    with Image.open(io.BytesIO(engine.renderProjectedCompressed(MAXIMUM, 0, 1, 0, 3))) as jpeg:
        assert jpeg.size == (X, Y)


def test_settings_are_each_users_own_and_fall_back_to_the_owners(lab: Lab, alice: Any, bob: Any) -> None:
    _, pixels_id = lab.image(alice, ARRAY, "shared")
    engine = alice.sf.createRenderingEngine()
    engine.lookupPixels(pixels_id)
    assert engine.lookupRenderingDef(pixels_id) is False
    alices = engine.resetDefaultSettings(True)
    engine.setChannelWindow(0, 5, 50)
    engine.setChannelLookupTable(1, "magma.lut")
    engine.addCodomainMapToChannel(omero.romio.ReverseIntensityMapContext(), 2)
    engine.saveCurrentSettings()
    other = lab.rendering(bob, pixels_id)
    assert other.getRenderingDefId() == alices
    assert (other.getChannelWindowStart(0), other.getChannelLookupTable(1)) == (5, "magma.lut")
    assert len(other.getCodomainMapContext(2)) == 1
    other.setChannelWindow(0, 7, 70)
    other.saveCurrentSettings()
    assert other.getRenderingDefId() != alices
    assert lab.rendering(alice, pixels_id).getChannelWindowStart(0) == 5
    assert lab.rendering(bob, pixels_id).getChannelWindowStart(0) == 7
    found = alice.sf.getPixelsService().retrieveAllRndSettings(pixels_id, -1)
    assert {one.getDetails().getOwner().getOmeName().val for one in found} == {"alice", "bob"}
    back = lab.rendering(bob, pixels_id)
    back.loadRenderingDef(alices)
    assert back.getChannelWindowStart(0) == 5


def test_saving_again_changes_the_same_settings_and_their_version(lab: Lab, alice: Any) -> None:
    _, pixels_id = lab.image(alice, ARRAY, "versions")
    engine = lab.rendering(alice, pixels_id)
    service = alice.sf.getPixelsService()
    before = service.retrieveRndSettings(pixels_id)
    engine.setChannelWindow(1, 1, 2)
    engine.saveCurrentSettings()
    after = service.retrieveRndSettings(pixels_id)
    assert after.getId() == before.getId()
    assert after.getVersion().val > before.getVersion().val
    assert after.getChannelBinding(1).getInputEnd().val == 2
    assert engine.saveAsNewSettings() != after.getId().val


def test_update_settings_takes_over_what_is_not_null(engine: Any) -> None:
    sent = omero.model.RenderingDefI()
    sent.setDefaultZ(rint(3))
    binding = omero.model.ChannelBindingI()
    binding.setInputStart(omero.rtypes.rdouble(11))
    binding.setInputEnd(omero.rtypes.rdouble(22))
    binding.setRed(rint(9))
    sent.addChannelBinding(binding)
    engine.updateSettings(sent)
    assert engine.getDefaultZ() == 3
    assert (engine.getChannelWindowStart(0), engine.getChannelWindowEnd(0)) == (11, 22)
    assert list(engine.getRGBA(0)) == [255, 0, 0, 255]


@pytest.mark.parametrize(
    ("method", "arguments", "message"),
    [
        ("renderCompressed", (plane(9),), "Z 9 is out of bounds: the image has Z 0 to 3"),
        ("setActive", (3, True), "channel 3 is out of bounds: there are 3 channels"),
        ("setRGBA", (0, 300, 0, 0, 0), "colour components are 0 to 255"),
        ("setDefaultT", (2,), "T 2 is out of bounds"),
        ("setCompressionLevel", (1.5,), "between 0 and 1"),
        ("setCodomainInterval", (9, 3), "within 0 to 255"),
        ("renderProjectedCompressed", (MAXIMUM, 0, 1, 2, 9), "Z 2 to 9 cannot be projected"),
        ("addCodomainMapToChannel", (omero.romio.CodomainMapContext(), 0), "is not supported"),
    ],
)
def test_wrong_requests_say_what_would_be_right(
    engine: Any, method: str, arguments: tuple[Any, ...], message: str
) -> None:
    with pytest.raises(omero.ApiUsageException) as refused:
        getattr(engine, method)(*arguments)
    assert message in refused.value.message


def test_an_engine_without_pixels_or_settings_says_what_to_call(alice: Any, pixels_id: int) -> None:
    engine = alice.sf.createRenderingEngine()
    with pytest.raises(omero.ApiUsageException) as refused:
        engine.renderCompressed(plane())
    assert "lookupPixels" in refused.value.message
    engine.lookupPixels(pixels_id)
    with pytest.raises(omero.ApiUsageException) as refused:
        engine.load()
    assert "lookupRenderingDef" in refused.value.message


def test_colours_follow_wavelengths_and_transmitted_light_is_white(lab: Lab, alice: Any) -> None:
    _, pixels_id = lab.image(alice, ARRAY[:, [0, 1, 2, 0]], "wavelengths")
    pixels = alice.sf.getPixelsService().retrievePixDescription(pixels_id)
    for c, wavelength in enumerate((450, 525, 617)):
        logical = pixels.getChannel(c).getLogicalChannel()
        logical.setEmissionWave(omero.model.LengthI(wavelength, omero.model.enums.UnitsLength.NANOMETER))
        alice.sf.getUpdateService().saveObject(logical)
    engine = lab.rendering(alice, pixels_id)
    colors = [list(engine.getRGBA(c))[:3] for c in range(4)]
    assert colors == [[0, 0, 255], [0, 255, 0], [255, 0, 0], [255, 255, 255]]
    assert [engine.isActive(c) for c in range(4)] == [True, True, True, False]


def test_the_gateway_renders_changes_and_saves(lab: Lab, alice: Any, alice_conn: BlitzGateway) -> None:
    image_id, _ = lab.image(alice, ARRAY, "gateway")
    image = alice_conn.getObject("Image", image_id)
    with Image.open(io.BytesIO(image.renderJpeg(1, 0))) as jpeg:
        assert jpeg.size == (X, Y)
    image.setColorRenderingModel()
    image.setActiveChannels([1, 3], [[10, 3000], [20, 2000]], ["FF00FF", "viridis.lut"])
    assert image.saveDefaults()
    again = alice_conn.getObject("Image", image_id)
    shown = [(c.isActive(), c.getWindowStart(), c.getWindowEnd(), c.getLut()) for c in again.getChannels()]
    assert shown[0] == (True, 10, 3000, None)
    assert shown[1][0] is False
    assert shown[2] == (True, 20, 2000, "viridis.lut")
    assert again.getChannels()[0].getColor().getHtml() == "FF00FF"
    again.setProjection("intmax")
    assert again.renderImage(0, 0).size == (X, Y)
    assert again.getRenderingDefId() == image.getRenderingDefId()


def test_an_administrator_looks_at_private_images_and_keeps_settings_only_for_their_owner(lab: Lab) -> None:
    lab.site.group("secret", "rw----", "dave")
    with lab.site.client("dave") as dave:
        image_id, pixels_id = lab.image(dave, ARRAY, "secret")
    with lab.site.gateway("root") as conn:
        conn.SERVICE_OPTS.setOmeroGroup("-1")
        image = conn.getObject("Image", image_id)
        with Image.open(io.BytesIO(image.renderJpeg(0, 0))) as jpeg:
            assert jpeg.size == (X, Y)
        assert conn.getPixelsService().retrieveAllRndSettings(pixels_id, -1, conn.SERVICE_OPTS) == []
        assert image.getThumbnail((16,)) is not None
        kept = conn.getPixelsService().retrieveAllRndSettings(pixels_id, -1, conn.SERVICE_OPTS)
        assert [one.getDetails().getOwner().getOmeName().val for one in kept] == ["dave"]


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "int32", "uint32", "float32", "float64"])
def test_every_pixel_type_is_rendered_from_its_darkest_to_its_brightest_value(
    lab: Lab, alice: Any, dtype: str
) -> None:
    low = -100 if dtype.startswith(("int", "float")) else 0
    values = np.linspace(low, 120, 20 * 12).astype(dtype).reshape(1, 1, 1, 20, 12)
    _, pixels_id = lab.image(alice, values, dtype)
    picture = rendered(lab.rendering(alice, pixels_id), plane())
    assert (picture[0, 0].max(), picture[-1, -1].min()) == (0, 255)
    np.testing.assert_allclose(
        picture[..., 0], linear(values[0, 0, 0], float(values.min()), float(values.max())), atol=2
    )
