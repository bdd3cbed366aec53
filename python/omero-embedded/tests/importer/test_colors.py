"""The colours and names that channels get at import where their file names none."""

from __future__ import annotations

import numpy as np
import pytest
import tifffile
from omero.gateway import BlitzGateway
from omero.rtypes import unwrap
from PIL import Image

from .omexml_files import image_xml, ome_xml, write_ome_tiff

RED, GREEN, BLUE = (255, 0, 0, 255), (0, 255, 0, 255), (0, 0, 255, 255)
WHITE, GREY, CLEAR = (255, 255, 255, 255), (128, 128, 128, 255), (0, 0, 0, 0)
FILTERS = """<Instrument ID="Instrument:0"><Laser ID="LightSource:0" Wavelength="488"/>
  <FilterSet ID="FilterSet:0"><EmissionFilterRef ID="Filter:1"/></FilterSet>
  <Filter ID="Filter:0"><TransmittanceRange CutIn="550" CutOut="580"/></Filter>
  <Filter ID="Filter:1"><TransmittanceRange CutIn="500" CutOut="530"/></Filter>
  <Filter ID="Filter:2"><TransmittanceRange CutOut="520"/></Filter></Instrument>"""


def stored(alice, *paths):
    """Colour and name of each channel, as the rows have them."""
    image_id = alice.ids(list(paths))[0]
    query = f"select c from Channel c join fetch c.logicalChannel where c.pixels.image.id = {image_id} order by index(c)"
    found = alice.client.sf.getQueryService().findAllByQuery(query, None)
    return [(tuple(unwrap([c.red, c.green, c.blue, c.alpha])), unwrap(c.logicalChannel.name)) for c in found]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("sizeC=1", [(GREY, None)]),
        ("sizeC=4", [(RED, None), (GREEN, None), (BLUE, None), (RED, None)]),
        ("sizeC=2&color_0=0xFF00FFFF", [((255, 0, 255, 255), None), (WHITE, None)]),
        ("sizeC=2&color=0x00FFFFFF", [((0, 255, 255, 255), None)] * 2),
    ],
)
def test_channels_without_light_are_red_green_and_blue_in_turn(alice, tmp_path, written, expected):
    path = tmp_path / f"a&{written}.fake"
    path.touch()
    assert stored(alice, path) == expected


def test_channels_have_the_colour_of_their_emission_and_transmitted_light_is_white(alice, tmp_path):
    path, companion = tmp_path / "a.fake", tmp_path / "a.fake.ini"
    path.touch()
    companion.write_text(
        "sizeC=4\n[series_0]\nChannelEmissionWavelength_0=460\nChannelEmissionWavelength_1=520\n"
        "ChannelEmissionWavelength_2=610.5\nChannelName_1=GFP\n"
    )
    expected = [(BLUE, "460.0"), (GREEN, "GFP"), (RED, None), (WHITE, None)]
    assert stored(alice, path, companion) == expected


@pytest.mark.parametrize(
    ("channel", "expected"),
    [
        ('<LightPath><EmissionFilterRef ID="Filter:0"/></LightPath>', (RED, "550.0")),
        ('<FilterSetRef ID="FilterSet:0"/>', (GREEN, "500.0")),
        ('<LightSourceSettings ID="LightSource:0"/>', (BLUE, "488.0")),
        ('<LightPath><ExcitationFilterRef ID="Filter:2"/></LightPath>', (GREEN, None)),
        ('<LightPath><ExcitationFilterRef ID="Filter:1"/></LightPath>', (GREEN, "500.0")),
    ],
)
def test_filters_and_lasers_tell_the_colour_where_no_emission_does(alice, tmp_path, channel, expected):
    xml = ome_xml(
        FILTERS + image_xml(0, inside='<InstrumentRef ID="Instrument:0"/>', channel=channel, channels=2)
    )
    assert stored(alice, write_ome_tiff(tmp_path / "light.ome.tif", xml, 2))[0] == expected


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_pictures_have_red_green_and_blue_channels_and_a_clear_alpha(alice, tmp_path, mode):
    path = tmp_path / "photo.png"
    Image.fromarray(np.full((4, 5, len(mode)), 200, "uint8")).save(path)
    expected = [(RED, "Red"), (GREEN, "Green"), (BLUE, "Blue"), (CLEAR, "Alpha")]
    assert stored(alice, path) == expected[: len(mode)]


def test_what_is_clear_does_not_colour_the_picture(alice, tmp_path):
    path = tmp_path / "photo.png"
    Image.fromarray(np.full((4, 5, 4), (10, 20, 30, 255), "uint8")).save(path)
    image = BlitzGateway(client_obj=alice.client).getObject("Image", alice.ids([path])[0])
    with_alpha = np.asarray(image.renderImage(0, 0))
    image.set_active_channels([1, 2, 3])
    assert np.array_equal(with_alpha, np.asarray(image.renderImage(0, 0)))


def test_plain_tiffs_count_as_pictures(alice, tmp_path):
    path = tmp_path / "stack.tif"
    tifffile.imwrite(path, np.zeros((2, 4, 5), "uint8"), imagej=True, metadata={"axes": "CYX"})
    assert stored(alice, path) == [(RED, "Red"), (GREEN, "Green")]
